//! `portgate plugin …`: everything a plugin's author and its auditor need, without another tool.
//!
//! `new` lays a plugin out, `build` makes the one file that a gateway takes, `test` runs the plugin's cases in the real
//! sandbox, `inspect` shows what a file holds and wants, `invoke` runs one message through it. `keygen` makes the keys that
//! `sign` signs with, `verify` says whether a policy folder trusts what was signed. Results go to standard
//! output, progress and errors to standard error; the exit code is 0 only when all went well.

mod agreed;
mod build;
mod cargo;
mod component;
mod file;
mod given;
mod inlet;
mod inspect;
mod invoke;
mod key;
mod new;
mod sandbox;
mod sign;
mod test;
mod toolchain;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::ended::ended;

pub(crate) use sandbox::{Sandbox, SandboxError};
pub(crate) use test::{answer, part};

/// The verbs of `portgate plugin`.
#[derive(Subcommand)]
pub(crate) enum PluginCommand {
    /// Lay out a new plugin that compiles and passes its own case
    New(new::Options),
    /// Compile plugins and write each as one file, its manifest inside
    Build(build::Options),
    /// Run a plugin's cases in the real sandbox (build it first)
    Test(test::Options),
    /// Show what a plugin file holds: its manifest, what it imports and exports, its digest, who claims to have signed it
    Inspect {
        /// The plugin file
        file: PathBuf,
    },
    /// Make a pair of keys to sign plugins with, and print the policy that trusts it
    Keygen(key::Options),
    /// Sign plugin files
    Sign(sign::Options),
    /// Say who signed a plugin file, and whether a policy folder trusts it
    Verify(verify::Options),
    /// Run one message through a plugin in the sandbox and print what it makes of it, as JSON
    Invoke(Box<invoke::Options>),
}

/// Runs the command and reports on it.
pub(crate) fn run(command: PluginCommand) -> ExitCode {
    match command {
        PluginCommand::New(options) => ended(new::run(&options)),
        PluginCommand::Build(options) => ended(build::run(&options)),
        PluginCommand::Test(options) => ended(test::run(&options)),
        PluginCommand::Inspect { file } => ended(inspect::run(&file)),
        PluginCommand::Keygen(options) => ended(key::run(&options)),
        PluginCommand::Sign(options) => ended(sign::run(&options)),
        PluginCommand::Verify(options) => ended(verify::run(&options)),
        PluginCommand::Invoke(options) => ended(invoke::run(&options)),
    }
}

/// The plugins' folders among what was named: a shell makes of `plugins/*` the files beside them as well. What is named
/// alone is meant.
fn folders(named: &[PathBuf]) -> impl Iterator<Item = &Path> {
    let folders = named.iter().filter(|path| named.len() == 1 || !path.is_file());
    folders.map(PathBuf::as_path)
}
