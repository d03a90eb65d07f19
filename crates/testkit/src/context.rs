//! Time and randomness that are the same in every run.

use time::OffsetDateTime;
use time::macros::datetime;
use wardkeep_tenancy::{
    Clock, Database, Entropy, Grants, OrganizationId, RequestContext, TenantScope, UserId,
};

/// When every test begins: a Monday morning.
pub const START: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

/// A clock that stands at [`START`] until the test moves it.
#[must_use]
pub fn clock() -> Clock {
    Clock::manual(START)
}

/// A request at [`START`], by nobody yet. Its ids and random values follow from the seed.
#[must_use]
pub fn context(seed: u64) -> RequestContext {
    RequestContext::new(format!("test-{seed}"), START, Entropy::seeded(seed))
}

/// The scope of a user in an organization, without looking for a membership: for tests of what happens inside.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the test vouches for what it made up")]
pub fn scope(
    database: &Database,
    cx: &RequestContext,
    (organization, user): (OrganizationId, UserId),
    grants: Grants,
) -> TenantScope {
    database.vouched(cx, organization, user, grants)
}
