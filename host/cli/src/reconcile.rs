//! `portgate reconcile PARTNER FILE`: a partner's list of states beside ours.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use portgate_core::reconciliation::{self, Comparison, Differs, StateDifference};
use portgate_operator::{KnownStates, Reconciled, StatesQuery};

use crate::operator::{Connection, OperatorClient, print_json};
use crate::printable::printable;
use crate::table::table;

/// Both say the same.
const SAME: u8 = 0;
/// Something is missing or differs.
const DIFFERENT: u8 = 1;
/// They could not be compared.
const UNKNOWN: u8 = 2;

/// What `portgate reconcile` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// The partner
    partner: String,
    /// Its list: CSV with a header, or JSON Lines; `reference`, and `scheme`, `state`, `version` where it has them
    file: PathBuf,
    /// A scheme of names that the list is to have, such as `mrn`; those that it has itself where none is given
    #[arg(long = "scheme")]
    schemes: Vec<String>,
    /// Since when the list goes: what was said or delivered before is not missing in it
    #[arg(long)]
    since: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Compares. The exit code is 0 where both say the same, 1 where something is missing or differs, 2 where they could not be
/// compared.
pub(crate) fn run(options: &Options) -> ExitCode {
    match reconcile(options) {
        Ok(reconciled) => {
            print(options, &reconciled);
            ExitCode::from(if reconciled.differences.is_empty() { SAME } else { DIFFERENT })
        }
        Err(why) => {
            eprintln!("portgate: {why}");
            ExitCode::from(UNKNOWN)
        }
    }
}

fn reconcile(options: &Options) -> Result<Reconciled, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", options.file.display());
    let file = std::fs::read(&options.file).map_err(|error| at(&error))?;
    let listed = reconciliation::read(&file).map_err(|error| at(&error))?;
    let schemes = match options.schemes.is_empty() {
        true => listed.iter().filter_map(|row| row.scheme.clone()).collect(),
        false => options.schemes.iter().cloned().collect(),
    };
    let client = OperatorClient::new(&options.connection).map_err(|error| error.to_string())?;
    // The gateway gives what it knows part by part, and no list is too long for that.
    let path = format!("/v1/reconciliations/{}", utf8_percent_encode(&options.partner, NON_ALPHANUMERIC));
    let mut comparison = Comparison::of(&listed, schemes);
    let mut query = StatesQuery { since: options.since, after: None };
    loop {
        let KnownStates { items, next } = client.get(&path, &query).map_err(|error| error.to_string())?;
        items.into_iter().for_each(|known| comparison.add(known));
        if next.is_none() {
            break;
        }
        query.after = next;
    }
    let (listed, known) = (listed.len() as u64, comparison.known());
    Ok(Reconciled { listed, known, differences: comparison.differences() })
}

fn print(options: &Options, reconciled: &Reconciled) {
    if options.json {
        print_json(reconciled);
        return;
    }
    let Reconciled { listed, known, differences } = reconciled;
    let said = |state: &Option<String>, version: &Option<String>| {
        let parts = [state.as_deref(), version.as_deref().filter(|version| !version.is_empty())];
        printable(&parts.into_iter().flatten().collect::<Vec<_>>().join(", version "))
    };
    let row = |one: &StateDifference| {
        let what = match one.differs {
            Differs::MissingThere => "missing there",
            Differs::MissingHere => "missing here",
            Differs::Differing => "differs",
        };
        vec![
            what.to_owned(),
            one.scheme.clone().unwrap_or_default(),
            printable(&one.reference),
            said(&one.their_state, &one.their_version),
            said(&one.our_state, &one.our_version),
            printable(one.our_document.as_deref().unwrap_or_default()),
        ]
    };
    if !differences.is_empty() {
        let headings = ["what", "scheme", "reference", "there", "here", "document"];
        print!("{}", table(&headings, differences.iter().map(row).collect()));
    }
    println!("{} differences between {listed} rows there and {known} documents here", differences.len());
}
