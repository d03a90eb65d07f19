//! What sends the mails that wait, and sweeps away what is over.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use sea_orm::DbErr;
use tokio::sync::watch;
use wardkeep_tenancy::{BeginError, Clock, Entropy, RequestContext, WorkerDatabase};

use super::content::Content;
use super::rows::{self, Claimed};
use super::sweep::{self, Swept};
use super::{Letter, SendError, Transport};
use crate::Auth;

/// How many mails are under way at once.
const CONCURRENT: usize = 4;
/// How long one mail may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the outbox is looked at when nobody says that a mail waits.
const POLL: Duration = Duration::from_secs(5);
/// How often what is over is swept away.
const SWEEP: Duration = Duration::from_secs(600);
/// Who has claimed a mail and says nothing for this long has died, and another may try. Longer than [`SEND_TIMEOUT`] and a
/// slow database together.
const LEASE: time::Duration = time::Duration::minutes(2);
/// The first pause after a failure. Each one doubles it.
const FIRST_PAUSE: time::Duration = time::Duration::seconds(10);
/// The longest pause.
const LONGEST_PAUSE: time::Duration = time::Duration::minutes(15);
/// When a mail is given up: RFC 5321, section 4.5.4.1, asks for four or five days.
const GIVE_UP_AFTER: time::Duration = time::Duration::days(5);

/// Sends the mails of the outbox. Several workers may share a database: each mail is claimed by one of them.
///
/// A mail is sent at least once. It is sent twice only when a worker dies, or loses the database, between sending it and
/// saying so; both have the same `Message-ID`.
pub struct Worker<T> {
    database: WorkerDatabase,
    auth: Auth,
    clock: Clock,
    entropy: Entropy,
    transport: T,
    send_timeout: Duration,
}

/// What one pass over the outbox did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Sent.
    pub sent: usize,
    /// Thrown away, as they were decoys.
    pub decoys: usize,
    /// Not sent, to be tried again.
    pub failed: usize,
    /// Not sent, never to be tried again.
    pub given_up: usize,
}

/// The worker could not use the database. Nothing is lost: it tries again.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// No connection was to be had.
    #[error("the worker has no connection to the database")]
    Begin(#[from] BeginError),
    /// The database did not do its part.
    #[error("the worker could not read or write")]
    Database(#[from] DbErr),
}

enum Step {
    /// With how many were asked for.
    Claimed(Result<Vec<Claimed>, WorkerError>, usize),
    Ended(Result<End, WorkerError>),
}

enum End {
    Sent,
    Decoy,
    Failed,
    GivenUp,
}

impl<T: Transport> Worker<T> {
    /// Puts the parts together. Nothing is done before [`run`](Self::run).
    #[must_use]
    pub fn new(database: WorkerDatabase, auth: Auth, clock: Clock, entropy: Entropy, transport: T) -> Self {
        Self {
            database,
            auth,
            clock,
            entropy,
            transport,
            send_timeout: SEND_TIMEOUT,
        }
    }

    /// The same with another time that one mail may take, instead of 30 seconds; at most a minute.
    #[must_use]
    pub fn with_send_timeout(self, send_timeout: Duration) -> Self {
        Self {
            send_timeout: send_timeout.min(Duration::from_secs(60)),
            ..self
        }
    }

    /// Works until `stop` ends; then claims nothing more, and ends once what is being sent was sent or has timed out.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let work = self.work(stopped);
        tokio::pin!(stop, work);
        tokio::select! {
            () = &mut work => {}
            () = &mut stop => {
                stopping.send_replace(true);
                work.await;
            }
        }
    }

    /// Sweeps away what is over, at once and every ten minutes, until `stop` ends; sends nothing. For a server that has no way
    /// to send mails.
    pub async fn run_sweeps(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            self.try_to_sweep().await;
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(SWEEP) => {}
            }
        }
    }

    /// Sends everything that is due, and returns when nothing is.
    ///
    /// # Errors
    ///
    /// When the database fails. What was being sent is finished first.
    pub async fn deliver_due(&self) -> Result<Delivered, WorkerError> {
        let (_never, stopped) = watch::channel(false);
        self.pass(&stopped).await
    }

    /// Deletes verifications and sessions that have expired, and mails that were sent or given up a week ago.
    ///
    /// # Errors
    ///
    /// When the database fails. What was deleted until then stays deleted.
    pub async fn sweep(&self) -> Result<Swept, WorkerError> {
        sweep::all(&self.database, &self.context()).await
    }

    async fn work(&self, mut stopped: watch::Receiver<bool>) {
        let mut next_sweep = self.clock.now();
        while !*stopped.borrow() {
            if next_sweep <= self.clock.now() {
                next_sweep = self.clock.now() + SWEEP;
                self.try_to_sweep().await;
            }
            if let Err(error) = self.pass(&stopped).await {
                warn(&error, "could not send what waits");
            }
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => {}
                () = self.woken() => {}
            }
        }
    }

    async fn try_to_sweep(&self) {
        match self.sweep().await {
            Ok(swept) => tracing::debug!(?swept, "swept away what is over"),
            Err(error) => warn(&error, "could not sweep away what is over"),
        }
    }

    /// Claims and sends side by side: whoever waits for one of the few connections must not stop who holds them.
    async fn pass(&self, stopped: &watch::Receiver<bool>) -> Result<Delivered, WorkerError> {
        let mut delivered = Delivered::default();
        let mut outcome = Ok(());
        let mut steps: FuturesUnordered<BoxFuture<'_, Step>> = FuturesUnordered::new();
        let (mut more, mut claiming, mut sending) = (true, false, 0);
        loop {
            let free = CONCURRENT.saturating_sub(sending);
            if more && !claiming && free > 0 && outcome.is_ok() && !*stopped.borrow() {
                claiming = true;
                steps.push(Box::pin(
                    async move { Step::Claimed(self.claim(free).await, free) },
                ));
            }
            let step = tokio::select! {
                step = steps.next() => step,
                // One relay that is silent holds back nobody's mail that comes meanwhile.
                () = self.woken(), if sending > 0 && !more => {
                    more = true;
                    continue;
                }
            };
            match step {
                Some(Step::Claimed(Ok(rows), asked)) => {
                    (claiming, more) = (false, rows.len() == asked);
                    sending += rows.len();
                    for row in rows {
                        steps.push(Box::pin(async move { Step::Ended(self.deliver(row).await) }));
                    }
                }
                Some(Step::Ended(ended)) => {
                    sending -= 1;
                    match ended {
                        Ok(end) => delivered.count(&end),
                        Err(error) => outcome = Err(error),
                    }
                }
                Some(Step::Claimed(Err(error), _)) => {
                    (claiming, outcome) = (false, Err(error));
                }
                None => return outcome.map(|()| delivered),
            }
        }
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, WorkerError> {
        let cx = self.context();
        let tx = self.database.begin(&cx).await?;
        let claimed = rows::claim(&tx, limit, cx.now() + LEASE).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Outside of any transaction, but for the word about its end.
    async fn deliver(&self, row: Claimed) -> Result<End, WorkerError> {
        let started = Instant::now();
        let (id, attempt) = (row.id, row.attempts);
        let end = match self.auth.secrets().content_keys().open(id, &row.content) {
            // Another server may have a newer secret: while one is replaced, not all have it yet.
            Err(unreadable) if self.is_too_old(&row) => {
                tracing::error!(%id, attempt, "a mail is given up: {unreadable}");
                End::GivenUp
            }
            Err(unreadable) => {
                tracing::error!(%id, attempt, "a mail was not sent, and is tried again: {unreadable}");
                End::Failed
            }
            Ok(Content::Decoy) => End::Decoy,
            Ok(Content::Mail(mail)) => {
                let message_id = format!("<{id}@{}>", host(self.auth.base_url()));
                let letter = Letter {
                    message_id,
                    at: row.created_at,
                    mail,
                };
                let outcome = self.send(&letter).await;
                let milliseconds = started.elapsed().as_millis();
                match outcome {
                    Ok(reply) => {
                        tracing::info!(%id, attempt, milliseconds, reply, "a mail was sent");
                        End::Sent
                    }
                    Err(error) if self.is_hopeless(&row, error) => {
                        tracing::error!(%id, attempt, milliseconds, %error, "a mail is given up");
                        End::GivenUp
                    }
                    Err(error) => {
                        tracing::warn!(%id, attempt, milliseconds, %error, "a mail was not sent, and is tried again");
                        End::Failed
                    }
                }
            }
        };
        self.note(&row, &end).await?;
        Ok(end)
    }

    async fn send(&self, letter: &Letter) -> Result<u16, SendError> {
        tokio::time::timeout(self.send_timeout, self.transport.send(letter))
            .await
            .unwrap_or(Err(SendError::TimedOut))
    }

    fn is_hopeless(&self, row: &Claimed, error: SendError) -> bool {
        error == SendError::Impossible || self.is_too_old(row)
    }

    fn is_too_old(&self, row: &Claimed) -> bool {
        self.clock.now() - row.created_at >= GIVE_UP_AFTER
    }

    async fn note(&self, row: &Claimed, end: &End) -> Result<(), WorkerError> {
        let cx = self.context();
        let tx = self.database.begin(&cx).await?;
        match end {
            End::Sent | End::Decoy => rows::sent(&tx, row).await?,
            End::Failed => rows::postpone(&tx, row, cx.now() + pause(row.attempts)).await?,
            End::GivenUp => rows::give_up(&tx, row).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    async fn woken(&self) {
        tokio::select! {
            () = self.auth.mail.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }

    fn context(&self) -> RequestContext {
        RequestContext::new("worker", self.clock.now(), self.entropy.clone())
    }
}

impl Delivered {
    fn count(&mut self, end: &End) {
        match end {
            End::Sent => self.sent += 1,
            End::Decoy => self.decoys += 1,
            End::Failed => self.failed += 1,
            End::GivenUp => self.given_up += 1,
        }
    }
}

/// How long to wait after this many attempts.
fn pause(attempts: i32) -> time::Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

/// The host of a base URL, for the right side of a `Message-ID`.
fn host(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rfind(']') {
        Some(end) => authority.get(..=end).unwrap_or(authority),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

fn warn(error: &WorkerError, what: &'static str) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_from_ten_seconds_to_a_quarter_of_an_hour() {
        let seconds: Vec<_> = (1..=9).map(|attempts| pause(attempts).whole_seconds()).collect();

        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert_eq!(pause(i32::MAX), LONGEST_PAUSE);
        assert_eq!(pause(0), FIRST_PAUSE);
    }

    #[test]
    fn the_message_id_ends_in_the_host_of_the_base_url() {
        for (url, expected) in [
            ("https://clinic.example", "clinic.example"),
            ("http://127.0.0.1:4000", "127.0.0.1"),
            ("http://[::1]:4000", "[::1]"),
            ("https://clinic.example:8443/", "clinic.example"),
        ] {
            assert_eq!(host(url), expected);
        }
    }

    #[test]
    fn a_claim_outlasts_the_slowest_mail() {
        assert!(LEASE > SEND_TIMEOUT * 2);
    }
}
