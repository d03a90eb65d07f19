use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wardkeep_auth::accounts::AccountId;
use wardkeep_auth::providers::{self, Info};

use super::selection::{Selection, refused, signed_in};
use crate::auth::body::Query;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::state;

/// Who the user is at a provider.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountInfo {
    user: ProviderUser,
    /// All that the provider says.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    account: ProviderAccount,
}

/// What every provider says, in one form.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProviderUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    image: Option<String>,
}

/// The account that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProviderAccount {
    /// The `id` that `list-accounts` shows.
    #[schema(value_type = uuid::Uuid)]
    id: AccountId,
    provider_id: String,
    /// The id at the provider.
    account_id: String,
}

/// Who the user is at the provider of an account.
///
/// With OpenID Connect it is what the last ID token says, of the last sign-in or refresh. The provider is asked where that
/// names no address, and where there is none: with plain OAuth 2.
#[utoipa::path(
    tag = "auth",
    operation_id = "accountInfo",
    params(("accountId" = Option<String>, Query, description = "The `id` that `list-accounts` shows")),
    responses(
        (status = 200, body = AccountInfo, description = "What the provider said last, or says now"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_CONFIGURED`, `ACCESS_TOKEN_NOT_FOUND`, `FAILED_TO_GET_ACCESS_TOKEN`"),
        (status = 401, body = AuthErrorBody, description = "No session: no body. `FAILED_TO_GET_USER_INFO`"),
    ),
)]
#[get("/account-info")]
pub(crate) async fn account_info(
    query_then_session: InOrder<(Query<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<Json<AccountInfo>> {
    let InOrder((Query(query), session)) = query_then_session;
    let current = signed_in(session)?;
    let state = state::of(&request)?;
    let (database, auth, cx) = (state.database(), state.auth(), current.context());
    let info = providers::info(database, cx, auth, current.user.id, query.account()).await;
    Ok(Json(info.map_err(refused)?.into()))
}

impl From<Info> for AccountInfo {
    fn from(info: Info) -> Self {
        let Info { account, profile } = info;
        Self {
            user: ProviderUser {
                name: profile.name,
                email: profile.email,
                email_verified: profile.email_verified,
                image: profile.image,
            },
            data: profile.claims,
            account: ProviderAccount {
                id: account.id,
                provider_id: account.provider_id,
                account_id: account.account_id,
            },
        }
    }
}
