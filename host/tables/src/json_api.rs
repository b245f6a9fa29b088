//! JSON:API (1.1), whose resources stand beside each other and name one another, as one value.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How far resources are followed: those of a list have parts, and those parts have some.
const DEPTH_MAX: u8 = 3;

/// The `data` of a document with what it names in the places where it is named; whatever is no such document as it is.
pub(crate) fn inlined(document: &Value) -> Value {
    let Some(data) = document.get("data") else { return document.clone() };
    let included = document.get("included").and_then(Value::as_array).into_iter().flatten();
    let known: BTreeMap<(&str, &str), &Value> = included.filter_map(|one| Some((name(one)?, one))).collect();
    put_in(data, &known, DEPTH_MAX)
}

fn name(resource: &Value) -> Option<(&str, &str)> {
    Some((resource.get("type")?.as_str()?, resource.get("id")?.as_str()?))
}

/// A resource, or several, with their members; what is named but not there is its id.
fn put_in(named: &Value, known: &BTreeMap<(&str, &str), &Value>, depth: u8) -> Value {
    if let Value::Array(several) = named {
        return several.iter().map(|one| put_in(one, known, depth)).collect();
    }
    let Some(identity) = name(named) else { return named.clone() };
    let resource =
        if named.get("attributes").is_some() { named } else { known.get(&identity).copied().unwrap_or(named) };
    let mut members: Map<String, Value> = Map::new();
    members.insert("id".to_owned(), identity.1.into());
    members.extend(resource.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default());
    let relationships = resource.get("relationships").and_then(Value::as_object).filter(|_| depth > 0);
    for (relation, other) in relationships.into_iter().flatten() {
        if let Some(data) = other.get("data").filter(|data| !data.is_null()) {
            members.insert(relation.clone(), put_in(data, known, depth - 1));
        }
    }
    Value::Object(members)
}
