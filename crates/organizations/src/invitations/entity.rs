//! The row of `invitation`. Its `updatedAt`, which is the seed's, is written and never read.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{InvitationId, OrganizationId, OrganizationOwned, UserId};

/// That somebody who has this address may become a member.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation", rename_all = "camelCase")]
pub struct Model {
    /// Its id: random, and what the link in its mail holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// The organization that invites.
    pub organization_id: OrganizationId,
    /// The address, in lower case.
    pub email: String,
    /// Names of the roles that the new member gets, comma-separated.
    pub role: Option<String>,
    /// Ids of the teams in which the new member gets a place, comma-separated.
    pub team_id: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// Until when it can be accepted.
    pub expires_at: OffsetDateTime,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who invites.
    pub inviter_id: UserId,
}

/// Relations are followed by hand, within one organization.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
