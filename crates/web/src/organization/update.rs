use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wardkeep_organizations::Changes;

use super::caller::{self, Refusal, Refusals, named};
use super::view::WrittenOrganizationView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals {
    signed_out: Refusal::Message(StatusCode::UNAUTHORIZED, "User not found"),
    nowhere: Refusal::Code(StatusCode::BAD_REQUEST, "ORGANIZATION_NOT_FOUND"),
    outsider: Refusal::Code(
        StatusCode::BAD_REQUEST,
        "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
    ),
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct UpdateOrganization {
    data: OrganizationChanges,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// What is absent stays as it is.
#[derive(Default, ToSchema)]
struct OrganizationChanges {
    name: Option<String>,
    #[schema(example = "salt-lane")]
    slug: Option<String>,
    /// The address of a picture; `null` for none.
    logo: Option<Option<String>>,
    /// Takes the place of all that was attached.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

/// Changes the organization.
#[utoipa::path(
    tag = "organization",
    operation_id = "updateOrganization",
    request_body = UpdateOrganization,
    responses(
        (status = 200, body = WrittenOrganizationView, description = "The organization, as changed"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND` (none is named, and none \
            is active), `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, `ORGANIZATION_SLUG_ALREADY_TAKEN`"),
        (status = 401, body = AuthErrorBody, description = "Not signed in; without a code"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/update")]
pub(super) async fn update(
    Body(body): Body<UpdateOrganization>,
    request: HttpRequest,
) -> AuthResult<Json<WrittenOrganizationView>> {
    let state = state::of(&request)?;
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let organization = wardkeep_organizations::update(&tx, state.access(), body.data.into()).await?;
    tx.commit().await?;
    Ok(Json(organization.into()))
}

impl From<OrganizationChanges> for Changes {
    fn from(changes: OrganizationChanges) -> Self {
        Self {
            name: changes.name,
            slug: changes.slug,
            logo: changes.logo,
            metadata: changes.metadata,
        }
    }
}

impl Shape for UpdateOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        let data = fields.object("data", |data| OrganizationChanges {
            name: data.optional_non_empty_text("name"),
            slug: data.optional_non_empty_text("slug"),
            logo: data.nullable_text("logo"),
            metadata: data.optional_record("metadata"),
        });
        Self {
            data: data.unwrap_or_default(),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
