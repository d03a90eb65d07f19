use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, UserId};

use crate::secret_text::SecretText;

/// One way of a user to sign in: the password (provider `credential`), or an account elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account", rename_all = "camelCase")]
pub struct Model {
    /// The row's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// The id at the provider; of a password, the user's own.
    pub account_id: String,
    /// The provider; `credential` is a password.
    pub provider_id: String,
    /// Whose account it is.
    pub user_id: UserId,
    pub(crate) access_token: Option<SecretText>,
    pub(crate) refresh_token: Option<SecretText>,
    pub(crate) id_token: Option<SecretText>,
    pub(crate) access_token_expires_at: Option<OffsetDateTime>,
    pub(crate) refresh_token_expires_at: Option<OffsetDateTime>,
    /// What the provider granted, comma-separated.
    pub scope: Option<String>,
    /// The password's hash.
    pub(crate) password: Option<SecretText>,
    /// When it was linked.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// Marks the id of an account row.
pub enum Account {}
/// The id of an account row.
pub type AccountId = Id<Account>;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::users::Entity",
        from = "Column::UserId",
        to = "crate::users::Column::Id"
    )]
    User,
}

impl Related<crate::users::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
