//! `POST /api/v1/treatment-sessions/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::treatment_sessions::{self, TreatmentSession};

use super::view::SessionView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted session back with the status and the number that it had. One that is completed fulfils its appointment
/// again.
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "restoreTreatmentSession",
    params(("id" = Uuid, Path, description = "The deleted session."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The session is back.", body = SessionView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`TREATMENT_SESSION_NOT_FOUND`: no deleted session has this id"),
        (status = 400, description = "`INVALID_FIELD`: its patient, its treatment or its appointment is not there"),
        (status = 409, description = "`SESSION_NUMBER_TAKEN`; `TREATMENT_NOT_ACTIVE`: it is open, and the treatment is over; `APPOINTMENT_NOT_OPEN`"),
    ),
)]
#[post("/treatment-sessions/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<TreatmentSession>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let planned = treatment_sessions::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(planned.session.version))
        .json(SessionView::from(planned)))
}
