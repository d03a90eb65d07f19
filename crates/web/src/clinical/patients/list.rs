//! `GET /api/v1/patients`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::patients::{self, Listing};

use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListPatients {
    /// Beginnings of words of the name; all of them must be there, in any order. Case and accents do not count.
    #[param(max_length = 200, example = "ana bra")]
    search: Option<String>,
    /// The deleted patients instead; takes the right to restore them.
    deleted: Option<bool>,
    /// `name` (last name, first name and id, by code point), `updatedAt` or `createdAt`; with `-` in front, the other way
    /// round.
    #[param(default = "name", example = "-updatedAt")]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    cursor: Option<String>,
    /// How many patients at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the patients on all pages.
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
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
