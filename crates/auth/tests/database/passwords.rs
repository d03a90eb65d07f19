use time::Duration;
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::sign_in::SignInError;
use wardkeep_auth::sign_up::{SignUp, SignUpError};
use wardkeep_tenancy::{Fault as _, FaultKind};

use crate::world::{PASSWORD, World, at, form};

/// [`PASSWORD`], hashed by Better Auth 1.7.25.
const ORIGINAL: &str = "baa56481262ab6d9cab867378731954c:\
                        ecea8715a05a9b1e97dd7af70ce4155b0432f27e6e478394b96513067df22a98\
                        a196ee8e8a2cdf4781b107cc947b44c1962447f8da4512c4a67ef7ba1a662742";

#[tokio::test]
async fn a_user_of_better_auth_signs_in_with_the_old_password() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    sqlx::query("update account set password = $1")
        .bind(ORIGINAL)
        .execute(&mut world.admin().await)
        .await
        .unwrap();

    let right = world.sign_in("ana@example.test", PASSWORD).await;
    let wrong = world.sign_in("ana@example.test", "correct horse batterz").await;

    assert!(right.is_ok(), "{right:?}");
    assert!(matches!(wrong, Err(SignInError::InvalidCredentials)), "{wrong:?}");
}

#[tokio::test]
async fn nobody_signs_up_with_a_breached_password() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;

    // A taken address is not said to be so.
    for email in ["bo@example.test", "ana@example.test"] {
        let sign_up = SignUp {
            password: Password::new("Password1"),
            ..form(email)
        };
        let error = world.try_sign_up(&at(Duration::ZERO), sign_up).await.unwrap_err();

        assert!(
            matches!(error, SignUpError::Password(PasswordError::Common)),
            "{error:?}"
        );
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::Invalid, "PASSWORD_COMPROMISED")
        );
    }
    assert_eq!(world.count("\"user\"").await, 1);
}

#[tokio::test]
async fn who_chose_a_breached_password_before_it_was_refused_still_signs_in() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    // "password1", hashed by Better Auth 1.7.25.
    sqlx::query("update account set password = $1")
        .bind("640a7b321ff4a523362dc0356ee09609:b7c71607bf78ed30e10a167f9c04e9ba4c511c14033a510c4c4912cda933a264f68fdc0f2174fdd7788046e6074a735373eeb51d12218b8f319aec3851ae0190")
        .execute(&mut world.admin().await)
        .await
        .unwrap();

    let signed_in = world.sign_in("ana@example.test", "password1").await;

    assert!(signed_in.is_ok(), "{signed_in:?}");
}

#[tokio::test]
async fn the_hash_of_better_auth_is_replaced_at_sign_in_and_what_was_wrong_before_is_wrong_after() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    world.set_hash(ana.user.id, ORIGINAL).await;

    for wrong in ["correct horse batterz", ORIGINAL] {
        world.sign_in("ana@example.test", wrong).await.unwrap_err();
        assert_eq!(stored(&world).await, ORIGINAL, "replaced by a wrong password");
    }
    world.sign_in("ana@example.test", PASSWORD).await.unwrap();

    let replaced = stored(&world).await;
    assert!(
        replaced.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{replaced}"
    );
    world.sign_in("ana@example.test", PASSWORD).await.unwrap();
    assert_eq!(stored(&world).await, replaced, "replaced twice");
    for wrong in ["correct horse batterz", ORIGINAL, &replaced] {
        let refused = world
            .sign_in("ana@example.test", &wrong[..wrong.len().min(128)])
            .await;
        assert!(
            matches!(refused, Err(SignInError::InvalidCredentials)),
            "{refused:?}"
        );
    }
}

async fn stored(world: &World) -> String {
    world.value("select password from account").await
}
