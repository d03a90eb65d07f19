//! `GET /api/v1/audit-events`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;
use wardkeep_clinical::audit::{self, Listing};
use wardkeep_clinical::patients::PatientId;
use wardkeep_tenancy::UserId;

use super::view::AuditEventView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant, time_format};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListAuditEvents {
    /// Only what was about this patient, there or not.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only what this user did, or was refused.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    user_id: Option<UserId>,
    /// Only what was done with this kind of record: `patient`, `appointment`, `room`, `workingHours`, `absence`, `audit` and
    /// whatever else roles have rights on.
    #[param(pattern = "^[A-Za-z]+$", example = "patient")]
    resource: Option<String>,
    /// Only this action: `create`, `read`, `search`, `update`, `delete`, `restore`, `sign`, `verify`, `download`, or another
    /// that there is a right for.
    #[param(pattern = "^[a-z]+$", example = "read")]
    action: Option<String>,
    /// Only those with this outcome: `success`, `replayed` or `refused`.
    #[param(pattern = "^(success|replayed|refused)$", example = "refused")]
    outcome: Option<String>,
    /// Only from this instant on (RFC 3339).
    #[serde(default, with = "time_format::option")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-02T00:00:00Z")]
    from: Option<OffsetDateTime>,
    /// Only before this instant (RFC 3339).
    #[serde(default, with = "time_format::option")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-03T00:00:00Z")]
    to: Option<OffsetDateTime>,
    /// `recordedAt`, the oldest first, or `-recordedAt`, the newest first.
    #[param(pattern = "^-?(recordedAt)$", default = "-recordedAt", example = "recordedAt")]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many events at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the events on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists who saw, searched, changed or was refused what. Takes the right `audit: read`, and leaves an event itself.
#[utoipa::path(
    tag = "audit",
    operation_id = "listAuditEvents",
    params(ListAuditEvents, InOrganization),
    responses(
        (status = 200, description = "One page of events.", body = PageView<AuditEventView>),
    ),
)]
#[get("/audit-events")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListAuditEvents>)>,
) -> ApiResult<Json<PageView<AuditEventView>>> {
    let tx = tenant.begin().await?;
    let page = audit::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListAuditEvents> for Listing {
    fn from(query: ListAuditEvents) -> Self {
        Self {
            patient: query.patient_id,
            user: query.user_id,
            resource: query.resource,
            action: query.action,
            outcome: query.outcome,
            from: query.from,
            to: query.to,
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
