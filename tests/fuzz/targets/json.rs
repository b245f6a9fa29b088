//! The contract check of JSON reads and checks in one pass. Whatever it takes, the strict parser takes and the schema
//! validator holds, and the other way round.
#![no_main]

use std::sync::LazyLock;

use jsonschema::Validator;
use libfuzzer_sys::fuzz_target;
use portgate_core::contract::JsonLimits;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::json;
use serde_json::{Value, json};

/// Every shape and every rule that the check knows, in members of one letter.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "type": ["object", "null"],
        "required": ["a"],
        "properties": {
            "a": { "type": ["string", "null"], "minLength": 1, "maxLength": 3 },
            "b": { "type": "string", "pattern": "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$" },
            "c": { "type": ["integer", "null"], "minimum": -1, "maximum": 20 },
            "d": { "type": "number", "minimum": 0, "maximum": 2 },
            "e": { "type": "array", "items": { "$ref": "#/$defs/word" }, "minItems": 1, "maxItems": 3 },
            "f": { "anyOf": [{ "$ref": "#/$defs/node" }, { "type": "null" }] },
            "g": { "type": "array", "uniqueItems": true },
            "h": true,
            "i": { "type": "boolean" },
        },
        "additionalProperties": { "type": "string", "format": "date" },
        "$defs": {
            "word": { "oneOf": [{ "type": "string", "const": "a" }, { "type": "string", "enum": ["b", "c"] }] },
            "node": {
                "type": "object",
                "properties": { "f": { "$ref": "#/$defs/node" }, "e": { "type": "array" } },
                "additionalProperties": false,
            },
        },
    })
});

static CHECKED: LazyLock<DocumentSchemas> =
    LazyLock::new(|| DocumentSchemas::new([("all", SCHEMA.clone()), ("any", json!(true))]).expect("schemas"));

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    jsonschema::draft202012::options().should_validate_formats(true).build(&SCHEMA).expect("a schema")
});

fuzz_target!(|bytes: &[u8]| {
    // As deep as a document may be.
    let limits = JsonLimits { depth_max: 32, findings_max: 1 };
    let read = json::parse(bytes, &limits);
    assert_eq!(CHECKED.check("any", bytes).is_ok(), read.is_ok(), "the check and the strict parser");
    let plain = serde_json::from_slice::<Value>(bytes);
    assert!(read.is_err() || plain.is_ok(), "taken, and not by the plain parser");
    let kept = CHECKED.check("all", bytes).is_ok();
    let holds = read.is_ok_and(|value| VALIDATOR.is_valid(&value));
    assert_eq!(kept, holds, "the check and the validator");
});
