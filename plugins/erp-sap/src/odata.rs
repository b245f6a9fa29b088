//! What S/4HANA answers by OData, V2 and V4: a list of entities or one alone, bare or in what lies around it.

use portgate_sdk::canonical::{Date, Text, Timestamp};
use portgate_sdk::{Decoded, Finding, Message, Pointer, Rejection};
use serde_json::Value;

use crate::reader::{Reader, short};
use crate::record::Record;
use crate::{errors, time};

pub(crate) mod billing;
pub(crate) mod business_partner;
pub(crate) mod delivery;
pub(crate) mod event;
pub(crate) mod pricing;
pub(crate) mod product;
pub(crate) mod sales_order;

/// How many wrappers may lie around the entities.
const WRAPPERS_MAX: usize = 5;

/// An entity that becomes documents: by which property it is known, what makes it a part of one, and how it is read.
pub(crate) struct Entity {
    /// What it is called in findings.
    pub(crate) title: &'static str,
    /// The property that identifies it.
    pub(crate) key: &'static [&'static str],
    /// Properties that an entity has which is only a part of it: an item, a partner, a price.
    pub(crate) parts: &'static [&'static str],
    pub(crate) read: fn(&Record<'_>, &Message, &mut Reader<'_>),
}

/// The documents of a message. Of several entities each is taken or refused by itself.
pub(crate) fn decode(message: &Message, of: &Entity) -> Result<Decoded, Rejection> {
    let sent: Value = message.json()?;
    let mut decoded = Decoded::new();
    let mut found = Vec::new();
    entities(&sent, Pointer::root(), WRAPPERS_MAX, &mut found, &mut decoded);
    let are_many = found.len() > 1;
    for entity in &found {
        if decoded.is_overfull() {
            break;
        }
        if are_many {
            decoded.part(entity.at(""), entity.first(of.key).unwrap_or_default());
        }
        read(entity, message, of, &mut Reader { decoded: &mut decoded });
    }
    if found.is_empty() && !decoded.is_rejected() && !is_empty_list(&sent) {
        let detail = format!("There is no {} in this; send entities as OData answers them.", of.title);
        decoded.finding(Finding::error("NO-ENTITY", "", detail));
    } else if found.is_empty() && !decoded.is_rejected() {
        decoded.finding(Finding::info("EMPTY", "", "The list is empty; nothing comes of it."));
    }
    decoded.finish()
}

fn read(entity: &Record<'_>, message: &Message, of: &Entity, reader: &mut Reader<'_>) {
    let is_part = of.parts.iter().any(|name| entity.text(name).is_some());
    let has_key = entity.first(of.key).is_some();
    if is_part {
        // As a document it would take the place of the whole.
        let detail = format!(
            "This is a part of a {} alone; nothing comes of it. Read the {} with `$expand`, so that its parts come with it.",
            of.title, of.title
        );
        reader.warning(entity, "", "PART-ALONE", detail);
    } else if !has_key {
        let keys = of.key.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
        reader.error(entity, "", "MISSING", format!("Give {keys}: there is no {} without it.", of.title));
    } else {
        (of.read)(entity, message, reader);
    }
}

/// The entities of a text: below `d` and `results` (V2), `value` (V4), or what logs and recordings of answers put around them.
/// An error in their place is said in its own words.
fn entities<'m>(value: &'m Value, at: Pointer, wrappers: usize, found: &mut Vec<Record<'m>>, decoded: &mut Decoded) {
    let Some(fewer) = wrappers.checked_sub(1) else { return };
    match value {
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                if let Value::Object(object) = inner {
                    found.push(Record::entity(object, at.index(index)));
                }
            }
        }
        Value::Object(object) => {
            let inner = |name: &'static str| object.get(name).map(|inner| (inner, at.key(name)));
            if object.contains_key("error") {
                for finding in errors::findings(value, &at) {
                    decoded.finding(finding);
                }
                return;
            }
            let list = inner("results").or_else(|| inner("value")).filter(|(inner, _)| inner.is_array());
            let body =
                inner("response").and_then(|(response, at)| Some((response.get("jsonBody")?, at.key("jsonBody"))));
            let logged = inner("message").filter(|_| object.contains_key("level"));
            let wrapped = inner("d").filter(|(inner, _)| inner.is_object() || inner.is_array()).or(list).or(body);
            match (wrapped, logged) {
                (Some((inner, at)), _) => entities(inner, at, fewer, found, decoded),
                (None, Some((Value::String(words), at))) => {
                    let detail = format!("There is no entity here, but words: {}", short(words));
                    decoded.finding(Finding::error("NO-ENTITY", at, detail));
                }
                (None, Some((inner, at))) => entities(inner, at, fewer, found, decoded),
                (None, None) => found.push(Record::entity(object, at)),
            }
        }
        _ => {}
    }
}

/// Whether it is the answer to a question that nothing fits.
fn is_empty_list(sent: &Value) -> bool {
    let list = sent.pointer("/d/results").or_else(|| sent.get("value")).or_else(|| sent.get("message")).unwrap_or(sent);
    list.as_array().is_some_and(Vec::is_empty)
}

/// When an entity was changed last: what counts its versions, and when it was recorded.
pub(crate) struct Changed {
    pub(crate) version: Text<32>,
    pub(crate) at: Option<Timestamp>,
}

impl Changed {
    pub(crate) fn read(entity: &Record<'_>) -> Self {
        let at = entity.set("LastChangeDateTime").and_then(|written| time::moment(&written));
        let days = ["LastChangeDate", "CreationDate"].map(|name| entity.set(name).and_then(|day| time::day(&day)));
        let day = days.into_iter().flatten().next();
        let version = match (&at, day) {
            (Some(at), _) => at.to_version(),
            (None, Some(day)) => Text::new(day.as_str()).expect("a day has ten characters"),
            (None, None) => Text::new("1").expect("a version"),
        };
        Changed { version, at }
    }
}

/// A day with the time that stands beside it, in the zone that is named.
pub(crate) fn moment(
    reader: &mut Reader<'_>,
    entity: &Record<'_>,
    (day, clock): (&str, &str),
    zone: Option<&str>,
) -> Option<Timestamp> {
    let clock = if clock.is_empty() { None } else { entity.text(clock) };
    let day: Date = reader.day(entity, day)?;
    time::at(&day, clock.as_deref(), zone).or_else(|| time::at(&day, None, zone))
}
