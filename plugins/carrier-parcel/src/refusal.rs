//! What the providers say where they refuse: their error objects as findings, each with the provider's code and the field.

use portgate_sdk::{Finding, Pointer};
use serde::Deserialize;
use serde_json::Value;

/// Reasons that are kept.
const REASONS_MAX: usize = 50;

/// EasyPost's `error`.
#[derive(Deserialize)]
pub(crate) struct EasyPostError {
    code: Option<String>,
    message: Option<Value>,
    errors: Option<Vec<Value>>,
}

/// The findings of an `error` of EasyPost: one for each field that it names, else one for all. EasyPost writes a field's error
/// as an object or as a text.
pub(crate) fn easypost(error: &EasyPostError) -> Vec<Finding> {
    let at = Pointer::root().key("error");
    let code = error.code.as_deref().map(str::trim).filter(|code| !code.is_empty()).unwrap_or("EASYPOST-REFUSES");
    let message = error.message.as_ref().map(words).filter(|words| !words.is_empty());
    let message = message.unwrap_or_else(|| "EasyPost refuses and does not say why.".to_owned());
    let reasons = error.errors.iter().flatten().enumerate().map(|(index, reason)| {
        let at = at.key("errors").index(index);
        let text = |name: &str| reason.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let said = text("message").map_or_else(|| words(reason), str::to_owned);
        let suggested = text("suggestion").map(|text| format!(" Suggested: {text}")).unwrap_or_default();
        let detail = match text("field") {
            Some(field) => format!("`{field}`: {said}{suggested} ({message})"),
            None => format!("{said}{suggested} ({message})"),
        };
        Finding::error(text("code").unwrap_or(code), at, detail)
    });
    let findings = bounded(reasons);
    match findings.is_empty() {
        true => vec![Finding::error(code, at, message)],
        false => findings,
    }
}

/// The findings of what Shippo answers where it refuses: `detail`, or the names of fields with what is wrong with each, however
/// deep they stand.
pub(crate) fn shippo(answer: &Value) -> Vec<Finding> {
    let mut reasons = Vec::new();
    gather(answer, &Pointer::root(), &mut reasons);
    bounded(reasons.into_iter().map(|(at, said)| {
        let field = at.as_str().trim_start_matches('/').to_owned();
        let detail = match field.as_str() {
            "" | "detail" | "error" | "message" => said,
            field => format!("`{field}`: {said}"),
        };
        Finding::error("SHIPPO-REFUSES", at, detail)
    }))
}

fn gather(value: &Value, at: &Pointer, reasons: &mut Vec<(Pointer, String)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| gather(value, &at.key(name), reasons)),
        Value::Array(list) if list.iter().any(Value::is_object) => {
            list.iter().enumerate().for_each(|(index, value)| gather(value, &at.index(index), reasons));
        }
        Value::Null => {}
        said => reasons.push((at.clone(), words(said))),
    }
}

/// What a text, a list of texts, or anything else says, in one line.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("{name}: {}", words(value))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn bounded(reasons: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut reasons = reasons;
    let mut findings: Vec<Finding> = reasons.by_ref().take(REASONS_MAX).collect();
    let more = reasons.count();
    if more > 0 {
        findings.push(Finding::info("MORE-REASONS", "", format!("There are {more} more reasons.")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(findings: Vec<Finding>) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_field_of_a_refusal_is_a_finding_with_the_providers_code() {
        let error: EasyPostError = serde_json::from_value(json!({
            "code": "ADDRESS.VERIFY.FAILURE", "message": "Address not found",
            "errors": [{ "field": "street1", "message": "House number is missing", "suggestion": null }, "Odd text"],
        }))
        .expect("an error");
        assert_eq!(
            told(easypost(&error)),
            [
                "error ADDRESS.VERIFY.FAILURE at /error/errors/0: `street1`: House number is missing (Address not found)",
                "error ADDRESS.VERIFY.FAILURE at /error/errors/1: Odd text (Address not found)",
            ]
        );
        let refused = json!({ "parcels": ["Required."], "address_to": [{ "zip": ["Bad."] }], "detail": "No." });
        assert_eq!(
            told(shippo(&refused)),
            [
                "error SHIPPO-REFUSES at /address_to/0/zip: `address_to/0/zip`: Bad.",
                "error SHIPPO-REFUSES at /detail: No.",
                "error SHIPPO-REFUSES at /parcels: `parcels`: Required.",
            ]
        );
    }

    #[test]
    fn an_error_that_says_nothing_is_one_all_the_same_and_many_are_counted() {
        let silent: EasyPostError = serde_json::from_value(json!({})).expect("an error");
        assert_eq!(
            told(easypost(&silent)),
            ["error EASYPOST-REFUSES at /error: EasyPost refuses and does not say why."]
        );
        let many: Value = (0..60)
            .map(|number| (format!("field_{number:02}"), json!(["Wrong."])))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let findings = shippo(&many);
        assert_eq!((findings.len(), findings[50].detail.as_str()), (51, "There are 10 more reasons."));
    }
}
