//! `portgate exchange …`: what partners sent, and what came of it.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

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
}

/// Which exchanges: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Filter {
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
            .map(|exchange| println!("{exchange:#}")),
        ExchangeCommand::Payload { connection, id } => OperatorClient::new(connection)
            .and_then(|client| client.bytes(&format!("/v1/exchanges/{id}/payload")))
            // Whoever closed the pipe has seen enough.
            .map(|payload| drop(std::io::stdout().write_all(&payload))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(connection: &Connection, filter: &Filter, limit: usize, as_json: bool) -> Result<(), OperatorError> {
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
        vec![text("id"), text("acceptedAt"), text("partner"), contract, plugin, findings]
    });
    print!("{}", table(&["id", "accepted", "partner", "contract", "decoded by", "findings"], rows.collect()));
    Ok(())
}
