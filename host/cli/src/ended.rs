//! How a command ends that either does what it is told or says why not.

use std::fmt::Display;
use std::process::ExitCode;

/// The program's exit code: what went wrong is told to the person, on the stream for that.
pub(crate) fn ended(done: Result<(), impl Display>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("portgate: {why}");
            ExitCode::FAILURE
        }
    }
}
