//! How often one client may ask: the numbers of Better Auth, whom a request counts for, and what is not counted.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, COOKIE, ORIGIN};
use actix_web::middleware::from_fn;
use actix_web::rt::task::spawn_blocking;
use actix_web::test::TestRequest;
use actix_web::{App, HttpServer};
use serde_json::json;
use wardkeep_web::{Rate, RateLimits, configure, surround};

use crate::lines::Lines;
use crate::world::{Answer, PASSWORD, World, request};

const SIGN_IN: &str = "/api/auth/sign-in/email";
const GET_SESSION: &str = "/api/auth/get-session";
const PROXY: &str = "10.0.0.1";
const MILLISECOND: Duration = Duration::from_millis(1);

async fn limited() -> World {
    let mut world = World::new().await;
    world.state = world.state.with_rate_limits(RateLimits::standard());
    world
}

async fn behind(proxies: &[&str]) -> World {
    let mut world = limited().await;
    let networks = proxies.iter().map(|network| network.parse().unwrap()).collect();
    world.state = world.state.with_trusted_proxies(networks);
    world
}

fn from(peer: &str, method: Method, path: &str) -> TestRequest {
    request(method, path).peer_addr(SocketAddr::new(peer.parse().unwrap(), 40_000))
}

/// A sign-in that is counted and otherwise refused at once, for want of a body.
fn attempt(peer: &str) -> TestRequest {
    from(peer, Method::POST, SIGN_IN)
}

fn through(proxy: &str, forwarded_for: &str) -> TestRequest {
    attempt(proxy).insert_header(("x-forwarded-for", forwarded_for))
}

/// How many of these requests in a row are let through.
async fn passed(world: &World, count: usize, request: impl Fn() -> TestRequest) -> usize {
    let mut passed = 0;
    for _ in 0..count {
        passed += usize::from(world.send(request()).await.status != 429);
    }
    passed
}

#[track_caller]
fn refused(answer: &Answer, seconds: &str) {
    assert_eq!(answer.status, 429, "{}", answer.text);
    assert_eq!(
        answer.text,
        r#"{"message":"Too many requests. Please try again later."}"#
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-retry-after"), Some(seconds));
    assert_eq!(answer.header("retry-after"), Some(seconds));
    assert!(answer.cookies.is_empty());
}

#[actix_web::test]
async fn each_endpoint_has_the_numbers_of_better_auth() {
    let world = limited().await;
    let rates = [
        (GET_SESSION, 100),
        ("/api/auth/ok", 100),
        (SIGN_IN, 3),
        ("/api/auth/sign-up/email", 3),
        ("/api/auth/change-password", 3),
        ("/api/auth/change-email", 3),
        ("/api/auth/request-password-reset", 3),
        ("/api/auth/send-verification-email", 3),
        ("/api/auth/verify-password", 3),
        ("/api/auth/delete-user", 3),
    ];
    for (number, (path, requests)) in rates.into_iter().enumerate() {
        // An address for each, as paths without a route count together.
        let peer = format!("192.0.2.{number}");
        let ask = || from(&peer, Method::POST, path);
        assert_eq!(passed(&world, requests + 2, ask).await, requests, "{path}");
    }
}

#[actix_web::test]
async fn a_refusal_says_when_to_come_back_and_keeps_its_word() {
    let world = limited().await;
    for _ in 0..3 {
        assert_eq!(world.send(attempt("192.0.2.1")).await.status, 400);
        world.clock.advance(Duration::from_secs(2));
    }

    // Eight seconds are left of the ten since the third.
    refused(&world.send(attempt("192.0.2.1")).await, "8");
    world.clock.advance(MILLISECOND);
    refused(&world.send(attempt("192.0.2.1")).await, "8");
    world.clock.advance(Duration::from_millis(7_998));
    refused(&world.send(attempt("192.0.2.1")).await, "1");
    world.clock.advance(MILLISECOND);
    assert_eq!(passed(&world, 4, || attempt("192.0.2.1")).await, 3);
}

#[actix_web::test]
async fn mails_are_sent_three_times_a_minute() {
    let world = limited().await;
    let reset = || from("192.0.2.1", Method::POST, "/api/auth/request-password-reset");
    assert_eq!(passed(&world, 3, reset).await, 3);

    refused(&world.send(reset()).await, "60");
    world.clock.advance(Duration::from_secs(59));
    refused(&world.send(reset()).await, "1");
    world.clock.advance(Duration::from_secs(1));
    assert_ne!(world.send(reset()).await.status, 429);
}

#[actix_web::test]
async fn endpoints_are_counted_apart_and_nothing_beyond_them_is() {
    let world = limited().await;
    assert_eq!(passed(&world, 4, || attempt("192.0.2.1")).await, 3);

    for path in ["/api/auth/sign-up/email", GET_SESSION] {
        let answer = world.send(from("192.0.2.1", Method::POST, path)).await;
        assert_ne!(answer.status, 429, "{path}");
    }
    for path in ["/health/live", "/api/v1/patients", "/api/authx/sign-in/email"] {
        let ask = || from("192.0.2.1", Method::GET, path);
        assert_eq!(passed(&world, 110, ask).await, 110, "{path}");
    }
}

#[actix_web::test]
async fn the_general_rate_can_be_another() {
    let mut world = World::new().await;
    let limits = RateLimits::standard().with_general(Rate::new(5, Duration::from_secs(60)));
    world.state = world.state.with_rate_limits(limits);

    let ask = || from("192.0.2.1", Method::GET, "/api/auth/ok");
    assert_eq!(passed(&world, 10, ask).await, 5);
    refused(&world.send(ask()).await, "60");
    assert_eq!(passed(&world, 5, || attempt("192.0.2.1")).await, 3);
}

#[actix_web::test]
async fn nothing_is_refused_without_limits() {
    let mut world = World::new().await;
    world.state = world.state.with_rate_limits(RateLimits::off());

    assert_eq!(passed(&world, 150, || attempt("192.0.2.1")).await, 150);
}

#[actix_web::test]
async fn limits_are_on_unless_they_are_turned_off() {
    let world = World::new().await;
    let state = wardkeep_web::State::new(
        world.state.database().clone(),
        world.state.auth().clone(),
        world.state.access().clone(),
        world.state.origins().clone(),
    );
    let world = World { state, ..world };

    assert_eq!(passed(&world, 5, || attempt("192.0.2.1")).await, 3);
}

#[actix_web::test]
async fn a_request_is_counted_before_it_is_looked_at() {
    let world = limited().await;
    let forbidden = || {
        from("192.0.2.1", Method::POST, GET_SESSION)
            .insert_header((COOKIE, "better-auth.session_token=x"))
            .insert_header((ORIGIN, "https://evil.test"))
    };
    assert_eq!(passed(&world, 102, forbidden).await, 100);

    let odd_body = || attempt("192.0.2.2").insert_header(("content-type", "text/plain"));
    assert_eq!(passed(&world, 5, odd_body).await, 3);

    let other_method = || from("192.0.2.3", Method::GET, SIGN_IN);
    assert_eq!(passed(&world, 5, other_method).await, 3);
}

#[actix_web::test]
async fn unknown_paths_are_counted_together() {
    let world = limited().await;
    for number in 0..100 {
        let path = format!("/api/auth/nothing/{number}");
        assert_eq!(
            world.send(from("192.0.2.1", Method::GET, &path)).await.status,
            404
        );
    }

    let answer = world
        .send(from("192.0.2.1", Method::GET, "/api/auth/nothing/100"))
        .await;
    refused(&answer, "10");
    let known = world.send(from("192.0.2.1", Method::GET, GET_SESSION)).await;
    assert_eq!(known.status, 200);
}

#[actix_web::test]
async fn another_spelling_of_a_path_is_the_same_path() {
    let world = limited().await;
    let spellings = [
        "/api/auth/sign-in/email",
        "/api/auth/sign-in/emai%6c",
        "/api/%61uth/sign-in/email",
        "/api/auth/sign%2Din/email?x=1",
    ];
    for spelling in &spellings[..3] {
        // The route is found, so that the body is asked for.
        let answer = world.send(from("192.0.2.1", Method::POST, spelling)).await;
        assert_eq!(answer.status, 400, "{spelling}");
    }

    for spelling in spellings {
        refused(&world.send(from("192.0.2.1", Method::POST, spelling)).await, "10");
    }
}

#[actix_web::test]
async fn preflights_are_not_counted() {
    let world = limited().await;
    let preflight = |origin: &'static str| {
        move || {
            from("192.0.2.1", Method::OPTIONS, SIGN_IN)
                .insert_header((ORIGIN, origin))
                .insert_header((ACCESS_CONTROL_REQUEST_METHOD, "POST"))
        }
    };
    assert_eq!(
        passed(&world, 110, preflight("https://app.clinic.test")).await,
        110
    );
    assert_eq!(passed(&world, 110, preflight("https://evil.test")).await, 110);
    assert_eq!(passed(&world, 3, || attempt("192.0.2.1")).await, 3);
    refused(&world.send(attempt("192.0.2.1")).await, "10");

    assert_eq!(
        world.send(preflight("https://app.clinic.test")()).await.status,
        204
    );
}

#[actix_web::test]
async fn a_page_of_a_trusted_origin_can_read_a_refusal() {
    let world = limited().await;
    let ask = || {
        attempt("192.0.2.1")
            .insert_header((ORIGIN, "https://app.clinic.test"))
            .insert_header(("x-request-id", "r-1"))
    };
    assert_eq!(passed(&world, 3, ask).await, 3);

    let answer = world.send(ask()).await;

    refused(&answer, "10");
    assert_eq!(answer.header("x-request-id"), Some("r-1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.clinic.test")
    );
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for header in [
        "retry-after",
        "x-retry-after",
        "x-request-id",
        "x-total-count",
        "x-total-count-teams",
        "x-total-count-invitations",
    ] {
        assert!(
            exposed.split(", ").any(|listed| listed == header),
            "{header} in {exposed}"
        );
    }
}

#[actix_web::test]
async fn a_refusal_asks_no_database_and_is_one_line_in_the_log() {
    let world = limited().await;
    let ask = || attempt("192.0.2.1").set_json(json!({"email": "nobody@example.test", "password": PASSWORD}));
    assert_eq!(passed(&world, 3, ask).await, 3);
    world.state.database().close().await;
    let lines = Lines::default();

    let guard = tracing::subscriber::set_default(lines.subscriber());
    let answer = world.send(ask()).await;
    drop(guard);

    refused(&answer, "10");
    let requests = lines.of("wardkeep::request");
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["fields"]["status"], 429);
    assert_eq!(requests[0]["fields"]["route"], SIGN_IN);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.send(ask()).await.status, 503);
}

#[actix_web::test]
async fn a_clock_that_is_set_back_locks_nobody_out() {
    let world = limited().await;
    assert_eq!(passed(&world, 4, || attempt("192.0.2.1")).await, 3);
    let now = world.clock.now();

    world.clock.set(now - Duration::from_secs(86_400));
    refused(&world.send(attempt("192.0.2.1")).await, "10");
    world.clock.advance(Duration::from_secs(10));

    assert_eq!(passed(&world, 4, || attempt("192.0.2.1")).await, 3);
}

#[actix_web::test]
async fn ghsa_p6v2_xcpg_h6xw_the_addresses_of_one_ipv6_network_share_a_limit() {
    let world = limited().await;
    for last in 1..=3 {
        let answer = world.send(attempt(&format!("2001:db8:1:2::{last}"))).await;
        assert_eq!(answer.status, 400);
    }

    refused(&world.send(attempt("2001:db8:1:2:ffff::9")).await, "10");
    assert_eq!(world.send(attempt("2001:db8:1:3::1")).await.status, 400);
}

#[actix_web::test]
async fn addresses_do_not_share_a_limit_unless_they_are_one() {
    let world = limited().await;
    assert_eq!(passed(&world, 4, || attempt("192.0.2.1")).await, 3);

    assert_eq!(world.send(attempt("192.0.2.2")).await.status, 400);
    refused(&world.send(attempt("::ffff:192.0.2.1")).await, "10");
}

#[actix_web::test]
async fn what_a_stranger_says_about_its_address_changes_nothing() {
    for world in [limited().await, behind(&["10.0.0.1/32"]).await] {
        let lines = Lines::default();
        let guard = tracing::subscriber::set_default(lines.subscriber());
        for last in 1..=3 {
            let claimed = format!("198.51.100.{last}");
            assert_eq!(world.send(through("192.0.2.1", &claimed)).await.status, 400);
        }
        refused(&world.send(through("192.0.2.1", "198.51.100.9")).await, "10");
        drop(guard);

        let warnings: Vec<_> = lines
            .all()
            .into_iter()
            .filter(|line| line["level"] == "WARN")
            .collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_eq!(warnings[0]["fields"]["peer"], "192.0.2.1");
        let said = warnings[0]["fields"]["message"].as_str().unwrap();
        assert!(said.contains("TRUSTED_PROXIES"), "{said}");
    }
}

#[actix_web::test]
async fn behind_a_proxy_each_client_has_a_limit_of_its_own() {
    let world = behind(&["10.0.0.0/8"]).await;
    let first = || through(PROXY, "203.0.113.7, 198.51.100.1, 10.0.0.2");
    assert_eq!(passed(&world, 3, first).await, 3);

    // What stands further left was written by the client.
    refused(
        &world.send(through(PROXY, "203.0.113.8, 198.51.100.1")).await,
        "10",
    );
    refused(&world.send(through("10.0.0.2", "198.51.100.1:8443")).await, "10");
    assert_eq!(world.send(through(PROXY, "198.51.100.2")).await.status, 400);
    assert_eq!(world.send(attempt(PROXY)).await.status, 400);
}

#[actix_web::test]
async fn a_session_says_from_where_it_was_opened() {
    let world = behind(&["10.0.0.1/32"]).await;
    for (email, peer, forwarded_for, expected) in [
        ("ana@example.test", Some(PROXY), "198.51.100.1", "198.51.100.1"),
        ("bo@example.test", Some("192.0.2.1"), "198.51.100.1", "192.0.2.1"),
        ("cy@example.test", Some(PROXY), "hidden", PROXY),
        (
            "di@example.test",
            Some(PROXY),
            "[2001:db8::1]:40000",
            "2001:0db8:0000:0000:0000:0000:0000:0000",
        ),
        ("ed@example.test", None, "198.51.100.1", ""),
    ] {
        let mut browser = world.browser();
        let mut sign_up = request(Method::POST, "/api/auth/sign-up/email")
            .insert_header(("x-forwarded-for", forwarded_for))
            .set_json(json!({"name": "Ana", "email": email, "password": PASSWORD}));
        if let Some(peer) = peer {
            sign_up = sign_up.peer_addr(SocketAddr::new(peer.parse().unwrap(), 40_000));
        }
        assert_eq!(browser.send(sign_up).await.status, 200);

        let answer = browser.get(GET_SESSION).await;

        assert_eq!(answer.body["session"]["ipAddress"], expected, "{email}");
    }
}

#[actix_web::test]
async fn cve_2026_110861_the_limiter_counts_before_it_answers() {
    const AT_ONCE: usize = 64;
    let world = limited().await;
    let state = world.state.clone();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(surround))
            .configure(configure(state.clone()))
    })
    .workers(4)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let statuses = spawn_blocking(move || {
        let ready = Arc::new(Barrier::new(AT_ONCE));
        let attempts: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let ready = Arc::clone(&ready);
                thread::spawn(move || sign_in_over(address, &ready))
            })
            .collect();
        let statuses = attempts.into_iter().map(|attempt| attempt.join().unwrap());
        statuses.collect::<Vec<_>>()
    })
    .await
    .unwrap();
    handle.stop(false).await;

    // Hashing keeps those that pass under way while the others come.
    let of = |status: &str| statuses.iter().filter(|answered| *answered == status).count();
    assert_eq!((of("401"), of("429")), (3, AT_ONCE - 3), "{statuses:?}");
}

/// Tries a password over a connection of its own, together with all others; the status.
fn sign_in_over(address: SocketAddr, ready: &Barrier) -> String {
    let body = json!({"email": "nobody@example.test", "password": PASSWORD}).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    ready.wait();
    write!(
        stream,
        "POST {SIGN_IN} HTTP/1.1\r\nhost: clinic.test\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}
