//! What a gateway asks of a message before its plugin sees it, for the author who tries one out: the contract's media
//! types, its size, and what it says of the payload.

use portgate_core::contract::{ContractChecker, JsonLimits, charset_of};
use portgate_core::finding::Finding;
use portgate_core::manifest::Contract;

/// As much as the demo's gateway takes and lists.
const LIMITS: JsonLimits = JsonLimits { depth_max: 64, findings_max: 100 };

/// Why a gateway refuses a message before the plugin sees it; nothing where it does not. `content_type` may have parameters.
///
/// # Errors
///
/// Why the contract's schema cannot be used.
pub(super) fn refusal(contract: &Contract, content_type: &str, body: &[u8]) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !contract.media_types.contains(&media_type) {
        let taken = contract.media_types.join(", ");
        let detail = format!("The contract does not take `{media_type}`, but {taken}.");
        findings.push(Finding::error("unsupported-media-type", "", detail));
    }
    if body.len() as u64 > contract.body_bytes_max {
        let detail = format!("The payload has {} bytes, and {} are the most.", body.len(), contract.body_bytes_max);
        findings.push(Finding::error("payload-too-large", "", detail));
    }
    let charset = charset_of(content_type);
    if let Err(violations) = ContractChecker::new(contract, &LIMITS)?.check(body, charset) {
        findings.extend(violations.into_findings());
    }
    Ok(findings)
}

/// What of a rendered message breaks its contract.
///
/// # Errors
///
/// Why the contract's schema cannot be used.
pub(super) fn violations(contract: &Contract, content_type: &str, body: &[u8]) -> Result<Vec<Finding>, String> {
    let charset = charset_of(content_type);
    let checked = ContractChecker::new(contract, &LIMITS)?.check_rendered(body, charset);
    Ok(checked.map_or_else(|violations| violations.into_findings(), |()| Vec::new()))
}

/// Findings as lines below something that failed.
pub(super) fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n             {} {}", finding.location, finding.detail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Contract {
        serde_json::from_value(serde_json::json!({
            "name": "order", "version": "1", "media_types": ["application/json"], "format": "json",
            "schema": { "type": "object", "required": ["id"] }, "body_bytes_max": 20,
        }))
        .expect("a contract")
    }

    #[test]
    fn a_message_is_refused_for_its_type_its_size_and_what_it_says() {
        let codes = |content_type: &str, body: &str| -> Vec<String> {
            let findings = refusal(&contract(), content_type, body.as_bytes()).expect("a schema that compiles");
            findings.into_iter().map(|finding| finding.code).collect()
        };
        assert!(codes("application/json", r#"{"id":1}"#).is_empty());
        assert!(codes("Application/JSON; charset=utf-8", r#"{"id":1}"#).is_empty());
        assert_eq!(codes("text/plain", r#"{"id":1}"#), ["unsupported-media-type"]);
        assert_eq!(codes("application/json", r#"{"id":1,"long":"xxxxx"}"#), ["payload-too-large"]);
        assert_eq!(codes("application/json", "{}"), ["schema-required"]);
        assert_eq!(codes("text/plain", "{").len(), 2);
    }
}
