//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! Each rule is a function from text to findings, so that each has a test which seeds a violation.

mod differences;
mod documents;
mod graph;
mod manifests;
mod marks;

mod migrations;
mod names;
mod size;
mod source;
mod tree;

use std::fmt;

use clap::CommandFactory;

use crate::Cli;
use crate::failure::Failure;
use crate::metadata;
use crate::workspace::Workspace;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    message: String,
}

impl Finding {
    /// `place` is a path from the root, with `:line` where there is one.
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.message)
    }
}

/// Checks the whole workspace; fails when anything is found.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let metadata = metadata::read(workspace.root())?;
    let files = tree::read(workspace.root())?;
    let mut findings = graph::check(&metadata);
    findings.extend(manifests::check(&files));
    findings.extend(size::check(&files));
    findings.extend(names::check(&files));
    findings.extend(marks::check(&files));
    findings.extend(migrations::check(&files));
    findings.extend(differences::check(&files));
    findings.extend(documents::check(&files, &Cli::command()));
    for finding in &findings {
        println!("{finding}");
    }
    println!(
        "tidy: {} packages and {} files, {} findings",
        metadata.packages.len(),
        files.len(),
        findings.len()
    );
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        "the house rules are broken in the places above",
        "mend each; every line says what is asked",
    ))
}
