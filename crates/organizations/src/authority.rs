//! What the caller is and may do at the moment of a change.

use sea_orm::{DbErr, FromQueryResult as _};
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, Grants, Permission, TenantTx, UserId};

use crate::members::Member;
use crate::organization;

const MEMBERSHIP: &str = r#"
select
  member.*,
  (
    select coalesce(
      jsonb_agg(jsonb_build_object('role', "organizationRole".role, 'permission', "organizationRole".permission)),
      '[]'
    )
    from public."organizationRole"
    where "organizationRole"."organizationId" = member."organizationId"
      and "organizationRole".role in (select btrim(part) from unnest(string_to_array(member.role, ',')) as part)
  ) as dynamic_roles
from public.member
where member."organizationId" = $1
  and member."userId" = $2"#;

/// The caller's own membership and rights, read after the organization was locked: nobody changes them, or anything else
/// about its members, teams, roles and invitations, until the transaction ends. The ones that came with the session were
/// read before, so that two owners could take the role from each other.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) member: Member,
    grants: Grants,
}

impl Authority {
    /// Locks the organization, and then reads: two statements. Take it before any row that hangs on the organization, as
    /// everybody does, or two transactions wait for each other.
    pub(crate) async fn take(tx: &TenantTx, access: &AccessControl) -> Result<Self, AuthorityError> {
        organization::lock(tx).await?;
        Self::of(tx, access, tx.user())
            .await?
            .ok_or(AuthorityError::NotAMember)
    }

    /// That of another user, if they are a member. The organization must be locked.
    pub(crate) async fn of(
        tx: &TenantTx,
        access: &AccessControl,
        user: UserId,
    ) -> Result<Option<Self>, DbErr> {
        let row = tx
            .sql(MEMBERSHIP, [tx.organization().into(), user.into()])
            .one()
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let member = Member::from_query_result(&row, "")?;
        let dynamic: serde_json::Value = row.try_get("", "dynamic_roles")?;
        let dynamic: Vec<_> =
            serde_json::from_value(dynamic).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Some(Self {
            grants: access.grants(&member.role, &dynamic),
            member,
        }))
    }

    pub(crate) fn allows(&self, permission: Permission) -> bool {
        self.grants.allows(permission)
    }

    pub(crate) fn grants(&self) -> &Grants {
        &self.grants
    }

    pub(crate) fn is_owner(&self) -> bool {
        self.member.is_owner()
    }
}

/// Why somebody has no authority in an organization.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The caller was a member when the request began, and is none any more.
    #[error("the user is not a member of the organization any more")]
    NotAMember,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for AuthorityError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotAMember => FaultKind::Forbidden,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAMember => "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            Self::Database(error) => error.code(),
        }
    }
}
