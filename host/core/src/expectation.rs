//! What must arrive by when after what.
//!
//! Which expectations a shipment has, and which of them are met, follows from its documents and from what was delivered because
//! of them ([`expected()`]), whatever order they came in: a document that comes late, or came before, meets an expectation
//! like one that comes in time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::Within;

/// One expectation, as policy has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Its name.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub name: String,
    /// What begins it.
    pub after: After,
    /// What must arrive.
    pub what: Arrival,
    /// By when.
    pub within: Within,
    /// The country whose working time counts, as the calendar's keys begin.
    #[serde(default)]
    pub country: Option<String>,
    /// The scheme of a reference, such as `lrn`, that what arrives must have in common with the document that began it;
    /// whatever is in the shipment counts where it is not given.
    #[serde(default)]
    pub same: Option<String>,
    /// Whether it is only told of (an event) and no person is wanted.
    #[serde(default)]
    pub alert: bool,
}

/// What begins an expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum After {
    /// A document of a kind is in the shipment.
    Document {
        /// The kind.
        document: String,
        /// What fields of it must say, as JSON Pointers.
        #[serde(default, rename = "where")]
        fields: BTreeMap<String, String>,
    },
    /// Something that came of the shipment's documents was delivered.
    Delivered {
        /// The partner that it went to.
        delivered: String,
        /// The contract that it was rendered as; any where it is not given.
        #[serde(default)]
        contract: Option<String>,
    },
}

/// A document that must arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// Its kind.
    pub document: String,
    /// What fields of it must say, as JSON Pointers.
    #[serde(default, rename = "where")]
    pub fields: BTreeMap<String, String>,
}

/// A document of a shipment, and when the gateway had it first.
#[derive(Clone, Debug)]
pub struct Arrived<'d> {
    /// Its kind.
    pub kind: &'d str,
    /// Its key.
    pub key: &'d str,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub body: &'d Value,
}

/// Something that was delivered because of a shipment's documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The delivery.
    pub id: String,
    /// The partner that has it.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// When.
    pub at: Timestamp,
}

/// An expectation of one shipment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// Its name in the policy.
    pub name: String,
    /// What began it: a document's key, or a delivery.
    pub of: String,
    /// When it began.
    pub since: Timestamp,
    /// When it was met, where it was.
    pub met: Option<Timestamp>,
}

/// The expectations of a shipment by name and what began them: those that are met and those that are not.
pub fn expected(expects: &[Expect], documents: &[Arrived<'_>], delivered: &[Delivered]) -> Vec<Expected> {
    let mut all: BTreeMap<(&str, String), Expected> = BTreeMap::new();
    for expect in expects {
        let mut begin = |of: String, since: Timestamp, by: Option<&Value>| {
            let fits = |one: &&Arrived<'_>| {
                one.kind == expect.what.document
                    && says(one.body, &expect.what.fields)
                    && match (&expect.same, by) {
                        (Some(scheme), Some(by)) => have_in_common(by, one.body, scheme),
                        _ => true,
                    }
            };
            let met = documents.iter().filter(fits).map(|one| one.at).min();
            let entry = all.entry((expect.name.as_str(), of.clone())).or_insert_with(|| Expected {
                name: expect.name.clone(),
                of,
                since,
                met,
            });
            // What is repeated was said when it was said first.
            entry.since = entry.since.min(since);
            entry.met = [entry.met, met].into_iter().flatten().min();
        };
        match &expect.after {
            After::Document { document, fields } => {
                let begins = documents.iter().filter(|one| one.kind == *document && says(one.body, fields));
                begins.for_each(|one| begin(one.key.to_owned(), one.at, Some(one.body)));
            }
            After::Delivered { delivered: partner, contract } => {
                let is_meant = |one: &&Delivered| {
                    one.partner == *partner && contract.as_ref().is_none_or(|contract| one.contract == *contract)
                };
                delivered.iter().filter(is_meant).for_each(|one| begin(one.id.clone(), one.at, None));
            }
        }
    }
    all.into_values().collect()
}

/// Whether fields say what they must. A value that is an object with `value`, as canonical documents write times and amounts,
/// is compared by that.
fn says(body: &Value, fields: &BTreeMap<String, String>) -> bool {
    fields.iter().all(|(pointer, wanted)| match body.pointer(pointer) {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Object(object)) => object.get("value").and_then(Value::as_str) == Some(wanted),
        Some(Value::Null) | None => false,
        Some(other) => {
            let text = other.to_string();
            text == *wanted
        }
    })
}

/// Whether two documents have a reference of this scheme in common.
fn have_in_common(one: &Value, other: &Value, scheme: &str) -> bool {
    let values = |body: &Value| -> Vec<String> {
        let references = body["references"].as_array().into_iter().flatten();
        let of_scheme = references.filter(|reference| reference["scheme"].as_str() == Some(scheme));
        of_scheme.filter_map(|reference| reference["value"].as_str().map(str::to_owned)).collect()
    };
    let theirs = values(other);
    values(one).iter().any(|value| theirs.contains(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + 60 * minute).expect("a time")
    }

    fn expect(after: Value, same: Option<&str>) -> Expect {
        let text = json!({
            "name": "answer", "after": after, "within": "4 hours", "same": same,
            "what": { "document": "customs-status", "where": { "/status": "accepted" } },
        });
        serde_json::from_value(text).expect("an expectation")
    }

    fn body(lrn: &str, status: &str) -> Value {
        json!({ "references": [{ "scheme": "lrn", "value": lrn }], "status": status })
    }

    fn told(
        expects: &[Expect],
        arrived: &[(&str, &str, i64, Value)],
        delivered: &[Delivered],
    ) -> Vec<(String, Option<Timestamp>)> {
        let documents: Vec<Arrived<'_>> =
            arrived.iter().map(|(kind, key, minute, body)| Arrived { kind, key, at: at(*minute), body }).collect();
        expected(expects, &documents, delivered).into_iter().map(|one| (one.of, one.met)).collect()
    }

    #[test]
    fn what_arrives_for_one_document_meets_nothing_of_another() {
        let expects = [expect(json!({ "document": "customs-declaration" }), Some("lrn"))];
        let arrived = [
            ("customs-declaration", "D1", 0, body("L1", "")),
            ("customs-declaration", "D2", 1, body("L2", "")),
            ("customs-status", "S1", 9, body("L2", "accepted")),
            ("customs-status", "S2", 5, body("L1", "registered")),
        ];
        let expected = [("D1".to_owned(), None), ("D2".to_owned(), Some(at(9)))];
        assert_eq!(told(&expects, &arrived, &[]), expected);
    }

    #[test]
    fn what_was_delivered_begins_an_expectation_and_any_document_of_the_shipment_meets_it() {
        let expects = [expect(json!({ "delivered": "broker", "contract": "declaration" }), None)];
        let delivery = |id: &str, partner: &str, contract: &str| Delivered {
            id: id.to_owned(),
            partner: partner.to_owned(),
            contract: contract.to_owned(),
            at: at(3),
        };
        let delivered = [
            delivery("d1", "broker", "declaration"),
            delivery("d2", "erp", "declaration"),
            delivery("d3", "broker", "x"),
        ];
        assert_eq!(told(&expects, &[], &delivered), [("d1".to_owned(), None)]);
        let late = [("customs-status", "S", 9_000, body("L", "accepted"))];
        assert_eq!(told(&expects, &late, &delivered), [("d1".to_owned(), Some(at(9_000)))]);
    }

    #[test]
    fn fields_say_texts_numbers_and_values() {
        let fields = |pointer: &str, wanted: &str| BTreeMap::from([(pointer.to_owned(), wanted.to_owned())]);
        let body = json!({ "a": "x", "n": 4, "t": { "value": "y" }, "z": null });
        for (pointer, wanted, says_so) in
            [("/a", "x", true), ("/n", "4", true), ("/t", "y", true), ("/z", "null", false), ("/b", "x", false)]
        {
            assert_eq!(says(&body, &fields(pointer, wanted)), says_so, "{pointer}");
        }
    }

    proptest! {
        #[test]
        fn no_order_of_arrival_has_a_say(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let expects = [expect(json!({ "document": "customs-declaration" }), Some("lrn"))];
            let all: Vec<(&str, String, i64, Value)> = (0..8)
                .map(|n| {
                    let kind = if n % 2 == 0 { "customs-declaration" } else { "customs-status" };
                    (kind, format!("K{}", n / 4), n, body(&format!("L{}", n % 3), "accepted"))
                })
                .collect();
            let given = |order: &[usize]| {
                let documents: Vec<Arrived<'_>> = order
                    .iter()
                    .map(|n| Arrived { kind: all[*n].0, key: &all[*n].1, at: at(all[*n].2), body: &all[*n].3 })
                    .collect();
                expected(&expects, &documents, &[])
            };
            prop_assert_eq!(given(&order), given(&[0, 1, 2, 3, 4, 5, 6, 7]));
        }
    }
}
