//! `portgate compile-component`: a gateway starts this program with this command to have a component compiled. Nobody
//! else should call it. The component comes on standard input, native code goes to standard output.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use portgate_server::Compiling;

/// What compiling may take.
#[derive(Args)]
pub(crate) struct Options {
    /// Bytes of memory, those of the program included
    memory_bytes_max: u64,
    /// Seconds on a processor
    cpu_seconds_max: u64,
}

/// How `serve` and `check` have components compiled: by this very program, even if its file has been replaced meanwhile.
pub(crate) fn by_this_program() -> Compiling {
    Compiling::By(PathBuf::from("/proc/self/exe"))
}

/// Compiles one component.
pub(crate) fn run(options: &Options) -> ExitCode {
    match portgate_runtime::compile_confined(options.memory_bytes_max, options.cpu_seconds_max) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
