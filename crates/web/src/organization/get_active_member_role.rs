use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::members;

use super::caller::{self, Refusals, nobody};
use crate::auth::{Fields, Query, Shape};
use crate::error::{AuthErrorBody, AuthResult};

const REFUSALS: Refusals =
    Refusals::usual(StatusCode::FORBIDDEN, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");

pub(super) struct WhoseRole {
    user_id: Option<String>,
    organization_id: Option<String>,
    organization_slug: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct MemberRole {
    /// Names of roles, comma-separated.
    #[schema(example = "member,nurse")]
    role: String,
}

/// The roles of the caller, or of another member.
#[utoipa::path(
    tag = "organization",
    operation_id = "getActiveMemberRole",
    params(
        ("userId" = Option<String>, Query, description = "The caller, if absent"),
        ("organizationId" = Option<String>, Query, description = "The active organization, if absent"),
        ("organizationSlug" = Option<String>, Query, description = "Wins over the id"),
    ),
    responses(
        (status = 200, body = MemberRole, description = "The roles, with commas between them"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND` (unknown slug), \
            `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`: the caller, or the other"),
    ),
)]
#[get("/organization/get-active-member-role")]
pub(super) async fn get_active_member_role(
    Query(query): Query<WhoseRole>,
    request: HttpRequest,
) -> AuthResult<Json<MemberRole>> {
    let (slug, id) = (
        query.organization_slug.as_deref(),
        query.organization_id.as_deref(),
    );
    let here = caller::enter_by_slug(&request, slug, id, &REFUSALS).await?;
    let user = match query.user_id.as_deref() {
        None | Some("") => here.user.id,
        Some(user) => user.parse().unwrap_or(nobody()),
    };
    let tx = here.begin().await?;
    let member = members::find(&tx, user).await?;
    tx.commit().await?;
    let member = member.ok_or_else(|| REFUSALS.outsider.error())?;
    Ok(Json(MemberRole { role: member.role }))
}

impl Shape for WhoseRole {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            user_id: fields.optional_text("userId"),
            organization_id: fields.optional_text("organizationId"),
            organization_slug: fields.optional_text("organizationSlug"),
        }
    }
}
