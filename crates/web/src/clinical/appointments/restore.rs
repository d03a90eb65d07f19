//! `POST /api/v1/appointments/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::appointments::{self, Appointment};

use super::view::AppointmentView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted appointment back with the status that it had, if nothing stands in its way by now.
#[utoipa::path(
    tag = "appointments",
    operation_id = "restoreAppointment",
    params(("id" = Uuid, Path, description = "The deleted appointment."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The appointment is back.", body = AppointmentView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`APPOINTMENT_NOT_FOUND`: no deleted appointment has this id"),
        (status = 400, description = "`INVALID_FIELD`: its patient is not there; or it takes time, and its practitioner or room is not there"),
        (status = 409, description = "`SLOT_TAKEN`"),
    ),
)]
#[post("/appointments/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Appointment>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let appointment = appointments::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(appointment.version))
        .json(AppointmentView::from(appointment)))
}
