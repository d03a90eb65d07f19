//! Where things are in this checkout.

use std::path::{Path, PathBuf};

/// The root of the checkout that this program was built from.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The checkout that holds this crate.
    pub(crate) fn here() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self {
            root: manifest.parent().unwrap_or(manifest).to_owned(),
        }
    }

    /// The folder with the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path next to the checkout.
    pub(crate) fn beside(&self, path: &str) -> PathBuf {
        self.root.parent().unwrap_or(&self.root).join(path)
    }
}
