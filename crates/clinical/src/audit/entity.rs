//! The rows of `audit_events`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, OrganizationOwned, UserId};

pub use Model as AuditEvent;

use crate::patients::PatientId;

/// The id of an audit event: version 7, unique within its organization.
pub type AuditEventId = Id<AuditEvent>;

/// What somebody did, or was refused.
///
/// Its `Debug` output holds no personal data.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    /// The organization in which it happened.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    /// When the request arrived.
    pub recorded_at: OffsetDateTime,
    /// Who asked.
    pub user_id: UserId,
    /// The display name they had.
    pub user_name: String,
    /// `create`, `read`, `search`, `update`, `delete` or `restore`.
    pub action: String,
    /// The kind of record, such as `patient`.
    pub resource: String,
    /// The record, where one was named.
    pub resource_id: Option<Uuid>,
    /// The patient whom it is about, where one was named or the record has one.
    pub patient_id: Option<PatientId>,
    /// The network address of whoever asked.
    pub address: Option<String>,
    /// The id of the request, as the log has it.
    pub request_id: String,
    /// `success`, `replayed` (an earlier answer was given once more) or `refused`.
    pub outcome: String,
    /// The code of the answer, if it was refused.
    pub code: Option<String>,
    /// The fields that changed, each with `from` and `to`.
    pub changes: Option<Json>,
    /// What was searched for.
    pub query: Option<Json>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditEvent")
            .field("id", &self.id)
            .field("action", &self.action)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
