//! The core of Wardkeep: ids, request context, permissions, and the transactions of one organization.

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
pub use database::{BeginError, ConnectError, Database, DatabaseConfig};
pub use faults::{Fault, FaultKind, InvalidField, is_unique_violation, sqlstate, violated_constraint};
pub use id::{Id, InvalidId, MemberId, OrganizationId, SessionId, UserId};
pub use permissions::{AccessControl, Denied, DynamicRole, Grants, Permission};
pub use policy::SCHEMA_VERSION;
pub use scope::TenantScope;
pub use sessions::{Membership, SessionRow};
pub use transaction::{CredentialsTx, Founding, IdentityTx, NestedTx, OrganizationOwned, Sql, TenantTx};
