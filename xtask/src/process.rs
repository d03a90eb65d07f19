//! Running other programs.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::failure::{Failure, OrFail};

/// A `cargo` command in the workspace: the cargo that runs us, so that the toolchain is the same.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells its children where it is by the environment only"
)]
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a step to its end, its output going where ours goes, and says how long it took.
pub(crate) fn step(name: &str, command: &mut Command, next: &str) -> Result<(), Failure> {
    println!("==> {name}");
    let started = Instant::now();
    let status = command.status().or_fail(
        &format!("could not start {}", command.get_program().display()),
        "install it, or put it on PATH",
    )?;
    if !status.success() {
        return Err(Failure::new(format!("{name} failed ({status})"), next));
    }
    println!("    {name}: ok in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output(command: &mut Command, next: &str) -> Result<String, Failure> {
    let name = command.get_program().display().to_string();
    let output = command.output().or_fail(
        &format!("could not start {name}"),
        "install it, or put it on PATH",
    )?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Failure::new(
            format!("{name} failed ({}): {said}", output.status),
            next,
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started and answers `--version` style questions with success.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
