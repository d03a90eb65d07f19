//! How often a password may be guessed: NIST SP 800-63B, section 3.2.2.

use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::credentials::{self as passwords, Change, CredentialError};
use wardkeep_auth::deletions::{self, Deletion, DeletionError};
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::sign_in::{self, SignInError};
use wardkeep_auth::{Auth, Policy, resets};
use wardkeep_tenancy::{Database, Fault as _, FaultKind, UserId};

use crate::cheap::{self, UNVERIFIABLE};
use crate::post::Post;
use crate::world::{PASSWORD, World, at, credentials, email};

const ANA: &str = "ana.reyes@example.com";
const WRONG: &str = "correct horse batterz";
const TEN_YEARS: Duration = Duration::days(3653);

/// A user with [`PASSWORD`], which is verified in no time.
async fn ana(world: &World) -> UserId {
    let ana = world.test.user("Ana Reyes").await;
    world.set_hash(ana, &cheap::hash(PASSWORD)).await;
    ana
}

async fn guessed(world: &World) -> i32 {
    world
        .value("select coalesce(max(guesses), 0) from password_guesses")
        .await
}

/// Guesses wrong so often, each time as soon as it is allowed, and returns how long that took.
async fn guess_wrong(world: &World, times: i32) -> Duration {
    let mut passed = Duration::ZERO;
    for number in 1..=times {
        passed += pause_before(number);
        let error = world.sign_in_at(passed, ANA, WRONG).await.unwrap_err();
        assert!(matches!(error, SignInError::InvalidCredentials), "{error:?}");
    }
    passed
}

/// How long the guess of this number waits after the one before it: ten are free, then 2, 4, 8 seconds and so on, up to
/// 900.
fn pause_before(number: i32) -> Duration {
    match number {
        ..=10 => Duration::ZERO,
        11..=19 => Duration::seconds(1 << (number - 10)),
        _ => Duration::seconds(900),
    }
}

#[tokio::test]
async fn ten_guesses_are_free_and_then_come_pauses_of_2_4_8_up_to_900_seconds() {
    let world = World::new().await;
    ana(&world).await;
    guess_wrong(&world, 10).await;
    assert_eq!(guessed(&world).await, 10);

    let mut passed = Duration::ZERO;
    for (number, pause) in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
        .into_iter()
        .enumerate()
    {
        let number = 10 + i32::try_from(number).unwrap();
        let early = passed + Duration::seconds(pause) - Duration::milliseconds(1);
        world.sign_in_at(early, ANA, PASSWORD).await.unwrap_err();
        assert_eq!(guessed(&world).await, number, "one was checked within {pause} s");

        passed += Duration::seconds(pause);
        world.sign_in_at(passed, ANA, WRONG).await.unwrap_err();
        assert_eq!(
            guessed(&world).await,
            number + 1,
            "none was checked after {pause} s"
        );
    }
}

#[tokio::test]
async fn after_a_hundred_wrong_ones_the_right_password_is_refused_for_ever_and_a_reset_by_mail_opens() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = ana(&world).await;
    let (current, _) = world.session_of(ana).await;

    guess_wrong(&world, 99).await;
    assert!(post.new_mails().await.is_empty());
    let passed = (1..=100).map(pause_before).sum::<Duration>();
    world.sign_in_at(passed, ANA, WRONG).await.unwrap_err();

    let mail = post.new_mail().await;
    assert_eq!(
        (mail.to.as_str(), &*mail.subject),
        (ANA, "Signing in was blocked")
    );
    for (after, password) in [
        (passed + Duration::hours(1), PASSWORD),
        (TEN_YEARS, PASSWORD),
        (TEN_YEARS, WRONG),
    ] {
        let error = world.sign_in_at(after, ANA, password).await.unwrap_err();
        assert!(matches!(error, SignInError::InvalidCredentials), "{error:?}");
    }
    assert!(post.new_mails().await.is_empty(), "told once");
    // Whoever is signed in stays so.
    assert_eq!(current.user.id, ana);
    assert_eq!(world.count("session").await, 1);

    let cx = at(TEN_YEARS);
    resets::request(&world.db, &cx, &world.auth, &email(ANA), None)
        .await
        .unwrap();
    let new = Password::new("another horse battery");
    let token = post.token().await;
    resets::reset(&world.db, &cx, &world.auth, &token, &new)
        .await
        .unwrap();
    world
        .sign_in_at(TEN_YEARS, ANA, "another horse battery")
        .await
        .unwrap();
    assert_eq!(guessed(&world).await, 0);
}

#[tokio::test]
async fn the_hundredth_may_be_the_right_one() {
    let world = World::new().await;
    ana(&world).await;
    let passed = guess_wrong(&world, 99).await;

    world
        .sign_in_at(passed + Duration::seconds(900), ANA, PASSWORD)
        .await
        .unwrap();

    assert_eq!(guessed(&world).await, 0);
}

#[tokio::test]
async fn the_right_password_in_between_starts_the_count_anew() {
    let world = World::new().await;
    let ana = ana(&world).await;
    let cx = at(Duration::ZERO);
    for way in ["sign-in", "verify", "change"] {
        guess_wrong(&world, 9).await;
        let (current, _) = world.session_of(ana).await;
        world.set_hash(ana, &cheap::hash(PASSWORD)).await;
        match way {
            "sign-in" => drop(world.sign_in_at(Duration::ZERO, ANA, PASSWORD).await.unwrap()),
            "verify" => passwords::verify(&world.db, &cx, &world.auth, ana, &Password::new(PASSWORD))
                .await
                .unwrap(),
            _ => drop(
                passwords::change(&world.db, &cx, &world.auth, &current, change(PASSWORD))
                    .await
                    .unwrap(),
            ),
        }
        assert_eq!(guessed(&world).await, 0, "{way}");
    }
}

fn change(current: &str) -> Change {
    Change {
        current: Password::new(current),
        new: Password::new("another horse battery"),
        renew: None,
    }
}

#[tokio::test]
async fn the_right_password_is_no_guess_although_the_deletion_goes_on_by_mail_or_fails() {
    let by_mail = Policy {
        confirm_deletion: true,
        ..Policy::default()
    };
    for policy in [by_mail, Policy::default()] {
        let world = World::ruled(policy).await;
        let ana = ana(&world).await;
        let (current, _) = world.session_of(ana).await;
        let clinic = world.test.organization("North").await;
        world.test.member(clinic, ana, "owner").await;

        for _ in 0..12 {
            let deletion = Deletion {
                password: Some(Password::new(PASSWORD)),
                ..Deletion::default()
            };
            let deleted =
                deletions::delete(&world.db, &at(Duration::ZERO), &world.auth, &current, deletion).await;
            match deleted {
                Ok(deleted) => assert_eq!(deleted, deletions::Deleted::ByMail),
                Err(error) => assert!(matches!(error, DeletionError::OnlyOwner), "{error:?}"),
            }
        }
        assert_eq!(guessed(&world).await, 0);
    }
}

#[tokio::test]
async fn a_free_guess_is_free_also_for_a_request_that_began_earlier_and_came_later() {
    let world = World::new().await;
    ana(&world).await;
    world
        .sign_in_at(Duration::milliseconds(5), ANA, WRONG)
        .await
        .unwrap_err();

    let slower = world.sign_in_at(Duration::ZERO, ANA, PASSWORD).await;

    assert!(slower.is_ok(), "{slower:?}");
}

/// How many of 64 guesses at the same moment, spread over these servers, were checked.
async fn checked_at_once(servers: &[(&Database, &Auth)]) -> usize {
    let guesses = (0..64).map(|number| async move {
        let (db, auth) = servers[number % servers.len()];
        sign_in::with_password(db, &at(Duration::ZERO), auth, credentials(ANA, WRONG)).await
    });
    let answers = join_all(guesses).await;
    let checked = |answer: &Result<_, SignInError>| match answer {
        Err(SignInError::Password(PasswordError::Failed)) => true,
        Err(SignInError::InvalidCredentials) => false,
        other => panic!("{other:?}"),
    };
    answers.iter().filter(|answer| checked(answer)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_guesses_at_once_on_two_servers_ten_are_checked() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    world.set_hash(ana, UNVERIFIABLE).await;
    let (db, auth) = world.second_server(Policy::default()).await;

    let checked = checked_at_once(&[(&world.db, &world.auth), (&db, &auth)]).await;

    assert_eq!((checked, guessed(&world).await), (10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_guesses_at_once_after_98_two_pass_never_more_than_a_hundred_in_all() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    world.set_hash(ana, UNVERIFIABLE).await;
    world
        .execute("insert into password_guesses values ($1, 98, '-infinity')", ana)
        .await;
    let servers = [(&world.db, &world.auth)];

    // One passes, and the next only after its pause.
    assert_eq!(checked_at_once(&servers).await, 1);
    world
        .execute(
            "update password_guesses set next_at = '-infinity' where user_id = $1",
            ana,
        )
        .await;
    assert_eq!(checked_at_once(&servers).await, 1);
    world
        .execute(
            "update password_guesses set next_at = '-infinity' where user_id = $1",
            ana,
        )
        .await;
    assert_eq!(checked_at_once(&servers).await, 0);
    assert_eq!(guessed(&world).await, 100);
}

#[tokio::test]
async fn the_count_outlives_a_restart() {
    let world = World::new().await;
    ana(&world).await;
    guess_wrong(&world, 10).await;
    world.db.close().await;

    let (db, auth) = world.second_server(Policy::default()).await;
    let sign_in = |after| sign_in::with_password(&db, after, &auth, credentials(ANA, PASSWORD));

    let (early, later) = (at(Duration::seconds(1)), at(Duration::seconds(2)));
    assert!(matches!(
        sign_in(&early).await,
        Err(SignInError::InvalidCredentials)
    ));
    assert!(sign_in(&later).await.is_ok());
}

#[tokio::test]
async fn in_the_compatibility_profile_nothing_is_counted() {
    let world = World::ruled(Policy::compatibility()).await;
    let ana = ana(&world).await;
    world
        .execute("insert into password_guesses values ($1, 100, 'infinity')", ana)
        .await;

    for _ in 0..3 {
        world.sign_in_at(Duration::ZERO, ANA, WRONG).await.unwrap_err();
    }

    assert!(world.sign_in_at(Duration::ZERO, ANA, PASSWORD).await.is_ok());
    assert_eq!(guessed(&world).await, 100);
}

#[tokio::test]
async fn who_is_signed_in_guesses_no_more_often() {
    let world = World::new().await;
    let ana = ana(&world).await;
    let (current, _) = world.session_of(ana).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let deletion = |password| Deletion {
        password: Some(Password::new(password)),
        ..Deletion::default()
    };

    for number in 0..10 {
        let error = match number % 3 {
            0 => passwords::verify(db, &cx, auth, ana, &Password::new(WRONG))
                .await
                .unwrap_err(),
            1 => passwords::change(db, &cx, auth, &current, change(WRONG))
                .await
                .unwrap_err(),
            _ => match deletions::delete(db, &cx, auth, &current, deletion(WRONG))
                .await
                .unwrap_err()
            {
                DeletionError::Password(error) => error,
                other => panic!("{other:?}"),
            },
        };
        assert!(matches!(error, CredentialError::Wrong), "{number}: {error:?}");
    }

    let verified = passwords::verify(db, &cx, auth, ana, &Password::new(PASSWORD))
        .await
        .unwrap_err();
    assert!(
        matches!(verified, CredentialError::TooManyGuesses),
        "{verified:?}"
    );
    assert_eq!(
        (verified.kind(), verified.code()),
        (FaultKind::Limited, "TOO_MANY_GUESSES")
    );
    let changed = passwords::change(db, &cx, auth, &current, change(PASSWORD))
        .await
        .unwrap_err();
    assert!(matches!(changed, CredentialError::TooManyGuesses), "{changed:?}");
    let deleted = deletions::delete(db, &cx, auth, &current, deletion(PASSWORD))
        .await
        .unwrap_err();
    assert!(
        matches!(deleted, DeletionError::Password(CredentialError::TooManyGuesses)),
        "{deleted:?}"
    );
    assert!(world.sign_in_at(Duration::ZERO, ANA, PASSWORD).await.is_err());
    assert_eq!(world.count("\"user\"").await, 1);
}
