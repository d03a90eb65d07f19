//! Whoever signs up first with somebody else's address keeps nothing once its owner comes through a provider.

use time::Duration;
use wardkeep_auth::credentials::{self, Change, CredentialError};
use wardkeep_auth::deletions::{self, Deletion, DeletionError};
use wardkeep_auth::email_proofs::{self, ProofError};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::providers::ProviderSignInError;
use wardkeep_auth::providers::links::By;
use wardkeep_auth::resets::{self, ResetError};
use wardkeep_auth::sessions::{Client, Remember};
use wardkeep_auth::{CurrentSession, Policy};

use crate::post::Post;
use crate::providers::{GITHUB, GOOGLE, identity, unproven};
use crate::world::{PASSWORD, World, at, email};

const VICTIM: &str = "victim@example.test";
const ATTACKER: &str = "attacker@example.test";
const NEW: &str = "another horse battery";

async fn ask_to_change(world: &World, current: &CurrentSession) {
    let cx = at(Duration::ZERO);
    email_proofs::request_change(&world.db, &cx, &world.auth, current, &email(ATTACKER), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn cve_2026_53516_ghsa_qq9h_g4jm_xgf3_who_signed_up_first_keeps_nothing_once_the_owner_comes_through_a_provider()
 {
    let world = World::ruled(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let attacker = world.sign_up(VICTIM).await;
    let phone = world.sign_in(VICTIM, PASSWORD).await.unwrap();
    world.sign_in(VICTIM, "a wrong password").await.unwrap_err();
    let current = world.current(&attacker).await;
    ask_to_change(&world, &current).await;
    let change = post.token().await;
    deletions::delete(db, &cx, auth, &current, Deletion::default())
        .await
        .unwrap();
    let delete = post.token().await;
    world.link(attacker.user.id, GITHUB).await;
    resets::request(db, &cx, auth, &email(VICTIM), None)
        .await
        .unwrap();
    let reset = post.token().await;

    let entered = world.enter(GOOGLE, &identity("1", VICTIM)).await.unwrap();

    let victim = entered.signed_in;
    assert_eq!((victim.user.id, entered.is_new), (attacker.user.id, false));
    // The password, the sessions, the other way in.
    assert!(world.sign_in(VICTIM, PASSWORD).await.is_err());
    assert!(world.find(&attacker.secret).await.is_none() && world.find(&phone.secret).await.is_none());
    assert_eq!(world.ways_in(victim.user.id).await, [GOOGLE]);
    assert_eq!(
        (world.count("session").await, world.count("verification").await),
        (1, 0)
    );
    assert_eq!(
        world
            .value::<i64>("select count(*) from password_guesses where guesses > 1")
            .await,
        0
    );
    // The links in mails, with what is left of the session, or without.
    for current in [None, Some(&current), Some(&world.current(&victim).await)] {
        let followed = email_proofs::follow(db, &cx, auth, current, &change).await;
        assert!(matches!(followed, Err(ProofError::Invalid)), "{followed:?}");
    }
    let deletion = Deletion {
        token: Some(delete),
        ..Deletion::default()
    };
    let deleted = deletions::delete(db, &cx, auth, &current, deletion).await;
    assert!(matches!(deleted, Err(DeletionError::InvalidToken)), "{deleted:?}");
    let refused = resets::reset(db, &cx, auth, &reset, &Password::new(NEW)).await;
    assert!(matches!(refused, Err(ResetError::InvalidToken)), "{refused:?}");
    // Requests that began before.
    let changing = Change {
        current: Password::new(PASSWORD),
        new: Password::new(NEW),
        renew: Some((Client::default(), Remember::Yes)),
    };
    let changed = credentials::change(db, &cx, auth, &current, changing).await;
    assert!(matches!(changed, Err(CredentialError::None)), "{changed:?}");
    let linked = world
        .link_as(&current, GITHUB, &identity("2", VICTIM), By::Browser)
        .await;
    assert!(
        matches!(linked, Err(ProviderSignInError::SessionEnded)),
        "{linked:?}"
    );
    ask_to_change(&world, &current).await;
    assert!(post.new_mails().await.is_empty());

    // The person is the owner.
    let (address, proven, name, image) = world.person(victim.user.id).await;
    assert_eq!(
        (address.as_str(), proven, name.as_str()),
        (VICTIM, true, "Ana of the provider")
    );
    assert_eq!(image.as_deref(), Some("https://provider.example/ana.png"));
    assert_eq!(victim.user.name, name);
}

#[tokio::test]
async fn cve_2026_53516_who_came_first_through_a_provider_that_proves_nothing_keeps_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let attacker = world
        .enter(GITHUB, &unproven("6", VICTIM))
        .await
        .unwrap()
        .signed_in;
    let current = world.current(&attacker).await;
    ask_to_change(&world, &current).await;
    let change = post.token().await;

    let mut nameless = identity("1", VICTIM);
    nameless.profile.name = None;
    nameless.profile.image = None;
    let victim = world.enter(GOOGLE, &nameless).await.unwrap().signed_in;

    assert_eq!(victim.user.id, attacker.user.id);
    assert_eq!(world.ways_in(victim.user.id).await, [GOOGLE]);
    assert!(world.find(&attacker.secret).await.is_none());
    let followed = email_proofs::follow(db, &cx, auth, None, &change).await;
    assert!(matches!(followed, Err(ProofError::Invalid)), "{followed:?}");
    assert_eq!(
        world.person(victim.user.id).await,
        (VICTIM.to_owned(), true, String::new(), None)
    );
    // The attacker's account is nobody's now, and does not get the address back.
    let again = world.enter(GITHUB, &unproven("6", VICTIM)).await;
    assert!(matches!(again, Err(ProviderSignInError::NotLinked)), "{again:?}");
}

/// As Better Auth before 1.6.11 left it: the owner's account is linked to the user of somebody else.
#[tokio::test]
async fn cve_2026_53516_an_owner_who_was_linked_to_the_user_of_somebody_else_has_it_alone_from_now_on() {
    let world = World::new().await;
    let attacker = world.sign_up(VICTIM).await;
    world.link(attacker.user.id, GITHUB).await;
    world.link(attacker.user.id, GOOGLE).await;
    let linked = world.rows(attacker.user.id).await;
    let linked = linked.iter().find(|row| row.provider == GOOGLE).unwrap();
    let subject = linked.subject.clone();

    let victim = world.enter(GOOGLE, &identity(&subject, VICTIM)).await.unwrap();

    let user = victim.signed_in.user.id;
    assert_eq!((user, victim.is_new), (attacker.user.id, false));
    assert!(world.sign_in(VICTIM, PASSWORD).await.is_err());
    assert!(world.find(&attacker.secret).await.is_none());
    assert_eq!(world.ways_in(user).await, [GOOGLE]);
    assert!(world.person(user).await.1);
    assert!(world.find(&victim.signed_in.secret).await.is_some());
}

#[tokio::test]
async fn in_the_compatibility_profile_an_unproven_user_is_not_taken_over_and_not_linked() {
    let world = World::ruled(Policy::compatibility()).await;
    let first = world.sign_up(VICTIM).await;

    let error = world.enter(GOOGLE, &identity("1", VICTIM)).await.unwrap_err();

    assert!(matches!(error, ProviderSignInError::NotLinked), "{error:?}");
    assert_eq!(world.ways_in(first.user.id).await, ["credential"]);
    assert!(world.find(&first.secret).await.is_some());
    assert!(!world.person(first.user.id).await.1);
}

#[tokio::test]
async fn a_link_for_a_new_address_still_works_for_somebody_without_a_password() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world
        .enter(GOOGLE, &identity("1", VICTIM))
        .await
        .unwrap()
        .signed_in;
    let current = world.current(&ana).await;

    ask_to_change(&world, &current).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    email_proofs::follow(db, &cx, auth, None, &post.token().await)
        .await
        .unwrap();

    assert_eq!(world.person(ana.user.id).await.0, ATTACKER);
    // The account is still the same user's.
    assert_eq!(
        world
            .enter(GOOGLE, &identity("1", VICTIM))
            .await
            .unwrap()
            .signed_in
            .user
            .id,
        ana.user.id
    );
}

#[tokio::test]
async fn somebody_without_a_password_has_none_to_change_or_give_and_gets_one_by_a_reset() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let ana = world
        .enter(GOOGLE, &identity("1", VICTIM))
        .await
        .unwrap()
        .signed_in;
    let current = world.current(&ana).await;
    let changing = Change {
        current: Password::new(PASSWORD),
        new: Password::new(NEW),
        renew: None,
    };

    let changed = credentials::change(db, &cx, auth, &current, changing).await;
    assert!(matches!(changed, Err(CredentialError::None)), "{changed:?}");
    let verified = credentials::verify(db, &cx, auth, ana.user.id, &Password::new(PASSWORD)).await;
    assert!(matches!(verified, Err(CredentialError::Wrong)), "{verified:?}");
    let deletion = Deletion {
        password: Some(Password::new(PASSWORD)),
        ..Deletion::default()
    };
    let deleted = deletions::delete(db, &cx, auth, &current, deletion).await;
    assert!(
        matches!(deleted, Err(DeletionError::Password(CredentialError::None))),
        "{deleted:?}"
    );
    assert!(world.sign_in(VICTIM, PASSWORD).await.is_err());

    resets::request(db, &cx, auth, &email(VICTIM), None)
        .await
        .unwrap();
    resets::reset(db, &cx, auth, &post.token().await, &Password::new(NEW))
        .await
        .unwrap();
    assert!(world.sign_in(VICTIM, NEW).await.is_ok());
    // The address was proven, so that the account is no stranger's.
    assert_eq!(world.ways_in(ana.user.id).await, ["credential", GOOGLE]);
}

#[tokio::test]
async fn somebody_without_a_password_deletes_the_account_while_the_session_is_fresh() {
    let world = World::new().await;
    let ana = world
        .enter(GOOGLE, &identity("1", VICTIM))
        .await
        .unwrap()
        .signed_in;
    let current = world.current(&ana).await;

    let cx = at(Duration::ZERO);
    deletions::delete(&world.db, &cx, &world.auth, &current, Deletion::default())
        .await
        .unwrap();

    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (0, 0)
    );
}
