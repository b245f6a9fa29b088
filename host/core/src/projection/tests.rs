use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::Reference;

fn projection(fields: &[&str], references: &[&str]) -> Projection {
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Projection::new(&Grants {
        read: set(&["order", "milestone"]),
        fields: [("order".to_owned(), set(fields))].into(),
        references: set(references),
        ..Grants::default()
    })
}

fn document(kind: &str, body: &str) -> Document {
    let reference = |scheme: &str, value: &str| Reference { scheme: scheme.to_owned(), value: value.to_owned() };
    let refs = vec![reference("ucr", "9GB1"), reference("buyer", "Secret Ltd")];
    Document { kind: kind.to_owned(), key: "o-1".to_owned(), refs, body: body.as_bytes().to_vec() }
}

fn seen(fields: &[&str], body: &str) -> String {
    let projected = projection(fields, &["ucr"]).of(document("order", body)).expect("it may be read");
    String::from_utf8(projected.into_document().body).expect("JSON is text")
}

#[test]
fn a_kind_without_a_grant_is_withheld_and_one_without_fields_is_given_as_it_is() {
    let projection = projection(&["/lines"], &[]);
    assert_eq!(projection.of(document("customs-status", "{}")), Err(Withheld::KindNotGranted));
    let whole = document("milestone", " { \"any\" : 1.0 } ");
    assert_eq!(projection.of(whole.clone()).expect("it may be read").into_document(), whole);
}

#[test]
fn only_granted_fields_are_left_and_they_stand_as_they_were() {
    let body = r#"{"id":"o-1","total":{"amount":10.500000000000000000001,"currency":"EUR"},"buyer":"Secret Ltd",
        "lines":[{"itemRef":"A","price":1},{"price":2},7,{"itemRef":"\u0042"}]}"#;
    assert_eq!(seen(&["/total/amount"], body), r#"{"total":{"amount":10.500000000000000000001}}"#);
    assert_eq!(seen(&["/lines/*/itemRef"], body), r#"{"lines":[{"itemRef":"A"},{},null,{"itemRef":"\u0042"}]}"#);
    assert_eq!(seen(&["/total", "/total/currency"], body), seen(&["/total"], body));
    assert_eq!(seen(&["/*/currency", "/total/amount"], body).matches("EUR").count(), 1);
    assert_eq!(seen(&["/buyer/name", "/lines/itemRef", "/missing"], body), "{}");
    assert_eq!(seen(&[], body), "{}");
}

#[test]
fn a_key_is_compared_as_it_is_meant_and_not_as_it_is_written() {
    assert_eq!(seen(&["/total"], r#"{"t\u006ftal":1,"tot\u0061l2":2}"#), r#"{"total":1}"#);
    assert_eq!(seen(&["/a~1b"], r#"{"a/b":1,"a":{"b":2}}"#), r#"{"a/b":1}"#);
}

#[test]
fn a_key_with_signs_that_are_escaped_stays_the_key_that_it_was() {
    let body = r#"{"a\"b":{"c\\d":1},"e\n\u0001\u007f":2,"größe/\ud83d\ude80":3}"#;
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(read(&seen(&["/*/*", "/*"], body)), read(body));
    assert_eq!(read(&seen(&["/a\"b/*"], body)), read(r#"{"a\"b":{"c\\d":1}}"#));
}

#[test]
fn references_are_given_by_scheme_outside_of_the_body_and_in_it() {
    let body = r#"{"references":[{"scheme":"ucr","value":"9GB1"},{"value":"Secret Ltd","scheme":"buyer"},
        {"scheme":"ucr","scheme":"buyer","value":"Secret Ltd"},"Secret Ltd"]}"#;
    for fields in [&["/references"][..], &["/*"], &[]] {
        let projected = projection(fields, &["ucr"]).of(document("order", body)).expect("it may be read");
        let document = projected.into_document();
        assert_eq!(document.refs.iter().map(|one| one.scheme.as_str()).collect::<Vec<_>>(), ["ucr"]);
        assert_eq!(document.body, br#"{"references":[{"scheme":"ucr","value":"9GB1"}]}"#, "{fields:?}");
    }
    let none = projection(&["/*"], &[]).of(document("order", body)).expect("it may be read").into_document();
    assert_eq!((none.refs.len(), none.body), (0, b"{}".to_vec()));
}

#[test]
fn the_key_is_given_where_it_is_the_granted_id_and_nothing_else() {
    let key = |fields: &[&str], body: &str| {
        projection(fields, &[]).of(document("order", body)).expect("it may be read").into_document().key
    };
    assert_eq!(key(&["/id"], r#"{"id":"o-1"}"#), "o-1");
    assert_eq!(key(&["/*"], r#"{"id":"o-1"}"#), "o-1");
    assert_eq!(key(&["/id"], r#"{"id":"another"}"#), "");
    assert_eq!(key(&["/id"], "{}"), "");
    assert_eq!(key(&["/lines"], r#"{"id":"o-1"}"#), "");
}

#[test]
fn what_is_no_object_is_withheld() {
    for body in ["", "[]", "1", "{", "{}x", "\u{feff}{}"] {
        assert_eq!(projection(&["/a"], &[]).of(document("order", body)), Err(Withheld::NoObject), "{body}");
    }
}

/// Every value that is no list and no object, with the way to it.
fn leaves(value: &Value, way: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(elements) => elements.iter().enumerate().map(|(at, value)| (format!("#{at}"), value)).collect(),
        leaf => return found.push((way.clone(), leaf.clone())),
    };
    for (step, value) in members {
        way.push(step);
        leaves(value, way, found);
        way.pop();
    }
}

/// The same question as the module answers, asked of one leaf: does a pattern name it, or something around it?
fn granted(patterns: &[String], way: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        let steps: Vec<&str> = pattern.split('/').skip(1).collect();
        let fits = |(step, token): (&String, &&str)| *token == "*" || step == token;
        steps.len() <= way.len() && way.iter().zip(&steps).all(fits)
    })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        "-?[1-9][0-9]{0,30}\\.[0-9]{1,20}".prop_map(|digits| serde_json::from_str(&digits).expect("a number")),
        "[a-c\"\\\\é\n]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn exactly_the_granted_values_are_left(
        members in prop::collection::btree_map("[a-c]", json(), 0..4),
        patterns in prop::collection::vec("(/([a-c]|\\*)){1,4}", 0..5),
    ) {
        let body: Value = members.into_iter().collect();
        let fields: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let projected: Value = serde_json::from_str(&seen(&fields, &body.to_string())).expect("JSON");
        let (mut before, mut after) = (Vec::new(), Vec::new());
        leaves(&body, &mut Vec::new(), &mut before);
        leaves(&projected, &mut Vec::new(), &mut after);
        before.retain(|(way, _)| granted(&patterns, way));
        // A null may also stand for an element of which nothing is granted, which says nothing.
        after.retain(|leaf| !leaf.1.is_null() || before.contains(leaf));
        prop_assert_eq!(after, before);
    }

    #[test]
    fn with_everything_granted_nothing_changes(members in prop::collection::btree_map("[a-c]", json(), 0..4)) {
        let body: Value = members.into_iter().collect();
        let text = body.to_string();
        prop_assert_eq!(&seen(&["/*"], &text), &text);
        prop_assert_eq!(&seen(&["/a", "/b", "/c"], &text), &text);
    }
}

#[test]
fn the_example_of_every_kind_is_given_whole_where_its_fields_and_schemes_are_granted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/canonical/v1/examples");
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let body = std::fs::read_to_string(entry.expect("an entry").path()).expect("an example");
        let value: Value = serde_json::from_str(&body).expect("JSON");
        let fields: Vec<String> = value.as_object().expect("an object").keys().map(|key| format!("/{key}")).collect();
        let schemes = value["references"].as_array().into_iter().flatten();
        let schemes: Vec<&str> = schemes.filter_map(|one| one["scheme"].as_str()).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let projected = projection(&fields, &schemes).of(document("order", &body)).expect("it may be read");
        let left: Value = serde_json::from_slice(&projected.into_document().body).expect("JSON");
        assert_eq!(left, value);
        let nothing = projection(&[], &[]).of(document("order", &body)).expect("it may be read");
        assert_eq!(serde_json::from_slice::<Value>(&nothing.into_document().body).expect("JSON"), json!({}));
    }
}
