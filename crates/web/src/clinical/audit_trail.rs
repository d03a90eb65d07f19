//! Refusals leave a trace too.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use serde_json::{Map, Value};
use uuid::Uuid;
use wardkeep_clinical::audit::{self, Refusal};
use wardkeep_clinical::patients::PatientId;
use wardkeep_tenancy::{Fault, FaultKind, TenantScope};

use crate::error::{ApiError, ApiResult};

/// What the permissions call the records under a path. Whatever is not here is called by the first part of its path.
const RESOURCES: [(&str, &str); 10] = [
    ("patients", "patient"),
    ("appointments", "appointment"),
    ("rooms", "room"),
    ("working-hours", "workingHours"),
    ("absences", "absence"),
    ("treatments", "treatment"),
    ("treatment-sessions", "treatmentSession"),
    ("medical-records", "medicalRecord"),
    ("clinical-notes", "clinicalNote"),
    ("schedule", "appointment"),
];

/// Writes an audit event for every request that is refused (4xx) once its caller and organization are known, before the
/// answer leaves. What the handler did is rolled back by then. If the event cannot be written, the answer is 503
/// `AUDIT_UNAVAILABLE` (`TENANT_BUSY`, if there is no place for it), and does not say what was refused. Where the
/// organization is gone there is nowhere to write.
pub(crate) async fn witness(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    if !response.status().is_client_error() {
        return Ok(response.map_into_boxed_body());
    }
    let scope = response.request().extensions().get::<TenantScope>().cloned();
    let Some(scope) = scope else {
        return Ok(response.map_into_boxed_body());
    };
    let refusal = refusal(&response);
    match write(&scope, refusal).await {
        Ok(()) => Ok(response.map_into_boxed_body()),
        Err(error) => Ok(response.into_response(actix_web::HttpResponse::from_error(error))),
    }
}

async fn write(scope: &TenantScope, refusal: Refusal) -> ApiResult<()> {
    let tx = scope.begin().await.map_err(unwritten)?;
    audit::refused(&tx, refusal).await.map_err(unwritten)?;
    tx.commit().await.map_err(unwritten)
}

fn unwritten(fault: impl Fault + Send + Sync + 'static) -> ApiError {
    if fault.kind() == FaultKind::NotFound {
        let detail = "you have no such organization";
        return ApiError::new(StatusCode::NOT_FOUND, "ORGANIZATION_NOT_FOUND", detail);
    }
    if fault.code() == "TENANT_BUSY" {
        return fault.into();
    }
    ApiError::unavailable("AUDIT_UNAVAILABLE").caused_by(fault)
}

fn refusal<B>(response: &ServiceResponse<B>) -> Refusal {
    let request = response.request();
    let pattern = request.match_pattern().unwrap_or_default();
    let parts: Vec<&str> = pattern.trim_start_matches("/api/v1/").split('/').collect();
    let id = request.match_info().query("id").parse::<Uuid>().ok();
    let first = parts.first().copied().unwrap_or_default();
    let last = parts.last().copied().unwrap_or_default();
    let resource = RESOURCES.iter().find(|(path, _)| *path == first);
    let mut query = asked(request.query_string());
    let filtered = || query.get("patientId")?.as_str()?.parse::<Uuid>().ok();
    let patient = id.filter(|_| first == "patients").or_else(filtered);
    let patient = patient.map(PatientId::from_uuid);
    let error = response
        .response()
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    let code = error.map_or("BAD_REQUEST", ApiError::code).to_owned();
    if let Some(shown) = error.and_then(|error| error.detail("duplicates")) {
        query.insert("shown".to_owned(), ids(shown));
    }
    let query = (!query.is_empty()).then_some(Value::Object(query));
    if last == "audit-events" {
        return Refusal {
            resource: "audit",
            action: "search",
            id: None,
            patient,
            code,
            query,
        };
    }
    let action = match (request.method(), last) {
        (&Method::POST, "restore") => "restore",
        (&Method::POST, "sign") => "sign",
        (&Method::GET, "content") => "download",
        (&Method::PUT, "content") => "update",
        (&Method::GET, "verification") => "verify",
        (&Method::POST, _) => "create",
        (&Method::PATCH, _) => "update",
        (&Method::DELETE, _) => "delete",
        (_, "{id}" | "chart" | "versions") => "read",
        _ => "search",
    };
    Refusal {
        resource: resource.map_or("record", |(_, resource)| resource),
        action,
        id,
        patient,
        code,
        query,
    }
}

/// The most parameters of a refused query that are kept, and the most characters of each.
const KEPT: (usize, usize) = (20, 200);

/// The ids of the records that a refusal showed, such as the likely duplicates of who was to be recorded.
fn ids(records: &Value) -> Value {
    let records = records.as_array().into_iter().flatten();
    records.filter_map(|record| record.get("id").cloned()).collect()
}

/// What a query asked for, as it was written.
fn asked(query: &str) -> Map<String, Value> {
    // PostgreSQL has no form for U+0000.
    let plain = |text: &str| {
        text.chars()
            .take(KEPT.1)
            .collect::<String>()
            .replace('\0', "\u{fffd}")
    };
    let pairs = url::form_urlencoded::parse(query.as_bytes()).take(KEPT.0);
    pairs
        .map(|(name, value)| (plain(&name), Value::from(plain(&value))))
        .collect()
}
