use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpResponse, Responder, ResponseError as _, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::NoBody;
use super::view::{SessionView, UserView};
use crate::error::{AuthError, AuthErrorBody};
use crate::session::MaybeSession;

#[derive(Serialize, ToSchema)]
pub(super) struct SessionAndUser {
    session: SessionView,
    user: UserView,
}

/// The current session and its user, or `null`. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "getSession",
    params(("disableRefresh" = Option<String>, Query, description = "Not empty: the session is not prolonged")),
    responses((status = 200, body = Option<SessionAndUser>, description = "`null` where nobody is signed in")),
)]
#[get("/get-session")]
pub(super) async fn get_session(session: MaybeSession) -> CustomizeResponder<Json<Option<SessionAndUser>>> {
    let body = session.0.map(|session| SessionAndUser {
        session: session.session.clone().into(),
        user: session.user.clone().into(),
    });
    not_stored(Json(body))
}

/// Belongs to a way of prolonging sessions that we do not have: always 405. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "postSession",
    path = "/get-session",
    responses(
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
        (status = 405, body = AuthErrorBody, description = "`METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED`"),
    ),
)]
#[post("/get-session")]
pub(super) async fn post_session(_body: NoBody) -> CustomizeResponder<HttpResponse> {
    let error = AuthError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
    );
    not_stored(error.error_response())
}

/// What a proxy or a browser must not keep.
fn not_stored<R: Responder>(response: R) -> CustomizeResponder<R> {
    response
        .customize()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
}
