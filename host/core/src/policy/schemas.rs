//! The JSON Schemas of every kind of configuration file, generated from the structs.
//!
//! They are what [`load`](super::load) checks with, and what `policies/schemas` holds for editors; a test keeps the two
//! the same (`UPDATE_SCHEMAS=1` writes them anew).

use serde_json::Value;

use super::{
    Ceiling, Costs, Exceptions, Filings, Gateway, OperatorPolicy, PartnerPolicy, PluginPolicy, Routes, Shipments,
    SignerPolicy,
};
use crate::checked_toml::schema;
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
        ("shipments.schema.json", schema::<Shipments>()),
        ("exceptions.schema.json", schema::<Exceptions>()),
        ("filings.schema.json", schema::<Filings>()),
        ("costs.schema.json", schema::<Costs>()),
        ("plugin-manifest.schema.json", Manifest::toml_schema()),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

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
