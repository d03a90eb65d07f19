//! The worker that sends mails, beside the server.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wardkeep_auth::Auth;
use wardkeep_auth::mail::{Mailbox, Smtp, Transport, Worker};
use wardkeep_tenancy::{Clock, ConnectError, Database, Entropy, WorkerDatabase};

use crate::config::{Mail, Way};

/// The one of this process, not started yet.
pub(crate) enum MailWorker {
    /// There is no worker.
    None,
    /// One that only sweeps: nothing is ever put into the mailbox.
    Sweeper(WorkerDatabase, Worker<Mailbox>),
    Smtp(WorkerDatabase, Worker<Smtp>),
    Mailbox(WorkerDatabase, Worker<Mailbox>),
}

/// The one of this process, at work.
pub(crate) struct Running(Option<(WorkerDatabase, JoinHandle<()>)>);

impl MailWorker {
    /// Connects as the worker, and says where mails go. With it comes the mailbox, if that is where.
    pub(crate) async fn connect(
        mail: Option<Mail>,
        auth: &Auth,
        application: &Database,
    ) -> Result<(Self, Option<Mailbox>), ConnectError> {
        if mail.as_ref().is_none_or(|mail| matches!(mail.way, Way::Nowhere)) {
            tracing::warn!(
                "no mails are sent: who asks to reset a password or to prove an address is refused, and an account \
                 that a hundred wrong passwords lock stays so, until SMTP_URL and WORKER_DATABASE_URL are set"
            );
        }
        let Some(Mail {
            database: config,
            way,
        }) = mail
        else {
            return Ok((Self::None, None));
        };
        let database = WorkerDatabase::connect(config).await?;
        database.check_same(application)?;
        match way {
            Way::Nowhere => {
                let worker = worker(&database, auth, Mailbox::new());
                Ok((Self::Sweeper(database, worker), None))
            }
            Way::Smtp(smtp) => {
                let worker = worker(&database, auth, smtp);
                Ok((Self::Smtp(database, worker), None))
            }
            Way::Mailbox => {
                tracing::warn!(
                    "mails are shown at {}/dev/mailbox and in this log, and not sent",
                    auth.base_url()
                );
                let mailbox = Mailbox::new();
                let worker = worker(&database, auth, mailbox.clone());
                Ok((Self::Mailbox(database, worker), Some(mailbox)))
            }
        }
    }

    /// Works until `stopped`.
    pub(crate) fn start(self, stopped: oneshot::Receiver<()>) -> Running {
        match self {
            Self::None => Running(None),
            Self::Sweeper(database, worker) => {
                let work =
                    tokio::spawn(async move { worker.run_sweeps(async { drop(stopped.await) }).await });
                Running(Some((database, work)))
            }
            Self::Smtp(database, worker) => Running(Some((database, spawn(worker, stopped)))),
            Self::Mailbox(database, worker) => Running(Some((database, spawn(worker, stopped)))),
        }
    }
}

impl Running {
    /// Waits until what is being sent was sent, for `patience` at most.
    pub(crate) async fn finish(self, patience: Duration) {
        let Some((database, work)) = self.0 else {
            return;
        };
        let abort = work.abort_handle();
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::error!("the worker that sends mails had ended in a panic"),
            Err(_) => {
                abort.abort();
                tracing::warn!("a mail under way was cut off; it is sent again");
            }
        }
        if tokio::time::timeout(patience, database.close()).await.is_err() {
            tracing::warn!("connections of the worker were still busy and were cut");
        }
    }
}

fn worker<T: Transport>(database: &WorkerDatabase, auth: &Auth, transport: T) -> Worker<T> {
    Worker::new(
        database.clone(),
        auth.clone(),
        Clock::system(),
        Entropy::system(),
        transport,
    )
}

fn spawn<T: Transport + 'static>(worker: Worker<T>, stopped: oneshot::Receiver<()>) -> JoinHandle<()> {
    tokio::spawn(async move {
        worker.run(async { drop(stopped.await) }).await;
    })
}
