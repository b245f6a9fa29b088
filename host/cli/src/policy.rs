//! `portgate policy …`: what everything may do, for those who answer for it.
//!
//! `check` finds every mistake, `explain` says what one plugin may do, `diff` what a change would widen or narrow, and
//! `suggest` what a plugin does not need. Nothing of a component runs or is compiled, but for `check`, which admits every
//! plugin as the gateway does.

mod components;
mod diff;
mod explain;
mod suggest;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use portgate_core::policy::{Mistake, Policies};
use portgate_server::Folder;

use crate::check;
use crate::format::Format;

/// The verbs of `portgate policy`.
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check every policy, plugin, table and secret, as `portgate check` does
    Check {
        #[command(flatten)]
        folder: PolicyFolder,
        /// How mistakes are printed
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Say in plain sentences what a plugin may see, emit, look up and send, and how much it may use
    Explain(explain::Options),
    /// Say what a change of policies and plugins would widen or narrow; exits with 1 if anything widens, 2 on an error
    Diff(diff::Options),
    /// Name the grants that a plugin did not use and budgets that would do, by what a running gateway saw
    Suggest(suggest::Options),
}

/// Where the policies are.
#[derive(Args)]
pub(crate) struct PolicyFolder {
    /// The policy folder
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
}

/// Prints a text. Whoever closed the pipe has seen enough.
fn say(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}

/// Policies that cannot be read, with every mistake in them.
#[derive(Debug)]
struct Unreadable {
    folder: PathBuf,
    mistakes: Vec<Mistake>,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.mistakes {
            writeln!(f, "{}/{mistake}", self.folder.display())?;
        }
        write!(f, "the policies in {} have mistakes; mend them first", self.folder.display())
    }
}

impl std::error::Error for Unreadable {}

/// Reads the policies of a folder.
fn read(path: &Path) -> Result<(Folder, Policies), Unreadable> {
    let folder = Folder::new(path);
    match folder.policies() {
        Ok(policies) => Ok((folder, policies)),
        Err(mistakes) => Err(Unreadable { folder: path.to_owned(), mistakes }),
    }
}

/// Runs the command.
pub(crate) fn run(command: &PolicyCommand) -> ExitCode {
    match command {
        PolicyCommand::Check { folder, format } => check::run(&folder.policies, *format),
        PolicyCommand::Explain(options) => explain::run(options),
        PolicyCommand::Diff(options) => diff::run(options),
        PolicyCommand::Suggest(options) => suggest::run(options),
    }
}
