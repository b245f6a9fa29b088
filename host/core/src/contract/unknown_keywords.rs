//! Keywords that JSON Schema 2020-12 does not have. A validator passes over them without a word, so that a mistyped one
//! checks nothing.

use serde_json::Value;

use crate::excerpt::{excerpt, pointer_token};
use crate::mistake::nearest;

/// What the value of a keyword is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Something without schemas in it.
    Data,
    Schema,
    ListOfSchemas,
    SchemasByName,
}

use Holds::{Data, ListOfSchemas, Schema, SchemasByName};

/// Every keyword of the vocabularies of 2020-12.
const KEYWORDS: [(&str, Holds); 59] = [
    ("$anchor", Data),
    ("$comment", Data),
    ("$defs", SchemasByName),
    ("$dynamicAnchor", Data),
    ("$dynamicRef", Data),
    ("$id", Data),
    ("$ref", Data),
    ("$schema", Data),
    ("$vocabulary", Data),
    ("additionalProperties", Schema),
    ("allOf", ListOfSchemas),
    ("anyOf", ListOfSchemas),
    ("const", Data),
    ("contains", Schema),
    ("contentEncoding", Data),
    ("contentMediaType", Data),
    ("contentSchema", Schema),
    ("default", Data),
    ("dependentRequired", Data),
    ("dependentSchemas", SchemasByName),
    ("deprecated", Data),
    ("description", Data),
    ("else", Schema),
    ("enum", Data),
    ("examples", Data),
    ("exclusiveMaximum", Data),
    ("exclusiveMinimum", Data),
    ("format", Data),
    ("if", Schema),
    ("items", Schema),
    ("maxContains", Data),
    ("maxItems", Data),
    ("maxLength", Data),
    ("maxProperties", Data),
    ("maximum", Data),
    ("minContains", Data),
    ("minItems", Data),
    ("minLength", Data),
    ("minProperties", Data),
    ("minimum", Data),
    ("multipleOf", Data),
    ("not", Schema),
    ("oneOf", ListOfSchemas),
    ("pattern", Data),
    ("patternProperties", SchemasByName),
    ("prefixItems", ListOfSchemas),
    ("properties", SchemasByName),
    ("propertyNames", Schema),
    ("readOnly", Data),
    ("required", Data),
    ("then", Schema),
    ("title", Data),
    ("type", Data),
    ("unevaluatedItems", Schema),
    ("unevaluatedProperties", Schema),
    ("uniqueItems", Data),
    ("writeOnly", Data),
    // Of drafts before; the validator reads it as ever.
    ("definitions", SchemasByName),
    ("$recursiveAnchor", Data),
];

/// Keywords of older drafts, with what 2020-12 has instead.
const REPLACED: [(&str, &str); 5] = [
    ("id", "`$id`"),
    ("dependencies", "`dependentRequired` or `dependentSchemas`"),
    ("additionalItems", "`items` beside `prefixItems`"),
    ("$recursiveRef", "`$dynamicRef`"),
    ("divisibleBy", "`multipleOf`"),
];

/// So many are named; who mends these finds the others in the next run.
const NAMED_MAX: usize = 20;

/// Each keyword that there is not, with its JSON Pointer in the schema and what was probably meant. Those that begin with
/// `x-` are their authors' own.
pub(crate) fn unknown_keywords(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, &mut String::new(), &mut found);
    found
}

fn walk(schema: &Value, pointer: &mut String, found: &mut Vec<String>) {
    let Value::Object(keywords) = schema else { return };
    for (keyword, value) in keywords {
        if found.len() >= NAMED_MAX {
            return;
        }
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&pointer_token(keyword));
        match KEYWORDS.iter().find(|(known, _)| known == keyword) {
            Some((_, Data)) => {}
            Some((_, Schema)) => walk(value, pointer, found),
            Some((_, ListOfSchemas)) => {
                for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                    within(&index.to_string(), part, pointer, found);
                }
            }
            Some((_, SchemasByName)) => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    within(&pointer_token(name), part, pointer, found);
                }
            }
            None if keyword.starts_with("x-") => {}
            None => found.push(unknown(keyword, pointer)),
        }
        pointer.truncate(length);
    }
}

fn within(step: &str, schema: &Value, pointer: &mut String, found: &mut Vec<String>) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(step);
    walk(schema, pointer, found);
    pointer.truncate(length);
}

fn unknown(keyword: &str, pointer: &str) -> String {
    let known = KEYWORDS.iter().map(|(known, _)| *known);
    let meant = match REPLACED.iter().find(|(old, _)| *old == keyword) {
        Some((_, new)) => format!("; 2020-12 has {new} instead"),
        None => nearest(keyword, known).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default(),
    };
    format!("the schema at {}: there is no keyword {}{meant}", excerpt(pointer), excerpt(keyword))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mistyped_keyword_is_named_with_its_place_and_what_was_meant() {
        let schema = json!({
            "type": "object",
            "requierd": ["id"],
            "properties": {
                "id": { "type": "string", "maxlength": 3 },
                "requierd": { "const": { "anything": 1 } },
                "list": { "prefixItems": [{}, { "patern": "x" }], "additionalItems": false },
            },
            "$defs": { "a": { "x-ours": 1, "wholly-unknown-word": true } },
        });
        let found = unknown_keywords(&schema).join("\n");
        for (place, meant) in [
            ("/requierd", "`required`"),
            ("/properties/id/maxlength", "`maxLength`"),
            ("/properties/list/prefixItems/1/patern", "`pattern`"),
            ("/properties/list/additionalItems", "`items` beside"),
            ("/$defs/a/wholly-unknown-word", "no keyword"),
        ] {
            let line = found.lines().find(|line| line.contains(&format!("`{place}`")));
            assert!(line.is_some_and(|line| line.contains(meant)), "{place}: {found}");
        }
        assert_eq!(found.lines().count(), 5, "{found}");
    }

    #[test]
    fn every_keyword_of_the_vocabularies_is_known() {
        let schema = json!({ "allOf": [{ "if": {}, "then": {}, "else": {} }], "dependentSchemas": { "x": {} },
            "unevaluatedProperties": false, "contentSchema": {}, "$dynamicRef": "#a", "minContains": 1, "format": "date" });
        assert_eq!(unknown_keywords(&schema), Vec::<String>::new());
        assert_eq!(unknown_keywords(&json!(true)), Vec::<String>::new());
        let many: serde_json::Map<String, Value> =
            (0..1_000).map(|number| (format!("word{number}"), json!(1))).collect();
        assert_eq!(unknown_keywords(&Value::Object(many)).len(), NAMED_MAX);
    }
}
