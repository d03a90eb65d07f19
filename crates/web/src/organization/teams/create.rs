use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::teams;

use super::view::TeamView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, NO_ACTIVE_ORGANIZATION, Refusal, Refusals, named};
use crate::state;

const REFUSALS: Refusals = Refusals {
    signed_out: Refusal::Empty(StatusCode::UNAUTHORIZED),
    nowhere: NO_ACTIVE_ORGANIZATION,
    // Not a typing error: Better Auth speaks of inviting here.
    outsider: Refusal::Code(
        StatusCode::FORBIDDEN,
        "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
    ),
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct CreateTeam {
    #[schema(example = "Night shift")]
    name: String,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// Makes a team with nobody in it.
#[utoipa::path(
    tag = "organization",
    operation_id = "createTeam",
    request_body = CreateTeam,
    responses(
        (status = 200, body = TeamView, description = "The team"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `NO_ACTIVE_ORGANIZATION`, \
            `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS`"),
        (status = 401, description = "Not signed in; without a body"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION` \
            (no member), `YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (removed meanwhile)"),
    ),
)]
#[post("/organization/create-team")]
pub(super) async fn create_team(
    Body(body): Body<CreateTeam>,
    request: HttpRequest,
) -> AuthResult<Json<TeamView>> {
    let state = state::of(&request)?;
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let team = teams::create(&tx, state.access(), state.rules(), body.name).await?;
    tx.commit().await?;
    Ok(Json(team.into()))
}

impl Shape for CreateTeam {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.text("name"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
