//! An absence on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::absences::{Absence, AbsenceId};
use wardkeep_tenancy::UserId;

use crate::clinical::deleted::DeletedView;
use crate::time_format;

/// When a practitioner is away.
#[derive(Serialize, ToSchema)]
#[schema(as = Absence)]
#[serde(rename_all = "camelCase")]
pub(super) struct AbsenceView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: AbsenceId,
    /// Who is away.
    #[schema(value_type = uuid::Uuid, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: UserId,
    /// The display name that the practitioner had when the absence was added.
    #[schema(example = "Ada Byron")]
    practitioner_name: String,
    /// From when on.
    #[serde(with = "time_format")]
    #[schema(example = "2026-07-05T22:00:00.000Z")]
    start: OffsetDateTime,
    /// Until when.
    #[serde(with = "time_format")]
    #[schema(example = "2026-07-26T22:00:00.000Z")]
    end: OffsetDateTime,
    /// Why.
    #[schema(required, example = "holiday")]
    reason: Option<String>,
    /// 1 for a new absence, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When it was added.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

impl From<Absence> for AbsenceView {
    fn from(absence: Absence) -> Self {
        Self {
            id: absence.id,
            practitioner_id: absence.practitioner_id,
            practitioner_name: absence.practitioner_name,
            start: absence.start,
            end: absence.end,
            reason: absence.reason,
            version: absence.version,
            created_at: absence.created_at,
            updated_at: absence.updated_at,
            deleted: DeletedView::of(absence.deleted_at, absence.deletion_reason),
        }
    }
}
