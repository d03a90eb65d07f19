use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::sessions;

use super::body::Body;
use super::fields::{Fields, Shape};
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::{State, state};

/// The protocol takes three fields about signing out of a provider as well. We have none, so they are only checked.
#[derive(ToSchema)]
pub(super) struct SignOut {}

#[derive(Serialize, ToSchema)]
pub(super) struct SignedOut {
    success: bool,
}

/// Ends the session, if there is one, and clears its cookies. Public: without a session it succeeds as well.
#[utoipa::path(
    tag = "auth",
    operation_id = "signOut",
    request_body = Option<SignOut>,
    responses(
        (status = 200, body = SignedOut, description = "The session, if there was one, has ended; clears the cookies"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
    ),
)]
#[post("/sign-out")]
pub(super) async fn sign_out(
    _body: Body<SignOut>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<Json<SignedOut>> {
    let state: &State = state::of(&request)?;
    if let Some(secret) = cookies.session_secret() {
        sessions::sign_out(state.database(), &cx, &secret).await?;
    }
    cookies.clear();
    Ok(Json(SignedOut { success: true }))
}

impl Shape for SignOut {
    fn read(fields: &mut Fields<'_>) -> Self {
        fields.optional_text("callbackURL");
        fields.optional_boolean("disableRedirect");
        fields.optional_text("state");
        Self {}
    }

    fn absent() -> Option<Self> {
        Some(Self {})
    }
}
