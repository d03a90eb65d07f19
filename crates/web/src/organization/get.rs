use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use wardkeep_tenancy::Asked;

use super::caller::{look, named_by_slug};
use super::view::OrganizationView;
use crate::auth::{Fields, Query, Shape};
use crate::error::{AuthErrorBody, AuthResult};

/// The slug wins over the id; neither is the active organization.
pub(super) struct NamedOrganization {
    organization_id: Option<String>,
    organization_slug: Option<String>,
}

impl NamedOrganization {
    pub(super) fn asked(&self) -> Asked<'_> {
        let (slug, id) = (&self.organization_slug, &self.organization_id);
        named_by_slug(slug.as_deref(), id.as_deref())
    }
}

/// The organization, as every member may see it.
#[utoipa::path(
    tag = "organization",
    operation_id = "getOrganization",
    params(
        ("organizationId" = Option<String>, Query),
        ("organizationSlug" = Option<String>, Query, description = "Wins over the id"),
    ),
    responses(
        (status = 200, body = Option<OrganizationView>, description = "`null` when none is named and none is active"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`; none is active then"),
    ),
)]
#[get("/organization/get-organization")]
pub(super) async fn get_organization(
    Query(query): Query<NamedOrganization>,
    request: HttpRequest,
) -> AuthResult<Json<Option<OrganizationView>>> {
    let Some(here) = look(&request, query.asked()).await? else {
        return Ok(Json(None));
    };
    let tx = here.begin().await?;
    let organization = wardkeep_organizations::get(&tx).await?;
    tx.commit().await?;
    Ok(Json(Some(organization.into())))
}

impl Shape for NamedOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
            organization_slug: fields.optional_text("organizationSlug"),
        }
    }
}
