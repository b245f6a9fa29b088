//! Lists of codes with their descriptions: JSON as the UK's customs services publish them, and the reference data of the European
//! Union's transit and customs systems (CS/RD2), as JSON and as XML.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_readers::xml::Element;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::content::{Content, List, Mistake, Scope};
use crate::json;

/// Who publishes such a list the file does not say, nor which one it is, but where it is of CS/RD2.
const CODES: List = List { format: "codes", publisher: "", scope: Scope::Whole, knows_past: true };
const CS_RD2: List = List { format: "codes", publisher: "European Commission", scope: Scope::Whole, knows_past: true };

/// What members that hold the code are called, in the order in which they are looked for.
const KEYS: [&str; 7] = ["code", "documentType", "currency", "method", "type", "parentCode", "id"];
/// What members that hold the description are called.
const DESCRIPTIONS: [&str; 3] = ["description", "en", "name"];

#[derive(Serialize)]
struct Entry<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'e str>,
    /// Whatever else the list says, under its own names.
    #[serde(flatten)]
    others: BTreeMap<&'e str, &'e Value>,
}

/// `GET /lists/{name}` of HMRC's customs reference data.
#[derive(Deserialize)]
pub(crate) struct Versioned<'j> {
    meta: Meta,
    id: String,
    #[serde(borrow)]
    data: Vec<&'j RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    version: String,
    snapshot_date: String,
}

pub(crate) fn versioned(text: &str, Versioned { meta, id, data }: &Versioned<'_>) -> Content {
    let mut content = plain(text, data);
    content.list = CS_RD2;
    content.name = Some(id.clone());
    content.edition = Some(meta.version.clone());
    content.date = portgate_core::reference::day(&meta.snapshot_date);
    content
}

/// Whether an object is an entry of such a list.
pub(crate) fn has_code(first: &Value) -> bool {
    KEYS.iter().any(|name| first.get(name).is_some_and(Value::is_string))
}

/// A list of objects.
pub(crate) fn plain(text: &str, items: &[&RawValue]) -> Content {
    let mut content = Content::of(CODES);
    for (line, item) in json::lines(text, items) {
        let members: BTreeMap<String, Value> = serde_json::from_str(item.get()).unwrap_or_default();
        let text = |name: &&str| members.get(*name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some((key_name, key)) = KEYS.iter().find_map(|name| Some((*name, text(name)?))) else {
            content.find(line, "it has no code: it is left out");
            continue;
        };
        if text(&"state").is_some_and(|state| state != "valid") {
            content.leave_out("entries that are not valid");
            continue;
        }
        let from = match text(&"activeFrom").map(portgate_core::reference::day) {
            Some(None) => {
                content.find(line, format!("`{key}` is active from a day that is none: it is left out"));
                continue;
            }
            Some(Some(day)) => day,
            None => Date::MIN,
        };
        let description = DESCRIPTIONS.iter().find_map(|name| Some((*name, text(name)?)));
        let described = description.map(|(name, _)| name);
        let others = members.iter().map(|(name, value)| (name.as_str(), value));
        let others = others
            .filter(|(name, _)| ![key_name, "state", "activeFrom"].contains(name) && Some(*name) != described)
            .collect();
        let entry = Entry { description: description.map(|(_, text)| text), others };
        content.say_from(line, key, &entry, (from, Date::MAX));
    }
    content
}

/// Whether a document holds lists of CS/RD2, in whatever envelope, and those.
pub(crate) fn entities<'d>(root: &Element<'d>) -> Vec<Element<'d>> {
    let mut found = Vec::new();
    let mut inside = vec![*root];
    // Envelopes are a few elements deep.
    for _ in 0..8 {
        let next: Vec<Element<'d>> = inside.iter().flat_map(Element::elements).collect();
        found.extend(next.iter().filter(|element| element.name() == "RDEntity").copied());
        if !found.is_empty() {
            break;
        }
        inside = next;
    }
    found
}

/// The one list of a document.
pub(crate) fn cs_rd2(entities: &[Element<'_>]) -> Result<Content, Mistake> {
    let [entity] = entities else {
        let names: Vec<&str> = entities.iter().filter_map(|entity| entity.attribute("name")).collect();
        return Err(Mistake::at(1, format!("it has several lists ({}): a table takes one", names.join(", "))));
    };
    let mut content = Content::of(CS_RD2);
    content.name = entity.attribute("name").map(str::to_owned);
    for entry in entity.children("RDEntry") {
        let line = u64::from(entry.position().0);
        let state = entry.text_at("RDEntryStatus/state").unwrap_or_default();
        if state.trim() != "valid" {
            content.leave_out("entries that are not valid");
            continue;
        }
        let mut items = entry.children("dataItem").map(|item| {
            (item.attribute("name").unwrap_or_default(), item.text().unwrap_or_default().trim().to_owned())
        });
        let from = entry.text_at("RDEntryStatus/activeFrom").and_then(|day| portgate_core::reference::day(day.trim()));
        let (Some((_, key)), Some(from)) = (items.next().filter(|(_, key)| !key.is_empty()), from) else {
            content.find(line, "it has no code, or no day from which it is active: it is left out");
            continue;
        };
        let described = entry.all("LsdList/description");
        let english = described.iter().find(|text| text.attribute("lang").is_none_or(|lang| lang == "en"));
        let description = english.or(described.first()).and_then(Element::text);
        let others: Vec<(&str, Value)> = items.map(|(name, text)| (name, Value::String(text))).collect();
        let others = others.iter().map(|(name, value)| (*name, value)).collect();
        let entry = Entry { description: description.as_deref().map(str::trim), others };
        content.say_from(line, key, &entry, (from, Date::MAX));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use portgate_readers::xml::{Document, Options};

    use super::*;

    fn said(content: &Content) -> Vec<(&str, &str, Date)> {
        content.said.iter().map(|said| (said.key.as_str(), said.value.as_str(), said.from)).collect()
    }

    fn items(text: &str) -> Vec<&RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn each_list_has_another_name_for_its_code() {
        let text = "[\n{\"code\": \"A\", \"en\": \"Ay\", \"cy\": \"Ai\"},\n{\"documentType\": \"C1\", \"description\": \"See\"},\n\
            {\"parentCode\": \"9\", \"childCodes\": [\"X\"]},\n{\"description\": \"of nothing\"},\n{\"code\": \"010121\"}]";
        let content = plain(text, &items(text));
        let expected = [
            ("A", r#"{"description":"Ay","cy":"Ai"}"#, Date::MIN),
            ("C1", r#"{"description":"See"}"#, Date::MIN),
            ("9", r#"{"childCodes":["X"]}"#, Date::MIN),
            ("010121", "{}", Date::MIN),
        ];
        assert_eq!(said(&content), expected);
        assert_eq!(content.findings[0].place.line, 5);
    }

    #[test]
    fn what_is_active_from_a_day_counts_from_it_and_what_is_not_valid_is_no_entry() {
        let text = r#"{"meta": {"version": "v-7", "snapshotDate": "2026-01-01"}, "id": "Countries", "data": [
            {"state": "valid", "activeFrom": "2025-03-04", "code": "FD", "description": "Freedonia"},
            {"state": "invalid", "activeFrom": "2025-03-04", "code": "GD", "description": "Grand Duchy"}]}"#;
        let content = versioned(text, &serde_json::from_str(text).unwrap());
        let freedonia = ("FD", r#"{"description":"Freedonia"}"#, date(2025, 3, 4));
        assert_eq!((said(&content), content.left_out.len()), (vec![freedonia], 1));
        assert_eq!((content.name.as_deref(), content.edition.as_deref()), (Some("Countries"), Some("v-7")));

        let xml = "<m:Request xmlns:m=\"urn:m\"><RDEntityList><RDEntity name=\"Countries\">\
            <RDEntry><RDEntryStatus><state>valid</state><activeFrom>2025-03-04</activeFrom></RDEntryStatus>\
            <dataItem name=\"CountryCode\">FD</dataItem><LsdList><description lang=\"de\">Freedonien</description>\
            <description lang=\"en\">Freedonia</description></LsdList></RDEntry>\
            <RDEntry><RDEntryStatus><state>invalid</state></RDEntryStatus></RDEntry></RDEntity></RDEntityList></m:Request>";
        let document = Document::parse(xml.as_bytes(), &Options::default()).unwrap();
        let content = cs_rd2(&entities(&document.root())).unwrap();
        assert_eq!((said(&content), content.left_out.len()), (vec![freedonia], 1));
    }
}
