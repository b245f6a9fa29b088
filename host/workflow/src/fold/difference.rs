//! What differs between two versions of a document.

use serde_json::{Map, Value};

/// Most fields that are told of two versions.
const FIELDS_MAX: usize = 200;

/// The fields of which the earlier version says something else, as JSON Pointers with what it said. Lists of the same length
/// are compared element by element, others as a whole.
pub(super) fn earlier(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<(String, Option<Value>)> {
    let mut found = Vec::new();
    members(before, after, "", &mut found);
    found.truncate(FIELDS_MAX);
    found
}

fn members(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    at: &str,
    found: &mut Vec<(String, Option<Value>)>,
) {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => values(before, after, place, found),
            (before, _) => found.push((place, before.cloned())),
        }
    }
}

fn values(before: &Value, after: &Value, place: String, found: &mut Vec<(String, Option<Value>)>) {
    match (before, after) {
        _ if before == after || found.len() >= FIELDS_MAX => {}
        (Value::Object(before), Value::Object(after)) => members(before, after, &place, found),
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                values(before, after, format!("{place}/{index}"), found);
            }
        }
        _ => found.push((place, Some(before.clone()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_is_named_where_it_is_with_what_it_was() {
        let before = json!({"a": 1, "gone": true, "in": {"x/y": "1", "same": 0}, "list": [1, 2], "longer": [1]});
        let after = json!({"a": 1, "new": 7, "in": {"x/y": "2", "same": 0}, "list": [1, 3], "longer": [1, 2]});
        let (Value::Object(before), Value::Object(after)) = (before, after) else { panic!("objects") };
        let found = earlier(&before, &after);
        let expected = [
            ("/gone", Some(json!(true))),
            ("/in/x~1y", Some(json!("1"))),
            ("/list/1", Some(json!(2))),
            ("/longer", Some(json!([1]))),
            ("/new", None),
        ];
        assert_eq!(found, expected.map(|(place, value)| (place.to_owned(), value)));
    }
}
