use futures_util::future::join_all;
use wardkeep_auth::passwords::PasswordError;
use wardkeep_auth::sessions::Remember;
use wardkeep_auth::sign_in::SignInError;
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::START;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn the_right_password_makes_a_session_of_its_own() {
    let world = World::new().await;
    let first = world.sign_up("ana@example.test").await;

    let second = world.sign_in("ANA@Example.test", PASSWORD).await.unwrap();

    assert_eq!(second.user, first.user);
    assert_ne!(second.session.id, first.session.id);
    assert_ne!(second.secret, first.secret);
    assert_eq!(second.session.expires_at, START + time::Duration::days(7));
    assert_eq!(world.count("session").await, 2);
}

#[tokio::test]
async fn who_does_not_want_to_be_remembered_gets_a_day() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;

    let signed_in = world
        .sign_in_remembered("ana@example.test", PASSWORD, Remember::No)
        .await
        .unwrap();

    assert_eq!(signed_in.session.expires_at, START + time::Duration::days(1));
}

#[tokio::test]
async fn an_unknown_address_a_wrong_password_and_no_password_are_one_answer() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    // Has no account to sign in with.
    world.test.user("Bo Lind").await;

    for (email, password) in [
        ("ana@example.test", "correct horse batterz"),
        ("ana@example.test", ""),
        ("nobody@example.test", PASSWORD),
        ("bo.lind@example.com", PASSWORD),
    ] {
        let error = world.sign_in(email, password).await.unwrap_err();
        assert!(
            matches!(error, SignInError::InvalidCredentials),
            "{email}: {error:?}"
        );
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::Unauthenticated, "INVALID_EMAIL_OR_PASSWORD")
        );
    }
    assert_eq!(world.count("session").await, 1);
}

#[tokio::test]
async fn an_unknown_address_takes_a_hash_as_well() {
    let world = World::hashing(1, 0).await;

    let attempts = (0..16).map(|_| world.sign_in("nobody@example.test", PASSWORD));
    let results = join_all(attempts).await;

    // There is room for one hash at a time: those that came meanwhile were told so.
    let codes: Vec<_> = results
        .into_iter()
        .map(|result| result.unwrap_err().code())
        .collect();
    assert!(codes.contains(&"INVALID_EMAIL_OR_PASSWORD"), "{codes:?}");
    assert!(codes.contains(&"HASHING_BUSY"), "{codes:?}");
}

#[tokio::test]
async fn what_can_be_nobodys_is_refused_before_anything_is_looked_up() {
    let world = World::new().await;
    world.db.close().await;

    let long = world
        .sign_in("ana@example.test", &"x".repeat(129))
        .await
        .unwrap_err();
    assert!(
        matches!(long, SignInError::Password(PasswordError::TooLong)),
        "{long:?}"
    );
    let malformed = world.sign_in("ana", &"x".repeat(129)).await.unwrap_err();
    assert!(matches!(malformed, SignInError::InvalidEmail), "{malformed:?}");
    let away = world.sign_in("ana@example.test", PASSWORD).await.unwrap_err();
    assert_eq!(
        (away.kind(), away.code()),
        (FaultKind::Unavailable, "DATABASE_UNAVAILABLE")
    );
}

#[tokio::test]
async fn characters_typed_in_two_ways_are_one_password() {
    let world = World::new().await;
    let mut form = crate::world::form("ana@example.test");
    form.password = wardkeep_auth::passwords::Password::new("caf\u{e9} au lait");
    world
        .try_sign_up(&crate::world::at(time::Duration::ZERO), form)
        .await
        .unwrap();

    assert!(
        world
            .sign_in("ana@example.test", "cafe\u{301} au lait")
            .await
            .is_ok()
    );
}
