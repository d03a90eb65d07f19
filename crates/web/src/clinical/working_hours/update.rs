//! `PATCH /api/v1/working-hours/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::working_hours::{self, DayOfWeek, WorkingHours, WorkingHoursChanges};

use super::view::{DayOfWeekCode, WorkingHoursView};
use crate::clinical::civil::{Day, Minute};
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of working hours. A field that is absent stays as it is; `null` clears one that may be empty. They stay
/// those of the same practitioner.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateWorkingHours {
    /// On which days of the week they begin, each named once.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<DayOfWeekCode>, required = false, min_items = 1, max_items = 7, example = json!(["mon", "fri"]))]
    days_of_week: Option<Vec<DayOfWeek>>,
    /// When they begin, by the clock in the time zone, to the minute.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "08:00")]
    opens_at: Option<Minute>,
    /// When they end; on the next day, if that is not later than they begin.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "16:00")]
    closes_at: Option<Minute>,
    /// An IANA time zone.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 64, example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// The first day on which they begin, from 1970 to 2199.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-03-02")]
    valid_from: Option<Option<Day>>,
    /// The last one, not before the first.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    valid_to: Option<Option<Day>>,
}

/// Changes working hours, if nobody else has since they were read. Appointments that were booked before stay.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "updateWorkingHours",
    params(("id" = Uuid, Path, description = "The working hours."), OfVersion, InOrganization),
    request_body = UpdateWorkingHours,
    responses(
        (status = 200, description = "The working hours, as changed.", body = WorkingHoursView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`WORKING_HOURS_NOT_FOUND`"),
    ),
)]
#[patch("/working-hours/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<WorkingHours>,
        IfMatch,
        JsonBody<UpdateWorkingHours>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let hours = working_hours::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(hours.version))
        .json(WorkingHoursView::from(hours)))
}

impl From<UpdateWorkingHours> for WorkingHoursChanges {
    fn from(changes: UpdateWorkingHours) -> Self {
        let day = |day: Option<Day>| day.map(|day| day.0);
        Self {
            days_of_week: changes.days_of_week,
            opens_at: changes.opens_at.map(|time| time.0),
            closes_at: changes.closes_at.map(|time| time.0),
            time_zone: changes.time_zone,
            valid_from: changes.valid_from.map(day),
            valid_to: changes.valid_to.map(day),
        }
    }
}
