//! Open transactions, one type for each kind. All of them run what SeaORM builds; none of them takes SQL text that is
//! not a constant of the program.

mod credentials;
mod delegate;
mod handle;
mod identity;
mod nested;
mod statement;
mod tenant;
mod worker;

pub use credentials::CredentialsTx;
pub use identity::{Founding, IdentityTx, Joining};
pub use nested::NestedTx;
pub use statement::Sql;
pub use tenant::{OrganizationOwned, TenantTx};
pub use worker::WorkerTx;

pub(crate) use handle::Handle;
pub(crate) use identity::Place;
