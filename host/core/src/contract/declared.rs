//! A contract as its plugin's manifest declares it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One named, versioned message format of a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Contract {
    /// The contract's name: lower-case letters, digits and hyphens.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub name: String,
    /// Its version, as partners know it: letters, digits, dots and hyphens.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$"))]
    pub version: String,
    /// Whether partners send it, are sent it, or both.
    #[serde(default, skip_serializing_if = "Direction::is_decode")]
    pub direction: Direction,
    /// The media types that are taken, lower case, without parameters.
    #[schemars(length(min = 1))]
    pub media_types: Vec<String>,
    /// How the host checks the payload before the plugin sees it.
    pub format: Format,
    /// For JSON: the schema (2020-12). In `plugin.toml` the name of a file in the plugin's folder; inside the
    /// component the schema itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// The largest payload, in bytes.
    #[schemars(range(min = 1))]
    pub body_bytes_max: u64,
    /// For JSON: how deep lists and objects may be nested in each other, where that is less than what a gateway lets through.
    /// What is nested deeper is refused before the plugin sees it, and `portgate plugin build` gives the plugin as much stack as
    /// so many levels need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub depth_max: Option<u32>,
    /// What a payload may become at most. The plugin refuses what would become more, and policies must have room for it.
    #[serde(default, skip_serializing_if = "Yields::is_default")]
    pub yields: Yields,
    /// Request headers that the plugin is shown, lower case. Never `authorization`, `cookie` or a signature.
    #[serde(default)]
    pub headers: Vec<String>,
    /// From this day on answers carry `Deprecation` (RFC 9745).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub deprecated_on: Option<Date>,
    /// From this day on the contract answers 410; before it, answers carry `Sunset` (RFC 8594).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub sunset_on: Option<Date>,
    /// A page about the contract, for the `Link` header of a deprecated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Whether a message must carry an `Idempotency-Key`.
    #[serde(default, skip_serializing_if = "IdempotencyKey::is_optional")]
    pub idempotency_key: IdempotencyKey,
    /// The request header in which senders put their own id of a message, lower case, such as `x-shopify-webhook-id`: what
    /// comes again under it has no effect and gets the first answer. A partner's policy may name another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// What tells a message sent twice from a new one, even without a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_key: Option<BusinessKey>,
    /// What the plugin makes of agreements with partners on its messages; nothing where this is left out.
    #[serde(default, skip_serializing_if = "AgreementUse::is_none")]
    pub agreement: AgreementUse,
}

/// What a plugin makes of agreements with partners on the messages of a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgreementUse {
    /// Whether it cannot do without one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it writes the functional acknowledgement of what it decodes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledges: bool,
    /// Whether it renders several documents as one message, with a set for each of them, in their order.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub batches: bool,
    /// The settings that it knows, each with what it means, in a sentence.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The tables of codes that it looks up, lower-case letters, digits and hyphens each.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub codes: BTreeSet<String>,
}

impl AgreementUse {
    fn is_none(&self) -> bool {
        *self == AgreementUse::default()
    }
}

/// What one message of a contract may become at most, whatever its size: how many documents, and how many bytes all that
/// the plugin returns has. Plugins built with the SDK keep within the defaults by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Yields {
    /// Documents.
    #[schemars(range(min = 1))]
    pub documents_max: u64,
    /// Bytes.
    #[schemars(range(min = 1))]
    pub output_bytes_max: u64,
}

impl Default for Yields {
    fn default() -> Self {
        Yields { documents_max: 5_000, output_bytes_max: 6 << 20 }
    }
}

impl Yields {
    fn is_default(&self) -> bool {
        *self == Yields::default()
    }
}

/// Which way a contract's messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Partners send it: the plugin decodes it.
    #[default]
    Decode,
    /// Partners are sent it: the plugin encodes it.
    Encode,
    /// Both.
    Both,
}

impl Direction {
    /// Whether partners may send it.
    pub fn is_decoded(self) -> bool {
        self != Direction::Encode
    }

    /// Whether it may be sent to partners.
    pub fn is_encoded(self) -> bool {
        self != Direction::Decode
    }

    fn is_decode(&self) -> bool {
        *self == Direction::Decode
    }
}

/// Whether a message must carry an `Idempotency-Key`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdempotencyKey {
    /// It may.
    #[default]
    Optional,
    /// It is refused without one.
    Required,
}

impl IdempotencyKey {
    fn is_optional(&self) -> bool {
        *self == IdempotencyKey::Optional
    }
}

/// What tells a message sent twice from a new one: fields of the document that the plugin reads from it, such as
/// `business_key = { document = "customs-declaration", fields = ["/lrn", "/revision"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessKey {
    /// The kind of document; one that the plugin emits.
    pub document: String,
    /// JSON Pointers (RFC 6901) of the fields that together are the key.
    #[schemars(length(min = 1, max = 8))]
    pub fields: Vec<String>,
}

/// How the host checks a payload before the plugin sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Strict JSON (RFC 8259, no duplicate keys, bounded depth), then the contract's schema.
    Json,
    /// Text that starts like XML: no NUL, no document type declaration; the plugin's reader does the rest.
    Xml,
    /// UN/EDIFACT or X12: text without NUL; the plugin's tokenizer does the rest.
    Edi,
    /// Any bytes within the cap.
    Bytes,
}
