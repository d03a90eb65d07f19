//! What cargo says about the packages of the workspace.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Failure, OrFail};
use crate::process;

/// The part of `cargo metadata` that is read here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    /// Where everything is built.
    #[serde(default)]
    pub(crate) target_directory: PathBuf,
}

/// One package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) dependencies: Vec<Dependency>,
    #[serde(default)]
    targets: Vec<Target>,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing for an ordinary one.
    kind: Option<String>,
    #[serde(default)]
    pub(crate) features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Package {
    /// Whether it has a library, and so perhaps doctests.
    pub(crate) fn has_library(&self) -> bool {
        self.targets
            .iter()
            .any(|target| target.kind.iter().any(|kind| kind == "lib"))
    }
}

impl Dependency {
    /// Whether only the package's tests use it.
    pub(crate) fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// Asks cargo; reads manifests only, so it needs no network.
pub(crate) fn read(root: &Path) -> Result<Metadata, Failure> {
    let next = "mend the manifests until `cargo metadata --no-deps` answers";
    let json = process::output(
        process::cargo(root).args(["metadata", "--format-version", "1", "--no-deps"]),
        next,
    )?;
    serde_json::from_str(&json).or_fail("could not read the answer of cargo metadata", next)
}
