//! The operations of the crate, on a database of their own each, as the application's login.

mod clinic;
mod members;
mod organizations;
mod team_races;
mod teams;
