//! What must arrive by when after what.
//!
//! Which expectations a shipment has, and which of them are met, follows from its documents and from what was delivered because
//! of them ([`expected()`]), whatever order they came in. What meets an expectation was said at or after what began it: by the
//! clock of this gateway, or by the documents' own times, since an answer can overtake what it answers. Each beginning needs an
//! answer of its own, unless policy says that one is for all.

mod beginning;
mod pairing;
#[cfg(test)]
mod tests;
mod word;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::Within;
use crate::shipment::Version;
use beginning::{Beginning, beginnings};
use word::{Word, words};

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
    /// The scheme of a reference, such as `lrn`, that what arrives must have in common with the document that began it, or with
    /// one that was delivered; whatever is in the shipment counts where it is not given.
    #[serde(default)]
    pub same: Option<String>,
    /// Whether each beginning needs an answer of its own: each delivery, and each time that something else is said of a document, such
    /// as an amendment. Where it is `false` a document begins it once, and what arrives is for all that began before.
    #[serde(default = "yes")]
    pub each: bool,
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

/// A version of a document of a shipment, and when the gateway had it first.
#[derive(Clone, Debug)]
pub struct Arrived<'d> {
    /// Who sent it.
    pub sender: &'d str,
    /// Its kind.
    pub kind: &'d str,
    /// Its key.
    pub key: &'d str,
    /// Its version, with when its system recorded it.
    pub version: Version,
    /// The exchange that brought it, by its id, and its place there.
    pub place: (u128, u32),
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
    /// The exchange that it came of, by its id.
    pub exchange: u128,
    /// The documents of that exchange which are in it, by their places there.
    pub documents: BTreeSet<u32>,
    /// When it was tried first, or made where it may have left without that being known: the partner can have had it, and have
    /// answered, from then on.
    pub left: Timestamp,
    /// When it was known that the partner has it.
    pub at: Timestamp,
}

/// An expectation of one shipment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// Its name in the policy.
    pub name: String,
    /// What began it: a document's key, with a number where something else was said of it before, or a delivery.
    pub of: String,
    /// When it began.
    pub since: Timestamp,
    /// When it was met, where it was.
    pub met: Option<Timestamp>,
}

/// The expectations of a shipment by name and what began them: those that are met and those that are not.
pub fn expected(expects: &[Expect], documents: &[Arrived<'_>], delivered: &[Delivered]) -> Vec<Expected> {
    let mut all = BTreeMap::new();
    for expect in expects {
        let began = beginnings(expect, documents, delivered);
        if began.is_empty() {
            continue;
        }
        let arrived = words(documents, &expect.what.document, &expect.what.fields);
        let meets = |one: &Beginning<'_>, word: &Word<'_>| {
            one.is_answered_at(word)
                && expect.same.as_ref().is_none_or(|scheme| have_in_common(&one.bodies, &word.bodies, scheme))
        };
        let met: Vec<Option<usize>> = match expect.each {
            true => pairing::pairs(began.len(), arrived.len(), |one, word| meets(&began[one], &arrived[word])),
            false => began.iter().map(|one| arrived.iter().position(|word| meets(one, word))).collect(),
        };
        for (one, met) in began.into_iter().zip(met) {
            let met = met.and_then(|word| arrived.get(word)).map(|word| word.at);
            let expected = Expected { name: expect.name.clone(), of: one.of, since: one.since, met };
            all.insert((expected.name.clone(), expected.of.clone()), expected);
        }
    }
    all.into_values().collect()
}

fn yes() -> bool {
    true
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

/// Whether two have a reference of this scheme in common.
fn have_in_common(one: &[&Value], other: &[&Value], scheme: &str) -> bool {
    let values = |bodies: &[&Value]| -> BTreeSet<String> {
        let references = bodies.iter().filter_map(|body| body["references"].as_array()).flatten();
        let of_scheme = references.filter(|reference| reference["scheme"].as_str() == Some(scheme));
        of_scheme.filter_map(|reference| reference["value"].as_str().map(str::to_owned)).collect()
    };
    !values(one).is_disjoint(&values(other))
}
