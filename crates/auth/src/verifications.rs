//! One-time tokens: stored as a hash, gone when used. Those here are sent by mail; those of a sign-in through a provider are
//! in `providers::states`.

mod entity;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::{CredentialsTx, Entropy, RequestContext, UserId};

pub(crate) use entity::{Column, Entity, Model};

/// What a one-time token is for. A token of one purpose is none of another: the purpose is hashed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Setting a new password.
    ResetPassword,
    /// Deleting the account.
    DeleteAccount,
}

impl Purpose {
    /// Lengths and alphabets are those of Better Auth; both are beyond guessing (142 and 165 bits).
    fn generate(self, entropy: &Entropy) -> String {
        const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        const DIGITS_AND_LOWER: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        match self {
            Self::ResetPassword => entropy.text(LETTERS_AND_DIGITS, 24),
            Self::DeleteAccount => entropy.text(DIGITS_AND_LOWER, 32),
        }
    }

    fn lifetime(self) -> Duration {
        match self {
            Self::ResetPassword => Duration::hours(1),
            Self::DeleteAccount => Duration::days(1),
        }
    }

    /// What is stored: base64url without padding of the SHA-256, as Better Auth does with `storeIdentifier: "hashed"`.
    fn identifier(self, token: &str) -> String {
        let prefix = match self {
            Self::ResetPassword => "reset-password:",
            Self::DeleteAccount => "delete-account-",
        };
        hashed(prefix, token)
    }
}

/// A purpose and a token, as they are stored.
pub(crate) fn hashed(prefix: &str, token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(prefix).chain_update(token).finalize())
}

/// Makes a token for a user, and returns it: nothing else will.
pub(crate) async fn create(
    tx: &impl ConnectionTrait,
    cx: &RequestContext,
    purpose: Purpose,
    user: UserId,
) -> Result<String, DbErr> {
    let token = purpose.generate(cx.entropy());
    let row = entity::Model {
        id: cx.new_id(),
        identifier: purpose.identifier(&token),
        value: user.to_string(),
        expires_at: cx.now() + purpose.lifetime(),
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    entity::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(token)
}

/// Whose token it is, if it is one and not over. It stays usable.
pub(crate) async fn find(tx: &CredentialsTx, purpose: Purpose, token: &str) -> Result<Option<UserId>, DbErr> {
    let row = entity::Entity::find()
        .filter(valid(purpose, token, tx.now()))
        .one(tx)
        .await?;
    Ok(row.and_then(|row| row.value.parse().ok()))
}

/// Uses a token of this user up, and says whether there was one: of any number of requests at once, one is told yes.
pub(crate) async fn consume(
    tx: &impl ConnectionTrait,
    cx: &RequestContext,
    purpose: Purpose,
    token: &str,
    user: UserId,
) -> Result<bool, DbErr> {
    let deleted = entity::Entity::delete_many()
        .filter(valid(purpose, token, cx.now()))
        .filter(entity::Column::Value.eq(user.to_string()))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}

/// Voids every token of a user.
pub(crate) async fn void_all(tx: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(entity::Column::Value.eq(user.to_string()))
        .exec(tx)
        .await?;
    Ok(())
}

fn valid(purpose: Purpose, token: &str, now: OffsetDateTime) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(entity::Column::Identifier.eq(purpose.identifier(token)))
        .add(entity::Column::ExpiresAt.gt(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_as_long_as_those_of_better_auth() {
        let entropy = Entropy::seeded(1);
        let reset = Purpose::ResetPassword.generate(&entropy);
        let delete = Purpose::DeleteAccount.generate(&entropy);

        assert_eq!((reset.len(), delete.len()), (24, 32));
        assert!(reset.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{reset}");
        assert!(
            delete
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()),
            "{delete}"
        );
    }

    #[test]
    fn what_is_stored_is_the_hash_of_purpose_and_token() {
        // printf '%s' reset-password:abc | openssl dgst -sha256 -binary | base64, in the URL alphabet and without padding
        assert_eq!(
            Purpose::ResetPassword.identifier("abc"),
            "IMUqJ3lXuvod79AbI4EdsWmdAkZeIP5syfKs7-d5fQQ"
        );
        assert_ne!(
            Purpose::ResetPassword.identifier("abc"),
            Purpose::DeleteAccount.identifier("abc")
        );
    }
}
