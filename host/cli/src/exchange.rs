//! `portgate exchange …`: what partners sent, what came of it, and what to do with that on which a plugin fails.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::operator::{Connection, OperatorClient, OperatorError};
use crate::table::table;

/// The verbs of `portgate exchange`.
#[derive(Subcommand)]
pub(crate) enum ExchangeCommand {
    /// List exchanges by filter
    List {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        filter: Filter,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one as JSON, with its deliveries and their attempts; its documents where the operator may see payloads
    Show {
        #[command(flatten)]
        connection: Connection,
        /// The exchange
        id: String,
    },
    /// Write one's payload to standard output, byte for byte
    Payload {
        #[command(flatten)]
        connection: Connection,
        /// The exchange
        id: String,
    },
    /// Have failed exchanges tried again, once their plugin is mended
    Retry(Act),
    /// Give failed exchanges up for good
    Discard(Act),
}

/// An act on exchanges that have failed.
#[derive(Args)]
pub(crate) struct Act {
    #[command(flatten)]
    connection: Connection,
    /// These exchanges; else those that the filter means
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Why; kept with the act
    #[arg(long)]
    reason: String,
    /// Really all that have failed, where neither exchanges nor a filter are given
    #[arg(long)]
    all: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("say which exchanges are meant: their ids, a filter such as --partner acme, or --all")]
    NoFilter,
}

/// Which exchanges: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Filter {
    /// accepted, parked, rejected, failed or discarded
    #[arg(long)]
    state: Option<String>,
    /// The partner that sent them
    #[arg(long)]
    partner: Option<String>,
    /// The contract's name
    #[arg(long)]
    contract: Option<String>,
    /// The contract's version
    #[arg(long)]
    version: Option<String>,
    /// The plugin that decoded them
    #[arg(id = "decoded-by", long)]
    plugin: Option<String>,
    /// Accepted at this time (RFC 3339) or later
    #[arg(long)]
    since: Option<String>,
    /// Accepted before this time
    #[arg(long)]
    until: Option<String>,
}

impl Filter {
    /// As the operator API wants it.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("state", &self.state),
            ("partner", &self.partner),
            ("contract", &self.contract),
            ("version", &self.version),
            ("plugin", &self.plugin),
            ("since", &self.since),
            ("until", &self.until),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

/// Runs the command.
pub(crate) fn run(command: &ExchangeCommand) -> ExitCode {
    let done = match command {
        ExchangeCommand::List { connection, filter, limit, json } => list(connection, filter, *limit, *json),
        ExchangeCommand::Show { connection, id } => OperatorClient::new(connection)
            .and_then(|client| client.get(&format!("/v1/exchanges/{id}"), &[]))
            .map(|exchange| println!("{exchange:#}"))
            .map_err(Failure::Operator),
        ExchangeCommand::Payload { connection, id } => OperatorClient::new(connection)
            .and_then(|client| client.bytes(&format!("/v1/exchanges/{id}/payload")))
            // Whoever closed the pipe has seen enough.
            .map(|payload| drop(std::io::stdout().write_all(&payload)))
            .map_err(Failure::Operator),
        ExchangeCommand::Retry(act) => carry_out(act, "retry"),
        ExchangeCommand::Discard(act) => carry_out(act, "discard"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(connection: &Connection, filter: &Filter, limit: usize, as_json: bool) -> Result<(), Failure> {
    let items = OperatorClient::new(connection)?.list("/v1/exchanges", &filter.fields(), limit.max(1))?;
    if as_json {
        println!("{:#}", Value::from(items));
        return Ok(());
    }
    let rows = items.iter().map(|item| {
        let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let plugin = &item["plugin"];
        let build = |field: &str| plugin[field].as_str().unwrap_or_default();
        let findings = item["findings"].as_array().map_or(0, Vec::len).to_string();
        let contract = format!("{}/{}", text("contract"), text("version"));
        let plugin = format!("{} {}", build("name"), build("version"));
        vec![text("id"), text("acceptedAt"), text("partner"), contract, text("state"), plugin, findings]
    });
    let headings = ["id", "accepted", "partner", "contract", "state", "decoded by", "findings"];
    print!("{}", table(&headings, rows.collect()));
    Ok(())
}

fn carry_out(act: &Act, verb: &str) -> Result<(), Failure> {
    let mut filter: BTreeMap<&str, String> = act.filter.fields().into_iter().collect();
    if !act.ids.is_empty() {
        filter.insert("id", act.ids.join(","));
    }
    if filter.is_empty() && !act.all {
        return Err(Failure::NoFilter);
    }
    let body = json!({ "filter": filter, "reason": act.reason });
    let done = OperatorClient::new(&act.connection)?.post(&format!("/v1/exchanges/{verb}"), &body)?;
    println!("{verb}: {} exchanges that had failed", done["changed"]);
    Ok(())
}
