//! What a deleted record shows beside itself.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::time_format;

/// Only in lists of deleted records.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Deleted)]
pub(crate) struct DeletedView {
    /// When the record was deleted; only in a list of deleted records.
    #[serde(with = "time_format::option", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-03-02T09:00:00.000Z")]
    deleted_at: Option<OffsetDateTime>,
    /// Why it was entered in error; only in a list of deleted records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "entered twice")]
    deletion_reason: Option<String>,
}

/// The status that a record shows: its own, until it is deleted.
pub(crate) fn status(own: String, deleted_at: Option<OffsetDateTime>) -> String {
    match deleted_at {
        Some(_) => "entered-in-error".to_owned(),
        None => own,
    }
}

impl DeletedView {
    pub(crate) fn of(deleted_at: Option<OffsetDateTime>, deletion_reason: Option<String>) -> Self {
        Self {
            deleted_at,
            deletion_reason,
        }
    }
}
