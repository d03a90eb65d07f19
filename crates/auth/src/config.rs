use std::sync::Arc;

use tokio::sync::Notify;
use wardkeep_providers::Providers;

use crate::passwords::{Hasher, HashingLimits};
use crate::providers::Refreshes;
use crate::secrets::Secrets;

/// What the edge of the program decides about sign-in.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// What signs the cookies and the links in mails.
    pub secrets: Secrets,
    /// How browsers reach the server, such as `https://clinic.example`: where the links in mails lead. It is never taken
    /// from a request, whose `Host` anybody can choose (CVE-2025-71401).
    pub base_url: String,
    /// How many passwords are hashed at once.
    pub hashing: HashingLimits,
    /// Whether anybody sends the mails that are queued. If not, none is: asking for one is refused as Better Auth does
    /// without a mailer, instead of being answered as if something came.
    pub mails_are_sent: bool,
    /// Through whom people can sign in beside their password.
    pub providers: Providers,
    /// Which rules apply.
    pub policy: Policy,
}

impl AuthConfig {
    /// The usual settings with these secrets, at this address; a [`Worker`](crate::mail::Worker) sends the mails.
    pub fn new(secrets: Secrets, base_url: impl Into<String>) -> Self {
        Self {
            secrets,
            base_url: base_url.into(),
            hashing: HashingLimits::default(),
            mails_are_sent: true,
            providers: Providers::default(),
            policy: Policy::default(),
        }
    }
}

/// The rules about which Better Auth leaves the choice, or has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether passwords of the bundled list of the commonest breached ones are refused (NIST SP 800-63B, section
    /// 3.1.1.2).
    pub refuse_common_passwords: bool,
    /// Whether the wrong passwords for one account are counted: ever longer pauses, and after 100 in a row only a reset by
    /// mail opens the account (NIST SP 800-63B, section 3.2.2).
    pub limit_guesses: bool,
    /// Whether a password reset by mail, which proves the mailbox, ends all earlier sessions, voids earlier links and
    /// drops what was linked to the account before its address was proven. The same for the first sign-in through a provider
    /// that has proven an address which the user here has not; without this rule it is refused, as in Better Auth.
    pub reset_ends_all: bool,
    /// Whether a new user must prove the address before the first sign-in. Signing up then answers alike for a known and
    /// an unknown address.
    pub require_verified_email: bool,
    /// Whether an account is deleted only after a click on a link in a mail.
    pub confirm_deletion: bool,
}

impl Default for Policy {
    /// What a clinic should have; signing up signs in at once, as in Better Auth.
    fn default() -> Self {
        Self {
            refuse_common_passwords: true,
            limit_guesses: true,
            reset_ends_all: true,
            require_verified_email: false,
            confirm_deletion: false,
        }
    }
}

impl Policy {
    /// The rules under which the conformance recordings of Better Auth were made.
    pub fn compatibility() -> Self {
        Self {
            refuse_common_passwords: false,
            limit_guesses: false,
            reset_ends_all: false,
            require_verified_email: false,
            confirm_deletion: false,
        }
    }
}

/// The settings, the queue of passwords to hash and the tokens that are being refreshed, which all requests of a process
/// share. Cheap to clone; clones share the queue, so make one.
#[derive(Clone)]
pub struct Auth {
    secrets: Arc<Secrets>,
    base_url: Arc<str>,
    pub(crate) hasher: Hasher,
    providers: Providers,
    pub(crate) refreshes: Arc<Refreshes>,
    pub(crate) policy: Policy,
    pub(crate) mail: Arc<Notify>,
    pub(crate) mails_are_sent: bool,
}

impl Auth {
    /// Takes the settings.
    pub fn new(config: AuthConfig) -> Self {
        Self {
            secrets: Arc::new(config.secrets),
            base_url: config.base_url.trim_end_matches('/').into(),
            hasher: Hasher::new(config.hashing),
            providers: config.providers,
            refreshes: Arc::default(),
            policy: config.policy,
            mail: Arc::default(),
            mails_are_sent: config.mails_are_sent,
        }
    }

    /// Wakes the worker of this process, if there is one: a mail was queued and committed. Without this call it finds the
    /// mail at its next round, some seconds later.
    pub fn mail_waiting(&self) {
        self.mail.notify_one();
    }

    /// Whether anybody sends the mails that are queued ([`AuthConfig::mails_are_sent`]).
    pub fn mails_are_sent(&self) -> bool {
        self.mails_are_sent
    }

    /// Through whom people can sign in.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// What signs the cookies.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// How browsers reach the server, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}
