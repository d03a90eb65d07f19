//! Making the data folder, and knowing whose it is.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::account::{command, hand_over};
use crate::error::Error;
use crate::launch::Launch;
use crate::settings::Durability;
use crate::state::write_private;

/// The major version that made the data; `None` if there is no data yet.
pub(crate) fn major(data: &Path) -> Result<Option<u32>, Error> {
    if std::fs::symlink_metadata(data).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(None);
    }
    let file = data.join("PG_VERSION");
    match std::fs::read_to_string(&file) {
        Ok(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| Error::NotData(data.to_path_buf())),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(foreign(data, error)),
        Err(_) => Err(Error::NotData(data.to_path_buf())),
    }
}

/// Makes the data folder with `initdb`. It appears under its name when it is whole; what an interrupted attempt left
/// is removed.
pub(crate) fn create(launch: &Launch<'_>) -> Result<(), Error> {
    let (state, account) = (launch.state, launch.account.as_ref());
    let unfinished = state.unfinished_data();
    remove(&unfinished)?;
    std::fs::create_dir(&unfinished).map_err(Error::io("create", &unfinished))?;
    std::fs::set_permissions(&unfinished, Permissions::from_mode(0o700))
        .map_err(Error::io("set the mode of", &unfinished))?;
    hand_over(&unfinished, account)?;

    // initdb reads the password as the server's user, who may not read ours.
    let password_file = state.folder().join("initdb-password");
    write_private(&password_file, &state.password_or_new()?)?;
    hand_over(&password_file, account)?;
    let result = initdb(launch, &unfinished, &password_file);
    std::fs::remove_file(&password_file).map_err(Error::io("remove", &password_file))?;
    result?;

    let data = state.data();
    std::fs::rename(&unfinished, &data).map_err(Error::io("rename to", &data))?;
    std::fs::File::open(state.folder())
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io("flush", state.folder()))
}

fn initdb(launch: &Launch<'_>, data: &Path, password_file: &Path) -> Result<(), Error> {
    let program = launch.binaries.initdb();
    let mut initdb = command(&program, launch.account.as_ref());
    initdb
        .arg("--pgdata")
        .arg(data)
        .arg("--pwfile")
        .arg(password_file);
    initdb.args([
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-instructions",
    ]);
    initdb.args(locale(launch.binaries.major));
    if launch.settings.durability == Durability::Fast {
        initdb.arg("--no-sync");
    }
    // If we are killed, nobody else may begin before it has ended: it would write into their folder.
    let lock = launch
        .lock
        .shared_with_child()
        .map_err(Error::io("share the lock of", data))?;
    let output = initdb.stdin(lock).output().map_err(Error::io("run", &program))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Error::Initdb {
        output: String::from_utf8_lossy(&text).trim().to_owned(),
    })
}

/// C.UTF-8: bytes order text, and all of Unicode has upper and lower case. PostgreSQL brings it along from 17 on;
/// before, it is the system's, and macOS calls the half that matters `UTF-8`.
fn locale(major: u32) -> &'static [&'static str] {
    if major >= 17 {
        &[
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
    } else if cfg!(target_os = "macos") {
        &["--locale=C", "--lc-ctype=UTF-8"]
    } else {
        &["--locale=C.UTF-8"]
    }
}

fn remove(folder: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

fn foreign(data: &Path, error: std::io::Error) -> Error {
    match std::fs::metadata(data) {
        Ok(metadata) => Error::ForeignData {
            data: data.to_path_buf(),
            owner: metadata.uid(),
        },
        Err(_) => Error::io("read", data)(error),
    }
}
