//! `POST /api/v1/working-hours`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::working_hours::{self, DayOfWeek, NewWorkingHours};
use wardkeep_tenancy::UserId;

use super::view::{DayOfWeekCode, WorkingHoursView};
use crate::clinical::InOrganization;
use crate::clinical::civil::{Day, Minute};
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Working hours to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateWorkingHours {
    /// Who works: a member of the organization.
    #[schema(value_type = uuid::Uuid, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: UserId,
    /// On which days of the week they begin, each named once.
    #[schema(value_type = Vec<DayOfWeekCode>, min_items = 1, max_items = 7, example = json!(["mon", "tue", "thu"]))]
    days_of_week: Vec<DayOfWeek>,
    /// When they begin, by the clock in the time zone, to the minute.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    opens_at: Minute,
    /// When they end; on the next day, if that is not later than they begin.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "17:30")]
    closes_at: Minute,
    /// An IANA time zone.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: String,
    /// The first day on which they begin, from 1970 to 2199; without it there always were.
    #[schema(value_type = Option<String>, format = Date, example = "2026-03-02")]
    valid_from: Option<Day>,
    /// The last one, not before the first; without it they go on.
    #[schema(value_type = Option<String>, format = Date, example = "2026-12-31")]
    valid_to: Option<Day>,
}

/// Adds working hours of a practitioner. Whoever has none can be booked at any time; whoever has some, outside them only by
/// overbooking. A time that the clock skips is when it is put forward, and an hour that comes twice is worked twice.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "createWorkingHours",
    params(Repeatable, InOrganization),
    request_body = CreateWorkingHours,
    responses(
        (status = 201, description = "The working hours, as added.", body = WorkingHoursView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the working hours."),
            )),
    ),
)]
#[post("/working-hours")]
pub(super) async fn create(
    InOrder((tenant, hours)): InOrder<(Tenant, Creation<CreateWorkingHours>)>,
) -> ApiResult<HttpResponse> {
    hours
        .make(&tenant, working_hours::CREATE, async |tx, hours| {
            let hours = working_hours::create(tx, hours.into()).await?;
            Ok(Created {
                location: format!("/api/v1/working-hours/{}", hours.id),
                version: hours.version,
                view: WorkingHoursView::from(hours),
            })
        })
        .await
}

impl From<CreateWorkingHours> for NewWorkingHours {
    fn from(hours: CreateWorkingHours) -> Self {
        Self {
            practitioner: hours.practitioner_id,
            days_of_week: hours.days_of_week,
            opens_at: hours.opens_at.0,
            closes_at: hours.closes_at.0,
            time_zone: hours.time_zone,
            valid_from: hours.valid_from.map(|day| day.0),
            valid_to: hours.valid_to.map(|day| day.0),
        }
    }
}
