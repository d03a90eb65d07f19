//! Accounts: the ways of a user to sign in. For now the only one is a password.

mod entity;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use wardkeep_tenancy::{CredentialsTx, UserId};

use crate::secret_text::SecretText;

/// The provider of an account that is a password.
const CREDENTIAL: &str = "credential";

/// The hash of the user's password, if there is one.
pub(crate) async fn find_password(tx: &CredentialsTx, user: UserId) -> Result<Option<SecretText>, DbErr> {
    let account = entity::Entity::find()
        .filter(entity::Column::UserId.eq(user))
        .filter(entity::Column::ProviderId.eq(CREDENTIAL))
        .filter(entity::Column::AccountId.eq(user.to_string()))
        .one(tx)
        .await?;
    Ok(account.and_then(|account| account.password))
}

/// Gives a new user a password.
pub(crate) async fn insert_password(tx: &CredentialsTx, user: UserId, hash: SecretText) -> Result<(), DbErr> {
    let account = entity::Model {
        id: tx.context().new_id(),
        account_id: user.to_string(),
        provider_id: CREDENTIAL.to_owned(),
        user_id: user,
        access_token: None,
        refresh_token: None,
        id_token: None,
        access_token_expires_at: None,
        refresh_token_expires_at: None,
        scope: None,
        password: Some(hash),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    entity::Entity::insert(account.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
