//! Which user an account at a provider belongs to.
//!
//! Everything here takes an [`Identity`] as proven: [`finish`](super::finish) and [`with_id_token`](super::with_id_token)
//! get one from the provider itself. A service that has another conversation with another kind of provider may call it with
//! what that one said, and vouches for it.
//!
//! Each attempt is one transaction. The row of the user is locked first, as by whoever resets a password, deletes the
//! user, or unlinks an account, so that these come before or after, and not between. What the lock does not see are two who
//! bring one account, or one address, at once: there the unique keys let one through, and the other begins anew.

use sea_orm::DbErr;
use wardkeep_providers::{Identity, Profile};
use wardkeep_tenancy::{CredentialsTx, Database, RequestContext, SessionId, UserId, sqlstate};

use super::ProviderSignInError;
use crate::accounts::linked::{self, Key};
use crate::accounts::{self, Account, AccountId, CREDENTIAL};
use crate::emails::Email;
use crate::sessions::{self, Client, Remember, SignedIn};
use crate::users::{self, User};
use crate::{Auth, guesses, letters, mail, proofs, verifications};

/// Each attempt after the first begins because somebody else has settled the same thing meanwhile, which the next one sees.
const ATTEMPTS: usize = 4;

/// Somebody who has come from a provider.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The provider's id.
    pub provider: &'a str,
    /// Who the provider says it is.
    pub identity: &'a Identity,
}

impl<'a> Arrival<'a> {
    fn profile(&self) -> &'a Profile {
        &self.identity.profile
    }

    fn key(&self) -> Key<'a> {
        Key {
            provider: self.provider,
            subject: &self.profile().subject,
        }
    }

    /// The address, if it is one that a user could have.
    fn email(&self) -> Option<Email> {
        self.profile().email.as_deref().and_then(Email::parse)
    }

    /// Whether the provider says that the user's address was proven, which was not until now.
    fn newly_proves(&self, user: &User) -> bool {
        !user.email_verified && self.proves(&user.email)
    }

    /// Whether the provider says that this address was proven.
    fn proves(&self, address: &str) -> bool {
        self.profile().email_verified && self.email().is_some_and(|email| email.as_str() == address)
    }
}

/// What a sign-in through a provider comes with.
#[derive(Debug, Clone, Copy)]
pub struct Entering<'a> {
    /// Whether somebody whom nobody knows becomes a user.
    pub newcomers: bool,
    /// Where the link in the mail leads, where the address must be proven first; the start page by default.
    pub callback: Option<&'a str>,
    /// What signs in.
    pub client: &'a Client,
}

/// Somebody who has signed in through a provider.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Who, and the session.
    pub signed_in: SignedIn,
    /// Whether this was the first time, and made the user.
    pub is_new: bool,
}

/// Signs somebody in, with an account that is linked to a user, or is linked now, or makes one.
///
/// It is linked to the user who has the address if both have proven it. Where the provider has and the user has not
/// ([`Policy::reset_ends_all`](crate::Policy::reset_ends_all)), whoever signed up with that address was perhaps somebody else
/// (CVE-2026-53516, GHSA-qq9h-g4jm-xgf3): everything that could let them in again goes, as after a reset by mail; also
/// where the account was linked before.
///
/// # Errors
///
/// See [`ProviderSignInError`]. Nothing has happened then, except after
/// [`NotVerified`](ProviderSignInError::NotVerified): the user is there, and a new one has got a mail.
pub async fn enter(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    arrival: Arrival<'_>,
    entering: Entering<'_>,
) -> Result<Entered, ProviderSignInError> {
    known_provider(arrival)?;
    if arrival.profile().email.as_deref().is_none_or(str::is_empty) {
        return Err(ProviderSignInError::EmailNotFound);
    }
    for _ in 0..ATTEMPTS {
        let tx = db.credentials(cx).await?;
        if let Some(settled) = settle(&tx, auth, arrival, entering.newcomers).await? {
            return open(tx, auth, settled, entering).await;
        }
    }
    Err(ProviderSignInError::NotSettled)
}

/// Who asks for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linking {
    /// The signed-in user.
    pub user: UserId,
    /// The session. It must not have ended since.
    pub session: SessionId,
    /// By what way the account has come.
    pub by: By,
}

/// By what way an account to be linked has come. The checks are the same, their order is that of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A browser came back from the provider.
    Browser,
    /// A program has an ID token.
    Program,
}

/// Links an account to the signed-in user: it must have the same address, proven at the provider. One that is linked already
/// gets the new tokens.
///
/// # Errors
///
/// See [`ProviderSignInError`]. Nothing has happened then.
pub async fn link(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    arrival: Arrival<'_>,
    linking: Linking,
) -> Result<(), ProviderSignInError> {
    known_provider(arrival)?;
    for _ in 0..ATTEMPTS {
        let tx = db.credentials(cx).await?;
        let user = users::lock(&tx, linking.user).await?;
        let user = user.ok_or(ProviderSignInError::SessionEnded)?;
        if !sessions::is_valid(&tx, linking.session, user.id).await? {
            return Err(ProviderSignInError::SessionEnded);
        }
        if try_link(&tx, auth, arrival, &user, linking.by).await? {
            // Else the next sign-in with the account would take the user's password away (`known`).
            if auth.policy.reset_ends_all && arrival.newly_proves(&user) {
                users::verify(&tx, &user).await?;
            }
            tx.commit().await?;
            return Ok(());
        }
    }
    Err(ProviderSignInError::LinkingFailed)
}

/// Says whether it is linked; if not, somebody has linked or unlinked it at this moment.
async fn try_link(
    tx: &CredentialsTx,
    auth: &Auth,
    arrival: Arrival<'_>,
    user: &User,
    by: By,
) -> Result<bool, ProviderSignInError> {
    if by == By::Browser {
        may_link(arrival, user)?;
    }
    match linked::find(tx, arrival.key()).await? {
        Some(account) if account.user_id != user.id => Err(ProviderSignInError::LinkedElsewhere),
        Some(account) => Ok(linked::renew_and_widen(tx, auth, &account, &arrival.identity.tokens).await?),
        None => {
            may_link(arrival, user)?;
            let inserted = insert(tx, auth, arrival, user.id).await;
            inserted.map_err(|error| unstorable(tx.context(), error, ProviderSignInError::LinkingFailed))
        }
    }
}

fn may_link(arrival: Arrival<'_>, user: &User) -> Result<(), ProviderSignInError> {
    if !arrival.profile().email_verified {
        return Err(ProviderSignInError::LinkUnproven);
    }
    if !arrival.proves(&user.email) {
        return Err(ProviderSignInError::LinkOtherAddress);
    }
    Ok(())
}

/// A user whose row is locked, and who has the account.
struct Settled {
    user: User,
    is_new: bool,
}

/// Finds or makes the user of an account. `None` if somebody else has changed what this was decided by.
async fn settle(
    tx: &CredentialsTx,
    auth: &Auth,
    arrival: Arrival<'_>,
    newcomers: bool,
) -> Result<Option<Settled>, ProviderSignInError> {
    if let Some(account) = linked::find(tx, arrival.key()).await? {
        return Ok(known(tx, auth, arrival, &account).await?);
    }
    let email = arrival.email().ok_or(ProviderSignInError::EmailNotFound)?;
    match users::lock_by_email(tx, &email).await? {
        Some(user) => adopt(tx, auth, arrival, user).await,
        None if newcomers => create(tx, auth, arrival, &email).await,
        None => Err(ProviderSignInError::SignUpDisabled),
    }
}

/// The account has a user already.
async fn known(
    tx: &CredentialsTx,
    auth: &Auth,
    arrival: Arrival<'_>,
    account: &Account,
) -> Result<Option<Settled>, DbErr> {
    let Some(user) = users::lock(tx, account.user_id).await? else {
        return Ok(None);
    };
    if !linked::renew(tx, auth, account, &arrival.identity.tokens).await? {
        return Ok(None);
    }
    let user = if !arrival.newly_proves(&user) {
        user
    } else if auth.policy.reset_ends_all {
        // Versions of Better Auth before 1.6.11 linked the owner's account to whoever had signed up with the address.
        take_over(tx, auth, user, arrival.profile(), Some(account.id)).await?
    } else {
        users::verify(tx, &user).await?;
        User {
            email_verified: true,
            updated_at: tx.now(),
            ..user
        }
    };
    Ok(Some(Settled { user, is_new: false }))
}

/// The address has a user, who is locked now.
async fn adopt(
    tx: &CredentialsTx,
    auth: &Auth,
    arrival: Arrival<'_>,
    user: User,
) -> Result<Option<Settled>, ProviderSignInError> {
    let takes_over = !user.email_verified && auth.policy.reset_ends_all;
    if !arrival.profile().email_verified || !(user.email_verified || takes_over) {
        // Whoever brought the same account a moment ago may have made this very user.
        let linked_meanwhile = linked::find(tx, arrival.key()).await?.is_some();
        return if linked_meanwhile {
            Ok(None)
        } else {
            Err(ProviderSignInError::NotLinked)
        };
    }
    let user = if takes_over {
        take_over(tx, auth, user, arrival.profile(), None).await?
    } else {
        user
    };
    let inserted = insert(tx, auth, arrival, user.id).await?;
    Ok(inserted.then_some(Settled { user, is_new: false }))
}

/// Whoever signed up with an address that they have not proven keeps nothing once its owner has come, except the account
/// that the owner came with.
async fn take_over(
    tx: &CredentialsTx,
    auth: &Auth,
    user: User,
    profile: &Profile,
    kept: Option<AccountId>,
) -> Result<User, DbErr> {
    // Before the sessions: a sign-in with the password that holds it now will have made its session by then.
    accounts::delete_all_but(tx, user.id, kept).await?;
    guesses::forget(tx, auth, user.id).await?;
    sessions::delete_all(tx, user.id).await?;
    verifications::void_all(tx, user.id).await?;
    let user = User {
        name: profile.name.clone().unwrap_or_default(),
        image: profile.image.clone(),
        email_verified: true,
        updated_at: tx.now(),
        ..user
    };
    users::take_over(tx, &user).await?;
    let request_id = tx.context().request_id();
    tracing::info!(request_id, user = %user.id, "the owner of the address has come: all earlier ways to sign in are gone");
    Ok(user)
}

/// Nobody has the account or the address.
async fn create(
    tx: &CredentialsTx,
    auth: &Auth,
    arrival: Arrival<'_>,
    email: &Email,
) -> Result<Option<Settled>, ProviderSignInError> {
    let profile = arrival.profile();
    let user = User {
        id: tx.context().new_id(),
        name: profile.name.clone().unwrap_or_default(),
        email: email.as_str().to_owned(),
        email_verified: profile.email_verified,
        image: profile.image.clone(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let refused = |error| unstorable(tx.context(), error, ProviderSignInError::NotCreated);
    let created = users::insert_new(tx, user.clone()).await.map_err(refused)?
        && insert(tx, auth, arrival, user.id).await.map_err(refused)?;
    Ok(created.then_some(Settled { user, is_new: true }))
}

async fn insert(tx: &CredentialsTx, auth: &Auth, arrival: Arrival<'_>, user: UserId) -> Result<bool, DbErr> {
    linked::insert(tx, auth, user, arrival.key(), &arrival.identity.tokens).await
}

/// Makes the session, unless the address must be proven first.
async fn open(
    tx: CredentialsTx,
    auth: &Auth,
    settled: Settled,
    entering: Entering<'_>,
) -> Result<Entered, ProviderSignInError> {
    let Settled { user, is_new } = settled;
    if auth.policy.require_verified_email && !user.email_verified {
        if is_new && auth.mails_are_sent {
            queue_proof(&tx, auth, &user, entering.callback).await?;
        }
        tx.commit().await?;
        auth.mail_waiting();
        return Err(ProviderSignInError::NotVerified);
    }
    let (session, secret) = sessions::create(&tx, user.id, Remember::Yes, entering.client).await?;
    tx.commit().await?;
    let signed_in = SignedIn {
        user,
        session,
        secret,
    };
    Ok(Entered { signed_in, is_new })
}

async fn queue_proof(
    tx: &CredentialsTx,
    auth: &Auth,
    user: &User,
    callback: Option<&str>,
) -> Result<(), ProviderSignInError> {
    let Some(to) = Email::parse(&user.email) else {
        return Ok(());
    };
    let token = proofs::of_address(auth, user.id, &user.email, tx.now())?;
    let letter = letters::verify_email(auth, to, &token, callback);
    mail::queue(tx, tx.context(), auth, &letter).await?;
    Ok(())
}

/// No provider has the name of the accounts that are passwords, whose ids are those of users.
fn known_provider(arrival: Arrival<'_>) -> Result<(), ProviderSignInError> {
    if arrival.provider == CREDENTIAL || arrival.profile().subject.is_empty() {
        return Err(ProviderSignInError::NotFound);
    }
    Ok(())
}

/// Tells rows that can never be stored from a database that is away, as [`sign_up`](crate::sign_up) does.
fn unstorable(cx: &RequestContext, error: DbErr, refusal: ProviderSignInError) -> ProviderSignInError {
    if sqlstate(&error).is_some_and(|state| state.starts_with("22") || state.starts_with("54")) {
        tracing::warn!(
            request_id = cx.request_id(),
            error = &error as &dyn std::error::Error,
            "what a provider said cannot be stored"
        );
        return refusal;
    }
    error.into()
}
