use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::members::{self, NewRoles, RoleChangeError};

use super::caller::{self, NO_ACTIVE_ORGANIZATION, Refusal, Refusals, UNAUTHORIZED, named};
use super::schemas::TextOrTexts;
use super::view::MemberView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::state;

const NO_ROLE: Refusal = Refusal::Empty(StatusCode::BAD_REQUEST);
const MEMBER_NOT_FOUND: Refusal = Refusal::Code(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND");

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct UpdateMemberRole {
    /// A name, names between commas, or an array of them.
    #[schema(value_type = TextOrTexts, example = json!(["member", "nurse"]))]
    role: Vec<String>,
    member_id: String,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// Gives a member other roles instead of the ones it has. They count at the member's next request.
#[utoipa::path(
    tag = "organization",
    operation_id = "updateMemberRole",
    request_body = UpdateMemberRole,
    responses(
        (status = 200, body = MemberView, description = "The member, as changed"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`, \
            `YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER`, `ROLE_NOT_FOUND`; without a body if no role is named"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/update-member-role")]
pub(super) async fn update_member_role(
    Body(body): Body<UpdateMemberRole>,
    request: HttpRequest,
) -> AuthResult<Json<MemberView>> {
    let refusals = body.refusals();
    let session = caller::find(&request, named(body.organization_id.as_deref()), &refusals).await?;
    let roles = NewRoles::parse(&body.role).ok_or_else(|| NO_ROLE.error())?;
    let here = caller::as_member(&request, session, &refusals)?;
    let tx = here.begin().await?;
    let access = state::of(&request)?.access();
    let changed = members::change_roles(&tx, access, body.member_id.parse().ok(), &roles).await;
    let member = changed.map_err(refused)?;
    tx.commit().await?;
    Ok(Json(member.into()))
}

impl UpdateMemberRole {
    /// An empty text is no role whether or not there is an organization; an array of none comes after that.
    fn refusals(&self) -> Refusals {
        Refusals {
            signed_out: UNAUTHORIZED,
            nowhere: if self.role == [""] {
                NO_ROLE
            } else {
                NO_ACTIVE_ORGANIZATION
            },
            outsider: MEMBER_NOT_FOUND,
        }
    }
}

fn refused(error: RoleChangeError) -> AuthError {
    match error {
        RoleChangeError::UnknownRoles(names) => {
            let message = format!("ROLE_NOT_FOUND: {}", names.join(", "));
            AuthError::with_message(StatusCode::BAD_REQUEST, "ROLE_NOT_FOUND", message)
        }
        error => error.into(),
    }
}

impl Shape for UpdateMemberRole {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            role: fields.text_or_texts("role"),
            member_id: fields.text("memberId"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
