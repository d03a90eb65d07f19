use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::{Activation, Selection};

use super::view::OrganizationView;
use crate::auth::{Body, Fields, Shape};
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

/// The id wins over the slug; `null` as id unsets; neither leaves the choice as it is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SetActiveOrganization {
    organization_id: Option<Option<String>>,
    #[schema(example = "salt-lane")]
    organization_slug: Option<String>,
}

/// Chooses the organization in which the session works.
#[utoipa::path(
    tag = "organization",
    operation_id = "setActiveOrganization",
    request_body = SetActiveOrganization,
    responses(
        (status = 200, body = Option<OrganizationView>, description = "`null` when none is active; sets the session cookie again"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND` (unknown slug)"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`; none is active then"),
    ),
)]
#[post("/organization/set-active")]
pub(super) async fn set_active(
    body_then_caller: InOrder<(Body<SetActiveOrganization>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Option<OrganizationView>>> {
    let InOrder((Body(body), caller)) = body_then_caller;
    let state = state::of(&request)?;
    let activation =
        wardkeep_organizations::set_active(state.database(), caller.context(), &caller.session, body.into());
    match activation.await? {
        Activation::Unchanged => Ok(Json(None)),
        Activation::Changed(organization) => {
            cookies.renew();
            Ok(Json(organization.map(Into::into)))
        }
    }
}

impl From<SetActiveOrganization> for Selection {
    fn from(body: SetActiveOrganization) -> Self {
        // JavaScript takes an empty text for an absent one; null is a choice.
        let id = body.organization_id.filter(|id| id.as_deref() != Some(""));
        match (id, body.organization_slug.filter(|slug| !slug.is_empty())) {
            (Some(None), _) => Self::Nothing,
            (Some(Some(id)), _) => Self::Id(id.parse().ok()),
            (None, Some(slug)) => Self::Slug(slug),
            (None, None) => Self::Same,
        }
    }
}

impl Shape for SetActiveOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.nullable_text("organizationId"),
            organization_slug: fields.optional_text("organizationSlug"),
        }
    }
}
