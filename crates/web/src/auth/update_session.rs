use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::post;

use super::body::Body;
use super::fields::{Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;

/// The fields of a session that the server alone sets.
const OWN_FIELDS: [&str; 2] = ["activeOrganizationId", "activeTeamId"];

/// Which of those fields the caller wants to set, if any.
pub(super) struct UpdateSession(Option<&'static str>);

/// Would change fields of an application's own on the session. There are none, so that it always refuses.
#[utoipa::path(
    tag = "auth",
    operation_id = "updateSession",
    request_body = Object,
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `FIELD_NOT_ALLOWED`, or without a code when nothing would change"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/update-session")]
pub(super) async fn update_session(
    body_then_session: InOrder<(Body<UpdateSession>, CurrentSession)>,
) -> AuthResult<HttpResponse> {
    let InOrder((Body(UpdateSession(own)), _session)) = body_then_session;
    Err(match own {
        Some(field) => AuthError::with_message(
            StatusCode::BAD_REQUEST,
            "FIELD_NOT_ALLOWED",
            format!("{field} is not allowed to be set"),
        ),
        None => AuthError::without_code(StatusCode::BAD_REQUEST, "No fields to update"),
    })
}

impl Shape for UpdateSession {
    const KINDS: &'static [&'static str] = &["record"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self(OWN_FIELDS.into_iter().find(|field| fields.is_truthy(field)))
    }
}
