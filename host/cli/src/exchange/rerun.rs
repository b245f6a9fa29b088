//! `portgate exchange rerun ID`: an accepted exchange mapped again, after what differs was shown and agreed to.

use std::fmt::Write;

use portgate_cases::{Difference, differences};
use portgate_core::document::Part;
use portgate_operator::{ConfirmRerun, DeliveryFate, DocumentChange, NoQuery, Rerun, RerunDelivery, RerunDocument};
use serde_json::Value;

use super::Failure;
use crate::operator::{OperatorClient, confirmed};
use crate::printable::printable;

/// Shows what would become of one exchange, asks, and has it done exactly so.
pub(super) fn one(client: &OperatorClient, id: &str, reason: &str, yes: bool) -> Result<(), Failure> {
    let path = format!("/v1/exchanges/{id}/rerun");
    let shown: Rerun = client.get(&path, &NoQuery {})?;
    print!("{}", before(&shown));
    let Some(difference) = shown.difference else { return Err(Failure::RefusedToday(id.to_owned())) };
    if !yes && !confirmed("map it again so? [y/N] ") {
        return Err(Failure::NotConfirmed);
    }
    let done: Rerun = client.post(&path, &ConfirmRerun { reason: reason.to_owned(), difference })?;
    print!("{}", after(&done));
    Ok(())
}

/// What would happen.
fn before(rerun: &Rerun) -> String {
    let Rerun { exchange, plugin_before, plugin, findings, documents, deliveries, difference, .. } = rerun;
    let mut text =
        format!("{exchange}: {} {} → {} {}\n", plugin_before.name, plugin_before.version, plugin.name, plugin.version);
    if difference.is_none() {
        text.push_str("  Today's plugin refuses its payload:\n");
    }
    for finding in findings {
        let _ =
            writeln!(text, "  {} {} {}", finding.severity, printable(&finding.location), printable(&finding.detail));
    }
    if difference.is_some() && !(rerun.parts_before.is_empty() && rerun.parts.is_empty()) {
        let _ = writeln!(text, "  {} before; {} today", taken(&rerun.parts_before), taken(&rerun.parts));
    }
    for document in documents {
        text.push_str(&self::document(document));
    }
    for delivery in deliveries {
        let _ = writeln!(text, "  {}", would(delivery));
    }
    text
}

/// In how many parts it is taken.
fn taken(parts: &[Part]) -> String {
    let refused = parts.iter().filter(|part| part.is_refused()).count();
    match parts.len() {
        0 => "taken as a whole".to_owned(),
        all => format!("{} of {all} parts taken", all - refused),
    }
}

fn document(document: &RerunDocument) -> String {
    let RerunDocument { change, kind, key, part, before, after } = document;
    let what = match change {
        DocumentChange::Same => "is the same",
        DocumentChange::Changed => "differs",
        DocumentChange::New => "is new",
        DocumentChange::Gone => "is there no more",
    };
    let part = part.as_ref().map(|part| format!(" (part {})", printable(part))).unwrap_or_default();
    let mut text = format!("  {kind} {}{part}: {what}\n", printable(key));
    if *change == DocumentChange::Changed {
        let value =
            |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |value| printable(&value.to_string()));
        for Difference { pointer, expected, actual } in differences(before, after) {
            let _ = writeln!(text, "    {}: {} → {}", printable(&pointer), value(&expected), value(&actual));
        }
    }
    text
}

/// What would become of a delivery, in a sentence.
fn would(delivery: &RerunDelivery) -> String {
    let RerunDelivery { fate, delivery: id, state, is_sent_anew, destination, document, .. } = delivery;
    let state = state.map(|state| state.as_str()).unwrap_or_default();
    let what = format!("{} {} to {destination}", document.kind, printable(&document.key));
    match (fate, id) {
        (DeliveryFate::New, _) | (_, None) => format!("{what}: a delivery is made"),
        (DeliveryFate::Stays, Some(id)) => format!("{what}: {id} is {state} and stays"),
        (DeliveryFate::Followed, Some(id)) => {
            format!("{what}: {id} is {state} and stays, and a new delivery is sent after it")
        }
        (DeliveryFate::Superseded, Some(id)) if *is_sent_anew => {
            format!("{what}: {id} is {state} and given up, and a new delivery takes its place")
        }
        (DeliveryFate::Superseded, Some(id)) => format!("{what}: {id} is {state} and given up"),
    }
}

/// What has happened.
fn after(rerun: &Rerun) -> String {
    let mut text = String::new();
    for delivery in &rerun.deliveries {
        if let Some(successor) = &delivery.successor {
            let after = delivery.delivery.as_ref().map(|id| format!(", after {id}")).unwrap_or_default();
            let _ = writeln!(text, "sent anew as {successor} to {}{after}", delivery.destination);
        }
    }
    let _ = writeln!(text, "rerun: {}", rerun.exchange);
    text
}
