//! What a document says that decides to which shipment it belongs, beside its references.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::Value;

/// Most articles that are taken of one document.
const GOODS_MAX: usize = 2_000;
/// Most identifiers of parties that are taken of one document.
const PARTIES_MAX: usize = 64;

/// What was read of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its version, as its system counts.
    pub version: String,
    /// When its system recorded it, in microseconds since 1970.
    pub recorded_at: i64,
    /// When what it tells of happened, or else when it was recorded, in seconds since 1970.
    pub at: i64,
    /// The articles that it names: every `sku` in it.
    pub goods: BTreeSet<String>,
    /// The parties that it names, by each of their identifiers: scheme and value.
    pub parties: BTreeSet<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default)]
    version: String,
    source: Option<Source>,
    occurred_at: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    recorded_at: Time,
}

#[derive(Deserialize)]
struct Time {
    value: String,
}

impl Facts {
    /// Those of a document that keeps its schema. Of anything else nothing is read.
    pub fn read(body: &[u8]) -> Facts {
        let Ok(document) = serde_json::from_slice::<Value>(body) else { return Facts::default() };
        let mut facts = Facts::default();
        gather(&document, &mut facts);
        let Ok(Head { version, source, occurred_at }) = Head::deserialize(&document) else { return facts };
        let recorded_at = source.and_then(|source| microseconds(&source.recorded_at.value)).unwrap_or_default();
        let at = occurred_at.and_then(|time| microseconds(&time.value)).unwrap_or(recorded_at);
        Facts { version, recorded_at, at: at.div_euclid(1_000_000), ..facts }
    }
}

/// The instant of an RFC 3339 time, in microseconds since 1970; one without an offset counts as UTC.
pub fn microseconds(time: &str) -> Option<i64> {
    let instant = time.parse::<Timestamp>().ok();
    let local = || jiff::tz::Offset::UTC.to_timestamp(time.parse::<DateTime>().ok()?).ok();
    Some(instant.or_else(local)?.as_microsecond())
}

fn gather(value: &Value, facts: &mut Facts) {
    match value {
        Value::Object(members) => {
            if members.contains_key("role") {
                parties(members.get("ids"), facts);
            }
            for (name, value) in members {
                match value {
                    Value::String(sku) if name == "sku" && facts.goods.len() < GOODS_MAX => {
                        facts.goods.insert(sku.clone());
                    }
                    value => gather(value, facts),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, facts)),
        _ => {}
    }
}

/// The identifiers of one party.
fn parties(ids: Option<&Value>, facts: &mut Facts) {
    for id in ids.and_then(Value::as_array).into_iter().flatten() {
        if let (Some(scheme), Some(value)) = (id["scheme"].as_str(), id["value"].as_str())
            && facts.parties.len() < PARTIES_MAX
        {
            facts.parties.insert((scheme.to_owned(), value.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_times_and_articles_are_read_wherever_they_stand() {
        let facts = Facts::read(
            br#"{"version": "3", "source": {"recordedAt": {"value": "2026-03-05T09:00:00+01:00"}}, "sku": "A",
                 "occurredAt": {"value": "2026-03-04T08:00:00", "localOnly": true}, "lines": [{"item": {"sku": "B"}}, {"sku": "A"}]}"#,
        );
        assert_eq!(facts.version, "3");
        assert_eq!(Timestamp::from_microsecond(facts.recorded_at).unwrap().to_string(), "2026-03-05T08:00:00Z");
        assert_eq!(Timestamp::from_second(facts.at).unwrap().to_string(), "2026-03-04T08:00:00Z");
        assert_eq!(facts.goods.into_iter().collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn parties_are_read_wherever_they_stand_by_each_of_their_identifiers() {
        let facts = Facts::read(
            br#"{"version": "1", "parties": [{"role": "buyer", "ids": [{"scheme": "EORI", "value": "GB1"}, {"scheme": "GLN", "value": "4"}]}],
                 "shipper": {"role": "consignor", "ids": [{"scheme": "EORI", "value": "VN2"}]},
                 "ids": [{"scheme": "EORI", "value": "of nobody"}]}"#,
        );
        let parties: Vec<(&str, &str)> = facts.parties.iter().map(|(scheme, value)| (&**scheme, &**value)).collect();
        assert_eq!(parties, [("EORI", "GB1"), ("EORI", "VN2"), ("GLN", "4")]);
    }

    #[test]
    fn what_is_no_document_says_nothing() {
        for body in ["", "[]", "7", r#"{"version": 3}"#] {
            assert_eq!(Facts::read(body.as_bytes()).version, "");
        }
    }
}
