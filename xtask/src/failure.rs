//! Why a command failed, and what to do next.

use std::error::Error;
use std::fmt::Write as _;

/// The end of a command that did not work: what happened, and what the reader can do about it.
///
/// Nothing acts on the kind of a failure here (a person reads it), so one type serves every command.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    next: String,
}

impl Failure {
    /// A failure to print as `error: what` and `next: next`.
    pub(crate) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            next: next.into(),
        }
    }

    /// A failure that the command has printed itself.
    pub(crate) fn told() -> Self {
        Self::new("", "")
    }

    /// Prints both lines to standard error.
    pub(crate) fn tell(&self) {
        if !self.what.is_empty() {
            eprintln!("error: {}", self.what);
        }
        if !self.next.is_empty() {
            eprintln!(" next: {}", self.next);
        }
    }
}

/// Turns an error of a library into a [`Failure`] with its whole chain of causes.
pub(crate) trait OrFail<T> {
    /// `what` says what was tried; `next` what the reader can do now.
    fn or_fail(self, what: &str, next: &str) -> Result<T, Failure>;
}

impl<T, E: Error> OrFail<T> for Result<T, E> {
    fn or_fail(self, what: &str, next: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(format!("{what}: {}", chain(&error)), next))
    }
}

/// The error and its causes, leaving out a cause that its parent has printed already.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            let _ = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::OrFail;

    #[test]
    fn a_failure_keeps_the_cause() {
        let failure = std::fs::read("/nowhere/at/all")
            .or_fail("could not read the file", "make it")
            .unwrap_err();

        assert!(
            failure.what.starts_with("could not read the file: No such file"),
            "{}",
            failure.what
        );
    }
}
