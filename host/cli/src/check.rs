//! `portgate check`: everything that `serve` would refuse, in one run and without serving.

use std::path::Path;
use std::process::ExitCode;

use portgate_server::{Folder, check};

use crate::compile;

/// Prints every mistake with its place and hint; succeeds only if there is none.
pub(crate) fn run(policies: &Path) -> ExitCode {
    match check(&Folder::new(policies), compile::by_this_program()) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{}/{mistake}", policies.display());
            }
            let count = mistakes.len();
            eprintln!("{count} mistake{} in {}", if count == 1 { "" } else { "s" }, policies.display());
            ExitCode::FAILURE
        }
    }
}
