use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::ToSchema;
use wardkeep_auth::accounts::{self, AccountError};

use crate::auth::body::{Body, Query};
use crate::auth::fields::{Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::{CurrentSession, MaybeSession};
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Selection {
    /// The `id` that `list-accounts` shows.
    account_id: Option<String>,
}

/// Would get a new access token from the provider of an account.
#[utoipa::path(
    tag = "auth",
    operation_id = "refreshToken",
    request_body = Selection,
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`"),
        (status = 401, description = "No session; no body"),
    ),
)]
#[post("/refresh-token")]
pub(crate) async fn refresh_token(
    body_then_session: InOrder<(Body<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let InOrder((Body(body), MaybeSession(current))) = body_then_session;
    let provider = provider(&request, current, &body).await?;
    Err(not_supported(&provider))
}

/// Would give the access token of an account at a provider.
#[utoipa::path(
    tag = "auth",
    operation_id = "getAccessToken",
    request_body = Selection,
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`"),
        (status = 401, description = "No session; no body"),
    ),
)]
#[post("/get-access-token")]
pub(crate) async fn get_access_token(
    body_then_session: InOrder<(Body<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let InOrder((Body(body), MaybeSession(current))) = body_then_session;
    let provider = provider(&request, current, &body).await?;
    Err(not_supported(&provider))
}

/// Would ask the provider of an account who the user is there.
#[utoipa::path(
    tag = "auth",
    operation_id = "accountInfo",
    params(("accountId" = Option<String>, Query)),
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_CONFIGURED`"),
        (status = 401, description = "No session; no body"),
    ),
)]
#[get("/account-info")]
pub(crate) async fn account_info(
    query_then_session: InOrder<(Query<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let InOrder((Query(query), MaybeSession(current))) = query_then_session;
    provider(&request, current, &query).await?;
    let message = "Account is not associated with a configured social provider.";
    Err(AuthError::with_message(
        StatusCode::BAD_REQUEST,
        "PROVIDER_NOT_CONFIGURED",
        message,
    ))
}

/// The provider of the account that the caller names.
async fn provider(
    request: &HttpRequest,
    current: Option<CurrentSession>,
    selection: &Selection,
) -> AuthResult<String> {
    let current = current.ok_or_else(|| AuthError::empty(StatusCode::UNAUTHORIZED))?;
    let database = state::of(request)?.database();
    let accounts = accounts::list(database, current.context(), current.user.id).await?;
    let named = selection.account_id.as_deref().and_then(|id| id.parse().ok());
    let account = accounts
        .rows
        .into_iter()
        .find(|account| Some(account.id) == named);
    Ok(account.ok_or(AccountError::NotFound)?.provider_id)
}

fn not_supported(provider: &str) -> AuthError {
    AuthError::with_message(
        StatusCode::BAD_REQUEST,
        "PROVIDER_NOT_SUPPORTED",
        format!("Provider {provider} is not supported."),
    )
}

impl Shape for Selection {
    const KINDS: &'static [&'static str] = &[];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            account_id: fields.either_text_or_true("accountId", "useAccountCookie"),
        }
    }
}
