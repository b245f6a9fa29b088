//! `portgate filing …`: what is declared of shipments, where it stands, and releasing or cancelling it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use portgate_core::filing::{Difference, FilingState};
use portgate_core::judgement::ShipmentFinding;
use portgate_operator::{
    ActOnFiling, Changed, Filing, FilingQuery, FilingStep, FilingTold, FilingWord, Items, NoQuery,
};
use serde_json::Value;

use crate::ended::ended;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::printable::printable;
use crate::table::table;

/// The verbs of `portgate filing`.
#[derive(Subcommand)]
pub(crate) enum FilingCommand {
    /// List filings, the latest changed first
    List {
        #[command(flatten)]
        connection: Connection,
        /// Only those that stand here, such as `rejected`
        #[arg(long)]
        state: Option<FilingState>,
        /// Only those that policy calls so
        #[arg(long)]
        name: Option<String>,
        /// Only those that nothing goes on with before a person has looked
        #[arg(long)]
        waiting: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one filing: what was sent and what changed by it, what stands against it, what customs says
    Show {
        #[command(flatten)]
        connection: Connection,
        /// The local reference number
        lrn: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let what a filing says now go to customs, whatever findings stand against it
    Release(Act),
    /// Have a filing withdrawn, or cancelled at customs once it is accepted
    Cancel(Act),
}

/// What is done, and why.
#[derive(Args)]
pub(crate) struct Act {
    #[command(flatten)]
    connection: Connection,
    /// The local reference number
    lrn: String,
    /// The digest that `show` told: nothing is done where the filing has changed since
    #[arg(long)]
    digest: String,
    /// Why; kept with the act
    #[arg(long)]
    reason: String,
}

/// Runs the command.
pub(crate) fn run(command: &FilingCommand) -> ExitCode {
    let done = match command {
        FilingCommand::List { connection, state, name, waiting, json } => {
            let query = FilingQuery { state: *state, name: name.clone(), waiting: waiting.then_some(true) };
            list(connection, &query, *json)
        }
        FilingCommand::Show { connection, lrn, json } => show(connection, lrn, *json),
        FilingCommand::Release(act) => order(act, "release", "is released as it is"),
        FilingCommand::Cancel(act) => order(act, "cancel", "is to be cancelled"),
    };
    ended(done)
}

fn list(connection: &Connection, query: &FilingQuery, as_json: bool) -> Result<(), OperatorError> {
    let found: Items<Filing> = OperatorClient::new(connection)?.get("/v1/filings", query)?;
    if as_json {
        print_json(&found.items);
        return Ok(());
    }
    let row = |filing: &Filing| {
        let who = if filing.wants_person { "a person" } else { "" };
        vec![
            filing.lrn.clone(),
            filing.name.clone(),
            filing.state.to_string(),
            filing.mrn.as_deref().map(printable).unwrap_or_default(),
            filing.changed_at.to_string(),
            (filing.findings.len() + filing.faults.len()).to_string(),
            who.to_owned(),
        ]
    };
    let headings = ["lrn", "filing", "state", "mrn", "changed", "findings", "waits for"];
    print!("{}", table(&headings, found.items.iter().map(row).collect()));
    Ok(())
}

fn show(connection: &Connection, lrn: &str, as_json: bool) -> Result<(), OperatorError> {
    let filing: Filing = OperatorClient::new(connection)?.get(&format!("/v1/filings/{lrn}"), &NoQuery {})?;
    if as_json {
        print_json(&filing);
        return Ok(());
    }
    print_filing(&filing);
    Ok(())
}

/// A filing for people.
pub(crate) fn print_filing(filing: &Filing) {
    let mrn = filing.mrn.as_deref().map(|mrn| format!(", MRN {}", printable(mrn))).unwrap_or_default();
    println!("filing {} ({}): {}{mrn}", filing.lrn, filing.name, filing.state);
    println!("of shipment {}, digest {}", filing.shipment, filing.digest);
    for FilingStep { kind, lrn, version, at, delivery, standing, replaced, differences, .. } in &filing.steps {
        let standing = standing.map(|standing| standing.to_string()).unwrap_or_else(|| "not kept any more".to_owned());
        let fate = if *replaced { "never sent: replaced or withdrawn".to_owned() } else { standing };
        println!("\n{at} {kind} {lrn} version {version}: {fate} (delivery {delivery})");
        differences.iter().for_each(print_difference);
    }
    for FilingTold { to, at_customs, lrn, at, delivery, .. } in &filing.told {
        println!("\n{at} told {to} that {lrn} is {at_customs} (delivery {delivery})");
    }
    if !filing.pending.is_empty() {
        println!("\nchanged since, and customs has not been told:");
        filing.pending.iter().for_each(print_difference);
    }
    for fault in &filing.faults {
        println!("\ncustoms {}: {}", printable(&fault.code), printable(&fault.to_string()));
    }
    for ShipmentFinding { rule, severity, detail, remedy, .. } in &filing.findings {
        println!("\n{severity} {rule}: {}", printable(detail));
        if !remedy.is_empty() {
            println!("  {}", printable(remedy));
        }
    }
    let words = [("released", &filing.released), ("to be cancelled", &filing.cancelled)];
    for (what, word) in words {
        if let Some(FilingWord { operator, reason, at }) = word {
            println!("\n{what} by {operator} at {at}: {}", printable(reason));
        }
    }
}

fn print_difference(difference: &Difference) {
    let Difference { field, before, after } = difference;
    let value =
        |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |value| printable(&value.to_string()));
    match (before, after) {
        (None, None) => println!("  {}", printable(field)),
        _ => println!("  {}: {} -> {}", printable(field), value(before), value(after)),
    }
}

fn order(act: &Act, verb: &str, done: &str) -> Result<(), OperatorError> {
    let Act { connection, lrn, digest, reason } = act;
    let body = ActOnFiling { lrn: lrn.clone(), digest: digest.clone(), reason: reason.clone() };
    let Changed { .. } = OperatorClient::new(connection)?.post(&format!("/v1/filings/{verb}"), &body)?;
    println!("{lrn} {done}.");
    Ok(())
}
