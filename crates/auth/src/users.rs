//! Users: people with an account. Which organizations they belong to is not known here.

mod entity;

use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _,
};
use wardkeep_tenancy::{
    BeginError, CredentialsTx, Database, Fault, FaultKind, IdentityTx, RequestContext, UserId,
};

pub use entity::Model as User;
pub(crate) use entity::{Column, Entity};

use crate::emails::Email;
use crate::sessions::{self, CurrentSession};

/// What a user may change of the own row without proving anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Another name.
    pub name: Option<String>,
    /// Another picture, or none.
    pub image: Option<Option<String>>,
}

/// Changes the row of the signed-in user, unless the session has ended since the request began: whoever has the account by
/// then, as after a reset or from a provider, has a name of their own.
///
/// # Errors
///
/// [`UserError::Nothing`] if there is nothing to change, [`UserError::SessionEnded`]; else when the database fails.
pub async fn update(
    db: &Database,
    cx: &RequestContext,
    current: &CurrentSession,
    changes: Changes,
) -> Result<(), UserError> {
    if changes == Changes::default() {
        return Err(UserError::Nothing);
    }
    let user = current.user.id;
    let tx = db.identity(cx, user).await?;
    // First of all, so that what ends the session comes before or after, and not between.
    lock(&tx, user).await?;
    if !sessions::is_there(&tx, current.session.id).await? {
        return Err(UserError::SessionEnded);
    }
    let mut update = Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(user));
    if let Some(name) = changes.name {
        update = update.col_expr(Column::Name, Expr::value(name));
    }
    if let Some(image) = changes.image {
        update = update.col_expr(Column::Image, Expr::value(image));
    }
    update.exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps the signed-in user from being deleted until the transaction ends, and says whether there is one still. Ask before
/// anything else that makes a row refer to the user: a deletion that comes now waits, and then sees that row.
///
/// # Errors
///
/// When the database fails.
pub async fn hold(tx: &IdentityTx) -> Result<bool, DbErr> {
    let held = Entity::find_by_id(tx.user()).lock(LockType::KeyShare).one(tx);
    Ok(held.await?.is_some())
}

/// Finds and locks a user's row until the transaction ends, for rules about what belongs to a user; it keeps the user from
/// being deleted as [`hold`] does. Whoever locks it does so before anything else that another transaction could wait for.
///
/// # Errors
///
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, user: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(user).lock(LockType::NoKeyUpdate).one(tx).await
}

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Nothing that can be changed was given.
    #[error("nothing would change")]
    Nothing,
    /// The session has ended since the request began.
    #[error("the session has ended")]
    SessionEnded,
    /// The database did not do its part.
    #[error("the user could not be written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the user")]
    Begin(#[from] BeginError),
}

impl Fault for UserError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Nothing => FaultKind::Invalid,
            Self::SessionEnded => FaultKind::Unauthenticated,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "NO_FIELDS_TO_UPDATE",
            Self::SessionEnded => "UNAUTHORIZED",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}

/// Finds the user of an address, for somebody who has not signed in yet.
pub(crate) async fn find_by_email(tx: &CredentialsTx, email: &Email) -> Result<Option<User>, DbErr> {
    Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .one(tx)
        .await
}

/// The same, and keeps the address the user's until the transaction ends: who changes it now waits, and then sees what
/// this transaction did.
pub(crate) async fn hold_by_email(tx: &CredentialsTx, email: &Email) -> Result<Option<User>, DbErr> {
    // The address is a key (PostgreSQL manual, section 13.3.2).
    Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .lock(LockType::KeyShare)
        .one(tx)
        .await
}

/// The same, and [locks](lock) the row: nobody else changes whether the address is proven, and what belongs to the user.
pub(crate) async fn lock_by_email(tx: &CredentialsTx, email: &Email) -> Result<Option<User>, DbErr> {
    Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await
}

/// Finds a user by the id.
pub(crate) async fn find(tx: &CredentialsTx, user: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(user).one(tx).await
}

/// Adds a user. The unique key on the address refuses the second of two.
pub(crate) async fn insert(tx: &CredentialsTx, user: User) -> Result<(), DbErr> {
    Entity::insert(user.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Adds a user, unless the address has one, and says whether it did.
pub(crate) async fn insert_new(tx: &CredentialsTx, user: User) -> Result<bool, DbErr> {
    let taken = OnConflict::column(Column::Email).do_nothing().to_owned();
    let inserted = Entity::insert(user.into_active_model().reset_all())
        .on_conflict(taken)
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Notes that the user of an address has proven it.
pub(crate) async fn verify(tx: &CredentialsTx, user: &User) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::EmailVerified, Expr::value(true))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(user.id))
        .filter(Column::Email.eq(user.email.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that a user has proven the address by a reset, and says whether it was unproven before.
pub(crate) async fn verify_by_reset(tx: &CredentialsTx, user: UserId) -> Result<bool, DbErr> {
    let updated = Entity::update_many()
        .col_expr(Column::EmailVerified, Expr::value(true))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(user))
        .filter(Column::EmailVerified.eq(false))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Makes a user whose address was never proven the one of its owner: the name and the picture are those of whoever has
/// proven it now.
pub(crate) async fn take_over(tx: &CredentialsTx, user: &User) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::EmailVerified, Expr::value(true))
        .col_expr(Column::Name, Expr::value(user.name.as_str()))
        .col_expr(Column::Image, Expr::value(user.image.as_deref()))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(user.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a user another address, if the old one is still what it was, and says whether it was.
pub(crate) async fn change_email(tx: &CredentialsTx, user: &User, email: &Email) -> Result<bool, DbErr> {
    let updated = Entity::update_many()
        .col_expr(Column::Email, Expr::value(email.as_str()))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(user.id))
        .filter(Column::Email.eq(user.email.as_str()))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Waits for whoever makes a row refer to the user, and lets nobody else do so until the transaction ends.
pub(crate) async fn lock_to_delete(tx: &IdentityTx, user: UserId) -> Result<(), DbErr> {
    Entity::find_by_id(user).lock(LockType::Update).one(tx).await?;
    Ok(())
}

/// Deletes the own row, and by cascade sessions, accounts and memberships. Says whether it was there.
pub(crate) async fn delete(tx: &IdentityTx, user: UserId) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(user).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}
