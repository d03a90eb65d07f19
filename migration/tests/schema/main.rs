//! The schema on a real server: how it gets there, what its keys and policies refuse, and what the lint finds.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod database;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod front_desk;
mod invitations;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod migrate;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod treatment;
