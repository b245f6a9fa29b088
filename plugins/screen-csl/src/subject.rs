//! Who is to be screened: everybody that a document names.

use portgate_sdk::canonical::{PartyId, PartyRole};
use serde::Deserialize;
use serde_json::Value;

/// Members of canonical documents that name somebody, or a ship, without being a party.
const NAMES: [&str; 3] = ["vesselName", "carrierName", "signedBy"];

/// Somebody who is named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The JSON Pointer of the party, or of the name where it is no party, within what was sent.
    pub(crate) pointer: String,
    /// The part that the party plays.
    pub(crate) role: Option<PartyRole>,
    /// The name; none where a party has none.
    pub(crate) name: Option<String>,
    /// Its identifiers, as far as they are such.
    pub(crate) ids: Vec<PartyId>,
}

/// Everybody who is named, in the order of the document: parties, which say a role; ships; and what else has a name without a
/// role, such as a business partner.
pub(crate) fn subjects(whole: &Value) -> Vec<Subject> {
    let mut found = Vec::new();
    if let Some(name) = whole.get("name").and_then(Value::as_str).filter(|_| whole.get("role").is_none()) {
        found.push(Subject {
            pointer: "/name".to_owned(),
            role: None,
            name: Some(name.to_owned()),
            ids: ids(whole.get("ids")),
        });
    }
    look_into(whole, &mut String::new(), &mut found);
    found
}

fn look_into(value: &Value, pointer: &mut String, found: &mut Vec<Subject>) {
    let before = pointer.len();
    match value {
        Value::Object(members) => {
            if let Some(role) = members.get("role").filter(|role| role.is_string()) {
                let name = members.get("name").and_then(Value::as_str).map(str::to_owned);
                let (role, ids) = (PartyRole::deserialize(role).ok(), ids(members.get("ids")));
                found.push(Subject { pointer: pointer.clone(), role, name, ids });
            }
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                match member {
                    Value::String(text) if NAMES.contains(&name.as_str()) => {
                        let (pointer, name) = (pointer.clone(), Some(text.clone()));
                        found.push(Subject { pointer, role: None, name, ids: Vec::new() });
                    }
                    member => look_into(member, pointer, found),
                }
                pointer.truncate(before);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                look_into(element, pointer, found);
                pointer.truncate(before);
            }
        }
        _ => {}
    }
}

/// What a result has room for of a party's identifiers.
fn ids(listed: Option<&Value>) -> Vec<PartyId> {
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(|id| PartyId::deserialize(id).ok()).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_is_named_is_found_wherever_it_stands() {
        let document = serde_json::json!({
            "id": "SHP-7",
            "parties": [{ "role": "seller", "name": "Harrier" }, { "role": "carrier", "ids": [] }],
            "legs": [{ "transport": { "vesselName": "Kestrel", "carrierName": "Merlin Lines" } }],
            "lines": [{ "maker": { "role": "manufacturer", "name": "Owl" }, "a/b": { "role": "no role", "name": "Hobby" } }],
        });
        let found: Vec<_> = subjects(&document).into_iter().map(|found| (found.pointer, found.name)).collect();
        let named = |pointer: &str, name: &str| (pointer.to_owned(), Some(name.to_owned()));
        assert_eq!(found.len(), 6, "{found:?}");
        for expected in [
            named("/parties/0", "Harrier"),
            ("/parties/1".to_owned(), None),
            named("/legs/0/transport/vesselName", "Kestrel"),
            named("/legs/0/transport/carrierName", "Merlin Lines"),
            named("/lines/0/maker", "Owl"),
            named("/lines/0/a~1b", "Hobby"),
        ] {
            assert!(found.contains(&expected), "{expected:?} of {found:?}");
        }
        let partner = serde_json::json!({ "id": "4711", "name": "Harrier" });
        assert_eq!(subjects(&partner)[0].pointer, "/name");
    }
}
