use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::credentials::{self as passwords, Change};
use wardkeep_auth::email_proofs::{Followed, ProofError};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::{CurrentSession, Policy, resets};
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::race_rounds;

use crate::cheap;
use crate::post::{Post, token};
use crate::world::{PASSWORD, SECRET, World, at, auth, email};

const ANA: &str = "ana@example.test";
const NEW: &str = "ana@new.example";

/// A user with [`PASSWORD`] and a change to [`NEW`] asked for, and the token that was mailed.
async fn with_change(world: &World, post: &Post) -> (CurrentSession, String) {
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    world.ask_for_change(&current, NEW).await.unwrap();
    (current, post.token().await)
}

#[tokio::test]
async fn a_change_is_mailed_to_the_new_address_and_works_signed_in_or_out() {
    for signed_in in [true, false] {
        let world = World::new().await;
        let post = Post::of(&world).await;
        let ana = world.sign_up(ANA).await;
        let current = world.current(&ana).await;
        world.ask_for_change(&current, "Ana@New.Example").await.unwrap();
        let mail = post.new_mail().await;
        assert_eq!(mail.to.as_str(), NEW);
        assert!(mail.text.contains("&callbackURL=%2Fhere\n"), "{}", mail.text);
        // Nothing changes before the click.
        assert_eq!(world.address(ana.user.id).await, (ANA.to_owned(), false));

        let token = token(&mail);
        let followed = world.follow(signed_in.then_some(&current), &token).await.unwrap();

        let Followed::Changed(user) = followed else {
            panic!("{followed:?}")
        };
        assert_eq!((&*user.email, user.id), (NEW, ana.user.id));
        // Whether it was proven stays as it was, as in Better Auth.
        assert_eq!(world.address(ana.user.id).await, (NEW.to_owned(), false));
        assert!(world.find(&ana.secret).await.is_some());
        assert!(world.sign_in(NEW, PASSWORD).await.is_ok());
        assert!(world.sign_in(ANA, PASSWORD).await.is_err());
        // The old address is not any more what the link was made for.
        let again = world.follow(None, &token).await.unwrap_err();
        assert!(matches!(again, ProofError::Invalid), "{again:?}");
    }
}

#[tokio::test]
async fn a_change_to_the_own_address_is_refused_and_one_to_somebody_elses_is_not_mailed() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let current = world.current(&world.sign_up(ANA).await).await;
    world.test.user("Bo Lind").await;

    let same = world
        .ask_for_change(&current, "ANA@example.test")
        .await
        .unwrap_err();
    assert!(matches!(same, ProofError::SameAddress), "{same:?}");
    world
        .ask_for_change(&current, "bo.lind@example.com")
        .await
        .unwrap();

    assert!(post.new_mails().await.is_empty());
}

#[tokio::test]
async fn a_change_is_refused_in_somebody_elses_browser() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_change(&world, &post).await;
    let bo = world.test.user("Bo Lind").await;
    let (others, _) = world.session_of(bo).await;

    let refused = world.follow(Some(&others), &token).await.unwrap_err();

    assert!(matches!(refused, ProofError::OtherUser), "{refused:?}");
    assert_eq!(
        (refused.kind(), refused.code()),
        (FaultKind::Unauthenticated, "INVALID_USER")
    );
    assert_eq!(world.address(current.user.id).await.0, ANA);
    world.follow(Some(&current), &token).await.unwrap();
}

#[tokio::test]
async fn a_change_is_dead_once_the_address_or_the_password_has_changed() {
    for what in ["address", "password", "reset", "time"] {
        let world = World::new().await;
        let post = Post::of(&world).await;
        let (current, token) = with_change(&world, &post).await;
        let cx = at(Duration::ZERO);
        match what {
            "address" => {
                world
                    .ask_for_change(&current, "other@example.test")
                    .await
                    .unwrap();
                world.follow(None, &post.token().await).await.unwrap();
            }
            "password" => {
                let change = Change {
                    current: Password::new(PASSWORD),
                    new: Password::new("another horse battery"),
                    renew: None,
                };
                passwords::change(&world.db, &cx, &world.auth, &current, change)
                    .await
                    .unwrap();
            }
            "reset" => {
                resets::request(&world.db, &cx, &world.auth, &email(ANA), None)
                    .await
                    .unwrap();
                let password = Password::new("another horse battery");
                resets::reset(&world.db, &cx, &world.auth, &post.token().await, &password)
                    .await
                    .unwrap();
            }
            _ => {}
        }

        let after = if what == "time" {
            Duration::hours(1)
        } else {
            Duration::ZERO
        };
        let dead = world
            .follow_at(after, &world.auth, Some(&current), &token)
            .await
            .unwrap_err();

        match what {
            "time" => assert!(matches!(dead, ProofError::Expired), "{what}: {dead:?}"),
            _ => assert!(matches!(dead, ProofError::Invalid), "{what}: {dead:?}"),
        }
        assert_ne!(world.address(current.user.id).await.0, NEW, "{what}");
    }
}

#[tokio::test]
async fn in_the_compatibility_profile_a_change_outlives_the_password() {
    let world = World::ruled(Policy::compatibility()).await;
    let post = Post::of(&world).await;
    let (current, token) = with_change(&world, &post).await;
    world
        .set_hash(current.user.id, &cheap::hash("another horse battery"))
        .await;

    world.follow(None, &token).await.unwrap();

    assert_eq!(world.address(current.user.id).await.0, NEW);
}

#[tokio::test]
async fn a_change_is_refused_once_somebody_else_has_the_address() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_change(&world, &post).await;
    world.sign_up(NEW).await;

    let taken = world.follow(Some(&current), &token).await.unwrap_err();

    assert!(matches!(taken, ProofError::Taken(_)), "{taken:?}");
    assert_eq!(
        (taken.kind(), taken.code()),
        (FaultKind::Conflict, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")
    );
    assert_eq!(world.address(current.user.id).await, (ANA.to_owned(), false));
}

#[tokio::test]
async fn a_change_of_a_user_who_is_gone_is_nobodys() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_change(&world, &post).await;
    world
        .execute("delete from \"user\" where id = $1", current.user.id)
        .await;

    let gone = world.follow(None, &token).await.unwrap_err();

    assert!(matches!(gone, ProofError::UserNotFound), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_follow_one_change_at_once_one_succeeds() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    for round in 0..race_rounds() {
        let ana = world.test.user(&format!("Ana {round}")).await;
        let (current, _) = world.session_of(ana).await;
        let new = format!("new{round}@example.test");
        world.ask_for_change(&current, &new).await.unwrap();
        let token = post.token().await;

        let answers = join_all((0..64).map(|_| world.follow(Some(&current), &token))).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(error, ProofError::Invalid), "round {round}: {error:?}");
        }
        assert_eq!(world.address(ana).await, (new, true));
    }
}

#[tokio::test]
async fn links_that_an_older_secret_has_signed_still_work() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, change) = with_change(&world, &post).await;
    world.ask_for_proof(None, ANA).await.unwrap();
    let proof = post.token().await;
    let newer = "a-newer-secret-of-the-tests-0123456789";
    let replaced = auth([newer], Policy::default(), 1, 1);
    let rotated = auth([newer, SECRET], Policy::default(), 1, 1);

    for token in [&proof, &change] {
        let refused = world
            .follow_at(Duration::ZERO, &replaced, None, token)
            .await
            .unwrap_err();
        assert!(matches!(refused, ProofError::Invalid), "{refused:?}");
        world
            .follow_at(Duration::ZERO, &rotated, None, token)
            .await
            .unwrap();
    }

    assert_eq!(world.address(current.user.id).await, (NEW.to_owned(), true));
}
