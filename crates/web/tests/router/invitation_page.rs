//! The page that the link in an invitation's mail opens.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use actix_web::test::TestRequest;
use serde_json::json;
use wardkeep_auth::Policy;
use wardkeep_organizations::Rules;
use wardkeep_web::RateLimits;

use crate::world::{Answer, BASE, Browser, PASSWORD, World};

const BEN: &str = "ben@example.test";

/// Ana invites Ben to Salt Lane; the path of the page.
async fn invited(world: &World) -> String {
    let mut ana = world.sign_up("ana@example.test").await;
    let clinic = json!({"name": "Salt <Lane>", "slug": "salt-lane"});
    ana.post("/api/auth/organization/create", &clinic).await;
    let invite = json!({"email": BEN, "role": "member"});
    let answer = ana.post("/api/auth/organization/invite-member", &invite).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    format!("/accept-invitation/{}", answer.body["id"].as_str().unwrap())
}

impl Browser<'_> {
    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(TestRequest::post().uri(path).set_form(fields)).await
    }

    /// Submits, and follows back to the page.
    async fn submit_and_follow(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.submit(path, fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let back = answer.header("location").unwrap().to_owned();
        self.get(&back).await
    }
}

fn heading(answer: &Answer) -> &str {
    let after = answer.text.split("<h1>").nth(1).unwrap_or_default();
    after.split("</h1>").next().unwrap_or_default()
}

fn notice(answer: &Answer) -> &str {
    let after = answer.text.split("<p role=\"alert\">").nth(1).unwrap_or_default();
    after.split("</p>").next().unwrap_or_default()
}

async fn members(world: &World) -> i64 {
    world.count("member").await
}

#[actix_web::test]
async fn whoever_has_no_account_signs_up_and_accepts() {
    let world = World::new().await;
    let page = invited(&world).await;
    let mut ben = world.browser();

    let opened = ben.get(&page).await;
    assert_eq!(opened.status, 200);
    assert_eq!(heading(&opened), "Join Salt &lt;Lane&gt;");
    assert!(opened.text.contains("Ana Reyes invites you") && opened.text.contains(BEN));
    let signed_up = ben
        .submit_and_follow(
            &format!("{page}/sign-up"),
            &[("name", " Ben "), ("password", PASSWORD)],
        )
        .await;
    assert!(signed_up.text.contains("value=\"accept\""), "{}", signed_up.text);
    let accepted = ben.submit_and_follow(&page, &[("action", "accept")]).await;

    assert_eq!(heading(&accepted), "You are a member of Salt &lt;Lane&gt;");
    let active = ben.get("/api/auth/organization/get-active-member").await;
    assert_eq!(
        (&active.body["role"], &active.body["user"]["name"]),
        (&json!("member"), &json!("Ben"))
    );
    assert_eq!(members(&world).await, 2);
    // To send the form again changes nothing.
    let again = ben.submit(&page, &[("action", "accept")]).await;
    assert_eq!(heading(&again), heading(&accepted));
    assert_eq!(members(&world).await, 2);
}

#[actix_web::test]
async fn whoever_has_an_account_signs_in_and_declines() {
    let world = World::new().await;
    let page = invited(&world).await;
    world.sign_up(BEN).await;
    let mut ben = world.browser();

    let wrong = ben
        .submit(&format!("{page}/sign-in"), &[("password", "a wrong password")])
        .await;
    assert_eq!((wrong.status.as_u16(), ben.cookies.len()), (401, 0));
    assert_eq!(notice(&wrong), "The password is not right for this address.");
    let taken = ben
        .submit(
            &format!("{page}/sign-up"),
            &[("name", "Ben"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(taken.status, 409);
    assert!(notice(&taken).starts_with("There is an account with this address already."));
    ben.submit_and_follow(&format!("{page}/sign-in"), &[("password", PASSWORD)])
        .await;
    let declined = ben.submit_and_follow(&page, &[("action", "decline")]).await;

    assert_eq!(heading(&declined), "You have declined");
    assert_eq!(members(&world).await, 1);
    let late = ben.submit(&page, &[("action", "accept")]).await;
    assert_eq!((late.status.as_u16(), members(&world).await), (400, 1));
}

#[actix_web::test]
async fn somebody_else_is_told_so_and_can_sign_out() {
    let world = World::new().await;
    let page = invited(&world).await;
    let mut eve = world.sign_up("eve@example.test").await;

    let shown = eve.get(&page).await;
    let refused = eve.submit(&page, &[("action", "accept")]).await;
    let signed_out = eve.submit_and_follow(&page, &[("action", "sign-out")]).await;

    assert_eq!(
        (shown.status.as_u16(), heading(&shown)),
        (403, "This invitation is for somebody else")
    );
    assert!(!shown.text.contains(BEN), "{}", shown.text);
    assert_eq!((refused.status.as_u16(), members(&world).await), (403, 1));
    assert!(eve.user().await.is_none());
    assert!(signed_out.text.contains("Sign in"));
}

#[actix_web::test]
async fn an_invitation_that_is_none_or_over_is_said_to_be_so() {
    let world = World::new().await;
    let page = invited(&world).await;
    let mut ben = world.browser();

    for unknown in [
        "/accept-invitation/abc",
        "/accept-invitation/7f000000-0000-4000-8000-00000000dead",
    ] {
        let answer = ben.get(unknown).await;
        assert_eq!(
            (answer.status.as_u16(), heading(&answer)),
            (404, "There is no such invitation")
        );
        let posted = ben
            .submit(&format!("{unknown}/sign-in"), &[("password", PASSWORD)])
            .await;
        assert_eq!(posted.status, 404);
    }
    world.clock.advance(Duration::from_hours(48));
    assert_eq!(ben.get(&page).await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    let over = ben.get(&page).await;
    let late = ben
        .submit(
            &format!("{page}/sign-up"),
            &[("name", "Ben"), ("password", PASSWORD)],
        )
        .await;

    for answer in [over, late] {
        assert_eq!(
            (answer.status.as_u16(), heading(&answer)),
            (410, "This invitation is not valid any more")
        );
    }
    assert_eq!(world.count("\"user\"").await, 1);
}

#[actix_web::test]
async fn what_is_typed_wrong_is_explained_and_nothing_is_made() {
    let world = World::new().await;
    let page = invited(&world).await;
    let (long, nul) = ("x".repeat(2049), "B\0n");

    for (name, password, says) in [
        ("", PASSWORD, "Tell us your name."),
        ("  ", PASSWORD, "Tell us your name."),
        (
            &*long,
            PASSWORD,
            "This name cannot be stored. Write a shorter one, in letters.",
        ),
        (
            nul,
            PASSWORD,
            "This name cannot be stored. Write a shorter one, in letters.",
        ),
        ("Ben", "short", "A password has at least 8 characters."),
        ("Ben", "", "A password has at least 8 characters."),
        ("Ben", &"x".repeat(129), "A password has at most 128 characters."),
        (
            "Ben",
            "password123",
            "This password is one of the most common ones. Choose another.",
        ),
    ] {
        let fields = [("name", name), ("password", password)];
        let answer = world.browser().submit(&format!("{page}/sign-up"), &fields).await;
        assert_eq!((answer.status.as_u16(), notice(&answer)), (400, says));
        assert!(!answer.text.contains(password) || password.is_empty(), "{says}");
    }
    let mut ben = world.sign_up(BEN).await;
    let answer = ben.submit(&page, &[("action", "delete")]).await;
    assert_eq!(
        (answer.status.as_u16(), notice(&answer)),
        (400, "Please use the buttons of this page.")
    );
    let json = ben.post(&page, &json!({"action": "accept"})).await;
    assert_eq!(json.status, 415);
    assert_eq!(members(&world).await, 1);
}

#[actix_web::test]
async fn a_form_must_come_from_a_page_of_ours() {
    let world = World::new().await;
    let page = invited(&world).await;
    let ben = world.sign_up(BEN).await;
    let accept = || TestRequest::post().uri(&page).set_form([("action", "accept")]);
    let sign_in = |origin: &str| {
        let request = TestRequest::post().uri(&format!("{page}/sign-in"));
        request
            .set_form([("password", PASSWORD)])
            .insert_header((ORIGIN, origin))
    };

    for origin in [None, Some("null"), Some("https://evil.test")] {
        let mut request = accept().insert_header((COOKIE, ben.header()));
        if let Some(origin) = origin {
            request = request.insert_header((ORIGIN, origin));
        }
        let answer = world.send(request).await;
        assert_eq!(answer.status, 403, "{origin:?}");
    }
    let foreign = world.send(sign_in("https://evil.test")).await;
    let navigation = sign_in("https://evil.test")
        .insert_header(("sec-fetch-site", "cross-site"))
        .insert_header(("sec-fetch-mode", "navigate"));
    let navigation = world.send(navigation).await;
    assert_eq!(foreign.body["code"], "INVALID_ORIGIN");
    assert_eq!(navigation.body["code"], "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
    assert!(foreign.cookies.is_empty() && navigation.cookies.is_empty());
    assert_eq!(members(&world).await, 1);
    assert_eq!(world.send(sign_in(BASE)).await.status, 303);
}

#[actix_web::test]
async fn the_page_runs_nothing_stands_in_no_frame_and_is_kept_by_nobody() {
    let world = World::new().await;
    let page = invited(&world).await;

    let answer = world.browser().get(&page).await;

    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
    );
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!answer.text.contains("Salt <Lane>"));
    let head = world
        .browser()
        .send(TestRequest::with_uri(&page).method(Method::HEAD))
        .await;
    assert_eq!(
        (head.status, head.header("content-type")),
        (answer.status, answer.header("content-type"))
    );
}

#[actix_web::test]
async fn where_addresses_must_be_proven_a_mail_leads_back_to_the_page() {
    let mut world = World::new().await;
    world.state = world.state.clone().with_rules(Rules {
        invitations_need_verified_email: true,
        ..Rules::default()
    });
    let page = invited(&world).await;
    world.mails().await;
    let mut ben = world.sign_up(BEN).await;

    let shown = ben.get(&page).await;
    assert!(shown.text.contains("First confirm that"), "{}", shown.text);
    let refused = ben.submit(&page, &[("action", "accept")]).await;
    assert_eq!((refused.status.as_u16(), members(&world).await), (403, 1));
    let sent = ben.submit(&format!("{page}/proof"), &[]).await;
    assert!(notice(&sent).contains("a mail is on its way to ben@example.test."));
    let link = world.link().await;
    let followed = ben.get(&link[url::Position::BeforePath..]).await;
    assert_eq!(
        (followed.status.as_u16(), followed.header("location")),
        (302, Some(&*page))
    );
    let accepted = ben.submit_and_follow(&page, &[("action", "accept")]).await;

    assert_eq!((accepted.status.as_u16(), members(&world).await), (200, 2));
}

#[actix_web::test]
async fn where_signing_in_needs_a_proven_address_signing_up_sends_the_mail_that_leads_back() {
    let world = World::under(Policy {
        require_verified_email: true,
        ..Policy::default()
    })
    .await;
    // Ana proves hers first.
    let form = json!({"name": "Ana Reyes", "email": "ana@example.test", "password": PASSWORD});
    world.browser().post("/api/auth/sign-up/email", &form).await;
    let link = world.link().await;
    world.browser().get(&link[url::Position::BeforePath..]).await;
    let mut ana = world.sign_in("ana@example.test", true).await;
    let clinic = json!({"name": "Salt Lane", "slug": "salt-lane"});
    ana.post("/api/auth/organization/create", &clinic).await;
    let invite = json!({"email": BEN, "role": "member"});
    let sent = ana.post("/api/auth/organization/invite-member", &invite).await;
    let page = format!("/accept-invitation/{}", sent.body["id"].as_str().unwrap());
    world.mails().await;
    let mut ben = world.browser();

    let signed_up = ben
        .submit(
            &format!("{page}/sign-up"),
            &[("name", "Ben"), ("password", PASSWORD)],
        )
        .await;
    let early = ben
        .submit(&format!("{page}/sign-in"), &[("password", PASSWORD)])
        .await;
    assert_eq!(signed_up.status, 200);
    assert!(notice(&signed_up).contains("a mail is on its way"));
    assert_eq!((notice(&early), ben.cookies.len()), (notice(&signed_up), 0));
    let mails = world.mails().await;
    assert_eq!(mails.len(), 2);
    let link = crate::letters::link_in(mails.last().unwrap());
    let followed = ben.get(&link[url::Position::BeforePath..]).await;
    assert_eq!(followed.header("location"), Some(&*page));
    ben.submit_and_follow(&format!("{page}/sign-in"), &[("password", PASSWORD)])
        .await;
    let accepted = ben.submit_and_follow(&page, &[("action", "accept")]).await;

    assert_eq!(heading(&accepted), "You are a member of Salt Lane");
}

#[actix_web::test]
async fn the_page_tries_no_more_passwords_than_signing_in_does() {
    let mut world = World::new().await;
    let page = invited(&world).await;
    world.state = world.state.clone().with_rate_limits(RateLimits::standard());
    let mut ben = world.browser();

    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = ben
            .submit(&format!("{page}/sign-in"), &[("password", "a wrong password")])
            .await;
        statuses.push(answer.status.as_u16());
    }

    assert_eq!(statuses, [401, 401, 401, 429]);
    assert_eq!(ben.get(&page).await.status, 200);
    assert!(ben.get(&page).await.header(CONTENT_TYPE.as_str()).is_some());
}

#[actix_web::test]
async fn the_page_sends_no_more_mails_than_asking_for_one_elsewhere_does() {
    let mut world = World::new().await;
    world.state = world.state.clone().with_rules(Rules {
        invitations_need_verified_email: true,
        ..Rules::default()
    });
    let page = invited(&world).await;
    let cookies = world.sign_up(BEN).await.cookies;
    world.mails().await;
    world.state = world.state.clone().with_rate_limits(RateLimits::standard());
    let mut ben = world.browser();
    ben.cookies = cookies;

    for _ in 0..20 {
        ben.submit(&format!("{page}/proof"), &[]).await;
    }

    // /send-verification-email: 3 in 60 seconds.
    assert_eq!(world.mails().await.len(), 3);
}

#[actix_web::test]
async fn who_opens_an_invitation_to_somebody_else_is_sent_no_mail_there() {
    let world = World::new().await;
    let page = invited(&world).await;
    let mut eve = world.sign_up("eve@example.test").await;
    world.mails().await;

    eve.submit(&format!("{page}/proof"), &[]).await;

    assert_eq!(world.mails().await.len(), 0);
}
