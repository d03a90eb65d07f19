//! `cargo xtask demo`: the isolation of two clinics and a day in one of them, shown against the real server and the real
//! database.

mod chart;
mod desk;
mod http;
mod membership;
mod notes;
mod report;
mod sql;
mod treatment;

use std::time::Instant;

use self::report::Report;
use crate::commands::migrate;
use crate::failure::{Failure, OrFail};
use crate::interrupt::Interrupt;
use crate::local::{LocalServer, ScratchDatabase};
use crate::metadata;
use crate::secrets::{Secrets, random_text};
use crate::server::{self, Launch, Server, free_port};
use crate::workspace::Workspace;

/// Shows everything on a database and a server of its own, which are gone afterwards.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let started = Instant::now();
    let interrupt = Interrupt::watch()?;
    let program = server::build(workspace)?;
    let secrets = Secrets::of(workspace)?;
    let local = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&local)?;
    migrate::apply(database.url(), database.name(), None)?;
    local.set_passwords(&secrets)?;
    let app_url = local.app_url(database.name(), &secrets);
    let launch = Launch {
        port: free_port()?,
        database_url: app_url.clone(),
        auth_secret: &random_text().or_fail("could not make a secret", "try again")?,
        more: vec![
            ("WORKER_DATABASE_URL", local.worker_url(database.name(), &secrets)),
            ("DEV_MAILBOX", "true".to_owned()),
        ],
        log: Some(
            metadata::read(workspace.root())?
                .target_directory
                .join("demo-server.log"),
        ),
    };
    let server = Server::start(&program, launch, &interrupt)?;

    let mut report = Report::new(interrupt);
    let shown = show(&mut report, &server, &app_url);
    let verdict = shown.and_then(|()| report.verdict());
    if verdict.is_err() {
        eprint!("the end of the server's log:\n{}", server.log_tail());
        return verdict;
    }
    println!();
    println!(
        "{} facts shown in {:.1} s",
        report.shown(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn show(report: &mut Report, server: &Server, app_url: &str) -> Result<(), Failure> {
    let mut clinics = http::two_clinics(report, server.base_url())?;
    http::walls(report, &mut clinics)?;
    sql::walls(report, app_url, &clinics.ids())?;
    let linde = clinics.linde();
    let desk = desk::morning(report, linde)?;
    let session = treatment::first_of_six(report, linde, &desk)?;
    notes::from_draft_to_addendum(report, linde, &session, app_url)?;
    chart::of_emma(report, linde, &desk.patient)?;
    membership::from_invitation_to_removal(report, clinics.linde())
}
