//! `portgate quarantine …`: which plugins are out for which partners, what is parked because of them, and ending it.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::operator::{Connection, OperatorClient, OperatorError};
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
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(connection: &Connection, as_json: bool) -> Result<(), OperatorError> {
    let found = OperatorClient::new(connection)?.get("/v1/quarantines", &[])?;
    if as_json {
        println!("{found:#}");
        return Ok(());
    }
    let rows = |list: &str, columns: &[&str]| -> Vec<Vec<String>> {
        let cell = |item: &Value, column: &str| match &item[column] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let items = found[list].as_array().into_iter().flatten();
        items.map(|item| columns.iter().map(|column| cell(item, column)).collect()).collect()
    };
    let columns = ["plugin", "version", "partner", "state", "since", "until", "relapses", "lastFailure"];
    let quarantines = rows("items", &columns);
    match quarantines.is_empty() {
        true => println!("No plugin is in quarantine."),
        false => {
            let headings = ["plugin", "version", "partner", "state", "since", "until", "relapses", "last failure"];
            print!("{}", table(&headings, quarantines));
        }
    }
    let parked = rows("parked", &["partner", "contract", "version", "state", "count", "oldest"]);
    if !parked.is_empty() {
        print!("\n{}", table(&["partner", "contract", "version", "state", "exchanges", "oldest"], parked));
    }
    Ok(())
}

fn lift(connection: &Connection, plugin: &str, partner: &str, reason: &str) -> Result<(), OperatorError> {
    let body = json!({ "plugin": plugin, "partner": partner, "reason": reason });
    let done = OperatorClient::new(connection)?.post("/v1/quarantines/lift", &body)?;
    match done["changed"].as_u64() {
        Some(0) => println!("`{plugin}` was not in quarantine for `{partner}` in this gateway."),
        _ => println!("`{plugin}` is called for `{partner}` again; what was parked is taken up."),
    }
    Ok(())
}
