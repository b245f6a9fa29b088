//! What names an event: the digest of what it says (CBV 2.0 §8.9), whatever syntax, order and offset it is said in.
//!
//! The values of an event are put one after another in a fixed order, each in one form: identifiers as canonical Digital
//! Links, words of the vocabulary as their web addresses, times in UTC, numbers without noughts at their end, lists sorted.
//! The SHA-256 of that text is the event's name, `ni:///sha-256;…?ver=CBV2.0`. Not part of it are when the event was
//! recorded, its own name, certificates, and that it was declared an error: so a declaration names the event that it takes
//! back.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{gs1, time};

/// How a field is put into the text.
#[derive(Clone, Copy)]
enum Form {
    /// One value.
    Plain,
    /// Times.
    Time,
    /// A word of the vocabulary, whose address begins so.
    Word(&'static str),
    /// A list, each of whose values has this name.
    List(&'static str),
    /// A list of objects with these fields.
    Objects(&'static str, &'static [(&'static str, Form)]),
    /// An object with these fields.
    Object(&'static [(&'static str, Form)]),
    /// Sensors: objects as in a list, without the list's own name.
    Sensors(&'static [(&'static str, Form)]),
}

use Form::{List, Object, Objects, Plain, Sensors, Time, Word};

const BIZ_STEP: Form = Word("https://ref.gs1.org/cbv/BizStep-");
const DISPOSITION: Form = Word("https://ref.gs1.org/cbv/Disp-");
const TRANSACTION_TYPE: Form = Word("https://ref.gs1.org/cbv/BTT-");
const PARTY_TYPE: Form = Word("https://ref.gs1.org/cbv/SDT-");
const COMPONENT: Form = Word("https://ref.gs1.org/cbv/Comp-");
const MEASUREMENT: Form = Word("https://ref.gs1.org/voc/");

const QUANTITY: &[(&str, Form)] = &[("epcClass", Plain), ("quantity", Plain), ("uom", Plain)];
const PLACE: &[(&str, Form)] = &[("id", Plain)];
const METADATA: &[(&str, Form)] = &[
    ("time", Time),
    ("startTime", Time),
    ("endTime", Time),
    ("deviceID", Plain),
    ("deviceMetadata", Plain),
    ("rawData", Plain),
    ("dataProcessingMethod", Plain),
    ("bizRules", Plain),
];
const REPORT: &[(&str, Form)] = &[
    ("type", MEASUREMENT),
    ("exception", MEASUREMENT),
    ("deviceID", Plain),
    ("deviceMetadata", Plain),
    ("rawData", Plain),
    ("dataProcessingMethod", Plain),
    ("time", Time),
    ("microorganism", Plain),
    ("chemicalSubstance", Plain),
    ("value", Plain),
    ("component", COMPONENT),
    ("stringValue", Plain),
    ("booleanValue", Plain),
    ("hexBinaryValue", Plain),
    ("uriValue", Plain),
    ("minValue", Plain),
    ("maxValue", Plain),
    ("meanValue", Plain),
    ("sDev", Plain),
    ("percRank", Plain),
    ("percValue", Plain),
    ("uom", Plain),
    ("coordinateReferenceSystem", Plain),
];
const SENSOR: &[(&str, Form)] = &[("sensorMetadata", Object(METADATA)), ("sensorReport", Sensors(REPORT))];

/// The fields of an event in their order.
const FIELDS: &[(&str, Form)] = &[
    ("eventTime", Time),
    ("eventTimeZoneOffset", Plain),
    ("epcList", List("epc")),
    ("parentID", Plain),
    ("inputEPCList", List("epc")),
    ("childEPCs", List("epc")),
    ("quantityList", Objects("quantityElement", QUANTITY)),
    ("childQuantityList", Objects("quantityElement", QUANTITY)),
    ("inputQuantityList", Objects("quantityElement", QUANTITY)),
    ("outputEPCList", List("epc")),
    ("outputQuantityList", Objects("quantityElement", QUANTITY)),
    ("action", Plain),
    ("transformationID", Plain),
    ("bizStep", BIZ_STEP),
    ("disposition", DISPOSITION),
    ("persistentDisposition", Object(&[("set", DISPOSITION), ("unset", DISPOSITION)])),
    ("readPoint", Object(PLACE)),
    ("bizLocation", Object(PLACE)),
    ("bizTransactionList", Objects("", &[("type", TRANSACTION_TYPE), ("bizTransaction", Plain)])),
    ("sourceList", Objects("", &[("type", PARTY_TYPE), ("source", Plain)])),
    ("destinationList", Objects("", &[("type", PARTY_TYPE), ("destination", Plain)])),
    ("sensorElementList", Sensors(SENSOR)),
];

/// What every document may write short, whatever its own context says.
const PREFIXES: [(&str, &str); 4] = [
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda"),
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("gs1", "https://gs1.org/voc/"),
];

/// The short forms that the context of a document says, such as `example` for `https://ns.example.com/epcis/`.
pub type Prefixes = BTreeMap<String, String>;

/// The short forms of a context: its objects' members that are texts.
pub fn prefixes(context: &Value) -> Prefixes {
    let mut prefixes: Prefixes =
        PREFIXES.iter().map(|(short, long)| ((*short).to_owned(), (*long).to_owned())).collect();
    let lists = context.as_array().map_or(std::slice::from_ref(context), Vec::as_slice);
    for member in lists.iter().filter_map(Value::as_object).flatten() {
        if let (short, Value::String(long)) = member {
            prefixes.insert(short.clone(), long.clone());
        }
    }
    prefixes
}

/// The name of an event: `ni:///sha-256;…?ver=CBV2.0`.
pub fn event_id(event: &Map<String, Value>, prefixes: &Prefixes) -> String {
    let digest = hmac_sha256::Hash::hash(said(event, prefixes).as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("ni:///sha-256;{hex}?ver=CBV2.0")
}

/// What an event says as the one text that is digested.
pub fn said(event: &Map<String, Value>, prefixes: &Prefixes) -> String {
    let teller = Teller { prefixes };
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut text = format!("eventType={}", kind.rsplit([':', '/']).next().unwrap_or_default());
    teller.fields(FIELDS, event, &mut text);
    if let Some(Value::Object(master_data)) = event.get("ilmd") {
        text.push_str("ilmd");
        text.push_str(&teller.extensions(master_data).concat());
    }
    text.push_str(&teller.beyond(FIELDS, event).concat());
    text
}

/// Puts values into their one form.
struct Teller<'a> {
    prefixes: &'a Prefixes,
}

impl Teller<'_> {
    /// The standard's fields of an object, in their order.
    fn fields(&self, fields: &[(&str, Form)], of: &Map<String, Value>, text: &mut String) {
        for (name, form) in fields {
            if let Some(value) = of.get(*name).filter(|value| !value.is_null()) {
                self.field(name, *form, value, text);
            }
        }
    }

    fn field(&self, name: &str, form: Form, value: &Value, text: &mut String) {
        let each = |render: &dyn Fn(&Value) -> String| -> String {
            let mut told: Vec<String> = items(value).map(render).collect();
            told.sort();
            told.concat()
        };
        match form {
            Plain | Time | Word(_) => {
                let one = |value: &Value| format!("{name}={}", self.value(form, value));
                text.push_str(&each(&one));
            }
            List(of_each) => {
                let list = each(&|value| format!("{of_each}={}", self.value(Plain, value)));
                if !list.is_empty() {
                    text.push_str(name);
                    text.push_str(&list);
                }
            }
            Objects(of_each, fields) => {
                let list = each(&|value| self.object(of_each, fields, value));
                if !list.is_empty() {
                    text.push_str(name);
                    text.push_str(&list);
                }
            }
            Object(fields) => text.push_str(&self.object(name, fields, value)),
            Sensors(fields) => {
                let of_each = if name == "sensorElementList" { "sensorElement" } else { name };
                text.push_str(&each(&|value| self.object(of_each, fields, value)));
            }
        }
    }

    /// An object's name and what is in it; nothing where that is nothing.
    fn object(&self, name: &str, fields: &[(&str, Form)], value: &Value) -> String {
        let mut text = String::new();
        if let Value::Object(object) = value {
            self.fields(fields, object, &mut text);
        }
        if text.is_empty() { text } else { format!("{name}{text}") }
    }

    /// A value in its one form.
    fn value(&self, form: Form, value: &Value) -> String {
        let text = match value {
            Value::String(text) => text.trim(),
            Value::Number(number) => return without_noughts(&number.to_string()),
            other => return other.to_string(),
        };
        match form {
            Time => time::utc(text).unwrap_or_else(|| text.to_owned()),
            Word(address) => self.word(address, text),
            _ => gs1::canonical(text).unwrap_or_else(|| self.long(text)),
        }
    }

    /// A word of the vocabulary by its address.
    fn word(&self, address: &str, text: &str) -> String {
        if let Some(word) = text.strip_prefix("urn:epcglobal:cbv:") {
            return format!("{address}{}", word.rsplit(':').next().unwrap_or_default());
        }
        if text.contains(':') { self.long(text) } else { format!("{address}{text}") }
    }

    /// A text whose short form is written out.
    fn long(&self, text: &str) -> String {
        match text.split_once(':').map(|(short, rest)| (self.prefixes.get(short), rest)) {
            Some((Some(long), rest)) if !rest.starts_with("//") => format!("{long}{rest}"),
            _ => text.to_owned(),
        }
    }

    /// What an event says beyond the standard, sorted: its own members and those of its places and sensors.
    fn beyond(&self, fields: &[(&str, Form)], of: &Map<String, Value>) -> Vec<String> {
        let mut told = Vec::new();
        for (name, value) in of {
            if name.contains(':') {
                told.extend(self.extension(name, value));
                continue;
            }
            let Some((_, Object(inner) | Sensors(inner))) = fields.iter().find(|(known, _)| known == name) else {
                continue;
            };
            let named = if name == "sensorElementList" { "sensorElement" } else { name };
            for item in items(value).filter_map(Value::as_object) {
                let deeper = self.beyond(inner, item).concat();
                if !deeper.is_empty() {
                    told.push(format!("{named}{deeper}"));
                }
            }
        }
        told.sort();
        told
    }

    fn extensions(&self, of: &Map<String, Value>) -> Vec<String> {
        let mut told: Vec<String> = of.iter().flat_map(|(name, value)| self.extension(name, value)).collect();
        told.sort();
        told
    }

    /// A member beyond the standard, `{name space}name=value`; a list is as many of them.
    fn extension(&self, name: &str, value: &Value) -> Vec<String> {
        let (short, local) = name.split_once(':').unwrap_or(("", name));
        let space = self.prefixes.get(short).map_or(short, String::as_str);
        let name = format!("{{{space}}}{local}");
        let told = items(value).map(|item| match item {
            Value::Object(object) => format!("{name}{}", self.extensions(object).concat()),
            Value::String(text) if is_number(text.trim()) => format!("{name}={}", without_noughts(text.trim())),
            Value::String(text) => format!("{name}={}", text.trim()),
            Value::Number(number) => format!("{name}={}", without_noughts(&number.to_string())),
            other => format!("{name}={other}"),
        });
        told.collect()
    }
}

/// The items of a list, or the one value that is no list.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
        && digits.starts_with(|c: char| c.is_ascii_digit())
}

/// A number without noughts at the end of its fraction.
fn without_noughts(number: &str) -> String {
    match number.contains('.') && !number.contains(['e', 'E']) {
        true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => number.to_owned(),
    }
}

#[cfg(test)]
mod tests;
