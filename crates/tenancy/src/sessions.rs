//! The session lookup: from a cookie's hash to a session, its user, and the membership that counts.

use sea_orm::{DbErr, QueryResult, Value};
use sqlx::postgres::PgRow;

use crate::id::{InvitationId, MemberId, OrganizationId, TeamId, UserId};
use crate::permissions::DynamicRole;

/// Which organization's membership a session lookup finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// That of the session's active organization.
    Active,
    /// That of this organization.
    Organization(OrganizationId),
    /// That of the organization that has this slug.
    Slug(&'a str),
    /// That of the organization to which this team belongs.
    Team(TeamId),
    /// That of the organization to which the session's active team belongs.
    ActiveTeam,
    /// That of the organization to which this invitation invites.
    Invitation(InvitationId),
}

impl Asked<'_> {
    /// The parameters of the lookup.
    pub(crate) fn values(self) -> [Value; 2] {
        let (by, key) = match self {
            Self::Active => ("active", None),
            Self::Organization(id) => ("organization", Some(id.to_string())),
            Self::Slug(slug) => ("slug", Some(slug.to_owned())),
            Self::Team(id) => ("team", Some(id.to_string())),
            Self::ActiveTeam => ("active team", None),
            Self::Invitation(id) => ("invitation", Some(id.to_string())),
        };
        [by.into(), key.into()]
    }
}

impl From<Option<OrganizationId>> for Asked<'_> {
    fn from(organization: Option<OrganizationId>) -> Self {
        organization.map_or(Self::Active, Self::Organization)
    }
}

/// One row of the session lookup.
#[derive(Debug)]
pub struct SessionRow {
    /// The columns: `s_<column>` of the session, `u_<column>` of its user, for `Model::from_query_result(&row, "s_")`.
    pub row: QueryResult,
    /// The organization asked for by anything but [`Asked::Active`], whether or not the user belongs to it. None when
    /// there is none.
    pub organization: Option<OrganizationId>,
    /// The user's membership in the organization asked for. None when the user is no member there: what the session still
    /// names counts for nothing.
    pub membership: Option<Membership>,
}

/// A user is a member of an organization: the database has just said so. Nothing else makes one.
///
/// ```compile_fail,E0451
/// # use wardkeep_tenancy::*;
/// fn forge(id: MemberId, organization: OrganizationId, user: UserId) -> Membership {
///     Membership { id, organization, user, role: "owner".to_owned(), dynamic_roles: Vec::new() }
/// }
/// ```
///
/// It can be read:
///
/// ```
/// # use wardkeep_tenancy::*;
/// fn read(membership: &Membership) -> (MemberId, OrganizationId, UserId, &str, &[DynamicRole]) {
///     (membership.id(), membership.organization(), membership.user(), membership.role(), membership.dynamic_roles())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    id: MemberId,
    organization: OrganizationId,
    user: UserId,
    role: String,
    dynamic_roles: Vec<DynamicRole>,
}

impl SessionRow {
    pub(crate) const FIND: &'static str = "select * from tenancy.find_session($1, $2, $3)";

    pub(crate) fn read(row: PgRow) -> Result<Self, DbErr> {
        let row = QueryResult::from(row);
        Ok(Self {
            organization: row.try_get("a_", "organizationId")?,
            membership: Membership::read(&row)?,
            row,
        })
    }
}

impl Membership {
    fn read(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let Some(id) = row.try_get("m_", "id")? else {
            return Ok(None);
        };
        let roles: serde_json::Value = row.try_get("", "dynamic_roles")?;
        Ok(Some(Self {
            id,
            organization: row.try_get("m_", "organizationId")?,
            user: row.try_get("u_", "id")?,
            role: row.try_get("m_", "role")?,
            dynamic_roles: serde_json::from_value(roles).map_err(|error| DbErr::Json(error.to_string()))?,
        }))
    }

    /// The id of the member row.
    #[must_use]
    pub fn id(&self) -> MemberId {
        self.id
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The member.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The list of roles as stored: names between commas.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Those of the organization's own roles that the member holds.
    #[must_use]
    pub fn dynamic_roles(&self) -> &[DynamicRole] {
        &self.dynamic_roles
    }
}
