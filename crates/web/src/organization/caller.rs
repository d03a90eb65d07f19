//! Who asks, and in which organization.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpRequest};
use wardkeep_tenancy::OrganizationId;

use crate::error::AuthError;
use crate::session::{CurrentSession, find, unauthorized};

/// The caller's session, with the membership in the organization that the body names, or else in the active one. The
/// membership is `None` when the caller is no member; an id that is no uuid is an organization that does not exist.
///
/// 401 without a session; 400 `NO_ACTIVE_ORGANIZATION` when neither names one.
pub(super) async fn in_organization(
    request: &HttpRequest,
    named: Option<&str>,
) -> Result<CurrentSession, Error> {
    let organization = named.filter(|id| !id.is_empty()).map(parse);
    let session = find(request, organization)
        .await?
        .ok_or_else(|| unauthorized(request))?;
    if organization.is_none() && session.session.active_organization_id.is_none() {
        return Err(AuthError::new(StatusCode::BAD_REQUEST, "NO_ACTIVE_ORGANIZATION").into());
    }
    Ok(session)
}

/// No organization has the nil uuid (RFC 9562, section 5.9): ours are random.
fn parse(id: &str) -> OrganizationId {
    id.parse().unwrap_or(OrganizationId::from_uuid(uuid::Uuid::nil()))
}
