//! What a person says that a document should have said, as a document of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::finding::Finding;

/// What every document has of its own, and nobody corrects.
const OWN: [&str; 4] = ["id", "version", "source", "references"];

/// A document that says the corrected fields and, of all others, only those that every document of its kind must have
/// (`required`): of what it does not say the others' word stays. Its `version` and `source` are still those of the document.
///
/// # Errors
///
/// Each pointer that leads to no field, and each field that cannot be corrected.
pub fn correction(
    document: &Map<String, Value>,
    required: &BTreeSet<String>,
    fields: &BTreeMap<String, Value>,
) -> Result<Map<String, Value>, Vec<Finding>> {
    let mut corrected = Value::Object(document.clone());
    let (mut said, mut findings) = (BTreeSet::new(), Vec::new());
    for (pointer, value) in fields {
        let mut wrong =
            |problem: String| findings.push(Finding::error("wrong-value", format!("/fields{pointer}"), problem));
        let mut steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        let Some(top) = steps.next().filter(|_| pointer.starts_with('/')) else {
            wrong(format!("`{pointer}` is no JSON Pointer to a field"));
            continue;
        };
        if OWN.contains(&top.as_str()) {
            wrong(format!("`{top}` is the document's own, and nobody corrects it"));
            continue;
        }
        match set(&mut corrected, pointer, value) {
            true => drop(said.insert(top)),
            false => wrong("leads to nothing: what it is in must be there".to_owned()),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let Value::Object(mut corrected) = corrected else { return Ok(Map::new()) };
    corrected.retain(|name, _| said.contains(name) || required.contains(name) || OWN.contains(&name.as_str()));
    Ok(corrected)
}

/// Sets the value at a pointer (RFC 6901) whose parent is there; a list only has the elements that it has.
fn set(document: &mut Value, pointer: &str, value: &Value) -> bool {
    let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.insert(last.replace("~1", "/").replace("~0", "~"), value.clone());
            true
        }
        Some(Value::Array(list)) => match last.parse::<usize>().ok().and_then(|index| list.get_mut(index)) {
            Some(element) => {
                *element = value.clone();
                true
            }
            None => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn corrected(fields: Value) -> Result<Value, Vec<String>> {
        let document = json!({
            "id": "S", "version": "1", "source": {}, "shipmentId": "S", "grossKg": "10", "netKg": "9",
            "lines": [{ "quantity": { "value": "1" } }],
        });
        let fields = serde_json::from_value(fields).expect("fields");
        let document = document.as_object().expect("a document").clone();
        let of = correction(&document, &BTreeSet::from(["shipmentId".to_owned()]), &fields);
        of.map(Value::Object)
            .map_err(|found| found.into_iter().map(|one| format!("{} {}", one.location, one.detail)).collect())
    }

    #[test]
    fn it_says_what_is_corrected_and_what_it_must_and_no_more() {
        assert_eq!(
            corrected(json!({ "/grossKg": "12" })),
            Ok(json!({ "id": "S", "version": "1", "source": {}, "shipmentId": "S", "grossKg": "12" }))
        );
        let deep =
            corrected(json!({ "/lines/0/quantity/value": "2", "/incoterm": { "code": "DAP" } })).expect("a document");
        assert_eq!(
            (&deep["lines"], &deep["incoterm"]["code"]),
            (&json!([{ "quantity": { "value": "2" } }]), &json!("DAP"))
        );
    }

    #[test]
    fn what_leads_nowhere_and_what_is_its_own_is_named() {
        let mistakes =
            corrected(json!({ "/lines/1/sku": "X", "/a/b": 1, "/id": "T", "grossKg": 1 })).expect_err("mistakes");
        assert_eq!(
            mistakes,
            [
                "/fields/a/b leads to nothing: what it is in must be there",
                "/fields/id `id` is the document's own, and nobody corrects it",
                "/fields/lines/1/sku leads to nothing: what it is in must be there",
                "/fieldsgrossKg `grossKg` is no JSON Pointer to a field",
            ]
        );
    }
}
