//! Whoever signs up first with somebody else's address keeps nothing once its owner has proven the mailbox.

use time::Duration;
use wardkeep_auth::deletions::{self, Deletion, DeletionError};
use wardkeep_auth::email_proofs::{self, Followed, ProofError};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::resets::{self, ResetError};
use wardkeep_auth::{CurrentSession, Policy};
use wardkeep_testkit::race_rounds;

use crate::cheap;
use crate::interleaving::Held;
use crate::post::{Post, token};
use crate::world::{PASSWORD, World, at, email};

const VICTIM: &str = "victim@example.test";
const ATTACKER: &str = "attacker@example.test";
const NEW: &str = "the victim's own password";

async fn request(world: &World) {
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(VICTIM), None)
        .await
        .unwrap();
}

async fn reset(world: &World, token: &str) -> Result<(), ResetError> {
    resets::reset(
        &world.db,
        &at(Duration::ZERO),
        &world.auth,
        token,
        &Password::new(NEW),
    )
    .await
}

async fn ask_to_change(world: &World, current: &CurrentSession) {
    email_proofs::request_change(
        &world.db,
        &at(Duration::ZERO),
        &world.auth,
        current,
        &email(ATTACKER),
        None,
    )
    .await
    .unwrap();
}

async fn follow(
    world: &World,
    current: Option<&CurrentSession>,
    token: &str,
) -> Result<Followed, ProofError> {
    email_proofs::follow(&world.db, &at(Duration::ZERO), &world.auth, current, token).await
}

/// The address of the only user, and whether it is proven.
async fn user(world: &World) -> (String, bool) {
    sqlx::query_as("select email, \"emailVerified\" from \"user\"")
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_attacker_who_signs_up_first_keeps_nothing_once_the_victim_has_proven_the_mailbox() {
    let world = World::ruled(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let attacker = world.sign_up(VICTIM).await;
    let phone = world.sign_in(VICTIM, PASSWORD).await.unwrap();
    let current = world.current(&attacker).await;
    ask_to_change(&world, &current).await;
    let change = post.token().await;
    deletions::delete(db, &cx, auth, &current, Deletion::default())
        .await
        .unwrap();
    let delete = post.token().await;
    world.link(attacker.user.id, "github").await;
    request(&world).await;
    let earlier = post.token().await;

    request(&world).await;
    let victims = post.new_mail().await;
    assert_eq!(victims.to.as_str(), VICTIM);
    reset(&world, &token(&victims)).await.unwrap();

    // The password and the sessions.
    assert!(world.sign_in(VICTIM, PASSWORD).await.is_err());
    assert!(world.find(&attacker.secret).await.is_none() && world.find(&phone.secret).await.is_none());
    // The way in elsewhere.
    let others: i64 = world
        .value("select count(*) from account where \"providerId\" <> 'credential'")
        .await;
    assert_eq!(others, 0);
    // The link to another address; with what is left of the session, or without.
    for current in [None, Some(&current)] {
        let followed = follow(&world, current, &change).await;
        assert!(matches!(followed, Err(ProofError::Invalid)), "{followed:?}");
    }
    // The link that deletes, even for a request that was under way.
    let deletion = Deletion {
        token: Some(delete),
        ..Deletion::default()
    };
    let deleted = deletions::delete(db, &cx, auth, &current, deletion).await;
    assert!(matches!(deleted, Err(DeletionError::InvalidToken)), "{deleted:?}");
    // The earlier reset.
    assert!(matches!(
        reset(&world, &earlier).await,
        Err(ResetError::InvalidToken)
    ));
    assert_eq!(world.count("verification").await, 0);

    let victim = world.sign_in(VICTIM, NEW).await.unwrap();
    assert_eq!(user(&world).await, (VICTIM.to_owned(), true));
    assert_eq!(
        (victim.user.id, world.count("session").await),
        (attacker.user.id, 1)
    );
    // A link that the attacker asked for before works no better for the victim's browser.
    let victim = world.current(&victim).await;
    assert!(matches!(
        follow(&world, Some(&victim), &change).await,
        Err(ProofError::Invalid)
    ));
}

#[tokio::test]
async fn a_request_that_began_before_the_reset_and_goes_on_after_it_gets_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let attacker = world.sign_up(VICTIM).await;
    let current = world.current(&attacker).await;
    request(&world).await;
    reset(&world, &post.token().await).await.unwrap();

    ask_to_change(&world, &current).await;
    let cx = at(Duration::ZERO);
    let deleted = deletions::delete(&world.db, &cx, &world.auth, &current, Deletion::default()).await;

    assert!(post.new_mails().await.is_empty());
    assert!(matches!(deleted, Err(DeletionError::NotFresh)), "{deleted:?}");
    assert_eq!(user(&world).await, (VICTIM.to_owned(), true));
}

#[tokio::test]
async fn an_address_that_changes_before_the_reset_voids_its_link_and_proves_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let attacker = world.sign_up(VICTIM).await;
    request(&world).await;
    let victims = post.token().await;
    let current = world.current(&attacker).await;
    ask_to_change(&world, &current).await;
    follow(&world, Some(&current), &post.token().await).await.unwrap();

    let refused = reset(&world, &victims).await;

    assert!(matches!(refused, Err(ResetError::InvalidToken)), "{refused:?}");
    assert_eq!(user(&world).await, (ATTACKER.to_owned(), false));
    assert!(world.sign_in(ATTACKER, NEW).await.is_err());
    // The address is free for its owner.
    world.sign_up(VICTIM).await;
}

#[tokio::test]
async fn a_reset_asked_for_while_the_address_changes_is_sent_to_nobody_or_void() {
    for change_first in [false, true] {
        let world = World::new().await;
        let post = Post::of(&world).await;
        let attacker = world.sign_up(VICTIM).await;
        let current = world.current(&attacker).await;
        ask_to_change(&world, &current).await;
        let change = post.token().await;

        if change_first {
            // The change has the user's row, and waits to void tokens; the request comes then.
            let mut held = Held::by(&world, "lock table verification in share mode").await;
            let between = async {
                held.until_waiting(1).await;
                let release = async {
                    held.until_waiting(2).await;
                    held.release().await;
                };
                tokio::join!(request(&world), release);
            };
            tokio::join!(async { follow(&world, None, &change).await.unwrap() }, between);
        } else {
            // The request has made its token, which nobody else sees yet; the change comes then.
            let mut held = Held::by(&world, "lock table outbox in share mode").await;
            let between = async {
                held.until_waiting(1).await;
                let mut following = Box::pin(follow(&world, None, &change));
                let followed = tokio::select! {
                    followed = &mut following => Some(followed),
                    () = held.until_waiting(2) => None,
                };
                held.release().await;
                match followed {
                    Some(followed) => followed,
                    None => following.await,
                }
                .unwrap();
            };
            tokio::join!(request(&world), between);
        }

        assert_eq!(user(&world).await, (ATTACKER.to_owned(), false));
        for mail in post.new_mails().await {
            let refused = reset(&world, &token(&mail)).await;
            assert!(matches!(refused, Err(ResetError::InvalidToken)), "{refused:?}");
        }
        assert_eq!(user(&world).await, (ATTACKER.to_owned(), false));
    }
}

/// Either the address changed first, and the reset's token is void; or the reset came first, and the link to another
/// address is. Never is the attacker's address proven by the victim's reset, and nobody is told of an internal error.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_and_a_reset_at_the_same_moment_come_one_after_the_other() {
    let world = World::ruled(Policy {
        limit_guesses: false,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;
    let attacker = world.sign_up(VICTIM).await.user.id;
    let mut won = [0, 0];
    for round in 0..race_rounds() {
        world
            .execute(
                "update \"user\" set email = 'victim@example.test', \"emailVerified\" = false where id = $1",
                attacker,
            )
            .await;
        world.set_hash(attacker, &cheap::hash(PASSWORD)).await;
        let (current, _) = world.session_of(attacker).await;
        ask_to_change(&world, &current).await;
        let change = post.token().await;
        request(&world).await;
        let victims = post.token().await;

        // Both wait for the user's row, in the one order or the other.
        let lock = format!("select from \"user\" where id = '{attacker}' for update");
        let mut held = Held::by(&world, &lock).await;
        let meeting = async {
            held.until_waiting(2).await;
            held.release().await;
        };
        let following = async {
            if round % 2 == 0 {
                while waiting(&world).await == 0 {}
            }
            follow(&world, Some(&current), &change).await
        };
        let (followed, changed, ()) = tokio::join!(following, reset(&world, &victims), meeting);

        let (address, proven) = user(&world).await;
        match (followed, changed) {
            (Ok(Followed::Changed(_)), Err(ResetError::InvalidToken)) => {
                won[0] += 1;
                assert_eq!((&*address, proven), (ATTACKER, false), "round {round}");
                let hash: String = world.value("select password from account").await;
                assert_eq!(hash, cheap::hash(PASSWORD), "round {round}");
            }
            (Err(ProofError::Invalid), Ok(())) => {
                won[1] += 1;
                assert_eq!((&*address, proven), (VICTIM, true), "round {round}");
                assert_eq!(world.count("session").await, 0, "round {round}");
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert!(
        won[0] > 0 && won[1] > 0,
        "the same came first in each round: {won:?}"
    );
}

async fn waiting(world: &World) -> i64 {
    world
        .value(
            "select count(*) from pg_stat_activity
             where datname = current_database() and usename = 'wardkeep_app' and wait_event_type = 'Lock'",
        )
        .await
}
