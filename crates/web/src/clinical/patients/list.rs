//! `GET /api/v1/patients`.

use actix_web::get;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wardkeep_clinical::patients::{self, Listing, Page};

use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::error::{ApiResult, ProblemDetails};
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListPatients {
    /// Beginnings of words of the name; all of them must be there, in any order. Case and accents do not count.
    #[param(max_length = 200, example = "ana bra")]
    search: Option<String>,
    /// The `nextCursor` of the page before, of the same search.
    cursor: Option<String>,
    /// How many patients at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the patients on all pages.
    total: Option<bool>,
}

/// Some patients.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PatientPage {
    /// In the order of last name, first name and id, by code point.
    patients: Vec<PatientView>,
    /// For the next page; null on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
    /// How many patients there are on all pages, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<u64>,
}

/// Lists patients.
#[utoipa::path(
    tag = "patients",
    operation_id = "listPatients",
    params(ListPatients, InOrganization),
    responses(
        (status = 200, description = "One page of patients.", body = PatientPage),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json",
            description = "`INVALID_CURSOR`, `INVALID_FIELD`, `INVALID_QUERY`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = ProblemDetails, content_type = "application/problem+json",
            description = "`UNAUTHORIZED`"),
        (status = 403, body = ProblemDetails, content_type = "application/problem+json",
            description = "`FORBIDDEN`, `NOT_A_MEMBER`"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json",
            description = "`ORGANIZATION_NOT_FOUND`"),
    ),
)]
#[get("/patients")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListPatients>)>,
) -> ApiResult<Json<PatientPage>> {
    let tx = tenant.begin().await?;
    let page = patients::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(page.into()))
}

impl From<ListPatients> for Listing {
    fn from(query: ListPatients) -> Self {
        let default = Self::default();
        Self {
            search: query.search,
            cursor: query.cursor,
            limit: query.limit.unwrap_or(default.limit),
            total: query.total.unwrap_or(default.total),
        }
    }
}

impl From<Page> for PatientPage {
    fn from(page: Page) -> Self {
        Self {
            patients: page.patients.into_iter().map(PatientView::from).collect(),
            next_cursor: page.next,
            total: page.total,
        }
    }
}
