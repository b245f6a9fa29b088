//! What SAP says where something is wrong: the error of OData, V2 and V4, with the errors inside of it.

use portgate_sdk::{Finding, Pointer};
use serde_json::Value;

/// How much of SAP's words a finding repeats, and how many errors of one answer.
const WORDS_MAX: usize = 300;
const ERRORS_MAX: usize = 20;

/// The code under which an error without one is told.
const UNCODED: &str = "SAP-ERROR";

/// A finding for the error of an answer and for each error inside of it that says something else: `innererror/errordetails` (V2),
/// `details` (V4). Those that are no errors themselves are warnings and notes.
pub(crate) fn findings(answer: &Value, at: &Pointer) -> Vec<Finding> {
    let Some(error) = answer.get("error") else { return Vec::new() };
    let at = at.key("error");
    let mut findings = vec![finding(error, &at)];
    let inner = [("innererror", "errordetails"), ("innerError", "errordetails")];
    let lists =
        inner.iter().map(|(outer, list)| (error.get(outer).and_then(|inner| inner.get(list)), at.key(outer).key(list)));
    let of_v4 = (error.get("details"), at.key("details"));
    for (list, at) in lists.chain([of_v4]) {
        for (index, detail) in list.and_then(Value::as_array).into_iter().flatten().enumerate().take(ERRORS_MAX) {
            let one = finding(detail, &at.index(index));
            let is_told = |told: &Finding| told.code == one.code && told.detail == one.detail;
            if !findings.iter().any(is_told) {
                findings.push(one);
            }
        }
    }
    findings
}

fn finding(error: &Value, at: &Pointer) -> Finding {
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let message = error.get("message");
    let words = message.and_then(|message| message.as_str().or_else(|| message.get("value")?.as_str()));
    let mut detail: String = words.unwrap_or("SAP gives no reason.").chars().take(WORDS_MAX).collect();
    if let Some(target) = text("target").or_else(|| text("propertyref")) {
        detail.push_str(&format!(" ({})", target.chars().take(100).collect::<String>()));
    }
    let code: String = text("code").unwrap_or(UNCODED).chars().filter(|c| !c.is_control()).take(64).collect();
    match text("severity").unwrap_or("error") {
        "info" | "success" => Finding::info(code, at, detail),
        "warning" => Finding::warning(code, at, detail),
        _ => Finding::error(code, at, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_told_once_with_its_code_and_place() {
        let answer = serde_json::json!({"error": {
            "code": "VL/150", "message": {"lang": "en", "value": "Goods issue is posted already"},
            "innererror": {"errordetails": [
                {"code": "VL/150", "message": "Goods issue is posted already", "severity": "error", "target": ""},
                {"code": "VL/151", "message": "See the log", "severity": "info", "propertyref": "DeliveryDocument"},
            ]},
        }});
        let told: Vec<_> = findings(&answer, &Pointer::root()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "error VL/150 at /error: Goods issue is posted already",
                "info VL/151 at /error/innererror/errordetails/1: See the log (DeliveryDocument)",
            ]
        );
        let of_v4 = serde_json::json!({"error": {"code": "", "message": "No", "details": [{"code": "X", "message": "Why", "target": "A"}]}});
        let told: Vec<_> = findings(&of_v4, &Pointer::root()).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["error SAP-ERROR at /error: No", "error X at /error/details/0: Why (A)"]);
        assert!(findings(&serde_json::json!([]), &Pointer::root()).is_empty());
    }
}
