//! The operations of the crate, on a database of their own each, as the application's login.

mod changes;
mod clinic;
mod deletions;
mod invitation_races;
mod invitations;
mod members;
mod organizations;
mod team_races;
mod teams;
