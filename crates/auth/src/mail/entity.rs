use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::Id;

/// One mail that waits, or is over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OutboxId,
    /// Encrypted; `None` once it was sent or given up.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) next_attempt_at: OffsetDateTime,
    pub(crate) attempts: i32,
    pub(crate) sent_at: Option<OffsetDateTime>,
    pub(crate) given_up_at: Option<OffsetDateTime>,
}

/// Marks the id of a row of the outbox.
pub(crate) enum Outbox {}
pub(crate) type OutboxId = Id<Outbox>;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
