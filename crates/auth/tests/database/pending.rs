//! Signing up where the address must be proven before the first sign-in.

use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::sign_in::SignInError;
use wardkeep_auth::sign_up::{self, SignUp, SignUpError, SignedUp};
use wardkeep_auth::users::User;
use wardkeep_auth::{Policy, email_proofs};
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::START;

use crate::post::{Post, token};
use crate::world::{PASSWORD, World, at, form};

const ANA: &str = "ana@example.test";

async fn strict() -> World {
    World::ruled(Policy {
        require_verified_email: true,
        ..Policy::default()
    })
    .await
}

async fn sign_up(world: &World, sign_up: SignUp) -> Result<User, SignUpError> {
    match sign_up::with_password(&world.db, &at(Duration::ZERO), &world.auth, sign_up).await? {
        SignedUp::Pending(user) => Ok(user),
        SignedUp::In(signed_in) => panic!("{} is signed in", signed_in.user.email),
    }
}

async fn follow(world: &World, token: &str) {
    email_proofs::follow(&world.db, &at(Duration::ZERO), &world.auth, None, token)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_signs_up_is_mailed_a_link_and_signs_in_after_it() {
    let world = strict().await;
    let post = Post::of(&world).await;

    let callback = Some("/welcome".to_owned());
    let user = sign_up(
        &world,
        SignUp {
            callback,
            ..form(ANA)
        },
    )
    .await
    .unwrap();

    assert_eq!(world.count("session").await, 0);
    let mail = post.new_mail().await;
    assert_eq!(mail.to.as_str(), ANA);
    assert!(mail.text.contains("&callbackURL=%2Fwelcome\n"), "{}", mail.text);

    let early = world.sign_in(ANA, PASSWORD).await.unwrap_err();
    assert!(matches!(early, SignInError::NotVerified), "{early:?}");
    assert_eq!(
        (early.kind(), early.code()),
        (FaultKind::Forbidden, "EMAIL_NOT_VERIFIED")
    );
    assert_eq!(world.count("session").await, 0);
    follow(&world, &token(&mail)).await;
    assert_eq!(world.sign_in(ANA, PASSWORD).await.unwrap().user.id, user.id);
}

#[tokio::test]
async fn only_the_right_password_learns_that_the_address_is_unproven() {
    let world = strict().await;
    sign_up(&world, form(ANA)).await.unwrap();

    for wrong in ["correct horse batterz", ""] {
        let error = world.sign_in(ANA, wrong).await.unwrap_err();
        assert!(matches!(error, SignInError::InvalidCredentials), "{error:?}");
    }
    assert!(matches!(
        world.sign_in(ANA, PASSWORD).await,
        Err(SignInError::NotVerified)
    ));
    // Nor was it a guess.
    assert_eq!(world.count("password_guesses").await, 0);
}

#[tokio::test]
async fn a_known_and_an_unknown_address_get_answers_of_one_shape_and_the_owner_a_mail() {
    let world = strict().await;
    let post = Post::of(&world).await;
    let owner = sign_up(&world, form(ANA)).await.unwrap();
    follow(&world, &post.token().await).await;

    let image = Some("https://img.example/eve.png".to_owned());
    let as_eve = |email: &str| SignUp {
        name: "Eve".to_owned(),
        password: Password::new("the battery of Eve"),
        image: image.clone(),
        ..form(email)
    };
    let known = sign_up(&world, as_eve("ANA@example.test")).await.unwrap();
    let mail = post.new_mail().await;
    let unknown = sign_up(&world, as_eve("new@example.test")).await.unwrap();
    post.token().await;

    for (user, address) in [(&known, ANA), (&unknown, "new@example.test")] {
        let expected = User {
            id: user.id,
            name: "Eve".to_owned(),
            email: address.to_owned(),
            email_verified: false,
            image: image.clone(),
            created_at: START,
            updated_at: START,
        };
        assert_eq!(*user, expected);
    }
    assert_ne!(known.id, owner.id);
    assert_eq!(
        (mail.to.as_str(), &*mail.subject),
        (ANA, "You have an account already")
    );
    assert!(!mail.text.contains("token="), "{}", mail.text);
    // Nothing of the owner's has changed.
    let signed_in = world.sign_in(ANA, PASSWORD).await.unwrap();
    assert_eq!(
        (signed_in.user.id, &*signed_in.user.name),
        (owner.id, "Ana Reyes")
    );
    assert!(world.sign_in(ANA, "the battery of Eve").await.is_err());
}

#[tokio::test]
async fn a_password_that_may_not_be_chosen_is_refused_for_a_known_address_as_for_an_unknown_one() {
    let world = strict().await;
    sign_up(&world, form(ANA)).await.unwrap();

    for address in [ANA, "new@example.test"] {
        let refused = sign_up(
            &world,
            SignUp {
                password: Password::new("Password1"),
                ..form(address)
            },
        )
        .await;
        assert!(
            matches!(refused, Err(SignUpError::Password(PasswordError::Common))),
            "{refused:?}"
        );
    }
    assert_eq!(
        (world.count("\"user\"").await, world.count("outbox").await),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sign_ups_with_one_address_at_once_one_makes_a_user_and_all_are_answered_alike() {
    let world = strict().await;
    let post = Post::of(&world).await;

    let answers = join_all((0..32).map(|_| sign_up(&world, form(ANA)))).await;

    for answer in answers {
        assert_eq!(answer.unwrap().email, ANA);
    }
    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (1, 1)
    );
    let mails = post.new_mails().await;
    let proofs = mails.iter().filter(|mail| mail.text.contains("token=")).count();
    assert_eq!((mails.len(), proofs), (32, 1));
}
