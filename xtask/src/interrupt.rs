//! Ctrl-C, without leaving a server or a database behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::{Failure, OrFail};

/// Whether somebody wants the command to end.
///
/// The first signal asks; what was started is then stopped in order. A second one ends the process at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on SIGINT, SIGTERM and SIGHUP ask instead of killing.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register_conditional_shutdown(signal, 130, Arc::clone(&asked))
                .and_then(|_| flag::register(signal, Arc::clone(&asked)))
                .or_fail("could not watch for Ctrl-C", "try again")?;
        }
        Ok(Self { asked })
    }

    /// Whether a signal has come.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// An error once a signal has come, for use between two steps.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.asked() {
            Err(Failure::new("interrupted", "run it again"))
        } else {
            Ok(())
        }
    }
}
