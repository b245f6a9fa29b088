//! What the UK's tariff calls origins: countries and groups of them, and the schemes whose rules of origin let goods in for less.

use serde::Serialize;
use serde_json::Value;

use crate::content::{Content, List, Scope};

const AREAS: List = List { format: "uk-tariff-areas", publisher: "HMRC", scope: Scope::Whole, knows_past: true };
const SCHEMES: List = List { format: "uk-origin-schemes", publisher: "HMRC", scope: Scope::Whole, knows_past: true };

#[derive(Serialize)]
struct Area<'a> {
    description: &'a str,
    /// Who is in it, where it is a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<&'a str>,
}

#[derive(Serialize)]
struct Scheme<'a> {
    title: &'a str,
    countries: Vec<&'a str>,
    /// Whether goods are let in for less without the other side doing the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unilateral: bool,
}

pub(crate) fn are_areas(one: &Value) -> bool {
    one.get("geographical_area_id").is_some() && one.get("description").is_some()
}

pub(crate) fn areas(items: &[(u64, Value)]) -> Content {
    let mut content = Content::of(AREAS);
    for (line, item) in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let children = item.get("children_geographical_areas").and_then(Value::as_array).into_iter().flatten();
        let id = |area| Value::get(area, "geographical_area_id").or(Value::get(area, "id")).and_then(Value::as_str);
        let mut members: Vec<&str> = children.filter_map(id).collect();
        members.sort_unstable();
        match text("geographical_area_id").zip(text("description")) {
            Some((key, description)) => content.say(*line, key, &Area { description, members }),
            None => content.find(*line, "this is no area with a description: it is left out"),
        }
    }
    content
}

pub(crate) fn are_schemes(one: &Value) -> bool {
    one.get("scheme_code").is_some() && one.get("countries").is_some()
}

pub(crate) fn schemes(items: &[(u64, Value)]) -> Content {
    let mut content = Content::of(SCHEMES);
    for (line, item) in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let countries = item.get("countries").and_then(Value::as_array).into_iter().flatten();
        let countries: Vec<&str> = countries.filter_map(Value::as_str).collect();
        let unilateral = item.get("unilateral").and_then(Value::as_bool).unwrap_or_default();
        match text("scheme_code").zip(text("title")) {
            Some((key, title)) => content.say(*line, key, &Scheme { title, countries, unilateral }),
            None => content.find(*line, "this is no scheme with a title: it is left out"),
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_group_has_its_members_in_their_order() {
        let group = json!({"geographical_area_id": "2020", "description": "Some", "children_geographical_areas": [
            {"id": "GD"}, {"geographical_area_id": "FD"}]});
        let scheme = json!({"scheme_code": "some", "title": "Some", "countries": ["FD"], "unilateral": null});
        assert!(are_areas(&group) && are_schemes(&scheme) && !are_areas(&scheme));
        let content = areas(&[(1, group), (2, json!({"geographical_area_id": ""}))]);
        assert_eq!(content.said[0].value.as_str(), r#"{"description":"Some","members":["FD","GD"]}"#);
        assert_eq!(content.findings[0].place.line, 2);
        assert_eq!(schemes(&[(1, scheme)]).said[0].value.as_str(), r#"{"title":"Some","countries":["FD"]}"#);
    }
}
