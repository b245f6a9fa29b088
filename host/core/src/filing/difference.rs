//! What changed between two declarations, field by field.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most fields that are told of one change, where it can be told by larger ones instead.
const DIFFERENCES_MAX: usize = 500;
/// How far down fields lie in a declaration at most: a member of an element of a list in an element of a list, and below.
const DEPTH_MAX: usize = 10;
/// Members that say which document it is and not what is declared.
const OF_THE_DOCUMENT: [&str; 8] =
    ["id", "version", "source", "references", "lrn", "mrn", "functionCode", "invalidation"];

/// A field that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The field, as a JSON Pointer (RFC 6901) into the declaration.
    pub field: String,
    /// What it said; nothing where it was not there.
    pub before: Option<Value>,
    /// What it says now; nothing where it is not there any more.
    pub after: Option<Value>,
}

/// What is declared: a declaration without what only says which document it is, and without the fields whose changes do not
/// count, by JSON Pointer.
pub fn content(declaration: &Value, ignored: &BTreeSet<String>) -> Value {
    let mut content = declaration.clone();
    if let Value::Object(members) = &mut content {
        members.retain(|name, _| !OF_THE_DOCUMENT.contains(&name.as_str()));
    }
    for pointer in ignored {
        let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
        if let Some(Value::Object(members)) = content.pointer_mut(parent) {
            members.remove(name);
        }
    }
    content
}

/// Every field that differs, in the order of their names; of lists each element by its place. Where that would be too many, what
/// they are in differs as a whole (an item instead of all that is in it): nothing is left out.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut depth = DEPTH_MAX;
    loop {
        let mut found = Vec::new();
        compare("", Some(before), Some(after), depth, &mut found);
        if found.len() <= DIFFERENCES_MAX || depth == 1 {
            return found;
        }
        depth -= 1;
    }
}

/// Finds what differs down to this depth; what lies deeper is told by what it is in.
fn compare(field: &str, before: Option<&Value>, after: Option<&Value>, depth: usize, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) if depth > 0 => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                compare(&format!("{field}/{escaped}"), before.get(name), after.get(name), depth - 1, found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if depth > 0 => {
            for place in 0..before.len().max(after.len()) {
                compare(&format!("{field}/{place}"), before.get(place), after.get(place), depth - 1, found);
            }
        }
        (before, after) => {
            found.push(Difference { field: field.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_that_differs_is_named_with_both_values() {
        let before = json!({ "invoiceTotal": { "amount": "100.00", "currency": "USD" }, "items": [{ "packages": 4 }], "a/b": 1 });
        let after = json!({ "invoiceTotal": { "amount": "60.00", "currency": "USD" }, "items": [{ "packages": 4 }, { "packages": 2 }] });
        let told = |field: &str, before, after| Difference { field: field.to_owned(), before, after };
        assert_eq!(
            differences(&before, &after),
            [
                told("/a~1b", Some(json!(1)), None),
                told("/invoiceTotal/amount", Some(json!("100.00")), Some(json!("60.00"))),
                told("/items/1", None, Some(json!({ "packages": 2 }))),
            ]
        );
        assert_eq!(differences(&before, &before), []);
    }

    #[test]
    fn what_differs_in_too_many_fields_is_told_by_what_they_are_in_and_nothing_is_left_out() {
        let items = |count: usize, price: &str| -> Vec<Value> {
            let item = |no| json!({ "no": no, "price": price, "netKg": price, "packages": [{ "count": price }] });
            (0..count).map(item).collect()
        };
        let (before, after) = (json!({ "items": items(300, "1"), "regime": 1 }), json!({ "items": items(300, "2") }));
        let found = differences(&before, &after);
        assert_eq!(found.len(), 301, "each item as a whole, and the regime");
        assert_eq!((found[7].field.as_str(), &found[7].after), ("/items/7", &Some(after["items"][7].clone())));
        // Of items that are too many themselves the list.
        let (before, after) = (json!({ "items": items(600, "1") }), json!({ "items": items(600, "2") }));
        assert_eq!(differences(&before, &after).iter().map(|one| &*one.field).collect::<Vec<_>>(), ["/items"]);
        // And what can be told field by field is.
        let (before, after) = (json!({ "items": items(100, "1") }), json!({ "items": items(100, "2") }));
        assert_eq!(differences(&before, &after).len(), 300);
    }

    #[test]
    fn what_only_says_which_document_it_is_and_what_policy_leaves_out_is_no_content() {
        let declaration =
            json!({ "id": "L", "version": "1", "lrn": "L", "regime": "import", "signed": { "on": "1", "by": "x" } });
        let ignored = ["/signed/on".to_owned(), "/nowhere/at".to_owned()].into();
        assert_eq!(content(&declaration, &ignored), json!({ "regime": "import", "signed": { "by": "x" } }));
    }
}
