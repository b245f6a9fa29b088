//! Says in words what a file breaks of its schema, and what was probably meant.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Broken};
use serde_json::Value;

use super::{Located, SOCKET_ADDRESS};
use crate::contract;
use crate::excerpt::{excerpt, pointer_token};
use crate::mistake::{Mistake, nearest};

/// What is said of a key that is not there.
const MISSING: &str = "is missing";

/// Mistakes of one file that are explained; the others are counted. Whoever has mended so many runs the check again.
const MISTAKES_MAX: usize = 100;

/// Tables of which every key is a limit.
const LIMIT_TABLES: [&str; 3] = ["limits", "deadlines", "caps"];

/// Everything that the violations come to. A key that is missing because it is misspelt is one mistake, not two.
pub(super) fn mistakes<'a>(
    schema: &Value,
    located: &Located,
    errors: impl IntoIterator<Item = ValidationError<'a>>,
) -> Vec<Mistake> {
    let mut found = Found::default();
    for error in errors {
        explain(schema, located, &error, &mut found);
    }
    let Found { mut mistakes, misspelt, more } = found;
    mistakes.retain(|mistake| mistake.problem != MISSING || !misspelt.contains(&mistake.key));
    mistakes.sort();
    if more > 0 {
        mistakes.push(located.whole_file(format!("has {more} more mistakes, which are not listed")));
    }
    mistakes
}

#[derive(Default)]
struct Found {
    mistakes: Vec<Mistake>,
    /// Keys that are there under a name much like theirs.
    misspelt: Vec<String>,
    /// How many are not explained.
    more: usize,
}

impl Found {
    fn push(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    fn is_full(&self) -> bool {
        self.mistakes.len() >= MISTAKES_MAX
    }
}

/// Adds the mistakes that one violation comes to.
fn explain(schema: &Value, located: &Located, error: &ValidationError<'_>, mistakes: &mut Found) {
    if mistakes.is_full() {
        mistakes.more += match error.kind() {
            Broken::AdditionalProperties { unexpected } => unexpected.len(),
            _ => 1,
        };
        return;
    }
    let pointer = error.instance_path().as_str();
    match error.kind() {
        Broken::AnyOf { context } | Broken::OneOfNotValid { context } => {
            explain_variants(schema, located, error, context, mistakes);
        }
        Broken::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let missing = format!("{pointer}/{}", pointer_token(property));
            let table = pointer.rsplit('/').next().unwrap_or_default();
            let meaning = around(schema, error).and_then(|table| description(table.get("properties")?.get(property)?));
            let hint = match LIMIT_TABLES.contains(&table) {
                true => Some("a limit has no default, write it down".to_owned()),
                false => None,
            };
            let hint = [hint, meaning].into_iter().flatten().collect::<Vec<_>>().join(": ");
            mistakes.push(located.mistake(&missing, MISSING.to_owned(), Some(hint).filter(|hint| !hint.is_empty())));
        }
        Broken::AdditionalProperties { unexpected } => {
            let known = around(schema, error).and_then(|table| table.get("properties")).and_then(Value::as_object);
            let known: Vec<&str> = known.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
            for (number, key) in unexpected.iter().enumerate() {
                if mistakes.is_full() {
                    mistakes.more += unexpected.len() - number;
                    break;
                }
                let hint = match nearest(key, known.iter().copied()) {
                    Some(meant) => {
                        let pointer = format!("{pointer}/{}", pointer_token(meant));
                        mistakes.misspelt.push(located.dotted(&pointer));
                        format!("did you mean `{meant}`?")
                    }
                    None => format!("known here: {}", listed(&known)),
                };
                let pointer = format!("{pointer}/{}", pointer_token(key));
                mistakes.push(located.key_mistake(&pointer, "unknown key".to_owned(), Some(hint)));
            }
        }
        Broken::Type { kind } => {
            let problem = format!("must be {}, is {}", type_names(kind), type_of(error.instance()));
            mistakes.push(located.mistake(pointer, problem, None));
        }
        Broken::Format { format } if format == SOCKET_ADDRESS => {
            let hint = "an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`".to_owned();
            mistakes.push(located.mistake(pointer, "is no address to listen on".to_owned(), Some(hint)));
        }
        Broken::Pattern { .. } => {
            let meaning = around(schema, error).and_then(description);
            mistakes.push(located.mistake(pointer, contract::detail(error), meaning));
        }
        _ => mistakes.push(located.mistake(pointer, contract::detail(error), None)),
    }
}

/// None of several variants fits. Says what is wrong with the one that was meant: variants are told apart by their type
/// or by a key with a constant (`kind`), never by which of them has the fewest mistakes.
fn explain_variants(
    schema: &Value,
    located: &Located,
    error: &ValidationError<'_>,
    variants: &[Vec<ValidationError<'_>>],
    mistakes: &mut Found,
) {
    let top = error.instance_path().as_str();
    let mut allowed: Vec<&str> = Vec::new();
    let mut types: Vec<&str> = Vec::new();
    let mut wrong_at = top;
    let mut possible = Vec::new();
    for errors in variants {
        let mut ruled_out = false;
        for error in errors {
            let at = error.instance_path().as_str();
            match error.kind() {
                Broken::Constant { expected_value } => {
                    allowed.extend(expected_value.as_str());
                    wrong_at = at;
                    ruled_out = true;
                }
                Broken::Enum { options } => {
                    allowed.extend(options.as_array().into_iter().flatten().filter_map(Value::as_str));
                    wrong_at = at;
                    ruled_out = true;
                }
                Broken::Type { kind } if at == top => {
                    types.extend(type_words(kind));
                    ruled_out = true;
                }
                _ => {}
            }
        }
        if !ruled_out {
            possible.push(errors);
        }
    }
    if let [only] = possible.as_slice() {
        return only.iter().for_each(|error| explain(schema, located, error, mistakes));
    }
    if let Some((tag, values)) = possible.first().and_then(|_| tag(schema, error)) {
        let pointer = format!("{top}/{tag}");
        let hint = format!("allowed: {}", listed(&values));
        return mistakes.push(located.mistake(&pointer, MISSING.to_owned(), Some(hint)));
    }
    if !allowed.is_empty() {
        let written = located.value.pointer(wrong_at).unwrap_or(&Value::Null);
        let text = written.as_str().unwrap_or_default();
        let problem = match written {
            Value::String(text) => format!("is {}; allowed: {}", excerpt(text), listed(&allowed)),
            other => format!("must be text, is {}; allowed: {}", type_of(other), listed(&allowed)),
        };
        let hint = nearest(text, allowed.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
        return mistakes.push(located.mistake(wrong_at, problem, hint));
    }
    types.dedup();
    let problem = match types.is_empty() {
        true => contract::detail(error),
        false => format!("must be {}, is {}", types.join(" or "), type_of(error.instance())),
    };
    mistakes.push(located.mistake(top, problem, None));
}

/// The key that tells the variants at a violated `oneOf` apart, with its values.
fn tag<'a>(schema: &'a Value, error: &ValidationError<'_>) -> Option<(&'a str, Vec<&'a str>)> {
    let variants = schema.pointer(error.schema_path().as_str())?.as_array()?;
    let properties = variants.first()?.get("properties")?.as_object()?;
    let (tag, _) = properties.iter().find(|(_, property)| property.get("const").is_some())?;
    let value = |variant: &'a Value| variant.get("properties")?.get(tag)?.get("const")?.as_str();
    Some((tag, variants.iter().filter_map(value).collect()))
}

/// The schema that the violated keyword stands in.
fn around<'a>(schema: &'a Value, error: &ValidationError<'_>) -> Option<&'a Value> {
    let (around, _) = error.schema_path().as_str().rsplit_once('/')?;
    schema.pointer(around)
}

/// A description as it reads after a semicolon: its first line, without the full stop.
fn description(schema: &Value) -> Option<String> {
    let first = schema.get("description")?.as_str()?.lines().next()?;
    Some(first.trim_end_matches('.').to_owned())
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn type_names(kind: &TypeKind) -> String {
    type_words(kind).join(" or ")
}

fn type_words(kind: &TypeKind) -> Vec<&'static str> {
    let word = |name: &str| match name {
        // TOML has no null: a key that may be null may be left out.
        "null" => None,
        "boolean" => Some("true or false"),
        "integer" => Some("a whole number"),
        "number" => Some("a number"),
        "string" => Some("text"),
        "array" => Some("an array"),
        _ => Some("a table"),
    };
    match kind {
        TypeKind::Single(one) => word(one.as_str()).into_iter().collect(),
        TypeKind::Multiple(several) => several.iter().filter_map(|one| word(one.as_str())).collect(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "a table",
    }
}
