//! How often one client may call the same endpoint under `/api/auth`, or the page of an invitation: the rules and numbers of Better Auth 1.7.25.
//!
//! The counters belong to one [`State`](crate::State), which is to say to one process. They keep a single address from
//! trying passwords by the thousand; they are not what protects one account from many addresses.
//!
//! The rule is the original's and no token bucket (the crate `governor` counts by GCRA, which refills steadily): a
//! window of 3 in 10 s opens again 10 s after the last request that was let through, all at once.

mod windows;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::ResponseError as _;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use time::OffsetDateTime;

use self::windows::{Key, Windows};
use crate::client_address::ClientAddress;
use crate::context::auth_path;
use crate::cors;
use crate::error::AuthError;
use crate::invitation_page;

const X_RETRY_AFTER: HeaderName = HeaderName::from_static("x-retry-after");
const MESSAGE: &str = "Too many requests. Please try again later.";

const GENERAL: Rate = Rate::new(100, Duration::from_secs(10));
const PASSWORDS: Rate = Rate::new(3, Duration::from_secs(10));
const MAILS: Rate = Rate::new(3, Duration::from_secs(60));
const INVITATIONS: Rate = Rate::new(20, Duration::from_secs(60));

/// So many requests in a window of time. The window begins anew with each request that is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    window: Duration,
}

/// Which requests are refused for coming too often. They are answered 429 before anything else looks at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    general: Option<Rate>,
}

impl Rate {
    /// At least one request is let through in a window, and any number in a window of no time. Windows are counted in
    /// milliseconds.
    #[must_use]
    pub const fn new(requests: u32, window: Duration) -> Self {
        Self { requests, window }
    }
}

impl RateLimits {
    /// Each address may call each endpoint under `/api/auth` 100 times in 10 s; those that try passwords 3 times in
    /// 10 s, those that send a mail to whom the caller names 3 times in 60 s, and the one that invites 20 times.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            general: Some(GENERAL),
        }
    }

    /// Nothing is refused.
    #[must_use]
    pub const fn off() -> Self {
        Self { general: None }
    }

    /// The same with another rate for the endpoints that have none of their own. What is off stays off.
    #[must_use]
    pub fn with_general(self, rate: Rate) -> Self {
        Self {
            general: self.general.map(|_| rate),
        }
    }

    /// The rate of a path, if it is limited.
    fn at(self, path: &str) -> Option<Rate> {
        self.of(auth_path(path).or_else(|| invitation_page::counterpart(path))?)
    }

    /// The rate of a path below `/api/auth`, if there are limits.
    fn of(self, path: &str) -> Option<Rate> {
        let general = self.general?;
        let tries_passwords = PASSWORD_PATHS.iter().any(|start| path.starts_with(start));
        Some(match path {
            // The original counts these two as any other; they try a password as sign-in does.
            "/verify-password" | "/delete-user" => PASSWORDS,
            "/request-password-reset" | "/send-verification-email" => MAILS,
            // The original counts it as any other. It mails whom the caller names, but a clinic invites its staff at once.
            "/organization/invite-member" => INVITATIONS,
            _ if tries_passwords => PASSWORDS,
            _ => general,
        })
    }
}

/// What these paths begin with, as the original compares them.
const PASSWORD_PATHS: [&str; 4] = ["/sign-in", "/sign-up", "/change-password", "/change-email"];

/// The limits with what was counted so far. One is shared by all workers of a process.
pub(crate) struct Limiter {
    limits: RateLimits,
    windows: Mutex<Windows>,
}

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            windows: Mutex::default(),
        }
    }

    /// The answer to a request that comes too often. One that does not is counted, with the decision, as one step
    /// (CVE-2026-110861); preflights are not.
    pub(crate) fn refuse(
        &self,
        request: &ServiceRequest,
        client: ClientAddress,
        now: OffsetDateTime,
    ) -> Option<HttpResponse> {
        // As the router reads it, `%61` being `a`, or another spelling would have another rule.
        let path = request.match_info().as_str();
        let rate = self.limits.at(path)?;
        if cors::is_preflight(request) {
            return None;
        }
        // Not the path itself, which has as many forms as there are tokens.
        let route = request.resource_map().match_pattern(path);
        let key = Key::new(client, route, rate);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = windows.count(key, rate, now).err()?;
        drop(windows);
        Some(too_many(wait))
    }
}

fn too_many(seconds: u64) -> HttpResponse {
    let mut response = AuthError::without_code(StatusCode::TOO_MANY_REQUESTS, MESSAGE).error_response();
    let seconds = HeaderValue::from(seconds);
    response.headers_mut().insert(X_RETRY_AFTER, seconds.clone());
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_the_rate_of_the_original() {
        for (path, rate) in [
            ("", GENERAL),
            ("/get-session", GENERAL),
            ("/reset-password", GENERAL),
            ("/organization/list", GENERAL),
            ("/sign-in/email", PASSWORDS),
            ("/sign-in", PASSWORDS),
            // With an ID token or without.
            ("/sign-in/social", PASSWORDS),
            ("/link-social", GENERAL),
            ("/callback/google", GENERAL),
            ("/refresh-token", GENERAL),
            ("/get-access-token", GENERAL),
            ("/account-info", GENERAL),
            ("/sign-in-anything", PASSWORDS),
            ("/sign-up/email", PASSWORDS),
            ("/change-password", PASSWORDS),
            ("/change-email", PASSWORDS),
            ("/request-password-reset", MAILS),
            ("/request-password-reset/x", GENERAL),
            ("/send-verification-email", MAILS),
        ] {
            assert_eq!(RateLimits::standard().of(path), Some(rate), "{path}");
        }
    }

    #[test]
    fn whoever_tries_passwords_elsewhere_is_slowed_too() {
        for (path, rate) in [
            ("/verify-password", PASSWORDS),
            ("/delete-user", PASSWORDS),
            ("/delete-user/callback", GENERAL),
            ("/organization/invite-member", INVITATIONS),
        ] {
            assert_eq!(RateLimits::standard().of(path), Some(rate), "{path}");
        }
    }

    #[test]
    fn the_page_of_an_invitation_is_limited_as_what_it_does_is_elsewhere() {
        for (path, rate) in [
            ("/accept-invitation/1", Some(GENERAL)),
            ("/accept-invitation/1/sign-in", Some(PASSWORDS)),
            ("/accept-invitation/1/sign-up", Some(PASSWORDS)),
            ("/accept-invitation/1/proof", Some(MAILS)),
            ("/api/auth/sign-in/email", Some(PASSWORDS)),
            ("/api/v1/patients", None),
            ("/accept-invitations", None),
        ] {
            assert_eq!(RateLimits::standard().at(path), rate, "{path}");
            assert_eq!(RateLimits::off().at(path), None, "{path}");
        }
    }

    #[test]
    fn another_general_rate_leaves_the_special_ones() {
        let rate = Rate::new(500, Duration::from_secs(60));
        let limits = RateLimits::standard().with_general(rate);

        assert_eq!(limits.of("/get-session"), Some(rate));
        assert_eq!(limits.of("/sign-in/email"), Some(PASSWORDS));
        assert_eq!(limits.of("/request-password-reset"), Some(MAILS));
    }

    #[test]
    fn what_is_off_stays_off() {
        let limits = RateLimits::off().with_general(GENERAL);

        assert_eq!(limits.of("/sign-in/email"), None);
        assert_eq!(limits, RateLimits::off());
    }
}
