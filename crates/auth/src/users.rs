//! Users: people with an account. Which organizations they belong to is not known here.

mod entity;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use wardkeep_tenancy::CredentialsTx;

pub use entity::Model as User;
pub(crate) use entity::{Column, Entity};

use crate::emails::Email;

/// Finds the user of an address, for somebody who has not signed in yet.
pub(crate) async fn find_by_email(tx: &CredentialsTx, email: &Email) -> Result<Option<User>, DbErr> {
    Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .one(tx)
        .await
}

/// Adds a user. The unique key on the address refuses the second of two.
pub(crate) async fn insert(tx: &CredentialsTx, user: User) -> Result<(), DbErr> {
    Entity::insert(user.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
