//! Bodies that come in pieces, or never.

use std::future::{Future, pending, ready};

use actix_web::App;
use actix_web::dev::{Payload, Service as _};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, read_body_json};
use actix_web::web::{Bytes, post};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde_json::Value;
use wardkeep_web::{ApiResult, JsonBody, configure, surround};

use crate::world::{BASE, World};

const PATIENT: &str = r#"{"firstName":"Ana","lastName":"Brandt"}"#;

/// Sends a request whose body is half there; the other half comes when `meanwhile` is done.
async fn send_in_two(
    world: &World,
    request: TestRequest,
    body: &'static str,
    meanwhile: impl Future<Output = ()> + 'static,
) -> (StatusCode, Value) {
    let application = App::new()
        .wrap(from_fn(surround))
        .configure(configure(world.state.clone()))
        .configure(|routes| {
            routes.route("/open", post().to(open));
        });
    let service = init_service(application).await;
    let (first, rest) = body.split_at(body.len() / 2);
    let first = stream::once(ready(Ok::<_, PayloadError>(Bytes::from_static(first.as_bytes()))));
    let rest = stream::once(async move {
        meanwhile.await;
        Ok(Bytes::from_static(rest.as_bytes()))
    });
    let mut request = request
        .insert_header((CONTENT_TYPE, "application/json"))
        .to_request();
    *request.payload() = Payload::Stream {
        payload: Box::pin(first.chain(rest)),
    };
    let response = service.call(request).await.unwrap();
    (response.status(), read_body_json(response).await)
}

async fn open(_: JsonBody<Value>) -> ApiResult<&'static str> {
    Ok("")
}

#[actix_web::test]
async fn whoever_is_removed_while_a_request_is_open_cannot_finish_it() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let north = world.test.organization("North").await;
    for (table, status, code) in [
        ("member", StatusCode::NOT_FOUND, "ORGANIZATION_NOT_FOUND"),
        ("session", StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
    ] {
        world.test.member(north, user, "member").await;
        let request = TestRequest::post()
            .uri("/api/v1/patients")
            .insert_header((ORIGIN, BASE))
            .insert_header((COOKIE, ana.header()))
            .insert_header(("organization-id", north.to_string()));
        let mut admin = world.test.admin().await;

        let (answered, body) = send_in_two(&world, request, PATIENT, async move {
            let sql = sqlx::AssertSqlSafe(format!("delete from {table}"));
            sqlx::query(sql).execute(&mut admin).await.unwrap();
        })
        .await;

        assert_eq!((answered, body["code"].as_str()), (status, Some(code)));
        assert_eq!(world.count("patients").await, 0);
    }
}

#[actix_web::test]
async fn a_body_in_two_pieces_is_read() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let north = world.test.organization("North").await;
    let user = ana.user().await.unwrap();
    world.test.member(north, user, "member").await;
    let request = TestRequest::post()
        .uri("/api/v1/patients")
        .insert_header((ORIGIN, BASE))
        .insert_header((COOKIE, ana.header()))
        .insert_header(("organization-id", north.to_string()));

    let (status, _) = send_in_two(&world, request, PATIENT, ready(())).await;

    assert_eq!(status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let world = World::new().await;
    for path in ["/open", "/api/auth/sign-in/email"] {
        let request = TestRequest::post().uri(path);
        tokio::time::pause();
        let begun = tokio::time::Instant::now();

        let (status, body) = send_in_two(&world, request, PATIENT, pending()).await;

        let waited = begun.elapsed();
        tokio::time::resume();
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT, "{path}");
        assert_eq!(body["code"], "REQUEST_TIMEOUT", "{path}");
        assert!((30..32).contains(&waited.as_secs()), "{path}: {waited:?}");
    }
}

#[actix_web::test]
async fn bodies_that_never_end_fill_64_mib_and_a_small_one_still_gets_through() {
    let world = World::new().await;
    let state = world.state.clone().with_body_limit(1 << 20);
    let application = App::new()
        .wrap(from_fn(surround))
        .configure(configure(state))
        .configure(|routes| {
            routes.route("/open", post().to(open));
        });
    let service = init_service(application).await;
    let request = |uri: &str, body: Bytes, ends: bool| {
        let mut request = TestRequest::post()
            .uri(uri)
            .insert_header((CONTENT_TYPE, "application/json"))
            .to_request();
        let first = stream::once(ready(Ok::<_, PayloadError>(body)));
        *request.payload() = Payload::Stream {
            payload: if ends {
                Box::pin(first)
            } else {
                Box::pin(first.chain(stream::pending()))
            },
        };
        service.call(request)
    };
    let large = Bytes::from(vec![b' '; (1 << 20) - 1]);

    let mut under_way = Vec::new();
    while under_way.len() < 100 {
        let mut call = Box::pin(request("/open", large.clone(), false));
        match (&mut call).now_or_never() {
            None => under_way.push(call),
            Some(response) => {
                assert_eq!(response.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
                break;
            }
        }
    }

    assert_eq!(under_way.len(), 65, "each holds 16 KiB of its own");
    for (uri, code) in [
        ("/open", "SERVER_BUSY"),
        ("/api/auth/reset-password", "SERVER_BUSY"),
    ] {
        let response = request(uri, large.clone(), true).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body: Value = read_body_json(response).await;
        assert_eq!(body["code"], code, "{uri}");
    }
    let small = || Bytes::from_static(b"{}");
    assert_eq!(
        request("/open", small(), true).await.unwrap().status(),
        StatusCode::OK
    );
    drop(under_way);
    let mut fitting = vec![b' '; 1 << 19];
    fitting.extend_from_slice(b"{}");
    let response = request("/open", Bytes::from(fitting), true).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
