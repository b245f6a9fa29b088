//! `portgate shipment …`: what is known of a shipment, whatever it is called, and what is not part of any yet.

mod costs;

use std::process::ExitCode;

use clap::Subcommand;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use portgate_core::exception::ExceptionState;
use portgate_operator::{
    Items, NoQuery, PlaceDocuments, Placed, PlacedDocument, Shipment, ShipmentDocument, ShipmentQuery, ShipmentRecord,
    UnattachedDocument, UndoPlacing,
};

use crate::ended::ended;
use crate::exception::print_finding;
use crate::filing::print_filing;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::printable::printable;
use crate::table::table;

/// The verbs of `portgate shipment`.
#[derive(Subcommand)]
pub(crate) enum ShipmentCommand {
    /// List the shipments of which some document carries a name: an order, an MRN, a container
    Find {
        #[command(flatten)]
        connection: Connection,
        /// The name
        reference: String,
        /// Only where it is a name of this scheme, such as `mrn`
        #[arg(long)]
        scheme: Option<String>,
        /// Those of tests and no others
        #[arg(long)]
        test: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one shipment, by its id or by a name that only its documents carry: its documents, and what does not fit
    Show {
        #[command(flatten)]
        connection: Connection,
        /// The id or the name
        reference: String,
        /// Print JSON, with the whole context
        #[arg(long)]
        json: bool,
    },
    /// Make documents of a shipment one of their own, where their names wrongly say that they belong to it
    Split {
        #[command(flatten)]
        connection: Connection,
        /// The shipment's id
        shipment: String,
        /// A document, as `KIND/ID`; one of them at least begins a shipment
        #[arg(long = "document", required = true, value_parser = document)]
        documents: Vec<PlacedDocument>,
        /// Why; it is kept
        #[arg(long)]
        reason: String,
    },
    /// Have documents belong to a shipment, wherever they are
    Move {
        #[command(flatten)]
        connection: Connection,
        /// A document, as `KIND/ID`
        #[arg(long = "document", required = true, value_parser = document)]
        documents: Vec<PlacedDocument>,
        /// The id of the shipment that they belong to
        #[arg(long)]
        to: String,
        /// Why; it is kept
        #[arg(long)]
        reason: String,
    },
    /// Take a split or a move back
    Undo {
        #[command(flatten)]
        connection: Connection,
        /// The number of the act
        act: u64,
        /// Why; it is kept
        #[arg(long)]
        reason: String,
    },
    /// Show what a shipment's goods cost to bring in, by article: estimated, said by customs, invoiced
    Costs {
        #[command(flatten)]
        connection: Connection,
        /// The id or the name
        reference: String,
        /// Print JSON, with each cost and its parts
        #[arg(long)]
        json: bool,
    },
    /// List the latest documents that no shipment has
    Unattached {
        #[command(flatten)]
        connection: Connection,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(crate) fn run(command: &ShipmentCommand) -> ExitCode {
    let done = match command {
        ShipmentCommand::Find { connection, reference, scheme, test, json } => {
            let query =
                ShipmentQuery { reference: reference.clone(), scheme: scheme.clone(), test: test.then_some(true) };
            find(connection, &query, *json)
        }
        ShipmentCommand::Show { connection, reference, json } => show(connection, reference, *json),
        ShipmentCommand::Split { connection, shipment, documents, reason } => {
            place(connection, shipment, "split", documents, reason)
        }
        ShipmentCommand::Move { connection, documents, to, reason } => place(connection, to, "move", documents, reason),
        ShipmentCommand::Undo { connection, act, reason } => {
            let asked = UndoPlacing { act: *act, reason: reason.clone() };
            done(connection, "/v1/acts/undo", &asked)
        }
        ShipmentCommand::Costs { connection, reference, json } => costs::show(connection, reference, *json),
        ShipmentCommand::Unattached { connection, json } => unattached(connection, *json),
    };
    ended(done)
}

fn find(connection: &Connection, query: &ShipmentQuery, as_json: bool) -> Result<(), OperatorError> {
    let found: Items<Shipment> = OperatorClient::new(connection)?.get("/v1/shipments", query)?;
    if as_json {
        print_json(&found.items);
        return Ok(());
    }
    let row = |shipment: &Shipment| {
        let state = if shipment.closed_at.is_some() { "closed" } else { "open" };
        vec![
            shipment.id.clone(),
            shipment.changed_at.to_string(),
            state.to_owned(),
            shipment.documents.len().to_string(),
            shipment.conflicts.to_string(),
            shipment.findings.to_string(),
        ]
    };
    let headings = ["id", "changed", "state", "documents", "conflicts", "findings"];
    print!("{}", table(&headings, found.items.iter().map(row).collect()));
    Ok(())
}

fn show(connection: &Connection, reference: &str, as_json: bool) -> Result<(), OperatorError> {
    let path = format!("/v1/shipments/{}", segment(reference));
    let record: ShipmentRecord = OperatorClient::new(connection)?.get(&path, &NoQuery {})?;
    if as_json {
        print_json(&record);
        return Ok(());
    }
    let ShipmentRecord { shipment, found, exceptions, expectations, filings, .. } = &record;
    let revision = shipment.revision.as_deref().unwrap_or("not put together yet");
    let newer = if shipment.current { "" } else { "; something newer is being put together" };
    println!("shipment {}\nrevision {revision}{newer}\nchanged  {}\n", shipment.id, shipment.changed_at);
    if let Some(problem) = &shipment.problem {
        println!("it cannot be put together: {}\n", printable(problem));
    }
    let row = |document: &ShipmentDocument| {
        let ShipmentDocument { kind, id, version, system, recorded_at } = document;
        vec![kind.clone(), printable(id), printable(version), system.clone(), recorded_at.clone()]
    };
    let headings = ["document", "id", "version", "said by", "recorded"];
    print!("{}", table(&headings, shipment.documents.iter().map(row).collect()));
    if shipment.conflicts > 0 {
        println!("\n{} fields of which two systems say different things", shipment.conflicts);
    }
    found.iter().for_each(print_finding);
    for one in exceptions.iter().filter(|one| one.state == ExceptionState::Open) {
        let deadline = one.deadline.map(|deadline| format!(", by {deadline}")).unwrap_or_default();
        println!(
            "\nwaits for `{}`{deadline}: {}\n  portgate exception show {}",
            one.team,
            printable(&one.detail),
            one.id
        );
    }
    for one in expectations.iter().filter(|one| one.met_at.is_none()) {
        println!("\nexpected by {}: {} (after {})", one.due_at, one.name, printable(&one.of));
    }
    for filing in filings {
        println!();
        print_filing(filing);
    }
    Ok(())
}

fn place(
    connection: &Connection,
    shipment: &str,
    verb: &str,
    documents: &[PlacedDocument],
    reason: &str,
) -> Result<(), OperatorError> {
    let path = format!("/v1/shipments/{}/{verb}", segment(shipment));
    done(connection, &path, &PlaceDocuments { documents: documents.to_vec(), reason: reason.to_owned() })
}

fn done(connection: &Connection, path: &str, asked: &impl serde::Serialize) -> Result<(), OperatorError> {
    let Placed { act, shipments } = OperatorClient::new(connection)?.post(path, asked)?;
    println!("act {act}; the documents are now of {}", shipments.join(" and "));
    Ok(())
}

/// A document as it is named in an argument.
fn document(named: &str) -> Result<PlacedDocument, String> {
    match named.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => {
            Ok(PlacedDocument { kind: kind.to_owned(), id: id.to_owned() })
        }
        _ => Err("a document is named by its kind and its id, such as `milestone/E-7`".to_owned()),
    }
}

fn unattached(connection: &Connection, as_json: bool) -> Result<(), OperatorError> {
    let found: Items<UnattachedDocument> = OperatorClient::new(connection)?.get("/v1/unattached", &NoQuery {})?;
    if as_json {
        print_json(&found.items);
        return Ok(());
    }
    let row = |one: &UnattachedDocument| {
        let why = if one.overfull { "tied to too much" } else { "nothing ties it to a shipment" };
        vec![one.kind.clone(), printable(&one.id), one.sender.clone(), one.exchange.clone(), why.to_owned()]
    };
    print!("{}", table(&["document", "id", "sender", "exchange", "why"], found.items.iter().map(row).collect()));
    Ok(())
}

/// A name as one segment of a path (RFC 3986 §3.3).
fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_by_kind_and_id_whatever_is_in_the_id() {
        let named = document("milestone/GB/7").expect("it is one");
        assert_eq!((&*named.kind, &*named.id), ("milestone", "GB/7"));
        assert!(document("milestone").is_err() && document("/7").is_err() && document("milestone/").is_err());
    }

    #[test]
    fn a_name_is_one_segment_whatever_is_in_it() {
        assert_eq!(segment("GB/ABCD 12ü"), "GB%2FABCD%2012%C3%BC");
    }
}
