//! Leaving an organization.

use wardkeep_organizations::members::{self, DepartureError, Member};
use wardkeep_tenancy::OrganizationId;

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
