//! `GET /api/v1/clinical-notes`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::clinical_notes::{self, Listing};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatment_sessions::TreatmentSessionId;
use wardkeep_tenancy::UserId;

use super::view::ClinicalNoteView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging, several};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListClinicalNotes {
    /// Only those about this session.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_session_id: Option<TreatmentSessionId>,
    /// Only those about sessions of this patient.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only those that this user wrote.
    #[param(value_type = Option<uuid::Uuid>, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    author_id: Option<UserId>,
    /// Only those with one of these statuses, with commas between them.
    #[param(
        pattern = "^(draft|final|amended|entered-in-error)(,(draft|final|amended|entered-in-error))*$",
        example = "draft"
    )]
    status: Option<String>,
    /// Only addenda, or only notes that are none.
    #[param(example = false)]
    addendum: Option<bool>,
    /// The deleted notes instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `createdAt` or `updatedAt`; with `-` in front, the other way round.
    #[param(
        pattern = "^-?(createdAt|updatedAt)$",
        default = "createdAt",
        example = "-createdAt"
    )]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many notes at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the notes on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists notes, each with its addenda. An addendum is a note of its own, so it is in the list as well, unless only notes
/// that are none are asked for.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "listClinicalNotes",
    params(ListClinicalNotes, InOrganization),
    responses((status = 200, description = "One page of notes.", body = PageView<ClinicalNoteView>)),
)]
#[get("/clinical-notes")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListClinicalNotes>)>,
) -> ApiResult<Json<PageView<ClinicalNoteView>>> {
    let tx = tenant.begin().await?;
    let page = clinical_notes::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListClinicalNotes> for Listing {
    fn from(query: ListClinicalNotes) -> Self {
        Self {
            treatment_session: query.treatment_session_id,
            patient: query.patient_id,
            author: query.author_id,
            statuses: several(query.status),
            addendum: query.addendum,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
