//! The JSON Schemas of every kind of configuration file, generated from the structs.
//!
//! They are what [`load`](super::load) checks with, and what `policies/schemas` holds for editors; a test keeps the two
//! the same (`UPDATE_SCHEMAS=1` writes them anew).

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::{Ceiling, Gateway, OperatorPolicy, PartnerPolicy, PluginPolicy, Routes, SignerPolicy};
use crate::manifest::Manifest;

/// Every schema with the name of its file.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("gateway.schema.json", schema::<Gateway>()),
        ("ceiling.schema.json", schema::<Ceiling>()),
        ("plugin.schema.json", schema::<PluginPolicy>()),
        ("partner.schema.json", schema::<PartnerPolicy>()),
        ("operator.schema.json", schema::<OperatorPolicy>()),
        ("signer.schema.json", schema::<SignerPolicy>()),
        ("routes.schema.json", schema::<Routes>()),
        ("plugin-manifest.schema.json", manifest()),
    ]
}

/// The schema of one struct.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    finish(&mut schema);
    schema
}

/// The schema of `plugin.toml`, where a contract's schema is the name of a file.
pub(crate) fn manifest() -> Value {
    let mut schema = schema::<Manifest>();
    if let Some(contract) = schema.pointer_mut("/$defs/Contract/properties/schema") {
        *contract = json!({
            "description": "The JSON Schema (2020-12) of the payload: the name of a file in the plugin's folder.",
            "type": "string",
        });
    }
    schema
}

/// What the generator leaves open: the largest value of a whole number, and defaults that are no defaults but absence.
fn finish(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let maximum = match object.get("format").and_then(Value::as_str) {
                Some("uint32") => Some(json!(u32::MAX)),
                // What TOML can write.
                Some("uint64") => Some(json!(i64::MAX)),
                _ => None,
            };
            if let Some(maximum) = maximum {
                object.entry("maximum").or_insert(maximum);
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(finish);
        }
        Value::Array(elements) => elements.iter_mut().for_each(finish),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::contract::Schema;

    #[test]
    fn the_schemas_for_editors_are_the_ones_that_check() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/schemas"));
        for (name, schema) in schemas() {
            let text = format!("{}\n", serde_json::to_string_pretty(&schema).expect("a value can be written"));
            let file = folder.join(name);
            if std::env::var_os("UPDATE_SCHEMAS").is_some() {
                std::fs::create_dir_all(folder).expect("the folder can be made");
                std::fs::write(&file, &text).expect("the schema can be written");
            }
            let written = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(written == text, "{name} is not what the structs say; run this test with UPDATE_SCHEMAS=1");
        }
    }

    #[test]
    fn every_schema_compiles() {
        for (name, schema) in schemas() {
            assert!(Schema::compile(&schema).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_limit_has_bounds() {
        let schema = schema::<PluginPolicy>();
        let limits = schema.pointer("/$defs/Limits/properties").and_then(Value::as_object).expect("limits");
        for (name, limit) in limits {
            assert!(limit["minimum"] == json!(1) && limit["maximum"].is_number(), "{name}: {limit}");
        }
    }
}
