//! Sign-in with an e-mail address and a password.

use sea_orm::DbErr;
use wardkeep_tenancy::{BeginError, CredentialsTx, Database, Fault, FaultKind, RequestContext, sqlstate};

use crate::Auth;
use crate::accounts;
use crate::emails::Email;
use crate::guesses::{self, Guess};
use crate::passwords::{Password, PasswordError, Verdict};
use crate::secret_text::SecretText;
use crate::sessions::{self, Client, Remember, SignedIn};
use crate::users::User;

/// A password is checked again when its hash became another one meanwhile: it was reset, or another sign-in has replaced an
/// old hash.
const ATTEMPTS: usize = 2;

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
/// An unknown address, a wrong password and one guess too many are one answer and take one hash and the same statements
/// each, so that neither the answer nor its time says who has an account (OWASP Authentication Cheat Sheet,
/// "Authentication and Error Messages"). A hash of an old kind is replaced by one of today's; until then a wrong password for
/// it takes as long as its own kind does.
pub async fn with_password(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    sign_in: SignIn,
) -> Result<SignedIn, SignInError> {
    let email = Email::parse(&sign_in.email).ok_or(SignInError::InvalidEmail)?;
    sign_in.password.check_length()?;
    for _ in 0..ATTEMPTS {
        let checked = check(db, cx, auth, &email, &sign_in.password).await?;
        let renewed = match checked.verdict {
            Verdict::RightButOld => Some(auth.hasher.hash(cx.entropy(), &sign_in.password).await?),
            _ => None,
        };
        let (user, tx) = (checked.user, db.credentials(cx).await?);
        // What was checked is still the password, and stays so until the commit.
        let same = match renewed {
            Some(hash) => accounts::replace_password(&tx, user.id, &checked.stored, hash).await?,
            None => accounts::hold_password(&tx, user.id, &checked.stored).await?,
        };
        if same {
            return enter(tx, auth, user, &sign_in).await;
        }
    }
    Err(SignInError::InvalidCredentials)
}

/// Makes the session of a user whose password was right and is held.
async fn enter(
    tx: CredentialsTx,
    auth: &Auth,
    user: User,
    sign_in: &SignIn,
) -> Result<SignedIn, SignInError> {
    guesses::forget(&tx, auth, user.id).await?;
    if auth.policy.require_verified_email && !user.email_verified {
        tx.commit().await?;
        return Err(SignInError::NotVerified);
    }
    let created = sessions::create(&tx, user.id, sign_in.remember, &sign_in.client).await;
    let (session, secret) = created.map_err(deleted_meanwhile)?;
    tx.commit().await?;
    Ok(SignedIn {
        user,
        session,
        secret,
    })
}

/// A user whose password was right.
struct Checked {
    user: User,
    stored: SecretText,
    verdict: Verdict,
}

async fn check(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    email: &Email,
    password: &Password,
) -> Result<Checked, SignInError> {
    let tx = db.credentials(cx).await?;
    let found = accounts::find_by_email(&tx, email).await?;
    // Nobody has a random id: for an unknown address the same statement changes nothing.
    let user = found.as_ref().map_or_else(|| cx.new_id(), |(user, _)| user.id);
    let guess = guesses::count(&tx, auth, user).await?;
    tx.commit().await?;
    if let (Some((user, _)), Guess::Refused) = (&found, guess) {
        guesses::note_refusal(user);
    }
    let (Some((user, Some(stored))), Guess::Allowed | Guess::Last) = (found, guess) else {
        auth.hasher.hash(cx.entropy(), password).await?;
        return Err(SignInError::InvalidCredentials);
    };
    let verdict = auth.hasher.verify(password, stored.as_str()).await?;
    if verdict == Verdict::Wrong {
        if guess == Guess::Last {
            guesses::tell(db, cx, auth, &user).await?;
        }
        return Err(SignInError::InvalidCredentials);
    }
    Ok(Checked {
        user,
        stored,
        verdict,
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
    /// The password is right, but the address must be proven first.
    #[error("email not verified")]
    NotVerified,
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
            Self::NotVerified => FaultKind::Forbidden,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::Password(error) => error.code(),
            Self::InvalidCredentials => "INVALID_EMAIL_OR_PASSWORD",
            Self::NotVerified => "EMAIL_NOT_VERIFIED",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}

/// While the password was checked, the user may have been deleted: a foreign key violation.
fn deleted_meanwhile(error: DbErr) -> SignInError {
    match sqlstate(&error).as_deref() {
        Some("23503") => SignInError::InvalidCredentials,
        _ => SignInError::Database(error),
    }
}
