use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::reader::{parse, read};
use crate::tree::TreeJson;

const LIMITS: JsonLimits = JsonLimits { depth_max: 16, findings_max: 1 };

/// What the validator says of the text, read as a tree.
fn holds(schema: &Value, text: &[u8]) -> bool {
    let validator = compiled::<TreeJson>(schema).expect("a schema");
    read(text, &LIMITS).is_ok_and(|tree| validator.is_valid(&tree))
}

/// Schemas that use every shape, and what shapes cannot say.
fn schemas() -> Vec<Value> {
    let leaf = json!({ "type": ["string", "null"], "maxLength": 3, "pattern": "^[a-c]*$" });
    vec![
        json!(true),
        json!(false),
        leaf.clone(),
        json!({ "type": "object" }),
        json!({ "type": ["object", "null"], "properties": { "a": leaf, "b": true }, "required": ["a"] }),
        json!({ "type": "object", "properties": { "a": false }, "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "required": ["a", "c"], "additionalProperties": false, "properties": { "a": {} } }),
        json!({ "type": "array", "items": { "type": "number", "minimum": 1 }, "minItems": 1, "maxItems": 2 }),
        json!({ "type": "array", "uniqueItems": true }),
        json!({ "properties": { "a": { "type": "string" } } }),
        json!({ "type": "object", "dependentRequired": { "a": ["b"] } }),
        json!({
            "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/pair" }],
            "$defs": { "pair": { "type": "object", "properties": { "a": { "$ref": "#/$defs/leaf" } } }, "leaf": leaf },
        }),
        json!({
            "$ref": "#/$defs/tree",
            "$defs": { "tree": { "type": "object", "properties": { "a": { "$ref": "#/$defs/tree" }, "b": leaf } } },
        }),
        json!({ "anyOf": [{ "$ref": "#/$defs/both" }, { "type": "null" }], "$defs": { "both": {
            "anyOf": [{ "type": "object", "required": ["a"] }, { "type": "array", "items": { "type": "string" } }],
        } } }),
        json!({
            "if": { "type": "object", "required": ["a"] },
            "then": { "properties": { "a": { "type": "integer" } } },
            "else": { "type": ["object", "null"], "properties": { "b": { "type": "boolean" } }, "required": ["b"] },
        }),
        json!({
            "if": { "required": ["a"] },
            "then": false,
            "else": { "type": ["object", "null"], "required": ["b"] },
        }),
    ]
}

/// Schemas of values without parts, in the words that rules know and in some that they do not.
fn scalar_schema() -> impl Strategy<Value = Value> {
    let types = prop::sample::subsequence(vec!["null", "boolean", "integer", "number", "string"], 1..4);
    let words = || prop::sample::subsequence(vec!["", "a", "ab", "1", "\u{e9}"], 1..4);
    let keyword = prop_oneof![
        (0..4_u32).prop_map(|least| ("minLength", json!(least))),
        (0..4_u32).prop_map(|most| ("maxLength", json!(most))),
        (-2..3).prop_map(|least| ("minimum", json!(least))),
        (-2..3).prop_map(|most| ("maximum", json!(most))),
        Just(("minimum", json!(0.5))),
        Just(("exclusiveMinimum", json!(0))),
        Just(("description", json!("asks nothing"))),
        words().prop_map(|words| ("enum", json!(words))),
        Just(("enum", json!([null, 1]))),
        Just(("const", json!("a"))),
        Just(("format", json!("date"))),
        pattern().prop_map(|pattern| ("pattern", json!(pattern))),
    ];
    let plain = (types, prop::collection::vec(keyword, 0..3)).prop_map(|(types, keywords)| {
        let types = if let [only] = &*types { json!(only) } else { json!(types) };
        let keywords = keywords.into_iter().map(|(keyword, value)| (keyword.to_owned(), value));
        Value::Object(keywords.chain([("type".to_owned(), types)]).collect())
    });
    let chosen = plain.prop_recursive(2, 6, 3, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|schema| json!({ "anyOf": [schema, { "type": "null" }] })),
            prop::collection::vec(inner, 1..3).prop_map(|schemas| json!({ "oneOf": schemas })),
            (words(), words()).prop_map(|(one, other)| json!({ "oneOf": [
                { "type": "string", "enum": one }, { "type": "string", "enum": other },
            ] })),
        ]
    });
    (chosen, any::<bool>()).prop_map(|(schema, refers)| match refers {
        true => json!({ "$ref": "#/$defs/a", "$defs": { "a": schema } }),
        false => schema,
    })
}

/// Patterns, most of them within what rules understand.
fn pattern() -> impl Strategy<Value = String> {
    let atom =
        prop::sample::select(vec!["a", "b", "1", "[a-c]", "[0-9b]", "(a|1)", "(ab)", "\\.", ".", "[^a]", "\\d", "-"]);
    let piece = (atom, prop::sample::select(vec!["", "", "*", "?", "+", "{2}", "{0,2}"]));
    let pieces = prop::collection::vec(piece, 0..4);
    (any::<bool>(), pieces, any::<bool>()).prop_map(|(begins, pieces, ends)| {
        let middle: String = pieces.into_iter().map(|(atom, count)| format!("{atom}{count}")).collect();
        format!("{}{middle}{}", if begins { "^" } else { "" }, if ends { "$" } else { "" })
    })
}

/// The text of a value without parts.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        "[0-3](\\.[1-9])?[eE][12]",
        "-?[0-3](\\.[05])?",
        "-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?([eE][+-]?[0-9])?",
        "[ab1.-]{0,5}".prop_map(|text| json!(text).to_string()),
        "[a\u{e9}\u{1f4e6}\\n]{0,4}".prop_map(|text| json!(text).to_string()),
        Just("\"\\u0061b\"".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        (-1..3).prop_map(|number| json!(number)),
        Just(json!(1.5)),
        "[a-d]{0,4}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_certain_holds(value in value()) {
        let text = value.to_string();
        for schema in schemas() {
            if FastPath::of(&schema).certainly_holds(text.as_bytes(), &LIMITS) {
                prop_assert!(holds(&schema, text.as_bytes()), "{text} of {schema}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_certain_of_a_value_without_parts_holds(schema in scalar_schema(), text in scalar()) {
        prop_assume!(compiled::<TreeJson>(&schema).is_ok());
        // In an array too, because there the value is not the end of the text.
        let definitions = schema.get("$defs").cloned().unwrap_or_else(|| json!({}));
        let wrapped = json!({ "type": "array", "items": schema, "$defs": definitions });
        for (schema, text) in [(schema, text.clone()), (wrapped, format!("[{text} ,{text}]"))] {
            if FastPath::of(&schema).certainly_holds(text.as_bytes(), &LIMITS) {
                prop_assert!(holds(&schema, text.as_bytes()), "{text} of {schema}");
            }
        }
    }
}

#[test]
fn shapes_say_yes_to_what_they_can_say() {
    let yes = [
        (json!({ "type": "object", "properties": { "a": { "type": "string" } } }), r#"{"a": "x", "b": [{}, 1.50]}"#),
        (json!({ "type": ["array", "null"], "items": { "type": "integer" }, "maxItems": 2 }), "[1, 2]"),
        (json!({ "type": ["array", "null"], "items": { "type": "integer" } }), "null"),
        (json!({ "anyOf": [{ "type": "object", "required": ["a"] }, { "type": "null" }] }), "null"),
        (json!({ "anyOf": [{ "type": "object", "required": ["a"] }, { "type": "null" }] }), r#"{"a": null}"#),
        (json!({ "$ref": "#/$defs/a", "$defs": { "a": { "type": "object", "title": "A" } } }), "{}"),
    ];
    for (schema, text) in yes {
        assert!(FastPath::of(&schema).certainly_holds(text.as_bytes(), &LIMITS), "{text} of {schema}");
    }
}

#[test]
fn a_schema_that_depends_on_where_it_stands_is_left_to_the_validator() {
    let elsewhere = [
        json!({ "$ref": "#/properties/a", "properties": { "a": true } }),
        json!({ "$ref": "#" }),
        json!({ "type": "object", "properties": { "a": { "$id": "https://example.com/a" } } }),
        json!({ "type": "object", "$defs": { "a": { "$anchor": "a" } } }),
        json!({ "type": "object", "properties": { "a": { "$dynamicRef": "#a" } } }),
    ];
    for schema in elsewhere {
        assert!(!FastPath::of(&schema).certainly_holds(b"{}", &LIMITS), "{schema}");
    }
}

/// A schema of the project, and a text that it holds.
fn project(schema: &str, text: &str) -> (Value, Value) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &str| {
        let bytes = std::fs::read(repository.join(file)).expect("a file of the project");
        parse(&bytes, &LIMITS).expect("JSON")
    };
    (read(schema), read(text))
}

/// The value with something else in each of its places, one after the other.
fn altered(value: &Value) -> Vec<Value> {
    let others = [json!(null), json!(-1), json!(1.5), json!("x"), json!([]), json!({}), json!(true)];
    let mut all: Vec<Value> = others.to_vec();
    match value {
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                let mut without = elements.clone();
                without.remove(at);
                all.push(Value::Array(without));
                for altered in altered(element) {
                    let mut with = elements.clone();
                    with[at] = altered;
                    all.push(Value::Array(with));
                }
            }
        }
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("more".to_owned(), json!([0]));
            all.push(Value::Object(more));
            for (name, member) in members {
                let mut without = members.clone();
                without.remove(name);
                all.push(Value::Object(without));
                for altered in altered(member) {
                    let mut with = members.clone();
                    with.insert(name.clone(), altered);
                    all.push(Value::Object(with));
                }
            }
        }
        _ => {}
    }
    all
}

fn agrees(schema: &Value, good: &Value) {
    let (fast_path, validator) = (FastPath::of(schema), compiled::<TreeJson>(schema).expect("a schema"));
    assert!(fast_path.certainly_holds(good.to_string().as_bytes(), &LIMITS), "a good text is not certain");
    let (mut certain, mut broken) = (0, 0);
    for altered in altered(good) {
        let text = altered.to_string();
        let tree = read(text.as_bytes(), &LIMITS).expect("JSON");
        match (fast_path.certainly_holds(text.as_bytes(), &LIMITS), validator.is_valid(&tree)) {
            (true, false) => panic!("certain, and wrong: {text}"),
            (true, true) => certain += 1,
            (false, false) => broken += 1,
            (false, true) => {}
        }
    }
    assert!(certain > 50 && broken > 50, "{certain} certain, {broken} broken");
}

#[test]
fn every_change_of_a_shop_s_order_is_judged_as_by_the_validator() {
    let (schema, order) =
        project("plugins/ecom-shopify/schemas/order.schema.json", "tests/bench/payloads/shopify-order.json");
    agrees(&schema, &order);
}

#[test]
fn every_change_of_a_canonical_order_is_judged_as_by_the_validator() {
    let (schema, case) =
        project("wit/canonical/v1/order.schema.json", "plugins/ecom-shopify/cases/draft-order/expected.json");
    agrees(&schema, &case["documents"][0]["body"]);
}
