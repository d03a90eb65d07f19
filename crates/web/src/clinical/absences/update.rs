//! `PATCH /api/v1/absences/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::absences::{self, Absence, AbsenceChanges};

use super::view::AbsenceView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::patch::{given, given_time};
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of an absence. A field that is absent stays as it is; `null` clears one that may be empty. It stays one
/// of the same practitioner.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateAbsence {
    /// From when on, from 1970 to 2199, with any offset from UTC.
    #[serde(default, deserialize_with = "given_time")]
    #[schema(nullable = false, example = "2026-07-06T00:00:00+02:00")]
    start: Option<OffsetDateTime>,
    /// Until when, after the start and at most 366 days later.
    #[serde(default, deserialize_with = "given_time")]
    #[schema(nullable = false, example = "2026-07-28T00:00:00+02:00")]
    end: Option<OffsetDateTime>,
    /// Why.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "a long holiday")]
    reason: Option<Option<String>>,
}

/// Changes an absence, if nobody else has since it was read. Appointments that are booked in it stay.
#[utoipa::path(
    tag = "absences",
    operation_id = "updateAbsence",
    params(("id" = Uuid, Path, description = "The absence."), OfVersion, InOrganization),
    request_body = UpdateAbsence,
    responses(
        (status = 200, description = "The absence, as changed.", body = AbsenceView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`ABSENCE_NOT_FOUND`"),
    ),
)]
#[patch("/absences/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Absence>, IfMatch, JsonBody<UpdateAbsence>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let absence = absences::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(absence.version))
        .json(AbsenceView::from(absence)))
}

impl From<UpdateAbsence> for AbsenceChanges {
    fn from(changes: UpdateAbsence) -> Self {
        Self {
            start: changes.start,
            end: changes.end,
            reason: changes.reason,
        }
    }
}
