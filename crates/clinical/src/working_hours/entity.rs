//! The rows of `working_hours`.

use sea_orm::entity::prelude::*;
use time::{Date, OffsetDateTime, Time};
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use super::days::DaysOfWeek;

pub use Model as WorkingHours;

/// The id of working hours: version 7, unique within its organization.
pub type WorkingHoursId = Id<WorkingHours>;

/// When a practitioner works, every week, as stored.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "working_hours")]
pub struct Model {
    /// The organization in which they work.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkingHoursId,
    /// Who works. A member, when the hours were added.
    pub practitioner_id: UserId,
    /// The display name that the practitioner had then.
    pub practitioner_name: String,
    /// On which days of the week they begin.
    pub days_of_week: DaysOfWeek,
    /// When they begin, by the clock in the time zone.
    pub opens_at: Time,
    /// When they end; on the next day, if that is not later than they begin.
    pub closes_at: Time,
    /// An IANA time zone.
    pub time_zone: String,
    /// The first day on which they begin; none if there always were.
    pub valid_from: Option<Date>,
    /// The last one; none if they go on.
    pub valid_to: Option<Date>,
    /// 1 for new ones, one more with every change.
    pub version: i64,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// When they were last changed.
    pub updated_at: OffsetDateTime,
    /// When they were deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why they were deleted.
    pub deletion_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("workingHours", "WORKING_HOURS_NOT_FOUND");
