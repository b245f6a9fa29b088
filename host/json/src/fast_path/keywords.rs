//! What keywords of JSON Schema mean for those who take schemas apart: which say nothing of a value, and which tie a part
//! to where it stands.

use serde_json::Value;

/// Keywords that ask nothing of a value.
const ANNOTATIONS: [&str; 10] = [
    "$comment",
    "$defs",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Keywords by which a schema can depend on where it stands.
const ANCHORS: [&str; 4] = ["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"];

/// Where a reference leads; nothing else is followed.
const DEFINITIONS: &str = "#/$defs/";

/// Whether every part of a schema means the same wherever it stands, as long as the definitions are there.
pub(super) fn stands_alone(schema: &Value) -> bool {
    fn all(schema: &Value, root: bool) -> bool {
        match schema {
            Value::Array(parts) => parts.iter().all(|part| all(part, false)),
            Value::Object(keywords) => keywords.iter().all(|(keyword, value)| match &**keyword {
                "$id" if root => true,
                "$ref" => value.as_str().and_then(definition).is_some(),
                keyword if ANCHORS.contains(&keyword) => false,
                _ => all(value, false),
            }),
            _ => true,
        }
    }
    all(schema, true)
}

/// Whether a keyword asks nothing of a value. That of the root's identity says only what the schema is called.
pub(super) fn annotates(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword == "$id"
}

/// The name of the definition that a reference leads to.
pub(super) fn definition(reference: &str) -> Option<&str> {
    reference.strip_prefix(DEFINITIONS).filter(|name| !name.contains(['/', '~', '%']))
}

/// Whether a schema refers to a definition.
pub(super) fn refers(schema: &Value) -> bool {
    match schema {
        Value::Array(parts) => parts.iter().any(refers),
        Value::Object(keywords) => keywords.contains_key("$ref") || keywords.values().any(refers),
        _ => false,
    }
}
