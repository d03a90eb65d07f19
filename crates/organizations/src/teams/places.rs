//! Giving a member a place in a team.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, PaginatorTrait as _, QueryFilter as _,
};
use wardkeep_tenancy::{Fault, FaultKind, TeamId, TenantTx, UserId};

use super::{entity, members, membership_key};
use crate::Rules;

/// Counts the rows, since the column may be behind them: deleting a user takes their places and counts nothing.
const COUNT: &str = r#"
update public.team
set "memberCount" = (
  select count(*)
  from public."teamMember"
  where "teamMember"."organizationId" = $1
    and "teamMember"."teamId" = $2
)
where team."organizationId" = $1
  and team.id = $2"#;

/// Gives a member of the organization a place in a team of it; the one that the member has, if there is one. The
/// organization must be locked, so that nobody else counts places meanwhile.
pub(crate) async fn add(
    tx: &TenantTx,
    rules: &Rules,
    team: TeamId,
    user: UserId,
) -> Result<members::Model, PlaceError> {
    let taken = tx
        .find::<members::Entity>()
        .filter(members::Column::TeamId.eq(team))
        .filter(members::Column::UserId.eq(user));
    if let Some(place) = taken.one(tx).await? {
        return Ok(place);
    }
    check(tx, rules, team).await?;
    let place = members::ActiveModel {
        id: Set(tx.context().new_id()),
        team_id: Set(team),
        user_id: Set(user),
        membership_key: Set(Some(membership_key(team, user))),
        organization_id: Set(tx.organization()),
        created_at: Set(Some(tx.now())),
    };
    let place = place.insert(tx).await?;
    tx.sql(COUNT, [tx.organization().into(), team.into()])
        .execute()
        .await?;
    Ok(place)
}

/// Whether the organization has the team, and the team room for one more.
pub(crate) async fn check(tx: &TenantTx, rules: &Rules, team: TeamId) -> Result<(), PlaceError> {
    let found = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(team))
        .one(tx);
    if found.await?.is_none() {
        return Err(PlaceError::NoTeam);
    }
    let Some(most) = rules.members_per_team else {
        return Ok(());
    };
    let places = tx
        .find::<members::Entity>()
        .filter(members::Column::TeamId.eq(team))
        .count(tx)
        .await?;
    if places >= most {
        return Err(PlaceError::Full);
    }
    Ok(())
}

/// Why somebody has no place in a team.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The organization has no such team.
    #[error("there is no such team")]
    NoTeam,
    /// The team has as many members as it may have.
    #[error("the team is full")]
    Full,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for PlaceError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoTeam => FaultKind::Invalid,
            Self::Full => FaultKind::Forbidden,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoTeam => "TEAM_NOT_FOUND",
            Self::Full => "TEAM_MEMBER_LIMIT_REACHED",
            Self::Database(error) => error.code(),
        }
    }
}
