use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wardkeep_organizations::{Created, Founder, NewOrganization};
use wardkeep_tenancy::Asked;

use super::view::{MemberView, WrittenOrganizationView};
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::session::find;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct CreateOrganization {
    #[schema(example = "Salt Lane Clinic")]
    name: String,
    #[schema(example = "salt-lane")]
    slug: String,
    /// The address of a picture.
    logo: Option<String>,
    /// Anything to attach.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// True to leave the session in the organization it is in.
    keep_current_active_organization: Option<bool>,
}

/// An organization that was just founded.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedOrganization {
    #[serde(flatten)]
    organization: WrittenOrganizationView,
    /// The founder.
    members: [MemberView; 1],
}

/// Founds an organization; the signed-in user becomes its owner.
#[utoipa::path(
    tag = "organization",
    operation_id = "createOrganization",
    request_body = CreateOrganization,
    responses(
        (status = 200, body = CreatedOrganization, description = "The organization, with its founder as a member"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_ALREADY_EXISTS`"),
        (status = 401, description = "Not signed in; without a body"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION`, \
            `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS`"),
    ),
)]
#[post("/organization/create")]
pub(super) async fn create(
    Body(body): Body<CreateOrganization>,
    request: HttpRequest,
) -> AuthResult<Json<CreatedOrganization>> {
    let state = state::of(&request)?;
    let caller = find(&request, Asked::Active)
        .await?
        .ok_or_else(|| AuthError::empty(StatusCode::UNAUTHORIZED))?;
    let founder = Founder {
        context: caller.context(),
        session: &caller.session,
    };
    let new = NewOrganization {
        name: body.name,
        slug: body.slug,
        logo: body.logo,
        metadata: body.metadata,
        activate: body.keep_current_active_organization != Some(true),
    };
    let created =
        wardkeep_organizations::create(state.database(), state.access(), state.rules(), founder, new);
    let Created {
        organization,
        founder,
    } = created.await?;
    Ok(Json(CreatedOrganization {
        organization: organization.into(),
        members: [founder.into()],
    }))
}

impl Shape for CreateOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.non_empty_text("name"),
            slug: fields.non_empty_text("slug"),
            logo: fields.nullable_text("logo").flatten(),
            metadata: fields.optional_record("metadata"),
            keep_current_active_organization: fields.optional_boolean("keepCurrentActiveOrganization"),
        }
    }
}
