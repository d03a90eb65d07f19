use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::sessions::{self, Revoked};

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape};
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
pub(super) struct RevokeSession {
    /// The public handle of the session, as `list-sessions` shows it.
    token: String,
}

/// Ends one session of the user. A handle of nobody, or of somebody else, changes nothing and is answered alike.
#[utoipa::path(
    tag = "auth",
    operation_id = "revokeSession",
    request_body = RevokeSession,
    responses(
        (status = 200, body = Done, description = "Clears the cookies if it was the own one"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/revoke-session")]
pub(super) async fn revoke_session(
    body_then_session: InOrder<(Body<RevokeSession>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), current)) = body_then_session;
    let database = state::of(&request)?.database();
    let revoked = Revoked::Handle(&body.token);
    sessions::revoke(database, current.context(), current.user.id, revoked).await?;
    if body.token == current.session.token {
        cookies.clear();
    }
    Ok(done())
}

impl Shape for RevokeSession {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            token: fields.text("token"),
        }
    }
}
