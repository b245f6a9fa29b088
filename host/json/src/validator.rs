//! How schemas become validators. They come from plugin authors, so compiling is bounded: nothing outside the schema is
//! ever fetched, and patterns run on the engine whose time is linear in the text.

use jsonschema::json::Json;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// The validator of a schema; `Err` says what is wrong with it.
pub(crate) fn compiled<F: Json>(schema: &Value) -> Result<Validator<F>, String> {
    let options = jsonschema::options_for::<F>()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex());
    options.build(schema).map_err(|error| {
        let place = match error.instance_path().as_str() {
            "" => "the schema".to_owned(),
            pointer => format!("the schema at {pointer}"),
        };
        format!("{place}: {error}")
    })
}
