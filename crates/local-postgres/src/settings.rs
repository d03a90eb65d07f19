//! What the caller chooses: where the state lies, how safe it is, and where binaries are looked for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::account::Account;

/// The oldest major version of PostgreSQL that Wardkeep runs on.
pub const OLDEST_MAJOR: u32 = 15;

/// Where state goes when the server's user cannot reach the workspace.
const SHARED_STATE: &str = "/var/lib/wardkeep-dev";

/// How much a server cares about its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A committed row survives a crash of the machine. For development.
    Durable,
    /// A committed row survives a crash of the server, not of the machine: `fsync` is off. For tests.
    ///
    /// Autovacuum is off as well, so that plans and timings do not depend on when it last ran.
    Fast,
}

/// Where server binaries are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// One `bin` folder that is to be used and no other; an error if it holds no server that will do.
    pub chosen: Option<PathBuf>,
    /// Folders that may hold a `postgres` and an `initdb`. The newest that is at least [`OLDEST_MAJOR`] wins.
    pub folders: Vec<PathBuf>,
    /// The npm that fetches a server when the folders hold none; `None` never fetches.
    pub npm: Option<PathBuf>,
    /// Where the fetched server is kept.
    pub download_dir: PathBuf,
}

impl Search {
    /// The usual places of this machine: `PG_BIN_DIR`, `PATH`, the folders of Debian, Red Hat, Homebrew and
    /// Postgres.app, and npm from `PATH`.
    ///
    /// This is the one place of this crate that reads the environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "PG_BIN_DIR and PATH describe the machine, and are read here only; Search's fields override them"
    )]
    pub fn of_this_machine(download_dir: impl Into<PathBuf>) -> Self {
        let chosen = std::env::var_os("PG_BIN_DIR")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from);
        let path: Vec<PathBuf> = std::env::var_os("PATH")
            .map(|value| std::env::split_paths(&value).collect())
            .unwrap_or_default();
        let npm = path
            .iter()
            .map(|folder| folder.join("npm"))
            .find(|file| file.is_file());
        let mut folders = path;
        folders.extend(system_folders());
        Self {
            chosen,
            folders,
            npm,
            download_dir: download_dir.into(),
        }
    }
}

/// What [`ensure_running`](crate::ensure_running) and [`stop`](crate::stop) work on.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of one server: its data, password, port, log and lock.
    pub state_dir: PathBuf,
    /// How much the server cares about its data.
    pub durability: Durability,
    /// Where binaries are looked for.
    pub search: Search,
    /// How many connections the server takes.
    pub max_connections: u32,
    /// How long a start may take, crash recovery included.
    pub start_timeout: Duration,
}

impl Settings {
    /// The usual choices for a server whose state lies in `state_dir`.
    ///
    /// A fetched server is kept beside that folder, so that the servers of one workspace share it.
    pub fn new(state_dir: impl Into<PathBuf>, durability: Durability) -> Self {
        let state_dir = state_dir.into();
        let search = Search::of_this_machine(state_dir.parent().unwrap_or(&state_dir).join("binaries"));
        Self {
            state_dir,
            durability,
            search,
            max_connections: 300,
            start_timeout: Duration::from_secs(120),
        }
    }
}

/// The state folder of the server called `name` in a workspace: `<root>/.wardkeep/<name>`.
///
/// PostgreSQL refuses to run as root, so root runs it as another user. Where that user cannot pass through the
/// parents of the workspace (a checkout below `/root`, for instance) the folder is
/// `/var/lib/wardkeep-dev/<hash of the root>/<name>`.
pub fn workspace_state_dir(workspace_root: &Path, name: &str) -> PathBuf {
    let root = workspace_root
        .canonicalize()
        .unwrap_or_else(|_| workspace_root.to_path_buf());
    let inside = root.join(".wardkeep").join(name);
    match Account::for_server(&inside.join("data")) {
        Ok(Some(account)) if account.blocked_at(&root).is_some() => {
            Path::new(SHARED_STATE).join(stable_hash(&root)).join(name)
        }
        _ => inside,
    }
}

/// FNV-1a of 64 bits in hex. The standard hasher may change with the compiler, and the state would be lost.
fn stable_hash(path: &Path) -> String {
    let hash = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

fn system_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // Debian and Ubuntu keep /usr/lib/postgresql/<major>/bin out of PATH; Red Hat has /usr/pgsql-<major>/bin.
    folders.extend(children("/usr/lib/postgresql").map(|folder| folder.join("bin")));
    folders.extend(named(children("/usr"), "pgsql-").map(|folder| folder.join("bin")));
    for homebrew in [
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/home/linuxbrew/.linuxbrew/opt",
    ] {
        folders.extend(named(children(homebrew), "postgresql").map(|folder| folder.join("bin")));
    }
    folders.extend(children("/Applications/Postgres.app/Contents/Versions").map(|folder| folder.join("bin")));
    folders
}

fn children(folder: &str) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

fn named(folders: impl Iterator<Item = PathBuf>, prefix: &'static str) -> impl Iterator<Item = PathBuf> {
    folders.filter(move |folder| {
        folder
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_root_never_changes() {
        assert_eq!(stable_hash(Path::new("/root/wardkeep")), "49972e97412b3630");
    }

    #[test]
    fn a_reachable_workspace_keeps_its_state_inside() {
        let root = Path::new("/usr");
        assert_eq!(
            workspace_state_dir(root, "postgres"),
            Path::new("/usr/.wardkeep/postgres")
        );
    }
}
