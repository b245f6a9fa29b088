//! `portgate quarantine …`: which plugins are out for which partners, what is parked because of them, and ending it.

use std::process::ExitCode;

use clap::Subcommand;
use jiff::Timestamp;
use portgate_operator::{Changed, Lift, NoQuery, ParkedCount, Quarantine, QuarantineState, Quarantines};

use crate::ended::ended;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::table::table;

/// The verbs of `portgate quarantine`.
#[derive(Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List the plugins that are in quarantine in this gateway, and what is parked in the journal
    List {
        #[command(flatten)]
        connection: Connection,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have a plugin called for a partner again, as if it had never failed
    Lift {
        #[command(flatten)]
        connection: Connection,
        /// The plugin
        plugin: String,
        /// The partner
        partner: String,
        /// Why; kept with the act
        #[arg(long)]
        reason: String,
    },
}

/// Runs the command.
pub(crate) fn run(command: &QuarantineCommand) -> ExitCode {
    let done = match command {
        QuarantineCommand::List { connection, json } => list(connection, *json),
        QuarantineCommand::Lift { connection, plugin, partner, reason } => lift(connection, plugin, partner, reason),
    };
    ended(done)
}

fn list(connection: &Connection, as_json: bool) -> Result<(), OperatorError> {
    let found: Quarantines = OperatorClient::new(connection)?.get("/v1/quarantines", &NoQuery {})?;
    if as_json {
        print_json(&found);
        return Ok(());
    }
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let row = |one: Quarantine| {
        let state = match one.state {
            QuarantineState::Closed => "closed",
            QuarantineState::Open => "open",
            QuarantineState::HalfOpen => "half-open",
        };
        let (since, until, relapses) = (time(one.since), time(one.until), one.relapses.to_string());
        vec![one.plugin, one.version, one.partner, state.to_owned(), since, until, relapses, one.last_failure]
    };
    let headings = ["plugin", "version", "partner", "state", "since", "until", "relapses", "last failure"];
    match found.items.is_empty() {
        true => println!("No plugin is in quarantine."),
        false => print!("{}", table(&headings, found.items.into_iter().map(row).collect())),
    }
    let row = |one: ParkedCount| {
        let (state, count, oldest) = (one.state.to_string(), one.count.to_string(), one.oldest.to_string());
        vec![one.partner, one.contract, one.version, state, count, oldest]
    };
    if !found.parked.is_empty() {
        let rows = found.parked.into_iter().map(row).collect();
        print!("\n{}", table(&["partner", "contract", "version", "state", "exchanges", "oldest"], rows));
    }
    Ok(())
}

fn lift(connection: &Connection, plugin: &str, partner: &str, reason: &str) -> Result<(), OperatorError> {
    let body = Lift { plugin: plugin.to_owned(), partner: partner.to_owned(), reason: reason.to_owned() };
    let Changed { changed } = OperatorClient::new(connection)?.post("/v1/quarantines/lift", &body)?;
    match changed {
        0 => println!("`{plugin}` was not in quarantine for `{partner}` in this gateway."),
        _ => println!("`{plugin}` is called for `{partner}` again; what was parked is taken up."),
    }
    Ok(())
}
