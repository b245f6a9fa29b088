use serde_json::json;

use super::*;

fn read(schema: Value, text: &str) -> Result<Value, Vec<String>> {
    let source = Source { path: "a.toml".to_owned(), text: text.to_owned() };
    let read = FileKind::new(schema).read::<Value>(&source);
    read.map(|file| file.content).map_err(|mistakes| mistakes.iter().map(Mistake::to_string).collect())
}

#[test]
fn toml_becomes_json_without_loss() {
    let text = "a = 1_000\nb = 0xff\nc = 1.50\nd = 2026-03-01\ne = [true]\n[f]\n\"g h\" = 'x'\n[[i]]\n[[i]]\nj = -3\n";
    let value = read(json!({}), text).expect("no schema, no mistake");
    let c: Value = serde_json::from_str("1.50").expect("a number");
    assert_eq!(
        value,
        json!({ "a": 1000, "b": 255, "c": c, "d": "2026-03-01", "e": [true], "f": { "g h": "x" }, "i": [{}, { "j": -3 }] })
    );
}

#[test]
fn mistakes_of_toml_itself_have_their_place() {
    let found = read(json!({}), "a = 1\na = 2\n\nb = [1, \n").expect_err("two mistakes");
    assert!(found[0].starts_with("a.toml:2:1: not TOML: duplicate key"), "{found:?}");
    assert!(found.len() >= 2, "{found:?}");
}

#[test]
fn the_place_of_a_missing_key_is_its_table() {
    let schema = json!({ "properties": { "t": { "required": ["k"] }, "l": { "items": { "required": ["k"] } } } });
    let text = "# first\n[t]\nx = 1\n\n[[l]]\nk = 1\n  [[l]]\n";
    assert_eq!(
        read(schema, text).expect_err("two keys are missing"),
        ["a.toml:2:1: t.k: is missing", "a.toml:7:3: l[1].k: is missing"]
    );
}

#[test]
fn columns_count_characters_and_strange_keys_are_quoted() {
    let schema = json!({ "properties": { "a b": { "properties": { "ü": { "type": "integer" } } } } });
    let found = read(schema, "\"a b\" = { \"ü\" = \"x\" }\n").expect_err("text");
    assert_eq!(found, ["a.toml:1:17: \"a b\".\"ü\": must be a whole number, is text"]);
}

#[test]
fn infinity_is_no_number() {
    assert!(read(json!({ "properties": { "a": { "type": "number" } } }), "a = inf").is_err());
}
