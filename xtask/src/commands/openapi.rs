//! `cargo xtask openapi`: the document that describes every endpoint.

use std::io::{self, Write};

use crate::failure::{Failure, OrFail};

/// Prints the document, and nothing else, so that it can be redirected to a file.
pub(crate) fn run() -> Result<(), Failure> {
    let next = "mend the descriptions in crates/web";
    let document = wardkeep_web::openapi()
        .to_pretty_json()
        .or_fail("could not write the document", next)?;
    match writeln!(io::stdout(), "{document}") {
        // Somebody who reads only the beginning has what they want.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.or_fail("could not write the document", "look at where the output goes"),
    }
}
