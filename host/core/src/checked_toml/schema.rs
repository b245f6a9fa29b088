//! The JSON Schema of a struct that is read from a file.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema of one struct.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    finish(&mut schema);
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
