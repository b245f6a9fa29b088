//! Says in words what a value breaks of a schema.
//!
//! Promises: a stable code per keyword, the place as JSON Pointer, one sentence that names what is missing or allowed,
//! and never more than an excerpt of the payload. Where a value fits none of several shapes, the shape that it was meant
//! to have is looked for, and its mistakes are reported instead of "none fits".

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Broken};
use serde_json::Value;

use crate::excerpt::{bounded_pointer, excerpt, pointer_token};
use crate::finding::Finding;

/// Allowed values that one sentence lists.
const ALLOWED_LISTED_MAX: usize = 12;
/// Unexpected keys that one sentence lists.
const UNEXPECTED_LISTED_MAX: usize = 3;
/// Characters of a pattern or an allowed value, which come from the schema, not the payload.
const SCHEMA_TEXT_CHARS_MAX: usize = 120;

/// Adds the finding, or the findings, that one violation comes to.
pub(super) fn explain(error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    match error.kind() {
        Broken::AnyOf { context } | Broken::OneOfNotValid { context } => match meant(error, context) {
            Some(shape) => shape.iter().for_each(|error| explain(error, findings)),
            None => findings.push(finding(error)),
        },
        Broken::AdditionalProperties { unexpected } | Broken::UnevaluatedProperties { unexpected } => {
            // Each is a place of its own; beyond a few they say nothing new.
            let parent = error.instance_path().as_str();
            for key in unexpected.iter().take(UNEXPECTED_LISTED_MAX) {
                let detail = format!("the key {} is not part of this contract; leave it out", excerpt(key));
                let location = bounded_pointer(&format!("{parent}/{}", pointer_token(key)));
                findings.push(Finding::error(code(error), location, detail));
            }
            if let Some(left) = unexpected.len().checked_sub(UNEXPECTED_LISTED_MAX).filter(|left| *left > 0) {
                let detail = format!("{left} more keys are not part of this contract; leave them out");
                findings.push(Finding::error(code(error), bounded_pointer(parent), detail));
            }
        }
        _ => findings.push(finding(error)),
    }
}

/// What is said where nothing better is known.
pub(super) fn whole() -> Finding {
    Finding::error("schema-invalid", "", "the payload breaks the contract's schema")
}

fn finding(error: &ValidationError<'_>) -> Finding {
    Finding::error(code(error), bounded_pointer(error.instance_path().as_str()), detail(error))
}

/// `schema-` and the keyword in kebab-case: `schema-required`, `schema-min-length`, `schema-one-of`.
fn code(error: &ValidationError<'_>) -> String {
    let keyword = match error.kind() {
        Broken::FalseSchema => "not-allowed",
        kind => kind.keyword(),
    };
    let mut code = "schema-".to_owned();
    for character in keyword.chars() {
        if character.is_ascii_uppercase() {
            code.push('-');
        }
        code.push(character.to_ascii_lowercase());
    }
    code
}

/// The one shape that the value was meant to have: the only one whose type, constant and allowed values it has at the
/// top, which is where variants are told apart.
fn meant<'a, 'e>(
    error: &ValidationError<'_>,
    shapes: &'a [Vec<ValidationError<'e>>],
) -> Option<&'a [ValidationError<'e>]> {
    let top = error.instance_path().as_str();
    let tells_apart = |error: &ValidationError<'_>| {
        let below = error.instance_path().as_str().strip_prefix(top).unwrap_or_default();
        match error.kind() {
            Broken::Type { .. } => below.is_empty(),
            Broken::Constant { .. } | Broken::Enum { .. } => below.matches('/').count() <= 1,
            _ => false,
        }
    };
    let mut possible = shapes.iter().filter(|errors| !errors.is_empty() && !errors.iter().any(&tells_apart));
    match (possible.next(), possible.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// One sentence on what a value breaks.
pub(crate) fn detail(error: &ValidationError<'_>) -> String {
    let got = error.instance().as_ref();
    match error.kind() {
        Broken::Required { property } => format!("the key {} is missing", schema_text(property)),
        Broken::Type { kind } => format!("must be {}, is {}", type_names(kind), type_of(got)),
        Broken::Enum { options } => format!("is {}; allowed: {}", shown(got), allowed(options)),
        Broken::Constant { expected_value } => format!("is {}; must be {}", shown(got), schema_text(expected_value)),
        Broken::Pattern { pattern } => format!("{} does not match the pattern `{}`", shown(got), cut(pattern)),
        Broken::Format { format } => format!("{} is no valid {}", shown(got), format_name(format)),
        Broken::MinLength { limit } => {
            format!("must have at least {}, has {}", counted(*limit, "character"), chars(got))
        }
        Broken::MaxLength { limit } => {
            format!("must have at most {}, has {}", counted(*limit, "character"), chars(got))
        }
        Broken::Minimum { limit } => format!("is {}; must be {limit} or more", shown(got)),
        Broken::Maximum { limit } => format!("is {}; must be {limit} or less", shown(got)),
        Broken::ExclusiveMinimum { limit } => format!("is {}; must be more than {limit}", shown(got)),
        Broken::ExclusiveMaximum { limit } => format!("is {}; must be less than {limit}", shown(got)),
        Broken::MultipleOf { multiple_of } => format!("is {}; must be a multiple of {multiple_of}", shown(got)),
        Broken::MinItems { limit } => format!("must have at least {}, has {}", counted(*limit, "element"), size(got)),
        Broken::MaxItems { limit } => format!("must have at most {}, has {}", counted(*limit, "element"), size(got)),
        Broken::AdditionalItems { limit } => {
            format!("must have at most {}, has {}", counted(*limit as u64, "element"), size(got))
        }
        Broken::MinProperties { limit } => format!("must have at least {}, has {}", counted(*limit, "key"), size(got)),
        Broken::MaxProperties { limit } => format!("must have at most {}, has {}", counted(*limit, "key"), size(got)),
        Broken::UniqueItems => "two elements are equal; each may occur once".to_owned(),
        Broken::Contains => "no element is of the kind that must be there, or too many are".to_owned(),
        Broken::UnevaluatedItems { unexpected } => format!("{} elements too many", unexpected.len()),
        Broken::PropertyNames { error } => format!("a key is not allowed: {}", detail(error)),
        Broken::AdditionalProperties { .. } | Broken::UnevaluatedProperties { .. } => {
            "a key is not part of this contract; leave it out".to_owned()
        }
        Broken::AnyOf { context } | Broken::OneOfNotValid { context } => none_fits(context),
        Broken::OneOfMultipleValid { .. } => {
            "fits more than one of the allowed shapes; it must fit exactly one".to_owned()
        }
        Broken::Not { .. } => "has a shape that is not allowed here".to_owned(),
        Broken::FalseSchema => "nothing may be given here".to_owned(),
        Broken::ContentEncoding { content_encoding } => format!("is not encoded as {}", cut(content_encoding)),
        Broken::ContentMediaType { content_media_type } => format!("does not hold {}", cut(content_media_type)),
        Broken::FromUtf8 { .. } => "does not hold UTF-8".to_owned(),
        Broken::BacktrackLimitExceeded { .. } | Broken::RegexEngineFailure { .. } => {
            "is too large to be held against the pattern".to_owned()
        }
        Broken::Custom { keyword, .. } => format!("breaks `{}`", cut(keyword)),
        Broken::Referencing(_) => "the contract's schema refers to something that is not there".to_owned(),
    }
}

fn none_fits(shapes: &[Vec<ValidationError<'_>>]) -> String {
    // Same mistake in every shape, such as a wrong type: then the alternatives are what helps.
    let mut firsts: Vec<String> = Vec::new();
    for first in shapes.iter().filter_map(|errors| errors.first()) {
        let words = detail(first);
        if !firsts.contains(&words) && firsts.len() < UNEXPECTED_LISTED_MAX {
            firsts.push(words);
        }
    }
    format!("fits none of the {} allowed shapes: {}", shapes.len(), firsts.join("; or "))
}

fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => with_article(one.as_str()).to_owned(),
        TypeKind::Multiple(several) => {
            several.iter().map(|one| with_article(one.as_str())).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    with_article(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn with_article(name: &str) -> &'static str {
    match name {
        "null" => "null",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "an array",
        _ => "an object",
    }
}

fn format_name(format: &str) -> &str {
    match format {
        "date" => "date (YYYY-MM-DD)",
        "date-time" => "date and time (RFC 3339, such as 2026-03-01T08:15:00Z)",
        "time" => "time (RFC 3339)",
        "uri" => "URI",
        "email" => "e-mail address",
        "uuid" => "UUID",
        other => other,
    }
}

fn allowed(options: &Value) -> String {
    let Some(options) = options.as_array() else { return schema_text(options) };
    let mut listed: Vec<String> = options.iter().take(ALLOWED_LISTED_MAX).map(schema_text).collect();
    if options.len() > ALLOWED_LISTED_MAX {
        listed.push(format!("and {} more", options.len() - ALLOWED_LISTED_MAX));
    }
    listed.join(", ")
}

/// A value of the payload, in excerpt.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => excerpt(text),
        Value::Array(_) | Value::Object(_) => type_of(value).to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => excerpt(&value.to_string()),
    }
}

/// A value of the schema.
fn schema_text(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", cut(text)),
        other => format!("`{}`", cut(&other.to_string())),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SCHEMA_TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn chars(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    }
}
