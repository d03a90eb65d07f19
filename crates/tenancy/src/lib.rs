//! The core of Wardkeep: ids, request context, permissions, and the transactions of one organization.
//!
//! A [`Database`] is one bounded pool that nothing outside this crate can reach. What it gives is transactions in which
//! PostgreSQL itself keeps the rows of every organization apart: a [`CredentialsTx`] for nobody yet, an [`IdentityTx`]
//! for one signed-in user, and a [`TenantTx`] for one member of one organization, from a [`TenantScope`].
//!
//! It promises that a transaction has its role, its user and its organization from its first statement on; that
//! nothing of them is left on a connection afterwards, however its future ends; that a failed or abandoned statement
//! makes the commit an error; and that one organization cannot take the whole pool. It costs one round trip to open
//! and one to commit; a transaction that is dropped is rolled back while nobody waits.
//!
//! It refuses raw statements, logins that could read past row security, and a schema that is not the one it was built
//! for. It knows nothing of HTTP and reads no environment.
//!
//! A service that keeps its own members vouches for the user and the organization, and reads its own tables:
//!
//! ```no_run
//! use sea_orm::entity::prelude::*;
//! use wardkeep_tenancy::{
//!     Clock, Database, DatabaseConfig, Entropy, Grants, Id, OrganizationId, OrganizationOwned, Permission,
//!     RequestContext, UserId,
//! };
//!
//! /// A table of the service, put behind row security by `policy::protect("rooms", "organization_id")`.
//! mod room {
//!     use super::*;
//!
//!     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
//!     #[sea_orm(table_name = "rooms")]
//!     pub struct Model {
//!         #[sea_orm(primary_key, auto_increment = false)]
//!         pub organization_id: OrganizationId,
//!         #[sea_orm(primary_key, auto_increment = false)]
//!         pub id: Id<Entity>,
//!         pub name: String,
//!     }
//!
//!     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
//!     pub enum Relation {}
//!
//!     impl ActiveModelBehavior for ActiveModel {}
//!
//!     impl OrganizationOwned for Entity {
//!         fn organization_column() -> Column {
//!             Column::OrganizationId
//!         }
//!     }
//! }
//!
//! const READ: Permission = Permission::new("room", "read");
//!
//! async fn rooms(
//!     database: &Database,
//!     organization: OrganizationId,
//!     user: UserId,
//! ) -> Result<Vec<room::Model>, Box<dyn std::error::Error>> {
//!     let cx = RequestContext::new("request-1", Clock::system().now(), Entropy::system());
//!     let grants = Grants::one(&[("room", &["read"])]);
//!
//!     let tx = database.vouched(&cx, organization, user, grants).begin().await?;
//!     tx.require(READ)?;
//!     let rooms = tx.find::<room::Entity>().all(&tx).await?;
//!     tx.commit().await?;
//!     Ok(rooms)
//! }
//!
//! # fn main() {}
//! # async fn start(organization: OrganizationId, user: UserId) -> Result<(), Box<dyn std::error::Error>> {
//! let config = DatabaseConfig::new("postgres://wardkeep_app:password@localhost/clinic");
//! let database = Database::connect(config).await?;
//! let rooms = rooms(&database, organization, user).await?;
//! # Ok(())
//! # }
//! ```

pub mod context;
pub mod database;
pub mod faults;
pub mod id;
pub mod permissions;
pub mod policy;
pub mod scope;
pub mod sessions;
pub mod transaction;

pub use context::{Clock, Entropy, RequestContext};
pub use database::{BeginError, ConnectError, Database, DatabaseConfig, WorkerDatabase};
pub use faults::{Fault, FaultKind, InvalidField, is_unique_violation, sqlstate, violated_constraint};
pub use id::{Id, InvalidId, InvitationId, MemberId, OrganizationId, SessionId, TeamId, UserId};
pub use permissions::{AccessControl, Denied, DynamicRole, Grants, Permission};
pub use policy::SCHEMA_VERSION;
pub use scope::TenantScope;
pub use sessions::{Asked, Membership, SessionRow};
pub use transaction::{
    CredentialsTx, Founding, IdentityTx, Joining, NestedTx, OrganizationOwned, Sql, TenantTx, WorkerTx,
};
