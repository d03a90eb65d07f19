use time::Duration;
use wardkeep_auth::email_proofs::{self, Followed, ProofError};
use wardkeep_auth::{Auth, CurrentSession, Policy, resets};
use wardkeep_tenancy::{Fault as _, FaultKind, UserId};

use crate::post::Post;
use crate::world::{World, at, auth, email};

const ANA: &str = "ana@example.test";

impl World {
    pub(crate) async fn ask_for_proof(
        &self,
        current: Option<&CurrentSession>,
        address: &str,
    ) -> Result<(), ProofError> {
        let cx = at(Duration::ZERO);
        email_proofs::request(&self.db, &cx, &self.auth, current, &email(address), None).await
    }

    pub(crate) async fn ask_for_change(
        &self,
        current: &CurrentSession,
        address: &str,
    ) -> Result<(), ProofError> {
        let cx = at(Duration::ZERO);
        email_proofs::request_change(&self.db, &cx, &self.auth, current, &email(address), Some("/here")).await
    }

    pub(crate) async fn follow(
        &self,
        current: Option<&CurrentSession>,
        token: &str,
    ) -> Result<Followed, ProofError> {
        self.follow_at(Duration::ZERO, &self.auth, current, token).await
    }

    pub(crate) async fn follow_at(
        &self,
        after: Duration,
        auth: &Auth,
        current: Option<&CurrentSession>,
        token: &str,
    ) -> Result<Followed, ProofError> {
        email_proofs::follow(&self.db, &at(after), auth, current, token).await
    }

    /// The address of a user, and whether it is proven.
    pub(crate) async fn address(&self, user: UserId) -> (String, bool) {
        sqlx::query_as("select email, \"emailVerified\" from \"user\" where id = $1")
            .bind(user.as_uuid())
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
    }
}

/// A user with [`PASSWORD`](crate::world::PASSWORD) and a proof of the address to come, and the token that was mailed.
async fn with_proof(world: &World, post: &Post) -> (CurrentSession, String) {
    let ana = world.sign_up(ANA).await;
    world.ask_for_proof(None, ANA).await.unwrap();
    (world.current(&ana).await, post.token().await)
}

#[tokio::test]
async fn following_the_link_proves_the_address_again_and_again_and_ends_no_session() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_proof(&world, &post).await;

    for _ in 0..2 {
        assert_eq!(world.follow(None, &token).await.unwrap(), Followed::Proven);
        assert_eq!(world.address(current.user.id).await, (ANA.to_owned(), true));
    }

    assert_eq!(
        (world.count("session").await, world.count("account").await),
        (1, 1)
    );
}

#[tokio::test]
async fn nobody_is_mailed_whose_address_is_proven_or_unknown() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    world.test.user("Bo Lind").await;

    for address in ["bo.lind@example.com", "nobody@example.test"] {
        world.ask_for_proof(None, address).await.unwrap();
        assert!(post.new_mails().await.is_empty(), "{address}");
    }
}

#[tokio::test]
async fn who_is_signed_in_is_told_of_another_or_a_proven_address() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    let unproven = world.current(&ana).await;
    let bo = world.test.user("Bo Lind").await;
    let (proven, _) = world.session_of(bo).await;

    let other = world
        .ask_for_proof(Some(&unproven), "bo.lind@example.com")
        .await
        .unwrap_err();
    assert!(matches!(other, ProofError::OtherAddress), "{other:?}");
    assert_eq!(
        (other.kind(), other.code()),
        (FaultKind::Invalid, "EMAIL_MISMATCH")
    );
    let again = world
        .ask_for_proof(Some(&proven), "bo.lind@example.com")
        .await
        .unwrap_err();
    assert!(matches!(again, ProofError::AlreadyProven), "{again:?}");
    assert_eq!(world.count("outbox").await, 0);

    world.ask_for_proof(Some(&unproven), ANA).await.unwrap();
    let mail = post.new_mail().await;
    assert_eq!(mail.to.as_str(), ANA);
    assert!(
        mail.text
            .contains("\nhttp://wardkeep.test/api/auth/verify-email?token="),
        "{}",
        mail.text
    );
}

#[tokio::test]
async fn a_proof_is_over_after_an_hour() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_proof(&world, &post).await;

    let late = world
        .follow_at(Duration::hours(1), &world.auth, None, &token)
        .await
        .unwrap_err();

    assert!(matches!(late, ProofError::Expired), "{late:?}");
    assert_eq!(
        (late.kind(), late.code()),
        (FaultKind::Unauthenticated, "TOKEN_EXPIRED")
    );
    assert_eq!(world.address(current.user.id).await, (ANA.to_owned(), false));
    let early = Duration::hours(1) - Duration::seconds(1);
    world.follow_at(early, &world.auth, None, &token).await.unwrap();
}

#[tokio::test]
async fn a_proof_is_for_the_user_who_had_the_address_and_no_other() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let (current, token) = with_proof(&world, &post).await;
    world
        .execute("delete from \"user\" where id = $1", current.user.id)
        .await;

    let gone = world.follow(None, &token).await.unwrap_err();
    assert!(matches!(gone, ProofError::UserNotFound), "{gone:?}");
    assert_eq!(
        (gone.kind(), gone.code()),
        (FaultKind::Unauthenticated, "USER_NOT_FOUND")
    );

    let successor = world.sign_up(ANA).await;
    let other = world.follow(None, &token).await.unwrap_err();
    assert!(matches!(other, ProofError::Invalid), "{other:?}");
    assert_eq!(world.address(successor.user.id).await, (ANA.to_owned(), false));
}

#[tokio::test]
async fn cve_2026_110862_a_token_of_another_purpose_proves_nothing() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(ANA), None)
        .await
        .unwrap();
    let reset = post.token().await;
    let cookie = ana.secret.seal(world.auth.secrets());
    let forged = auth(
        ["another-secret-of-the-tests-0123456789"],
        Policy::default(),
        1,
        1,
    );
    let signed_by_others = forged.secrets().seal("eyJhbGciOiJIUzI1NiJ9.e30");

    for other in [&*reset, &cookie, &signed_by_others, "", "..", "a.b.c"] {
        let error = world.follow(None, other).await.unwrap_err();
        assert!(matches!(error, ProofError::Invalid), "{other}: {error:?}");
    }
    assert_eq!(world.address(ana.user.id).await, (ANA.to_owned(), false));
}
