//! Teams, as far as founding, joining and removing need them.

mod entity;
mod members;
mod places;

pub use places::PlaceError;
pub(crate) use places::{add, check};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _,
};
use sha2::{Digest as _, Sha256};
use wardkeep_tenancy::{TeamId, TenantTx, UserId};

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
    let place = members::ActiveModel {
        id: Set(tx.context().new_id()),
        team_id: Set(id),
        user_id: Set(founder),
        membership_key: Set(Some(membership_key(id, founder))),
        organization_id: Set(tx.organization()),
        created_at: Set(Some(tx.now())),
    };
    place.insert(tx).await?;
    Ok(())
}

/// Takes a user out of all teams of the organization, and counts them down.
pub(crate) async fn forget(tx: &TenantTx, user: UserId) -> Result<(), DbErr> {
    let places = members::Entity::delete_many()
        .filter(members::Column::OrganizationId.eq(tx.organization()))
        .filter(members::Column::UserId.eq(user))
        .exec_with_returning(tx)
        .await?;
    if places.is_empty() {
        return Ok(());
    }
    entity::Entity::update_many()
        .col_expr(
            entity::Column::MemberCount,
            Expr::col(entity::Column::MemberCount).sub(1),
        )
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.is_in(places.iter().map(|place| place.team_id)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Better Auth's key of a place in a team: base64url of SHA-256 over the JSON text `["<team>","<user>"]`.
fn membership_key(team: TeamId, user: UserId) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"["{team}","{user}"]"#)))
}
