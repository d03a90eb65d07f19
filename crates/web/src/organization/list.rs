use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};

use super::view::OrganizationView;
use crate::auth::listed;
use crate::error::{AuthErrorBody, AuthResult};
use crate::session::CurrentSession;
use crate::state;

/// The organizations of the signed-in user, in the order of joining.
#[utoipa::path(
    tag = "organization",
    operation_id = "listOrganizations",
    responses(
        (status = 200, body = [OrganizationView], description = "The organizations of the user", headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[get("/organization/list")]
pub(super) async fn list(
    caller: CurrentSession,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<OrganizationView>>>> {
    let state = state::of(&request)?;
    let organizations =
        wardkeep_organizations::list(state.database(), caller.context(), caller.user.id).await?;
    Ok(listed(organizations))
}
