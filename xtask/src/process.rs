//! Running other programs.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::failure::{Failure, OrFail};
use crate::interrupt::Interrupt;

/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(20);

/// A `cargo` command in the workspace: the cargo that runs us, so that the toolchain is the same.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells its children where it is by the environment only"
)]
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // `cargo run` tells us which package we are. Build scripts that watch these variables (ring's) would take a nested
    // build for another one, and half of the dependencies would be built anew each time.
    for (name, _) in std::env::vars_os() {
        let own = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if own {
            command.env_remove(name);
        }
    }
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

/// Runs a program to its end, passing every line on as it comes; `read` sees each line without colour.
///
/// When somebody interrupts us the program is told, once, and waited for: it has a process group of its own, so that Ctrl-C
/// in the terminal reaches it through us only (a second signal means "at once" to many programs).
pub(crate) fn stream(
    command: &mut Command,
    interrupt: &Interrupt,
    read: impl Fn(&str) + Sync,
) -> Result<ExitStatus, Failure> {
    let name = command.get_program().display().to_string();
    if io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .or_fail(
            &format!("could not start {name}"),
            "install it, or put it on PATH",
        )?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| copy(stdout, io::stdout(), &read));
        scope.spawn(|| copy(stderr, io::stderr(), &read));
        wait(&mut child, interrupt)
    })
    .or_fail(&format!("could not wait for {name}"), "try again")
}

/// Waits for the end; an interruption is handed on once.
fn wait(child: &mut Child, interrupt: &Interrupt) -> io::Result<ExitStatus> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupt.asked() && !told {
            signal_group(child, Signal::INT)?;
            told = true;
        }
        thread::sleep(PAUSE);
    }
}

/// Sends a signal to a child that has not been waited for.
pub(crate) fn signal(child: &Child, signal: Signal) -> io::Result<()> {
    pid(child).map_or(Ok(()), |pid| kill_process(pid, signal).map_err(io::Error::from))
}

/// The same for a child that leads a process group, and everything that it has started in it.
fn signal_group(child: &Child, signal: Signal) -> io::Result<()> {
    pid(child).map_or(Ok(()), |pid| {
        kill_process_group(pid, signal).map_err(io::Error::from)
    })
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Copies line by line until the end.
fn copy(source: Option<impl Read>, mut target: impl Write, read: &(impl Fn(&str) + Sync)) {
    let Some(source) = source else { return };
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while source.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // When our own output is closed there is nobody to tell; the line is still read.
        let _ = target.write_all(&line).and_then(|()| target.flush());
        read(&without_escapes(&String::from_utf8_lossy(&line)));
        line.clear();
    }
}

/// Drops colour: an escape sequence ends with a letter.
fn without_escapes(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|character| {
            if *character == '\u{1b}' {
                inside = true;
            }
            let keep = !inside;
            if inside && character.is_ascii_alphabetic() {
                inside = false;
            }
            keep
        })
        .collect()
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

/// Runs a future to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime
        .or_fail("could not start the asynchronous runtime", "try again")?
        .block_on(future))
}

#[cfg(test)]
mod tests {
    use super::without_escapes;

    #[test]
    fn colour_is_dropped() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run";

        assert_eq!(without_escapes(line), "     Summary [   0.1s] 2 tests run");
    }
}
