use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::Id;

/// A one-time token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification", rename_all = "camelCase")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Id<Entity>,
    /// The hash of purpose and token.
    pub(crate) identifier: String,
    /// The user's id; of a sign-in through a provider, what belongs to it, sealed.
    pub(crate) value: String,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
