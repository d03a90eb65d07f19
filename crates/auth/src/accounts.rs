//! Accounts: the ways of a user to sign in, which are a password and accounts at providers.

mod entity;
pub(crate) mod linked;

use sea_orm::sea_query::{Expr, IntoCondition, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use wardkeep_tenancy::{BeginError, CredentialsTx, Database, Fault, FaultKind, RequestContext, UserId};

pub use entity::{AccountId, Model as Account};
pub(crate) use entity::{Column, Entity};

use crate::emails::Email;
use crate::listed::Listed;
use crate::secret_text::SecretText;
use crate::users::{self, User};

/// The provider of an account that is a password.
pub(crate) const CREDENTIAL: &str = "credential";

/// Lists the accounts of the signed-in user, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(db: &Database, cx: &RequestContext, user: UserId) -> Result<Listed<Account>, AccountError> {
    let tx = db.identity(cx, user).await?;
    let own = entity::Entity::find()
        .filter(entity::Column::UserId.eq(user))
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    Ok(Listed::read(&tx, own).await?)
}

/// Takes one of the ways to sign in away from the signed-in user. The last one stays, whatever comes at the same moment:
/// the user's row is locked before the accounts are counted.
///
/// # Errors
///
/// [`AccountError::Last`], which is checked first, and [`AccountError::NotFound`], also for somebody else's; else when the
/// database fails.
pub async fn unlink(
    db: &Database,
    cx: &RequestContext,
    user: UserId,
    account: Option<AccountId>,
) -> Result<(), AccountError> {
    let tx = db.identity(cx, user).await?;
    users::lock(&tx, user).await?;
    let accounts = entity::Entity::find()
        .filter(entity::Column::UserId.eq(user))
        .all(&tx)
        .await?;
    if accounts.len() == 1 {
        return Err(AccountError::Last);
    }
    let account = account
        .filter(|id| accounts.iter().any(|account| account.id == *id))
        .ok_or(AccountError::NotFound)?;
    entity::Entity::delete_by_id(account).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Why an account could not be listed or unlinked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It is the only way to sign in that the user has.
    #[error("the last account of a user stays")]
    Last,
    /// The user has no such account.
    #[error("there is no such account")]
    NotFound,
    /// The database did not do its part.
    #[error("the accounts could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the accounts")]
    Begin(#[from] BeginError),
}

impl Fault for AccountError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Last | Self::NotFound => FaultKind::Invalid,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Last => "FAILED_TO_UNLINK_LAST_ACCOUNT",
            Self::NotFound => "ACCOUNT_NOT_FOUND",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}

/// The user of an address and the hash of the password, in one statement whether there is such a user or not.
pub(crate) async fn find_by_email(
    tx: &CredentialsTx,
    email: &Email,
) -> Result<Option<(User, Option<SecretText>)>, DbErr> {
    find_with_password(tx, users::Column::Email.eq(email.as_str())).await
}

/// The same by the user's id.
pub(crate) async fn find_by_user(
    tx: &CredentialsTx,
    user: UserId,
) -> Result<Option<(User, Option<SecretText>)>, DbErr> {
    find_with_password(tx, users::Column::Id.eq(user)).await
}

async fn find_with_password(
    tx: &CredentialsTx,
    whose: impl IntoCondition,
) -> Result<Option<(User, Option<SecretText>)>, DbErr> {
    let found = users::Entity::find()
        .find_also_related(entity::Entity)
        .filter(whose)
        .one(tx)
        .await?;
    Ok(found.map(|(user, account)| (user, account.and_then(|account| account.password))))
}

/// Gives a user who has none a password.
pub(crate) async fn insert_password(tx: &CredentialsTx, user: UserId, hash: String) -> Result<(), DbErr> {
    entity::Entity::insert(
        credential(tx.context(), user, hash)
            .into_active_model()
            .reset_all(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Gives a user a password, or another one.
pub(crate) async fn put_password(tx: &CredentialsTx, user: UserId, hash: String) -> Result<(), DbErr> {
    let account = credential(tx.context(), user, hash)
        .into_active_model()
        .reset_all();
    let key = [entity::Column::ProviderId, entity::Column::AccountId];
    let replaced = [entity::Column::Password, entity::Column::UpdatedAt];
    entity::Entity::insert(account)
        .on_conflict(OnConflict::columns(key).update_columns(replaced).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Replaces a password where it is still the old one, and says whether it was.
pub(crate) async fn replace_password(
    tx: &CredentialsTx,
    user: UserId,
    old: &SecretText,
    hash: String,
) -> Result<bool, DbErr> {
    let updated = entity::Entity::update_many()
        .col_expr(entity::Column::Password, Expr::value(SecretText::new(hash)))
        .col_expr(entity::Column::UpdatedAt, Expr::value(tx.now()))
        .filter(is_password_of(user, old))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Says whether a user's password is still the one that was checked, and keeps it so until the transaction ends: a reset
/// or a change that comes now waits, and then ends the sessions that this transaction makes.
pub(crate) async fn hold_password(
    tx: &CredentialsTx,
    user: UserId,
    checked: &SecretText,
) -> Result<bool, DbErr> {
    let held = entity::Entity::find()
        .filter(is_password_of(user, checked))
        .lock(LockType::Share)
        .one(tx)
        .await?;
    Ok(held.is_some())
}

/// Drops every way to sign in but the password.
pub(crate) async fn drop_links(tx: &CredentialsTx, user: UserId) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(entity::Column::UserId.eq(user))
        .filter(entity::Column::ProviderId.ne(CREDENTIAL))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes every way to sign in away, from a user who is about to be deleted.
pub(crate) async fn delete_all(tx: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    delete_all_but(tx, user, None).await
}

/// Takes every other way to sign in away, from whoever had the user before its owner came with this one.
pub(crate) async fn delete_all_but(
    tx: &impl ConnectionTrait,
    user: UserId,
    kept: Option<AccountId>,
) -> Result<(), DbErr> {
    let mut deleted = entity::Entity::delete_many().filter(entity::Column::UserId.eq(user));
    if let Some(kept) = kept {
        deleted = deleted.filter(entity::Column::Id.ne(kept));
    }
    deleted.exec(tx).await?;
    Ok(())
}

fn is_password_of(user: UserId, hash: &SecretText) -> Condition {
    Condition::all()
        .add(entity::Column::UserId.eq(user))
        .add(entity::Column::ProviderId.eq(CREDENTIAL))
        .add(entity::Column::Password.eq(hash.clone()))
}

fn credential(cx: &RequestContext, user: UserId, hash: String) -> Account {
    Account {
        id: cx.new_id(),
        account_id: user.to_string(),
        provider_id: CREDENTIAL.to_owned(),
        user_id: user,
        access_token: None,
        refresh_token: None,
        id_token: None,
        access_token_expires_at: None,
        refresh_token_expires_at: None,
        scope: None,
        password: Some(SecretText::new(hash)),
        created_at: cx.now(),
        updated_at: cx.now(),
    }
}
