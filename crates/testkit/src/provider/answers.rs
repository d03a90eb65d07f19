//! The endpoints over HTTP.

use std::collections::BTreeMap;
use std::future::pending;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, LOCATION};
use actix_web::web::{Bytes, Data, Form, Query, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::{Value, json};

use super::{Endpoint, Heard, Misbehaviour, Shared, change, object, signing};

type Fields = BTreeMap<String, String>;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/.well-known/openid-configuration", get().to(discovery))
        .route("/authorize", get().to(authorize))
        .route("/github/authorize", get().to(authorize))
        .route("/keys", get().to(keys))
        .route("/token", post().to(token))
        .route("/userinfo", get().to(userinfo))
        .route("/github/token", post().to(github_token))
        .route("/github/user", get().to(github_user))
        .route("/github/user/emails", get().to(github_emails));
}

async fn discovery(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let base = &shared.base;
    let usual = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "jwks_uri": format!("{base}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    answer(&shared, &request, Endpoint::Discovery, Fields::new(), |_| {
        (200, usual)
    })
    .await
}

async fn authorize(shared: Data<Shared>, Query(asked): Query<Fields>) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, shared.agree(&asked)))
        .finish()
}

async fn keys(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let work = |shared: &Shared| (200, signing::published(&shared.state()));
    answer(&shared, &request, Endpoint::Keys, Fields::new(), work).await
}

async fn token(shared: Data<Shared>, request: HttpRequest, Form(form): Form<Fields>) -> HttpResponse {
    let authorization = authorization(&request);
    let work = |shared: &Shared| shared.exchange(&form, authorization.as_deref());
    answer(&shared, &request, Endpoint::Token, form.clone(), work).await
}

/// Errors come with 200, and a scope in commas.
async fn github_token(shared: Data<Shared>, request: HttpRequest, Form(form): Form<Fields>) -> HttpResponse {
    let authorization = authorization(&request);
    let work = |shared: &Shared| {
        let (_, mut body) = shared.exchange(&form, authorization.as_deref());
        if let Some(scope) = body["scope"].as_str() {
            body["scope"] = json!(scope.replace(' ', ","));
        }
        (200, body)
    };
    answer(&shared, &request, Endpoint::Token, form.clone(), work).await
}

async fn userinfo(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let work = |shared: &Shared| match person(shared, &request) {
        Some(person) => (200, person),
        None => (401, json!({"error": "invalid_token"})),
    };
    answer(&shared, &request, Endpoint::Userinfo, Fields::new(), work).await
}

async fn github_user(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let work = |shared: &Shared| match person(shared, &request) {
        Some(person) => {
            let id = person["sub"].as_str().and_then(|sub| sub.parse::<u64>().ok());
            let user = json!({
                "id": id, "login": person["login"], "name": person["name"], "email": person["public_email"],
                "avatar_url": person["picture"],
            });
            (200, user)
        }
        None => (401, json!({"message": "Bad credentials"})),
    };
    answer(&shared, &request, Endpoint::Userinfo, Fields::new(), work).await
}

async fn github_emails(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let work = |shared: &Shared| match person(shared, &request) {
        Some(person) if person["emails"].is_array() => (200, person["emails"].clone()),
        Some(person) => {
            let verified = person["email_verified"].as_bool().unwrap_or_default();
            (
                200,
                json!([{"email": person["email"], "primary": true, "verified": verified}]),
            )
        }
        None => (401, json!({"message": "Bad credentials"})),
    };
    answer(&shared, &request, Endpoint::Emails, Fields::new(), work).await
}

fn person(shared: &Shared, request: &HttpRequest) -> Option<Value> {
    let authorization = authorization(request)?;
    let token = authorization.strip_prefix("Bearer ")?;
    shared.state().grants.person(token).map(Value::Object)
}

fn authorization(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?;
    Some(header.to_str().ok()?.to_owned())
}

/// Notes the request, and misbehaves or does the work.
async fn answer(
    shared: &Shared,
    request: &HttpRequest,
    endpoint: Endpoint,
    form: Fields,
    work: impl FnOnce(&Shared) -> (u16, Value),
) -> HttpResponse {
    let how = {
        let mut state = shared.state();
        state.heard.push(Heard {
            path: request.path().to_owned(),
            form,
            authorization: authorization(request),
        });
        state.misbehaviours.get(&endpoint).cloned()
    };
    match how {
        None => json_answer(work(shared)),
        Some(Misbehaviour::Says(changes)) => {
            let (status, body) = work(shared);
            json_answer((status, changed(body, changes)))
        }
        Some(Misbehaviour::Silent) => pending().await,
        Some(Misbehaviour::Status(status, body)) => json_answer((status, body)),
        Some(Misbehaviour::Redirect(to)) => HttpResponse::TemporaryRedirect()
            .insert_header((LOCATION, to))
            .finish(),
        Some(Misbehaviour::Huge(bytes)) => HttpResponse::Ok()
            .content_type("application/json")
            .body(format!("\"{}\"", "x".repeat(bytes.saturating_sub(2)))),
        Some(Misbehaviour::Endless) => {
            HttpResponse::Ok()
                .content_type("application/json")
                .streaming(stream::repeat_with(|| {
                    Ok::<_, actix_web::Error>(Bytes::from_static(&[b' '; 4096]))
                }))
        }
        Some(Misbehaviour::Page) => HttpResponse::Ok()
            .content_type("text/html")
            .body("<!doctype html><title>Sign in</title>"),
    }
}

/// A body of another kind is replaced as a whole.
fn changed(body: Value, changes: Value) -> Value {
    match (body, changes) {
        (Value::Object(mut body), changes @ Value::Object(_)) => {
            change(&mut body, &object(changes));
            Value::Object(body)
        }
        (_, changes) => changes,
    }
}

fn json_answer((status, body): (u16, Value)) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).expect("a status")).json(body)
}
