//! Sign-up: a new user with an e-mail address and a password, signed in at once unless the address must be proven first.

use sea_orm::DbErr;
use wardkeep_tenancy::{
    BeginError, CredentialsTx, Database, Fault, FaultKind, RequestContext, is_unique_violation, sqlstate,
};

use crate::Auth;
use crate::accounts;
use crate::emails::Email;
use crate::passwords::{Password, PasswordError};
use crate::sessions::{self, Client, Remember, SignedIn};
use crate::users::{self, User};
use crate::{letters, mail, proofs};

/// What a person signs up with.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The name, which may be empty.
    pub name: String,
    /// The address as typed.
    pub email: String,
    /// The chosen password.
    pub password: Password,
    /// The address of a picture.
    pub image: Option<String>,
    /// Whether the browser keeps the session.
    pub remember: Remember,
    /// Where the link in the mail leads, where the address must be proven first; the start page by default.
    pub callback: Option<String>,
    /// What signs up.
    pub client: Client,
}

/// What became of a sign-up.
#[derive(Debug, Clone)]
pub enum SignedUp {
    /// A new user, signed in.
    In(Box<SignedIn>),
    /// The address must be proven first ([`Policy::require_verified_email`](crate::Policy)): a mail is on its way. Whether
    /// this user exists, or the address had one already, the caller does not learn.
    Pending(User),
}

/// Makes a user with a password, and a session.
///
/// The order of the checks is that of the protocol: address, password, whether the address is taken. Of several who
/// sign up with one address at once, one succeeds; the others get [`SignUpError::AlreadyExists`], or
/// [`SignUpError::NotCreated`] when only the unique key told them.
///
/// Where the address must be proven before the first sign-in, a known and an unknown address are one answer after one
/// hash and the same number of statements; the owner of a known one is told by mail.
pub async fn with_password(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    sign_up: SignUp,
) -> Result<SignedUp, SignUpError> {
    let email = Email::parse(&sign_up.email).ok_or(SignUpError::InvalidEmail)?;
    sign_up.password.check_new(&auth.policy)?;
    let pending = auth.policy.require_verified_email;
    if !pending && is_taken(db, cx, &email).await? {
        return Err(SignUpError::AlreadyExists);
    }
    let hash = auth.hasher.hash(cx.entropy(), &sign_up.password).await?;

    let tx = db.credentials(cx).await?;
    let user = User {
        id: cx.new_id(),
        name: sign_up.name,
        email: email.as_str().to_owned(),
        email_verified: false,
        image: sign_up.image,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    if pending {
        let created = create_unless_taken(&tx, &user, &email, hash)
            .await
            .map_err(not_created)?;
        let token = proofs::of_address(auth, user.id, &user.email, cx.now())?;
        let proof = letters::verify_email(auth, email.clone(), &token, sign_up.callback.as_deref());
        let notice = letters::already_signed_up(auth, email);
        let letter = if created { &proof } else { &notice };
        mail::queue_like(&tx, cx, auth, Some(letter), Some(&proof)).await?;
        tx.commit().await?;
        auth.mail_waiting();
        return Ok(SignedUp::Pending(user));
    }
    create(&tx, &user, hash).await.map_err(not_created)?;
    let (session, secret) = sessions::create(&tx, user.id, sign_up.remember, &sign_up.client).await?;
    tx.commit().await?;
    Ok(SignedUp::In(Box::new(SignedIn {
        user,
        session,
        secret,
    })))
}

/// Why somebody could not sign up.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The address is not well-formed.
    #[error("invalid email")]
    InvalidEmail,
    /// The password is not accepted, or could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The address has a user already.
    #[error("a user with this address exists already")]
    AlreadyExists,
    /// The database refuses the row: another sign-up with this address came first, or the text cannot be stored.
    #[error("the user could not be created")]
    NotCreated(#[source] DbErr),
    /// The link for the mail could not be signed.
    #[error("no link could be made")]
    Link(#[from] serde_json::Error),
    /// The database did not do its part.
    #[error("the user could not be stored")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened to sign up")]
    Begin(#[from] BeginError),
}

impl Fault for SignUpError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::InvalidEmail => FaultKind::Invalid,
            Self::Password(error) => error.kind(),
            Self::AlreadyExists | Self::NotCreated(_) => FaultKind::Conflict,
            Self::Link(_) => FaultKind::Internal,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::Password(error) => error.code(),
            Self::AlreadyExists => "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
            Self::NotCreated(_) => "FAILED_TO_CREATE_USER",
            Self::Link(_) => "INTERNAL_ERROR",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}

/// Looked up in a transaction of its own, because hashing must not hold one.
async fn is_taken(db: &Database, cx: &RequestContext, email: &Email) -> Result<bool, SignUpError> {
    let tx = db.credentials(cx).await?;
    Ok(users::find_by_email(&tx, email).await?.is_some())
}

async fn create(tx: &CredentialsTx, user: &User, hash: String) -> Result<(), DbErr> {
    users::insert(tx, user.clone()).await?;
    accounts::insert_password(tx, user.id, hash).await
}

/// Says whether the user was created, after two statements either way.
async fn create_unless_taken(
    tx: &CredentialsTx,
    user: &User,
    email: &Email,
    hash: String,
) -> Result<bool, DbErr> {
    let created = users::insert_new(tx, user.clone()).await?;
    if created {
        accounts::insert_password(tx, user.id, hash).await?;
    } else {
        users::find_by_email(tx, email).await?;
    }
    Ok(created)
}

/// Tells rows that can never be stored from a database that is away. Class 22 is data that PostgreSQL has no form for,
/// such as U+0000 in a text; class 54 a limit of its, such as the size of an index row (manual, appendix A).
fn not_created(error: DbErr) -> SignUpError {
    let unstorable = sqlstate(&error).is_some_and(|state| state.starts_with("22") || state.starts_with("54"));
    if unstorable || is_unique_violation(&error) {
        SignUpError::NotCreated(error)
    } else {
        SignUpError::Database(error)
    }
}
