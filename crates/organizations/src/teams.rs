//! Teams of an organization: made, listed, renamed and removed. Who is in them is a matter of [`members`], whose teams are
//! one's own of [`own`].
//!
//! Every change locks the organization first, so that what it counts and finds stays as it is until it is done.

mod entity;
pub mod members;
pub mod own;

pub use entity::Model as Team;
pub(crate) use members::forget;

use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use wardkeep_auth::Listed;
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, Permission, TeamId, TenantTx, UserId};

use crate::Rules;
use crate::authority::{Authority, AuthorityError};

const CREATE: Permission = Permission::new("team", "create");
const UPDATE: Permission = Permission::new("team", "update");
const DELETE: Permission = Permission::new("team", "delete");

/// Takes a team out of the invitations that can still be accepted; of no team at all is null.
const STRIP_INVITATIONS: &str = r#"
update public.invitation
set
  "teamId" = nullif(array_to_string(array_remove(string_to_array("teamId", ','), $2), ','), ''),
  "updatedAt" = $3
where "organizationId" = $1
  and status = 'pending'
  and "expiresAt" > $3
  and $2 = any (string_to_array("teamId", ','))"#;

/// Makes a team with nobody in it.
///
/// # Errors
///
/// [`TeamError::CreationDenied`], [`TeamError::Limit`]; else when the caller is no member any more or the database fails.
pub async fn create(
    tx: &TenantTx,
    access: &AccessControl,
    rules: &Rules,
    name: String,
) -> Result<Team, TeamError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(CREATE) {
        return Err(TeamError::CreationDenied);
    }
    if let Some(most) = rules.teams
        && count(tx).await? >= most
    {
        return Err(TeamError::Limit);
    }
    let team = entity::ActiveModel {
        id: Set(tx.context().new_id()),
        name: Set(name),
        member_count: Set(0),
        organization_id: Set(tx.organization()),
        created_at: Set(tx.now()),
        updated_at: Set(Some(tx.now())),
    };
    Ok(team.insert(tx).await?)
}

/// Lists the teams of the organization, oldest first, for any member.
///
/// # Errors
///
/// When the database fails.
pub async fn list(tx: &TenantTx) -> Result<Listed<Team>, DbErr> {
    let all = tx
        .find::<entity::Entity>()
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    Listed::read(tx, all).await
}

/// Renames a team, if a name is given; that somebody changed it is noted either way, as in Better Auth.
///
/// # Errors
///
/// [`TeamError::UpdateDenied`], [`TeamError::NotFound`]; else when the caller is no member any more or the database fails.
pub async fn update(
    tx: &TenantTx,
    access: &AccessControl,
    team: TeamId,
    name: Option<String>,
) -> Result<Team, TeamError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(UPDATE) {
        return Err(TeamError::UpdateDenied);
    }
    let mut change = entity::Entity::update_many()
        .col_expr(entity::Column::UpdatedAt, Expr::value(tx.now()))
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.eq(team));
    if let Some(name) = name {
        change = change.col_expr(entity::Column::Name, Expr::value(name));
    }
    let changed = change.exec_with_returning(tx).await?;
    changed.into_iter().next().ok_or(TeamError::NotFound)
}

/// Removes a team, with all places in it, and takes it out of the invitations that can still be accepted. `active` is the
/// team in which the caller works: that one stays, and so does the last one.
///
/// # Errors
///
/// [`TeamError::Active`], [`TeamError::RemovalDenied`], [`TeamError::NotFound`], [`TeamError::Last`], in this order, which is
/// that of Better Auth's answers; else when the caller is no member any more or the database fails.
pub async fn remove(
    tx: &TenantTx,
    access: &AccessControl,
    active: Option<TeamId>,
    team: TeamId,
) -> Result<(), TeamError> {
    let authority = Authority::take(tx, access).await?;
    if active == Some(team) {
        return Err(TeamError::Active);
    }
    if !authority.allows(DELETE) {
        return Err(TeamError::RemovalDenied);
    }
    if !exists(tx, team).await? {
        return Err(TeamError::NotFound);
    }
    if count(tx).await? <= 1 {
        return Err(TeamError::Last);
    }
    entity::Entity::delete_many()
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.eq(team))
        .exec(tx)
        .await?;
    let values = [tx.organization().into(), team.to_string().into(), tx.now().into()];
    tx.sql(STRIP_INVITATIONS, values).execute().await?;
    Ok(())
}

/// Makes the default team of a new organization, named after it, with the founder in it. Its `updatedAt` stays null.
pub(crate) async fn insert_default(
    tx: &TenantTx,
    id: TeamId,
    name: &str,
    founder: UserId,
) -> Result<(), DbErr> {
    let team = entity::ActiveModel {
        id: Set(id),
        name: Set(name.to_owned()),
        member_count: Set(1),
        organization_id: Set(tx.organization()),
        created_at: Set(tx.now()),
        updated_at: Set(None),
    };
    team.insert(tx).await?;
    members::insert(tx, id, founder).await?;
    Ok(())
}

async fn count(tx: &TenantTx) -> Result<u64, DbErr> {
    tx.find::<entity::Entity>().count(tx).await
}

async fn exists(tx: &TenantTx, team: TeamId) -> Result<bool, DbErr> {
    let found = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(team))
        .one(tx);
    Ok(found.await?.is_some())
}

/// Writes down how many are in these teams.
async fn recount(tx: &TenantTx, teams: impl IntoIterator<Item = TeamId>) -> Result<(), DbErr> {
    let of_team = |column| Expr::col((members::Entity, column));
    let mut places = Query::select();
    places
        .expr(Expr::col(Asterisk).count().cast_as(Alias::new("integer")))
        .from(members::Entity)
        .and_where(of_team(members::Column::OrganizationId).eq(tx.organization()))
        .and_where(of_team(members::Column::TeamId).equals((entity::Entity, entity::Column::Id)));
    entity::Entity::update_many()
        .col_expr(
            entity::Column::MemberCount,
            SimpleExpr::SubQuery(None, Box::new(places.into())),
        )
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.is_in(teams))
        .exec(tx)
        .await?;
    Ok(())
}

/// Why a team was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// The caller is no member of the organization any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// No role of the caller allows to make teams.
    #[error("the caller may not make teams")]
    CreationDenied,
    /// No role of the caller allows to change teams.
    #[error("the caller may not change teams")]
    UpdateDenied,
    /// No role of the caller allows to remove teams.
    #[error("the caller may not remove teams")]
    RemovalDenied,
    /// The caller works in the team.
    #[error("the caller works in the team")]
    Active,
    /// The organization has no such team.
    #[error("there is no such team")]
    NotFound,
    /// An organization keeps one team.
    #[error("it is the last team")]
    Last,
    /// The organization has as many teams as the rules allow.
    #[error("there are as many teams as may be")]
    Limit,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for TeamError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::CreationDenied | Self::UpdateDenied | Self::RemovalDenied | Self::Active => {
                FaultKind::Forbidden
            }
            Self::NotFound | Self::Last | Self::Limit => FaultKind::Invalid,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CreationDenied => "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
            Self::UpdateDenied => "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
            Self::RemovalDenied => "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
            Self::Active => "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM",
            Self::NotFound => "TEAM_NOT_FOUND",
            Self::Last => "UNABLE_TO_REMOVE_LAST_TEAM",
            Self::Limit => "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
