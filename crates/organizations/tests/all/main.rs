//! The operations of the crate, on a database of their own each, as the application's login.

mod changes;
mod clinic;
mod deletions;
mod departures;
mod invitation_races;
mod invitations;
mod member_lists;
mod members;
mod organizations;
mod owners;
mod role_changes;
mod roles;
mod team_races;
mod teams;
