//! A new password for somebody who has forgotten theirs: the mailbox proves who they are.

use sea_orm::DbErr;
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, UserId, sqlstate};

use crate::Auth;
use crate::emails::Email;
use crate::passwords::{Password, PasswordError};
use crate::users;
use crate::verifications::{self, Purpose};
use crate::{accounts, guesses, letters, mail, sessions};

/// Sends a link by which a new password can be set, if the address has a user. `redirect` is the page that the link ends
/// on, with the token in its query.
///
/// Nobody learns whether it has: either way a token is made and a mail queued, by the same statements. A token for
/// nobody is void, and its mail is never sent.
///
/// # Errors
///
/// [`ResetError::Disabled`] where no mails are sent; else when the database fails.
pub async fn request(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    email: &Email,
    redirect: Option<&str>,
) -> Result<(), ResetError> {
    if !auth.mails_are_sent {
        return Err(ResetError::Disabled);
    }
    let tx = db.credentials(cx).await?;
    // A change of the address that comes now voids the token, and one that came before makes this nobody's.
    let user = users::hold_by_email(&tx, email).await?;
    let of = user.as_ref().map_or_else(|| cx.new_id(), |user| user.id);
    let token = verifications::create(&tx, cx, Purpose::ResetPassword, of).await?;
    let letter = letters::reset_password(auth, email.clone(), &token, redirect);
    mail::queue_like(&tx, cx, auth, user.map(|_| &letter), Some(&letter)).await?;
    tx.commit().await?;
    auth.mail_waiting();
    Ok(())
}

/// Says whether a token can set a password. It stays usable.
///
/// # Errors
///
/// When the database fails.
pub async fn is_valid(db: &Database, cx: &RequestContext, token: &str) -> Result<bool, ResetError> {
    let tx = db.credentials(cx).await?;
    let user = verifications::find(&tx, Purpose::ResetPassword, token).await?;
    Ok(user.is_some())
}

/// Sets the password of whoever the token was sent to, and uses the token up: of any number of requests with it, one
/// succeeds.
///
/// By the [policy](crate::Policy::reset_ends_all) it also ends every session of the user and voids every other token; notes
/// that the address is proven; and, where it was not before, drops every other way to sign in: whoever signed up with
/// somebody else's address keeps nothing.
///
/// # Errors
///
/// A password that may not be chosen does not use the token up; nor does anything else but success.
pub async fn reset(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    token: &str,
    password: &Password,
) -> Result<(), ResetError> {
    password.check_new(&auth.policy)?;
    let user = owner(db, cx, token).await?;
    // Only now, so that nobody can have passwords hashed who has no token.
    let hash = auth.hasher.hash(cx.entropy(), password).await?;

    let tx = db.credentials(cx).await?;
    users::lock(&tx, user).await?;
    if !verifications::consume(&tx, cx, Purpose::ResetPassword, token, user).await? {
        return Err(ResetError::InvalidToken);
    }
    // Before the sessions: a sign-in with the old password that holds it now will have made its session by then.
    accounts::put_password(&tx, user, hash)
        .await
        .map_err(deleted_meanwhile)?;
    guesses::forget(&tx, auth, user).await?;
    if auth.policy.reset_ends_all {
        sessions::delete_all(&tx, user).await?;
        verifications::void_all(&tx, user).await?;
        if users::verify_by_reset(&tx, user).await? {
            accounts::drop_links(&tx, user).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn owner(db: &Database, cx: &RequestContext, token: &str) -> Result<UserId, ResetError> {
    let tx = db.credentials(cx).await?;
    let user = verifications::find(&tx, Purpose::ResetPassword, token).await?;
    let user = user.ok_or(ResetError::InvalidToken)?;
    users::find(&tx, user).await?.ok_or(ResetError::UserNotFound)?;
    Ok(user)
}

/// The account belongs to a user who was deleted a moment ago: a foreign key violation.
fn deleted_meanwhile(error: DbErr) -> ResetError {
    match sqlstate(&error).as_deref() {
        Some("23503") => ResetError::UserNotFound,
        _ => ResetError::Database(error),
    }
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Nobody sends mails here ([`AuthConfig::mails_are_sent`](crate::AuthConfig::mails_are_sent)).
    #[error("no mails are sent here")]
    Disabled,
    /// There is no such token, or it is over, or was used.
    #[error("invalid token")]
    InvalidToken,
    /// The user is gone.
    #[error("user not found")]
    UserNotFound,
    /// The password may not be chosen, or could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database did not do its part.
    #[error("the reset could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the reset")]
    Begin(#[from] BeginError),
}

impl Fault for ResetError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Disabled | Self::InvalidToken | Self::UserNotFound => FaultKind::Invalid,
            Self::Password(error) => error.kind(),
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Disabled => "RESET_PASSWORD_DISABLED",
            Self::InvalidToken => "INVALID_TOKEN",
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::Password(error) => error.code(),
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
