//! What is kept between sending a browser to a provider and its return.

use time::Duration;

/// How long the browser keeps the cookie, as in Better Auth.
pub const COOKIE_LIFETIME: Duration = Duration::minutes(5);
