//! A segment of an IDoc or an entity of OData: names with values, and records inside of it. What nobody has asked for is
//! known, so that nothing of it is lost: [`Record::rest`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use portgate_sdk::Pointer;
use portgate_sdk::xml::Element;
use serde_json::{Map, Value};

use crate::time;

/// How deep what nobody asked for is looked into.
const DEPTH_MAX: usize = 12;

/// Names with values.
pub(crate) struct Record<'m> {
    source: Source<'m>,
    asked: RefCell<BTreeSet<String>>,
}

enum Source<'m> {
    Segment(Element<'m>),
    Entity(&'m Map<String, Value>, Pointer),
}

/// A value that nobody has asked for, under the names that lead to it.
pub(crate) struct Rest {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// The place of a value, put into words only where it is needed: finding the line of an element costs a pass over the text.
pub(crate) struct At<'r, 'm> {
    record: &'r Record<'m>,
    name: &'r str,
}

impl fmt::Display for At<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.record.source {
            Source::Segment(segment) => f.write_str(&segment.child(self.name).unwrap_or(*segment).location()),
            Source::Entity(_, at) if self.name.is_empty() => at.fmt(f),
            Source::Entity(_, at) => at.key(self.name).fmt(f),
        }
    }
}

impl<'m> Record<'m> {
    /// A segment of an IDoc.
    pub(crate) fn segment(segment: Element<'m>) -> Self {
        Record { source: Source::Segment(segment), asked: RefCell::default() }
    }

    /// An entity of OData, and where it stands.
    pub(crate) fn entity(entity: &'m Map<String, Value>, at: Pointer) -> Self {
        Record { source: Source::Entity(entity, at), asked: RefCell::default() }
    }

    /// The place of a value; of the record where the name is empty.
    pub(crate) fn at<'r>(&'r self, name: &'r str) -> At<'r, 'm> {
        At { record: self, name }
    }

    /// A value, trimmed. There is none where SAP says that there is none: empty, or `/` in an IDoc.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'m, str>> {
        self.asked.borrow_mut().insert(name.to_owned());
        match &self.source {
            Source::Segment(segment) => said(segment.text_at(name)?),
            Source::Entity(entity, _) => scalar(entity.get(name)?),
        }
    }

    /// The first of several names that has a value.
    pub(crate) fn first(&self, names: &[&str]) -> Option<Cow<'m, str>> {
        let values: Vec<_> = names.iter().map(|name| self.text(name)).collect();
        values.into_iter().flatten().next()
    }

    /// A value that is more than a field's initial one: not `000000`, `00000000` or `0.000`.
    pub(crate) fn set(&self, name: &str) -> Option<Cow<'m, str>> {
        self.text(name).filter(|value| !is_initial(value))
    }

    /// Whether a flag is set: `X` or `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| matches!(&*value, "X" | "x" | "true"))
    }

    /// The records inside of it under a name: segments, or what a navigation was expanded to. A navigation that was not
    /// expanded holds none.
    pub(crate) fn records(&self, name: &str) -> Vec<Record<'m>> {
        self.asked.borrow_mut().insert(name.to_owned());
        match &self.source {
            Source::Segment(segment) => {
                let inner = segment.children(name);
                // A segment with nothing in it says nothing, and has been looked at.
                inner.inspect(|inner| drop(inner.text())).map(Record::segment).collect()
            }
            Source::Entity(entity, at) => match entity.get(name) {
                Some(value) => expanded(value, at.key(name)),
                None => Vec::new(),
            },
        }
    }

    /// Likewise under each of several names: what V2 calls `to_Item` is `_Item` in V4.
    pub(crate) fn records_of(&self, names: &[&str]) -> Vec<Record<'m>> {
        names.iter().flat_map(|name| self.records(name)).collect()
    }

    /// Says that a value is held elsewhere, or says nothing of its own.
    pub(crate) fn skip(&self, names: &[&str]) {
        for name in names {
            self.text(name);
        }
    }

    /// Says that nobody has asked for values after all: they are part of the rest.
    pub(crate) fn forget(&self, names: &[&str]) {
        for name in names {
            self.asked.borrow_mut().remove(*name);
        }
    }

    /// What nobody has asked for and that says something.
    pub(crate) fn rest(&self) -> Vec<Rest> {
        let mut rest = Vec::new();
        self.add_rest("", &mut rest, DEPTH_MAX);
        rest
    }

    fn add_rest(&self, prefix: &str, rest: &mut Vec<Rest>, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else { return };
        let asked = self.asked.borrow();
        match &self.source {
            Source::Segment(segment) => {
                let prefix = format!("{}{} ", if prefix.is_empty() { "" } else { prefix }, segment.name());
                for inner in segment.elements().filter(|inner| !asked.contains(inner.name())) {
                    if inner.elements().next().is_some() {
                        Record::segment(inner).add_rest("", rest, deeper);
                    } else if let Some(value) = inner.text().and_then(said).filter(|value| !is_initial(value)) {
                        rest.push(Rest { name: format!("{prefix}{}", inner.name()), value: value.into_owned() });
                    }
                }
            }
            Source::Entity(entity, at) => {
                for (name, value) in entity.iter().filter(|(name, _)| !asked.contains(*name)) {
                    if is_about_the_entity(name) {
                        continue;
                    }
                    for inner in expanded(value, at.key(name)) {
                        inner.add_rest(&format!("{prefix}{name} "), rest, deeper);
                    }
                    let value = scalar(value).filter(|value| !is_initial(value) && *value != "false");
                    if let Some(value) = value.filter(|value| !value.contains("://")) {
                        let value = time::odata_in_words(&value).unwrap_or_else(|| value.into_owned());
                        rest.push(Rest { name: format!("{prefix}{name}"), value });
                    }
                }
            }
        }
    }
}

/// What is written beside an entity's properties: its address, type and etag, and annotations of V4.
fn is_about_the_entity(name: &str) -> bool {
    name == "__metadata" || name == "__deferred" || name.contains('@')
}

/// The entities of a navigation: in `results` (V2), a list (V4), or one alone.
fn expanded(value: &Value, at: Pointer) -> Vec<Record<'_>> {
    match value {
        Value::Object(object) => match object.get("results") {
            Some(Value::Array(list)) => elements(list, &at.key("results")),
            _ if object.contains_key("__deferred") => Vec::new(),
            _ => vec![Record::entity(object, at)],
        },
        Value::Array(list) => elements(list, &at),
        _ => Vec::new(),
    }
}

fn elements<'m>(list: &'m [Value], at: &Pointer) -> Vec<Record<'m>> {
    let objects = list.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_object()?)));
    objects.map(|(index, object)| Record::entity(object, at.index(index))).collect()
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.trim())).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn said(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(text).filter(|text| text != "/")
}

/// Whether a value is what SAP has in a field that nobody has filled: noughts, with or without what parts a number, a day or
/// a time.
fn is_initial(value: &str) -> bool {
    value == "PT00H00M00S" || value.bytes().all(|byte| matches!(byte, b'0' | b'.' | b',' | b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(record: &Record<'_>) -> Vec<String> {
        record.rest().into_iter().map(|rest| format!("{}={}", rest.name, rest.value)).collect()
    }

    #[test]
    fn of_an_entity_what_nobody_asked_for_is_known_and_what_says_nothing_is_not() {
        let value: Value = serde_json::json!({
            "__metadata": {"uri": "https://erp.example/A('1')"}, "A": "1", "B": "x", "C": "0.000", "D": false, "E": null,
            "F": "/Date(1552867200000)/", "to_X": {"__deferred": {"uri": "u"}}, "to_Y": "https://erp.example/A('1')/to_Y",
            "to_Z": {"results": [{"G": "y"}]},
        });
        let record = Record::entity(value.as_object().expect("an object"), Pointer::root());
        assert_eq!(record.text("A").as_deref(), Some("1"));
        assert_eq!(rest(&record), ["B=x", "F=2019-03-18", "to_Z G=y"]);
        let inner = record.records("to_Z");
        assert_eq!((inner.len(), inner[0].at("G").to_string().as_str()), (1, "/to_Z/results/0/G"));
        assert!(record.records("to_X").is_empty() && record.records("to_Y").is_empty());
    }

    #[test]
    fn of_a_segment_likewise_with_the_segments_in_it() {
        let text = "<S><A>1</A><B>x</B><C>00000000</C><D>/</D><T><E>y</E></T><U><F>z</F></U></S>";
        let document = portgate_sdk::xml::Document::parse(text.as_bytes(), &Default::default()).expect("XML");
        let record = Record::segment(document.root());
        assert_eq!((record.text("A").as_deref(), record.text("D"), record.set("C")), (Some("1"), None, None));
        assert_eq!(record.records("U").len(), 1);
        assert_eq!(rest(&record), ["S B=x", "T E=y"]);
    }
}
