//! Removing members, as the application's login.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use crate::clinic::{Clinic, Person};
use futures_util::future::join;
use wardkeep_auth::deletions::Deleted;
use wardkeep_organizations::AuthorityError;
use wardkeep_organizations::members::{self, MemberKey, RemovalError, Removed};
use wardkeep_tenancy::{MemberId, OrganizationId, TenantTx};
use wardkeep_testkit::{context, race_rounds};

async fn remove(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
    key: MemberKey,
) -> Result<Removed, RemovalError> {
    let tx = clinic.enter(caller, organization).await;
    remove_in(clinic, tx, key).await
}

async fn remove_in(clinic: &Clinic, tx: TenantTx, key: MemberKey) -> Result<Removed, RemovalError> {
    let removed = members::remove(&tx, &clinic.access, key).await?;
    tx.commit().await?;
    Ok(removed)
}

fn id(member: MemberId) -> MemberKey {
    MemberKey::Id(Some(member))
}

#[tokio::test]
async fn a_removed_member_has_no_membership_at_the_next_lookup() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    let member = clinic.db.member(salt_lane, ben.id, "member").await;
    assert!(clinic.session(&ben, Some(salt_lane)).await.membership.is_some());

    let removed = remove(&clinic, &ana, salt_lane, id(member)).await.unwrap();

    assert_eq!((removed.member.user_id, removed.profile), (ben.id, None));
    assert!(clinic.session(&ben, Some(salt_lane)).await.membership.is_none());
}

#[tokio::test]
async fn a_member_is_found_by_the_address_in_any_case_and_shown_with_the_profile() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "admin").await;
    clinic.db.member(salt_lane, ben.id, "member").await;

    let removed = remove(
        &clinic,
        &ana,
        salt_lane,
        MemberKey::Email(ben.email.to_uppercase()),
    )
    .await
    .unwrap();

    assert_eq!(removed.profile.unwrap().name, "Ben");
}

#[tokio::test]
async fn members_of_other_organizations_and_strangers_are_not_found() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    let other = clinic.db.organization("Other").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    let foreign = clinic.db.member(other, ben.id, "member").await;

    for key in [
        id(foreign),
        MemberKey::Email(ben.email.clone()),
        MemberKey::Email("nobody@example.com".to_owned()),
        id(context(7).new_id()),
        MemberKey::Id(None),
    ] {
        let refused = remove(&clinic, &ana, salt_lane, key.clone()).await;
        assert!(matches!(refused, Err(RemovalError::NotFound)), "{key:?}");
    }
    assert!(clinic.session(&ben, Some(other)).await.membership.is_some());
}

#[tokio::test]
async fn a_plain_member_removes_nobody_and_an_admin_no_owner() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let eve = clinic.sign_up(3, "Eve").await;
    let salt_lane = clinic.db.organization("Salt Lane").await;
    let owner = clinic.db.member(salt_lane, ana.id, "owner").await;
    clinic.db.member(salt_lane, ben.id, "member").await;
    let admin = clinic.db.member(salt_lane, eve.id, "admin").await;

    let by_member = remove(&clinic, &ben, salt_lane, id(admin)).await;
    let by_admin = remove(&clinic, &eve, salt_lane, id(owner)).await;
    let by_herself = remove(&clinic, &ana, salt_lane, id(owner)).await;

    assert!(matches!(by_member, Err(RemovalError::Denied)));
    assert!(matches!(by_admin, Err(RemovalError::OnlyOwner)));
    assert!(matches!(by_herself, Err(RemovalError::OnlyOwner)));
}

/// Gives somebody a place in the only team.
async fn join_team(clinic: &Clinic, person: &Person) {
    sqlx::query(
        "with place as (
            insert into \"teamMember\" (\"teamId\", \"userId\") select id, $1 from team returning \"teamId\"
         )
         update team set \"memberCount\" = 2 where id in (select \"teamId\" from place)",
    )
    .bind(person.id.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_is_removed_while_the_account_is_deleted_is_gone_from_both() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let salt_lane = clinic.found(&ana, 2, "salt-lane").await.unwrap().organization.id;
    for round in 0..race_rounds() {
        let seed = 100 + u64::try_from(round).unwrap();
        let ben = clinic.person(seed, &format!("Ben{round}")).await;
        let member = clinic.db.member(salt_lane, ben.id, "member").await;
        join_team(&clinic, &ben).await;
        let session = clinic.session(&ben, None).await;

        let removal = remove(&clinic, &ana, salt_lane, id(member));
        let (removed, deleted) = join(removal, clinic.delete(&session)).await;

        assert_eq!(deleted.unwrap(), Deleted::Now);
        if let Err(error) = removed {
            assert!(matches!(error, RemovalError::NotFound), "{error:?}");
        }
        let members = "select count(*) from member where \"organizationId\" = $1";
        assert_eq!(clinic.count(members, salt_lane).await, 1);
    }
}

#[tokio::test]
async fn a_removed_member_leaves_the_teams_and_they_count_one_less() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.found(&ana, 3, "salt-lane").await.unwrap().organization.id;
    let owner = clinic.db.member(salt_lane, ben.id, "owner").await;
    join_team(&clinic, &ben).await;

    remove(&clinic, &ana, salt_lane, id(owner)).await.unwrap();

    let places = "select count(*) from \"teamMember\" where \"organizationId\" = $1";
    let count = "select \"memberCount\"::bigint from team where \"organizationId\" = $1";
    assert_eq!(
        (
            clinic.count(places, salt_lane).await,
            clinic.count(count, salt_lane).await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_request_that_waited_while_its_caller_was_removed_removes_nobody() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let eve = clinic.sign_up(3, "Eve").await;
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    let bens = clinic.db.member(salt_lane, ben.id, "admin").await;
    let eves = clinic.db.member(salt_lane, eve.id, "member").await;
    let waiting = clinic.session(&ben, Some(salt_lane)).await;

    remove(&clinic, &ana, salt_lane, id(bens)).await.unwrap();
    let late = remove_in(&clinic, clinic.enter_in(&waiting).await, id(eves)).await;

    assert!(
        matches!(late, Err(RemovalError::Authority(AuthorityError::NotAMember))),
        "{late:?}"
    );
    assert!(clinic.session(&eve, Some(salt_lane)).await.membership.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_owners_who_remove_each_other_one_stays() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    for round in 0..race_rounds() {
        let organization = clinic.db.organization(&format!("Round {round}")).await;
        let anas = clinic.db.member(organization, ana.id, "owner").await;
        let bens = clinic.db.member(organization, ben.id, "owner").await;
        let (by_ana, by_ben) = (
            clinic.session(&ana, Some(organization)).await,
            clinic.session(&ben, Some(organization)).await,
        );
        let by_ana = clinic.enter_in(&by_ana).await;
        let by_ben = clinic.enter_in(&by_ben).await;

        let outcomes = join(
            remove_in(&clinic, by_ana, id(bens)),
            remove_in(&clinic, by_ben, id(anas)),
        )
        .await;

        let ((Ok(_), Err(lost)) | (Err(lost), Ok(_))) = outcomes else {
            panic!("{outcomes:?}")
        };
        assert!(
            matches!(lost, RemovalError::Authority(AuthorityError::NotAMember)),
            "{lost:?}"
        );
    }
    let with_one_owner = "select count(*) from organization
        where $1 is not null
          and (select count(*) from member where \"organizationId\" = organization.id and role = 'owner') = 1";
    assert_eq!(
        clinic.count(with_one_owner, context(1).new_id()).await,
        i64::try_from(race_rounds()).unwrap()
    );
}
