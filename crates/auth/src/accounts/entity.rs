use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, UserId};

use crate::secret_text::SecretText;

/// One way of a user to sign in: the password (provider `credential`), or an account elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account", rename_all = "camelCase")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AccountId,
    /// The id at the provider; of a password, the user's own.
    pub(crate) account_id: String,
    pub(crate) provider_id: String,
    pub(crate) user_id: UserId,
    pub(crate) access_token: Option<SecretText>,
    pub(crate) refresh_token: Option<SecretText>,
    pub(crate) id_token: Option<SecretText>,
    pub(crate) access_token_expires_at: Option<OffsetDateTime>,
    pub(crate) refresh_token_expires_at: Option<OffsetDateTime>,
    pub(crate) scope: Option<String>,
    /// The password's hash.
    pub(crate) password: Option<SecretText>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

/// Marks the id of an account row.
pub(crate) enum Account {}
pub(crate) type AccountId = Id<Account>;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
