//! `portgate approve`: what waits for people under the two-person rule, and a person's approval of it. It shows
//! everything that would change before it asks; the gateway keeps who approved what and why.

use std::process::ExitCode;

use clap::Args;
use portgate_operator::{Approval, Approve, Approved, Changes, NoQuery, PendingChange};

use crate::ended::ended;
use crate::operator::{Connection, OperatorClient, OperatorError, confirmed, print_json};

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// The change's digest, or its beginning; may be left out where one change waits
    digest: Option<String>,
    /// Why; kept with the approval
    #[arg(long, required_unless_present = "list")]
    reason: Option<String>,
    /// Only show what waits and who has approved it
    #[arg(long, conflicts_with_all = ["reason", "yes"])]
    list: bool,
    /// Print JSON
    #[arg(long, requires = "list")]
    json: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("no change waits for anybody")]
    Nothing,
    #[error("no change that waits begins with `{0}`; `portgate approve --list` shows what waits")]
    Unknown(String),
    #[error("{0} changes are meant; name one by its digest")]
    Several(usize),
    #[error("nothing was approved: nobody said yes (--yes does it without asking)")]
    NotConfirmed,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> ExitCode {
    let done = match options.list {
        true => list(options),
        false => approve(options),
    };
    ended(done)
}

fn list(options: &Options) -> Result<(), Failure> {
    let found: Changes = OperatorClient::new(&options.connection)?.get("/v1/changes", &NoQuery {})?;
    if options.json {
        print_json(&found);
        return Ok(());
    }
    let waiting = meant(&found, options.digest.as_deref());
    waiting.iter().for_each(|change| print!("{}", shown(change)));
    if waiting.is_empty() {
        println!("No change waits.");
    }
    Ok(())
}

fn approve(options: &Options) -> Result<(), Failure> {
    let client = OperatorClient::new(&options.connection)?;
    let found: Changes = client.get("/v1/changes", &NoQuery {})?;
    let waiting = meant(&found, options.digest.as_deref());
    waiting.iter().for_each(|change| print!("{}", shown(change)));
    let change = match (waiting.as_slice(), &options.digest) {
        ([change], _) => change,
        ([], Some(digest)) => return Err(Failure::Unknown(digest.clone())),
        ([], None) => return Err(Failure::Nothing),
        (several, _) => return Err(Failure::Several(several.len())),
    };
    if !options.yes && !confirmed("approve it? [y/N] ") {
        return Err(Failure::NotConfirmed);
    }
    // The command wants a reason wherever it approves.
    let word = Approve { reason: options.reason.clone().unwrap_or_default() };
    let answer: Approved = client.post(&format!("/v1/changes/{}/approve", change.digest), &word)?;
    println!("{}", answer.message);
    Ok(())
}

/// The changes whose digest begins with this text; all where none is given.
fn meant<'c>(found: &'c Changes, digest: Option<&str>) -> Vec<&'c PendingChange> {
    found.items.iter().filter(|change| change.digest.starts_with(digest.unwrap_or_default())).collect()
}

/// A change with everything that it does, and who has approved it.
fn shown(change: &PendingChange) -> String {
    let mut shown = format!("Change {}, waiting since {}\n", change.digest, change.first_seen);
    for one in &change.changes {
        shown.push_str(&format!("  {:<8} {} ({})\n", one.effect.as_str(), one.sentence, one.file));
    }
    for Approval { operator, at, reason } in &change.approvals {
        shown.push_str(&format!("  approved by {operator} at {at}: {reason}\n"));
    }
    shown
}
