//! Changing the roles of a member.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use wardkeep_organizations::members::{self, Member, NewRoles, RoleChangeError};
use wardkeep_tenancy::{MemberId, OrganizationId, Permission};

use crate::clinic::{Clinic, Person};

pub(crate) fn roles(list: &str) -> NewRoles {
    NewRoles::parse(&[list.to_owned()]).unwrap()
}

async fn change(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
    member: impl Into<Option<MemberId>>,
    list: &str,
) -> Result<Member, RoleChangeError> {
    let tx = clinic.enter(caller, organization).await;
    let changed = members::change_roles(&tx, &clinic.access, member.into(), &roles(list)).await?;
    tx.commit().await?;
    Ok(changed)
}

struct SaltLane {
    clinic: Clinic,
    id: OrganizationId,
    owner: (Person, MemberId),
    admin: (Person, MemberId),
    member: (Person, MemberId),
}

impl SaltLane {
    async fn new() -> Self {
        let clinic = Clinic::new().await;
        let id = clinic.db.organization("Salt Lane").await;
        let mut people = Vec::new();
        for (seed, (name, role)) in (1..).zip([("Ana", "owner"), ("Ada", "admin"), ("Ben", "member")]) {
            let person = clinic.person(seed, name).await;
            let member = clinic.db.member(id, person.id, role).await;
            people.push((person, member));
        }
        let [owner, admin, member] = people.try_into().ok().unwrap();
        Self {
            clinic,
            id,
            owner,
            admin,
            member,
        }
    }

    async fn change(
        &self,
        caller: &(Person, MemberId),
        member: &(Person, MemberId),
        list: &str,
    ) -> Result<Member, RoleChangeError> {
        change(&self.clinic, &caller.0, self.id, member.1, list).await
    }
}

#[tokio::test]
async fn other_roles_count_at_the_next_lookup() {
    let salt_lane = SaltLane::new().await;
    let lookup = async || {
        let session = salt_lane
            .clinic
            .session(&salt_lane.member.0, Some(salt_lane.id))
            .await;
        salt_lane.clinic.enter_in(&session).await
    };
    let right = Permission::new("member", "delete");
    assert!(!lookup().await.allows(right));

    let changed = salt_lane
        .change(&salt_lane.owner, &salt_lane.member, " member , admin,")
        .await;

    assert_eq!(changed.unwrap().role, "member,admin");
    assert!(lookup().await.allows(right));
}

#[tokio::test]
async fn only_an_owner_makes_or_changes_an_owner() {
    let salt_lane = SaltLane::new().await;
    let SaltLane {
        owner, admin, member, ..
    } = &salt_lane;

    for (changed, list) in [
        (owner, "member"),
        (owner, "owner,admin"),
        (member, "owner"),
        (admin, "admin,owner"),
    ] {
        let refused = salt_lane.change(admin, changed, list).await;
        assert!(
            matches!(refused, Err(RoleChangeError::Denied)),
            "{list}: {refused:?}"
        );
    }
    assert!(salt_lane.change(owner, member, "owner").await.is_ok());
    assert!(salt_lane.change(member, owner, "admin").await.is_ok());
}

#[tokio::test]
async fn the_only_owner_stays_one() {
    let salt_lane = SaltLane::new().await;
    let SaltLane { owner, member, .. } = &salt_lane;

    let refused = salt_lane.change(owner, owner, "admin,nobody").await;
    assert!(matches!(refused, Err(RoleChangeError::OnlyOwner)), "{refused:?}");
    assert_eq!(
        salt_lane.change(owner, owner, "owner,admin").await.unwrap().role,
        "owner,admin"
    );
    salt_lane.change(owner, member, "owner").await.unwrap();
    assert_eq!(
        salt_lane.change(owner, owner, "admin").await.unwrap().role,
        "admin"
    );
}

#[tokio::test]
async fn a_role_that_looks_like_the_owners_is_none() {
    let salt_lane = SaltLane::new().await;
    let SaltLane {
        clinic,
        owner,
        member,
        ..
    } = &salt_lane;
    let other = clinic.db.user("Eve").await;
    clinic
        .db
        .member(salt_lane.id, other, "coowner,owner2,Owner")
        .await;

    let refused = salt_lane.change(owner, owner, "member").await;

    assert!(matches!(refused, Err(RoleChangeError::OnlyOwner)));
    assert!(salt_lane.change(member, member, "admin").await.is_err());
}

#[tokio::test]
async fn a_plain_member_changes_nobody() {
    let salt_lane = SaltLane::new().await;
    let SaltLane { admin, member, .. } = &salt_lane;

    for changed in [admin, member] {
        let refused = salt_lane.change(member, changed, "nobody").await;
        assert!(matches!(refused, Err(RoleChangeError::Denied)));
    }
    assert!(salt_lane.change(admin, member, "admin").await.is_ok());
}

#[tokio::test]
async fn a_role_must_be_built_in_or_the_organizations_own() {
    let salt_lane = SaltLane::new().await;
    let SaltLane {
        clinic,
        admin,
        member,
        ..
    } = &salt_lane;
    let elsewhere = clinic.db.organization("Elsewhere").await;
    for (organization, role) in [(salt_lane.id, "nurse"), (elsewhere, "pilot")] {
        sqlx::query(
            "insert into \"organizationRole\" (\"organizationId\", role, permission) values ($1, $2, '{}')",
        )
        .bind(organization.as_uuid())
        .bind(role)
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    }

    assert!(salt_lane.change(admin, member, "nurse,member").await.is_ok());
    let refused = salt_lane.change(admin, member, "pilot,nurse,Member,pilot").await;
    let Err(RoleChangeError::UnknownRoles(unknown)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(unknown, ["pilot", "Member", "pilot"]);
}

#[tokio::test]
async fn a_member_of_another_organization_is_as_unknown_as_none() {
    let salt_lane = SaltLane::new().await;
    let SaltLane { clinic, owner, .. } = &salt_lane;
    let elsewhere = clinic.db.organization("Elsewhere").await;
    let foreign = clinic.db.member(elsewhere, owner.0.id, "owner").await;

    for member in [Some(foreign), None] {
        let refused = change(clinic, &owner.0, salt_lane.id, member, "admin").await;
        assert!(matches!(refused, Err(RoleChangeError::NotFound)));
    }
}

#[tokio::test]
async fn nobody_gives_a_role_that_grants_more_than_they_hold() {
    let salt_lane = SaltLane::new().await;
    let clinic = &salt_lane.clinic;
    for (name, permission) in [
        ("hr", r#"{"member":["update"],"invitation":["create"]}"#),
        ("deleter", r#"{"organization":["delete"]}"#),
        ("updater", r#"{"member":["update"]}"#),
    ] {
        clinic.role(salt_lane.id, name, permission).await;
    }
    let hr = clinic.person(10, "Hal").await;
    let hr = (clinic.db.member(salt_lane.id, hr.id, "hr").await, hr);
    let hr = (hr.1, hr.0);

    for (caller, member, list) in [
        (&hr, &hr, "hr,admin"),
        (&hr, &salt_lane.member, "admin"),
        (&salt_lane.admin, &salt_lane.admin, "admin,deleter"),
    ] {
        let refused = salt_lane.change(caller, member, list).await;
        assert!(matches!(refused, Err(RoleChangeError::Denied)), "{list}");
    }
    // What is held, alone or with what the member has already, can be given; and an owner gives anything.
    salt_lane.change(&hr, &salt_lane.member, "updater").await.unwrap();
    salt_lane
        .change(&salt_lane.owner, &salt_lane.member, "deleter")
        .await
        .unwrap();
    salt_lane
        .change(&salt_lane.admin, &salt_lane.member, "deleter,member")
        .await
        .unwrap();
}
