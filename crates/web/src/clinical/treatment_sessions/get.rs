//! `GET /api/v1/treatment-sessions/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::treatment_sessions::{self, TreatmentSession};

use super::view::SessionView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one session.
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "getTreatmentSession",
    params(("id" = Uuid, Path, description = "The session."), InOrganization),
    responses(
        (status = 200, description = "The session.", body = SessionView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`TREATMENT_SESSION_NOT_FOUND`"),
    ),
)]
#[get("/treatment-sessions/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<TreatmentSession>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let planned = treatment_sessions::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(planned.session.version))
        .json(SessionView::from(planned)))
}
