use time::Duration;
use wardkeep_auth::accounts;
use wardkeep_auth::providers::ProviderSignInError;
use wardkeep_auth::providers::client::{Secret, Tokens};
use wardkeep_auth::providers::links::{self, By};
use wardkeep_auth::sessions::{self, Revoked};
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::Proxy;

use crate::cheap;
use crate::providers::{GITHUB, GOOGLE, identity, unproven};
use crate::world::{PASSWORD, World, at, at_rest, single};

const ANA: &str = "ana@example.test";
const BOTH: [By; 2] = [By::Browser, By::Program];

#[tokio::test]
async fn the_signed_in_user_links_an_account_with_the_same_proven_address() {
    for by in BOTH {
        let world = World::new().await;
        let ana = world.sign_up(ANA).await;
        let current = world.current(&ana).await;

        world
            .link_as(&current, GITHUB, &identity("1", "Ana@example.test"), by)
            .await
            .unwrap();

        assert_eq!(world.ways_in(ana.user.id).await, ["credential", GITHUB]);
        // Whoever linked it has read the mails of the address: it counts as proven, or the next sign-in would take the
        // password away.
        assert!(world.person(ana.user.id).await.1);
        let entered = world.enter(GITHUB, &identity("1", ANA)).await.unwrap();
        assert_eq!((entered.signed_in.user.id, entered.is_new), (ana.user.id, false));
        assert!(world.sign_in(ANA, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn an_account_with_an_unproven_or_another_address_or_of_another_user_is_not_linked() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let bo = world
        .enter(GITHUB, &identity("bo", "bo@example.test"))
        .await
        .unwrap();
    let mut addressless = identity("1", ANA);
    addressless.profile.email = None;
    let cases = [
        (
            unproven("1", ANA),
            FaultKind::Unauthenticated,
            "LINKING_NOT_ALLOWED",
            "unable_to_link_account",
        ),
        (
            identity("1", "other@example.test"),
            FaultKind::Unauthenticated,
            "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
            "email_does_not_match",
        ),
        (
            addressless,
            FaultKind::Unauthenticated,
            "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
            "email_does_not_match",
        ),
        (
            identity("bo", ANA),
            FaultKind::Conflict,
            "SOCIAL_ACCOUNT_ALREADY_LINKED",
            "account_already_linked_to_different_user",
        ),
    ];

    for (identity, kind, code, redirect) in cases {
        for by in BOTH {
            let error = world.link_as(&current, GITHUB, &identity, by).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.code(), error.redirect_code()),
                (kind, code, redirect),
                "{by:?}"
            );
        }
    }
    assert_eq!(world.ways_in(ana.user.id).await, ["credential"]);
    assert_eq!(world.ways_in(bo.signed_in.user.id).await, [GITHUB]);
    // The order of the checks is the protocol's.
    for (by, code) in [
        (By::Browser, "LINKING_NOT_ALLOWED"),
        (By::Program, "SOCIAL_ACCOUNT_ALREADY_LINKED"),
    ] {
        let error = world
            .link_as(&current, GITHUB, &unproven("bo", "x@example.test"), by)
            .await;
        assert_eq!(error.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn linking_again_adds_what_was_granted_and_keeps_what_was_not_sent() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    world
        .link_as(&current, GITHUB, &identity("1", ANA), By::Browser)
        .await
        .unwrap();
    let before = world.rows(ana.user.id).await.remove(1);
    let mut again = identity("1", ANA);
    again.tokens = Tokens {
        access_token: Some(Secret::new("the-second-access-token")),
        scopes: vec!["email".to_owned(), "repo".to_owned()],
        ..Tokens::default()
    };

    world
        .link_as(&current, GITHUB, &again, By::Browser)
        .await
        .unwrap();

    let after = world.rows(ana.user.id).await.remove(1);
    assert_eq!(after.scope.as_deref(), Some("openid,email,repo"));
    assert_ne!(after.access_token, before.access_token);
    assert_eq!(
        (&after.refresh_token, &after.id_token),
        (&before.refresh_token, &before.id_token)
    );
    // By an ID token, without a look at the address: it is the user's own already.
    again.profile.email = Some("other@example.test".to_owned());
    world
        .link_as(&current, GITHUB, &again, By::Program)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_that_has_ended_or_is_over_or_somebody_elses_links_nothing() {
    for by in BOTH {
        let world = World::new().await;
        let (ana, bo) = (world.sign_up(ANA).await, world.sign_up("bo@example.test").await);
        let current = world.current(&ana).await;
        let foreign = wardkeep_auth::CurrentSession {
            session: world.current(&bo).await.session,
            ..current.clone()
        };
        let github = identity("1", ANA);
        let refused = async |current| {
            let error = world.link_as(current, GITHUB, &github, by).await.unwrap_err();
            assert!(matches!(error, ProviderSignInError::SessionEnded), "{error:?}");
            assert_eq!(error.redirect_code(), "unable_to_link_account");
        };

        refused(&foreign).await;
        world
            .execute(
                "update session set \"expiresAt\" = '2020-01-01' where \"userId\" = $1",
                ana.user.id,
            )
            .await;
        refused(&current).await;
        let cx = at(Duration::ZERO);
        sessions::revoke(&world.db, &cx, ana.user.id, Revoked::All)
            .await
            .unwrap();
        refused(&current).await;
        world
            .execute("delete from \"user\" where id = $1", ana.user.id)
            .await;
        refused(&current).await;
        assert_eq!(world.count("account").await, 1);
    }
}

#[tokio::test]
async fn a_password_is_that_of_the_password_account_whatever_else_is_linked() {
    let world = World::new().await;
    // The password's row is neither the first nor the last of the table.
    let ana = world.enter(GOOGLE, &identity("2", ANA)).await.unwrap().signed_in;
    world.set_hash(ana.user.id, &cheap::hash(PASSWORD)).await;
    let current = world.current(&ana).await;
    for (provider, subject) in [(GITHUB, "1"), ("apple", "3"), ("zitadel", "4")] {
        world
            .link_as(&current, provider, &identity(subject, ANA), By::Browser)
            .await
            .unwrap();
    }

    assert!(world.sign_in(ANA, PASSWORD).await.is_ok());
    let password = wardkeep_auth::passwords::Password::new(PASSWORD);
    let cx = at(Duration::ZERO);
    wardkeep_auth::credentials::verify(&world.db, &cx, &world.auth, ana.user.id, &password)
        .await
        .unwrap();

    // Unlinked, one after another; the last one stays.
    let all = accounts::list(&world.db, &cx, ana.user.id).await.unwrap();
    assert_eq!(all.total, 5);
    let others: Vec<_> = all
        .rows
        .iter()
        .filter(|row| row.provider_id != "google")
        .collect();
    for account in others {
        accounts::unlink(&world.db, &cx, ana.user.id, Some(account.id))
            .await
            .unwrap();
    }
    assert!(world.sign_in(ANA, PASSWORD).await.is_err());
    let last = all.rows.iter().find(|row| row.provider_id == "google").unwrap();
    let refused = accounts::unlink(&world.db, &cx, ana.user.id, Some(last.id)).await;
    assert!(
        matches!(refused, Err(accounts::AccountError::Last)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_a_link_costs_is_known() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let db = single(&proxy.url).await;
    let link = async |provider: &str| {
        let (identity, linking) = (
            identity("1", ANA),
            links::Linking {
                user: ana.user.id,
                session: current.session.id,
                by: By::Browser,
            },
        );
        let arrival = links::Arrival {
            provider,
            identity: &identity,
        };
        links::link(&db, &at(Duration::ZERO), &world.auth, arrival, linking)
            .await
            .unwrap();
        at_rest(&db).await;
    };
    for _ in 0..2 {
        link(GITHUB).await;
    }

    // Begin, the user, the session, the account, the link or its tokens, commit.
    for _ in 0..2 {
        proxy.heard();
        link(GOOGLE).await;
        let heard = proxy.heard();
        assert_eq!((heard.statements.len(), heard.turns), (6, 7), "{heard:#?}");
    }
}
