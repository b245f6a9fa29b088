//! The audit log: searched, counted, with its head; and a replay, which it is told of.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use portgate_core::audit::Kind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Which entries are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct AuditFilter {
    /// What they are about.
    #[serde(default, with = "kind_if_given", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "kinds")]
    pub kind: Option<Kind>,
    /// Who did it: `gateway`, `operator:NAME` or `plugin:NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What they concern: `plugin:NAME`, `partner:NAME`, `policy:PATH`, `delivery:ID`, `exchange:ID`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Of this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// From before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
}

/// Which entries are meant, and in which order they are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = crate::without_null)]
pub struct AuditQuery {
    /// Which entries.
    #[serde(flatten)]
    pub filter: AuditFilter,
    /// The newest first, unless it is `oldest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<AuditOrder>,
}

/// In which order entries are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuditOrder {
    /// Backwards from the end of the chain.
    #[default]
    Newest,
    /// As they stand in the chain.
    Oldest,
}

/// The one kind of entries that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LatestQuery {
    /// What they are about.
    #[serde(with = "kind")]
    #[schemars(schema_with = "kinds")]
    pub kind: Kind,
}

/// An entry as it is hashed: canonical JSON (RFC 8785). One that somebody has altered so that it is no JSON any more is a
/// text with what is left.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuditLine(Box<RawValue>);

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub number: u64,
    /// The hash of the entry before it.
    pub previous: String,
    /// When it happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What it is about.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What it concerns.
    pub subject: String,
    /// The rest: names, digests, counts and reasons.
    pub detail: BTreeMap<String, Value>,
}

impl AuditLine {
    /// A line of the log.
    pub fn new(line: String) -> Self {
        match serde_json::from_str::<Box<RawValue>>(&line) {
            Ok(read) => AuditLine(read),
            // A text is always JSON.
            Err(_) => AuditLine(RawValue::from_string(Value::from(line).to_string()).unwrap_or_default()),
        }
    }

    /// The entry; nothing if somebody has altered the line so that it is no entry any more.
    pub fn entry(&self) -> Option<AuditEntry> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// As it stands in the answer.
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl JsonSchema for AuditLine {
    fn schema_name() -> Cow<'static, str> {
        "AuditLine".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<AuditEntry>();
        json_schema!({
            "description": "An entry as it is hashed, or what is left of one that somebody has altered.",
            "anyOf": [entry, { "type": "string" }],
        })
    }
}

/// How many entries share kind, actor and subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditCount {
    /// What they are about.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What they concern.
    pub subject: String,
    /// How many.
    pub count: u64,
    /// When the first of them happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_at: Timestamp,
    /// When the last of them happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_at: Timestamp,
}

/// The newest head, and what verifies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditHead {
    /// The head; null while the log is empty.
    pub head: Option<Head>,
    /// Entries that have no place in the chain yet.
    pub unsealed: u64,
    /// Which key signs.
    pub key: String,
    /// The key that verifies, in PEM.
    pub public_key: String,
}

/// The end of the log at one moment, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// When it was sealed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The hash of the last entry.
    pub hash: String,
    /// Which key signs.
    pub key: String,
    /// The number of the last entry: how many there are.
    pub number: u64,
    /// An Ed25519 signature over the other members as canonical JSON, in base64.
    pub signature: String,
    /// `portgate.audit.head.v1`.
    pub r#type: String,
}

/// Tells of exchanges that are about to be run through a plugin once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The plugin that they go through.
    #[schemars(regex(pattern = r"^[!-~]{0,100}$"))]
    pub plugin: String,
    /// Which version of it.
    #[schemars(regex(pattern = r"^[!-~]{0,100}$"))]
    pub version: String,
    /// SHA-256 of its component.
    #[schemars(regex(pattern = r"^[!-~]{0,100}$"))]
    pub sha256: String,
    /// The exchanges.
    pub exchanges: Vec<String>,
}

/// That a replay was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayKept {
    /// Always true.
    pub kept: bool,
}

/// Every kind of entries.
fn kinds(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    json_schema!({ "type": "string", "enum": words })
}

mod kind {
    use serde::{Deserializer, Serializer};

    use super::*;

    pub(super) fn serialize<S: Serializer>(kind: &Kind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        let word = String::deserialize(from)?;
        Kind::from_str(&word).map_err(serde::de::Error::custom)
    }
}

mod kind_if_given {
    use serde::{Deserializer, Serializer};

    use super::*;

    pub(super) fn serialize<S: Serializer>(kind: &Option<Kind>, to: S) -> Result<S::Ok, S::Error> {
        kind.map(Kind::as_str).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Kind>, D::Error> {
        super::kind::deserialize(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_given_as_it_is_hashed_and_an_altered_one_as_a_text() {
        let line = r#"{"actor":"gateway","at":"2026-03-01T08:00:00Z","detail":{"a":[1]},"kind":"replayed","number":7,"previous":"00","subject":"plugin:p"}"#;
        let good = AuditLine::new(line.to_owned());
        assert_eq!(serde_json::to_string(&good).expect("JSON"), line);
        assert_eq!(good.entry().map(|entry| entry.number), Some(7));
        let altered = AuditLine::new("{\"number\":7,".to_owned());
        assert_eq!(altered.entry(), None);
        assert_eq!(altered.json(), r#""{\"number\":7,""#);
    }

    #[test]
    fn a_kind_is_known_by_its_word() {
        let filter: AuditFilter = serde_json::from_str(r#"{"kind":"replayed"}"#).expect("a filter");
        assert_eq!(filter.kind, Some(Kind::Replayed));
        assert!(serde_json::from_str::<LatestQuery>(r#"{"kind":"anything"}"#).is_err());
        let schema = schemars::schema_for!(LatestQuery).to_value();
        assert_eq!(schema["properties"]["kind"]["enum"].as_array().map(Vec::len), Some(Kind::ALL.len()));
    }
}
