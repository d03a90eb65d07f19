use std::sync::Arc;

use actix_web::HttpRequest;
use ipnet::IpNet;
use wardkeep_auth::Auth;
use wardkeep_auth::mail::Mailbox;
use wardkeep_organizations::Rules;
use wardkeep_tenancy::{AccessControl, Clock, Database, Entropy};

use crate::body::Room;
use crate::client_address::TrustedProxies;
#[cfg(feature = "clinical")]
use crate::clinical::Uploads;
use crate::context::Unsurrounded;
use crate::cookies::Names;
use crate::origins::Origins;
use crate::rate_limits::{Limiter, RateLimits};

/// The largest body a request may have unless [`State::with_body_limit`] says otherwise: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// What all requests share. Cheap to clone; make one per process.
#[derive(Clone)]
pub struct State(Arc<Shared>);

#[derive(Clone)]
struct Shared {
    database: Database,
    auth: Auth,
    access: AccessControl,
    rules: Arc<Rules>,
    origins: Origins,
    clock: Clock,
    entropy: Entropy,
    body_limit: usize,
    room: Room,
    mailbox: Option<Mailbox>,
    trusted_proxies: TrustedProxies,
    limiter: Arc<Limiter>,
    #[cfg(feature = "clinical")]
    uploads: Uploads,
}

impl State {
    /// Puts the parts together, with the system's clock and random numbers, [`RateLimits::standard`], and no proxy in
    /// front.
    pub fn new(database: Database, auth: Auth, access: AccessControl, origins: Origins) -> Self {
        let (clock, entropy) = (Clock::system(), Entropy::system());
        Self(Arc::new(Shared {
            database,
            auth,
            access,
            rules: Arc::default(),
            origins,
            clock,
            entropy,
            body_limit: BODY_LIMIT,
            room: Room::default(),
            mailbox: None,
            trusted_proxies: TrustedProxies::default(),
            limiter: Arc::new(Limiter::new(RateLimits::standard())),
            #[cfg(feature = "clinical")]
            uploads: Uploads::default(),
        }))
    }

    /// The same with another clock and other random numbers, for tests.
    #[must_use]
    pub fn with_clock(self, clock: Clock, entropy: Entropy) -> Self {
        Self(Arc::new(Shared {
            clock,
            entropy,
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with another limit for the body of a request, in bytes.
    #[must_use]
    pub fn with_body_limit(self, body_limit: usize) -> Self {
        Self(Arc::new(Shared {
            body_limit,
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with another limit for the content of a document than 20 MiB, in bytes.
    #[cfg(feature = "clinical")]
    #[must_use]
    pub fn with_document_limit(self, bytes: u64) -> Self {
        Self(Arc::new(Shared {
            uploads: Uploads::new(bytes),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with the mails of development at `/dev/mailbox`, and a page to try the providers on at `/dev/sign-in`, for
    /// whoever can reach it: never for use.
    #[must_use]
    pub fn with_mailbox(self, mailbox: Mailbox) -> Self {
        Self(Arc::new(Shared {
            mailbox: Some(mailbox),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with proxies in front whose `X-Forwarded-For` is believed. Without any, the address of a client is that
    /// of its connection, and the header is ignored.
    #[must_use]
    pub fn with_trusted_proxies(self, networks: Vec<IpNet>) -> Self {
        Self(Arc::new(Shared {
            trusted_proxies: TrustedProxies::new(networks),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with other rules for organizations.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self(Arc::new(Shared {
            rules: Arc::new(rules),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The same with other limits, and nothing counted yet.
    #[must_use]
    pub fn with_rate_limits(self, limits: RateLimits) -> Self {
        Self(Arc::new(Shared {
            limiter: Arc::new(Limiter::new(limits)),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The secrets and the queue of passwords.
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// Which role may do what.
    pub fn access(&self) -> &AccessControl {
        &self.0.access
    }

    /// The rules for organizations.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// The base address and the trusted origins.
    pub fn origins(&self) -> &Origins {
        &self.0.origins
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.0.body_limit
    }

    pub(crate) fn room(&self) -> &Room {
        &self.0.room
    }

    #[cfg(feature = "clinical")]
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    pub(crate) fn mailbox(&self) -> Option<&Mailbox> {
        self.0.mailbox.as_ref()
    }

    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.0.trusted_proxies
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn cookie_names(&self) -> Names {
        Names::new(self.0.origins.is_secure())
    }
}

/// The state of the application that a request came to.
pub(crate) fn of(request: &HttpRequest) -> Result<&State, Unsurrounded> {
    request.app_data::<State>().ok_or(Unsurrounded)
}
