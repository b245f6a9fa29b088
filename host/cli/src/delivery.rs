//! `portgate delivery …`: which deliveries wait or are dead, and what to do with them. An act shows what it would do
//! and asks before it does it; the gateway keeps who did it and why.

mod resend;
mod show;

use std::io::Write;
use std::num::NonZeroU32;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use portgate_core::state::{DeadClass, DeliveryState};
use portgate_operator::{
    self as operator, ActedOnDeliveries, Delivery, DeliveryCount, DeliveryFilter, DeliveryRecord, DiscardDeliveries,
    Items, LeftOutDelivery, NoQuery, RetryDeliveries,
};

use crate::ended::ended;
use crate::operator::{Connection, List, OperatorClient, OperatorError, confirmed, print_json, words};
use crate::table::table;

/// The verbs of `portgate delivery`.
#[derive(Subcommand)]
pub(crate) enum DeliveryCommand {
    /// List deliveries by filter, the newest first
    List {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        filter: Filter,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Go on after this delivery, with those that came before it
        #[arg(long)]
        after: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one: what is sent, and each attempt with its answer; bodies where the operator may see payloads
    Show {
        #[command(flatten)]
        connection: Connection,
        /// The delivery
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make dead deliveries pending again, under the same ids, and what waits for its time due
    Retry {
        #[command(flatten)]
        act: Act,
        /// How many become due in a second, for each destination
        #[arg(long, default_value = "50")]
        rate: NonZeroU32,
    },
    /// Send deliveries again, byte for byte: dead and discarded ones, and what is delivered only after a second question
    Resend {
        #[command(flatten)]
        act: Act,
        #[command(flatten)]
        options: resend::Options,
    },
    /// Give deliveries up for good
    Discard {
        #[command(flatten)]
        act: Act,
    },
    /// The latest acts: who did what, when and why
    Acts {
        #[command(flatten)]
        connection: Connection,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which deliveries: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Filter {
    /// These alone; may be repeated
    #[arg(long)]
    id: Vec<String>,
    /// The partner that they go to
    #[arg(long)]
    destination: Option<String>,
    /// Where they are
    #[arg(long, value_parser = words(DeliveryState::ALL, DeliveryState::as_str))]
    state: Option<DeliveryState>,
    /// Whose fault a dead one is
    #[arg(long, value_parser = words(DeadClass::ALL, DeadClass::as_str))]
    class: Option<DeadClass>,
    /// The contract that they are rendered as
    #[arg(long)]
    contract: Option<String>,
    /// The exchange that they came of
    #[arg(long)]
    exchange: Option<String>,
    /// The delivery under whose id they went out together
    #[arg(long)]
    batch: Option<String>,
    /// Accepted at this time (RFC 3339) or later
    #[arg(long)]
    since: Option<Timestamp>,
    /// Accepted before this time
    #[arg(long)]
    until: Option<Timestamp>,
}

impl Filter {
    fn asked(&self) -> DeliveryFilter {
        DeliveryFilter {
            id: self.id.clone(),
            destination: self.destination.clone(),
            state: self.state,
            class: self.class,
            contract: self.contract.clone(),
            exchange: self.exchange.clone(),
            batch: self.batch.clone(),
            since: self.since,
            until: self.until,
        }
    }
}

/// An act on deliveries.
#[derive(Args)]
pub(crate) struct Act {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    filter: Filter,
    /// Why; kept with the act
    #[arg(long)]
    reason: String,
    /// Really all deliveries, where no filter is given
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl Act {
    /// Which deliveries are meant; all of them only where that was said.
    fn meant(&self) -> Result<DeliveryFilter, Failure> {
        let filter = self.filter.asked();
        match filter == DeliveryFilter::default() && !self.all {
            true => Err(Failure::NoFilter),
            false => Ok(filter),
        }
    }
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("say which deliveries are meant, such as --destination erp --state dead, or --all")]
    NoFilter,
    #[error("nothing was done: nobody said yes (--yes does it without asking)")]
    NotConfirmed,
    #[error(
        "nothing was done: nobody said yes to sending what is done again (--confirm-delivered {0} does it without asking)"
    )]
    DeliveredNotConfirmed(u64),
}

/// Runs the command.
pub(crate) fn run(command: &DeliveryCommand) -> ExitCode {
    let done = match command {
        DeliveryCommand::List { connection, filter, limit, after, json } => {
            list(connection, filter, after.clone(), *limit, *json)
        }
        DeliveryCommand::Show { connection, id, json } => show(connection, id, *json),
        DeliveryCommand::Retry { act, rate } => retry(act, *rate),
        DeliveryCommand::Resend { act, options } => resend::resend(act, options),
        DeliveryCommand::Discard { act } => discard(act),
        DeliveryCommand::Acts { connection, json } => acts(connection, *json),
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
    let found: List<Delivery> = client.list("/v1/deliveries", &filter.asked(), after, limit.max(1))?;
    if as_json {
        print_json(&found.items);
        found.say_if_cut();
        return Ok(());
    }
    let rows = found.items.iter().map(|item| {
        let last = item.attempts.last();
        // What is wrong with it now, or else how the last attempt ended.
        let finding = item.findings.first().map(|finding| finding.detail.as_str());
        let finding = finding.or(last.map(|attempt| attempt.detail.as_str())).unwrap_or_default();
        let reason = match item.class {
            Some(class) => format!("{class}: {finding}"),
            None => finding.to_owned(),
        };
        let status = last.and_then(|attempt| attempt.status).map(|status| status.to_string()).unwrap_or_default();
        let (state, created, due) = (item.state.to_string(), item.created_at.to_string(), item.due_at.to_string());
        let (destination, contract) = (item.destination.clone(), item.contract.clone());
        let part = item.parts.join(", ");
        vec![
            item.id.clone(),
            destination,
            contract,
            part,
            state,
            created,
            due,
            item.attempted.to_string(),
            status,
            reason,
        ]
    });
    let headings =
        ["id", "destination", "contract", "part", "state", "accepted", "due", "attempts", "status", "reason"];
    print!("{}", table(&headings, rows.collect()));
    found.say_if_cut();
    Ok(())
}

fn show(connection: &Connection, id: &str, as_json: bool) -> Result<(), Failure> {
    let record: DeliveryRecord = OperatorClient::new(connection)?.get(&format!("/v1/deliveries/{id}"), &NoQuery {})?;
    match as_json {
        true => print_json(&record),
        // Whoever closed the pipe has seen enough.
        false => drop(write!(std::io::stdout(), "{}", show::shown(&record))),
    }
    Ok(())
}

fn retry(act: &Act, rate: NonZeroU32) -> Result<(), Failure> {
    let (client, filter) = agreed(act, "retry", "become pending again, and those that wait for their time due")?;
    let body = RetryDeliveries { filter, reason: act.reason.clone(), per_second: Some(rate) };
    let ActedOnDeliveries { changed, left_out } = client.post("/v1/deliveries/retry", &body)?;
    tell_left_out(&left_out);
    println!("retry: {changed} deliveries");
    Ok(())
}

fn discard(act: &Act) -> Result<(), Failure> {
    let (client, filter) = agreed(act, "discard", "are given up, and those that nobody works on at this moment")?;
    let body = DiscardDeliveries { filter, reason: act.reason.clone() };
    let ActedOnDeliveries { changed, .. } = client.post("/v1/deliveries/discard", &body)?;
    println!("discard: {changed} deliveries");
    Ok(())
}

/// Names the deliveries that are meant and left out, each with why.
fn tell_left_out(left_out: &[LeftOutDelivery]) {
    for one in left_out {
        println!("{} is left out: {}", one.delivery, one.why);
    }
}

/// Shows how many deliveries are meant and what becomes of the dead among them, and asks.
fn agreed(act: &Act, verb: &str, becomes: &str) -> Result<(OperatorClient, DeliveryFilter), Failure> {
    let filter = act.meant()?;
    let client = OperatorClient::new(&act.connection)?;
    let counts: Items<DeliveryCount> = client.get("/v1/deliveries/count", &filter)?;
    let row = |count: DeliveryCount| vec![count.destination, count.state.to_string(), count.count.to_string()];
    let rows = counts.items.into_iter().map(row).collect();
    print!("{}", table(&["destination", "state", "deliveries"], rows));
    println!("Of these the dead {becomes}.");
    match act.yes || confirmed(&format!("{verb} them? [y/N] ")) {
        true => Ok((client, filter)),
        false => Err(Failure::NotConfirmed),
    }
}

fn acts(connection: &Connection, as_json: bool) -> Result<(), Failure> {
    let acts: Items<operator::Act> = OperatorClient::new(connection)?.get("/v1/acts", &NoQuery {})?;
    if as_json {
        print_json(&acts.items);
        return Ok(());
    }
    let row = |act: operator::Act| vec![act.at.to_string(), act.operator, act.kind, act.count.to_string(), act.reason];
    let rows = acts.items.into_iter().map(row).collect();
    print!("{}", table(&["at", "operator", "act", "deliveries", "reason"], rows));
    Ok(())
}
