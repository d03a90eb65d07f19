use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_auth::accounts::AccountId;
use wardkeep_auth::providers::{self, Refreshed};

use super::selection::{Selection, refused, signed_in};
use crate::auth::body::Body;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::{state, time_format};

/// The tokens of an account after a refresh.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshedTokens {
    access_token: String,
    /// The one from now on: a provider may give another one at each refresh.
    refresh_token: String,
    /// Where the provider says it.
    #[serde(with = "time_format::option", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token_expires_at: Option<OffsetDateTime>,
    #[serde(with = "time_format::option")]
    refresh_token_expires_at: Option<OffsetDateTime>,
    /// What was granted when the account was linked, divided by commas.
    scope: Option<String>,
    id_token: Option<String>,
    provider_id: String,
    /// The `id` that `list-accounts` shows.
    #[schema(value_type = uuid::Uuid)]
    account_id: AccountId,
}

/// Gets a new access token from the provider of an account, for a program of the user's own.
#[utoipa::path(
    tag = "auth",
    operation_id = "refreshToken",
    request_body = Selection,
    responses(
        (status = 200, body = RefreshedTokens, description = "The tokens from now on"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `REFRESH_TOKEN_NOT_FOUND`, `FAILED_TO_REFRESH_ACCESS_TOKEN`"),
        (status = 401, description = "No session; no body"),
    ),
)]
#[post("/refresh-token")]
pub(crate) async fn refresh_token(
    body_then_session: InOrder<(Body<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<Json<RefreshedTokens>> {
    let InOrder((Body(body), session)) = body_then_session;
    let current = signed_in(session)?;
    let state = state::of(&request)?;
    let (database, auth, cx) = (state.database(), state.auth(), current.context());
    let refreshed = providers::refresh(database, cx, auth, current.user.id, body.account()).await;
    Ok(Json(refreshed.map_err(refused)?.into()))
}

impl From<Refreshed> for RefreshedTokens {
    fn from(refreshed: Refreshed) -> Self {
        Self {
            access_token: refreshed.access_token.expose().to_owned(),
            refresh_token: refreshed.refresh_token.expose().to_owned(),
            access_token_expires_at: refreshed.access_token_expires_at,
            refresh_token_expires_at: refreshed.refresh_token_expires_at,
            scope: refreshed.account.scope,
            id_token: refreshed.id_token.map(|token| token.expose().to_owned()),
            provider_id: refreshed.account.provider_id,
            account_id: refreshed.account.id,
        }
    }
}
