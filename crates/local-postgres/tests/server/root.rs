//! PostgreSQL refuses to run as root. These tests say something only where root runs them.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use wardkeep_local_postgres::{Durability, Error, Settings, ensure_running, stop, workspace_state_dir};

use crate::sandbox::{Sandbox, is_root};

#[test]
fn root_runs_the_server_as_another_user_who_is_the_owner_of_the_data() {
    if skipped() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.start();
    let password = std::fs::metadata(sandbox.settings.state_dir.join("password")).unwrap();
    assert_ne!(std::fs::metadata(sandbox.data()).unwrap().uid(), 0);
    assert_eq!(password.uid(), 0);
    stop(&sandbox.settings).unwrap();

    // A number that no user has.
    give(&sandbox.data(), 54_321);
    assert!(sandbox.start().started_now);

    assert_eq!(std::fs::metadata(sandbox.pid_file()).unwrap().uid(), 54_321);
}

#[test]
fn a_closed_parent_is_named_and_its_workspace_keeps_its_state_elsewhere() {
    if skipped() {
        return;
    }
    let mut sandbox = Sandbox::new();
    let workspace = sandbox.root().join("closed");
    std::fs::create_dir(&workspace).unwrap();
    std::fs::set_permissions(&workspace, std::fs::Permissions::from_mode(0o700)).unwrap();
    sandbox.settings.state_dir = workspace.join(".wardkeep/postgres");
    let error = ensure_running(&sandbox.settings).unwrap_err();
    assert!(
        matches!(&error, Error::NotPassable { folder, .. } if *folder == workspace),
        "{error}"
    );

    let state = workspace_state_dir(&workspace, "postgres");
    assert!(state.starts_with("/var/lib/wardkeep-dev"), "{}", state.display());
    let elsewhere = Elsewhere(Settings::new(state, Durability::Fast));
    assert!(ensure_running(&elsewhere.0).unwrap().started_now);
}

/// Whoever is not root has nothing to lose here: PostgreSQL runs as themselves.
fn skipped() -> bool {
    if !is_root() {
        eprintln!("skipped: not root");
    }
    !is_root()
}

struct Elsewhere(Settings);

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _best_effort = stop(&self.0);
        let _best_effort = self.0.state_dir.parent().map(std::fs::remove_dir_all);
    }
}

fn give(folder: &PathBuf, owner: u32) {
    std::os::unix::fs::lchown(folder, Some(owner), Some(owner)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            give(&entry.path(), owner);
        } else {
            std::os::unix::fs::lchown(entry.path(), Some(owner), Some(owner)).unwrap();
        }
    }
}
