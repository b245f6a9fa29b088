//! Which fields the documents of each kind have, as their schemas say it: what a grant of fields can name.
//!
//! The schemas are an argument; this module knows no kind by name.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::excerpt::pointer_token;
use crate::field_pattern::{FieldPattern, Token};
use crate::mistake::nearest;

/// The deepest field that is listed. Canonical documents end long before.
const DEPTH_MAX: usize = 16;

/// The fields of each kind of document.
#[derive(Clone, Debug, Default)]
pub struct DocumentFields(BTreeMap<String, Kind>);

#[derive(Clone, Debug)]
struct Kind {
    description: String,
    /// The description of each field by its pointer, lists' elements as `*`.
    fields: BTreeMap<String, String>,
}

/// Why a grant names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoField {
    /// There is no such kind of document; perhaps this one was meant.
    Kind(Option<String>),
    /// Documents of this kind have no such field; perhaps this one was meant.
    Field(Option<String>),
}

impl DocumentFields {
    /// The fields that the schema of each kind lists.
    pub fn new<K: Into<String>>(schemas: impl IntoIterator<Item = (K, Value)>) -> Self {
        let kind = |(kind, schema): (K, Value)| {
            let mut fields = BTreeMap::new();
            list(&schema, &schema, "", 0, &mut fields);
            (kind.into(), Kind { description: description(&schema), fields })
        };
        DocumentFields(schemas.into_iter().map(kind).collect())
    }

    /// What documents of a kind are, in a sentence; empty where there is nothing to say.
    pub fn kind(&self, kind: &str) -> &str {
        self.0.get(kind).map(|kind| kind.description.as_str()).unwrap_or_default()
    }

    /// Of a kind that there is not, the one that was probably meant.
    pub fn no_kind(&self, kind: &str) -> Option<Option<&str>> {
        let known = || self.0.keys().map(String::as_str);
        (!self.0.contains_key(kind)).then(|| nearest(kind, known()))
    }

    /// What the fields are that a pattern names, in a sentence each; empty where there is nothing to say.
    pub fn described(&self, kind: &str, pattern: &FieldPattern) -> Vec<&str> {
        let fields = self.0.get(kind).into_iter().flat_map(|kind| &kind.fields);
        fields.filter(|(pointer, _)| names(pattern, pointer)).map(|(_, description)| description.as_str()).collect()
    }

    /// Holds a pattern against the fields that documents of a kind have.
    ///
    /// # Errors
    /// What it does not name, and what was probably meant.
    pub fn check(&self, kind: &str, pattern: &FieldPattern) -> Result<(), NoField> {
        let Some(Kind { fields, .. }) = self.0.get(kind) else {
            return Err(NoField::Kind(nearest(kind, self.0.keys().map(String::as_str)).map(str::to_owned)));
        };
        // Mostly a pattern is written as the field is listed.
        let written = pattern.to_string();
        if fields.contains_key(&written) || fields.keys().any(|pointer| names(pattern, pointer)) {
            return Ok(());
        }
        Err(NoField::Field(nearest(&written, fields.keys().map(String::as_str)).map(str::to_owned)))
    }
}

/// Whether a pattern names the field that a schema lists under this pointer.
fn names(pattern: &FieldPattern, pointer: &str) -> bool {
    let mut listed = pointer.split('/').skip(1);
    let step = |token: &Token| match (token, listed.next()) {
        (_, None) => false,
        (Token::Any, Some(_)) => true,
        (Token::Key(key), Some(listed)) => pointer_token(key) == listed,
    };
    pattern.tokens().iter().all(step) && listed.next().is_none()
}

/// Adds the fields below one place of a schema.
fn list(root: &Value, schema: &Value, pointer: &str, depth: usize, fields: &mut BTreeMap<String, String>) {
    if depth > DEPTH_MAX {
        return;
    }
    let mut found = |pointer: String, schema: &Value| {
        list(root, schema, &pointer, depth + 1, fields);
        let described = described(root, schema);
        let known = fields.entry(pointer).or_default();
        if known.is_empty() {
            *known = described;
        }
    };
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        found(format!("{pointer}/{}", pointer_token(key)), property);
    }
    if let Some(items) = schema.get("items") {
        found(format!("{pointer}/*"), items);
    }
    for variant in ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten() {
        list(root, variant, pointer, depth + 1, fields);
    }
    if let Some(target) = target(root, schema) {
        list(root, target, pointer, depth + 1, fields);
    }
}

fn target<'s>(root: &'s Value, schema: &Value) -> Option<&'s Value> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

fn described(root: &Value, schema: &Value) -> String {
    match description(schema) {
        own if own.is_empty() => target(root, schema).map(description).unwrap_or_default(),
        own => own,
    }
}

/// The first line of a schema's description.
fn description(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> DocumentFields {
        let order = json!({
            "description": "What a buyer asked for.",
            "properties": {
                "orderNumber": { "description": "The number.", "type": "string" },
                "lines": { "type": "array", "items": { "$ref": "#/$defs/Line" } },
                "buyer": { "anyOf": [{ "$ref": "#/$defs/Party" }, { "type": "null" }] },
            },
            "$defs": {
                "Line": { "description": "One line.", "properties": { "itemRef": { "description": "The item." } } },
                "Party": { "properties": { "name": {}, "parent": { "$ref": "#/$defs/Party" } } },
            },
        });
        DocumentFields::new([("order", order)])
    }

    fn check(kind: &str, pattern: &str) -> Result<(), NoField> {
        fields().check(kind, &FieldPattern::parse(pattern).expect("a pattern"))
    }

    #[test]
    fn fields_are_found_through_references_lists_and_variants() {
        for good in
            ["/orderNumber", "/lines", "/lines/*", "/lines/*/itemRef", "/buyer/name", "/buyer/*", "/*/name", "/*"]
        {
            assert_eq!(check("order", good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_was_probably_meant_is_named() {
        for (wrong, meant) in [
            ("/ordernumber", Some("/orderNumber")),
            ("/lines/itemRef", Some("/lines/*/itemRef")),
            ("/lines/0/itemRef", Some("/lines/*/itemRef")),
            ("/somethingElseEntirely", None),
        ] {
            assert_eq!(check("order", wrong), Err(NoField::Field(meant.map(str::to_owned))), "{wrong}");
        }
        assert_eq!(check("oder", "/orderNumber"), Err(NoField::Kind(Some("order".to_owned()))));
    }

    #[test]
    fn a_schema_that_contains_itself_is_listed_to_an_end() {
        assert_eq!(check("order", "/buyer/parent/parent/name"), Ok(()));
    }

    #[test]
    fn a_field_says_what_it_is() {
        let pattern = FieldPattern::parse("/lines/*/itemRef").expect("a pattern");
        assert_eq!(fields().described("order", &pattern), ["The item."]);
        assert_eq!(fields().described("order", &FieldPattern::parse("/lines/*").expect("a pattern")), ["One line."]);
        assert_eq!(fields().kind("order"), "What a buyer asked for.");
    }
}
