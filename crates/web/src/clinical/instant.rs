//! Instants that a request names.

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;

use crate::time_format;

/// An instant with its offset, in any form of RFC 3339.
#[derive(Clone, Copy)]
pub(crate) struct Instant(pub(crate) OffsetDateTime);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        time_format::deserialize(deserializer).map(Self)
    }
}
