use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use utoipa::IntoParams;
use wardkeep_organizations::teams;

use super::view::TeamView;
use crate::auth::{Fields, Query, Shape, listed};
use crate::error::{AuthErrorBody, AuthResult};
use crate::organization::caller::{self, Refusals, named};

const REFUSALS: Refusals = Refusals::usual(
    StatusCode::FORBIDDEN,
    "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION",
);

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct ListTeams {
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// The teams of the organization, oldest first.
#[utoipa::path(
    tag = "organization",
    operation_id = "listTeams",
    params(ListTeams),
    responses(
        (status = 200, body = [TeamView], description = "The teams", headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION` (no member)"),
    ),
)]
#[get("/organization/list-teams")]
pub(super) async fn list_teams(
    Query(query): Query<ListTeams>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<TeamView>>>> {
    let here = caller::enter(&request, named(query.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let teams = teams::list(&tx).await?;
    tx.commit().await?;
    Ok(listed(teams))
}

impl Shape for ListTeams {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
