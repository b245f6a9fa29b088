use serde_json::{Value, json};

use super::*;

const LIMITS: JsonLimits = JsonLimits { depth_max: 32, findings_max: 5 };

fn contract(format: Format, schema: Option<Value>) -> Contract {
    Contract {
        name: "shop-order".to_owned(),
        version: "1".to_owned(),
        direction: Default::default(),
        media_types: vec!["application/json".to_owned()],
        format,
        schema,
        body_bytes_max: 1_000_000,
        depth_max: None,
        yields: Default::default(),
        headers: Vec::new(),
        deprecated_on: None,
        sunset_on: None,
        documentation: None,
        idempotency_key: Default::default(),
        id_header: None,
        business_key: None,
        agreement: Default::default(),
    }
}

fn checker(schema: Value) -> ContractChecker {
    ContractChecker::new(&contract(Format::Json, Some(schema)), &LIMITS).expect("the schema compiles")
}

/// `code location detail` of each finding.
fn findings(schema: Value, body: Value) -> Vec<String> {
    let violations = checker(schema).check(body.to_string().as_bytes(), None).expect_err("must break the schema");
    let words = violations.findings.into_iter();
    words.map(|finding| format!("{} {} {}", finding.code, finding.location, finding.detail)).collect()
}

fn refusal(schema: Value) -> String {
    ContractChecker::new(&contract(Format::Json, Some(schema)), &LIMITS).expect_err("unusable")
}

#[test]
fn what_is_nested_deeper_than_the_contract_or_the_gateway_lets_through_is_refused() {
    let nested = |depth: u32| format!("{}{}", "[".repeat(depth as usize), "]".repeat(depth as usize));
    for (own, most) in [(None, LIMITS.depth_max), (Some(3), 3), (Some(LIMITS.depth_max + 1), LIMITS.depth_max)] {
        let contract = Contract { depth_max: own, ..contract(Format::Json, None) };
        let checker = ContractChecker::new(&contract, &LIMITS).expect("no schema");
        assert_eq!(checker.check(nested(most).as_bytes(), None), Ok(None));
        let refused = checker.check(nested(most + 1).as_bytes(), None).expect_err("too deep");
        assert!(refused.findings[0].detail.contains(&format!("deeper than {most} levels")), "{refused:?}");
    }
}

#[test]
fn all_violations_are_reported_at_once_each_with_its_place() {
    let schema = json!({
        "type": "object",
        "required": ["number"],
        "properties": {
            "currency": { "enum": ["EUR", "GBP"] },
            "lines": { "items": { "properties": { "quantity": { "type": "integer", "minimum": 1 } } } },
        },
        "additionalProperties": false,
    });
    let body =
        json!({ "currency": "XXX", "lines": [{ "quantity": 1 }, { "quantity": 0 }, { "quantity": "two" }], "x/y": 1 });
    let mut found = findings(schema, body);
    found.sort();
    assert_eq!(
        found,
        [
            "schema-additional-properties /x~1y the key `x/y` is not part of this contract; leave it out",
            "schema-enum /currency is `XXX`; allowed: `EUR`, `GBP`",
            "schema-minimum /lines/1/quantity is `0`; must be 1 or more",
            "schema-required  the key `number` is missing",
            "schema-type /lines/2/quantity must be a whole number, is text",
        ]
    );
}

#[test]
fn the_variant_that_was_meant_is_explained() {
    let schema = json!({ "properties": { "party": { "oneOf": [
        { "type": "null" },
        { "type": "object", "properties": { "kind": { "const": "person" } }, "required": ["kind", "surname"] },
        { "type": "object", "properties": { "kind": { "const": "company" } }, "required": ["kind", "eori"] },
    ] } } });
    assert_eq!(
        findings(schema.clone(), json!({ "party": { "kind": "company" } })),
        ["schema-required /party the key `eori` is missing"]
    );
    let none = findings(schema, json!({ "party": 7 }));
    assert_eq!(
        none,
        [
            "schema-one-of /party fits none of the 3 allowed shapes: must be null, is a number; or must be an object, is a number"
        ]
    );
}

#[test]
fn formats_are_checked() {
    let schema = json!({ "properties": { "on": { "format": "date" }, "at": { "format": "date-time" } } });
    let found = findings(schema, json!({ "on": "2026-02-30", "at": "yesterday" }));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|finding| finding.starts_with("schema-format /")), "{found:?}");
}

#[test]
fn exact_numbers_are_compared_exactly() {
    let schema =
        json!({ "maximum": 9007199254740992_u64, "multipleOf": "0.01".parse::<serde_json::Number>().expect("number") });
    let checker = checker(schema);
    assert_eq!(checker.check(b"0.07", None), Ok(None));
    assert!(checker.check(b"9007199254740993", None).is_err());
    assert!(checker.check(b"0.070000000000000000001", None).is_err());
}

#[test]
fn findings_are_capped_and_the_rest_is_counted() {
    let body = Value::Array(vec![json!("x"); 12]).to_string();
    let violations = checker(json!({ "items": { "type": "number" } })).check(body.as_bytes(), None).expect_err("wrong");
    assert_eq!((violations.findings.len(), violations.more), (5, 7));
}

#[test]
fn a_payload_of_nothing_but_mistakes_yields_its_first_one() {
    let body = Value::Array(vec![json!("x"); 60_000]).to_string();
    let violations = checker(json!({ "items": { "type": "number" } })).check(body.as_bytes(), None).expect_err("wrong");
    assert_eq!((violations.findings.len(), violations.findings[0].location.as_str()), (1, "/0"));
}

#[test]
fn a_finding_shows_an_excerpt_of_the_payload_only() {
    let secret = "s".repeat(10_000);
    for schema in
        [json!({ "enum": ["a"] }), json!({ "pattern": "^a$" }), json!({ "format": "date" }), json!({ "maxLength": 3 })]
    {
        let found = findings(schema, json!(secret));
        assert!(found[0].matches('s').count() < 64 + 20 && found[0].len() < 300, "{found:?}");
    }
    let found = findings(json!({ "additionalProperties": false }), json!({ secret.as_str(): 1 }));
    assert!(found[0].len() < 500, "{found:?}");
}

#[test]
fn a_schema_must_be_complete_in_itself_and_of_the_one_dialect() {
    assert!(refusal(json!({ "$ref": "https://example.com/order.json" })).contains("example.com"));
    assert!(refusal(json!({ "$ref": "file:///etc/passwd" })).contains("/etc/passwd"));
    assert!(refusal(json!({ "$schema": "http://json-schema.org/draft-07/schema#" })).contains("2020-12"));
    assert!(refusal(json!({ "required": "number" })).contains("/required"));
    checker(json!({ "$ref": "#/$defs/a", "$defs": { "a": { "type": "string" } } }));
}

#[test]
fn a_pattern_that_could_run_for_ever_is_refused_when_it_is_loaded() {
    assert!(!refusal(json!({ "pattern": "^(a+)\\1$" })).is_empty());
    assert!(!refusal(json!({ "pattern": "(?=a)b" })).is_empty());
    let checker = checker(json!({ "pattern": "^(a+)+$" }));
    assert!(checker.check(format!("\"{}!\"", "a".repeat(100_000)).as_bytes(), None).is_err());
}

#[test]
fn json_that_cannot_be_read_is_told_apart_from_json_that_is_wrong() {
    let checker = checker(json!({ "type": "object" }));
    let malformed = checker.check(b"{\"a\": [1,\n 2,]}", None).expect_err("malformed");
    assert!(malformed.is_malformed());
    assert_eq!(malformed.findings[0].location, "/a/2");
    assert_eq!(malformed.findings[0].detail, "line 2, column 4: not JSON: trailing comma");
    assert!(!checker.check(b"[]", None).expect_err("wrong").is_malformed());
}

fn code(format: Format, body: &[u8]) -> Option<String> {
    let checker = ContractChecker::new(&contract(format, None), &LIMITS).expect("no schema to compile");
    checker.check(body, None).err().map(|violations| violations.findings[0].code.clone())
}

#[test]
fn xml_is_let_through_only_without_document_type() {
    assert_eq!(code(Format::Xml, b"\xef\xbb\xbf <?xml version='1.0'?><a/>"), None);
    assert_eq!(code(Format::Xml, b"<?xml version='1.0' encoding='iso-8859-2'?><a>\xe9</a>"), None);
    assert_eq!(code(Format::Xml, b"<!DOCTYPE a><a/>").as_deref(), Some("text-doctype"));
    assert_eq!(code(Format::Xml, b"<!-- --><!<!dOcTyPe a>").as_deref(), Some("text-doctype"));
    for text in [
        "<!-- <!DOCTYPE a> -->",
        "<a><![CDATA[<!DOCTYPE html>]]></a>",
        "<?note <!DOCTYPE a>?><a/>",
        "<!-- <!DOCTYPE a>",
    ] {
        assert_eq!(code(Format::Xml, text.as_bytes()), None, "{text} declares nothing");
        let declared = format!("{text}<!DOCTYPE a>");
        let expected = (text != "<!-- <!DOCTYPE a>").then_some("text-doctype");
        assert_eq!(code(Format::Xml, declared.as_bytes()).as_deref(), expected, "{declared}");
    }
    assert_eq!(code(Format::Xml, b"<a>\0</a>").as_deref(), Some("text-nul"));
    assert_eq!(code(Format::Xml, b"\xff\xfe<\0a\0/\0>\0"), None, "UTF-16");
    let hidden: Vec<u8> = "<!DOCTYPE a><a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(code(Format::Xml, &hidden).as_deref(), Some("text-doctype"), "in UTF-16, too");
    assert_eq!(code(Format::Xml, b"{}").as_deref(), Some("text-not-xml"));
    assert_eq!(code(Format::Xml, b" \n").as_deref(), Some("text-empty"));
}

#[test]
fn text_that_cannot_be_what_it_is_announced_as_is_refused_with_its_place() {
    let place = |format, body: &[u8]| {
        let violations = ContractChecker::new(&contract(format, None), &LIMITS).expect("no schema").check(body, None);
        let finding = violations.expect_err("no text").findings.remove(0);
        assert_eq!(finding.code, "text-encoding");
        finding.location
    };
    assert_eq!(place(Format::Xml, b"<a>\n caf\xe9</a>"), "2:5");
    let many = [&b"UNB+UNOA:1+M"[..], &[0xFC; 17], b"ller'"].concat();
    assert_eq!(place(Format::Edi, &many), "1:13");
}

#[test]
fn single_bytes_of_edi_that_are_no_text_are_named_and_left_to_the_plugin() {
    let checker = ContractChecker::new(&contract(Format::Edi, None), &LIMITS).expect("no schema");
    for (body, place) in [
        (&b"UNB+UNOA:1+M\xfcller'"[..], Some("1:13")),
        (b"UNB+UNOW:4+A'UNH+1'NAD+\xc3'", Some("1:24")),
        (b"UNB+UNOA:1+A'NAD+\x1b'", Some("1:18")),
        (b"UNB+UNOC:1+M\xfcller'", None),
        (b"UNB+UNOA:1+Mueller'", None),
    ] {
        let gap = checker.check(body, None).expect("it is passed over");
        assert_eq!(gap.map(|Gap(gap)| gap.location).as_deref(), place, "{}", body.escape_ascii());
        assert_eq!(checker.check_rendered(body, None).is_err(), place.is_some(), "what goes out has none");
    }
}

#[test]
fn a_charset_that_the_plugin_is_not_shown_must_change_nothing() {
    let mut declared = contract(Format::Xml, None);
    let body = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xa4</a>";
    let judge = |contract: &Contract, charset| {
        ContractChecker::new(contract, &LIMITS).expect("no schema").check(body, charset).is_ok()
    };
    assert!(judge(&declared, Some("iso-8859-1")) && !judge(&declared, Some("iso-8859-15")));
    declared.headers = vec!["content-type".to_owned()];
    assert!(judge(&declared, Some("iso-8859-15")) && !judge(&declared, Some("utf-8")));
}

#[test]
fn a_byte_order_mark_in_front_of_json_means_nothing_and_is_never_sent() {
    let checker = checker(json!({ "type": "object" }));
    for body in [&b"\xef\xbb\xbf{}"[..], b"\xef\xbb\xbf \n{ }"] {
        assert_eq!(checker.check(body, None), Ok(None));
        assert!(checker.check_rendered(body, None).is_err());
    }
    assert!(checker.check(b"\xef\xbb\xbf[]", None).is_err_and(|wrong| !wrong.is_malformed()));
    assert!(checker.check(b"\xef\xbb\xbf\xef\xbb\xbf{}", None).is_err(), "one of them");
    assert!(checker.check(b"\xff\xfe{\0}\0", None).is_err_and(|wrong| wrong.findings[0].code == "json-encoding"));
    assert_eq!(checker.check_rendered(b"{}", None), Ok(()));
}

#[test]
fn edi_starts_with_a_letter() {
    assert_eq!(code(Format::Edi, b"\r\nUNB+UNOC:3"), None);
    assert_eq!(code(Format::Edi, b"<UNB/>").as_deref(), Some("text-not-edi"));
    assert_eq!(code(Format::Edi, b"ISA*\0").as_deref(), Some("text-nul"));
    assert_eq!(code(Format::Bytes, b"\0\xff"), None);
}

#[test]
fn the_place_of_a_finding_in_text_is_line_and_column() {
    let checker = ContractChecker::new(&contract(Format::Xml, None), &LIMITS).expect("no schema");
    let violations = checker.check(b"<a>\n  <!DOCTYPE x>", None).expect_err("document type");
    assert_eq!(violations.findings[0].location, "2:3");
    let schema = contract(Format::Edi, Some(json!({})));
    assert!(ContractChecker::new(&schema, &LIMITS).is_err(), "a schema would never be looked at");
}
