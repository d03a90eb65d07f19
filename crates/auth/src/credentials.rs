//! The password of somebody who is signed in: asked again before what matters, and changed.

use sea_orm::DbErr;
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, UserId};

use crate::Auth;
use crate::accounts;
use crate::guesses::{self, Guess};
use crate::passwords::{Password, PasswordError, Verdict};
use crate::secret_text::SecretText;
use crate::sessions::{self, Client, CurrentSession, Remember, SignedIn};

/// A change of a password.
#[derive(Debug, Clone)]
pub struct Change {
    /// The password until now.
    pub current: Password,
    /// The password from now on.
    pub new: Password,
    /// Ends every session, this one included, and makes a new one: what makes it, and whether its browser keeps it.
    pub renew: Option<(Client, Remember)>,
}

/// Gives the signed-in user another password. Returns the new session, if one was asked for.
///
/// The order of the checks is that of the protocol: the new password, the length of the old one, whether the user has
/// a password at all, whether it is the old one.
///
/// # Errors
///
/// Of several changes at once one succeeds: for the others the password is not what it was, [`CredentialError::Wrong`].
pub async fn change(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: &CurrentSession,
    change: Change,
) -> Result<Option<SignedIn>, CredentialError> {
    change.new.check_new(&auth.policy)?;
    let user = current.user.id;
    let stored = check(db, cx, auth, user, &change.current).await?;
    let hash = auth.hasher.hash(cx.entropy(), &change.new).await?;

    let tx = db.credentials(cx).await?;
    if !accounts::replace_password(&tx, user, &stored, hash).await? {
        return Err(CredentialError::Wrong);
    }
    guesses::forget(&tx, auth, user).await?;
    let renewed = match change.renew {
        None => None,
        Some((client, remember)) => {
            sessions::delete_all(&tx, user).await?;
            let (session, secret) = sessions::create(&tx, user, remember, &client).await?;
            Some(SignedIn {
                user: current.user.clone(),
                session,
                secret,
            })
        }
    };
    tx.commit().await?;
    Ok(renewed)
}

/// Says whether this is the password of the signed-in user.
///
/// # Errors
///
/// [`CredentialError::Wrong`], also for a user without a password.
pub async fn verify(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    password: &Password,
) -> Result<(), CredentialError> {
    let confirmed = confirm(db, cx, auth, user, password).await;
    confirmed.map_err(|error| match error {
        CredentialError::None => CredentialError::Wrong,
        other => other,
    })
}

/// Checks a password, and forgets the guesses if it is right and still the same.
pub(crate) async fn confirm(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    password: &Password,
) -> Result<(), CredentialError> {
    let stored = check(db, cx, auth, user, password).await?;
    let tx = db.credentials(cx).await?;
    if !accounts::hold_password(&tx, user, &stored).await? {
        return Err(CredentialError::Wrong);
    }
    guesses::forget(&tx, auth, user).await?;
    tx.commit().await?;
    Ok(())
}

/// Checks a password and counts the guess. Returns the hash that it fits, so that the transaction that makes use of it
/// can see whether it is still the same; that one forgets the guesses.
async fn check(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    password: &Password,
) -> Result<SecretText, CredentialError> {
    password.check_length()?;
    let tx = db.credentials(cx).await?;
    let found = accounts::find_by_user(&tx, user).await?;
    let (user, Some(stored)) = found.ok_or(CredentialError::None)? else {
        return Err(CredentialError::None);
    };
    let guess = guesses::count(&tx, auth, user.id).await?;
    tx.commit().await?;
    if guess == Guess::Refused {
        guesses::note_refusal(&user);
        return Err(CredentialError::TooManyGuesses);
    }
    if auth.hasher.verify(password, stored.as_str()).await? == Verdict::Wrong {
        if guess == Guess::Last {
            guesses::tell(db, cx, auth, &user).await?;
        }
        return Err(CredentialError::Wrong);
    }
    Ok(stored)
}

/// Why a password was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The password may not be chosen, is too long to be anybody's, or could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// It is not the user's password.
    #[error("invalid password")]
    Wrong,
    /// The user has no password.
    #[error("the user has no password")]
    None,
    /// Too many wrong passwords came before: wait some minutes, or reset the password by mail.
    #[error("too many wrong passwords: try again in some minutes, or reset the password by mail")]
    TooManyGuesses,
    /// The database did not do its part.
    #[error("the password could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the password")]
    Begin(#[from] BeginError),
}

impl Fault for CredentialError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Password(error) => error.kind(),
            Self::Wrong | Self::None => FaultKind::Invalid,
            Self::TooManyGuesses => FaultKind::Limited,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Password(error) => error.code(),
            Self::Wrong => "INVALID_PASSWORD",
            Self::None => "CREDENTIAL_ACCOUNT_NOT_FOUND",
            Self::TooManyGuesses => "TOO_MANY_GUESSES",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
