use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use wardkeep_organizations::teams::members;

use super::view::{Placement, TeamMemberView};
use crate::auth::Body;
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusals, id_of, named};
use crate::state;

const REFUSALS: Refusals = Refusals::usual(
    StatusCode::BAD_REQUEST,
    "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
);

/// Puts a member of the organization into a team. Doing it again changes nothing.
#[utoipa::path(
    tag = "organization",
    operation_id = "addTeamMember",
    request_body = Placement,
    responses(
        (status = 200, body = TeamMemberView, description = "The place in the team, also if it was there before"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller or the user), `TEAM_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER`, \
            `TEAM_MEMBER_LIMIT_REACHED`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller, removed meanwhile)"),
    ),
)]
#[post("/organization/add-team-member")]
pub(super) async fn add_team_member(
    Body(body): Body<Placement>,
    request: HttpRequest,
) -> AuthResult<Json<TeamMemberView>> {
    let state = state::of(&request)?;
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let (team, user) = (id_of(&body.team_id), id_of(&body.user_id));
    let member = members::add(&tx, state.access(), state.rules(), team, user).await?;
    tx.commit().await?;
    Ok(Json(member.into()))
}
