//! The session lookup.

use sea_orm::{FromQueryResult, QueryResult};
use wardkeep_tenancy::{
    Asked, Grants, MemberId, Membership, OrganizationId, Permission, SessionId, SessionRow, UserId,
};

use crate::fixtures::World;

struct Session {
    id: SessionId,
    user: UserId,
    active_organization: Option<OrganizationId>,
}

impl FromQueryResult for Session {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            id: row.try_get(prefix, "id")?,
            user: row.try_get(prefix, "userId")?,
            active_organization: row.try_get(prefix, "activeOrganizationId")?,
        })
    }
}

/// A session of the world's user, with the northern clinic as the active one.
async fn sign_in(world: &World) -> SessionId {
    world.test.session(world.user, "hash", Some(world.north)).await
}

async fn join(world: &World, organization: OrganizationId) -> MemberId {
    world
        .test
        .member(organization, world.user, "member, night shift")
        .await
}

async fn find(world: &World, organization: Option<OrganizationId>) -> SessionRow {
    world
        .database()
        .await
        .find_session("hash", organization.into())
        .await
        .unwrap()
        .unwrap()
}

fn organization(membership: Option<&Membership>) -> Option<OrganizationId> {
    membership.map(Membership::organization)
}

#[tokio::test]
async fn an_unknown_token_has_no_session() {
    let world = World::new().await;
    sign_in(&world).await;

    let found = world
        .database()
        .await
        .find_session("other", Asked::Active)
        .await
        .unwrap();

    assert!(found.is_none());
}

#[tokio::test]
async fn a_session_comes_with_its_user_and_is_not_judged_by_the_time() {
    let world = World::new().await;
    let id = sign_in(&world).await;
    world
        .execute(r#"update session set "expiresAt" = '2020-01-01'"#)
        .await;

    let found = find(&world, None).await;

    let session = Session::from_query_result(&found.row, "s_").unwrap();
    assert_eq!(
        (session.id, session.user, session.active_organization),
        (id, world.user, Some(world.north))
    );
    assert_eq!(
        found.row.try_get::<String>("u_", "email").unwrap(),
        "ana.reyes@example.com"
    );
}

#[tokio::test]
async fn the_active_organization_counts_only_with_a_membership() {
    let world = World::new().await;
    sign_in(&world).await;
    assert_eq!(organization(find(&world, None).await.membership.as_ref()), None);

    let member = join(&world, world.north).await;

    let membership = find(&world, None).await.membership.unwrap();
    assert_eq!(
        (membership.id(), membership.organization(), membership.user()),
        (member, world.north, world.user)
    );
    assert_eq!(membership.role(), "member, night shift");
    assert_eq!(membership.dynamic_roles(), []);
}

#[tokio::test]
async fn the_asked_organization_comes_before_the_active_one_and_needs_a_membership_too() {
    let world = World::new().await;
    sign_in(&world).await;
    join(&world, world.north).await;
    assert_eq!(
        organization(find(&world, Some(world.south)).await.membership.as_ref()),
        None
    );

    join(&world, world.south).await;

    let membership = find(&world, Some(world.south)).await.membership;
    assert_eq!(organization(membership.as_ref()), Some(world.south));
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "what a membership gives is what this tests"
)]
async fn a_membership_brings_the_organizations_own_roles_and_opens_its_scope() {
    let world = World::new().await;
    sign_in(&world).await;
    join(&world, world.north).await;
    world.execute(r#"insert into "organizationRole" (id, "organizationId", role, permission)
           select gen_random_uuid(), id, 'night shift', '{"patient":["read"]}' from organization where slug = 'north'"#,
    )
    .await;

    let membership = find(&world, None).await.membership.unwrap();

    let access = wardkeep_tenancy::AccessControl::new().statement("patient", &["read"]);
    let grants: Grants = access.grants(membership.role(), membership.dynamic_roles());
    assert!(grants.allows(Permission::new("patient", "read")));
    let scope = world.database().await.tenant(&world.cx, &membership, grants);
    assert_eq!((scope.organization(), scope.user()), (world.north, world.user));
    scope
        .begin()
        .await
        .unwrap()
        .require(Permission::new("patient", "read"))
        .unwrap();
}
