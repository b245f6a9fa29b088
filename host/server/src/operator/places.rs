//! Which shipment documents belong to, as an operator says it.

use portgate_core::shipment::NotPlaced;
use portgate_operator::{PlaceDocuments, Placed, PlacedDocument, UndoPlacing};
use portgate_store::{DocumentName, Operator, ShipmentAct, ShipmentActed, ShipmentChange};
use uuid::Uuid;

use super::answer::Json;
use super::asked::invalid;
use super::filters;
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// Splits documents off the shipment that the path names.
pub(super) async fn split(call: Call, asked: PlaceDocuments) -> Result<Json<Placed>, Refusal> {
    let shipment = shipment(&call)?;
    let documents = named(asked.documents);
    act(&call, ShipmentChange::Split { shipment, documents }, &asked.reason).await
}

/// Moves documents, wherever they are, to the shipment that the path names.
pub(super) async fn to(call: Call, asked: PlaceDocuments) -> Result<Json<Placed>, Refusal> {
    let to = shipment(&call)?;
    let documents = named(asked.documents);
    act(&call, ShipmentChange::Move { documents, to }, &asked.reason).await
}

/// Takes an act back.
pub(super) async fn undo(call: Call, asked: UndoPlacing) -> Result<Json<Placed>, Refusal> {
    let act_number = i64::try_from(asked.act).unwrap_or(i64::MAX);
    act(&call, ShipmentChange::Undo { act: act_number }, &asked.reason).await
}

/// The id in the path: a name could be of several.
fn shipment(call: &Call) -> Result<Uuid, Refusal> {
    call.named.parse().map_err(|_| Refusal::ShipmentUnknown { reference: call.named.clone() })
}

fn named(documents: Vec<PlacedDocument>) -> Vec<DocumentName> {
    documents.into_iter().map(|PlacedDocument { kind, id }| DocumentName { kind, key: id }).collect()
}

async fn act(call: &Call, change: ShipmentChange, reason: &str) -> Result<Json<Placed>, Refusal> {
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(reason)? };
    let Some(plan) = call.state.configuration.load().shipments.clone() else {
        return Err(Refusal::ShipmentUnknown { reference: call.named.clone() });
    };
    let act = ShipmentAct { operator, change, rules: plan.rules, now: now() };
    let (name, change) = (act.operator.name.clone(), act.change.clone());
    match call.state.journal.place(act).await? {
        ShipmentActed::Done { act, shipments } => {
            tracing::info!(operator = name, act, ?change, "an operator said which shipment documents belong to");
            let shipments = shipments.iter().map(Uuid::to_string).collect();
            Ok(Json(Placed { act: act.unsigned_abs(), shipments }))
        }
        ShipmentActed::ShipmentUnknown(id) => Err(Refusal::ShipmentUnknown { reference: id.to_string() }),
        ShipmentActed::DocumentUnknown(DocumentName { kind, key }) => {
            let there = match change {
                ShipmentChange::Split { .. } => "the shipment has no document",
                ShipmentChange::Move { .. } | ShipmentChange::Undo { .. } => "there is no document",
            };
            Err(invalid("/documents", format!("{there} of kind `{kind}` with the id `{key}`")))
        }
        ShipmentActed::ActUnknown(act) => {
            let detail = format!("no act {act} says which shipment documents belong to; or it was taken back before");
            Err(invalid("/act", detail))
        }
        ShipmentActed::NotPossible(why) => {
            let instead = match why {
                NotPlaced::NothingOpens => {
                    "; add one that does (`opens` in shipments.toml), or move them to a shipment that there is"
                }
                NotPlaced::NothingStays => "; leave one that does (`opens` in shipments.toml)",
                NotPlaced::IsThere => "",
            };
            Err(invalid("/documents", format!("{why}{instead}")))
        }
    }
}
