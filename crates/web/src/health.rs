//! For whatever watches over the process.

use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use wardkeep_tenancy::{Fault, FaultKind};

use crate::error::{ApiError, ApiResult, ProblemDetails};
use crate::state;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(live).service(ready);
}

#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process runs and answers. Public.
#[utoipa::path(tag = "health", operation_id = "live", responses((status = 200, body = Health, description = "Always")))]
#[get("/health/live")]
async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The database answers and has the schema that this build needs. Public.
#[utoipa::path(
    tag = "health",
    operation_id = "ready",
    responses(
        (status = 200, body = Health, description = "It does"),
        (status = 503, body = ProblemDetails, content_type = "application/problem+json",
            description = "`DATABASE_UNAVAILABLE`, `DATABASE_TIMEOUT` or `DATABASE_NOT_MIGRATED`"),
    ),
)]
#[get("/health/ready")]
async fn ready(request: HttpRequest) -> ApiResult<Json<Health>> {
    state::of(&request)?.database().ready().await.map_err(unready)?;
    Ok(Json(Health { status: "ok" }))
}

/// Whatever is wrong with the database, the process is not ready. What is not a matter of the connection is a schema that
/// this build cannot use.
fn unready(error: impl Fault + Send + Sync + 'static) -> ApiError {
    let (code, detail) = match error.kind() {
        FaultKind::Unavailable => (error.code(), "the database does not answer"),
        _ => (
            "DATABASE_NOT_MIGRATED",
            "the database has no schema that this build can use",
        ),
    };
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).caused_by(error)
}
