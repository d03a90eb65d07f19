use time::Duration;
use wardkeep_auth::credentials::{self as passwords, Change, CredentialError};
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::sessions::{self, Client, Remember};
use wardkeep_auth::{CurrentSession, Policy};
use wardkeep_tenancy::{Asked, Fault as _, FaultKind};
use wardkeep_testkit::START;

use crate::world::{PASSWORD, World, at};

fn change(current: &str, new: &str, renew: bool) -> Change {
    Change {
        current: Password::new(current),
        new: Password::new(new),
        renew: renew.then(|| (Client::default(), Remember::No)),
    }
}

#[tokio::test]
async fn a_change_of_the_password_ends_the_other_sessions_if_it_is_asked_to() {
    for renew in [false, true] {
        let world = World::new().await;
        let ana = world.sign_up("ana@example.test").await;
        let phone = world.sign_in("ana@example.test", PASSWORD).await.unwrap();
        let current = world.current(&ana).await;
        let (other_server, _) = world.second_server(Policy::default()).await;

        let change = change(PASSWORD, "another horse battery", renew);
        let renewed = passwords::change(&world.db, &at(Duration::ZERO), &world.auth, &current, change)
            .await
            .unwrap();

        for secret in [&ana.secret, &phone.secret] {
            assert_eq!(world.find(secret).await.is_none(), renew);
            let there = sessions::find(&other_server, &at(Duration::ZERO), secret, Asked::Active)
                .await
                .unwrap();
            assert_eq!(there.is_none(), renew);
        }
        assert_eq!(renewed.is_some(), renew);
        if let Some(renewed) = renewed {
            assert_eq!(world.current(&renewed).await.session, renewed.session);
            assert_eq!(renewed.session.expires_at, START + Duration::days(1));
            assert_eq!(world.count("session").await, 1);
        }
        assert!(world.sign_in("ana@example.test", PASSWORD).await.is_err());
        assert!(
            world
                .sign_in("ana@example.test", "another horse battery")
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn a_change_checks_the_new_password_then_the_length_of_the_old_one_then_whether_it_is_right() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let current = world.current(&ana).await;
    let (without, _) = world.session_of(world.test.user("Bo Lind").await).await;
    let long = "x".repeat(129);
    let refused = async |current: &CurrentSession, old: &str, new: &str| {
        passwords::change(
            &world.db,
            &at(Duration::ZERO),
            &world.auth,
            current,
            change(old, new, true),
        )
        .await
        .unwrap_err()
    };

    let short = refused(&current, &long, "short").await;
    assert!(
        matches!(short, CredentialError::Password(PasswordError::TooShort)),
        "{short:?}"
    );
    let common = refused(&current, "wrong", "password1").await;
    assert!(
        matches!(common, CredentialError::Password(PasswordError::Common)),
        "{common:?}"
    );
    let too_long = refused(&without, &long, "another horse battery").await;
    assert!(
        matches!(too_long, CredentialError::Password(PasswordError::TooLong)),
        "{too_long:?}"
    );
    let none = refused(&without, PASSWORD, "another horse battery").await;
    assert!(matches!(none, CredentialError::None), "{none:?}");
    assert_eq!(
        (none.kind(), none.code()),
        (FaultKind::Invalid, "CREDENTIAL_ACCOUNT_NOT_FOUND")
    );
    let wrong = refused(&current, "wrong", "another horse battery").await;
    assert!(matches!(wrong, CredentialError::Wrong), "{wrong:?}");
    assert_eq!(
        (wrong.kind(), wrong.code()),
        (FaultKind::Invalid, "INVALID_PASSWORD")
    );
    assert!(world.find(&ana.secret).await.is_some());
}

#[tokio::test]
async fn a_password_is_verified_for_whom_it_is() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await.user.id;
    let bo = world.test.user("Bo Lind").await;
    let verify = async |user, password: &str| {
        passwords::verify(
            &world.db,
            &at(Duration::ZERO),
            &world.auth,
            user,
            &Password::new(password),
        )
        .await
    };

    verify(ana, PASSWORD).await.unwrap();
    for (user, password) in [(ana, "correct horse batterz"), (ana, ""), (bo, PASSWORD)] {
        let error = verify(user, password).await.unwrap_err();
        assert!(matches!(error, CredentialError::Wrong), "{error:?}");
    }
}
