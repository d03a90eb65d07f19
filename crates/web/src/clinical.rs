//! The clinical records under `/api/v1`.

mod absences;
mod appointments;
mod audit_events;
mod audit_trail;
mod author;
mod civil;
mod clinical_notes;
mod coding;
mod creation;
mod deleted;
mod if_match;
mod medical_records;
mod named;
mod object;
mod page;
mod patch;
mod patients;
mod rooms;
mod schedule;
mod treatment_sessions;
mod treatments;
mod working_hours;

pub(crate) use medical_records::Uploads;

use actix_web::middleware::from_fn;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Everything under `/api/v1`. Whatever is refused there, once its caller is known, is audited.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/api/v1")
            .wrap(from_fn(audit_trail::witness))
            .configure(patients::configure)
            .configure(rooms::configure)
            .configure(working_hours::configure)
            .configure(absences::configure)
            .configure(schedule::configure)
            .configure(audit_events::configure)
            .configure(appointments::configure)
            .configure(treatments::configure)
            .configure(treatment_sessions::configure)
            .configure(medical_records::configure)
            .configure(clinical_notes::configure),
    );
}

/// What [`Tenant`](crate::Tenant) reads, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the header")]
struct InOrganization {
    /// One of the caller's organizations; without it, the active one of the session.
    #[param(
        rename = "Organization-Id",
        required = false,
        value_type = uuid::Uuid,
        example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4b"
    )]
    id: Option<uuid::Uuid>,
}

/// What [`Named`](named::Named) and [`IfMatch`](if_match::IfMatch) read, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the header")]
struct OfVersion {
    /// The `ETag` of the record as it was read.
    #[param(rename = "If-Match", pattern = "^\"[0-9]+\"$", example = "\"1\"")]
    tag: String,
}

/// Why a record is deleted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Deletion {
    /// Why it was entered in error, 1 to 500 characters. It stays with the record and in the audit.
    #[schema(min_length = 1, max_length = 500, example = "entered twice")]
    reason: String,
}
