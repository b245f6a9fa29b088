//! The JSON Schemas (2020-12), generated from the structs.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::{CanonicalDocument, kinds};

macro_rules! schemas {
    ($($kind:literal => $document:ident,)*) => {
        /// Every kind with its schema, in alphabetical order. What `wit/canonical/v1` holds is this, and a test says so.
        pub fn schemas() -> Vec<(&'static str, Value)> {
            vec![$(schema::<crate::$document>()),*]
        }
    };
}
kinds!(schemas);

fn schema<T: CanonicalDocument + JsonSchema>() -> (&'static str, Value) {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(bound_integers));
    let mut schema: Schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), Value::String(format!("urn:portgate:canonical:v1:{}", T::KIND)));
    (T::KIND, schema.to_value())
}

/// States the largest value of an integer. `format: uint32` says it only to those who know that format.
fn bound_integers(schema: &mut Schema) {
    let maximum = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => u64::MAX,
        _ => return,
    };
    schema.remove("format");
    schema.insert("maximum".to_owned(), maximum.into());
}
