//! `POST /api/v1/absences`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::absences::{self, NewAbsence};
use wardkeep_tenancy::UserId;

use super::view::AbsenceView;
use crate::clinical::InOrganization;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant, time_format};

/// An absence to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateAbsence {
    /// Who is away: a member of the organization.
    #[schema(value_type = uuid::Uuid, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: UserId,
    /// From when on, from 1970 to 2199, with any offset from UTC.
    #[serde(with = "time_format")]
    #[schema(example = "2026-07-06T00:00:00+02:00")]
    start: OffsetDateTime,
    /// Until when, after the start and at most 366 days later.
    #[serde(with = "time_format")]
    #[schema(example = "2026-07-27T00:00:00+02:00")]
    end: OffsetDateTime,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "holiday")]
    reason: Option<String>,
}

/// Adds an absence of a practitioner. Appointments that are booked in it stay, and the schedule shows both; others can be
/// booked in it only by overbooking.
#[utoipa::path(
    tag = "absences",
    operation_id = "createAbsence",
    params(Repeatable, InOrganization),
    request_body = CreateAbsence,
    responses(
        (status = 201, description = "The absence, as added.", body = AbsenceView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the absence."),
            )),
    ),
)]
#[post("/absences")]
pub(super) async fn create(
    InOrder((tenant, absence)): InOrder<(Tenant, Creation<CreateAbsence>)>,
) -> ApiResult<HttpResponse> {
    absence
        .make(&tenant, absences::CREATE, async |tx, absence| {
            let absence = absences::create(tx, absence.into()).await?;
            Ok(Created {
                location: format!("/api/v1/absences/{}", absence.id),
                version: absence.version,
                view: AbsenceView::from(absence),
            })
        })
        .await
}

impl From<CreateAbsence> for NewAbsence {
    fn from(absence: CreateAbsence) -> Self {
        Self {
            practitioner: absence.practitioner_id,
            start: absence.start,
            end: absence.end,
            reason: absence.reason,
        }
    }
}
