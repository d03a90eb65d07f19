use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_auth::accounts::{self, Account, AccountId};
use wardkeep_tenancy::UserId;

use super::answers::listed;
use crate::error::{AuthErrorBody, AuthResult};
use crate::session::CurrentSession;
use crate::{state, time_format};

/// One way of the user to sign in. Neither a token nor a password is ever shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub(super) struct AccountView {
    #[schema(value_type = uuid::Uuid)]
    id: AccountId,
    /// The id at the provider; of a password, the user's own.
    account_id: String,
    /// `credential` is a password.
    provider_id: String,
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
    #[serde(with = "time_format")]
    updated_at: OffsetDateTime,
    /// What the provider granted.
    scopes: Vec<String>,
}

/// The ways of the user to sign in, oldest first.
#[utoipa::path(
    tag = "auth",
    operation_id = "listUserAccounts",
    responses(
        (status = 200, body = [AccountView], description = "The user's ways to sign in", headers(("x-total-count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[get("/list-accounts")]
pub(super) async fn list_accounts(
    current: CurrentSession,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<AccountView>>>> {
    let database = state::of(&request)?.database();
    Ok(listed(
        accounts::list(database, current.context(), current.user.id).await?,
    ))
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let scopes = account.scope.as_deref().unwrap_or_default().split([',', ' ']);
        Self {
            id: account.id,
            account_id: account.account_id,
            provider_id: account.provider_id,
            user_id: account.user_id,
            created_at: account.created_at,
            updated_at: account.updated_at,
            scopes: scopes
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}
