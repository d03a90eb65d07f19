use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::deletions::{self, Deletion};
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::resets::{self, ResetError};
use wardkeep_auth::{Policy, email_proofs};
use wardkeep_tenancy::{Fault as _, FaultKind, UserId};
use wardkeep_testkit::race_rounds;

use crate::cheap;
use crate::post::{Post, token};
use crate::world::{PASSWORD, World, at, email};

const ANA: &str = "ana@example.test";
const NEW: &str = "another horse battery";

async fn request(world: &World, post: &Post) -> String {
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(ANA), None)
        .await
        .unwrap();
    post.token().await
}

async fn reset_at(world: &World, after: Duration, token: &str, password: &str) -> Result<(), ResetError> {
    resets::reset(
        &world.db,
        &at(after),
        &world.auth,
        token,
        &Password::new(password),
    )
    .await
}

async fn reset(world: &World, token: &str) -> Result<(), ResetError> {
    reset_at(world, Duration::ZERO, token, NEW).await
}

async fn is_valid(world: &World, after: Duration, token: &str) -> bool {
    resets::is_valid(&world.db, &at(after), token).await.unwrap()
}

async fn providers(world: &World) -> Vec<String> {
    sqlx::query_scalar("select \"providerId\" from account order by 1")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap()
}

async fn is_proven(world: &World, user: UserId) -> bool {
    sqlx::query_scalar("select \"emailVerified\" from \"user\" where id = $1")
        .bind(user.as_uuid())
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_link_in_the_mail_leads_to_the_configured_base_url_and_back_to_the_page_asked_for() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;

    let cx = at(Duration::ZERO);
    resets::request(
        &world.db,
        &cx,
        &world.auth,
        &email("ANA@example.TEST"),
        Some("/new password?a=b"),
    )
    .await
    .unwrap();

    let mail = post.new_mail().await;
    assert_eq!(mail.to.as_str(), ANA);
    let link = format!(
        "\nhttp://wardkeep.test/api/auth/reset-password/{}?callbackURL=%2Fnew+password%3Fa%3Db\n",
        token(&mail)
    );
    assert!(mail.text.contains(&link), "{}", mail.text);
}

#[tokio::test]
async fn nobody_gets_a_mail_at_an_unknown_address() {
    let world = World::new().await;
    let post = Post::of(&world).await;

    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(ANA), None)
        .await
        .unwrap();

    assert!(post.new_mails().await.is_empty());
    assert_eq!(
        (world.count("verification").await, world.count("outbox").await),
        (1, 1)
    );
}

#[tokio::test]
async fn a_token_sets_the_password_once() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let token = request(&world, &post).await;
    assert_eq!(token.len(), 24);
    assert!(is_valid(&world, Duration::ZERO, &token).await);

    reset(&world, &token).await.unwrap();

    assert!(!is_valid(&world, Duration::ZERO, &token).await);
    let again = reset_at(&world, Duration::ZERO, &token, "yet another battery")
        .await
        .unwrap_err();
    assert!(matches!(again, ResetError::InvalidToken), "{again:?}");
    assert_eq!(
        (again.kind(), again.code()),
        (FaultKind::Invalid, "INVALID_TOKEN")
    );
    assert!(world.sign_in(ANA, PASSWORD).await.is_err());
    assert!(world.sign_in(ANA, NEW).await.is_ok());
}

#[tokio::test]
async fn a_token_lives_an_hour() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let [early, late] = [request(&world, &post).await, request(&world, &post).await];
    let hour = Duration::hours(1);

    assert!(!is_valid(&world, hour, &late).await);
    let error = reset_at(&world, hour, &late, NEW).await.unwrap_err();
    assert!(matches!(error, ResetError::InvalidToken), "{error:?}");
    let before = hour - Duration::milliseconds(1);
    assert!(is_valid(&world, before, &early).await);
    reset_at(&world, before, &early, NEW).await.unwrap();
}

#[tokio::test]
async fn a_password_that_may_not_be_chosen_does_not_use_the_token_up() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let token = request(&world, &post).await;

    for (password, expected) in [
        ("short", PasswordError::TooShort),
        (&*"x".repeat(129), PasswordError::TooLong),
        ("Password1", PasswordError::Common),
    ] {
        let error = reset_at(&world, Duration::ZERO, &token, password)
            .await
            .unwrap_err();
        assert!(
            matches!(&error, ResetError::Password(found) if *found == expected),
            "{error:?}"
        );
    }

    reset(&world, &token).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_has_nothing_hashed() {
    // One hash at a time, and nobody waits: who came to the hasher meanwhile was told so.
    let world = World::hashing(1, 0).await;
    let post = Post::of(&world).await;
    world.sign_up(ANA).await;
    let token = request(&world, &post).await;
    let wrong = "A".repeat(24);

    let refused = join_all((0..32).map(|_| reset(&world, &wrong))).await;
    let hashed = join_all((0..32).map(|_| reset(&world, &token))).await;

    for answer in refused {
        assert!(matches!(answer, Err(ResetError::InvalidToken)), "{answer:?}");
    }
    let busy =
        |answer: &Result<(), ResetError>| matches!(answer, Err(ResetError::Password(PasswordError::Busy)));
    assert!(hashed.iter().any(busy), "{hashed:?}");
}

#[tokio::test]
async fn cve_2026_110862_a_token_of_another_purpose_resets_nothing() {
    let world = World::ruled(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));

    deletions::delete(db, &cx, auth, &current, Deletion::default())
        .await
        .unwrap();
    let delete = post.token().await;
    email_proofs::request(db, &cx, auth, None, &email(ANA), None)
        .await
        .unwrap();
    let verify = post.token().await;
    email_proofs::request_change(db, &cx, auth, &current, &email("bo@example.test"), None)
        .await
        .unwrap();
    let change = post.token().await;
    let stored: String = world.value("select identifier from verification").await;

    let prefixed = [
        format!("reset-password:{delete}"),
        format!("delete-account-{delete}"),
    ];
    for other in [
        &delete,
        &verify,
        &change,
        &stored,
        &ana.session.token,
        &prefixed[0],
        &prefixed[1],
    ] {
        assert!(!is_valid(&world, Duration::ZERO, other).await);
        let error = reset(&world, other).await.unwrap_err();
        assert!(matches!(error, ResetError::InvalidToken), "{other}: {error:?}");
    }
    assert!(world.sign_in(ANA, PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_use_one_token_at_once_one_resets() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await.user.id;
    for round in 0..race_rounds() {
        world.set_hash(ana, &cheap::hash(PASSWORD)).await;
        let token = request(&world, &post).await;

        let resets = (0..64).map(|_| reset(&world, &token));
        let answers = join_all(resets).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, ResetError::InvalidToken),
                "round {round}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn by_the_usual_rules_a_reset_ends_sessions_voids_tokens_and_proves_the_address() {
    let world = World::ruled(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let post = Post::of(&world).await;
    let bo = world.sign_up("bo@example.test").await;
    let ana = world.sign_up(ANA).await;
    let phone = world.sign_in(ANA, PASSWORD).await.unwrap();
    world.link(ana.user.id, "github").await;
    world.link(bo.user.id, "github").await;
    let current = world.current(&ana).await;
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    deletions::delete(db, &cx, auth, &current, Deletion::default())
        .await
        .unwrap();
    post.token().await;
    let [first, second] = [request(&world, &post).await, request(&world, &post).await];

    reset(&world, &second).await.unwrap();

    assert!(world.find(&ana.secret).await.is_none() && world.find(&phone.secret).await.is_none());
    assert!(matches!(
        reset(&world, &first).await,
        Err(ResetError::InvalidToken)
    ));
    assert_eq!(world.count("verification").await, 0);
    assert!(is_proven(&world, ana.user.id).await);
    // Linked while anybody could have had the address.
    assert_eq!(providers(&world).await, ["credential", "credential", "github"]);
    // Nobody else is touched.
    assert!(world.find(&bo.secret).await.is_some() && !is_proven(&world, bo.user.id).await);
}

#[tokio::test]
async fn what_was_linked_to_a_proven_address_stays() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    world
        .execute(
            "update \"user\" set \"emailVerified\" = true where id = $1",
            ana.user.id,
        )
        .await;
    world.link(ana.user.id, "github").await;
    let token = request(&world, &post).await;

    reset(&world, &token).await.unwrap();

    assert_eq!(providers(&world).await, ["credential", "github"]);
    assert!(world.find(&ana.secret).await.is_none());
}

#[tokio::test]
async fn in_the_compatibility_profile_a_reset_changes_the_password_alone() {
    let world = World::ruled(Policy::compatibility()).await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    world.link(ana.user.id, "github").await;
    let [first, second] = [request(&world, &post).await, request(&world, &post).await];

    reset_at(&world, Duration::ZERO, &second, "password1")
        .await
        .unwrap();

    assert!(world.find(&ana.secret).await.is_some());
    assert!(!is_proven(&world, ana.user.id).await);
    assert_eq!(providers(&world).await, ["credential", "github"]);
    assert!(is_valid(&world, Duration::ZERO, &first).await);
    assert!(world.sign_in(ANA, "password1").await.is_ok());
}

#[tokio::test]
async fn who_has_no_password_gets_one() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.test.user("Ana Reyes").await;
    world.link(ana, "github").await;
    let address = "ana.reyes@example.com";
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(address), None)
        .await
        .unwrap();
    let token = post.token().await;

    reset(&world, &token).await.unwrap();

    assert_eq!(world.sign_in(address, NEW).await.unwrap().user.id, ana);
    assert_eq!(providers(&world).await, ["credential", "github"]);
}

#[tokio::test]
async fn the_token_of_a_user_who_is_gone_resets_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    let token = request(&world, &post).await;
    world
        .execute("delete from \"user\" where id = $1", ana.user.id)
        .await;

    let error = reset(&world, &token).await.unwrap_err();

    assert!(matches!(error, ResetError::UserNotFound), "{error:?}");
    assert_eq!(world.count("account").await, 0);
}
