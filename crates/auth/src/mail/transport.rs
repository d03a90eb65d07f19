//! The way a mail takes: over SMTP, or into the mailbox of development.

use std::io;

use time::OffsetDateTime;

use super::Mail;

/// A mail on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The same at each attempt, so that a relay or a reader can tell a mail that came twice (RFC 5322, section 3.6.4);
    /// with its angle brackets.
    pub message_id: String,
    /// When it was written: queued, not sent.
    pub at: OffsetDateTime,
    /// What is in it.
    pub mail: Mail,
}

/// Sends mails. Several may be under way at once.
pub trait Transport: Send + Sync {
    /// Sends one, and returns what the log calls the success: the reply code of SMTP.
    fn send(&self, letter: &Letter) -> impl Future<Output = Result<u16, SendError>> + Send;
}

/// Why a mail was not sent. Neither this nor its text holds anything of the mail, or what the relay said: relays like to
/// repeat addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The relay refused, for now (4xx) or for good (5xx). Both are tried again: who mends a relay wants the mail.
    #[error("the relay refused with {0}")]
    Refused(u16),
    /// There was no answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection could not be made, or broke.
    #[error("no connection ({0})")]
    Connection(io::ErrorKind),
    /// No encrypted connection was agreed on.
    #[error("no encryption was agreed on")]
    Encryption,
    /// The relay does not speak SMTP as we do.
    #[error("the answer cannot be understood")]
    Answer,
    /// The mail has no form that SMTP could carry. It is not tried again.
    #[error("the mail has no form that can be sent")]
    Impossible,
}
