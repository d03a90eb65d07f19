//! `GET /api/v1/appointments`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;
use wardkeep_clinical::appointments::{self, Listing};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_tenancy::UserId;

use super::view::AppointmentView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging, several};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant, time_format};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListAppointments {
    /// Only those of this patient.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only those of this practitioner, a member or who was one.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// Only those in this room.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4f")]
    room_id: Option<RoomId>,
    /// Only those with this status, or with one of several, with commas between.
    #[param(pattern = "^[a-z-]+(,[a-z-]+)*$", example = "booked,arrived")]
    status: Option<String>,
    /// Only those that end after this instant, in RFC 3339.
    #[serde(default, with = "time_format::option")]
    #[param(example = "2026-03-02T00:00:00Z")]
    from: Option<OffsetDateTime>,
    /// Only those that begin before this instant, in RFC 3339.
    #[serde(default, with = "time_format::option")]
    #[param(example = "2026-04-01T00:00:00Z")]
    to: Option<OffsetDateTime>,
    /// The deleted appointments instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `start` or `updatedAt`; with `-` in front, the other way round.
    #[param(pattern = "^-?(start|updatedAt)$", default = "start", example = "-updatedAt")]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many rows at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the appointments on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists appointments. Between two instants are those that overlap them, wholly or in part.
#[utoipa::path(
    tag = "appointments",
    operation_id = "listAppointments",
    params(ListAppointments, InOrganization),
    responses((status = 200, description = "One page of appointments.", body = PageView<AppointmentView>)),
)]
#[get("/appointments")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListAppointments>)>,
) -> ApiResult<Json<PageView<AppointmentView>>> {
    let tx = tenant.begin().await?;
    let page = appointments::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListAppointments> for Listing {
    fn from(query: ListAppointments) -> Self {
        Self {
            patient: query.patient_id,
            practitioner: query.practitioner_id,
            room: query.room_id,
            statuses: several(query.status),
            from: query.from,
            to: query.to,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
