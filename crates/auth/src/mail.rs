//! Mails: queued in the transaction that needs them, and sent afterwards by a worker.
//!
//! A mail that is queued in a transaction exists if and only if the transaction does. What waits is encrypted under a
//! key made of the first signing secret ([`Secrets`](crate::Secrets)), and blanked once it was sent.

mod content;
mod entity;
mod mailbox;
mod rows;
mod smtp;
mod sweep;
mod transport;
mod worker;

use std::fmt;

use sea_orm::{ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _};
use wardkeep_tenancy::RequestContext;

pub use mailbox::Mailbox;
pub use smtp::{Smtp, SmtpError};
pub use sweep::Swept;
pub use transport::{Letter, SendError, Transport};
pub use worker::{Delivered, Worker, WorkerError};

pub(crate) use content::ContentKeys;

use crate::Auth;
use crate::emails::Email;

/// One mail in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// One line; what a header cannot hold is encoded (RFC 2047).
    pub subject: String,
    /// The text, its lines ending in `\n`.
    pub text: String,
}

/// Without the text and the subject, which may hold a link that signs somebody in.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// Queues a mail in this transaction: one insert. Call [`Auth::mail_waiting`] after the commit, so that it is sent at
/// once.
///
/// # Errors
///
/// When the database refuses.
pub async fn queue(
    tx: &impl ConnectionTrait,
    cx: &RequestContext,
    auth: &Auth,
    mail: &Mail,
) -> Result<(), DbErr> {
    queue_like(tx, cx, auth, Some(mail), None).await
}

/// The same, in a row of the size of another mail: the one that somebody else would have got here. How long a link is says
/// who asks for it, and to write five times as much takes longer.
///
/// `None` queues a decoy, which the worker throws away: a request for an unknown address does exactly what one for a
/// known address does, and the rows look alike. The size tells them apart only when the mail is longer than 4,000 bytes.
pub(crate) async fn queue_like(
    tx: &impl ConnectionTrait,
    cx: &RequestContext,
    auth: &Auth,
    mail: Option<&Mail>,
    like: Option<&Mail>,
) -> Result<(), DbErr> {
    let id = cx.new_id();
    let content = auth.secrets().content_keys().seal(cx.entropy(), id, mail, like)?;
    let row = entity::Model {
        id,
        content: Some(content),
        created_at: cx.now(),
        next_attempt_at: cx.now(),
        attempts: 0,
        sent_at: None,
        given_up_at: None,
    };
    // Without returning: who queues may not read.
    entity::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
