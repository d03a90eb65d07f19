//! `GET /api/v1/medical-records`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;
use wardkeep_clinical::medical_records::{self, Listing};
use wardkeep_clinical::patients::PatientId;

use super::view::MedicalRecordView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging, several};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant, time_format};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListMedicalRecords {
    /// Only those of this patient.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only those of this category, or of one of several, with commas between.
    #[param(pattern = "^[a-z]+(,[a-z]+)*$", example = "problem,allergy")]
    category: Option<String>,
    /// Only those with this status, or with one of several, with commas between.
    #[param(pattern = "^[a-z-]+(,[a-z-]+)*$", example = "active,recurrence")]
    status: Option<String>,
    /// Only those with this code, with `system|code`, or with one of several, with commas between, exactly. Only together with
    /// `patientId`.
    #[param(
        pattern = "^[^,]{1,301}(,[^,]{1,301})*$",
        example = "http://loinc.org|59261-8"
    )]
    code: Option<String>,
    /// Only those whose onset, or when they were made where there is none, is at this instant or after it, in RFC 3339.
    #[serde(default, with = "time_format::option")]
    #[param(example = "2026-03-02T00:00:00Z")]
    from: Option<OffsetDateTime>,
    /// Only those whose onset, or when they were made where there is none, is before this instant, in RFC 3339.
    #[serde(default, with = "time_format::option")]
    #[param(example = "2026-04-01T00:00:00Z")]
    to: Option<OffsetDateTime>,
    /// The deleted records instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `effective` (the first instant that the onset can mean, or when the record was made) or `updatedAt`; with `-` in
    /// front, the other way round.
    #[param(
        pattern = "^-?(effective|updatedAt)$",
        default = "effective",
        example = "-effective"
    )]
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
    /// Whether to count the records on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists medical records; of documents what their contents are, but not the contents.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "listMedicalRecords",
    params(ListMedicalRecords, InOrganization),
    responses((status = 200, description = "One page of records.", body = PageView<MedicalRecordView>)),
)]
#[get("/medical-records")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListMedicalRecords>)>,
) -> ApiResult<Json<PageView<MedicalRecordView>>> {
    let tx = tenant.begin().await?;
    let page = medical_records::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListMedicalRecords> for Listing {
    fn from(query: ListMedicalRecords) -> Self {
        Self {
            patient: query.patient_id,
            categories: several(query.category),
            statuses: several(query.status),
            codes: several(query.code),
            from: query.from,
            to: query.to,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
