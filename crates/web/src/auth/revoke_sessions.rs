use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use wardkeep_auth::sessions::{self, Revoked};

use super::answers::{Done, done};
use super::body::AnyBody;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

/// Ends every session of the user, this one included.
#[utoipa::path(
    tag = "auth",
    operation_id = "revokeSessions",
    responses(
        (status = 200, body = Done, description = "Clears the cookies"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/revoke-sessions")]
pub(super) async fn revoke_sessions(
    body_then_session: InOrder<(AnyBody, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Done>> {
    let InOrder((AnyBody, current)) = body_then_session;
    let database = state::of(&request)?.database();
    sessions::revoke(database, current.context(), current.user.id, Revoked::All).await?;
    cookies.clear();
    Ok(done())
}

/// Ends every other session of the user.
#[utoipa::path(
    tag = "auth",
    operation_id = "revokeOtherSessions",
    responses(
        (status = 200, body = Done, description = "The others have ended"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/revoke-other-sessions")]
pub(super) async fn revoke_other_sessions(
    body_then_session: InOrder<(AnyBody, CurrentSession)>,
    request: HttpRequest,
) -> AuthResult<Json<Done>> {
    let InOrder((AnyBody, current)) = body_then_session;
    let database = state::of(&request)?.database();
    let revoked = Revoked::Others(current.session.id);
    sessions::revoke(database, current.context(), current.user.id, revoked).await?;
    Ok(done())
}
