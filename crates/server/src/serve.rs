//! From a configuration to a server that answers, and back.

use std::future::{Future, ready};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, guard, web};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use url::Url;
use wardkeep_auth::providers::Providers;
use wardkeep_auth::providers::client::Provider;
use wardkeep_auth::{Auth, AuthConfig};
use wardkeep_tenancy::{ConnectError, Database};
use wardkeep_web::State;

use crate::Config;
use crate::config::Mail;
use crate::mail::MailWorker;
use crate::start_page::StartPage;

/// Connections that are still busy after the requests have ended get this long.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server did not start, or did not go on. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database cannot be reached, or must not be served.
    #[error("the database is refused")]
    Database(#[from] ConnectError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; stop what listens there, or set LISTEN to another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something that every process may do.
    #[error("the system refused")]
    System(#[from] io::Error),
}

/// Serves until SIGTERM or SIGINT; then accepts no more, finishes the requests and the mails it has, and closes the
/// database.
///
/// Requests and mails that take longer than [`Config::shutdown_timeout`] are cut off. A second signal ends the process at
/// once. Must run inside an actix system.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let (stop, stopped) = stop_asked()?;
    let database = Database::connect(config.database).await?;
    let auth = Auth::new(AuthConfig {
        mails_are_sent: config.mail.as_ref().is_some_and(Mail::is_sent),
        policy: config.policy,
        providers: config.providers,
        ..AuthConfig::new(config.secrets, config.origins.base().as_str())
    });
    let base_url = config.origins.base().clone();
    announce(auth.providers(), &base_url);
    let (mails, mailbox) = MailWorker::connect(config.mail, &auth, &database).await?;
    let start_page = StartPage::new(mailbox.as_ref().map(|_| &base_url));
    let mut state = State::new(
        database.clone(),
        auth,
        wardkeep_web::access_control(),
        config.origins,
    )
    .with_trusted_proxies(config.trusted_proxies)
    .with_rate_limits(config.rate_limits)
    .with_document_limit(config.document_limit)
    .with_rules(config.rules);
    if let Some(mailbox) = mailbox {
        state = state.with_mailbox(mailbox);
    }
    let mut server = HttpServer::new(move || {
        let start_page = start_page.clone();
        App::new()
            .wrap(from_fn(wardkeep_web::surround))
            .service(
                web::resource("/")
                    .guard(guard::Get())
                    .to(move || ready(start_page.answer())),
            )
            .configure(wardkeep_web::configure(state.clone()))
    })
    .shutdown_signal(stop)
    .shutdown_timeout(whole_seconds(config.shutdown_timeout));
    if let Some(workers) = config.workers {
        server = server.workers(workers);
    }
    let address = config.listen;
    let server = server
        .bind(address)
        .map_err(|source| ServeError::Listen { address, source })?;
    for address in server.addrs() {
        tracing::info!(%address, %base_url, profile = ?config.profile, "listening");
    }
    let mails = mails.start(stopped);
    server.run().await?;
    mails.finish(config.shutdown_timeout).await;
    close(&database).await;
    tracing::info!("stopped");
    Ok(())
}

async fn close(database: &Database) {
    let closed = tokio::time::timeout(CLOSE_TIMEOUT, database.close()).await;
    if closed.is_err() {
        tracing::warn!("connections to the database were still busy and were cut");
    }
}

/// Says what to enter at each provider, and what cannot work there.
fn announce(providers: &Providers, base: &Url) {
    let origin = base.origin().ascii_serialization();
    for provider in providers.iter().map(Provider::id) {
        let redirect_address = format!("{origin}/api/auth/callback/{provider}");
        tracing::info!(
            provider,
            redirect_address,
            "signs in; the provider must know this redirect address"
        );
        if provider == "apple" && base.scheme() != "https" {
            tracing::warn!(
                provider,
                redirect_address,
                "Apple takes only redirect addresses with https and a name: with this BASE_URL nobody can sign in through it"
            );
        }
    }
}

/// Rounded up: actix counts in seconds.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Ends when somebody asks the process to stop. Whoever asks twice is not kept waiting.
///
/// The second value says the same to whoever else works, and also that the first is gone.
fn stop_asked() -> io::Result<(impl Future<Output = ()> + Send, oneshot::Receiver<()>)> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stopping, stopped) = oneshot::channel();
    let asked = async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: no new connections, requests and mails under way are finished");
        drop(stopping);
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("asked to stop twice: requests under way are cut off");
            std::process::exit(130);
        });
    };
    Ok((asked, stopped))
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
