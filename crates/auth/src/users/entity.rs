use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::UserId;

/// A person with an account, in any number of organizations.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user", rename_all = "camelCase")]
pub struct Model {
    /// The user's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// The name as given; may be empty.
    pub name: String,
    /// The address in lower case, unique.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// The address of a picture, as given and not checked.
    pub image: Option<String>,
    /// When the user signed up.
    pub created_at: OffsetDateTime,
    /// When name, address or picture last changed.
    pub updated_at: OffsetDateTime,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The one account that is a password.
    #[sea_orm(
        has_one = "crate::accounts::Entity",
        on_condition = "crate::accounts::Column::ProviderId.eq(crate::accounts::CREDENTIAL)"
    )]
    Password,
}

impl Related<crate::accounts::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Password.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
