//! An audit event on the wire.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;
use wardkeep_clinical::audit::{AuditEvent, AuditEventId};
use wardkeep_clinical::patients::PatientId;
use wardkeep_tenancy::UserId;

use crate::time_format;

/// What somebody did, or was refused (FHIR AuditEvent).
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEventView {
    /// Unique within the organization.
    #[schema(value_type = Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: AuditEventId,
    /// When the request arrived.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    recorded_at: OffsetDateTime,
    /// Who asked.
    user: AuditEventUserView,
    /// What was done, or was to be done: `create`, `read`, `search`, `update`, `delete`, `restore`, `sign`, `verify` or `download`.
    #[schema(example = "read")]
    action: String,
    /// The kind of record, as the rights call it.
    #[schema(example = "patient")]
    resource: String,
    /// The record that was named, whether or not there is one.
    #[schema(required, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    resource_id: Option<Uuid>,
    /// The patient whom it is about; whom the caller named, whether or not there is one.
    #[schema(required, value_type = Option<Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    patient_id: Option<PatientId>,
    /// The network address of whoever asked.
    #[schema(required, example = "203.0.113.7")]
    address: Option<String>,
    /// The id of the request, as the log has it.
    #[schema(example = "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38")]
    request_id: String,
    /// `success`, `replayed` (an earlier answer was given once more) or `refused`.
    #[schema(example = "success")]
    outcome: String,
    /// The code of the answer, if it was refused.
    #[schema(required, example = "FORBIDDEN")]
    code: Option<String>,
    /// The fields that changed, each with `from` (but for a new record) and `to`.
    #[schema(required, value_type = Option<Object>, example = json!({ "phone": { "from": null, "to": "+49 30 901820" } }))]
    changes: Option<Value>,
    /// What was searched for.
    #[schema(required, value_type = Option<Object>, example = json!({ "active": true, "deleted": false }))]
    query: Option<Value>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEventUser)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEventUserView {
    /// The user's id. The user may be gone by now.
    #[schema(value_type = Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: UserId,
    /// The display name that the user had at that moment.
    #[schema(example = "Ada Byron")]
    name: String,
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id,
            recorded_at: event.recorded_at,
            user: AuditEventUserView {
                id: event.user_id,
                name: event.user_name,
            },
            action: event.action,
            resource: event.resource,
            resource_id: event.resource_id,
            patient_id: event.patient_id,
            address: event.address,
            request_id: event.request_id,
            outcome: event.outcome,
            code: event.code,
            changes: event.changes,
            query: event.query,
        }
    }
}
