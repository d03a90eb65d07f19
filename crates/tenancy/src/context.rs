//! What a request knows: who asks, when, and where its random values come from.
//!
//! Time and randomness are values. The edge of the program holds a [`Clock`] and an [`Entropy`] and makes one
//! [`RequestContext`] for each request; everything inside takes the instant and the ids from it.

mod clock;
mod entropy;

pub use clock::Clock;
pub use entropy::Entropy;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use time::{OffsetDateTime, UtcOffset};
use uuid::{Builder, Uuid};

use crate::id::{Id, UserId};

/// One request, or one run of a background task. Cheap to clone; clones share the sequence of ids.
#[derive(Debug, Clone)]
pub struct RequestContext {
    request: Arc<Request>,
    address: Option<Arc<str>>,
    actor: Option<UserId>,
    actor_name: Option<Arc<str>>,
    signed_in_recently: bool,
}

#[derive(Debug)]
struct Request {
    id: String,
    now: OffsetDateTime,
    entropy: Entropy,
    ordered: AtomicU64,
}

impl RequestContext {
    /// A context for one request that arrived at `now`, by nobody yet. The instant is kept in UTC and cut to
    /// milliseconds, as PostgreSQL and JSON then show the same one.
    #[must_use]
    pub fn new(request_id: impl Into<String>, now: OffsetDateTime, entropy: Entropy) -> Self {
        let request = Request {
            id: request_id.into(),
            now: now.to_offset(UtcOffset::UTC).truncate_to_millisecond(),
            ordered: AtomicU64::new(first_of_sequence(&entropy)),
            entropy,
        };
        Self {
            request: Arc::new(request),
            address: None,
            actor: None,
            actor_name: None,
            signed_in_recently: false,
        }
    }

    /// The same request, now known to have come from this network address.
    #[must_use]
    pub fn with_address(&self, address: impl Into<Arc<str>>) -> Self {
        Self {
            address: Some(address.into()),
            ..self.clone()
        }
    }

    /// What the log and the problem details call this request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request.id
    }

    /// When the request arrived: the same instant as often as it is asked, in UTC, whole milliseconds.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.request.now
    }

    /// Where random values come from.
    #[must_use]
    pub fn entropy(&self) -> &Entropy {
        &self.request.entropy
    }

    /// Where the request came from, if it came over a network.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref().filter(|address| !address.is_empty())
    }

    /// The display name of the signed-in user; empty while nobody has said it.
    #[must_use]
    pub fn actor_name(&self) -> &str {
        self.actor_name.as_deref().unwrap_or_default()
    }

    /// The signed-in user, once known.
    #[must_use]
    pub fn actor(&self) -> Option<UserId> {
        self.actor
    }

    /// Whether the user has proved a short while ago who they are; not, while nobody has said it.
    #[must_use]
    pub fn signed_in_recently(&self) -> bool {
        self.signed_in_recently
    }

    /// The same request, now known to be by this user. What was known of another one is forgotten.
    #[must_use]
    pub fn with_actor(&self, actor: UserId) -> Self {
        if self.actor == Some(actor) {
            return self.clone();
        }
        Self {
            actor: Some(actor),
            actor_name: None,
            signed_in_recently: false,
            ..self.clone()
        }
    }

    /// The same request, of a user who has proved a short while ago who they are, or has not. For what somebody who found
    /// an open screen must not do, such as sign a note.
    #[must_use]
    pub fn with_recent_sign_in(&self, signed_in_recently: bool) -> Self {
        Self {
            signed_in_recently,
            ..self.clone()
        }
    }

    /// The same request, with the display name that its user has at this moment.
    #[must_use]
    pub fn with_actor_name(&self, name: impl Into<Arc<str>>) -> Self {
        Self {
            actor_name: Some(name.into()),
            ..self.clone()
        }
    }

    /// A random id (uuid version 4, 122 random bits): it says nothing about when it was made.
    #[must_use]
    pub fn new_id<T>(&self) -> Id<T> {
        let mut bytes = [0; 16];
        self.entropy().fill(&mut bytes);
        Id::from_uuid(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// An id that sorts by time (uuid version 7). Ids of one context sort in the order they were made: the twelve
    /// bits behind the milliseconds count (RFC 9562, section 6.2, method 1); past them the milliseconds go on.
    #[must_use]
    pub fn new_ordered_id<T>(&self) -> Id<T> {
        let sequence = self.request.ordered.fetch_add(1, Ordering::Relaxed);
        let start = u64::try_from(self.now().unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        let mut tail = [0; 8];
        self.entropy().fill(&mut tail);
        Id::from_uuid(ordered(
            start.saturating_add(sequence >> 12),
            sequence & 0xfff,
            tail,
        ))
    }
}

/// Half of the twelve bits at random, so that two requests of one millisecond rarely count alike.
fn first_of_sequence(entropy: &Entropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_be_bytes(bytes) & 0x7ff
}

fn ordered(milliseconds: u64, sequence: u64, tail: [u8; 8]) -> Uuid {
    let [.., high, low] = sequence.to_be_bytes();
    let [a, b, c, d, e, f, g, h] = tail;
    Builder::from_unix_timestamp_millis(milliseconds, &[high, low, a, b, c, d, e, f, g, h]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Organization;
    use time::macros::datetime;

    fn context(seed: u64) -> RequestContext {
        RequestContext::new(
            "r1",
            datetime!(2026-03-02 11:00:00.123456 +2),
            Entropy::seeded(seed),
        )
    }

    #[test]
    fn now_is_one_instant_in_utc_and_whole_milliseconds() {
        let context = context(1);

        assert_eq!(context.now(), datetime!(2026-03-02 09:00:00.123 UTC));
        assert_eq!(context.now().offset(), UtcOffset::UTC);
        assert_eq!(context.now(), context.clone().now());
    }

    #[test]
    fn ordered_ids_are_version_7_and_sort_as_they_were_made() {
        let context = context(2);

        let ids: Vec<Id<Organization>> = (0..10_000).map(|_| context.new_ordered_id()).collect();

        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        let first = ids[0].as_uuid();
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(u128::from_be_bytes(*first.as_bytes()) >> 80, 1_772_442_000_123);
    }

    #[test]
    fn ids_of_a_later_millisecond_sort_after_those_of_an_earlier_one() {
        let earlier = RequestContext::new("a", datetime!(2026-03-02 09:00:00.001 UTC), Entropy::seeded(3));
        let later = RequestContext::new("b", datetime!(2026-03-02 09:00:00.002 UTC), Entropy::seeded(4));

        assert!(earlier.new_ordered_id::<Organization>() < later.new_ordered_id::<Organization>());
    }

    #[test]
    fn clones_share_the_sequence() {
        let context = context(5);
        let clone = context.with_actor(context.new_id());

        let ids = [
            context.new_ordered_id::<Organization>(),
            clone.new_ordered_id(),
            context.new_ordered_id(),
        ];

        assert!(ids[0] < ids[1] && ids[1] < ids[2]);
    }

    #[test]
    fn random_ids_are_version_4_and_repeat_only_with_their_seed() {
        let (one, again, other) = (context(6), context(6), context(7));

        let id = one.new_id::<Organization>();

        assert_eq!(id.as_uuid().get_version_num(), 4);
        assert_eq!(id, again.new_id());
        assert_ne!(id, other.new_id());
    }

    #[test]
    fn the_actor_is_the_clones_own() {
        let context = context(8);
        let user = context.new_id();

        let signed_in = context.with_actor(user);

        assert_eq!((context.actor(), signed_in.actor()), (None, Some(user)));
        assert_eq!(signed_in.request_id(), "r1");
    }

    #[test]
    fn a_name_is_that_of_its_actor() {
        let context = context(9);
        let (ada, bea) = (context.new_id(), context.new_id());

        let named = context.with_actor(ada).with_actor_name("Ada");

        assert_eq!((context.actor_name(), named.actor_name()), ("", "Ada"));
        assert_eq!(named.with_actor(ada).actor_name(), "Ada");
        assert_eq!(named.with_actor(bea).actor_name(), "");
    }

    #[test]
    fn a_recent_sign_in_is_that_of_its_actor() {
        let context = context(11);
        let (ada, bea) = (context.new_id(), context.new_id());

        let signed_in = context.with_actor(ada).with_recent_sign_in(true);

        assert!(!context.with_actor(ada).signed_in_recently());
        assert!(signed_in.with_actor(ada).signed_in_recently());
        assert!(!signed_in.with_actor(bea).signed_in_recently());
    }

    #[test]
    fn no_address_is_none() {
        let context = context(10);

        assert_eq!(context.address(), None);
        assert_eq!(context.with_address("").address(), None);
        assert_eq!(context.with_address("192.0.2.7").address(), Some("192.0.2.7"));
    }
}
