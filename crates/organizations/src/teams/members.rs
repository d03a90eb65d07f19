//! Who is in a team: members of its organization alone.

mod entity;

pub use entity::Model as TeamMember;
pub(super) use entity::{Column, Entity};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use sha2::{Digest as _, Sha256};
use wardkeep_auth::Listed;
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, Permission, TeamId, TenantTx, UserId};

use crate::authority::{Authority, AuthorityError};
use crate::{Rules, members};

// Better Auth asks for the rights on members, not on teams.
const ADD: Permission = Permission::new("member", "update");
const REMOVE: Permission = Permission::new("member", "delete");

/// Lists who is in a team, oldest first, for those who are in it: nobody is in a team of another organization.
///
/// # Errors
///
/// [`TeamMemberError::NotInTeam`] for anybody else, the owner of the organization too; else when the database fails.
pub async fn list(tx: &TenantTx, team: TeamId) -> Result<Listed<TeamMember>, TeamMemberError> {
    let mine = place(tx, team, tx.user())
        .select_only()
        .column(Column::TeamId)
        .into_query();
    let all = tx
        .find::<Entity>()
        .filter(Column::TeamId.in_subquery(mine))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    let list = Listed::read(tx, all).await?;
    if list.rows.is_empty() {
        return Err(TeamMemberError::NotInTeam);
    }
    Ok(list)
}

/// Puts a member of the organization into a team; who is in it already stays as before.
///
/// # Errors
///
/// [`TeamMemberError::AdditionDenied`], [`TeamMemberError::NotAMember`], [`TeamMemberError::TeamNotFound`],
/// [`TeamMemberError::Limit`], in this order, which is that of Better Auth's answers; else when the caller is no member any
/// more or the database fails.
pub async fn add(
    tx: &TenantTx,
    access: &AccessControl,
    rules: &Rules,
    team: TeamId,
    user: UserId,
) -> Result<TeamMember, TeamMemberError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(ADD) {
        return Err(TeamMemberError::AdditionDenied);
    }
    if !members::hold(tx, user).await? {
        return Err(TeamMemberError::NotAMember);
    }
    if !super::exists(tx, team).await? {
        return Err(TeamMemberError::TeamNotFound);
    }
    put(tx, rules, team, user).await
}

/// Takes a member out of a team.
///
/// # Errors
///
/// [`TeamMemberError::RemovalDenied`], [`TeamMemberError::NotAMember`], [`TeamMemberError::TeamNotFound`],
/// [`TeamMemberError::NotInTeam`], in this order, which is that of Better Auth's answers; else when the caller is no member
/// any more or the database fails.
pub async fn remove(
    tx: &TenantTx,
    access: &AccessControl,
    team: TeamId,
    user: UserId,
) -> Result<(), TeamMemberError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(REMOVE) {
        return Err(TeamMemberError::RemovalDenied);
    }
    if !members::hold(tx, user).await? {
        return Err(TeamMemberError::NotAMember);
    }
    if !super::exists(tx, team).await? {
        return Err(TeamMemberError::TeamNotFound);
    }
    let gone = Entity::delete_many()
        .filter(Column::OrganizationId.eq(tx.organization()))
        .filter(Column::TeamId.eq(team))
        .filter(Column::UserId.eq(user))
        .exec(tx)
        .await?;
    if gone.rows_affected == 0 {
        return Err(TeamMemberError::NotInTeam);
    }
    super::recount(tx, [team]).await?;
    Ok(())
}

/// Puts a member into a team of the organization, which the caller of this has locked; who is in it already stays. The
/// rows are counted, not what the team says of itself.
pub(crate) async fn put(
    tx: &TenantTx,
    rules: &Rules,
    team: TeamId,
    user: UserId,
) -> Result<TeamMember, TeamMemberError> {
    if let Some(already) = place(tx, team, user).one(tx).await? {
        return Ok(already);
    }
    check_room(tx, rules, team).await?;
    let new = insert(tx, team, user).await?;
    super::recount(tx, [team]).await?;
    Ok(new)
}

/// Whether the organization has the team, and the team room for one more.
pub(crate) async fn check(tx: &TenantTx, rules: &Rules, team: TeamId) -> Result<(), TeamMemberError> {
    if !super::exists(tx, team).await? {
        return Err(TeamMemberError::TeamNotFound);
    }
    check_room(tx, rules, team).await
}

async fn check_room(tx: &TenantTx, rules: &Rules, team: TeamId) -> Result<(), TeamMemberError> {
    let Some(most) = rules.members_per_team else {
        return Ok(());
    };
    let places = tx.find::<Entity>().filter(Column::TeamId.eq(team));
    if places.count(tx).await? >= most {
        return Err(TeamMemberError::Limit);
    }
    Ok(())
}

/// Takes a user out of all teams of the organization.
pub(crate) async fn forget(tx: &TenantTx, user: UserId) -> Result<(), DbErr> {
    let places = Entity::delete_many()
        .filter(Column::OrganizationId.eq(tx.organization()))
        .filter(Column::UserId.eq(user))
        .exec_with_returning(tx)
        .await?;
    if places.is_empty() {
        return Ok(());
    }
    super::recount(tx, places.iter().map(|place| place.team_id)).await
}

pub(super) async fn insert(tx: &TenantTx, team: TeamId, user: UserId) -> Result<TeamMember, DbErr> {
    let place = entity::ActiveModel {
        id: Set(tx.context().new_id()),
        team_id: Set(team),
        user_id: Set(user),
        membership_key: Set(Some(membership_key(team, user))),
        organization_id: Set(tx.organization()),
        created_at: Set(Some(tx.now())),
    };
    place.insert(tx).await
}

fn place(tx: &TenantTx, team: TeamId, user: UserId) -> Select<Entity> {
    tx.find::<Entity>()
        .filter(Column::TeamId.eq(team))
        .filter(Column::UserId.eq(user))
}

/// Better Auth's key of a place in a team: base64url of SHA-256 over the JSON text `["<team>","<user>"]`.
fn membership_key(team: TeamId, user: UserId) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"["{team}","{user}"]"#)))
}

/// Why who is in a team was not told or changed.
#[derive(Debug, thiserror::Error)]
pub enum TeamMemberError {
    /// The caller is no member of the organization any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// No role of the caller allows to put members into teams.
    #[error("the caller may not put members into teams")]
    AdditionDenied,
    /// No role of the caller allows to take members out of teams.
    #[error("the caller may not take members out of teams")]
    RemovalDenied,
    /// The user is no member of the organization.
    #[error("the user is not a member of the organization")]
    NotAMember,
    /// The organization has no such team.
    #[error("there is no such team")]
    TeamNotFound,
    /// The user is not in the team.
    #[error("the user is not in the team")]
    NotInTeam,
    /// The team has as many members as the rules allow.
    #[error("there are as many in the team as may be")]
    Limit,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for TeamMemberError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::AdditionDenied | Self::RemovalDenied | Self::Limit => FaultKind::Forbidden,
            Self::NotAMember | Self::TeamNotFound | Self::NotInTeam => FaultKind::Invalid,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AdditionDenied => "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER",
            Self::RemovalDenied => "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER",
            Self::NotAMember => "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            Self::TeamNotFound => "TEAM_NOT_FOUND",
            Self::NotInTeam => "USER_IS_NOT_A_MEMBER_OF_THE_TEAM",
            Self::Limit => "TEAM_MEMBER_LIMIT_REACHED",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
