use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_auth::providers::{self, AccessToken};

use super::selection::{Selection, refused, signed_in};
use crate::auth::body::Body;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::{state, time_format};

/// An access token that is good for five seconds at least.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValidAccessToken {
    /// Empty where the provider gave none.
    access_token: String,
    /// Where the provider says it.
    #[serde(with = "time_format::option", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token_expires_at: Option<OffsetDateTime>,
    /// What was granted when the account was linked.
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id_token: Option<String>,
}

/// The access token of an account at a provider; a new one, where the old one is over.
#[utoipa::path(
    tag = "auth",
    operation_id = "getAccessToken",
    request_body = Selection,
    responses(
        (status = 200, body = ValidAccessToken, description = "The token"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `FAILED_TO_GET_ACCESS_TOKEN`"),
        (status = 401, description = "No session; no body"),
    ),
)]
#[post("/get-access-token")]
pub(crate) async fn get_access_token(
    body_then_session: InOrder<(Body<Selection>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<Json<ValidAccessToken>> {
    let InOrder((Body(body), session)) = body_then_session;
    let current = signed_in(session)?;
    let state = state::of(&request)?;
    let (database, auth, cx) = (state.database(), state.auth(), current.context());
    let token = providers::access_token(database, cx, auth, current.user.id, body.account()).await;
    Ok(Json(token.map_err(refused)?.into()))
}

impl From<AccessToken> for ValidAccessToken {
    fn from(token: AccessToken) -> Self {
        let access_token = token.access_token.map(|token| token.expose().to_owned());
        Self {
            access_token: access_token.unwrap_or_default(),
            access_token_expires_at: token.expires_at,
            scopes: token.scopes,
            id_token: token.id_token.map(|token| token.expose().to_owned()),
        }
    }
}
