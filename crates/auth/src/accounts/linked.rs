//! Accounts at providers, and the tokens that came with them: sealed for their row and column, and for whose account it is.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, UpdateMany,
};
use wardkeep_providers::{Secret, Tokens};
use wardkeep_tenancy::{CredentialsTx, RequestContext, UserId};

use super::entity::{Column, Entity};
use super::{Account, AccountId};
use crate::Auth;
use crate::at_rest::Column as Sealed;
use crate::at_rest::Place;
use crate::secret_text::SecretText;

/// Which account at which provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    /// The provider's id.
    pub(crate) provider: &'a str,
    /// The user's id there.
    pub(crate) subject: &'a str,
}

/// Whose the account is, if anybody has linked it.
pub(crate) async fn find(tx: &CredentialsTx, key: Key<'_>) -> Result<Option<Account>, DbErr> {
    Entity::find()
        .filter(Column::ProviderId.eq(key.provider))
        .filter(Column::AccountId.eq(key.subject))
        .one(tx)
        .await
}

/// Links an account to a user, unless it is linked by now, and says whether it did.
pub(crate) async fn insert(
    tx: &CredentialsTx,
    auth: &Auth,
    user: UserId,
    key: Key<'_>,
    tokens: &Tokens,
) -> Result<bool, DbErr> {
    let empty = Account {
        id: tx.context().new_id(),
        account_id: key.subject.to_owned(),
        provider_id: key.provider.to_owned(),
        user_id: user,
        access_token: None,
        refresh_token: None,
        id_token: None,
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        scope: merged(None, &tokens.scopes),
        password: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let seal = |column, token: &Option<Secret>| empty.sealed(tx.context(), auth, column, token.as_ref());
    let account = Account {
        access_token: seal(Sealed::AccessToken, &tokens.access_token)?,
        refresh_token: seal(Sealed::RefreshToken, &tokens.refresh_token)?,
        id_token: seal(Sealed::IdToken, &tokens.id_token)?,
        ..empty.clone()
    };
    let linked = OnConflict::columns([Column::ProviderId, Column::AccountId])
        .do_nothing()
        .to_owned();
    let inserted = Entity::insert(account.into_active_model().reset_all())
        .on_conflict(linked)
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Replaces the tokens that a sign-in brought, and says whether the account is still the user's. What was granted before
/// stays noted, as in Better Auth.
pub(crate) async fn renew(
    tx: &CredentialsTx,
    auth: &Auth,
    account: &Account,
    tokens: &Tokens,
) -> Result<bool, DbErr> {
    let update = replacing(tx.context(), auth, account, tokens)?;
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// The same for a link that is made again: what is granted now is added to what was before.
pub(crate) async fn renew_and_widen(
    tx: &CredentialsTx,
    auth: &Auth,
    account: &Account,
    tokens: &Tokens,
) -> Result<bool, DbErr> {
    let scope = merged(account.scope.as_deref(), &tokens.scopes);
    let update = replacing(tx.context(), auth, account, tokens)?.col_expr(Column::Scope, Expr::value(scope));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// The account, if it is this user's.
pub(crate) async fn find_own(
    tx: &impl ConnectionTrait,
    user: UserId,
    account: AccountId,
) -> Result<Option<Account>, DbErr> {
    Entity::find_by_id(account)
        .filter(Column::UserId.eq(user))
        .one(tx)
        .await
}

/// Stores what a refresh gave, and returns the account as it is then: if the refresh token is still the one that was used.
/// Tokens without a refresh token would leave it so; the caller fills in the old one.
pub(crate) async fn store_refreshed(
    tx: &impl ConnectionTrait,
    cx: &RequestContext,
    auth: &Auth,
    used: &Account,
    tokens: &Tokens,
) -> Result<Option<Account>, DbErr> {
    let update =
        replacing(cx, auth, used, tokens)?.filter(Column::RefreshToken.eq(used.refresh_token.clone()));
    Ok(update.exec_with_returning(tx).await?.into_iter().next())
}

impl Account {
    /// A token of the provider. What does not decrypt is none, nor is what another program left there in plain text.
    pub(crate) fn token(&self, auth: &Auth, column: Sealed) -> Option<Secret> {
        let keys = auth.secrets().provider_keys();
        keys.open_text(&self.place(column), self.stored(column)?.as_str())
            .map(Secret::new)
    }

    /// The columns whose tokens are there and do not decrypt.
    pub(crate) fn unopened(&self, auth: &Auth) -> impl Iterator<Item = &'static str> {
        [Sealed::AccessToken, Sealed::RefreshToken, Sealed::IdToken]
            .into_iter()
            .filter(|column| self.stored(*column).is_some() && self.token(auth, *column).is_none())
            .map(Sealed::name)
    }

    fn stored(&self, column: Sealed) -> Option<&SecretText> {
        match column {
            Sealed::AccessToken => self.access_token.as_ref(),
            Sealed::RefreshToken => self.refresh_token.as_ref(),
            Sealed::IdToken => self.id_token.as_ref(),
            Sealed::State => None,
        }
    }

    fn sealed(
        &self,
        cx: &RequestContext,
        auth: &Auth,
        column: Sealed,
        token: Option<&Secret>,
    ) -> Result<Option<SecretText>, DbErr> {
        let (keys, place) = (auth.secrets().provider_keys(), self.place(column));
        let seal = |token: &Secret| keys.seal_text(cx.entropy(), &place, token.expose());
        Ok(token.map(seal).transpose()?.map(SecretText::new))
    }

    fn place(&self, column: Sealed) -> Place {
        let whose = [&self.user_id.to_string(), &self.provider_id, &self.account_id];
        Place::new(self.id, column, &whose.map(String::as_str))
    }

    /// What was granted.
    pub(crate) fn scopes(&self) -> Vec<String> {
        words(self.scope.as_deref().unwrap_or_default())
            .map(str::to_owned)
            .collect()
    }
}

/// What was not sent stays. A new access token has the end that it came with, or none.
fn replacing(
    cx: &RequestContext,
    auth: &Auth,
    account: &Account,
    tokens: &Tokens,
) -> Result<UpdateMany<Entity>, DbErr> {
    let seal = |column, token| account.sealed(cx, auth, column, Some(token));
    let mut update = Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(cx.now()))
        .filter(Column::Id.eq(account.id))
        .filter(Column::UserId.eq(account.user_id));
    if let Some(token) = &tokens.access_token {
        let expiry = Expr::value(tokens.access_token_expires_at);
        update = update
            .col_expr(
                Column::AccessToken,
                Expr::value(seal(Sealed::AccessToken, token)?),
            )
            .col_expr(Column::AccessTokenExpiresAt, expiry);
    }
    if let Some(token) = &tokens.refresh_token {
        let sealed = seal(Sealed::RefreshToken, token)?;
        update = update.col_expr(Column::RefreshToken, Expr::value(sealed));
    }
    if let Some(expiry) = tokens.refresh_token_expires_at {
        update = update.col_expr(Column::RefreshTokenExpiresAt, Expr::value(expiry));
    }
    if let Some(token) = &tokens.id_token {
        update = update.col_expr(Column::IdToken, Expr::value(seal(Sealed::IdToken, token)?));
    }
    Ok(update)
}

/// What was granted, comma-separated and once each; `None` for nothing.
fn merged(before: Option<&str>, now: &[String]) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for scope in words(before.unwrap_or_default()).chain(now.iter().flat_map(|scope| words(scope))) {
        if !all.contains(&scope) {
            all.push(scope);
        }
    }
    (!all.is_empty()).then(|| all.join(","))
}

fn words(scopes: &str) -> impl Iterator<Item = &str> {
    scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_again_is_noted_once() {
        let now = [
            "email".to_owned(),
            " repo ".to_owned(),
            "email".to_owned(),
            String::new(),
        ];

        assert_eq!(
            merged(Some("openid, email,,"), &now).as_deref(),
            Some("openid,email,repo")
        );
        assert_eq!(merged(None, &now).as_deref(), Some("email,repo"));
        assert_eq!(merged(Some("openid"), &[]).as_deref(), Some("openid"));
        assert_eq!(merged(Some(","), &[]), None);
        assert_eq!(merged(None, &[]), None);
    }
}
