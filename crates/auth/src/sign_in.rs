//! Sign-in with an e-mail address and a password.

use sea_orm::DbErr;
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, sqlstate};

use crate::Auth;
use crate::accounts;
use crate::emails::Email;
use crate::passwords::{Password, PasswordError, Verdict};
use crate::secret_text::SecretText;
use crate::sessions::{self, Client, Remember, SignedIn};
use crate::users::{self, User};

/// What a person signs in with.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The address as typed.
    pub email: String,
    /// The password as typed.
    pub password: Password,
    /// Whether the browser keeps the session.
    pub remember: Remember,
    /// What signs in.
    pub client: Client,
}

/// Makes a session for the user of this address, if the password is theirs.
///
/// An unknown address and a wrong password are one answer and take one hash each, so that neither the answer nor its
/// time says who has an account (OWASP Authentication Cheat Sheet, "Authentication and Error Messages").
pub async fn with_password(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    sign_in: SignIn,
) -> Result<SignedIn, SignInError> {
    let email = Email::parse(&sign_in.email).ok_or(SignInError::InvalidEmail)?;
    sign_in.password.check_length()?;
    let Some((user, stored)) = find_password(db, cx, &email).await? else {
        auth.hasher.hash(cx.entropy(), &sign_in.password).await?;
        return Err(SignInError::InvalidCredentials);
    };
    if auth.hasher.verify(&sign_in.password, stored.as_str()).await? == Verdict::Wrong {
        return Err(SignInError::InvalidCredentials);
    }

    let tx = db.credentials(cx).await?;
    let created = sessions::create(&tx, user.id, sign_in.remember, &sign_in.client).await;
    let (session, secret) = created.map_err(deleted_meanwhile)?;
    tx.commit().await?;
    Ok(SignedIn {
        user,
        session,
        secret,
    })
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address is not well-formed.
    #[error("invalid email")]
    InvalidEmail,
    /// The password is too long, or could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Nobody has this address and this password.
    #[error("invalid email or password")]
    InvalidCredentials,
    /// The database did not do its part.
    #[error("the session could not be stored")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened to sign in")]
    Begin(#[from] BeginError),
}

impl Fault for SignInError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::InvalidEmail => FaultKind::Invalid,
            Self::Password(error) => error.kind(),
            Self::InvalidCredentials => FaultKind::Unauthenticated,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::Password(error) => error.code(),
            Self::InvalidCredentials => "INVALID_EMAIL_OR_PASSWORD",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}

/// The user of an address and the hash of their password; dropped before anything is hashed.
async fn find_password(
    db: &Database,
    cx: &RequestContext,
    email: &Email,
) -> Result<Option<(User, SecretText)>, SignInError> {
    let tx = db.credentials(cx).await?;
    let Some(user) = users::find_by_email(&tx, email).await? else {
        return Ok(None);
    };
    let stored = accounts::find_password(&tx, user.id).await?;
    Ok(stored.map(|stored| (user, stored)))
}

/// While the password was checked, the user may have been deleted: a foreign key violation.
fn deleted_meanwhile(error: DbErr) -> SignInError {
    match sqlstate(&error).as_deref() {
        Some("23503") => SignInError::InvalidCredentials,
        _ => SignInError::Database(error),
    }
}
