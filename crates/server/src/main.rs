//! The `wardkeep` program. Its exit status: 0 after an orderly stop, 2 for a configuration that makes no sense, 3 for a
//! database that it must not serve, 1 for anything else.

use std::error::Error;
use std::process::ExitCode;

use wardkeep_server::{Config, ServeError, serve, telemetry};

const CONFIGURATION: u8 = 2;
const DATABASE: u8 = 3;

fn main() -> ExitCode {
    let config = match Config::from_process() {
        Ok(config) => config,
        Err(error) => return refuse(&error, CONFIGURATION),
    };
    if let Err(error) = telemetry::start(&config.log, config.log_format) {
        return refuse(&error, 1);
    }
    match actix_web::rt::System::new().block_on(serve(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ ServeError::Database(_)) => refuse(&error, DATABASE),
        Err(error) => refuse(&error, 1),
    }
}

/// Says why on standard error, whatever is logged.
fn refuse(error: &dyn Error, status: u8) -> ExitCode {
    let mut said = error.to_string();
    eprintln!("wardkeep: {said}");
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Many errors print their cause themselves.
        if !said.contains(&text) {
            eprintln!("  because: {text}");
        }
        said = text;
        source = cause.source();
    }
    ExitCode::from(status)
}
