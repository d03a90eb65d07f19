//! What happens around every request.

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::{App, web};
use serde_json::{Value, json};

use crate::lines::Lines;
use crate::world::{World, request};

#[actix_web::test]
async fn a_valid_request_id_is_kept_and_another_one_replaced() {
    let world = World::new().await;
    let longest = "x".repeat(128);
    for kept in ["r-1", longest.as_str(), "~!"] {
        let answer = world
            .send(
                TestRequest::get()
                    .uri("/nope")
                    .insert_header(("x-request-id", kept)),
            )
            .await;
        assert_eq!(answer.header("x-request-id"), Some(kept));
        assert_eq!(answer.body["requestId"], kept);
    }
    let too_long = "x".repeat(129);
    for replaced in ["", "a b", "caf\u{e9}", too_long.as_str()] {
        let answer = world
            .send(
                TestRequest::get()
                    .uri("/nope")
                    .insert_header(("x-request-id", replaced)),
            )
            .await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36, "{replaced:?}");
        assert_eq!(answer.body["requestId"], id);
    }
}

#[actix_web::test]
async fn an_unknown_route_is_404_in_the_words_of_its_path() {
    let world = World::new().await;
    for path in [
        "/",
        "/nope",
        "/api",
        "/api/v1/nope",
        "/api/authx",
        "/health",
        "/HEALTH/live",
        "/health/live/",
    ] {
        world
            .send(TestRequest::get().uri(path))
            .await
            .problem(404, "NOT_FOUND");
    }
    for (method, path) in [
        (Method::GET, "/api/auth"),
        (Method::GET, "/api/auth/"),
        (Method::GET, "/api/auth/nope"),
        (Method::GET, "/api/auth/ok/"),
        (Method::GET, "/api/auth//ok"),
        (Method::GET, "/api/auth/OK"),
        (Method::HEAD, "/api/auth/ok"),
        (Method::POST, "/api/auth/ok"),
        (Method::GET, "/api/auth/sign-out"),
        (Method::PUT, "/api/auth/sign-out"),
        (Method::OPTIONS, "/api/auth/sign-out"),
    ] {
        let answer = world.send(request(method.clone(), path)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, ""),
            "{method} {path}"
        );
    }
}

#[actix_web::test]
async fn another_method_is_405_and_says_which_there_are() {
    let world = World::new().await;

    let answer = world.send(TestRequest::post().uri("/health/live")).await;
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("GET"));

    let answer = world.send(TestRequest::delete().uri("/api/v1/patients")).await;
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[actix_web::test]
async fn health_says_whether_the_database_answers() {
    let world = World::new().await;

    for path in ["/health/live", "/health/ready"] {
        let answer = world.send(TestRequest::get().uri(path)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (200, &json!({"status": "ok"}))
        );
    }

    world.state.database().close().await;
    assert_eq!(
        world.send(TestRequest::get().uri("/health/live")).await.status,
        200
    );
    let answer = world.send(TestRequest::get().uri("/health/ready")).await;
    answer.problem(503, "DATABASE_UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[actix_web::test]
async fn a_schema_that_is_gone_is_unready() {
    let world = World::new().await;
    let sql = "drop function tenancy.schema_version()";
    sqlx::query(sql)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    world
        .send(TestRequest::get().uri("/health/ready"))
        .await
        .problem(503, "DATABASE_NOT_MIGRATED");
}

#[actix_web::test]
async fn a_schema_older_than_the_build_is_unready() {
    let world = World::new().await;
    sqlx::query("delete from seaql_migrations where version = (select max(version) from seaql_migrations)")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    world
        .send(TestRequest::get().uri("/health/ready"))
        .await
        .problem(503, "DATABASE_NOT_MIGRATED");
}

#[actix_web::test]
async fn the_document_lists_every_route() {
    let world = World::new().await;

    let answer = world.send(TestRequest::get().uri("/openapi.json")).await;

    assert_eq!(
        answer.body,
        serde_json::to_value(wardkeep_web::openapi()).unwrap()
    );
    let paths: Vec<_> = answer.body["paths"].as_object().unwrap().keys().collect();
    for path in [
        "/api/auth/sign-up/email",
        "/api/auth/sign-in/email",
        "/api/auth/sign-out",
        "/api/auth/get-session",
        "/api/auth/ok",
        "/health/live",
        "/health/ready",
        "/openapi.json",
    ] {
        assert!(
            paths.iter().any(|listed| *listed == path),
            "{path} is not in {paths:?}"
        );
    }
}

#[actix_web::test]
async fn every_code_of_the_document_is_explained() {
    let explained = include_str!("../../../../docs/errors.md");
    let document = serde_json::to_string(&wardkeep_web::openapi()).unwrap();
    let is_code =
        |text: &&str| text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let codes: Vec<_> = document.split('`').filter(is_code).collect();

    assert!(codes.contains(&"VALIDATION_ERROR"), "{codes:?}");
    for code in codes {
        assert!(
            explained.contains(&format!("`{code}`")),
            "docs/errors.md does not say what {code} is"
        );
    }
}

#[actix_web::test]
async fn every_reference_of_the_document_points_at_something() {
    let document = serde_json::to_value(wardkeep_web::openapi()).unwrap();
    let text = document.to_string();
    let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).collect();

    assert!(references.len() > 100, "{}", references.len());
    for reference in references {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "there is no {pointer}");
    }
}

#[actix_web::test]
async fn a_query_has_to_say_nothing_but_of_the_schedule() {
    let document = serde_json::to_value(wardkeep_web::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let lists = paths.filter(|(path, _)| path.starts_with("/api/v1/"));
    let required = lists.flat_map(|(path, item)| {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let required =
            parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        required.map(move |parameter| format!("{path} {}", parameter["name"]))
    });
    let required: Vec<_> = required.collect();

    assert_eq!(
        required,
        ["/api/v1/schedule \"from\"", "/api/v1/schedule \"timeZone\""]
    );
}

#[actix_web::test]
async fn a_panic_is_an_internal_error_that_says_nothing() {
    async fn boom(path: web::Path<usize>) -> String {
        let empty: [u8; 0] = [];
        empty[*path].to_string()
    }
    let world = World::new().await;
    let routes = |config: &mut web::ServiceConfig| {
        config.route("/boom/{n}", web::get().to(boom));
    };

    let request = TestRequest::get()
        .uri("/boom/7")
        .insert_header(("x-request-id", "boom-7"));
    let answer = world.send_with(routes, request).await;

    assert_eq!(answer.body["code"], "INTERNAL_ERROR");
    assert_eq!(answer.body["requestId"], "boom-7");
    assert_eq!(answer.header("x-request-id"), Some("boom-7"));
    assert_eq!(answer.status, 500);
    assert!(!answer.text.contains("index"), "{}", answer.text);
}

#[actix_web::test]
async fn an_error_of_a_library_is_worded_as_ours() {
    async fn number(path: web::Path<usize>) -> String {
        path.to_string()
    }
    let world = World::new().await;
    let routes = |config: &mut web::ServiceConfig| {
        config.route("/number/{n}", web::get().to(number));
    };

    world
        .send_with(routes, TestRequest::get().uri("/number/x"))
        .await
        .problem(404, "NOT_FOUND");
}

#[actix_web::test]
async fn routes_without_their_surroundings_say_so_in_the_log_alone() {
    let world = World::new().await;
    let service = init_service(App::new().configure(wardkeep_web::configure(world.state.clone()))).await;

    let response = call_service(
        &service,
        TestRequest::get().uri("/api/auth/get-session").to_request(),
    )
    .await;

    assert_eq!(response.status(), 500);
    let body: Value = read_body_json(response).await;
    assert_eq!(body["code"], "INTERNAL_ERROR");
    assert!(!body.to_string().contains("surround"));
}

#[actix_web::test]
async fn pages_of_trusted_origins_may_read_the_answer() {
    let world = World::new().await;
    let ok = |origin: &str| {
        TestRequest::get()
            .uri("/api/auth/ok")
            .insert_header((ORIGIN, origin))
    };

    let trusted = world.send(ok("https://app.clinic.test")).await;
    assert_eq!(
        trusted.header("access-control-allow-origin"),
        Some("https://app.clinic.test")
    );
    assert_eq!(trusted.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(trusted.header("vary"), Some("Origin"));
    let foreign = world.send(ok("https://evil.test")).await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);

    let preflight = |origin: &str| {
        request(Method::OPTIONS, "/api/v1/patients")
            .insert_header((ORIGIN, origin))
            .insert_header((ACCESS_CONTROL_REQUEST_METHOD, "POST"))
    };
    let trusted = world.send(preflight("https://app.clinic.test")).await;
    assert_eq!(trusted.status, 204);
    assert!(
        trusted
            .header("access-control-allow-methods")
            .unwrap()
            .contains("POST")
    );
    assert!(
        trusted
            .header("access-control-allow-headers")
            .unwrap()
            .contains("organization-id")
    );
    let foreign = world.send(preflight("https://evil.test")).await;
    assert_eq!(
        (
            foreign.status.as_u16(),
            foreign.header("access-control-allow-methods")
        ),
        (405, None)
    );
}

#[actix_web::test]
async fn a_request_is_one_line_in_the_log_without_what_is_secret() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let lines = Lines::default();

    let guard = tracing::subscriber::set_default(lines.subscriber());
    let get = TestRequest::get()
        .uri("/api/auth/get-session?token=in-the-query")
        .insert_header(("x-request-id", "r-1"));
    ana.send(get).await;
    let patient = "/api/v1/patients/0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";
    ana.get(patient).await.problem(400, "NO_ACTIVE_ORGANIZATION");
    drop(guard);

    let (text, requests) = (lines.text(), lines.of("wardkeep::request"));
    assert_eq!(requests.len(), 2, "{text}");
    let fields = &requests[0]["fields"];
    assert_eq!(fields["method"], "GET");
    assert_eq!(fields["route"], "/api/auth/get-session");
    assert_eq!(fields["status"], 200);
    assert_eq!(fields["request_id"], "r-1");
    assert_eq!(fields["user"], user.to_string());
    assert!(fields["duration_us"].is_u64());
    assert_eq!(requests[1]["fields"]["route"], "/api/v1/patients/{id}");
    let (_, cookie) = &ana.cookies[0];
    for secret in [
        "in-the-query",
        cookie.as_str(),
        cookie.split('.').next().unwrap(),
        "0194d3a0",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[actix_web::test]
async fn no_cache_keeps_what_was_answered_to_one_caller() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let clinic = json!({"name": "North", "slug": "north"});
    ana.post("/api/auth/organization/create", &clinic).await;
    let patient = json!({"firstName": "Bo", "lastName": "Lind"});
    let id = ana.post("/api/v1/patients", &patient).await.body["id"].clone();
    let one = format!("/api/v1/patients/{}", id.as_str().unwrap());

    for (path, status) in [
        (one.as_str(), 200),
        ("/api/v1/patients", 200),
        ("/api/v1/patients/nope", 404),
        ("/api/auth/organization/list", 200),
        ("/api/auth/get-session", 200),
    ] {
        let answer = ana.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        let set: Vec<_> = answer.headers.get_all("cache-control").collect();
        assert_eq!(set, ["no-store"], "{path}");
    }
}
