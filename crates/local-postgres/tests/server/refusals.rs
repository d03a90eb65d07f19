use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use wardkeep_local_postgres::{Error, ensure_running, stop};

use crate::sandbox::Sandbox;

#[test]
fn data_of_another_major_version_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.data()).unwrap();
    std::fs::write(sandbox.data().join("PG_VERSION"), "14\n").unwrap();
    std::fs::write(sandbox.data().join("rows"), "precious").unwrap();

    let error = ensure_running(&sandbox.settings).unwrap_err();

    assert!(matches!(error, Error::OtherMajor { major: 14, .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("was made by PostgreSQL 14") && text.contains("PG_BIN_DIR"),
        "{text}"
    );
    assert_eq!(
        std::fs::read_to_string(sandbox.data().join("rows")).unwrap(),
        "precious"
    );
    assert_eq!(std::fs::read_dir(sandbox.data()).unwrap().count(), 2);
}

#[test]
fn a_folder_that_is_no_data_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.data()).unwrap();
    std::fs::write(sandbox.data().join("thesis.txt"), "precious").unwrap();

    let error = ensure_running(&sandbox.settings).unwrap_err();

    assert!(matches!(error, Error::NotData(_)), "{error}");
    assert_eq!(
        std::fs::read_to_string(sandbox.data().join("thesis.txt")).unwrap(),
        "precious"
    );
}

#[test]
fn a_lost_password_is_named() {
    let sandbox = Sandbox::new();
    sandbox.start();
    stop(&sandbox.settings).unwrap();
    std::fs::remove_file(sandbox.settings.state_dir.join("password")).unwrap();

    let error = ensure_running(&sandbox.settings).unwrap_err();

    assert!(matches!(error, Error::NoPassword { .. }), "{error}");
}

#[test]
fn without_binaries_the_error_says_what_to_install_and_where_it_looked() {
    let mut sandbox = Sandbox::new();
    let old = fake_binaries(&sandbox, "old", "14.9");
    let closed = fake_binaries(&sandbox, "closed", "16.1");
    std::fs::remove_file(closed.join("initdb")).unwrap();
    sandbox.settings.search.chosen = None;
    sandbox.settings.search.folders = vec![sandbox.root().join("nothing"), old.clone(), closed.clone()];
    sandbox.settings.search.npm = None;

    let error = ensure_running(&sandbox.settings).unwrap_err();

    assert!(matches!(error, Error::NoBinaries { .. }), "{error}");
    let text = error.to_string();
    for expected in [
        "no PostgreSQL 15 or newer found",
        "apt install postgresql",
        "dnf install postgresql-server",
        "brew install postgresql",
        "PG_BIN_DIR",
        "DATABASE_URL",
        &format!("{}: no postgres", sandbox.root().join("nothing").display()),
        &format!("{}: version 14", old.display()),
        &format!("{}: no initdb beside postgres", closed.display()),
        "npm was not found",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in:\n{text}");
    }
}

#[test]
fn a_shim_leads_to_the_folder_that_its_pg_config_names() {
    let mut sandbox = Sandbox::new();
    let real = fake_binaries(&sandbox, "real", "14.9");
    let shims = fake_binaries(&sandbox, "shims", "99.0");
    script(&shims.join("pg_config"), &format!("echo '{}'", real.display()));
    sandbox.settings.search.chosen = Some(shims);

    let text = ensure_running(&sandbox.settings).unwrap_err().to_string();

    assert!(
        text.ends_with(&format!("{}: version 14", real.display())),
        "{text}"
    );
}

#[test]
fn a_chosen_folder_is_used_or_refused_never_replaced() {
    let mut sandbox = Sandbox::new();
    sandbox.settings.search.chosen = Some(sandbox.root().join("chosen"));

    let error = ensure_running(&sandbox.settings).unwrap_err();

    assert!(error.to_string().ends_with("chosen: no postgres"), "{error}");
}

/// A `postgres` that prints a version and does nothing else.
fn fake_binaries(sandbox: &Sandbox, name: &str, version: &str) -> PathBuf {
    let folder = sandbox.root().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    script(
        &folder.join("postgres"),
        &format!("echo 'postgres (PostgreSQL) {version}'"),
    );
    script(&folder.join("initdb"), "exit 1");
    folder
}

fn script(file: &Path, body: &str) {
    std::fs::write(file, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}
