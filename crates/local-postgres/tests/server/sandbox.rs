//! A state folder that is thrown away, and its server stopped, when the test ends.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};
use wardkeep_local_postgres::{Durability, Running, Settings, ensure_running, stop};

static NUMBER: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Sandbox {
    root: PathBuf,
    pub(crate) settings: Settings,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self::with(Durability::Fast)
    }

    pub(crate) fn with(durability: Durability) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root =
            std::env::temp_dir().join(format!("wardkeep-local-postgres-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o755)).unwrap();
        let root = root.canonicalize().unwrap();
        let settings = Settings::new(root.join("state"), durability);
        Self { root, settings }
    }

    pub(crate) fn start(&self) -> Running {
        ensure_running(&self.settings).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.settings.state_dir.join("data")
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// The process of the server.
    pub(crate) fn pid(&self) -> i32 {
        let text = std::fs::read_to_string(self.pid_file()).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }

    /// A process that has nothing to do with PostgreSQL, of the user who runs the server.
    pub(crate) fn stranger(&self) -> Child {
        let owner = std::fs::metadata(self.data()).unwrap();
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        if is_root() {
            sleep.uid(owner.uid()).gid(owner.gid());
        }
        sleep.spawn().unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _best_effort = stop(&self.settings);
        let _best_effort = std::fs::remove_dir_all(&self.root);
    }
}

pub(crate) async fn connect(server: &Running) -> PgConnection {
    PgConnection::connect(&server.url("postgres")).await.unwrap()
}

pub(crate) fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
