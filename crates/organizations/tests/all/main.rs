//! The operations of the crate, on a database of their own each, as the application's login.

mod clinic;
mod invitation_races;
mod invitations;
mod members;
mod organizations;
