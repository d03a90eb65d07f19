use wardkeep_auth::sign_in::SignInError;

use crate::world::{PASSWORD, World};

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
