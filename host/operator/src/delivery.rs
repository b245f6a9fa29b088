//! Deliveries: which are meant, what is done with them, how they are shown.

use std::num::NonZeroU32;

use jiff::Timestamp;
use portgate_core::finding::Finding;
use portgate_core::state::{Acknowledged, DeadClass, DeliveryState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which deliveries are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct DeliveryFilter {
    /// These alone, separated by commas.
    #[serde(default, with = "crate::list::commas", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub id: Vec<String>,
    /// The partner that they go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryState>,
    /// Whose fault it is that they are dead, or with a state that they are tried again: without a state, dead ones alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<DeadClass>,
    /// The contract that they are rendered as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The exchange that they came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The delivery under whose id they went out together, as one interchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Accepted at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
}

/// Makes dead deliveries pending again, and what waits for its time due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryDeliveries {
    /// Which deliveries.
    pub filter: DeliveryFilter,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
    /// How many become due in a second, for each destination; 50 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<NonZeroU32>,
}

/// Gives deliveries up for good: dead ones, and those that nobody works on at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscardDeliveries {
    /// Which deliveries.
    pub filter: DeliveryFilter,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// One outbound message to a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its name; the receiver sees it as the `Idempotency-Key`.
    pub id: String,
    /// The exchange that it came of.
    pub exchange: String,
    /// The partner that it goes to.
    pub destination: String,
    /// The contract that it is rendered as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The parts of the exchange's message that it came of, such as a set of an interchange: the partner's names for them, or
    /// where they are. Empty where it came of the whole message.
    pub parts: Vec<String>,
    /// Where it is.
    pub state: DeliveryState,
    /// What the partner makes of it, where it has acknowledged it.
    pub acknowledged: Option<Acknowledged>,
    /// The exchange that the acknowledgement came in.
    pub acknowledged_in: Option<String>,
    /// By when it is to be acknowledged, where that was agreed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub acknowledge_by: Option<Timestamp>,
    /// The control numbers that it was written under. A list of deliveries does not have them.
    pub control_numbers: Option<ControlNumbers>,
    /// Whose fault it is that it is dead, or that it is tried again.
    pub class: Option<DeadClass>,
    /// What is wrong with it, or was noticed.
    pub findings: Vec<Finding>,
    /// When it was accepted.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub created_at: Timestamp,
    /// When it is to be worked on next, while it is not settled.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub due_at: Timestamp,
    /// When it came to its end.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub settled_at: Option<Timestamp>,
    /// The lane whose order it keeps.
    pub lane: Option<String>,
    /// Whether one before it in its lane is not settled.
    pub waits_in_lane: bool,
    /// Who works on it.
    pub worker: Option<String>,
    /// The delivery that it was made after, or in whose place it is, where an operator had that done.
    pub succeeds: Option<String>,
    /// The last one that was made after it, or in its place.
    pub succeeded_by: Option<String>,
    /// The delivery under whose id it went out together with others, as one interchange: its own id, or that of another.
    pub batch: Option<String>,
    /// How many attempts there were.
    pub attempted: u32,
    /// Every attempt, the first one first; a list of deliveries has the last one alone.
    pub attempts: Vec<Attempt>,
}

/// The control numbers of an interchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlNumbers {
    /// Of the interchange: ISA13, UNB 0020.
    pub interchange: u64,
    /// Of its functional group: GS06.
    pub group: u64,
    /// Of its first set or message: ST02, UNH 0062.
    pub first_message: u64,
    /// How many sets or messages there are numbers for.
    pub messages: u32,
}

/// One delivery with what was sent, and what was said in each attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// The delivery, with every attempt and what was said in it.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What is sent, at each attempt the same. Null before it is rendered, and once retention has removed it.
    pub request: Option<DeliveryRequest>,
    /// What the partner is asked with, where it is to say later what became of the delivery.
    pub question: Option<DeliveryRequest>,
    /// When payload, documents and what was sent were removed, if they were.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub redacted_at: Option<Timestamp>,
}

/// A request to a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryRequest {
    /// The HTTP method.
    pub method: String,
    /// Where it goes by today's policy; path and query alone where the policies have no such destination any more.
    pub url: String,
    /// The header fields that the plugin has set, and by its name the one that carries the gateway's credential. What else
    /// was sent is beside each attempt.
    pub headers: Vec<HeaderField>,
    /// The body.
    pub body: Body,
}

/// What was said in an attempt, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transcript {
    /// The HTTP method.
    pub method: String,
    /// Where the request went.
    pub url: String,
    /// The header fields that it had when it left.
    pub headers: Vec<HeaderField>,
    /// The partner's answer, where one began to come.
    pub answer: Option<PartnerAnswer>,
}

/// A partner's answer to an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartnerAnswer {
    /// The HTTP status code.
    pub status: u16,
    /// Its header fields.
    pub headers: Vec<HeaderField>,
    /// Its body. Null where it broke off or was too large, and where the policies let none be kept.
    pub body: Option<Body>,
}

/// A header field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderField {
    /// Its name, in lower case.
    pub name: String,
    /// Its value. Null where it is withheld: it is a credential, or nobody knows that it is none.
    pub value: Option<String>,
}

/// A body, or as much of it as is kept. What is in it is shown to operators with the permission `payload` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Body {
    /// How many bytes it had.
    pub bytes: u64,
    /// Whether more came than is kept.
    pub cut: bool,
    /// What it says, where that is text.
    pub text: Option<String>,
    /// What is in it as base64, where that is no text.
    pub base64: Option<String>,
}

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it started.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Timestamp,
    /// When it ended.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub ended_at: Timestamp,
    /// The HTTP status code of the answer, if one came.
    pub status: Option<u16>,
    /// What the plugin read from the answer: `accepted`, `rejected`, `retry`, `pending`.
    pub verdict: Option<String>,
    /// How long it took, from rendering to reading the answer, in milliseconds.
    pub milliseconds: u64,
    /// What happened.
    pub detail: String,
    /// What was said in it, where one delivery is asked for and as far as that is kept.
    pub transcript: Option<Transcript>,
}

/// How many deliveries of a destination are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCount {
    /// The partner that they go to.
    pub destination: String,
    /// Where they are.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
    /// When the last of them came to its end, if they are at an end.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_settled_at: Option<Timestamp>,
}
