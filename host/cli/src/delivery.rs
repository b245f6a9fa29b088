//! `portgate delivery …`: what waits, what is dead, and what to do with it. An act shows what it would do and asks before
//! it does; the gateway keeps who did it and why.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::operator::{Connection, OperatorClient, OperatorError, confirmed};
use crate::table::table;

/// The verbs of `portgate delivery`.
#[derive(Subcommand)]
pub(crate) enum DeliveryCommand {
    /// List deliveries by filter
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
    /// Make dead deliveries pending again, under the same ids, and what waits for its time due
    Retry {
        #[command(flatten)]
        act: Act,
        /// How many become due in a second, for each destination
        #[arg(long, default_value = "50")]
        rate: NonZeroU32,
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
    /// pending, awaiting, delivered, dead or discarded
    #[arg(long)]
    state: Option<String>,
    /// Whose fault a dead one is: theirs or ours
    #[arg(long)]
    class: Option<String>,
    /// The contract that they are rendered as
    #[arg(long)]
    contract: Option<String>,
    /// The exchange that they came of
    #[arg(long)]
    exchange: Option<String>,
    /// Accepted at this time (RFC 3339) or later
    #[arg(long)]
    since: Option<String>,
    /// Accepted before this time
    #[arg(long)]
    until: Option<String>,
}

impl Filter {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let ids = (!self.id.is_empty()).then(|| self.id.join(","));
        let fields = [
            ("id", &ids),
            ("destination", &self.destination),
            ("state", &self.state),
            ("class", &self.class),
            ("contract", &self.contract),
            ("exchange", &self.exchange),
            ("since", &self.since),
            ("until", &self.until),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
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

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("say which deliveries are meant, such as --destination erp --state dead, or --all")]
    NoFilter,
    #[error("nothing was done: nobody said yes (--yes does it without asking)")]
    NotConfirmed,
}

/// Runs the command.
pub(crate) fn run(command: &DeliveryCommand) -> ExitCode {
    let done = match command {
        DeliveryCommand::List { connection, filter, limit, json } => list(connection, filter, *limit, *json),
        DeliveryCommand::Retry { act, rate } => carry_out(act, "retry", Some(*rate)),
        DeliveryCommand::Discard { act } => carry_out(act, "discard", None),
        DeliveryCommand::Acts { connection, json } => acts(connection, *json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn list(connection: &Connection, filter: &Filter, limit: usize, as_json: bool) -> Result<(), Failure> {
    let client = OperatorClient::new(connection)?;
    let items = client.list("/v1/deliveries", &filter.fields(), limit.max(1))?;
    if as_json {
        println!("{:#}", Value::from(items));
        return Ok(());
    }
    let columns = ["id", "destination", "contract", "state", "createdAt", "dueAt"];
    let rows = items.iter().map(|item| {
        let mut row = columns.map(|column| item[column].as_str().unwrap_or_default().to_owned()).to_vec();
        let finding = item["findings"][0]["detail"].as_str().unwrap_or_default();
        row.push(match item["class"].as_str() {
            Some(class) => format!("{class}: {finding}"),
            None => finding.to_owned(),
        });
        row
    });
    print!("{}", table(&["id", "destination", "contract", "state", "accepted", "due", "finding"], rows.collect()));
    Ok(())
}

fn carry_out(act: &Act, verb: &str, rate: Option<NonZeroU32>) -> Result<(), Failure> {
    let fields = act.filter.fields();
    if fields.is_empty() && !act.all {
        return Err(Failure::NoFilter);
    }
    let client = OperatorClient::new(&act.connection)?;
    let counts = client.get("/v1/deliveries/count", &fields)?;
    let rows = counts["items"].as_array().into_iter().flatten().map(|count| {
        let text = |field: &str| count[field].as_str().unwrap_or_default().to_owned();
        vec![text("destination"), text("state"), count["count"].to_string()]
    });
    print!("{}", table(&["destination", "state", "deliveries"], rows.collect()));
    match verb {
        "retry" => println!("Of these the dead become pending again, and those that wait for their time due."),
        _ => println!("Of these the dead are given up, and those that nobody works on at this moment."),
    }
    if !act.yes && !confirmed(&format!("{verb} them? [y/N] ")) {
        return Err(Failure::NotConfirmed);
    }
    let filter: BTreeMap<&str, String> = fields.into_iter().collect();
    let mut body = json!({ "filter": filter, "reason": act.reason });
    if let Some(rate) = rate {
        body["perSecond"] = json!(rate);
    }
    let done = client.post(&format!("/v1/deliveries/{verb}"), &body)?;
    println!("{}: {} deliveries", verb, done["changed"]);
    Ok(())
}

fn acts(connection: &Connection, as_json: bool) -> Result<(), Failure> {
    let acts = OperatorClient::new(connection)?.get("/v1/acts", &[])?;
    if as_json {
        println!("{:#}", acts["items"]);
        return Ok(());
    }
    let rows = acts["items"].as_array().into_iter().flatten().map(|act| {
        let text = |field: &str| act[field].as_str().unwrap_or_default().to_owned();
        vec![text("at"), text("operator"), text("kind"), act["count"].to_string(), text("reason")]
    });
    print!("{}", table(&["at", "operator", "act", "deliveries", "reason"], rows.collect()));
    Ok(())
}
