//! Leaving an organization.

use futures_util::future::join;
use wardkeep_auth::deletions::Deleted;
use wardkeep_organizations::members::{self, DepartureError, Member};
use wardkeep_tenancy::OrganizationId;
use wardkeep_testkit::race_rounds;

use crate::clinic::{Clinic, Person};

async fn leave(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
) -> Result<Member, DepartureError> {
    let tx = clinic.enter(caller, organization).await;
    let member = members::leave(&tx, &clinic.access).await?;
    tx.commit().await?;
    Ok(member)
}

#[tokio::test]
async fn who_leaves_is_out_of_the_organization_and_of_its_teams() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.person(2, "Ben").await);
    let salt_lane = clinic.found(&ana, 3, "salt-lane").await.unwrap().organization.id;
    clinic.db.member(salt_lane, ben.id, "owner").await;

    let left = leave(&clinic, &ana, salt_lane).await.unwrap();

    assert_eq!(left.user_id, ana.id);
    assert!(clinic.session(&ana, Some(salt_lane)).await.membership.is_none());
    let places = "select count(*) from \"teamMember\" where \"organizationId\" = $1";
    let count = "select \"memberCount\"::bigint from team where \"organizationId\" = $1";
    assert_eq!(
        (
            clinic.count(places, salt_lane).await,
            clinic.count(count, salt_lane).await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn the_only_owner_does_not_leave_and_others_do() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.person(1, "Ana").await, clinic.person(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "admin,owner").await;
    clinic.db.member(salt_lane, ben.id, "member").await;

    assert!(matches!(
        leave(&clinic, &ana, salt_lane).await,
        Err(DepartureError::OnlyOwner)
    ));
    assert!(leave(&clinic, &ben, salt_lane).await.is_ok());
}

#[tokio::test]
async fn who_has_left_since_the_request_began_is_no_member() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.person(1, "Ana").await, clinic.person(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    clinic.db.member(salt_lane, ben.id, "member").await;
    let late = clinic.session(&ben, Some(salt_lane)).await;
    leave(&clinic, &ben, salt_lane).await.unwrap();

    let refused = members::leave(&clinic.enter_in(&late).await, &clinic.access).await;

    assert!(matches!(refused, Err(DepartureError::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_while_the_account_is_deleted_waits_for_nobody_who_waits_for_them() {
    let clinic = Clinic::new().await;
    let ana = clinic.person(1, "Ana").await;
    let salt_lane = clinic.found(&ana, 2, "salt-lane").await.unwrap().organization.id;
    for round in 0..race_rounds() as u64 {
        let eve = clinic.person(10 + round, &format!("Eve{round}")).await;
        clinic.db.member(salt_lane, eve.id, "member").await;
        sqlx::query(
            "insert into \"teamMember\" (\"teamId\", \"userId\", \"organizationId\")
             select id, $2, $1 from team where \"organizationId\" = $1",
        )
        .bind(salt_lane.as_uuid())
        .bind(eve.id.as_uuid())
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
        let session = clinic.session(&eve, Some(salt_lane)).await;
        let tx = clinic.enter_in(&session).await;

        let leaving = async {
            let left = members::leave(&tx, &clinic.access).await;
            tx.commit().await.map(|()| left)
        };
        let (left, deleted) = join(leaving, clinic.delete(&session)).await;

        assert_eq!(deleted.unwrap(), Deleted::Now, "round {round}");
        match left.unwrap() {
            Ok(_) | Err(DepartureError::NotFound) => {}
            Err(error) => unreachable!("round {round}: {error:?}"),
        }
    }
}
