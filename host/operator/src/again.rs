//! Sending again: an exchange that is mapped again, with what differs shown first, and deliveries that are sent again.

use std::num::NonZeroU32;

use jiff::Timestamp;
use portgate_core::document::Part;
use portgate_core::finding::Finding;
use portgate_core::state::DeliveryState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::delivery::DeliveryFilter;
use crate::exchange::{DocumentKey, PluginBuild};

/// Has an accepted exchange mapped again as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRerun {
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
    /// The digest that was shown with what differs. Where anything would be otherwise than shown, nothing is done.
    pub difference: String,
}

/// What today's plugin and routes make of the payload of an accepted exchange, held against what was made of it then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rerun {
    /// The exchange.
    pub exchange: String,
    /// Digest of all that would happen, to be named by whoever confirms it. Null where today's plugin refuses the payload.
    pub difference: Option<String>,
    /// The plugin build that has decoded it.
    pub plugin_before: PluginBuild,
    /// The plugin build of today.
    pub plugin: PluginBuild,
    /// What today's plugin notices; where it refuses the payload, why.
    pub findings: Vec<Finding>,
    /// The parts that it was taken in before, such as the sets of an interchange; empty where it was taken as a whole.
    pub parts_before: Vec<Part>,
    /// The parts that it is taken in today. Empty where it is taken as a whole, and where today's plugin refuses it.
    pub parts: Vec<Part>,
    /// What becomes of each document.
    pub documents: Vec<RerunDocument>,
    /// What becomes of each delivery to a partner.
    pub deliveries: Vec<RerunDelivery>,
}

/// What becomes of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RerunDocument {
    /// What becomes of it.
    pub change: DocumentChange,
    /// Its kind.
    pub kind: String,
    /// What identifies it among those of its kind.
    pub key: String,
    /// The part that it is of today: the partner's name for it, or where it is. Null where it is of the whole message, or
    /// there no more.
    pub part: Option<String>,
    /// As it is kept. Null where there is none, and where what differs is not shown.
    pub before: Value,
    /// As it is today. Null where there is none or it is the same, and where what differs is not shown.
    pub after: Value,
}

/// What becomes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentChange {
    /// It is as it was, and stays.
    Same,
    /// Another one of the same kind and key takes its place.
    Changed,
    /// It is new.
    New,
    /// It is there no more.
    Gone,
}

/// What becomes of a delivery, or one that is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RerunDelivery {
    /// What becomes of it.
    pub fate: DeliveryFate,
    /// The one that is there. Null where it is made.
    pub delivery: Option<String>,
    /// Where that is.
    pub state: Option<DeliveryState>,
    /// Whether a new one is sent, in its place, after it or for the first time.
    pub is_sent_anew: bool,
    /// The new one. Null where there is none, and until it is made.
    pub successor: Option<String>,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Its document.
    pub document: DocumentKey,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryFate {
    /// It goes on as it is, and nothing is sent anew.
    Stays,
    /// It was not taken yet and is given up: for a new one, or because its document is there no more.
    Superseded,
    /// Its receiver has it, or an operator has given it up. It stays as it is, and a new one is sent.
    Followed,
    /// It is made.
    New,
}

/// Sends deliveries again, byte for byte as they were rendered: dead and discarded ones, and if asked for those that are
/// delivered. At most 1,000 at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct ResendDeliveries {
    /// Which deliveries.
    pub filter: DeliveryFilter,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
    /// Confirms that what is delivered is sent again as well: exactly these. Where others are meant by now, nothing is done;
    /// where this is left out, none of them is touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_delivered: Option<ConfirmDelivered>,
    /// Whether each goes out under a new id, so that its receiver takes it for another message.
    #[serde(default)]
    pub new_ids: bool,
    /// How many become due in a second, for each destination; 50 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<NonZeroU32>,
}

/// Delivered ones as they were counted over all destinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct ConfirmDelivered {
    /// How many there are.
    pub count: u64,
    /// When the last of them was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_settled_at: Option<Timestamp>,
}

/// What was sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resent {
    /// Those that are sent again.
    pub resent: Vec<ResentDelivery>,
    /// Those that are not.
    pub left_out: Vec<LeftOutDelivery>,
}

/// A delivery that is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResentDelivery {
    /// The delivery.
    pub delivery: String,
    /// The id under which its receiver gets it: the same, or a new one.
    pub r#as: String,
}

/// A delivery that is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOutDelivery {
    /// The delivery.
    pub delivery: String,
    /// Why.
    pub why: String,
}
