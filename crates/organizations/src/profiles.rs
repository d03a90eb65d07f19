//! Profiles of fellow members: what the database shows of a user inside an organization (id, name, e-mail, image).

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;
    use wardkeep_tenancy::UserId;

    /// What a member sees of a fellow member.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user")]
    pub struct Model {
        /// The user's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserId,
        /// The user's name.
        pub name: String,
        /// The user's address, in lower case.
        pub email: String,
        /// The address of a picture.
        pub image: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as Profile;

use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _};
use wardkeep_tenancy::TenantTx;

/// Finds the member of this organization who has the address. The policy on `"user"` hides everybody else.
pub(crate) async fn find_by_email(tx: &TenantTx, email: &str) -> Result<Option<Profile>, DbErr> {
    entity::Entity::find()
        .filter(entity::Column::Email.eq(email.to_lowercase()))
        .one(tx)
        .await
}
