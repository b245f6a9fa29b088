//! The checked-in schemas are the generated ones, and structs and schemas accept the same.

use std::collections::BTreeSet;
use std::path::PathBuf;

use portgate_canonical::{SCHEMA_TEXTS, kinds, schemas};
use serde_json::{Value, json};

fn path(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../wit/canonical/v1/{kind}.schema.json"))
}

/// With `UPDATE_SCHEMAS=1` it writes them instead; a released schema must never change.
#[test]
fn the_checked_in_schemas_are_the_generated_ones() {
    for (kind, schema) in schemas() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).expect("a schema serialises"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path(kind), &text).expect("a schema can be written");
        }
        let checked_in = std::fs::read_to_string(path(kind)).unwrap_or_default();
        assert_eq!(checked_in, text, "{kind}: run with UPDATE_SCHEMAS=1 and look at the difference");
    }
    assert_eq!(
        SCHEMA_TEXTS.map(|(kind, _)| kind).to_vec(),
        schemas().iter().map(|(kind, _)| *kind).collect::<Vec<_>>()
    );
}

/// The example of each kind, as `wit/canonical/v1/examples` shows it to readers.
fn examples() -> Vec<(&'static str, Value)> {
    let read = |kind: &str| {
        let path = path(kind).with_file_name(format!("examples/{kind}.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    SCHEMA_TEXTS.iter().map(|(kind, _)| (*kind, read(kind))).collect()
}

fn example(kind: &str) -> Value {
    examples().into_iter().find(|(name, _)| *name == kind).expect("a kind").1
}

fn struct_accepts(kind: &str, document: &Value) -> Result<Value, String> {
    fn through<T: serde::de::DeserializeOwned + serde::Serialize>(document: &Value) -> Result<Value, String> {
        let read = T::deserialize(document).map_err(|error| error.to_string())?;
        serde_json::to_value(read).map_err(|error| error.to_string())
    }
    macro_rules! accepts {
        ($($name:literal => $document:ident,)*) => {
            match kind {
                $($name => through::<portgate_canonical::$document>(document),)*
                other => panic!("no kind is called {other}"),
            }
        };
    }
    kinds!(accepts)
}

fn schema_accepts(kind: &str, document: &Value) -> bool {
    let (_, schema) = schemas().into_iter().find(|(name, _)| *name == kind).expect("a kind");
    jsonschema::validator_for(&schema).expect("a schema compiles").is_valid(document)
}

#[test]
fn every_kind_has_an_example_that_struct_and_schema_accept_unchanged() {
    for (kind, document) in examples() {
        assert!(schema_accepts(kind, &document), "{kind}: its schema refuses it");
        assert_eq!(struct_accepts(kind, &document).as_ref(), Ok(&document), "{kind}");
    }
}

#[test]
fn the_manual_names_every_kind_and_shows_the_example_as_it_is() {
    let manual = std::fs::read_to_string(path("milestone").with_file_name("../../README.md")).expect("the manual");
    for (kind, _) in SCHEMA_TEXTS {
        assert!(manual.contains(&format!("| `{kind}` |")), "wit/README.md has no row for {kind}");
    }
    let shown = manual.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert_eq!(serde_json::from_str::<Value>(shown).expect("the example is JSON"), example("milestone"));
}

/// The properties that a schema allows in a value, and those that the value has: `Type.property` each.
fn properties(root: &Value, schema: &Value, value: &Value, used: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let definition = name.trim_start_matches("#/$defs/");
        return members(root, definition, &root["$defs"][definition], value, used);
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        properties(root, choice, value, used);
    }
    for item in value.as_array().into_iter().flatten() {
        properties(root, &schema["items"], item, used);
    }
}

fn members(root: &Value, owner: &str, schema: &Value, value: &Value, used: &mut BTreeSet<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        used.insert(format!("{owner}.{name}"));
        properties(root, &schema["properties"][name], member, used);
    }
}

/// Other tests change the examples one value at a time, so they would not test what the examples leave out.
#[test]
fn the_examples_together_use_every_field_that_there_is() {
    let (mut allowed, mut used) = (BTreeSet::new(), BTreeSet::new());
    for (kind, schema) in schemas() {
        let types =
            schema["$defs"].as_object().into_iter().flatten().map(|(name, definition)| (name.as_str(), definition));
        for (owner, definition) in types.chain([(kind, &schema)]) {
            let names = definition["properties"].as_object().into_iter().flatten();
            allowed.extend(names.map(|(name, _)| format!("{owner}.{name}")));
        }
        members(&schema, kind, &schema, &example(kind), &mut used);
    }
    assert_eq!(allowed.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "no example has these");
    assert!(allowed.len() > 200, "{} fields were found", allowed.len());
}

/// Asserts that struct and schema both refuse the example of a kind with one value changed.
#[track_caller]
fn both_refuse(kind: &str, place: &str, value: Value) {
    let mut document = example(kind);
    let (parent, name) = place.rsplit_once('/').expect("a JSON Pointer");
    document.pointer_mut(parent).expect("the parent of the place")[name] = value;
    assert!(struct_accepts(kind, &document).is_err(), "the struct of {kind} accepts {place}");
    assert!(!schema_accepts(kind, &document), "the schema of {kind} accepts {place}");
}

#[test]
fn money_and_weights_are_never_json_numbers() {
    both_refuse("commercial-invoice", "/totals/payable/amount", json!(10650.00));
    both_refuse("commercial-invoice", "/totals/payable/amount", json!("1e4"));
    both_refuse("shipment", "/grossKg", json!(205));
}

#[test]
fn codes_keep_their_shape() {
    both_refuse("order", "/currency", json!("usd"));
    both_refuse("order", "/buyer/address/country", json!("GBR"));
    both_refuse("order", "/incoterm/code", json!("FOT"));
    both_refuse("item-classification", "/hs6", json!("85171300"));
    both_refuse("milestone", "/location/unLocode", json!("GB-FXT"));
    both_refuse("milestone", "/code", json!("SUNK"));
    both_refuse("milestone", "/source/rawRef", json!("A".repeat(64)));
}

#[test]
fn a_field_that_version_1_does_not_know_is_refused() {
    both_refuse("order", "/priority", json!("high"));
    both_refuse("order", "/lines/0/colour", json!("black"));
}

#[test]
fn text_and_integers_are_bounded() {
    both_refuse("milestone", "/reason/text", json!("x".repeat(513)));
    both_refuse("milestone", "/eventId", json!(""));
    both_refuse("packing", "/packages/0/count", json!(u64::from(u32::MAX) + 1));
    both_refuse("packing", "/packages/0/count", json!(-1));
}

#[test]
fn a_time_says_its_offset_or_that_it_is_local_and_never_both() {
    both_refuse("milestone", "/occurredAt", json!({ "value": "2026-03-05T08:15:00" }));
    both_refuse("milestone", "/occurredAt", json!({ "value": "2026-03-05T08:15:00.25+00:00", "localOnly": true }));
    both_refuse("milestone", "/occurredAt", json!("2026-03-05T08:15:00Z"));
}

/// A pattern and a calculation agree on every day that exists, leap years included, and on days that do not exist.
#[test]
fn struct_and_schema_know_the_same_days() {
    let (_, schema) = schemas().into_iter().find(|(kind, _)| *kind == "milestone").expect("a kind");
    let value = &schema["$defs"]["Timestamp"]["properties"]["value"];
    let validator = jsonschema::validator_for(value).expect("a schema compiles");
    let mut days = 0;
    for year in [1600, 1896, 1900, 1996, 2000, 2004, 2026, 2028, 2100, 2400] {
        for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
            let text = format!("{year:04}-{month:02}-{day:02}T08:15:00Z");
            let known = portgate_canonical::Timestamp::new(&*text).is_ok();
            assert_eq!(known, validator.is_valid(&json!(text)), "{text}");
            days += u32::from(known);
        }
    }
    assert_eq!(days, 10 * 365 + 7, "1600, 1896, 1996, 2000, 2004, 2028 and 2400 are leap years");
}

/// Only the schema bounds lists: a struct's list is bounded by the memory of whoever holds it.
#[test]
fn lists_are_bounded_by_the_schema() {
    let mut document = example("order");
    document["references"] = json!(vec![json!({ "scheme": "order", "value": "1" }); 65]);
    assert!(!schema_accepts("order", &document) && struct_accepts("order", &document).is_ok());
}

/// JSON Schema calls `1.0` an integer; the structs do not.
#[test]
fn a_whole_number_with_a_decimal_point_passes_the_schema_alone() {
    let mut document = example("packing");
    document["packages"][0]["count"] = serde_json::from_str("1.0").unwrap();
    assert!(schema_accepts("packing", &document) && struct_accepts("packing", &document).is_err());
}

/// Shows every way to replace one value of a document by another, and to add a field to one of its objects.
fn each_mutant(document: &Value, mut show: impl FnMut(&Value)) {
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, value)| places(value, format!("{at}/{n}"), found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(document, String::new(), &mut found);
    let others = [
        json!(null),
        json!(1.5),
        json!(-1),
        json!(true),
        json!(""),
        json!("x"),
        json!("x".repeat(2000)),
        json!("1.50"),
        json!("1e5"),
        json!("gb"),
        json!("2026-02-30"),
        json!("2026-99-01"),
        json!([]),
        json!({}),
        json!("ACT"),
        json!("other"),
        json!("\u{e9}".repeat(64)),
        json!("GBP\n"),
        json!("85171200"),
        json!("007"),
        json!("-0.10"),
        json!("1234567890123456789"),
        json!("2026-03-01T08:15:00"),
        json!("2026-03-01T08:15:00-05:00"),
        json!(4_294_967_296_u64),
        json!(0),
        json!("851713"),
    ];
    let mut mutant = document.clone();
    for place in found {
        let whole = mutant.pointer(&place).expect("a place of the document").clone();
        // serde also reads a struct from a list of its fields in order; the schema is the stricter one there.
        for other in others.iter().filter(|other| !(whole.is_object() && other.is_array())) {
            *mutant.pointer_mut(&place).expect("a place of the document") = other.clone();
            show(&mutant);
        }
        *mutant.pointer_mut(&place).expect("a place of the document") = whole;
        if let Some(Value::Object(fields)) = mutant.pointer_mut(&place) {
            fields.insert("unheardOf".to_owned(), json!(1));
            show(&mutant);
            if let Some(Value::Object(fields)) = mutant.pointer_mut(&place) {
                fields.remove("unheardOf");
            }
        }
    }
}

#[test]
fn struct_and_schema_agree_on_thousands_of_changed_documents() {
    let of_kind = |kind: &str, document: &Value| {
        let (mut accepted, mut refused) = (0, 0);
        let (_, schema) = schemas().into_iter().find(|(name, _)| *name == kind).expect("a kind");
        let validator = jsonschema::validator_for(&schema).expect("a schema compiles");
        each_mutant(document, |mutant| {
            let by_struct = struct_accepts(kind, mutant);
            let by_schema = validator.is_valid(mutant);
            assert_eq!(
                by_struct.is_ok(),
                by_schema,
                "{kind}: struct says {by_struct:?}, schema says {by_schema}: {mutant}"
            );
            if by_schema { accepted += 1 } else { refused += 1 }
        });
        (accepted, refused)
    };
    let examples = examples();
    let counts: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            examples.iter().map(|(kind, document)| scope.spawn(move || of_kind(kind, document))).collect();
        threads.into_iter().map(|thread| thread.join().expect("struct and schema agree")).collect()
    });
    let (accepted, refused) = counts.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}
