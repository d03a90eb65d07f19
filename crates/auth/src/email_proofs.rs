//! Proving an address, and changing it for one that was proven: links in mails.

use sea_orm::DbErr;
use wardkeep_tenancy::{
    BeginError, CredentialsTx, Database, Fault, FaultKind, RequestContext, UserId, is_unique_violation,
};

use crate::Auth;
use crate::emails::Email;
use crate::jwt::Unbelieved;
use crate::proofs::{self, Proof};
use crate::sessions::CurrentSession;
use crate::users::{self, User};
use crate::{accounts, letters, mail, sessions, verifications};

/// Sends a link that proves the address, if it has a user who has not proven it yet. `callback` is the page that the link
/// ends on.
///
/// Who is not signed in learns nothing: a known and an unknown address are one answer by the same statements.
///
/// # Errors
///
/// [`ProofError::Disabled`] where no mails are sent; for somebody who is signed in [`ProofError::OtherAddress`] and [`ProofError::AlreadyProven`]; else when the database
/// fails.
pub async fn request(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: Option<&CurrentSession>,
    email: &Email,
    callback: Option<&str>,
) -> Result<(), ProofError> {
    if !auth.mails_are_sent {
        return Err(ProofError::Disabled);
    }
    if let Some(current) = current {
        if current.user.email != email.as_str() {
            return Err(ProofError::OtherAddress);
        }
        if current.user.email_verified {
            return Err(ProofError::AlreadyProven);
        }
    }
    let tx = db.credentials(cx).await?;
    let user = users::find_by_email(&tx, email).await?;
    let user = user.filter(|user| !user.email_verified);
    // Also for nobody, so that the decoy is as long as the mail.
    let of = user.as_ref().map_or_else(|| cx.new_id(), |user| user.id);
    let token = proofs::of_address(auth, of, email.as_str(), cx.now())?;
    let letter = letters::verify_email(auth, email.clone(), &token, callback);
    mail::queue_like(&tx, cx, auth, user.map(|_| &letter), Some(&letter)).await?;
    tx.commit().await?;
    auth.mail_waiting();
    Ok(())
}

/// Sends a link to a new address that makes it the signed-in user's, unless somebody has it or the session has ended since
/// the request began: the answer is the same, and so are the statements.
///
/// # Errors
///
/// [`ProofError::SameAddress`]; [`ProofError::ChangeDisabled`] where no mails are sent; else when the database fails.
pub async fn request_change(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: &CurrentSession,
    email: &Email,
    callback: Option<&str>,
) -> Result<(), ProofError> {
    if current.user.email == email.as_str() {
        return Err(ProofError::SameAddress);
    }
    if !auth.mails_are_sent {
        return Err(ProofError::ChangeDisabled);
    }
    let tx = db.credentials(cx).await?;
    let taken = users::find_by_email(&tx, email).await?.is_some();
    let own = accounts::find_by_user(&tx, current.user.id).await?;
    // After the password: a reset that came first has ended the session, and one that comes later voids the link.
    let signed_in = sessions::is_there(&tx, current.session.id).await?;
    let letter = match own {
        Some((user, password)) => {
            let token = proofs::of_change(auth, &user, password.as_ref(), email, cx.now())?;
            Some(letters::change_email(auth, email.clone(), &token, callback))
        }
        None => None,
    };
    let sent = letter.as_ref().filter(|_| signed_in && !taken);
    mail::queue_like(&tx, cx, auth, sent, letter.as_ref()).await?;
    tx.commit().await?;
    auth.mail_waiting();
    Ok(())
}

/// What following a link has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// The address is proven, now or before.
    Proven,
    /// The user has the new address from now on.
    Changed(User),
}

/// Follows a link. Links that prove an address work as often as they are followed, within their hour; none ends a session
/// or signs anybody in.
///
/// # Errors
///
/// [`ProofError::Expired`] and [`ProofError::Invalid`], also when the user's address is not any more what it was;
/// [`ProofError::UserNotFound`]; for a change [`ProofError::OtherUser`] if somebody else is signed in here, and
/// [`ProofError::Taken`].
pub async fn follow(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: Option<&CurrentSession>,
    token: &str,
) -> Result<Followed, ProofError> {
    let proof = proofs::read(auth, token, cx.now()).map_err(|unbelieved| match unbelieved {
        Unbelieved::Expired => ProofError::Expired,
        Unbelieved::Invalid => ProofError::Invalid,
    })?;
    let tx = db.credentials(cx).await?;
    let followed = match proof {
        Proof::Address { email, user } => prove(&tx, &email, user).await?,
        Proof::Change {
            old,
            new,
            user,
            stamp,
        } => {
            // First of all, so that a reset comes before or after, and not between.
            let user = users::lock(&tx, user).await?.ok_or(ProofError::UserNotFound)?;
            let password = accounts::find_by_user(&tx, user.id)
                .await?
                .and_then(|(_, password)| password);
            let current_password = proofs::is_current(auth, stamp.as_deref(), &user, password.as_ref());
            if user.email != old.as_str() || !current_password {
                return Err(ProofError::Invalid);
            }
            if current.is_some_and(|current| current.user.id != user.id) {
                return Err(ProofError::OtherUser);
            }
            change(&tx, auth, user, new).await?
        }
    };
    tx.commit().await?;
    Ok(followed)
}

async fn prove(tx: &CredentialsTx, email: &Email, of: Option<UserId>) -> Result<Followed, ProofError> {
    let user = users::find_by_email(tx, email)
        .await?
        .ok_or(ProofError::UserNotFound)?;
    if of.is_some_and(|of| of != user.id) {
        return Err(ProofError::Invalid);
    }
    if !user.email_verified {
        users::verify(tx, &user).await?;
    }
    Ok(Followed::Proven)
}

async fn change(tx: &CredentialsTx, auth: &Auth, user: User, new: Email) -> Result<Followed, ProofError> {
    let changed = users::change_email(tx, &user, &new).await;
    if !changed.map_err(taken)? {
        return Err(ProofError::Invalid);
    }
    if auth.policy.reset_ends_all {
        // What was sent to the old address must not set the password of an account that has another.
        verifications::void_all(tx, user.id).await?;
    }
    Ok(Followed::Changed(User {
        email: new.as_str().to_owned(),
        updated_at: tx.now(),
        ..user
    }))
}

/// Somebody signed up with the new address since the mail was sent.
fn taken(error: DbErr) -> ProofError {
    if is_unique_violation(&error) {
        ProofError::Taken(error)
    } else {
        ProofError::Database(error)
    }
}

/// Why an address was not proven or changed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// Nobody sends mails here ([`AuthConfig::mails_are_sent`](crate::AuthConfig::mails_are_sent)).
    #[error("no mails are sent here")]
    Disabled,
    /// The same, for a change of the address.
    #[error("no mails are sent here, so that no new address can be proven")]
    ChangeDisabled,
    /// The signed-in user has another address.
    #[error("the signed-in user has another address")]
    OtherAddress,
    /// The signed-in user has proven the address already.
    #[error("the address is proven already")]
    AlreadyProven,
    /// The new address is the old one.
    #[error("the new address is the old one")]
    SameAddress,
    /// The link is past its time.
    #[error("the link has expired")]
    Expired,
    /// The link is not one of ours, or what it was made for is over.
    #[error("the link is not valid")]
    Invalid,
    /// There is no such user any more.
    #[error("there is no such user")]
    UserNotFound,
    /// Somebody else is signed in in this browser.
    #[error("the link is somebody else's")]
    OtherUser,
    /// Somebody else has the new address by now.
    #[error("the new address has a user")]
    Taken(#[source] DbErr),
    /// The link could not be signed.
    #[error("no link could be made")]
    Link(#[from] serde_json::Error),
    /// The database did not do its part.
    #[error("the address could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the address")]
    Begin(#[from] BeginError),
}

impl Fault for ProofError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Disabled
            | Self::ChangeDisabled
            | Self::OtherAddress
            | Self::AlreadyProven
            | Self::SameAddress => FaultKind::Invalid,
            // As Better Auth answers to a link without a page to end on.
            Self::Expired | Self::Invalid | Self::UserNotFound | Self::OtherUser => {
                FaultKind::Unauthenticated
            }
            Self::Taken(_) => FaultKind::Conflict,
            Self::Link(_) => FaultKind::Internal,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Disabled => "VERIFICATION_EMAIL_NOT_ENABLED",
            Self::ChangeDisabled => "CHANGE_EMAIL_NEEDS_MAILS",
            Self::OtherAddress => "EMAIL_MISMATCH",
            Self::AlreadyProven => "EMAIL_ALREADY_VERIFIED",
            Self::SameAddress => "EMAIL_IS_THE_SAME",
            Self::Expired => "TOKEN_EXPIRED",
            Self::Invalid => "INVALID_TOKEN",
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::OtherUser => "INVALID_USER",
            Self::Taken(_) => "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
            Self::Link(_) => "INTERNAL_ERROR",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
