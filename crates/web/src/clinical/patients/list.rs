//! `GET /api/v1/patients`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::patients::{self, Listing};

use super::parts::AdministrativeGender;
use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::clinical::civil::Day;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListPatients {
    /// Beginnings of words of the names (first, middle, last, preferred and at birth); all of them must be there, in any
    /// order. Case and accents do not count.
    #[param(max_length = 200, example = "ana bra")]
    search: Option<String>,
    /// How a phone number of the patient ends, at least 4 digits. A whole number also finds itself without the code of the
    /// country or of the town: `+49 30 901820` and `030 901820` find each other.
    #[param(max_length = 40, example = "030 901820")]
    phone: Option<String>,
    /// The clinic's own number, exactly.
    #[param(max_length = 64, example = "2026-00417")]
    medical_record_number: Option<String>,
    /// The value of an identifier, or `system|value`, exactly.
    #[param(max_length = 301, example = "http://fhir.de/sid/gkv/kvid-10|A123456780")]
    identifier: Option<String>,
    /// The day of birth.
    #[param(value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Day>,
    /// The administrative gender.
    #[param(value_type = Option<AdministrativeGender>, example = "female")]
    gender: Option<String>,
    /// Only patients whom the clinic treats, or only the others.
    #[param(example = true)]
    active: Option<bool>,
    /// Only patients who have died, or only the others.
    #[param(example = true)]
    deceased: Option<bool>,
    /// The deleted patients instead; takes the right to restore them. They are not found by names, phones and
    /// identifiers.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `name` (last name, first name and id, by code point), `updatedAt` or `createdAt`; with `-` in front, the other way
    /// round.
    #[param(
        pattern = "^-?(name|updatedAt|createdAt)$",
        default = "name",
        example = "-updatedAt"
    )]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many patients at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the patients on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists patients.
#[utoipa::path(
    tag = "patients",
    operation_id = "listPatients",
    params(ListPatients, InOrganization),
    responses((status = 200, description = "One page of patients.", body = PageView<PatientView>)),
)]
#[get("/patients")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListPatients>)>,
) -> ApiResult<Json<PageView<PatientView>>> {
    let tx = tenant.begin().await?;
    let page = patients::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListPatients> for Listing {
    fn from(query: ListPatients) -> Self {
        Self {
            search: query.search,
            phone: query.phone,
            medical_record_number: query.medical_record_number,
            identifier: query.identifier,
            date_of_birth: query.date_of_birth.map(|Day(date)| date),
            gender: query.gender,
            active: query.active,
            deceased: query.deceased,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
