//! Working hours on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::working_hours::{DayOfWeek, WorkingHours, WorkingHoursId};
use wardkeep_tenancy::UserId;

use crate::clinical::civil::{Day, Minute};
use crate::clinical::deleted::DeletedView;
use crate::time_format;

/// When a practitioner works, every week.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkingHours)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkingHoursView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: WorkingHoursId,
    /// Who works.
    #[schema(value_type = uuid::Uuid, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: UserId,
    /// The display name that the practitioner had when the hours were added.
    #[schema(example = "Ada Byron")]
    practitioner_name: String,
    /// On which days of the week they begin, from Monday on.
    #[schema(value_type = Vec<DayOfWeekCode>, example = json!(["mon", "tue", "thu"]))]
    days_of_week: Vec<DayOfWeek>,
    /// When they begin, by the clock in the time zone.
    #[schema(value_type = String, example = "09:00")]
    opens_at: Minute,
    /// When they end; on the next day, if that is not later than they begin.
    #[schema(value_type = String, example = "17:30")]
    closes_at: Minute,
    /// An IANA time zone.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The first day on which they begin; null if there always were.
    #[schema(required, value_type = Option<String>, format = Date, example = "2026-03-02")]
    valid_from: Option<Day>,
    /// The last one; null if they go on.
    #[schema(required, value_type = Option<String>, format = Date, example = "2026-12-31")]
    valid_to: Option<Day>,
    /// 1 for new ones, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When they were added.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When they were last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

/// [`DayOfWeek`], for the document.
#[derive(ToSchema)]
#[schema(as = DayOfWeek)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes the type")]
pub(super) enum DayOfWeekCode {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<WorkingHours> for WorkingHoursView {
    fn from(hours: WorkingHours) -> Self {
        Self {
            id: hours.id,
            practitioner_id: hours.practitioner_id,
            practitioner_name: hours.practitioner_name,
            days_of_week: hours.days_of_week.0,
            opens_at: Minute(hours.opens_at),
            closes_at: Minute(hours.closes_at),
            time_zone: hours.time_zone,
            valid_from: hours.valid_from.map(Day),
            valid_to: hours.valid_to.map(Day),
            version: hours.version,
            created_at: hours.created_at,
            updated_at: hours.updated_at,
            deleted: DeletedView::of(hours.deleted_at, hours.deletion_reason),
        }
    }
}
