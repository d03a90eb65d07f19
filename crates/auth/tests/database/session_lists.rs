//! The sessions of a user: seen, ended one by one or together, on every server.

use time::Duration;
use wardkeep_auth::sessions::{self, Revoked, SessionSecret};
use wardkeep_auth::{CurrentSession, Policy};
use wardkeep_tenancy::{Asked, Database, UserId};
use wardkeep_testkit::START;

use crate::world::{World, at};

/// A user with three sessions, and another one with one.
struct Two {
    world: World,
    other_server: Database,
    ana: UserId,
    anas: Vec<(CurrentSession, SessionSecret)>,
    bos: (CurrentSession, SessionSecret),
}

async fn two() -> Two {
    let world = World::new().await;
    let (ana, bo) = (
        world.test.user("Ana Reyes").await,
        world.test.user("Bo Lind").await,
    );
    let mut anas = Vec::new();
    for _ in 0..3 {
        anas.push(world.session_of(ana).await);
    }
    let bos = world.session_of(bo).await;
    let (other_server, _) = world.second_server(Policy::default()).await;
    Two {
        world,
        other_server,
        ana,
        anas,
        bos,
    }
}

impl Two {
    async fn revoke(&self, which: Revoked<'_>) {
        sessions::revoke(&self.world.db, &at(Duration::ZERO), self.ana, which)
            .await
            .unwrap();
    }

    /// Which of the sessions both servers still find: Ana's three and Bo's.
    async fn alive(&self) -> Vec<bool> {
        let mut alive = Vec::new();
        for (_, secret) in self.anas.iter().chain([&self.bos]) {
            let here = self.world.find(secret).await.is_some();
            let there = sessions::find(&self.other_server, &at(Duration::ZERO), secret, Asked::Active)
                .await
                .unwrap();
            assert_eq!(here, there.is_some());
            alive.push(here);
        }
        alive
    }
}

#[tokio::test]
async fn a_list_has_the_own_sessions_that_are_not_over_oldest_first() {
    let two = two().await;
    let newest_first = "with numbered as (select id, row_number() over (order by id desc) as number from session where \"userId\" = $1)
         update session set \"createdAt\" = \"createdAt\" + numbered.number * interval '1 minute' from numbered where numbered.id = session.id";
    two.world.execute(newest_first, two.ana).await;
    two.world
        .execute(
            "update session set \"expiresAt\" = \"createdAt\" where id = (select max(id::text)::uuid from session where \"userId\" = $1)",
            two.ana,
        )
        .await;

    let listed = sessions::list(&two.world.db, &at(Duration::hours(1)), two.ana)
        .await
        .unwrap();

    assert_eq!((listed.rows.len(), listed.total), (2, 2));
    assert!(listed.rows[0].created_at < listed.rows[1].created_at);
    for session in &listed.rows {
        assert_eq!(session.user_id, two.ana);
        assert!(session.expires_at > START + Duration::hours(1));
    }
    assert_eq!(listed.rows[0].created_at, START + Duration::minutes(2));
}

#[tokio::test]
async fn a_list_of_more_than_a_hundred_says_how_many_there_are() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    for (count, shown) in [(99, 99), (100, 100), (101, 100), (250, 100)] {
        world
            .execute("delete from session where \"userId\" = $1", ana)
            .await;
        sqlx::query(
            "insert into session (token, \"userId\", \"expiresAt\")
             select number::text, $1, $2 from generate_series(1, $3) as number",
        )
        .bind(ana.as_uuid())
        .bind(START + Duration::days(7))
        .bind(count)
        .execute(&mut world.admin().await)
        .await
        .unwrap();

        let listed = sessions::list(&world.db, &at(Duration::ZERO), ana).await.unwrap();

        assert_eq!(
            (listed.rows.len(), listed.total),
            (shown, u64::try_from(count).unwrap())
        );
    }
}

#[tokio::test]
async fn a_session_that_is_revoked_by_its_handle_is_refused_at_once_on_every_server() {
    let two = two().await;

    two.revoke(Revoked::Handle(&two.anas[1].0.session.token)).await;

    assert_eq!(two.alive().await, [true, false, true, true]);
}

#[tokio::test]
async fn the_handle_of_a_foreign_session_or_of_none_revokes_nothing() {
    let two = two().await;
    let sealed = two.anas[0].1.seal(two.world.auth.secrets());
    let secret = sealed.split('.').next().unwrap();

    // The secret itself is no handle.
    for handle in [&*two.bos.0.session.token, "nothing", "", "%", secret, &sealed] {
        two.revoke(Revoked::Handle(handle)).await;
        assert_eq!(two.alive().await, [true; 4], "{handle}");
    }
}

#[tokio::test]
async fn the_other_sessions_are_revoked_and_this_one_goes_on() {
    let two = two().await;

    two.revoke(Revoked::Others(two.anas[2].0.session.id)).await;

    assert_eq!(two.alive().await, [false, false, true, true]);
}

#[tokio::test]
async fn all_sessions_of_the_user_are_revoked_and_nobody_elses() {
    let two = two().await;

    two.revoke(Revoked::All).await;

    assert_eq!(two.alive().await, [false, false, false, true]);
}

#[tokio::test]
async fn a_session_that_is_signed_out_is_refused_at_once_on_every_server() {
    let two = two().await;

    sessions::sign_out(&two.world.db, &at(Duration::ZERO), &two.anas[0].1)
        .await
        .unwrap();

    assert_eq!(two.alive().await, [false, true, true, true]);
}
