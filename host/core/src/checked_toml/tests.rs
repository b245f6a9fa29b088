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

/// What is wrong with a text of one key that is known, `burst`.
fn mistakes_of(text: String) -> Vec<Mistake> {
    let schema = json!({
        "properties": { "burst": { "type": "integer" }, "list": { "items": { "type": "integer" } } },
        "required": ["burst"],
        "additionalProperties": false,
    });
    let source = Source { path: "a.toml".to_owned(), text };
    FileKind::new(schema).read::<Value>(&source).map(drop).expect_err("it is full of mistakes")
}

#[test]
fn of_many_mistakes_a_hundred_are_explained_and_the_others_counted() {
    let keys: String = (0..40_000).map(|number| format!("unknown-{number} = 1\n")).collect();
    let unknown = format!("burst = 1\n{keys}");
    let wrong: String = format!("burst = 1\nlist = [{}]\n", "'x', ".repeat(40_000));
    // All on one line, so that a column is far from its beginning.
    let one_line: String = format!("burst = 1\nlist = [{}]", "\"ü\", ".repeat(40_000));
    for (text, more) in [(unknown, 39_900), (wrong, 39_900), (one_line, 39_900)] {
        let found = mistakes_of(text);
        let said = found.last().expect("a last one").to_string();
        assert_eq!(said, format!("a.toml: has {more} more mistakes, which are not listed"));
        assert!(found.len() <= 101, "{}", found.len());
    }
}

#[test]
fn a_file_that_is_not_toml_at_all_has_a_few_mistakes() {
    for text in ["= ".repeat(200_000), "= \n".repeat(200_000), "[".repeat(200_000), "a.".repeat(200_000)] {
        let found = mistakes_of(text);
        assert!((1..=5).contains(&found.len()), "{found:?}");
    }
}

#[test]
fn a_name_that_is_too_long_to_be_mistyped_is_compared_with_nothing() {
    let found = mistakes_of(format!("burst = 1\n{} = 1\n", "b".repeat(1 << 20)));
    assert!(found[0].to_string().contains("unknown key; known here: `burst`, `list`"));
}
