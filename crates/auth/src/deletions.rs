//! Deleting the own account.

use sea_orm::DbErr;
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext};

use crate::Auth;
use crate::credentials::{self, CredentialError};
use crate::emails::Email;
use crate::passwords::Password;
use crate::sessions::CurrentSession;
use crate::verifications::{self, Purpose};
use crate::{accounts, letters, mail, sessions, users};

/// What the signed-in user gives to show that the account is to go.
#[derive(Debug, Clone, Default)]
pub struct Deletion {
    /// The password; instead of it the session must be [fresh](crate::sessions::FRESH_AGE).
    pub password: Option<Password>,
    /// The token of a mail.
    pub token: Option<String>,
    /// The page that the link in the mail ends on.
    pub callback: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// The user is gone, with every session, account and membership.
    Now,
    /// A mail with a link is on its way ([`Policy::confirm_deletion`](crate::Policy)).
    ByMail,
}

/// Deletes the signed-in user, or sends the mail whose link does.
///
/// The order of the checks is that of the protocol: the password, if one is given; the token, if one is given; then
/// the policy; then, without a password, the age of the session. What is given and empty is wrong.
///
/// # Errors
///
/// [`DeletionError::OnlyOwner`] if an organization would be left without an owner; then nothing is used up or gone.
pub async fn delete(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: &CurrentSession,
    deletion: Deletion,
) -> Result<Deleted, DeletionError> {
    let user = current.user.id;
    if let Some(password) = &deletion.password {
        // It was no guess, whatever becomes of the deletion.
        credentials::confirm(db, cx, auth, user, password).await?;
    }
    if let Some(token) = &deletion.token {
        return delete_now(db, cx, current, Some(token)).await;
    }
    if auth.policy.confirm_deletion {
        return send(db, cx, auth, current, deletion.callback.as_deref()).await;
    }
    if deletion.password.is_none() && !current.session.is_fresh(cx.now()) {
        return Err(DeletionError::NotFresh);
    }
    delete_now(db, cx, current, None).await
}

async fn send(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: &CurrentSession,
    callback: Option<&str>,
) -> Result<Deleted, DeletionError> {
    let to = Email::parse(&current.user.email).ok_or(DeletionError::NoAddress)?;
    let tx = db.identity(cx, current.user.id).await?;
    let token = verifications::create(&tx, cx, Purpose::DeleteAccount, current.user.id).await?;
    let letter = letters::delete_account(auth, to, &token, callback);
    mail::queue(&tx, cx, auth, &letter).await?;
    tx.commit().await?;
    auth.mail_waiting();
    Ok(Deleted::ByMail)
}

async fn delete_now(
    db: &Database,
    cx: &RequestContext,
    current: &CurrentSession,
    token: Option<&str>,
) -> Result<Deleted, DeletionError> {
    let user = current.user.id;
    let tx = db.identity(cx, user).await?;
    users::lock(&tx, user).await?;
    if let Some(token) = token
        && !verifications::consume(&tx, cx, Purpose::DeleteAccount, token, user).await?
    {
        return Err(DeletionError::InvalidToken);
    }
    if !sessions::is_there(&tx, current.session.id).await? {
        return Err(DeletionError::NotFresh);
    }
    // First, since a sign-in that holds the password has yet to reach the user's row, for its session.
    accounts::delete_all(&tx, user).await?;
    // An organization that the user founds at this moment is there by then, or is not founded any more.
    users::lock_to_delete(&tx, user).await?;
    if !tx.lock_organizations_i_alone_own().await?.is_empty() {
        return Err(DeletionError::OnlyOwner);
    }
    users::delete(&tx, user).await?;
    // Last, since a token that somebody asks for at this moment keeps the user's row until it is there.
    verifications::void_all(&tx, user).await?;
    tx.commit().await?;
    Ok(Deleted::Now)
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The password was not taken.
    #[error(transparent)]
    Password(#[from] CredentialError),
    /// There is no such token for this user, or it is over, or was used.
    #[error("invalid token")]
    InvalidToken,
    /// Neither a password was given nor is the session fresh, or the session has ended since the request began.
    #[error("the session is too old for this: give the password, or sign in again")]
    NotFresh,
    /// An organization has no other owner: hand it on or delete it first.
    #[error("an organization has no other owner")]
    OnlyOwner,
    /// The user has no address that a mail could go to.
    #[error("the user has no well-formed address")]
    NoAddress,
    /// The database did not do its part.
    #[error("the user could not be deleted")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened to delete the user")]
    Begin(#[from] BeginError),
}

impl Fault for DeletionError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Password(error) => error.kind(),
            Self::InvalidToken => FaultKind::NotFound,
            Self::NotFresh | Self::OnlyOwner => FaultKind::Invalid,
            Self::NoAddress => FaultKind::Internal,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Password(error) => error.code(),
            Self::InvalidToken => "INVALID_TOKEN",
            Self::NotFresh => "SESSION_EXPIRED",
            Self::OnlyOwner => "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
            Self::NoAddress => "INTERNAL_ERROR",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
