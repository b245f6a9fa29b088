//! `portgate exchange …`: what partners sent, what came of it, and what to do with the messages on which a plugin
//! fails.

mod rerun;

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use portgate_core::state::ExchangeState;
use portgate_operator::{ActOnExchanges, Changed, ExchangeFilter, ExchangeRecord, ListedExchange, NoQuery};

use crate::ended::ended;
use crate::operator::{Connection, List, OperatorClient, OperatorError, print_json, words};
use crate::table::table;

/// The verbs of `portgate exchange`.
#[derive(Subcommand)]
pub(crate) enum ExchangeCommand {
    /// List exchanges by filter, the newest first
    List {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        filter: Filter,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Go on after this exchange, with those that came before it
        #[arg(long)]
        after: Option<String>,
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
    /// Map messages again: refused and rejected ones are checked and decoded by what there is now; of an accepted one, which
    /// must be named, what differs is shown first
    Rerun {
        #[command(flatten)]
        act: Act,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Exchanges that the gateway touches in one act.
const AT_ONCE: u64 = 1_000;

/// An act on exchanges that have failed or were refused.
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
    /// Really all that have failed or were refused, where neither exchanges nor a filter are given
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
    #[error("nothing was done: nobody said yes (--yes does it without asking)")]
    NotConfirmed,
    #[error("{0} is as it was: today's plugin refuses its payload")]
    RefusedToday(String),
}

/// Which exchanges: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Filter {
    /// Where they are
    #[arg(long, value_parser = words(ExchangeState::ALL, ExchangeState::as_str))]
    state: Option<ExchangeState>,
    /// Those of which something waits for a code (`portgate codes awaited`)
    #[arg(long)]
    awaits_code: bool,
    /// The partner that sent them
    #[arg(long)]
    partner: Option<String>,
    /// Those of tests, which are left out otherwise
    #[arg(long)]
    test: bool,
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
    since: Option<Timestamp>,
    /// Accepted before this time
    #[arg(long)]
    until: Option<Timestamp>,
}

impl Filter {
    /// The filter as the operator API wants it.
    pub(crate) fn asked(&self) -> ExchangeFilter {
        ExchangeFilter {
            id: Vec::new(),
            state: self.state,
            awaits_code: self.awaits_code.then_some(true),
            partner: self.partner.clone(),
            test: self.test.then_some(true),
            contract: self.contract.clone(),
            version: self.version.clone(),
            plugin: self.plugin.clone(),
            since: self.since,
            until: self.until,
        }
    }
}

/// Runs the command.
pub(crate) fn run(command: &ExchangeCommand) -> ExitCode {
    let done = match command {
        ExchangeCommand::List { connection, filter, limit, after, json } => {
            list(connection, filter, after.clone(), *limit, *json)
        }
        ExchangeCommand::Show { connection, id } => OperatorClient::new(connection)
            .and_then(|client| client.get(&format!("/v1/exchanges/{id}"), &NoQuery {}))
            .map(|exchange: ExchangeRecord| print_json(&exchange))
            .map_err(Failure::Operator),
        ExchangeCommand::Payload { connection, id } => OperatorClient::new(connection)
            .and_then(|client| client.bytes(&format!("/v1/exchanges/{id}/payload")))
            // Whoever closed the pipe has seen enough.
            .map(|payload| drop(std::io::stdout().write_all(&payload)))
            .map_err(Failure::Operator),
        ExchangeCommand::Retry(act) => carry_out(act, "retry"),
        ExchangeCommand::Discard(act) => carry_out(act, "discard"),
        ExchangeCommand::Rerun { act, yes } => map_again(act, *yes),
    };
    ended(done)
}

fn list(
    connection: &Connection,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
    as_json: bool,
) -> Result<(), Failure> {
    let client = OperatorClient::new(connection)?;
    let found: List<ListedExchange> = client.list("/v1/exchanges", &filter.asked(), after, limit.max(1))?;
    if as_json {
        print_json(&found.items);
        found.say_if_cut();
        return Ok(());
    }
    let rows = found.items.iter().map(|listed| {
        let item = &listed.exchange;
        let contract = format!("{}/{}", item.contract, item.version);
        let plugin = format!("{} {}", item.plugin.name, item.plugin.version);
        let waits = if item.awaits_code { ", awaits-code" } else { "" };
        let (accepted, state) = (item.accepted_at.to_string(), format!("{}{waits}", item.state));
        let keys: Vec<&str> = listed.documents.iter().map(|document| document.key.as_str()).collect();
        let partner = format!("{}{}", item.partner, if item.test { " (test)" } else { "" });
        vec![item.id.clone(), accepted, partner, contract, state, plugin, keys.join(", "), reason(listed)]
    });
    let headings = ["id", "accepted", "partner", "contract", "state", "decoded by", "keys", "reason"];
    print!("{}", table(&headings, rows.collect()));
    found.say_if_cut();
    Ok(())
}

/// Why it is not accepted, and what was noticed first.
fn reason(listed: &ListedExchange) -> String {
    let findings = &listed.exchange.findings;
    let more = findings.len().saturating_sub(1);
    let more = if more > 0 { format!("(and {more} more)") } else { String::new() };
    let first = findings.first().map_or("", |finding| finding.detail.as_str());
    let parts = [listed.reason.as_deref().unwrap_or_default(), first, more.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Maps messages again. The accepted ones among those that are named go one by one, each after a look at what differs.
fn map_again(act: &Act, yes: bool) -> Result<(), Failure> {
    let client = OperatorClient::new(&act.connection)?;
    let (mut accepted, mut others) = (Vec::new(), Vec::new());
    for id in &act.ids {
        let record: ExchangeRecord = client.get(&format!("/v1/exchanges/{id}"), &NoQuery {})?;
        let of = if record.exchange.state == ExchangeState::Accepted { &mut accepted } else { &mut others };
        of.push(id.clone());
    }
    for id in &accepted {
        rerun::one(&client, id, &act.reason, yes)?;
    }
    match accepted.is_empty() || !others.is_empty() {
        true => act_on(&client, act, others, "rerun"),
        false => Ok(()),
    }
}

fn carry_out(act: &Act, verb: &str) -> Result<(), Failure> {
    act_on(&OperatorClient::new(&act.connection)?, act, act.ids.clone(), verb)
}

fn act_on(client: &OperatorClient, act: &Act, ids: Vec<String>, verb: &str) -> Result<(), Failure> {
    let filter = ExchangeFilter { id: ids, ..act.filter.asked() };
    if filter == ExchangeFilter::default() && !act.all {
        return Err(Failure::NoFilter);
    }
    let body = ActOnExchanges { filter, reason: act.reason.clone() };
    let Changed { changed } = client.post(&format!("/v1/exchanges/{verb}"), &body)?;
    let had = if verb == "rerun" { "were refused or rejected" } else { "had failed" };
    println!("{verb}: {changed} exchanges that {had}");
    if changed == AT_ONCE {
        eprintln!("That is as many as are done at once, the oldest first: there may be more.");
    }
    Ok(())
}
