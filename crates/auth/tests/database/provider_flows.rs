//! Going to a provider and coming back.

use futures_util::future::join_all;
use serde_json::json;
use time::Duration;
use wardkeep_auth::providers::client::{GivenIdToken, ProviderError, Secret};
use wardkeep_auth::providers::{self, Begin, Brought, Failed, ProviderSignInError, Return};
use wardkeep_auth::sessions::{self, Client, Revoked};
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::{Endpoint, Misbehaviour, race_rounds};

use crate::providers::{CLINIC, GITHUB, Staged, returned, to};
use crate::world::{SECRET, World, at};

const ANA: &str = "ana@example.test";

fn failed(error: &str, leads_to: Option<&str>, spent: bool) -> Failed {
    Failed {
        error: error.to_owned(),
        description: None,
        leads_to: leads_to.map(str::to_owned),
        spent,
    }
}

/// Users, accounts, sessions and states.
async fn made(world: &World) -> [i64; 4] {
    let mut counts = [0; 4];
    for (count, table) in counts
        .iter_mut()
        .zip(["\"user\"", "account", "session", "verification"])
    {
        *count = world.count(table).await;
    }
    counts
}

#[tokio::test]
async fn a_browser_that_comes_back_is_signed_in_and_led_on() {
    let staged = Staged::new().await;

    for leads_to in ["/welcome", "/home"] {
        let begun = staged.begin(None, to(CLINIC)).await;
        assert_eq!(
            (begun.state.len(), staged.world.count("verification").await),
            (32, 1)
        );
        let finished = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap();

        assert_eq!(finished.leads_to, leads_to);
        let signed_in = finished.signed_in.unwrap();
        assert_eq!(staged.world.current(&signed_in).await.user.email, ANA);
    }
    assert_eq!(made(&staged.world).await, [1, 1, 2, 0]);

    // The other kind of provider; without pages the browser is led to the start.
    let plain = Begin {
        provider: GITHUB.to_owned(),
        ..Begin::default()
    };
    let begun = staged.begin(None, plain).await;
    let mut back = staged.agree(&begun, GITHUB);
    back.issuer = None;
    assert_eq!(
        staged.finish(back).await.unwrap().leads_to,
        "http://wardkeep.test"
    );
}

#[tokio::test]
async fn ghsa_wxw3_q3m9_c3jr_a_state_of_another_browser_signs_nobody_in() {
    let staged = Staged::new().await;
    let begun = staged.begin(None, to(CLINIC)).await;
    let other = staged.begin(None, to(CLINIC)).await;
    let back = staged.agree(&begun, CLINIC);

    for browser in [
        None,
        Some(String::new()),
        Some(other.state.clone()),
        Some(begun.state[..31].to_owned()),
    ] {
        let stolen = Return {
            browser,
            ..back.clone()
        };
        let refused = staged.finish(stolen).await.unwrap_err();
        assert_eq!(refused, failed("state_mismatch", Some("/failed"), false));
    }
    // Nobody was asked anything, and the browser that it belongs to can go on.
    assert_eq!(staged.provider.times_heard("/token"), 0);
    assert!(staged.finish(back).await.is_ok());
}

#[tokio::test]
async fn ghsa_x445_f3h2_j279_a_state_of_one_provider_is_none_at_another() {
    let staged = Staged::new().await;
    let begun = staged.begin(None, to(CLINIC)).await;
    let back = Return {
        provider: GITHUB.to_owned(),
        ..staged.agree(&begun, CLINIC)
    };

    let refused = staged.finish(back.clone()).await.unwrap_err();

    assert_eq!(refused, failed("state_mismatch", Some("/failed"), true));
    // It is used up, also at the right one.
    let again = Return {
        provider: CLINIC.to_owned(),
        ..back
    };
    assert_eq!(
        staged.finish(again).await.unwrap_err(),
        failed("state_mismatch", None, true)
    );
    assert!(
        staged
            .provider
            .heard()
            .iter()
            .all(|heard| !heard.path.contains("token"))
    );
    assert_eq!(made(&staged.world).await, [0; 4]);
}

#[tokio::test]
async fn a_state_is_used_once_and_for_ten_minutes() {
    let staged = Staged::new().await;
    let none = Return {
        provider: CLINIC.to_owned(),
        error: Some("access_denied".to_owned()),
        ..Return::default()
    };
    assert_eq!(
        staged.finish(none).await.unwrap_err(),
        failed("state_not_found", None, false)
    );

    let (minutes, second) = (Duration::minutes(10), Duration::seconds(1));
    let begun = staged.begin(None, to(CLINIC)).await;
    let back = staged.agree(&begun, CLINIC);
    let late = staged
        .finish_at(minutes + second, back.clone())
        .await
        .unwrap_err();
    assert_eq!(late, failed("state_mismatch", Some("/failed"), true));
    assert_eq!(
        staged.finish(back).await.unwrap_err(),
        failed("state_mismatch", None, true)
    );

    let begun = staged.begin(None, to(CLINIC)).await;
    let back = staged.agree(&begun, CLINIC);
    assert!(staged.finish_at(minutes, back.clone()).await.is_ok());
    assert_eq!(
        staged.finish(back).await.unwrap_err(),
        failed("state_mismatch", None, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_come_back_with_one_state_at_once_one_is_signed_in() {
    let staged = Staged::new().await;
    for round in 0..race_rounds() {
        let begun = staged.begin(None, to(CLINIC)).await;
        let back = staged.agree(&begun, CLINIC);

        let answers = join_all((0..64).map(|_| staged.finish(back.clone()))).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert_eq!(error, failed("state_mismatch", None, true), "round {round}");
        }
        assert_eq!(staged.provider.times_heard("/token"), round + 1);
    }
}

#[tokio::test]
async fn what_goes_wrong_leads_to_the_page_for_errors_and_leaves_nothing() {
    let staged = Staged::new().await;
    let begun = staged.begin(None, to(CLINIC)).await;
    let refused = staged.provider.refuse(&begun.url);
    let refused = staged
        .finish(returned(&refused, &begun, CLINIC))
        .await
        .unwrap_err();
    assert_eq!(
        refused,
        Failed {
            description: Some("The user said no".to_owned()),
            ..failed("access_denied", Some("/failed"), true)
        }
    );

    let begun = staged.begin(None, to(CLINIC)).await;
    let codeless = Return {
        code: Some(String::new()),
        error: Some(String::new()),
        ..staged.agree(&begun, CLINIC)
    };
    assert_eq!(
        staged.finish(codeless).await.unwrap_err(),
        failed("no_code", Some("/failed"), true)
    );

    for (issuer, error) in [
        (Some("https://other.example"), "issuer_mismatch"),
        (None, "issuer_missing"),
    ] {
        let begun = staged.begin(None, to(CLINIC)).await;
        let back = Return {
            issuer: issuer.map(str::to_owned),
            ..staged.agree(&begun, CLINIC)
        };
        let refused = staged.finish(back).await.unwrap_err();
        assert_eq!(refused, failed(error, Some("/failed"), true));
    }

    for (how, error) in [
        (Misbehaviour::Status(500, json!({})), "invalid_code"),
        (
            Misbehaviour::Status(400, json!({"error": "invalid_grant"})),
            "invalid_code",
        ),
        (
            Misbehaviour::Says(json!({"id_token": null})),
            "unable_to_get_user_info",
        ),
    ] {
        let begun = staged.begin(None, to(CLINIC)).await;
        staged.provider.misbehaves(Endpoint::Token, how);
        let refused = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap_err();
        assert_eq!(refused, failed(error, Some("/failed"), true));
        staged.provider.behaves();
    }

    staged.provider.is(json!({"sub": "1", "name": "Ana"}));
    let begun = staged.begin(None, to(CLINIC)).await;
    let error = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap_err();
    assert_eq!(error, failed("email_not_found", Some("/failed"), true));
    assert_eq!(made(&staged.world).await, [0; 4]);
}

#[tokio::test]
async fn a_provider_that_is_away_or_unknown_begins_nothing() {
    let staged = Staged::new().await;
    let (db, cx, auth) = (&staged.world.db, at(Duration::ZERO), &staged.world.auth);
    staged
        .provider
        .misbehaves(Endpoint::Discovery, Misbehaviour::Status(503, json!({})));

    let away = providers::begin(db, &cx, auth, None, to(CLINIC))
        .await
        .unwrap_err();
    let unknown = providers::begin(db, &cx, auth, None, to("nobody"))
        .await
        .unwrap_err();
    let brought = brought(CLINIC, staged.provider.id_token(json!({})), true);
    let unchecked = providers::with_id_token(db, &cx, auth, brought, Client::default())
        .await
        .unwrap_err();

    assert_eq!(
        (unchecked.kind(), unchecked.code()),
        (FaultKind::Unavailable, "PROVIDER_UNAVAILABLE")
    );
    assert!(
        matches!(away, ProviderSignInError::Provider(ProviderError::Unavailable(_))),
        "{away:?}"
    );
    assert_eq!(
        (away.kind(), away.code()),
        (FaultKind::Unavailable, "PROVIDER_UNAVAILABLE")
    );
    assert_eq!(
        (unknown.kind(), unknown.code()),
        (FaultKind::NotFound, "PROVIDER_NOT_FOUND")
    );
    assert_eq!(staged.world.count("verification").await, 0);
    assert_eq!(staged.world.count("account").await, 0);
}

#[tokio::test]
async fn a_provider_that_is_taken_out_of_the_settings_meanwhile_is_not_found() {
    let mut staged = Staged::new().await;
    let begun = staged.begin(None, to(CLINIC)).await;
    let back = staged.agree(&begun, CLINIC);
    staged.world.auth = crate::world::auth([SECRET], wardkeep_auth::Policy::default(), 2, 64);

    assert_eq!(
        staged.finish(back).await.unwrap_err(),
        failed("oauth_provider_not_found", Some("/failed"), true)
    );
}

#[tokio::test]
async fn a_state_outlives_a_new_secret_while_the_old_one_is_kept() {
    const NEW: &str = "another-secret-of-the-tests-0123456789";
    let mut staged = Staged::new().await;
    let begun = [
        staged.begin(None, to(CLINIC)).await,
        staged.begin(None, to(CLINIC)).await,
    ];

    staged.world.auth = staged.server(&[NEW, SECRET]);
    let back = staged.agree(&begun[0], CLINIC);
    assert!(staged.finish(back).await.is_ok());

    staged.world.auth = staged.server(&[NEW]);
    let back = staged.agree(&begun[1], CLINIC);
    assert_eq!(
        staged.finish(back).await.unwrap_err(),
        failed("state_mismatch", None, true)
    );
}

#[tokio::test]
async fn a_database_that_fails_leads_to_the_error_page() {
    let staged = Staged::new().await;
    let begun = staged.begin(None, to(CLINIC)).await;
    let back = staged.agree(&begun, CLINIC);
    let user = at(Duration::ZERO).new_id();
    staged
        .world
        .execute("alter table \"user\" rename to people; -- $1", user)
        .await;

    assert_eq!(
        staged.finish(back.clone()).await.unwrap_err(),
        failed("internal_server_error", Some("/failed"), true)
    );

    staged.world.db.close().await;
    assert_eq!(
        staged.finish(back).await.unwrap_err(),
        failed("internal_server_error", None, false)
    );
}

#[tokio::test]
async fn who_is_new_comes_in_only_where_that_is_allowed_or_asked_for() {
    let staged = Staged::new().await;
    for (provider, asked, error) in [
        ("closed", false, true),
        ("closed", true, true),
        ("asking", false, true),
        ("asking", true, false),
        ("asking", false, false),
    ] {
        let begin = Begin {
            request_sign_up: asked,
            ..to(provider)
        };
        let begun = staged.begin(None, begin).await;
        let finished = staged.finish(staged.agree(&begun, provider)).await;
        let expected = error.then(|| failed("signup_disabled", Some("/failed"), true));
        assert_eq!(finished.err(), expected, "{provider} {asked}");
    }
}

#[tokio::test]
async fn the_signed_in_user_links_an_account_and_stays_signed_in_as_before() {
    let staged = Staged::new().await;
    let ana = staged.world.sign_up(ANA).await;
    let current = staged.world.current(&ana).await;

    let begun = staged.begin(Some(&current), to(CLINIC)).await;
    let finished = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap();

    assert_eq!(
        (finished.leads_to.as_str(), finished.signed_in.is_some()),
        ("/home", false)
    );
    assert_eq!(staged.world.ways_in(ana.user.id).await, [CLINIC, "credential"]);
    assert_eq!(staged.world.count("session").await, 1);
    // A link whose session has ended meanwhile, and one of another person.
    let begun = staged.begin(Some(&current), to(GITHUB)).await;
    let mut back = staged.agree(&begun, GITHUB);
    back.issuer = None;
    sessions::revoke(&staged.world.db, &at(Duration::ZERO), ana.user.id, Revoked::All)
        .await
        .unwrap();
    let error = staged.finish(back).await.unwrap_err();
    assert_eq!(error, failed("unable_to_link_account", Some("/failed"), true));
    let bo = staged.world.sign_up("bo@example.test").await;
    let begun = staged
        .begin(Some(&staged.world.current(&bo).await), to(CLINIC))
        .await;
    let error = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap_err();
    assert_eq!(error, failed("email_does_not_match", Some("/failed"), true));
}

#[tokio::test]
async fn neither_a_state_nor_what_belongs_to_it_nor_a_token_is_stored_in_the_clear() {
    let staged = Staged::new().await;
    let long = |name: &str| Some(format!("/{name}/{}", "\u{4e2d}".repeat(2_000)));
    let begin = Begin {
        provider: CLINIC.to_owned(),
        callback: long("home"),
        error_callback: long("failed"),
        new_user_callback: long("welcome"),
        ..Begin::default()
    };
    let begun = staged.begin(None, begin).await;
    let asked = url::Url::parse(&begun.url).unwrap();
    let nonce = asked
        .query_pairs()
        .find(|(name, _)| name == "nonce")
        .unwrap()
        .1
        .into_owned();
    let stored = dump(&staged.world).await;
    let finished = staged.finish(staged.agree(&begun, CLINIC)).await.unwrap();
    let kept = dump(&staged.world).await;

    assert_eq!(finished.leads_to, long("welcome").unwrap());
    let heard = staged.provider.heard();
    let form = &heard.iter().find(|heard| heard.path == "/token").unwrap().form;
    let (user, cx) = (finished.signed_in.unwrap().user.id, at(Duration::ZERO));
    let account = wardkeep_auth::accounts::list(&staged.world.db, &cx, user)
        .await
        .unwrap()
        .rows
        .remove(0);
    let auth = &staged.world.auth;
    let tokens = providers::access_token(&staged.world.db, &cx, auth, user, Some(account.id))
        .await
        .unwrap();
    let refreshed = providers::refresh(&staged.world.db, &cx, auth, user, Some(account.id))
        .await
        .unwrap();
    let secrets = [
        begun.state.clone(),
        nonce,
        form["code_verifier"].clone(),
        tokens.access_token.unwrap().expose().to_owned(),
        tokens.id_token.unwrap().expose().to_owned(),
        refreshed.refresh_token.expose().to_owned(),
    ];
    let last = dump(&staged.world).await;
    for secret in &secrets {
        assert!(secret.len() > 20, "{secret}");
        for rows in [&stored, &kept, &last] {
            assert!(!rows.contains(secret.as_str()), "{secret} is stored");
        }
    }
    assert!(!stored.contains("home") && kept.contains("wardkeep1:"));
    // Nor printed.
    let shown = format!(
        "{begun:?} {:?} {refreshed:?} {account:?}",
        staged.agree(&begun, CLINIC)
    );
    assert!(
        !secrets.iter().any(|secret| shown.contains(secret.as_str())),
        "{shown}"
    );
}

/// All rows of the two tables.
async fn dump(world: &World) -> String {
    world
        .value(
            "select concat((select json_agg(t)::text from account as t), (select json_agg(t)::text from verification as t))",
        )
        .await
}

fn given(token: String) -> GivenIdToken {
    GivenIdToken {
        token: Secret::new(token),
        nonce: None,
        access_token: None,
        refresh_token: None,
        name: None,
    }
}

fn brought(provider: &str, token: String, request_sign_up: bool) -> Brought {
    Brought {
        provider: provider.to_owned(),
        given: given(token),
        callback: None,
        request_sign_up,
    }
}

#[tokio::test]
async fn a_program_signs_in_and_links_with_an_id_token() {
    let staged = Staged::new().await;
    let (db, cx, auth) = (&staged.world.db, at(Duration::ZERO), &staged.world.auth);
    let sign_in = async |provider: &str, token: String, asked: bool| {
        providers::with_id_token(db, &cx, auth, brought(provider, token, asked), Client::default()).await
    };
    let token = || staged.provider.id_token(json!({}));

    let closed = sign_in("closed", token(), true).await.unwrap_err();
    assert_eq!(
        (closed.code(), closed.to_string().as_str()),
        ("OAUTH_LINK_ERROR", "signup disabled")
    );
    let asking = sign_in("asking", token(), false).await.unwrap_err();
    assert_eq!(asking.code(), "OAUTH_LINK_ERROR");
    let ana = sign_in(CLINIC, token(), false).await.unwrap();
    assert_eq!(staged.world.current(&ana).await.user.email, ANA);
    for (provider, token, kind, code) in [
        ("nobody", token(), FaultKind::NotFound, "PROVIDER_NOT_FOUND"),
        (GITHUB, token(), FaultKind::NotFound, "ID_TOKEN_NOT_SUPPORTED"),
        (
            CLINIC,
            "nonsense".to_owned(),
            FaultKind::Unauthenticated,
            "INVALID_TOKEN",
        ),
        (
            CLINIC,
            staged.provider.id_token(json!({"aud": "another"})),
            FaultKind::Unauthenticated,
            "INVALID_TOKEN",
        ),
        (
            CLINIC,
            staged.provider.id_token(json!({"email": null})),
            FaultKind::Unauthenticated,
            "USER_EMAIL_NOT_FOUND",
        ),
    ] {
        let current = staged.world.current(&ana).await;
        let signed_in = sign_in(provider, token.clone(), true).await.unwrap_err();
        let linked = providers::link_id_token(db, &cx, auth, &current, provider, given(token))
            .await
            .unwrap_err();
        assert_eq!((signed_in.kind(), signed_in.code()), (kind, code), "{provider}");
        assert_eq!((linked.kind(), linked.code()), (kind, code), "{provider}");
    }

    let bo = staged.world.sign_up("bo@example.test").await;
    let bos = staged.world.current(&bo).await;
    let link = async |token| providers::link_id_token(db, &cx, auth, &bos, CLINIC, given(token)).await;
    assert_eq!(
        link(token()).await.unwrap_err().code(),
        "SOCIAL_ACCOUNT_ALREADY_LINKED"
    );
    let other = json!({"sub": "2"});
    assert_eq!(
        link(staged.provider.id_token(other)).await.unwrap_err().code(),
        "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED"
    );
    for proven in [false, true] {
        let claims = json!({"sub": "2", "email": "bo@example.test", "email_verified": proven});
        let linked = link(staged.provider.id_token(claims)).await;
        assert_eq!(
            linked.err().map(|error| error.code()),
            (!proven).then_some("LINKING_NOT_ALLOWED")
        );
    }
    assert_eq!(staged.world.ways_in(bo.user.id).await, [CLINIC, "credential"]);
}
