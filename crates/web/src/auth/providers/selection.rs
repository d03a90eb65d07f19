//! Which account is meant.

use actix_web::http::StatusCode;
use utoipa::ToSchema;
use wardkeep_auth::accounts::AccountId;
use wardkeep_auth::providers::TokenError;
use wardkeep_tenancy::Fault as _;

use crate::auth::fields::{Fields, Shape};
use crate::error::{AuthError, AuthResult};
use crate::session::{CurrentSession, MaybeSession};

/// An account of the signed-in user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Selection {
    /// The `id` that `list-accounts` shows.
    account_id: Option<String>,
}

impl Selection {
    /// The id; one that is no uuid is nobody's, and the cookie of an account, which the original can be told to set, is
    /// none of ours.
    pub(super) fn account(&self) -> Option<AccountId> {
        self.account_id.as_deref().and_then(|id| id.parse().ok())
    }
}

impl Shape for Selection {
    const KINDS: &'static [&'static str] = &[];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            account_id: fields.either_text_or_true("accountId", "useAccountCookie"),
        }
    }
}

/// The session; without one 401 without a body, as in the original.
pub(super) fn signed_in(MaybeSession(current): MaybeSession) -> AuthResult<CurrentSession> {
    current.ok_or_else(|| AuthError::empty(StatusCode::UNAUTHORIZED))
}

/// An error in the words of the protocol, of which one names the provider.
pub(super) fn refused(error: TokenError) -> AuthError {
    match &error {
        TokenError::NotSupported(provider) => {
            let message = format!("Provider {provider} is not supported.");
            AuthError::with_message(StatusCode::BAD_REQUEST, error.code(), message)
        }
        _ => error.into(),
    }
}
