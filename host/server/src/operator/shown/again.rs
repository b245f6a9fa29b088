//! What is sent or mapped again, as operators see it.

use portgate_core::document::{Document, Part};
use portgate_operator as shown;
use portgate_store as store;
use serde_json::Value;

use super::build;
use crate::rerun::{DeliveryPlan, DocumentPlan, Fate, Plan};

/// What becomes, or has become, of an exchange that is mapped again. Before it is done the new deliveries have no names yet;
/// afterwards what differs is not shown again.
pub(in crate::operator) fn rerun(plan: Plan, is_done: bool) -> shown::Rerun {
    let Plan { exchange, plugin_before, plugin, findings, parts_before, parts, done, is_of_the_message: _ } = plan;
    let (difference, documents, deliveries) = match done {
        Some(done) => (Some(done.difference), done.documents, done.deliveries),
        None => (None, Vec::new(), Vec::new()),
    };
    shown::Rerun {
        exchange: exchange.to_string(),
        difference,
        plugin_before: build(plugin_before),
        plugin: build(plugin),
        findings,
        documents: documents.into_iter().map(|plan| document(plan, &parts, is_done)).collect(),
        deliveries: deliveries.into_iter().map(|plan| delivery(plan, is_done)).collect(),
        parts_before,
        parts,
    }
}

fn document(plan: DocumentPlan, parts: &[Part], is_done: bool) -> shown::RerunDocument {
    let DocumentPlan { before, after, stays, part } = plan;
    let change = match (&before, &after) {
        _ if stays => shown::DocumentChange::Same,
        (Some(_), Some(_)) => shown::DocumentChange::Changed,
        (None, _) => shown::DocumentChange::New,
        (Some(_), None) => shown::DocumentChange::Gone,
    };
    let named = before.as_ref().map(|document| (document.kind.clone(), document.key.clone()));
    let named = named.or_else(|| after.as_ref().map(|document| (document.kind.clone(), document.key.clone())));
    let (kind, key) = named.unwrap_or_default();
    let before = before.map(|document| whole(document.refs, document.body.as_deref().unwrap_or_default()));
    let after = after.map(|Document { refs, body, .. }| whole(refs, &body));
    let seen = |document: Option<Value>| document.filter(|_| !is_done && !stays).unwrap_or_default();
    shown::RerunDocument {
        change,
        kind,
        key,
        part: Part::named(parts, part).map(str::to_owned),
        before: seen(before),
        after: seen(after),
    }
}

/// A document with its references, which are beside it and not in it.
fn whole(references: Vec<portgate_core::document::Reference>, body: &[u8]) -> Value {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    serde_json::json!({ "references": references, "document": document })
}

fn delivery(plan: DeliveryPlan, is_done: bool) -> shown::RerunDelivery {
    let DeliveryPlan { fate, before, after, destination, contract, version, document: (kind, key) } = plan;
    shown::RerunDelivery {
        fate: match fate {
            Fate::Stays => shown::DeliveryFate::Stays,
            Fate::Superseded => shown::DeliveryFate::Superseded,
            Fate::Followed => shown::DeliveryFate::Followed,
            Fate::New => shown::DeliveryFate::New,
        },
        delivery: before.map(|(id, _)| id.to_string()),
        state: before.map(|(_, state)| state),
        is_sent_anew: after.is_some(),
        successor: after.filter(|_| is_done).map(|id| id.to_string()),
        destination,
        contract,
        version,
        document: shown::DocumentKey { kind, key },
    }
}

pub(super) fn rerun_record(record: store::RerunRecord) -> shown::RerunRecord {
    let store::RerunRecord { number, at, operator, reason, plugin_before } = record;
    shown::RerunRecord { number, at, operator, reason, plugin_before: build(plugin_before) }
}

/// What was sent again, and what not.
pub(in crate::operator) fn resent(resent: store::Resent) -> shown::Resent {
    let store::Resent { resent, left_out } = resent;
    let resent = resent.into_iter();
    shown::Resent {
        resent: resent
            .map(|(id, r#as)| shown::ResentDelivery { delivery: id.to_string(), r#as: r#as.to_string() })
            .collect(),
        left_out: self::left_out(left_out),
    }
}

/// Deliveries that are not sent or tried again, each with why in a sentence.
pub(in crate::operator) fn left_out(left_out: Vec<(store::DeliveryId, store::LeftOut)>) -> Vec<shown::LeftOutDelivery> {
    let why = |why| match why {
        store::LeftOut::NotRendered => "no rendering of it is kept".to_owned(),
        store::LeftOut::UnderWay(id) => format!("the delivery {id}, which was made of it, is still on its way"),
        store::LeftOut::Filing(lrn) => format!(
            "it is of the filing {lrn}, which is submitted once: have a dead one tried again by `portgate delivery retry`, or release \
             the filing"
        ),
        store::LeftOut::Outdated(lrn) => format!(
            "it is of the filing {lrn}, and what it declares may not go out as it is now: look at `portgate filing show {lrn}`, and \
             release or cancel it"
        ),
    };
    left_out
        .into_iter()
        .map(|(id, reason)| shown::LeftOutDelivery { delivery: id.to_string(), why: why(reason) })
        .collect()
}
