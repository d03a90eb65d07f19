use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use wardkeep_organizations::teams::members;

use super::view::{Placement, Told};
use crate::auth::Body;
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusals, id_of, named};
use crate::state;

const REFUSALS: Refusals = Refusals::usual(
    StatusCode::BAD_REQUEST,
    "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
);

/// Takes a member out of a team.
#[utoipa::path(
    tag = "organization",
    operation_id = "removeTeamMember",
    request_body = Placement,
    responses(
        (status = 200, body = Told, description = "The member has left the team"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller or the user), `TEAM_NOT_FOUND`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller, removed meanwhile)"),
    ),
)]
#[post("/organization/remove-team-member")]
pub(super) async fn remove_team_member(
    Body(body): Body<Placement>,
    request: HttpRequest,
) -> AuthResult<Json<Told>> {
    let state = state::of(&request)?;
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let (team, user) = (id_of(&body.team_id), id_of(&body.user_id));
    members::remove(&tx, state.access(), team, user).await?;
    tx.commit().await?;
    Ok(Json(Told {
        message: "Team member removed successfully.",
    }))
}
