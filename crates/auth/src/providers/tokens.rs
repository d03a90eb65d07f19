//! The tokens that a provider gave for a linked account.
//!
//! They are kept sealed ([`at_rest`](crate::at_rest)); what no secret opens is as if it were not there. No transaction is
//! open while the provider is asked, so that a refresh is stored only where the refresh token is still the one that was
//! used: an answer that comes late, here or on another server, overwrites nothing that is newer, and an account that was
//! unlinked meanwhile gets nothing.

mod error;

use time::{Duration, OffsetDateTime};
use wardkeep_providers::{Profile, Provider, ProviderError, Secret, Tokens};
use wardkeep_tenancy::{Database, RequestContext, UserId};

pub use error::TokenError;

use super::flights::Whose;
use crate::Auth;
use crate::accounts::{Account, AccountId, linked};
use crate::at_rest::Column as Sealed;

/// An access token that is over so soon is as good as over, as in Better Auth.
const SOON: Duration = Duration::seconds(5);

/// A token for the provider's other endpoints, good for at least five seconds if the provider said how long it lives.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token; none where the provider gave none.
    pub access_token: Option<Secret>,
    /// When it is over.
    pub expires_at: Option<OffsetDateTime>,
    /// What was granted when the account was linked.
    pub scopes: Vec<String>,
    /// The last ID token.
    pub id_token: Option<Secret>,
}

/// What a refresh gave.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The account as it is now.
    pub account: Account,
    /// The new access token.
    pub access_token: Secret,
    /// When it is over.
    pub access_token_expires_at: Option<OffsetDateTime>,
    /// The refresh token from now on.
    pub refresh_token: Secret,
    /// When it is over.
    pub refresh_token_expires_at: Option<OffsetDateTime>,
    /// The last ID token.
    pub id_token: Option<Secret>,
}

/// Who the user is at the provider.
#[derive(Debug, Clone)]
pub struct Info {
    /// The account.
    pub account: Account,
    /// What the provider says, or has said last.
    pub profile: Profile,
}

/// The access token of an account of the signed-in user; a new one where the old is over or will be in five seconds.
///
/// # Errors
///
/// [`TokenError::NotFound`], [`TokenError::NotSupported`], [`TokenError::NoValidAccessToken`]; else when the database fails.
pub async fn access_token(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<AccessToken, TokenError> {
    let account = read(db, cx, user, account).await?;
    tell_unopened(cx, auth, &account);
    provider(auth, &account)?;
    let account = valid(db, cx, auth, account).await?;
    Ok(AccessToken {
        access_token: account.token(auth, Sealed::AccessToken),
        expires_at: account.access_token_expires_at,
        scopes: account.scopes(),
        id_token: account.token(auth, Sealed::IdToken),
    })
}

/// Gets a new access token for an account of the signed-in user. Of any number who ask at once, one asks the provider, and
/// all get its answer.
///
/// # Errors
///
/// [`TokenError::NotFound`], [`TokenError::NotSupported`], [`TokenError::RefreshTokenNotFound`],
/// [`TokenError::NotRefreshed`]; else when the database fails.
pub async fn refresh(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Refreshed, TokenError> {
    let whose = (user, account.ok_or(TokenError::NotFound)?);
    let account = renewed(db, cx, auth, whose, When::Now).await?.0;
    let none = || TokenError::NotRefreshed(ProviderError::NotRefreshed("the tokens do not open".to_owned()));
    Ok(Refreshed {
        access_token: account.token(auth, Sealed::AccessToken).ok_or_else(none)?,
        access_token_expires_at: account.access_token_expires_at,
        refresh_token: account.token(auth, Sealed::RefreshToken).ok_or_else(none)?,
        refresh_token_expires_at: account.refresh_token_expires_at,
        id_token: account.token(auth, Sealed::IdToken),
        account,
    })
}

/// Says who the user is at the provider: by the last ID token, or where there is none, or it names no address, by asking.
///
/// # Errors
///
/// [`TokenError::NotFound`], [`TokenError::NotConfigured`], [`TokenError::NoValidAccessToken`],
/// [`TokenError::AccessTokenNotFound`], [`TokenError::Unidentified`]; else when the database fails.
pub async fn info(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Info, TokenError> {
    let account = read(db, cx, user, account).await?;
    tell_unopened(cx, auth, &account);
    let provider = provider(auth, &account).map_err(|_| TokenError::NotConfigured)?;
    let account = valid(db, cx, auth, account).await?;
    let tokens = Tokens {
        access_token: account.token(auth, Sealed::AccessToken),
        id_token: account.token(auth, Sealed::IdToken),
        ..Tokens::default()
    };
    if tokens.access_token.is_none() {
        return Err(TokenError::AccessTokenNotFound);
    }
    let profile = provider.profile(&tokens, &account.account_id).await;
    let profile = profile.map_err(|error| {
        tell(cx, &account, &error);
        TokenError::Unidentified(error)
    })?;
    Ok(Info { account, profile })
}

/// An account whose tokens were refreshed.
#[derive(Clone)]
pub(super) struct Renewed(Account);

/// When a refresh is made.
#[derive(Clone, Copy)]
enum When {
    /// In any case.
    Now,
    /// If the access token is over by then still.
    Due,
}

async fn read(
    db: &Database,
    cx: &RequestContext,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Account, TokenError> {
    let account = account.ok_or(TokenError::NotFound)?;
    let tx = db.identity(cx, user).await?;
    let own = linked::find_own(&tx, user, account).await?;
    own.ok_or(TokenError::NotFound)
}

fn provider<'a>(auth: &'a Auth, account: &Account) -> Result<&'a Provider, TokenError> {
    let provider = auth.providers().get(&account.provider_id);
    provider.ok_or_else(|| TokenError::NotSupported(account.provider_id.clone()))
}

/// The account, refreshed if its access token is over and that can be mended.
async fn valid(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    account: Account,
) -> Result<Account, TokenError> {
    if account.token(auth, Sealed::RefreshToken).is_none() || !is_due(&account, cx.now()) {
        return Ok(account);
    }
    let whose = (account.user_id, account.id);
    let renewed = renewed(db, cx, auth, whose, When::Due).await;
    renewed
        .map(|Renewed(account)| account)
        .map_err(|error| match error {
            TokenError::NotRefreshed(error) => TokenError::NoValidAccessToken(error),
            other => other,
        })
}

fn is_due(account: &Account, now: OffsetDateTime) -> bool {
    account
        .access_token_expires_at
        .is_some_and(|end| end - now < SOON)
}

/// Refreshes the tokens, or waits for whoever does.
async fn renewed(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    whose: Whose,
    when: When,
) -> Result<Renewed, TokenError> {
    let refresh = {
        let (db, cx, auth) = (db.clone(), cx.clone(), auth.clone());
        async move { renew(&db, &cx, &auth, whose, when).await }
    };
    auth.refreshes.clone().share(whose, refresh).await
}

async fn renew(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    (user, id): Whose,
    when: When,
) -> Result<Renewed, TokenError> {
    let account = read(db, cx, user, Some(id)).await?;
    let provider = provider(auth, &account)?;
    match when {
        When::Due if !is_due(&account, cx.now()) => return Ok(Renewed(account)),
        // Told before.
        When::Due => {}
        When::Now => tell_unopened(cx, auth, &account),
    }
    let refresh_token = account.token(auth, Sealed::RefreshToken);
    let refresh_token = refresh_token.ok_or(TokenError::RefreshTokenNotFound)?;
    let answer = provider
        .refresh(refresh_token.expose(), &account.account_id, cx.now())
        .await;
    let error = match answer {
        Ok(tokens) if tokens.access_token.is_some() => {
            let tokens = Tokens {
                // Sealed anew even if it is the same, so that an older answer finds another one stored than it used.
                refresh_token: tokens.refresh_token.or(Some(refresh_token)),
                ..tokens
            };
            return store(db, cx, auth, &account, &tokens).await;
        }
        Ok(_) => ProviderError::NotRefreshed("the answer has no access token".to_owned()),
        Err(error) => error,
    };
    // Another server may have used the refresh token a moment before.
    let now = read(db, cx, user, Some(id)).await?;
    if now.refresh_token != account.refresh_token && !is_due(&now, cx.now()) {
        return Ok(Renewed(now));
    }
    tell(cx, &account, &error);
    Err(TokenError::NotRefreshed(error))
}

/// Stores what the provider gave; where something newer is stored by now, that is the answer.
async fn store(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    used: &Account,
    tokens: &Tokens,
) -> Result<Renewed, TokenError> {
    let tx = db.identity(cx, used.user_id).await?;
    if let Some(account) = linked::store_refreshed(&tx, cx, auth, used, tokens).await? {
        tx.commit().await?;
        return Ok(Renewed(account));
    }
    let newer = linked::find_own(&tx, used.user_id, used.id).await?;
    newer.map(Renewed).ok_or(TokenError::NotFound)
}

fn tell(cx: &RequestContext, account: &Account, error: &ProviderError) {
    tracing::warn!(
        request_id = cx.request_id(),
        account = %account.id,
        provider = account.provider_id,
        error = error as &dyn std::error::Error,
        "the provider did not do its part"
    );
}

/// Tells the log of tokens that are there and do not open: whoever asks for them is answered as if they were not there.
fn tell_unopened(cx: &RequestContext, auth: &Auth, account: &Account) {
    let mut columns = account.unopened(auth).peekable();
    if columns.peek().is_none() {
        return;
    }
    tracing::warn!(
        request_id = cx.request_id(),
        account = %account.id,
        provider = account.provider_id,
        columns = columns.collect::<Vec<_>>().join(", "),
        "stored tokens do not open: their secret is not in AUTH_SECRET, or another program wrote them; a sign-in brings new ones"
    );
}
