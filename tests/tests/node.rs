//! Programs of the tests that run in Node.js, in a folder of their own with their packages.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

/// Whether all programs needed are there. Where one is not, the test is left out, but never on a build machine.
pub(crate) fn has(needed: &[&str]) -> bool {
    for program in needed {
        let there = Command::new(program).arg("--version").output();
        if !there.is_ok_and(|output| output.status.success()) {
            assert!(
                !is_ci(),
                "{program} is missing, and this test must not be left out here"
            );
            eprintln!("left out: {program} is not there");
            return false;
        }
    }
    true
}

/// Copies `sources` of the folder `name` of this crate, and installs what the lock file names, the first time and after a
/// change; then `build` runs there. Returns where.
pub(crate) fn installed(
    name: &str,
    sources: &[&str],
    deadline: Instant,
    build: impl FnOnce(&Path),
) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let texts = sources
        .iter()
        .map(|name| fs::read_to_string(source.join(name)).unwrap());
    let texts: Vec<_> = texts.collect();
    let (wanted, stamp) = (texts.concat(), folder.join("node_modules/.made-from"));
    // What is up to date is left alone: another test may be reading it.
    if fs::read_to_string(&stamp).unwrap_or_default() != wanted {
        for (name, text) in sources.iter().zip(&texts) {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args([
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
        ]);
        npm.current_dir(&folder);
        run(npm, deadline);
        build(&folder);
        fs::write(stamp, wanted).unwrap();
    }
    folder
}

/// Runs a program to its end and returns what it printed; its complaints go where ours go.
pub(crate) fn run(mut command: Command, deadline: Instant) -> String {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdout = child.stdout.take().unwrap();
    let (sender, printed) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stdout.read_to_string(&mut text);
        let _ = sender.send(text);
    });
    let printed = printed.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    if printed.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let printed = printed.unwrap_or_else(|_| panic!("{command:?} was not done in time"));
    assert!(status.success(), "{command:?}: {status}: {printed}");
    printed
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the environment tells a build machine"
)]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
