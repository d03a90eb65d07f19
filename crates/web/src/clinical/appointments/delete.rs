//! `DELETE /api/v1/appointments/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::appointments::{self, Appointment};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes an appointment as entered in error, if nobody has changed it since it was read. It takes nobody's time any more,
/// is in no list but that of deleted appointments, and can be restored. One that does not take place is cancelled instead.
#[utoipa::path(
    tag = "appointments",
    operation_id = "deleteAppointment",
    params(("id" = Uuid, Path, description = "The appointment."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The appointment is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`APPOINTMENT_NOT_FOUND`"),
        (status = 409, description = "`APPOINTMENT_HAS_SESSIONS`"),
    ),
)]
#[delete("/appointments/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Appointment>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let appointment = appointments::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(appointment.version))
        .finish())
}
