//! An organization with who and what belongs to it.

use sea_orm::{DbErr, FromQueryResult as _, QueryResult};
use wardkeep_auth::Listed;
use wardkeep_tenancy::{Membership, TenantTx};

use super::{Organization, OrganizationError};
use crate::Rules;
use crate::invitations::{self, Invitation};
use crate::members::{self, Fellow, Listing};
use crate::teams::Team;

/// The teams, with as many members as they have rows, and in the first row the organization: a picture in each of a
/// hundred rows would be megabytes. There is a row for an organization without a team as well.
const ORGANIZATION_AND_TEAMS: &str = r#"
select
  organization.id as o_id,
  organization.name as o_name,
  organization.slug as o_slug,
  organization.logo as o_logo,
  organization.metadata as o_metadata,
  organization.settings as o_settings,
  organization."createdAt" as "o_createdAt",
  organization."updatedAt" as "o_updatedAt",
  listed.id,
  listed.name,
  case
    when listed.id is not null then (
      select count(*)::integer
      from public."teamMember"
      where "teamMember"."organizationId" = $1
        and "teamMember"."teamId" = listed.id
    )
  end as "memberCount",
  listed."organizationId",
  listed."createdAt",
  listed."updatedAt",
  coalesce(listed.total, 0) as total
from (select) as once
left join (
  select team.*, count(*) over () as total, row_number() over (order by team."createdAt", team.id) as place
  from public.team
  where team."organizationId" = $1
  order by place
  limit 100
) as listed on true
left join public.organization
  on organization.id = $1
  and coalesce(listed.place, 1) = 1
order by listed.place"#;

/// An organization with its members, teams and invitations.
#[derive(Clone, Debug, PartialEq)]
pub struct FullOrganization {
    /// The organization.
    pub organization: Organization,
    /// Its members, in the order of joining.
    pub members: Listed<Fellow>,
    /// Its teams, oldest first. Their members are counted, whatever the column holds.
    pub teams: Listed<Team>,
    /// The invitations that the caller may see, oldest first; none for who may not invite.
    pub invitations: Listed<Invitation>,
}

/// Returns the organization with who and what belongs to it, by at most three statements. The limit is how many members to
/// return at most, up to [`members::MOST_LISTED`]; as many as an organization may have, if `None`.
///
/// # Errors
///
/// [`OrganizationError::NotFound`] if it was deleted since the request began; else when the database fails.
pub async fn get_full(
    tx: &TenantTx,
    rules: &Rules,
    member: &Membership,
    limit: Option<u64>,
) -> Result<FullOrganization, OrganizationError> {
    let organization = [tx.organization().into()];
    let rows = tx.sql(ORGANIZATION_AND_TEAMS, organization).all().await?;
    let first = rows.first().ok_or(OrganizationError::NotFound)?;
    let organization = Option::<Organization>::from_query_result(first, "o_")?;
    let listing = Listing {
        limit: limit.unwrap_or(rules.members),
        ..Listing::default()
    };
    Ok(FullOrganization {
        organization: organization.ok_or(OrganizationError::NotFound)?,
        members: members::list(tx, &listing).await?,
        teams: teams(&rows)?,
        invitations: invitations::visible(tx, member).await?.unwrap_or(Listed {
            rows: Vec::new(),
            total: 0,
        }),
    })
}

fn teams(rows: &[QueryResult]) -> Result<Listed<Team>, DbErr> {
    let teams = rows.iter().map(|row| Option::<Team>::from_query_result(row, ""));
    let total: Option<i64> = rows.first().map(|row| row.try_get("", "total")).transpose()?;
    Ok(Listed {
        rows: teams.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        total: total.unwrap_or_default().unsigned_abs(),
    })
}
