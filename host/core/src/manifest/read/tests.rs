use super::*;

const PLUGIN: &str = r#"name = "ecom"
version = "1.2.0"
description = "Orders of a web shop."
world = "connector"

[[contracts]]
name = "order"
version = "2024-10"
media_types = ["application/json"]
format = "json"
schema = "schemas/order.schema.json"
body_bytes_max = 1_000_000
headers = ["x-shop-topic"]
deprecated_on = 2026-03-01
sunset_on = "2026-06-01"

[capabilities]
emit = ["order"]
"#;

fn files(name: &str) -> Result<String, String> {
    match name {
        "schemas/order.schema.json" => Ok(r#"{"type": "object", "required": ["id"]}"#.to_owned()),
        "schemas/broken.json" => Ok("{".to_owned()),
        "schemas/remote.json" => Ok(r#"{"$ref": "https://example.com/a"}"#.to_owned()),
        _ => Err("there is no such file".to_owned()),
    }
}

fn mistake(from: &str, to: &str) -> String {
    assert!(PLUGIN.contains(from), "{from}");
    let found = Manifest::from_toml(&PLUGIN.replacen(from, to, 1), "plugin.toml", files).expect_err("a mistake");
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].to_string()
}

#[test]
fn a_manifest_is_read_with_its_schemas_inside() {
    let manifest = Manifest::from_toml(PLUGIN, "plugin.toml", files).expect("no mistake");
    assert_eq!(
        manifest.contracts[0].schema.as_ref().and_then(|schema| schema.pointer("/required/0")),
        Some(&"id".into())
    );
    assert_eq!(manifest.contracts[0].deprecated_on, "2026-03-01".parse().ok());
}

#[test]
fn what_is_embedded_is_read_back_equal() {
    let manifest = Manifest::from_toml(PLUGIN, "plugin.toml", files).expect("no mistake");
    let embedded = serde_json::to_vec(&manifest).expect("a manifest can be written");
    assert_eq!(Manifest::from_json(&embedded), Ok(manifest));
}

#[test]
fn a_component_from_another_build_is_checked_the_same_way() {
    let mut manifest = Manifest::from_toml(PLUGIN, "plugin.toml", files).expect("no mistake");
    manifest.contracts[0].headers = vec!["Authorization".to_owned()];
    let embedded = serde_json::to_vec(&manifest).expect("a manifest can be written");
    let found = Manifest::from_json(&embedded).expect_err("a credential's header");
    assert!(found[0].to_string().starts_with("portgate:manifest@1: contracts[0].headers[0]: "), "{}", found[0]);
    let broken = Manifest::from_json(b"{\"name\": ").expect_err("no JSON");
    assert!(broken[0].to_string().contains("is no JSON: line 1"), "{}", broken[0]);
    let foreign = Manifest::from_json(br#"{"name": "A", "nmae": 1}"#).expect_err("no manifest");
    assert!(foreign.len() >= 4 && foreign.iter().all(|mistake| mistake.line == 0), "{foreign:#?}");
}

#[test]
fn mistakes_have_line_key_and_hint() {
    assert_eq!(
        mistake("media_types", "media_type"),
        "plugin.toml:9:1: contracts[0].media_type: unknown key; did you mean `media_types`?"
    );
    assert_eq!(
        mistake("\"connector\"", "\"conector\""),
        "plugin.toml:4:9: world: is `conector`; allowed: `connector`, `rules`, `composer`; did you mean `connector`?"
    );
    assert!(mistake("\"ecom\"", "\"Ecom\"").starts_with("plugin.toml:1:8: name: `Ecom` does not match the pattern"));
    assert!(mistake("\"application/json\"", "\"application/JSON; a=b\"").contains("is no media type"));
    assert!(
        mistake("x-shop-topic", "Webhook-Signature").contains("contracts[0].headers[0]: `Webhook-Signature` carries")
    );
    assert!(mistake("2026-03-01", "2026-13-01").contains("plugin.toml:14:17: not TOML"), "TOML knows months");
    assert!(mistake("\"2026-06-01\"", "\"2026-06-31\"").contains("is no valid date"));
    assert!(mistake("\"2026-06-01\"", "\"2025-06-01\"").contains("sunset_on: 2025-06-01 is before its deprecation"));
}

#[test]
fn schemas_are_files_of_the_plugin_and_must_compile() {
    let schema = |name: &str| mistake("schemas/order.schema.json", name);
    assert!(
        schema("schemas/none.json")
            .starts_with("plugin.toml:11:10: contracts[0].schema: `schemas/none.json` cannot be read")
    );
    assert!(schema("schemas/broken.json").contains("is no JSON: line 1"));
    assert!(schema("schemas/remote.json").contains("example.com"));
    for outside in ["../secret.json", "/etc/passwd", "a//b", "C:\\\\x", ""] {
        assert!(schema(outside).contains("is no file in the plugin's folder"), "{outside}");
    }
    assert!(mistake("schema = \"schemas/order.schema.json\"\n", "").contains("contracts[0].schema: is missing"));
    assert!(mistake("\"json\"", "\"xml\"").contains("only the format `json` is checked with one"));
}

#[test]
fn a_business_key_is_made_of_fields_of_a_document_that_the_plugin_emits() {
    let key = |lines: &str| {
        let text = PLUGIN.replacen("headers = ", &format!("{lines}\nheaders = "), 1);
        let found = Manifest::from_toml(&text, "plugin.toml", files).err().unwrap_or_default();
        found.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
    };
    let good = "idempotency_key = \"required\"\nbusiness_key = { document = \"order\", fields = [\"/id\", \"/a~1b\"] }";
    assert_eq!(key(good), "");
    assert!(key(&good.replace("\"order\"", "\"ordre\"")).ends_with("did you mean `order`?"));
    assert!(key(&good.replace("/id", "id")).contains("business_key.fields[0]: `id` points to no field"));
    assert!(key(&good.replace("~1", "~2")).contains("business_key.fields[1]"));
    assert!(key(&good.replace("required", "requird")).contains("did you mean `required`?"));
    let encoded = key(&format!("direction = \"encode\"\n{good}"));
    assert!(encoded.contains("idempotency_key: says") && encoded.contains("business_key: says"), "{encoded}");
}
