use time::Duration;
use wardkeep_auth::Secrets;
use wardkeep_auth::sessions::{self, SessionError, SessionSecret};
use wardkeep_tenancy::{Asked, Fault as _, FaultKind};
use wardkeep_testkit::{Proxy, START};

use crate::world::{PASSWORD, World, at, patient};

#[tokio::test]
async fn the_secret_finds_its_session_and_user() {
    let world = World::new().await;
    world.sign_up("bo@example.test").await;
    let ana = world.sign_up("ana@example.test").await;

    let found = sessions::find(&world.db, &at(Duration::ZERO), &ana.secret, Asked::Active)
        .await
        .unwrap()
        .unwrap();

    assert_eq!(found.session, ana.session);
    assert_eq!(found.user, ana.user);
    assert_eq!(found.membership, None);
}

#[tokio::test]
async fn a_secret_of_no_session_finds_nothing_and_a_handle_opens_nothing() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let find = async |value: &str| {
        let sealed = world.auth.secrets().seal(value);
        let secret = SessionSecret::open(world.auth.secrets(), &sealed).unwrap();
        sessions::find(&world.db, &at(Duration::ZERO), &secret, Asked::Active)
            .await
            .unwrap()
    };

    assert!(find("nosuchsecret").await.is_none());
    assert!(find(&ana.session.token).await.is_none());
    let others = Secrets::new(["another-secret-of-the-tests-0123456789"]).unwrap();
    assert_eq!(
        SessionSecret::open(&others, &ana.secret.seal(world.auth.secrets())),
        None
    );
}

#[tokio::test]
async fn the_membership_is_that_of_the_asked_organization_else_of_the_active_one() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let (north, south, foreign) = (
        world.test.organization("North").await,
        world.test.organization("South").await,
        world.test.organization("Foreign").await,
    );
    world.test.member(north, ana.user.id, "owner").await;
    world.test.member(south, ana.user.id, "member,admin").await;
    sqlx::query("update session set \"activeOrganizationId\" = $1")
        .bind(north.as_uuid())
        .execute(&mut world.admin().await)
        .await
        .unwrap();
    let membership = async |asked| {
        let found = sessions::find(&world.db, &at(Duration::ZERO), &ana.secret, asked)
            .await
            .unwrap()
            .unwrap();
        found
            .membership
            .map(|membership| (membership.organization(), membership.role().to_owned()))
    };

    assert_eq!(membership(Asked::Active).await, Some((north, "owner".to_owned())));
    assert_eq!(
        membership(Asked::Organization(south)).await,
        Some((south, "member,admin".to_owned()))
    );
    assert_eq!(membership(Asked::Organization(foreign)).await, None);
}

#[tokio::test]
async fn finding_a_session_is_one_statement() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let north = world.test.organization("North").await;
    world.test.member(north, ana.user.id, "owner").await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let db = patient(&proxy.url).await;
    sessions::find(&db, &at(Duration::ZERO), &ana.secret, Asked::Active)
        .await
        .unwrap()
        .unwrap();

    let before = proxy.statements();
    let found = sessions::find(&db, &at(Duration::ZERO), &ana.secret, Asked::Organization(north))
        .await
        .unwrap()
        .unwrap();

    assert!(found.membership.is_some());
    assert_eq!(proxy.statements() - before, 1);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_found_and_deleted() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let bo = world.sign_up("bo@example.test").await;
    let find = async |after| {
        sessions::find(&world.db, &at(after), &ana.secret, Asked::Active)
            .await
            .unwrap()
    };

    assert!(find(Duration::days(7)).await.is_some());
    assert_eq!(world.count("session").await, 2);

    assert!(
        find(Duration::days(7) + Duration::milliseconds(1))
            .await
            .is_none()
    );
    assert_eq!(world.count("session").await, 1);
    assert!(
        sessions::find(&world.db, &at(Duration::ZERO), &bo.secret, Asked::Active)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_session_is_due_a_day_after_it_was_made_or_prolonged() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;

    assert!(
        !ana.session
            .is_due(START + Duration::days(1) - Duration::milliseconds(1))
    );
    assert!(ana.session.is_due(START + Duration::days(1)));

    let slid = sessions::slide(&world.db, &at(Duration::days(3)), &ana.session)
        .await
        .unwrap();
    assert_eq!(slid.expires_at, START + Duration::days(10));
    assert_eq!(slid.updated_at, START + Duration::days(3));
    assert_eq!(slid.created_at, START);
    assert!(!slid.is_due(START + Duration::days(4) - Duration::milliseconds(1)));
    assert!(slid.is_due(START + Duration::days(4)));
    let found = sessions::find(&world.db, &at(Duration::days(9)), &ana.secret, Asked::Active)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.session, slid);
}

#[tokio::test]
async fn prolonging_a_session_touches_no_other() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let other = world.sign_in("ana@example.test", PASSWORD).await.unwrap();

    sessions::slide(&world.db, &at(Duration::days(3)), &ana.session)
        .await
        .unwrap();

    let found = sessions::find(&world.db, &at(Duration::ZERO), &other.secret, Asked::Active)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.session, other.session);
}

#[tokio::test]
async fn a_session_that_was_signed_out_meanwhile_is_not_prolonged() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    sessions::sign_out(&world.db, &at(Duration::ZERO), &ana.secret)
        .await
        .unwrap();

    let error = sessions::slide(&world.db, &at(Duration::days(3)), &ana.session)
        .await
        .unwrap_err();

    assert!(matches!(error, SessionError::Ended(id) if id == ana.session.id));
    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unauthenticated, "FAILED_TO_GET_SESSION")
    );
    assert_eq!(world.count("session").await, 0);
}

#[tokio::test]
async fn signing_out_ends_one_session_and_may_be_done_twice() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let phone = world.sign_in("ana@example.test", PASSWORD).await.unwrap();

    sessions::sign_out(&world.db, &at(Duration::ZERO), &ana.secret)
        .await
        .unwrap();
    sessions::sign_out(&world.db, &at(Duration::ZERO), &ana.secret)
        .await
        .unwrap();

    assert!(
        sessions::find(&world.db, &at(Duration::ZERO), &ana.secret, Asked::Active)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        sessions::find(&world.db, &at(Duration::ZERO), &phone.secret, Asked::Active)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_database_that_is_away_is_an_error_and_not_a_missing_session() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    world.db.close().await;

    let error = sessions::find(&world.db, &at(Duration::ZERO), &ana.secret, Asked::Active)
        .await
        .unwrap_err();

    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unavailable, "DATABASE_UNAVAILABLE")
    );
}
