use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::teams::own::{self, Activation, Selection};
use wardkeep_tenancy::Asked;

use super::view::TeamView;
use crate::auth::{Body, Fields, Shape};
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{UNAUTHORIZED, id_of};
use crate::{session, state};

/// `null` unsets; without a team the choice is made again.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SetActiveTeam {
    team_id: Option<Option<String>>,
}

/// Chooses the team of the active organization in which the session works.
#[utoipa::path(
    tag = "organization",
    operation_id = "setActiveTeam",
    request_body = SetActiveTeam,
    responses(
        (status = 200, body = Option<TeamView>, description = "`null` when none is active; sets the session cookie again"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, \
            `TEAM_NOT_FOUND` (not one of the active organization)"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`USER_IS_NOT_A_MEMBER_OF_THE_TEAM`"),
    ),
)]
#[post("/organization/set-active-team")]
pub(super) async fn set_active_team(
    Body(body): Body<SetActiveTeam>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Option<TeamView>>> {
    let state = state::of(&request)?;
    let selection = Selection::from(body);
    let asked = match selection {
        Selection::Team(team) => Asked::Team(team),
        Selection::Nothing | Selection::Same => Asked::ActiveTeam,
    };
    let caller = session::find(&request, asked).await?;
    let caller = caller.ok_or_else(|| UNAUTHORIZED.error())?;
    match own::set_active(state.database(), caller.context(), &caller, selection).await? {
        Activation::Unchanged => Ok(Json(None)),
        Activation::Changed(team) => {
            cookies.renew();
            Ok(Json(team.map(Into::into)))
        }
    }
}

impl From<SetActiveTeam> for Selection {
    fn from(body: SetActiveTeam) -> Self {
        match body.team_id {
            Some(None) => Self::Nothing,
            // JavaScript takes an empty text for an absent one; null is a choice.
            Some(Some(id)) if !id.is_empty() => Self::Team(id_of(&id)),
            Some(Some(_)) | None => Self::Same,
        }
    }
}

impl Shape for SetActiveTeam {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            team_id: fields.nullable_text("teamId"),
        }
    }
}
