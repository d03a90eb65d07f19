use actix_web::web::Json;
use actix_web::{Error, HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::members::{self, MemberKey};

use super::caller;
use super::view::MemberView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthError, AuthErrorBody};
use crate::state;

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
    ),
)]
#[post("/organization/remove-member")]
pub(super) async fn remove_member(
    Body(body): Body<RemoveMember>,
    request: HttpRequest,
) -> Result<Json<RemovedMember>, Error> {
    let state = state::of(&request).map_err(AuthError::from)?;
    let caller = caller::in_organization(&request, body.organization_id.as_deref()).await?;
    let removed = members::remove(
        state.database(),
        caller.context(),
        state.access(),
        &caller,
        key(body.member_id_or_email),
    );
    let removed = removed.await.map_err(AuthError::from)?;
    let member = MemberView::from(removed.member).with_user(removed.profile);
    Ok(Json(RemovedMember { member }))
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
