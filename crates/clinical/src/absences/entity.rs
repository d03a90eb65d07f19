//! The rows of `absences`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use crate::calendar::Span;

pub use Model as Absence;

/// The id of an absence: version 7, unique within its organization.
pub type AbsenceId = Id<Absence>;

/// When a practitioner is away, as stored.
///
/// Its `Debug` output holds no personal data.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "absences")]
pub struct Model {
    /// The organization from which they are away.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AbsenceId,
    /// Who is away. A member, when the absence was added.
    pub practitioner_id: UserId,
    /// The display name that the practitioner had then.
    pub practitioner_name: String,
    /// From when on.
    #[sea_orm(column_name = "starts_at")]
    pub start: OffsetDateTime,
    /// Until when; at most 366 days later.
    #[sea_orm(column_name = "ends_at")]
    pub end: OffsetDateTime,
    /// Why.
    pub reason: Option<String>,
    /// 1 for a new absence, one more with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// When it was deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why it was deleted.
    pub deletion_reason: Option<String>,
}

impl Model {
    /// From when until when.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            start: self.start,
            end: self.end,
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Absence")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("absence", "ABSENCE_NOT_FOUND");
