//! The teams of one user: one's own, or those of a fellow member; and the one in which a session works.

use sea_orm::{
    ColumnTrait as _, DbErr, FromQueryResult as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};
use wardkeep_auth::{CurrentSession, Listed, sessions};
use wardkeep_tenancy::{
    BeginError, Database, Fault, FaultKind, IdentityTx, Permission, RequestContext, TeamId, TenantTx, UserId,
};

use super::{Team, entity, members};

const UPDATE_MEMBER: Permission = Permission::new("member", "update");

const MY_TEAMS: &str = "
select mine.*, count(*) over () as total
from tenancy.my_teams() with ordinality as mine
order by ordinality
limit 100";

const MY_TEAM: &str = "select * from tenancy.my_teams() where id = $1";

/// In which team a session should work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// In none.
    Nothing,
    /// In the one in which it works already, if the caller is still in it.
    Same,
    /// In this one.
    Team(TeamId),
}

/// What choosing did to the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing: no team was active, and none is.
    Unchanged,
    /// The session works in this team from now on, or in none.
    Changed(Option<Team>),
}

/// Lists the teams of the signed-in user in all organizations, in the order of joining.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    database: &Database,
    context: &RequestContext,
    user: UserId,
) -> Result<Listed<Team>, OwnTeamError> {
    let tx = database.identity(context, user).await?;
    let rows = tx.sql(MY_TEAMS, []).all().await?;
    Ok(Listed::counted(&rows)?)
}

/// Lists the teams of a member in this organization, oldest first: anybody's own, or a fellow member's for those who may
/// change members.
///
/// # Errors
///
/// [`OwnTeamError::Denied`], then [`OwnTeamError::NotAMember`] where there is no such member; else when the database fails.
pub async fn list_of(tx: &TenantTx, user: UserId) -> Result<Listed<Team>, OwnTeamError> {
    if user != tx.user() && !tx.allows(UPDATE_MEMBER) {
        return Err(OwnTeamError::Denied);
    }
    let places = tx
        .find::<members::Entity>()
        .filter(members::Column::UserId.eq(user))
        .select_only()
        .column(members::Column::TeamId)
        .into_query();
    let teams = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.in_subquery(places))
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    let list = Listed::read(tx, teams).await?;
    // Who is in a team is a member.
    if list.rows.is_empty() && crate::members::find(tx, user).await?.is_none() {
        return Err(OwnTeamError::NotAMember);
    }
    Ok(list)
}

/// Makes a team of one's own in the active organization the active team of the session. Look the session up by
/// [`Asked::Team`](wardkeep_tenancy::Asked::Team) or [`Asked::ActiveTeam`](wardkeep_tenancy::Asked::ActiveTeam): that says
/// to which organization the team belongs.
///
/// # Errors
///
/// [`OwnTeamError::NoActiveOrganization`], [`OwnTeamError::TeamNotFound`] where the active organization has no such team,
/// [`OwnTeamError::NotInTeam`]; else when the database fails. The session then stays as it was.
pub async fn set_active(
    database: &Database,
    context: &RequestContext,
    current: &CurrentSession,
    selection: Selection,
) -> Result<Activation, OwnTeamError> {
    let session = &current.session;
    let team = match (selection, session.active_team_id) {
        (Selection::Nothing | Selection::Same, None) => return Ok(Activation::Unchanged),
        (Selection::Nothing, Some(_)) => None,
        (Selection::Same, Some(team)) | (Selection::Team(team), _) => Some(team),
    };
    if team.is_some() {
        let active = session
            .active_organization_id
            .ok_or(OwnTeamError::NoActiveOrganization)?;
        if current.organization != Some(active) {
            return Err(OwnTeamError::TeamNotFound);
        }
    }
    let tx = database.identity(context, session.user_id).await?;
    let chosen = match team {
        Some(team) => Some(my_team(&tx, team).await?),
        None => None,
    };
    let id = chosen.as_ref().map(|team| team.id);
    sessions::activate(&tx, session.id, session.active_organization_id, id).await?;
    tx.commit().await?;
    Ok(Activation::Changed(chosen))
}

async fn my_team(tx: &IdentityTx, team: TeamId) -> Result<Team, OwnTeamError> {
    let row = tx.sql(MY_TEAM, [team.into()]).one().await?;
    Ok(Team::from_query_result(&row.ok_or(OwnTeamError::NotInTeam)?, "")?)
}

/// Why the teams of a user were not listed, or one not chosen.
#[derive(Debug, thiserror::Error)]
pub enum OwnTeamError {
    /// No role of the caller allows to see the teams of others.
    #[error("the caller may not see the teams of others")]
    Denied,
    /// The user is no member of the organization.
    #[error("the user is not a member of the organization")]
    NotAMember,
    /// The session has no active organization.
    #[error("no organization is active")]
    NoActiveOrganization,
    /// The active organization has no such team.
    #[error("there is no such team")]
    TeamNotFound,
    /// The caller is not in the team.
    #[error("the user is not in the team")]
    NotInTeam,
    /// No transaction could be opened.
    #[error("no transaction could be opened")]
    Begin(#[from] BeginError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for OwnTeamError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied | Self::NotInTeam => FaultKind::Forbidden,
            Self::NotAMember | Self::NoActiveOrganization | Self::TeamNotFound => FaultKind::Invalid,
            Self::Begin(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied => "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER",
            Self::NotAMember => "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            Self::NoActiveOrganization => "NO_ACTIVE_ORGANIZATION",
            Self::TeamNotFound => "TEAM_NOT_FOUND",
            Self::NotInTeam => "USER_IS_NOT_A_MEMBER_OF_THE_TEAM",
            Self::Begin(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
