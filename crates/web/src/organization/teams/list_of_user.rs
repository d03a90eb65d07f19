use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use utoipa::IntoParams;
use wardkeep_organizations::teams::own;
use wardkeep_tenancy::{Asked, UserId};

use super::view::TeamView;
use crate::auth::{Fields, Query, Shape, filled, listed};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusals, UNAUTHORIZED, id_of, named};
use crate::{session, state};

const REFUSALS: Refusals =
    Refusals::usual(StatusCode::FORBIDDEN, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct ListUserTeams {
    /// Oneself, if absent.
    user_id: Option<String>,
    /// If absent: all organizations for oneself, the active one for somebody else.
    organization_id: Option<String>,
}

/// The teams of the signed-in user, or of a fellow member.
#[utoipa::path(
    tag = "organization",
    operation_id = "listUserTeams",
    params(ListUserTeams),
    responses(
        (status = 200, body = [TeamView], description = "The teams of the user", headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the other user)"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER` (the teams of others take that right)"),
    ),
)]
#[get("/organization/list-user-teams")]
pub(super) async fn list_user_teams(
    Query(query): Query<ListUserTeams>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<TeamView>>>> {
    let state = state::of(&request)?;
    let asked = named(query.organization_id.as_deref());
    let caller = session::find(&request, asked).await?;
    let caller = caller.ok_or_else(|| UNAUTHORIZED.error())?;
    let user: UserId = filled(query.user_id).map_or(caller.user.id, |id| id_of(&id));
    if user == caller.user.id && asked == Asked::Active {
        let own = own::list(state.database(), caller.context(), user).await?;
        return Ok(listed(own));
    }
    let here = caller::within(&request, caller, asked, &REFUSALS)?;
    let tx = here.begin().await?;
    let teams = own::list_of(&tx, user).await?;
    tx.commit().await?;
    Ok(listed(teams))
}

impl Shape for ListUserTeams {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            user_id: fields.optional_text("userId"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
