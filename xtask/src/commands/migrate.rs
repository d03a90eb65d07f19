//! `cargo xtask migrate`: the schema of a database.

use std::time::Instant;

use clap::ValueEnum;
use wardkeep_migration::{Progress, Step};

use crate::database_url::{AdminUrl, Target};
use crate::failure::{Failure, OrFail};
use crate::process::block_on;
use crate::workspace::Workspace;

/// What to do, and to which database.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to do.
    #[arg(value_enum, default_value = "up")]
    action: Action,
    /// How many migrations to apply (default all) or to revert (default one).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// The name of the database whose data `down` or `fresh` may destroy; needed for any but the local one.
    #[arg(long, value_name = "NAME")]
    destroy: Option<String>,
    #[command(flatten)]
    database: AdminUrl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Apply what is pending.
    Up,
    /// Revert the newest, with its data.
    Down,
    /// List the migrations and whether the database has them.
    Status,
    /// Drop everything of Wardkeep and start over.
    Fresh,
}

/// Runs one action.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    if args.steps.is_some() && !matches!(args.action, Action::Up | Action::Down) {
        return Err(Failure::new("--steps is for up and down", "leave it out"));
    }
    if args.destroy.is_some() && !matches!(args.action, Action::Down | Action::Fresh) {
        return Err(Failure::new("--destroy is for down and fresh", "leave it out"));
    }
    let target = args.database.target(workspace)?;
    match args.action {
        Action::Up => up(&target, args.steps),
        Action::Down => down(&target, args.steps.unwrap_or(1), args.destroy.as_deref()),
        Action::Status => status(&target),
        Action::Fresh => fresh(&target, args.destroy.as_deref()),
    }
}

const NEXT: &str = "see docs/database.md on setting up a database";

fn up(target: &Target, steps: Option<u32>) -> Result<(), Failure> {
    apply(&target.url, &target.place, steps)
}

/// Applies what is pending to the database at `url`, which is called `place` in the output.
pub(crate) fn apply(url: &str, place: &str, steps: Option<u32>) -> Result<(), Failure> {
    println!("==> migrate {place}");
    let started = Instant::now();
    let applied = block_on(wardkeep_migration::up(url, steps, &mut show))?
        .or_fail(&format!("could not migrate {place}"), NEXT)?;
    println!(
        "    {} applied in {:.2} s",
        migrations(applied.len()),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn down(target: &Target, steps: u32, destroy: Option<&str>) -> Result<(), Failure> {
    may_destroy(&target.name, target.local.is_some(), destroy)?;
    println!("==> revert the newest {steps} of {}", target.place);
    let reverted = block_on(wardkeep_migration::down(&target.url, Some(steps), &mut show))?
        .or_fail(&format!("could not revert migrations of {}", target.place), NEXT)?;
    println!("    {} reverted", migrations(reverted.len()));
    Ok(())
}

fn status(target: &Target) -> Result<(), Failure> {
    println!("==> migrations of {}", target.place);
    let states = block_on(wardkeep_migration::status(&target.url))?
        .or_fail(&format!("could not look at {}", target.place), NEXT)?;
    for state in &states {
        println!(
            "    {} {}",
            if state.applied { "applied" } else { "pending" },
            state.name
        );
    }
    let applied = states.iter().filter(|state| state.applied).count();
    println!("    {applied} applied, {} pending", states.len() - applied);
    Ok(())
}

fn fresh(target: &Target, destroy: Option<&str>) -> Result<(), Failure> {
    may_destroy(&target.name, target.local.is_some(), destroy)?;
    println!("==> start over in {}", target.place);
    let started = Instant::now();
    let applied = block_on(wardkeep_migration::fresh(&target.url, &mut show))?
        .or_fail(&format!("could not start over in {}", target.place), NEXT)?;
    println!(
        "    {} applied in {:.2} s",
        migrations(applied.len()),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Only the local development database is destroyed without its name being said.
fn may_destroy(name: &str, local: bool, said: Option<&str>) -> Result<(), Failure> {
    match said {
        Some(said) if said == name => Ok(()),
        Some(said) => Err(Failure::new(
            format!("--destroy {said} names another database than {name}; nothing was changed"),
            "check which database DATABASE_URL and ADMIN_DATABASE_URL name",
        )),
        None if local => Ok(()),
        None => Err(Failure::new(
            format!("this would destroy data in the database {name}; nothing was changed"),
            format!("to do that, add --destroy {name}"),
        )),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the migrations call"
)]
fn show(progress: Progress) {
    match progress.step {
        Step::Applying | Step::Reverting => {}
        Step::Applied { elapsed } => {
            println!("    applied {} in {:.3} s", progress.name, elapsed.as_secs_f64())
        }
        Step::Reverted { elapsed } => {
            println!("    reverted {} in {:.3} s", progress.name, elapsed.as_secs_f64())
        }
    }
}

fn migrations(count: usize) -> String {
    if count == 1 {
        "1 migration".into()
    } else {
        format!("{count} migrations")
    }
}

#[cfg(test)]
mod tests {
    use super::may_destroy;

    #[test]
    fn the_local_database_may_be_destroyed() {
        assert!(may_destroy("wardkeep", true, None).is_ok());
    }

    #[test]
    fn another_database_is_destroyed_only_by_its_name() {
        assert!(may_destroy("clinic", false, None).is_err());
        assert!(may_destroy("clinic", false, Some("wardkeep")).is_err());
        assert!(may_destroy("clinic", false, Some("clinic")).is_ok());
    }

    #[test]
    fn a_wrong_name_protects_the_local_database_as_well() {
        assert!(may_destroy("wardkeep", true, Some("clinic")).is_err());
    }
}
