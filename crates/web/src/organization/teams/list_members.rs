use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use utoipa::IntoParams;
use wardkeep_organizations::teams::members;
use wardkeep_tenancy::{Asked, TeamId};

use super::view::TeamMemberView;
use crate::auth::{Fields, Query, Shape, filled, listed};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusal, Refusals, UNAUTHORIZED, id_of};

const NO_ACTIVE_TEAM: Refusal = Refusal::Code(StatusCode::BAD_REQUEST, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM");
const TEAM_NOT_FOUND: Refusal = Refusal::Code(StatusCode::BAD_REQUEST, "TEAM_NOT_FOUND");

const REFUSALS: Refusals = Refusals {
    signed_out: UNAUTHORIZED,
    nowhere: NO_ACTIVE_TEAM,
    outsider: Refusal::Code(StatusCode::BAD_REQUEST, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
};

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct ListTeamMembers {
    /// The session's active team, if absent.
    team_id: Option<String>,
}

/// Who is in a team, for those who are in it.
#[utoipa::path(
    tag = "organization",
    operation_id = "listTeamMembers",
    params(ListTeamMembers),
    responses(
        (status = 200, body = [TeamMemberView], description = "The places in the team", headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM`, \
            `TEAM_NOT_FOUND`, `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[get("/organization/list-team-members")]
pub(super) async fn list_team_members(
    Query(query): Query<ListTeamMembers>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<TeamMemberView>>>> {
    let named: Option<TeamId> = filled(query.team_id).map(|id| id_of(&id));
    let asked = named.map_or(Asked::ActiveTeam, Asked::Team);
    let caller = caller::find(&request, asked, &REFUSALS).await?;
    let team = named.or(caller.session.active_team_id);
    let team = team.ok_or_else(|| NO_ACTIVE_TEAM.error())?;
    if caller.organization.is_none() {
        return Err(TEAM_NOT_FOUND.error());
    }
    let here = caller::as_member(&request, caller, &REFUSALS)?;
    let tx = here.begin().await?;
    let members = members::list(&tx, team).await?;
    tx.commit().await?;
    Ok(listed(members))
}

impl Shape for ListTeamMembers {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            team_id: fields.optional_text("teamId"),
        }
    }
}
