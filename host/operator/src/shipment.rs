//! Shipments, and documents that no shipment has yet.

use jiff::Timestamp;
use portgate_core::judgement::ShipmentFinding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exception::Exception;
use crate::filing::Filing;

/// Which shipments: those of which some document carries a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct ShipmentQuery {
    /// The name, as it is in documents: an order's number, an MRN, a container's.
    #[schemars(length(min = 1, max = 128))]
    pub reference: String,
    /// Only where it is a name of this scheme, such as `mrn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Shipments that were made of messages of tests; otherwise none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<bool>,
}

/// A shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// Its id. It changes when an older document joins it that was a shipment of its own; the former ids still find it.
    pub id: String,
    /// When its first document came.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub opened_at: Timestamp,
    /// When its last document came.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub changed_at: Timestamp,
    /// When it was closed because nothing more was heard of it.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub closed_at: Option<Timestamp>,
    /// The revision of its context: the same where the same documents were put together.
    pub revision: Option<String>,
    /// Whether its context has all documents that are known to be of it.
    pub current: bool,
    /// How many documents are tied to more than a shipment can be made of, and are not taken into account in full.
    pub overfull: u64,
    /// Why its context could not be put together, where that is so; it is tried again when something new comes to it.
    pub problem: Option<String>,
    /// The documents in the context, as kind and `id`.
    pub documents: Vec<ShipmentDocument>,
    /// How many fields there are of which two systems say different things.
    pub conflicts: u64,
    /// How many findings of rule packs there are.
    pub findings: u64,
}

/// A document of a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDocument {
    /// Its kind.
    pub kind: String,
    /// Its `id`.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The partner that said it.
    pub system: String,
    /// When the partner recorded it.
    pub recorded_at: String,
}

/// A shipment with its context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentRecord {
    /// The shipment.
    #[serde(flatten)]
    pub shipment: Shipment,
    /// What rule packs say of it; the values of fields only for operators with the permission `payload`.
    pub found: Vec<ShipmentFinding>,
    /// What of it waits for a person, and what did.
    pub exceptions: Vec<Exception>,
    /// What must arrive by when.
    pub expectations: Vec<Expectation>,
    /// What is declared of it.
    pub filings: Vec<Filing>,
    /// The context: a canonical document of the kind `shipment-context`. Only for operators with the permission `payload`.
    pub context: Option<Value>,
}

/// What must arrive by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expectation {
    /// Its name in `exceptions.toml`.
    pub name: String,
    /// What began it: a document's `id`, or a delivery.
    pub of: String,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// By when it must be met.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub due_at: Timestamp,
    /// When it was.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub met_at: Option<Timestamp>,
    /// When it was noticed that it was not met in time.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub overdue_at: Option<Timestamp>,
}

/// A document that no shipment has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnattachedDocument {
    /// Who sent it.
    pub sender: String,
    /// Its kind.
    pub kind: String,
    /// Its `id`.
    pub id: String,
    /// The exchange that brought it.
    pub exchange: String,
    /// Whether it is tied to more than a shipment can be made of.
    pub overfull: bool,
}

/// A document, whoever speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacedDocument {
    /// Its kind.
    #[schemars(length(min = 1, max = 64))]
    pub kind: String,
    /// Its `id`.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
}

/// Says which shipment documents belong to: one of their own, or the one that the path names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceDocuments {
    /// The documents.
    #[schemars(length(min = 1, max = 200))]
    pub documents: Vec<PlacedDocument>,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// Takes back what an act said of the shipment that documents belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoPlacing {
    /// The act's number.
    pub act: u64,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// What was said of the shipment that documents belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placed {
    /// The act's number, by which it can be taken back.
    pub act: u64,
    /// The shipments that the documents are in now, by their ids.
    pub shipments: Vec<String>,
}
