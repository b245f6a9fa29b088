use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fast_path::FastPath;

const LIMITS: JsonLimits = JsonLimits { depth_max: 64, findings_max: 10 };

fn refusal(text: &str) -> JsonError {
    parse(text.as_bytes(), &LIMITS).expect_err("must be refused")
}

#[test]
fn numbers_are_kept_digit_for_digit() {
    let value = parse(br#"{"amount": 123456789012345678901234567890.10, "n": [-0, 1E3]}"#, &LIMITS).expect("valid");
    assert_eq!(value["amount"].to_string(), "123456789012345678901234567890.10");
    assert_eq!(value["n"][0].to_string(), "-0");
    assert!(value["n"][1].is_number());
}

#[test]
fn duplicate_key_is_refused_by_pointer() {
    let error = refusal("{\"lines\": [{},\n {\"sku\": 1, \"sku\": 2}]}");
    assert_eq!((error.code, error.pointer.as_str(), error.line), ("json-duplicate-key", "/lines/1/sku", 2));
    assert!(error.detail.contains("`sku`"), "{}", error.detail);
}

#[test]
fn duplicate_key_hidden_by_escapes_is_refused() {
    assert_eq!(refusal(r#"{"a": 1, "\u0061": 2}"#).code, "json-duplicate-key");
}

#[test]
fn half_an_emoji_is_called_that_and_has_its_place() {
    for half in [r"\ud83d", r"\ud83d x", r"\ude00", r"\ud83d\u0041", r"\ud83d\ud83d", r"\uD83D\n"] {
        let error = refusal(&format!("{{\"lines\": [{{\"note\": \"so {half}\"}}]}}"));
        assert_eq!((error.code, error.pointer.as_str(), error.line), ("json-syntax", "/lines/0/note", 1), "{half}");
        assert!(error.detail.contains("half an emoji"), "{half}: {error}");
    }
    for (bytes, words) in [
        (&b"[\"\xed\xa0\xbd\"]"[..], "half an emoji"),
        (b"[\"\xf0\x9f\x98\"]", "cut off in its middle"),
        (b"[\"\xf0\x9f", "cut off in its middle"),
        (b"[\"\xe9t\xe9\"]", "this byte is not UTF-8"),
    ] {
        let error = parse(bytes, &LIMITS).expect_err("is not UTF-8");
        assert_eq!((error.code, error.column), ("json-encoding", 3));
        assert!(error.detail.contains(words), "{error}");
    }
    assert_eq!(parse(br#"["\ud83d\ude00"]"#, &LIMITS).expect("both halves"), json!(["\u{1f600}"]));
}

#[test]
fn pointer_tokens_are_escaped() {
    assert_eq!(refusal(r#"{"a/b": {"c~d": nul}}"#).pointer, "/a~1b/c~0d");
}

#[test]
fn depth_is_capped_where_the_limit_says() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let limits = JsonLimits { depth_max: 3, ..LIMITS };
    assert!(parse(nested(3).as_bytes(), &limits).is_ok());
    let error = parse(nested(4).as_bytes(), &limits).expect_err("too deep");
    assert_eq!((error.code, error.pointer.as_str()), ("json-too-deep", "/0/0/0"));
    assert!(parse(br#"{"a":{"b":{}}}"#, &limits).is_ok());
    assert!(parse(br#"{"a":{"b":{"c":1}}}"#, &limits).is_ok());
    assert_eq!(parse(br#"{"a":{"b":{"c":{}}}}"#, &limits).expect_err("too deep").code, "json-too-deep");
}

#[test]
fn a_depth_beyond_the_parsers_own_is_an_error_and_not_a_crash() {
    let limits = JsonLimits { depth_max: u32::MAX, ..LIMITS };
    let deep = "[".repeat(100_000);
    assert_eq!(parse(deep.as_bytes(), &limits).expect_err("too deep").code, "json-too-deep");
    let deepest = format!("{}{}", "[".repeat(DEPTH_MAX as usize), "]".repeat(DEPTH_MAX as usize));
    assert!(parse(deepest.as_bytes(), &limits).is_ok());
}

#[test]
fn the_number_of_values_is_capped() {
    let text = format!("[{}0]", "0,".repeat(VALUES_MAX as usize));
    assert_eq!(refusal(&text).code, "json-too-many-values");
}

#[test]
fn absurd_numbers_are_refused() {
    for text in ["1e401", "1E-401", "1e99999999999999999999", &"9".repeat(65), &format!("0.{}", "1".repeat(64))] {
        assert_eq!(refusal(&format!("[1, {text}]")).code, "json-number", "{text}");
        assert_eq!(refusal(&format!("[1, {text}]")).pointer, "/1");
    }
    for text in ["1e400", "1e-0400", &"9".repeat(64)] {
        assert!(parse(text.as_bytes(), &LIMITS).is_ok(), "{text}");
    }
}

#[test]
fn reserved_keys_are_refused_in_any_spelling_and_place() {
    for text in [
        r#"{"$serde_json::private::Number": "1"}"#,
        r#"{"a": 1, "$serde_json::private::Number": "1"}"#,
        r#"{"\u0024serde_json::private::Number": "1"}"#,
        r#"[{"$serde_json::private::RawValue": "{}"}]"#,
    ] {
        assert_eq!(refusal(text).code, "json-reserved-key", "{text}");
    }
    assert!(parse(br#"["$serde_json::private::Number"]"#, &LIMITS).is_ok(), "as a value it is only text");
}

#[test]
fn byte_order_mark_wrong_encoding_and_trailing_data_are_refused() {
    let bom = parse(b"\xef\xbb\xbf{}", &LIMITS).expect_err("byte order mark");
    assert_eq!((bom.code, bom.line, bom.column), ("json-encoding", 1, 1));
    let latin = parse(b"{\n\"a\": \"\xe9\"}", &LIMITS).expect_err("Latin-1");
    assert_eq!((latin.code, latin.line, latin.column), ("json-encoding", 2, 7));
    let trailing = refusal("{} {}");
    assert_eq!((trailing.code, trailing.column), ("json-syntax", 4));
    assert_eq!(refusal("").detail, "the text ends in the middle of a value");
}

#[test]
fn an_escaped_nul_is_only_a_character() {
    assert_eq!(parse(br#""a\u0000b""#, &LIMITS).expect("valid"), json!("a\0b"));
}

#[test]
fn a_hostile_key_is_shown_in_part_only() {
    let key = "k".repeat(100_000);
    let error = refusal(&format!(r#"{{"{key}": 1, "{key}": 2}}"#));
    assert!(error.detail.len() < 200 && error.pointer.len() < 300);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|text| Value::Number(text.parse().expect("a JSON number"))),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back_equal(value in any_value()) {
        let text = serde_json::to_vec(&value).expect("a value can be written");
        prop_assert_eq!(parse(&text, &LIMITS), Ok(value));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes, &LIMITS);
    }

    #[test]
    fn nothing_is_taken_that_the_plain_parser_refuses(text in r#"[\[\]{}",:0-9eE.+\-a-d ntrufls\\]{0,24}"#) {
        if parse(text.as_bytes(), &LIMITS).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}

/// Where this parser is stricter than RFC 8259 asks, and why.
const STRICTER: &[(&str, &str)] = &[
    ("y_number_double_close_to_zero.json", "a number of more than 64 digits is a mistake or an attack"),
    ("y_object_duplicated_key.json", "duplicate keys are refused"),
    ("y_object_duplicated_key_and_value.json", "duplicate keys are refused"),
];

#[test]
fn the_public_parsing_suite_agrees() {
    let shared = std::env::var_os("PORTGATE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let folder = shared.join("corpora/JSONTestSuite/test_parsing");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return eprintln!("skipped: no {}", folder.display());
    };
    let limits = JsonLimits { depth_max: DEPTH_MAX, ..LIMITS };
    let (any, mut counted) = (FastPath::of(&Value::Bool(true)), 0);
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = std::fs::read(&path).expect("a readable file");
        let taken = parse(&text, &limits).is_ok();
        assert_eq!(any.certainly_holds(&text, &limits), taken, "{name}");
        let stricter = STRICTER.iter().any(|(file, _)| *file == name);
        match name.as_bytes()[0] {
            b'y' => assert_eq!(taken, !stricter, "{name}"),
            b'n' => assert!(!taken, "{name}"),
            _ => {}
        }
        counted += 1;
    }
    assert!(counted > 300, "only {counted} files");
}
