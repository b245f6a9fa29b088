//! Shipments, by whatever name their documents carry, and documents that no shipment has yet.

use percent_encoding::percent_decode_str;
use portgate_canonical::ShipmentContext;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Permission;
use portgate_operator::{
    Expectation, Items, NoQuery, Shipment, ShipmentDocument, ShipmentQuery, ShipmentRecord, UnattachedDocument,
};
use portgate_store::{KeptExpectation, KeptShipment, Unattached};
use uuid::Uuid;

use super::answer::Json;
use super::exceptions;
use super::filings;
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// Shipments and documents that are listed, at most.
const LISTED_MAX: u32 = 200;

pub(super) async fn list(call: Call, query: ShipmentQuery) -> Result<Json<Items<Shipment>>, Refusal> {
    let ShipmentQuery { reference, scheme, test } = query;
    let is_test = test.unwrap_or_default();
    let found = call.state.journal.shipments_named(is_test, scheme, reference, LISTED_MAX).await?;
    Ok(Json(Items { items: found.iter().map(|kept| shown(kept).0).collect() }))
}

/// The shipment that is called so, or the one of which some document carries this name.
pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<ShipmentRecord>, Refusal> {
    let kept = find(&call).await?;
    let (shipment, context) = shown(&kept);
    let context = context.filter(|_| call.operator.has(Permission::Payload));
    if context.is_some() {
        let (actor, subject) = (Actor::operator(&call.operator.name), Subject::shipment(&shipment.id));
        let entry = Entry::new(now(), Kind::PayloadRead, actor, subject).text("what", "context");
        call.state.audit.keep(vec![entry]).await?;
    }
    let mut found = kept.findings.clone();
    if !call.operator.has(Permission::Payload) {
        for field in found.iter_mut().flat_map(|finding| &mut finding.fields) {
            field.value = None;
        }
    }
    let at = now();
    let people = call.state.journal.people(kept.id, Vec::new()).await?;
    let exceptions = people.exceptions.iter().map(|kept| exceptions::shown(kept, at)).collect();
    let expectation = |kept: KeptExpectation| Expectation {
        name: kept.expected.name,
        of: kept.expected.of,
        since: kept.expected.since,
        due_at: kept.due_at,
        met_at: kept.expected.met,
        overdue_at: kept.overdue_at,
    };
    let expectations = call.state.journal.expectations(kept.id).await?.into_iter().map(expectation).collect();
    let filings = call.state.journal.shipment_filings(kept.id).await?;
    let filings = filings.into_iter().map(|kept| filings::shown(&call, kept)).collect();
    Ok(Json(ShipmentRecord { shipment, found, exceptions, expectations, filings, context }))
}

pub(super) async fn find(call: &Call) -> Result<KeptShipment, Refusal> {
    // A name can have any sign in it.
    let name = percent_decode_str(&call.named).decode_utf8_lossy().into_owned();
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(kept) = call.state.journal.shipment(id).await?
    {
        return Ok(kept);
    }
    let mut found = call.state.journal.shipments_named(false, None, name.clone(), 2).await?;
    let several = found.len() > 1;
    match found.pop() {
        Some(_) if several => Err(Refusal::ShipmentAmbiguous { reference: name }),
        Some(kept) => Ok(kept),
        None => Err(Refusal::ShipmentUnknown { reference: name }),
    }
}

/// A shipment as operators see it, and its context.
fn shown(kept: &KeptShipment) -> (Shipment, Option<serde_json::Value>) {
    let context: Option<serde_json::Value> =
        kept.context.as_deref().and_then(|context| serde_json::from_str(context).ok());
    let read = context.as_ref().and_then(|context| serde_json::from_value::<ShipmentContext>(context.clone()).ok());
    let document = |document: &portgate_canonical::ContextDocument| ShipmentDocument {
        kind: document.kind.to_string(),
        id: document.id.to_string(),
        version: document.provenance.version.to_string(),
        system: document.provenance.system.to_string(),
        recorded_at: document.provenance.recorded_at.as_str().to_owned(),
    };
    let documents = read.iter().flat_map(|context| &context.documents).map(document).collect();
    let conflicts = read.as_ref().map_or(0, |context| context.conflicts.len() as u64);
    let shipment = Shipment {
        id: kept.id.to_string(),
        opened_at: kept.opened_at,
        changed_at: kept.changed_at,
        closed_at: kept.closed_at,
        revision: kept.revision.clone(),
        current: kept.is_current,
        overfull: kept.overfull,
        problem: kept.problem.clone(),
        documents,
        conflicts,
        findings: kept.findings.len() as u64,
    };
    (shipment, context)
}

pub(super) async fn unattached(call: Call, _: NoQuery) -> Result<Json<Items<UnattachedDocument>>, Refusal> {
    let configuration = call.state.configuration.load_full();
    let shipments = configuration.policies.shipments.as_ref();
    let catalogue = shipments.map(|shipments| shipments.catalogue.iter().cloned().collect()).unwrap_or_default();
    let found = call.state.journal.unattached(catalogue, LISTED_MAX).await?;
    let shown = |Unattached { sender, kind, key, exchange, is_overfull }| UnattachedDocument {
        sender,
        kind,
        id: key,
        exchange: exchange.to_string(),
        overfull: is_overfull,
    };
    Ok(Json(Items { items: found.into_iter().map(shown).collect() }))
}
