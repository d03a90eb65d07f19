use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::members::{self, MemberKey, Removed};

use super::caller::{self, Refusals, named};
use super::view::MemberView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals::usual(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND");

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct RemoveMember {
    /// The member's id, or the user's address.
    #[schema(example = "ben@example.org")]
    member_id_or_email: String,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RemovedMember {
    member: MemberView,
}

/// Removes a member. The member's next request in the organization is refused.
#[utoipa::path(
    tag = "organization",
    operation_id = "removeMember",
    request_body = RemoveMember,
    responses(
        (status = 200, body = RemovedMember, description = "The member as it was; with its user when named by address"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`, \
            `MEMBER_NOT_FOUND`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`, `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER`"),
        (status = 403, body = AuthErrorBody, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller, removed meanwhile)"),
    ),
)]
#[post("/organization/remove-member")]
pub(super) async fn remove_member(
    Body(body): Body<RemoveMember>,
    request: HttpRequest,
) -> AuthResult<Json<RemovedMember>> {
    let state = state::of(&request)?;
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let Removed { member, profile } =
        members::remove(&tx, state.access(), key(body.member_id_or_email)).await?;
    tx.commit().await?;
    if member.user_id == here.user.id {
        caller::forget_active(&request, &here, member.organization_id).await?;
    }
    Ok(Json(RemovedMember {
        member: MemberView::from(member).with_user(profile),
    }))
}

fn key(id_or_email: String) -> MemberKey {
    if id_or_email.contains('@') {
        MemberKey::Email(id_or_email)
    } else {
        MemberKey::Id(id_or_email.parse().ok())
    }
}

impl Shape for RemoveMember {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            member_id_or_email: fields.text("memberIdOrEmail"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
