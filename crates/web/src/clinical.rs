//! The clinical records under `/api/v1`.

mod if_match;
mod patients;

pub(crate) use patients::configure;

/// What [`Tenant`](crate::Tenant) reads, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the header")]
struct InOrganization {
    /// One of the caller's organizations; without it, the active one of the session.
    #[param(rename = "Organization-Id", required = false, value_type = uuid::Uuid)]
    id: Option<uuid::Uuid>,
}
