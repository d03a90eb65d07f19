use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::teams;
use wardkeep_tenancy::Asked;

use super::view::Told;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, NO_ACTIVE_ORGANIZATION, Refusal, Refusals, id_of, named};
use crate::state;

const OUTSIDER: Refusal = Refusal::Code(StatusCode::FORBIDDEN, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM");

const REFUSALS: Refusals = Refusals {
    signed_out: Refusal::Empty(StatusCode::UNAUTHORIZED),
    nowhere: NO_ACTIVE_ORGANIZATION,
    outsider: OUTSIDER,
};

/// Where no organization is named: Better Auth looks for one before it looks for a session.
const REFUSALS_UNNAMED: Refusals = Refusals {
    signed_out: NO_ACTIVE_ORGANIZATION,
    nowhere: NO_ACTIVE_ORGANIZATION,
    outsider: OUTSIDER,
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct RemoveTeam {
    team_id: String,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// Removes a team, and takes it out of the invitations that wait. The caller's active team stays, and the last one.
#[utoipa::path(
    tag = "organization",
    operation_id = "removeTeam",
    request_body = RemoveTeam,
    responses(
        (status = 200, body = Told, description = "The team is gone"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION` (without a session \
            too), `TEAM_NOT_FOUND`, `UNABLE_TO_REMOVE_LAST_TEAM`"),
        (status = 401, description = "Not signed in; without a body"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM` (no member, or the \
            caller's active team), `YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (removed meanwhile)"),
    ),
)]
#[post("/organization/remove-team")]
pub(super) async fn remove_team(
    Body(body): Body<RemoveTeam>,
    request: HttpRequest,
) -> AuthResult<Json<Told>> {
    let state = state::of(&request)?;
    let (asked, refusals) = match named(body.organization_id.as_deref()) {
        Asked::Active => (Asked::Active, &REFUSALS_UNNAMED),
        named => (named, &REFUSALS),
    };
    let here = caller::enter(&request, asked, refusals).await?;
    let tx = here.begin().await?;
    let active = here.session.active_team_id;
    teams::remove(&tx, state.access(), active, id_of(&body.team_id)).await?;
    tx.commit().await?;
    Ok(Json(Told {
        message: "Team removed successfully.",
    }))
}

impl Shape for RemoveTeam {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            team_id: fields.text("teamId"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
