use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::teams;

use super::view::TeamView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusals, id_of, named};
use crate::state;

const REFUSALS: Refusals = Refusals::usual(StatusCode::FORBIDDEN, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM");

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct UpdateTeam {
    team_id: String,
    data: TeamChanges,
}

#[derive(Default, ToSchema)]
#[schema(rename_all = "camelCase")]
struct TeamChanges {
    /// Not empty.
    #[schema(example = "Night shift")]
    name: Option<String>,
    /// The organization of the team, which it keeps; the active one, if absent.
    organization_id: Option<String>,
}

/// Renames a team.
#[utoipa::path(
    tag = "organization",
    operation_id = "updateTeam",
    request_body = UpdateTeam,
    responses(
        (status = 200, body = TeamView, description = "The team, as changed"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (removed meanwhile)"),
    ),
)]
#[post("/organization/update-team")]
pub(super) async fn update_team(
    Body(body): Body<UpdateTeam>,
    request: HttpRequest,
) -> AuthResult<Json<TeamView>> {
    let state = state::of(&request)?;
    let organization = named(body.data.organization_id.as_deref());
    let here = caller::enter(&request, organization, &REFUSALS).await?;
    let tx = here.begin().await?;
    let team = teams::update(&tx, state.access(), id_of(&body.team_id), body.data.name).await?;
    tx.commit().await?;
    Ok(Json(team.into()))
}

impl Shape for UpdateTeam {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            team_id: fields.text("teamId"),
            data: fields
                .object("data", |data| TeamChanges {
                    name: data.optional_non_empty_text("name"),
                    organization_id: data.optional_text("organizationId"),
                })
                .unwrap_or_default(),
        }
    }
}
