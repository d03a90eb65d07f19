//! What the tests of the endpoints under `/api/auth/organization` have in common.

use wardkeep_tenancy::UserId;

use crate::world::{Browser, World};

/// The id of nothing.
pub(crate) const UNKNOWN: &str = "7f000000-0000-4000-8000-00000000dead";

pub(crate) fn path(endpoint: &str) -> String {
    format!("/api/auth/organization/{endpoint}")
}

/// Makes the user of a browser a member of an organization.
pub(crate) async fn join(world: &World, browser: &mut Browser<'_>, organization: &str, role: &str) -> UserId {
    let user = browser.user().await.unwrap();
    world.test.member(organization.parse().unwrap(), user, role).await;
    user
}
