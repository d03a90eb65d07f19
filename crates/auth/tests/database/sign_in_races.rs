//! Sign-ins that meet a reset, a change or a deletion of the same user, or each other.

use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::credentials::{self as passwords, Change, CredentialError};
use wardkeep_auth::deletions::{self, Deleted, Deletion};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sessions::{self, Client, Remember};
use wardkeep_auth::sign_in::SignInError;
use wardkeep_auth::{Policy, resets};
use wardkeep_testkit::race_rounds;

use crate::cheap;
use crate::interleaving::Held;
use crate::post::Post;
use crate::world::{PASSWORD, World, at, email};

const ANA: &str = "ana@example.test";
const NEW: &str = "another horse battery";

/// Many sign-ins at once are many guesses.
fn unlimited() -> Policy {
    Policy {
        limit_guesses: false,
        ..Policy::default()
    }
}

async fn reset_token(world: &World, post: &Post) -> String {
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(ANA), None)
        .await
        .unwrap();
    post.token().await
}

async fn reset(world: &World, token: &str) {
    resets::reset(
        &world.db,
        &at(Duration::ZERO),
        &world.auth,
        token,
        &Password::new(NEW),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_session_that_is_made_while_the_reset_waits_is_ended_by_it() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let token = reset_token(&world, &post).await;
    let mut sessions_held = Held::by(&world, "lock table session in share mode").await;

    let between = async {
        // The password was checked and is held, the session not yet made; then the reset waits for the password.
        sessions_held.until_waiting(1).await;
        let release = async {
            sessions_held.until_waiting(2).await;
            sessions_held.release().await;
        };
        tokio::join!(reset(&world, &token), release);
    };
    let (signed_in, ()) = tokio::join!(world.sign_in(ANA, PASSWORD), between);

    assert!(world.find(&signed_in.unwrap().secret).await.is_none());
    assert_eq!(world.count("session").await, 0);
}

#[tokio::test]
async fn a_password_that_is_reset_after_it_was_checked_makes_no_session() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let token = reset_token(&world, &post).await;
    let mut sessions_held = Held::by(&world, "lock table session in share mode").await;

    let between = async {
        // The reset has put the new password and waits for the sessions; the sign-in waits for the password.
        sessions_held.until_waiting(1).await;
        let release = async {
            sessions_held.until_waiting(2).await;
            sessions_held.release().await;
        };
        tokio::join!(world.sign_in(ANA, PASSWORD), release).0
    };
    let ((), signed_in) = tokio::join!(reset(&world, &token), between);

    assert!(
        matches!(signed_in, Err(SignInError::InvalidCredentials)),
        "{signed_in:?}"
    );
    assert_eq!(world.count("session").await, 0);
    assert!(world.sign_in(ANA, NEW).await.is_ok());
}

#[tokio::test]
async fn a_session_that_is_made_while_the_change_waits_is_ended_by_it() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let mut sessions_held = Held::by(&world, "lock table session in share mode").await;
    let change = Change {
        current: Password::new(PASSWORD),
        new: Password::new(NEW),
        renew: Some((Client::default(), Remember::Yes)),
    };

    let between = async {
        sessions_held.until_waiting(1).await;
        let release = async {
            sessions_held.until_waiting(2).await;
            sessions_held.release().await;
        };
        let cx = at(Duration::ZERO);
        let changing = passwords::change(&world.db, &cx, &world.auth, &current, change);
        tokio::join!(changing, release).0
    };
    let (signed_in, changed) = tokio::join!(world.sign_in(ANA, PASSWORD), between);

    assert!(world.find(&signed_in.unwrap().secret).await.is_none());
    assert!(world.find(&changed.unwrap().unwrap().secret).await.is_some());
    assert_eq!(world.count("session").await, 1);
}

/// 64 sign-ins in the first round, and 2 in each other one: every one takes a hash.
#[tokio::test(flavor = "multi_thread")]
async fn of_sign_ins_with_the_old_password_at_the_moment_of_a_reset_no_session_is_left() {
    let world = World::ruled(unlimited()).await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await.user.id;
    let old: String = world.value("select password from account").await;
    for round in 0..race_rounds() {
        world
            .execute("delete from session where \"userId\" = $1", ana)
            .await;
        world.set_hash(ana, &old).await;
        let token = reset_token(&world, &post).await;

        let sign_ins = (0..if round == 0 { 64 } else { 2 }).map(|_| world.sign_in(ANA, PASSWORD));
        let (answers, ()) = tokio::join!(join_all(sign_ins), reset(&world, &token));

        assert_eq!(world.count("session").await, 0, "round {round}");
        for answer in answers {
            match answer {
                Ok(signed_in) => assert!(world.find(&signed_in.secret).await.is_none()),
                Err(error) => assert!(matches!(error, SignInError::InvalidCredentials), "{error:?}"),
            }
        }
    }
    assert!(world.sign_in(ANA, NEW).await.is_ok());
}

#[tokio::test]
async fn a_sign_in_and_a_deletion_at_the_same_moment_do_not_wait_for_each_other() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let mut sessions_held = Held::by(&world, "lock table session in share mode").await;

    let between = async {
        // The sign-in holds the password, and needs the user for its session.
        sessions_held.until_waiting(1).await;
        let release = async {
            sessions_held.until_waiting(2).await;
            sessions_held.release().await;
        };
        let cx = at(Duration::ZERO);
        let deletion = deletions::delete(&world.db, &cx, &world.auth, &current, Deletion::default());
        tokio::join!(deletion, release).0
    };
    let (signed_in, deleted) = tokio::join!(world.sign_in(ANA, PASSWORD), between);

    assert_eq!(deleted.unwrap(), Deleted::Now);
    assert!(world.find(&signed_in.unwrap().secret).await.is_none());
    for table in ["\"user\"", "account", "session", "password_guesses"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn who_signs_in_while_the_user_is_deleted_is_nobody() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let delete = format!("delete from \"user\" where id = '{}'", ana.user.id);
    let mut deletion = Held::by(&world, &delete).await;

    let commit = async {
        deletion.until_waiting(1).await;
        deletion.commit().await;
    };
    let (signed_in, ()) = tokio::join!(world.sign_in(ANA, PASSWORD), commit);

    assert!(
        matches!(signed_in, Err(SignInError::InvalidCredentials)),
        "{signed_in:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_and_deletions_at_once_end_in_nobody_signed_in() {
    let world = World::ruled(unlimited()).await;
    for round in 0..race_rounds() {
        let address = format!("ana.{round}@example.com");
        let ana = world.test.user(&format!("Ana {round}")).await;
        world.set_hash(ana, &cheap::hash(PASSWORD)).await;
        let (current, _) = world.session_of(ana).await;
        let cx = at(Duration::ZERO);

        let sign_ins = join_all((0..2).map(|_| world.sign_in(&address, PASSWORD)));
        let deletion = async {
            // Hashes take long, and a deletion does not: it comes when one of the sign-ins is through.
            while round % 2 == 0 && world.count("session").await < 2 {}
            deletions::delete(&world.db, &cx, &world.auth, &current, Deletion::default()).await
        };
        let (answers, deleted) = tokio::join!(sign_ins, deletion);

        assert_eq!(deleted.unwrap(), Deleted::Now);
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(error, SignInError::InvalidCredentials), "{error:?}");
        }
        assert_eq!(
            (
                world.count("session").await,
                world.count("password_guesses").await
            ),
            (0, 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_hash_is_replaced_once_by_several_sign_ins_at_once_which_all_succeed() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await.user.id;
    world.set_hash(ana, &cheap::hash(PASSWORD)).await;

    let answers = join_all((0..4).map(|_| world.sign_in(ANA, PASSWORD))).await;

    for answer in answers {
        assert!(answer.is_ok(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_changes_at_once_one_wins() {
    let world = World::ruled(unlimited()).await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let phone = world.sign_in(ANA, PASSWORD).await.unwrap();

    let changes = (0..8).map(|number| {
        let change = Change {
            current: Password::new(PASSWORD),
            new: Password::new(format!("horse battery {number}")),
            renew: Some((Client::default(), Remember::Yes)),
        };
        let (world, current) = (&world, &current);
        async move { passwords::change(&world.db, &at(Duration::ZERO), &world.auth, current, change).await }
    });
    let answers = join_all(changes).await;

    let winner = answers.iter().position(Result::is_ok).unwrap();
    for (number, answer) in answers.iter().enumerate() {
        if number != winner {
            assert!(matches!(answer, Err(CredentialError::Wrong)), "{answer:?}");
        }
    }
    let renewed = answers[winner].as_ref().unwrap().as_ref().unwrap();
    assert!(world.find(&renewed.secret).await.is_some());
    assert!(world.find(&ana.secret).await.is_none() && world.find(&phone.secret).await.is_none());
    assert!(world.sign_in(ANA, PASSWORD).await.is_err());
    assert!(
        world
            .sign_in(ANA, &format!("horse battery {winner}"))
            .await
            .is_ok()
    );
    assert_eq!(
        sessions::list(&world.db, &at(Duration::ZERO), ana.user.id)
            .await
            .unwrap()
            .total,
        2
    );
}
