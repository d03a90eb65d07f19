//! `GET /api/v1/appointments/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::appointments::{self, Appointment};

use super::view::AppointmentView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one appointment.
#[utoipa::path(
    tag = "appointments",
    operation_id = "getAppointment",
    params(("id" = Uuid, Path, description = "The appointment."), InOrganization),
    responses(
        (status = 200, description = "The appointment.", body = AppointmentView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`APPOINTMENT_NOT_FOUND`"),
    ),
)]
#[get("/appointments/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<Appointment>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let appointment = appointments::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(appointment.version))
        .json(AppointmentView::from(appointment)))
}
