//! What differs between two versions of a document.

use serde_json::{Map, Value};

/// Most fields that are told of two versions.
const FIELDS_MAX: usize = 200;

/// What two versions say differently.
#[derive(Default)]
pub(super) struct Difference {
    /// Fields as JSON Pointers, each with what the earlier version said.
    pub(super) fields: Vec<(String, Option<Value>)>,
    /// How many there are beside these.
    pub(super) left_out: usize,
}

impl Difference {
    fn add(&mut self, place: String, before: Option<&Value>) {
        match self.fields.len() < FIELDS_MAX {
            true => self.fields.push((place, before.cloned())),
            false => self.left_out += 1,
        }
    }
}

/// The fields of which the earlier version says something else, of those members of the documents that are asked for. Lists of the same
/// length are compared element by element, others as a whole.
pub(super) fn earlier(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    is_asked_for: impl Fn(&str) -> bool,
) -> Difference {
    let mut found = Difference::default();
    members(before, after, "", &is_asked_for, &mut found);
    found
}

fn members(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    at: &str,
    is_asked_for: &dyn Fn(&str) -> bool,
    found: &mut Difference,
) {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names.into_iter().filter(|name| is_asked_for(name)) {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => values(before, after, place, found),
            (before, _) => found.add(place, before),
        }
    }
}

fn values(before: &Value, after: &Value, place: String, found: &mut Difference) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(before), Value::Object(after)) => members(before, after, &place, &|_| true, found),
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                values(before, after, format!("{place}/{index}"), found);
            }
        }
        _ => found.add(place, Some(before)),
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
        let found = earlier(&before, &after, |_| true);
        let expected = [
            ("/gone", Some(json!(true))),
            ("/in/x~1y", Some(json!("1"))),
            ("/list/1", Some(json!(2))),
            ("/longer", Some(json!([1]))),
            ("/new", None),
        ];
        assert_eq!(found.fields, expected.map(|(place, value)| (place.to_owned(), value)));
        assert_eq!(found.left_out, 0);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let numbered = |value: i32| (0..FIELDS_MAX + 7).map(|at| (format!("f{at}"), json!(value))).collect();
        let found = earlier(&numbered(1), &numbered(2), |_| true);
        assert_eq!((found.fields.len(), found.left_out), (FIELDS_MAX, 7));
    }
}
