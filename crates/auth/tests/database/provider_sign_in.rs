use time::Duration;
use wardkeep_auth::providers::ProviderSignInError;
use wardkeep_auth::providers::client::{Secret, Tokens};
use wardkeep_auth::sessions::{Client, LIFETIME};
use wardkeep_auth::{Policy, providers::links};
use wardkeep_tenancy::Fault as _;
use wardkeep_testkit::{Proxy, START};

use crate::post::Post;
use crate::providers::{GITHUB, GOOGLE, identity, unproven};
use crate::world::{World, at, at_rest, single};

const ANA: &str = "ana@example.test";

#[tokio::test]
async fn a_newcomer_becomes_a_user_as_the_provider_says_and_is_signed_in() {
    let world = World::new().await;

    let entered = world
        .enter(GOOGLE, &identity("1", "Ana@Example.TEST"))
        .await
        .unwrap();

    let signed_in = entered.signed_in;
    assert!(entered.is_new);
    let current = world.current(&signed_in).await;
    assert_eq!(
        (current.user.id, current.session.expires_at),
        (signed_in.user.id, START + LIFETIME)
    );
    assert_eq!(
        world.person(signed_in.user.id).await,
        (
            ANA.to_owned(),
            true,
            "Ana of the provider".to_owned(),
            Some("https://provider.example/ana.png".to_owned())
        )
    );
    let rows = world.rows(signed_in.user.id).await;
    assert_eq!(
        (rows[0].provider.as_str(), rows[0].subject.as_str()),
        (GOOGLE, "1")
    );
    assert_eq!(
        (rows[0].scope.as_deref(), &rows[0].password),
        (Some("openid,email"), &None)
    );
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_newcomer_without_a_name_has_an_empty_one_and_an_unproven_address_stays_unproven() {
    let world = World::new().await;
    let mut nameless = unproven("1", ANA);
    nameless.profile.name = None;
    nameless.profile.image = None;
    nameless.tokens = Tokens::default();

    let user = world.enter(GITHUB, &nameless).await.unwrap().signed_in.user;

    assert_eq!(
        world.person(user.id).await,
        (ANA.to_owned(), false, String::new(), None)
    );
    let row = &world.rows(user.id).await[0];
    assert_eq!(
        (&row.access_token, &row.refresh_token, &row.id_token, &row.scope),
        (&None, &None, &None, &None)
    );
}

#[tokio::test]
async fn the_same_account_signs_the_same_user_in_whatever_its_address_is_by_now() {
    let world = World::new().await;
    let first = world.enter(GOOGLE, &identity("1", ANA)).await.unwrap().signed_in;

    for address in [ANA, "moved@example.test", "not an address"] {
        let again = world.enter(GOOGLE, &identity("1", address)).await.unwrap();

        assert_eq!(
            (again.signed_in.user.id, again.is_new),
            (first.user.id, false),
            "{address}"
        );
    }
    assert_eq!(world.person(first.user.id).await.0, ANA);
    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (1, 1)
    );
    // One subject at two providers is two people.
    let other = world
        .enter(GITHUB, &identity("1", "bo@example.test"))
        .await
        .unwrap();
    assert!(other.is_new && other.signed_in.user.id != first.user.id);
}

#[tokio::test]
async fn signing_in_again_replaces_what_the_provider_sends_and_leaves_the_rest() {
    let world = World::new().await;
    let user = world
        .enter(GOOGLE, &identity("1", ANA))
        .await
        .unwrap()
        .signed_in
        .user
        .id;
    let before = world.rows(user).await.remove(0);
    let mut again = identity("1", ANA);
    again.tokens = Tokens {
        access_token: Some(Secret::new("the-second-access-token")),
        scopes: vec!["calendar".to_owned()],
        ..Tokens::default()
    };

    world.enter(GOOGLE, &again).await.unwrap();

    let after = world.rows(user).await.remove(0);
    assert_ne!(after.access_token, before.access_token);
    assert_eq!(
        (after.refresh_token, after.id_token),
        (before.refresh_token, before.id_token)
    );
    // What was granted is noted when an account is linked (Better Auth's `scope`).
    assert_eq!(after.scope, before.scope);
    let expiry: Option<time::OffsetDateTime> =
        world.value("select \"accessTokenExpiresAt\" from account").await;
    assert_eq!(expiry, None);
}

#[tokio::test]
async fn a_provider_that_proves_the_same_address_later_proves_it_here() {
    let world = World::new().await;
    let user = world
        .enter(GITHUB, &unproven("1", ANA))
        .await
        .unwrap()
        .signed_in
        .user;
    assert!(!user.email_verified);

    world.enter(GITHUB, &unproven("1", ANA)).await.unwrap();
    world
        .enter(GITHUB, &identity("1", "other@example.test"))
        .await
        .unwrap();
    assert!(!world.person(user.id).await.1);

    let again = world.enter(GITHUB, &identity("1", ANA)).await.unwrap();
    assert!(again.signed_in.user.email_verified && world.person(user.id).await.1);
}

#[tokio::test]
async fn an_account_is_linked_to_the_user_of_its_address_if_both_have_proven_it() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    let (_, secret) = world.session_of(ana).await;

    let entered = world
        .enter(GOOGLE, &identity("1", "ana.reyes@example.com"))
        .await
        .unwrap();

    assert_eq!((entered.signed_in.user.id, entered.is_new), (ana, false));
    assert_eq!(world.ways_in(ana).await, [GOOGLE]);
    // Nothing else changes.
    assert_eq!(world.person(ana).await.2, "Ana Reyes");
    assert!(world.find(&secret).await.is_some());
}

#[tokio::test]
async fn an_account_whose_address_is_not_proven_is_linked_to_nobody() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    let bo = world.sign_up("bo@example.test").await;

    for address in ["ana.reyes@example.com", "bo@example.test"] {
        let error = world.enter(GITHUB, &unproven("1", address)).await.unwrap_err();
        assert!(matches!(error, ProviderSignInError::NotLinked), "{error:?}");
        assert_eq!(
            (error.code(), error.to_string().as_str(), error.redirect_code()),
            ("OAUTH_LINK_ERROR", "account not linked", "account_not_linked")
        );
    }
    assert!(world.ways_in(ana).await.is_empty());
    assert_eq!(world.ways_in(bo.user.id).await, ["credential"]);
    assert!(world.find(&bo.secret).await.is_some());
}

#[tokio::test]
async fn nobody_new_comes_in_where_sign_up_is_refused() {
    let world = World::new().await;
    let cx = at(Duration::ZERO);
    let ana = world.test.user("Ana Reyes").await;

    let error = world
        .enter_at(&cx, GOOGLE, &identity("1", ANA), false)
        .await
        .unwrap_err();

    assert_eq!(
        (error.to_string().as_str(), error.redirect_code()),
        ("signup disabled", "signup_disabled")
    );
    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (1, 0)
    );
    // Who has an account already does, and who has the address.
    let address = "ana.reyes@example.com";
    for _ in 0..2 {
        let entered = world
            .enter_at(&cx, GOOGLE, &identity("2", address), false)
            .await
            .unwrap();
        assert_eq!(entered.signed_in.user.id, ana);
    }
}

#[tokio::test]
async fn nobody_comes_in_without_an_address_a_subject_or_as_a_password() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    for address in [None, Some(""), Some("not an address")] {
        let mut without = identity("1", ANA);
        without.profile.email = address.map(str::to_owned);
        let error = world.enter(GOOGLE, &without).await.unwrap_err();
        assert!(matches!(error, ProviderSignInError::EmailNotFound), "{error:?}");
    }
    let subject = ana.user.id.to_string();
    for (provider, subject) in [(GOOGLE, ""), ("credential", &*subject), ("credential", "1")] {
        let error = world.enter(provider, &identity(subject, ANA)).await.unwrap_err();
        assert!(matches!(error, ProviderSignInError::NotFound), "{error:?}");
    }
    assert_eq!(world.ways_in(ana.user.id).await, ["credential"]);
}

#[tokio::test]
async fn a_text_that_cannot_be_stored_makes_no_user() {
    let world = World::new().await;
    let mut name = identity("1", ANA);
    name.profile.name = Some("Ana\0".to_owned());
    let subject = identity("1\0", ANA);

    // Whoever has the account, or the address, is looked for before anybody is made.
    for (identity, code) in [
        (name, "unable_to_create_user"),
        (subject, "internal_server_error"),
    ] {
        let error = world.enter(GOOGLE, &identity).await.unwrap_err();
        assert_eq!(error.redirect_code(), code, "{error:?}");
    }
    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (0, 0)
    );
}

#[tokio::test]
async fn where_addresses_are_proven_first_a_newcomer_gets_a_mail_and_no_session() {
    let world = World::ruled(Policy {
        require_verified_email: true,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;

    for mails in [1, 0] {
        let error = world.enter(GITHUB, &unproven("1", ANA)).await.unwrap_err();
        assert!(matches!(error, ProviderSignInError::NotVerified), "{error:?}");
        assert_eq!(
            (error.code(), error.redirect_code()),
            ("EMAIL_NOT_VERIFIED", "email_not_verified")
        );
        let sent = post.new_mails().await;
        assert_eq!(sent.len(), mails);
        for mail in sent {
            assert!(mail.text.contains("/verify-email?") && mail.text.contains("callbackURL=%2Fwelcome"));
        }
    }
    assert_eq!(
        (world.count("\"user\"").await, world.count("session").await),
        (1, 0)
    );

    // Once it is proven, here by the provider, they come in.
    let entered = world.enter(GITHUB, &identity("1", ANA)).await.unwrap();
    assert!(!entered.is_new);
    // One whose address the provider has proven comes in at once.
    assert!(
        world
            .enter(GOOGLE, &identity("2", "bo@example.test"))
            .await
            .unwrap()
            .is_new
    );
}

#[tokio::test]
async fn what_a_sign_in_costs_is_known() {
    let world = World::new().await;
    world.test.user("Ana Reyes").await;
    world.test.user("Ana Warm").await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let db = single(&proxy.url).await;
    let enter = async |subject: &str, address: &str| {
        let (identity, client) = (identity(subject, address), Client::default());
        let arrival = links::Arrival {
            provider: GOOGLE,
            identity: &identity,
        };
        let entering = links::Entering {
            newcomers: true,
            callback: None,
            client: &client,
        };
        links::enter(&db, &at(Duration::ZERO), &world.auth, arrival, entering)
            .await
            .unwrap();
        at_rest(&db).await;
    };
    // The first time, statements are prepared.
    for (subject, address) in [
        ("0", "warm@example.test"),
        ("0", "warm@example.test"),
        ("9", "ana.warm@example.com"),
    ] {
        enter(subject, address).await;
    }

    for (subject, address, statements) in [
        // Begin, the account, the address, the user, the account, the session, commit.
        ("1", ANA, 7),
        // Begin, the account, the user, the tokens, the session, commit.
        ("1", ANA, 6),
        // Begin, the account, the user of the address, the account, the session, commit.
        ("2", "ana.reyes@example.com", 6),
    ] {
        proxy.heard();
        enter(subject, address).await;
        let heard = proxy.heard();
        assert_eq!(
            (heard.statements.len(), heard.turns),
            (statements, statements + 1),
            "{heard:#?}"
        );
    }
}
