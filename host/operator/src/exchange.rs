//! Exchanges: which are meant, what is done with those that failed, how they are shown.

use jiff::Timestamp;
use portgate_core::document::{Part, Reference};
use portgate_core::finding::Finding;
use portgate_core::state::ExchangeState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::delivery::Delivery;

/// Which exchanges are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct ExchangeFilter {
    /// These alone, separated by commas.
    #[serde(default, with = "crate::list::commas", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub id: Vec<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ExchangeState>,
    /// Whether some of them waits for a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits_code: Option<bool>,
    /// The partner that sent them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Whether they are tests. Where it is not given, only those that are none; where exchanges are named, either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<bool>,
    /// The contract's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The contract's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The plugin that decoded them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// Accepted at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindQuery {
    /// A reference, a document's key, an id, an idempotency key, a control number, or words of a finding. It counts by its
    /// letters and digits alone.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// Has failed exchanges tried again, gives them up, or has refused and rejected ones mapped again: the path says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnExchanges {
    /// Which exchanges; only those that have failed, or were refused or rejected, are changed: at most 1,000, the oldest
    /// first.
    pub filter: ExchangeFilter,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// One inbound payload, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Its name.
    pub id: String,
    /// Where it is.
    pub state: ExchangeState,
    /// Whether some of it waits for a code.
    #[serde(default)]
    pub awaits_code: bool,
    /// The partner that sent it.
    pub partner: String,
    /// Whether it is a test.
    pub test: bool,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type.
    pub content_type: String,
    /// The header fields that the contract lists, name and value of each.
    pub headers: Vec<(String, String)>,
    /// When the host had read it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub received_at: Timestamp,
    /// When it was accepted.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub accepted_at: Timestamp,
    /// The request's identifier.
    pub request_id: String,
    /// The trace that it belongs to.
    pub trace: Option<String>,
    /// The plugin build that decoded it.
    pub plugin: PluginBuild,
    /// SHA-256 of the payload.
    pub sha256: String,
    /// What the plugin noticed.
    pub findings: Vec<Finding>,
    /// How many parts of it were refused, such as sets of an interchange, while others were taken.
    pub parts_refused: u32,
    /// The delivery whose answer it is, where no partner sent it by itself.
    pub origin: Option<String>,
    /// The key that the business gave it.
    pub business_key: Option<String>,
    /// When payload and documents were removed, if they were.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub redacted_at: Option<Timestamp>,
}

/// One build of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PluginBuild {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component.
    pub sha256: String,
}

/// An exchange in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedExchange {
    /// The exchange.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// What its documents are known by, in the plugin's order.
    pub documents: Vec<DocumentKey>,
    /// Why it is not accepted, in one sentence, where that is known.
    pub reason: Option<String>,
}

/// What a document is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentKey {
    /// Its kind.
    pub kind: String,
    /// What identifies it among those of its kind.
    pub key: String,
}

/// An exchange that was found by a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundExchange {
    /// The exchange.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// What of it has the name, in words for people.
    #[serde(rename = "namedBy")]
    pub named_by: Vec<String>,
    /// Those of its documents that have the name.
    pub documents: Vec<FoundDocument>,
    /// The events that told of these documents.
    pub events: Vec<FoundEvent>,
    /// Its deliveries, with every attempt.
    pub deliveries: Vec<Delivery>,
}

/// A document that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundDocument {
    /// Its kind.
    pub kind: String,
    /// What identifies it among those of its kind.
    pub key: String,
    /// Those of its references that have the name.
    pub references: Vec<Reference>,
}

/// An event (CloudEvents 1.0) that told of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundEvent {
    /// Its identifier.
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// Its subject.
    pub subject: String,
    /// When it was told.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// An exchange with all that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    /// The exchange.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// The parts that it was taken in; empty where it was taken as a whole.
    pub parts: Vec<Part>,
    /// What it said, in the plugin's order.
    pub documents: Vec<ExchangeDocument>,
    /// What goes out because of it, with every attempt.
    pub deliveries: Vec<Delivery>,
    /// What there is to know of it beside, where it was parked and not accepted since.
    pub parked: Option<Parked>,
    /// Why it was refused when it came, where it was and is not accepted since.
    pub refused: Option<Refused>,
    /// The times that it was mapped again, the first one first.
    pub reruns: Vec<RerunRecord>,
}

/// One time that an exchange was mapped again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RerunRecord {
    /// Which time, from 1.
    pub number: u32,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who had it done.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// The plugin build that had decoded it before.
    pub plugin_before: PluginBuild,
}

/// Why an exchange was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The problem's type, such as `/problems/contract-violation`.
    pub r#type: String,
    /// The HTTP status code of the answer.
    pub status: u16,
    /// The problem's sentence.
    pub detail: String,
}

/// One document of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeDocument {
    /// Its kind.
    pub kind: String,
    /// What identifies it among those of its kind.
    pub key: String,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// The part that it is of: the partner's name for it, or where it is.
    pub part: Option<String>,
    /// SHA-256 of the document; it outlives the document.
    pub sha256: String,
    /// Since which of the times that the exchange was mapped again it counts no more; null while it does.
    #[serde(rename = "supersededBy")]
    pub superseded_by: Option<u32>,
    /// The document itself. Null where retention has removed it, and to operators without the permission `payload`.
    pub document: Value,
}

/// What happened to an exchange that was parked and is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// When it was parked.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// How often one build of its plugin has failed on it.
    pub failures: u32,
    /// What happened last; empty where nothing has.
    pub last_failure: String,
    /// When it can be taken up, while it is parked.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub due_at: Option<Timestamp>,
}
