//! `portgate exception …`: what waits for a person, and what people do with it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use portgate_core::exception::ExceptionState;
use portgate_core::judgement::{JudgedField, ShipmentFinding};
use portgate_operator::{
    ActOnException, Acted, ConfirmAct, Exception, ExceptionDone, ExceptionFilter, ExceptionRecord, NoQuery, Override,
};
use serde_json::Value;

use crate::ended::ended;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json, words};
use crate::printable::printable;
use crate::table::table;

/// Exceptions that are listed where nobody says how many.
const LISTED: usize = 50;

/// The verbs of `portgate exception`.
#[derive(Subcommand)]
pub(crate) enum ExceptionCommand {
    /// List what waits for a person, the oldest first
    List {
        #[command(flatten)]
        connection: Connection,
        /// Only those of this team
        #[arg(long)]
        team: Option<String>,
        /// Only those that are assigned to whoever asks
        #[arg(long)]
        mine: bool,
        /// Only those whose deadline has passed
        #[arg(long)]
        overdue: bool,
        /// Only those of one shipment, by its id
        #[arg(long)]
        shipment: Option<String>,
        /// Where they are
        #[arg(long, default_value = "open", value_parser = words(ExceptionState::ALL, ExceptionState::as_str))]
        state: ExceptionState,
        /// How many at most
        #[arg(long, default_value_t = LISTED)]
        limit: usize,
        /// Where to go on
        #[arg(long)]
        after: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one: what was found, by whom, what to do, and what people did
    Show {
        #[command(flatten)]
        connection: Connection,
        /// The exception
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give one to an operator of its team, or to another team
    Assign {
        #[command(flatten)]
        act: ActOptions,
        /// The operator; nobody where it is left out
        #[arg(long)]
        to: Option<String>,
        /// The team; its own where it is left out
        #[arg(long)]
        team: Option<String>,
    },
    /// Have what was found block nothing, for as long as the fields that it names stay as they are
    Override {
        #[command(flatten)]
        act: ActOptions,
        /// For this revision of the shipment alone
        #[arg(long)]
        this_revision: bool,
    },
    /// Say what a document of the shipment should have said
    Correct {
        #[command(flatten)]
        act: ActOptions,
        /// The kind of document
        #[arg(long)]
        kind: String,
        /// Its `id`
        #[arg(long)]
        document: String,
        /// A field as a JSON Pointer with what it should say, as JSON or a plain text: `/grossKg="104.5"`
        #[arg(long = "field", required = true, value_name = "POINTER=VALUE", value_parser = field)]
        fields: Vec<(String, Value)>,
    },
    /// Close one, though nothing has changed; it opens again where something else is found
    Discard {
        #[command(flatten)]
        act: ActOptions,
    },
    /// Confirm, as the second operator, an act that waits
    Confirm {
        #[command(flatten)]
        act: ActOptions,
        /// The number of the act that waits
        number: u64,
    },
}

/// What every act needs.
#[derive(Args)]
pub(crate) struct ActOptions {
    #[command(flatten)]
    connection: Connection,
    /// The exception
    id: String,
    /// Why, in 3 to 500 characters; it is kept
    #[arg(long)]
    reason: String,
}

/// A field with its value.
fn field(text: &str) -> Result<(String, Value), String> {
    let (pointer, value) = text.split_once('=').ok_or("write it as `/field=value`")?;
    if !pointer.starts_with('/') {
        return Err("a JSON Pointer begins with `/`".to_owned());
    }
    // What is no JSON is meant as the text that it is; amounts are texts in documents, so numbers are as well.
    let value = match serde_json::from_str(value) {
        Ok(Value::Number(number)) => Value::String(number.to_string()),
        Ok(value) => value,
        Err(_) => Value::String(value.to_owned()),
    };
    Ok((pointer.to_owned(), value))
}

/// Runs the command. An act that waits for a second operator succeeds, and says so.
pub(crate) fn run(command: &ExceptionCommand) -> ExitCode {
    let done = match command {
        ExceptionCommand::List { connection, team, mine, overdue, shipment, state, limit, after, json } => {
            let filter = ExceptionFilter {
                team: team.clone(),
                mine: mine.then_some(true),
                overdue: overdue.then_some(true),
                shipment: shipment.clone(),
                state: Some(*state),
            };
            list(connection, &filter, after.clone(), *limit, *json)
        }
        ExceptionCommand::Show { connection, id, json } => show(connection, id, *json),
        ExceptionCommand::Assign { act, to, team } => {
            perform(act, &ActOnException::Assign { team: team.clone(), to: to.clone(), reason: act.reason.clone() })
        }
        ExceptionCommand::Override { act, this_revision } => {
            perform(act, &ActOnException::Override { this_revision: *this_revision, reason: act.reason.clone() })
        }
        ExceptionCommand::Correct { act, kind, document, fields } => {
            let fields: BTreeMap<String, Value> = fields.iter().cloned().collect();
            let (kind, id, reason) = (kind.clone(), document.clone(), act.reason.clone());
            perform(act, &ActOnException::Correct { kind, id, fields, reason })
        }
        ExceptionCommand::Discard { act } => perform(act, &ActOnException::Discard { reason: act.reason.clone() }),
        ExceptionCommand::Confirm { act, number } => {
            let ActOptions { connection, id, reason } = act;
            let asked = ConfirmAct { number: *number, reason: reason.clone() };
            OperatorClient::new(connection)
                .and_then(|client| client.post(&format!("/v1/exceptions/{id}/confirm"), &asked))
                .map(|acted: Acted| println!("{}", acted.message))
        }
    };
    ended(done)
}

fn perform(act: &ActOptions, asked: &ActOnException) -> Result<(), OperatorError> {
    let acted: Acted = OperatorClient::new(&act.connection)?.post(&format!("/v1/exceptions/{}/acts", act.id), asked)?;
    println!("{}", acted.message);
    Ok(())
}

fn list(
    connection: &Connection,
    filter: &ExceptionFilter,
    after: Option<String>,
    most: usize,
    as_json: bool,
) -> Result<(), OperatorError> {
    let found = OperatorClient::new(connection)?.list::<Exception>("/v1/exceptions", filter, after, most)?;
    if as_json {
        print_json(&found.items);
        found.say_if_cut();
        return Ok(());
    }
    let row = |one: &Exception| {
        let deadline = match (&one.deadline, one.overdue) {
            (Some(deadline), true) => format!("{deadline} (passed)"),
            (Some(deadline), false) => deadline.to_string(),
            (None, _) => String::new(),
        };
        let assignee = one.assignee.clone().unwrap_or_default();
        let shipment = one.shipment.clone().unwrap_or_default();
        vec![
            one.id.clone(),
            one.severity.to_string(),
            one.team.clone(),
            assignee,
            deadline,
            shipment,
            printable(&one.cause),
        ]
    };
    let headings = ["id", "severity", "team", "assignee", "deadline", "shipment", "cause"];
    print!("{}", table(&headings, found.items.iter().map(row).collect()));
    found.say_if_cut();
    Ok(())
}

fn show(connection: &Connection, id: &str, as_json: bool) -> Result<(), OperatorError> {
    let record: ExceptionRecord = OperatorClient::new(connection)?.get(&format!("/v1/exceptions/{id}"), &NoQuery {})?;
    if as_json {
        print_json(&record);
        return Ok(());
    }
    let ExceptionRecord { exception, found, acts, overrides, two_persons } = &record;
    let state = match (&exception.closing, &exception.closed_by) {
        (Some(closing), Some(by)) => format!("closed ({closing} by {by})"),
        (Some(closing), None) => format!("closed ({closing})"),
        _ if exception.overdue => "open, its deadline has passed".to_owned(),
        _ => "open".to_owned(),
    };
    println!("exception {}\ncause     {}\nstate     {state}", exception.id, printable(&exception.cause));
    println!("team      {}{}", exception.team, assigned(exception));
    for (name, value) in [
        ("deadline", exception.deadline.map(|deadline| deadline.to_string())),
        ("shipment", exception.shipment.clone()),
        ("revision", exception.revision.clone()),
    ] {
        if let Some(value) = value {
            println!("{name:9} {value}");
        }
    }
    println!("\n{}\n{}", printable(&exception.detail), printable(&exception.remedy));
    found.iter().for_each(print_finding);
    for Override { number, operator, confirmed_by, reason, at, ended_at, .. } in overrides {
        let second = confirmed_by.as_ref().map(|second| format!(" and {second}")).unwrap_or_default();
        let ended = ended_at.map(|ended| format!(", ended {ended}")).unwrap_or_default();
        println!("\noverride {number} by {operator}{second}, {at}{ended}: {}", printable(reason));
    }
    for ExceptionDone { number, what, state, operator, reason, at, confirmed_by, .. } in acts {
        let second = confirmed_by.as_ref().map(|second| format!(", confirmed by {second}")).unwrap_or_default();
        let what = what["act"].as_str().unwrap_or_default();
        println!("\nact {number}: {what} by {operator}{second}, {at} ({state}): {}", printable(reason));
    }
    if !two_persons.is_empty() {
        let acts: Vec<&str> = two_persons.iter().map(|act| act.as_str()).collect();
        println!("\nA second operator must confirm: {}.", acts.join(", "));
    }
    Ok(())
}

fn assigned(exception: &Exception) -> String {
    exception.assignee.as_ref().map(|assignee| format!(", assigned to {assignee}")).unwrap_or_default()
}

/// A finding with its fields and who has overridden it.
pub(crate) fn print_finding(finding: &ShipmentFinding) {
    let ShipmentFinding { rule, severity, detail, remedy, fields, overridden, .. } = finding;
    println!("\n{severity} {rule}: {}", printable(detail));
    for JudgedField { kind, id, field, value, system, recorded_at } in fields {
        let value = value.as_deref().map(|value| format!(" is {}", printable(value))).unwrap_or_default();
        println!("  {kind} {} {field}{value} ({system}, {recorded_at})", printable(id));
    }
    if !remedy.is_empty() {
        println!("  {}", printable(remedy));
    }
    if let Some(by) = overridden {
        println!("  overridden by {}: {}", by.operator, printable(&by.reason));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_a_pointer_with_json_or_a_text() {
        for (text, value) in [
            ("/grossKg=104.50", json!("104.50")),
            ("/incoterm=DAP", json!("DAP")),
            ("/a={\"value\":\"1\"}", json!({ "value": "1" })),
            ("/b=\"7\"", json!("7")),
            ("/c=x=y", json!("x=y")),
        ] {
            let (pointer, _) = text.split_once('=').expect("a pointer");
            assert_eq!(field(text), Ok((pointer.to_owned(), value)), "{text}");
        }
        assert!(field("grossKg=1").is_err() && field("/grossKg").is_err());
    }
}
