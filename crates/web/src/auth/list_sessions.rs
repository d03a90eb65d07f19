use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use wardkeep_auth::sessions;

use super::answers::listed;
use super::view::SessionView;
use crate::error::{AuthErrorBody, AuthResult};
use crate::session::FreshSession;
use crate::state;

/// The sessions of the user that are not over, oldest first.
#[utoipa::path(
    tag = "auth",
    operation_id = "listUserSessions",
    responses(
        (status = 200, body = [SessionView], description = "The user's sessions", headers(("x-total-count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`SESSION_NOT_FRESH`: signed in more than a day ago"),
    ),
)]
#[get("/list-sessions")]
pub(super) async fn list_sessions(
    FreshSession(current): FreshSession,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<SessionView>>>> {
    let database = state::of(&request)?.database();
    Ok(listed(
        sessions::list(database, current.context(), current.user.id).await?,
    ))
}
