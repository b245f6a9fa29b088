//! What of a message nobody has looked at, held against what the plugin's manifest ignores on purpose.

pub use portgate_unread::{PATH_BYTES_MAX, PATHS_MAX};

use portgate_unread::covers;

use crate::finding::{Finding, Severity};
use crate::manifest::{Ignored, Manifest};

/// The code of a finding that names a field which nobody looks at.
pub const CODE: &str = "unread";

impl Manifest {
    /// What the manifest ignores on purpose of a contract.
    pub fn ignored<'m>(&'m self, contract: &'m str, version: &'m str) -> impl Iterator<Item = &'m Ignored> {
        self.ignored.iter().filter(move |ignored| ignored.concerns(contract, version))
    }

    /// Of the paths that a plugin did not look at, those that it does not ignore on purpose.
    pub fn unlisted(&self, contract: &str, version: &str, mut unread: Vec<String>) -> Vec<String> {
        unread.retain(|path| !self.ignored(contract, version).any(|ignored| covers(&ignored.path, path)));
        unread
    }
}

impl Ignored {
    /// Whether it holds for a contract: for all, or for the one that it names, with its version or without.
    pub fn concerns(&self, contract: &str, version: &str) -> bool {
        self.contract.as_deref().is_none_or(|named| match named.split_once('/') {
            Some(named) => named == (contract, version),
            None => named == contract,
        })
    }
}

/// A warning for each path that a plugin neither looked at nor ignores on purpose; of more than `most`, the first and one
/// that counts the others.
pub fn findings(manifest: &Manifest, contract: &str, version: &str, unread: Vec<String>, most: usize) -> Vec<Finding> {
    let mut paths = manifest.unlisted(contract, version, unread);
    let more = paths.len().saturating_sub(most);
    paths.truncate(most);
    let warning = |path| Finding::warning(CODE, path, "Nothing is made of this field: the connector does not read it.");
    let mut findings: Vec<Finding> = paths.into_iter().map(warning).collect();
    if more > 0 {
        let detail = format!("Nothing is made of {more} more fields.");
        findings.push(Finding { severity: Severity::Warning, ..Finding::error(CODE, "", detail) });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        serde_json::from_value(serde_json::json!({
            "name": "acme", "version": "1.0.0", "description": "d", "world": "connector",
            "ignored": [
                { "path": "/everywhere", "why": "It says nothing." },
                { "contract": "order", "path": "/a/*/b", "why": "It says nothing." },
                { "contract": "order/2", "path": "/c", "why": "It says nothing." },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn what_is_ignored_on_purpose_is_ignored_for_its_contract_alone() {
        let unlisted = |contract: &str, version: &str| {
            let paths = ["/everywhere", "/a/*/b/x", "/a", "/c"].map(str::to_owned).to_vec();
            manifest().unlisted(contract, version, paths).join(" ")
        };
        assert_eq!(unlisted("order", "1"), "/a /c");
        assert_eq!(unlisted("order", "2"), "/a");
        assert_eq!(unlisted("item", "2"), "/a/*/b/x /a /c");
    }

    #[test]
    fn findings_name_their_paths_and_are_few() {
        let paths: Vec<String> = (0..50).map(|number| format!("/{number}")).chain(["/everywhere".to_owned()]).collect();
        let findings = findings(&manifest(), "order", "1", paths, 3);
        assert_eq!(findings.len(), 4);
        assert_eq!((findings[0].code.as_str(), findings[0].location.as_str()), (CODE, "/0"));
        assert_eq!(findings[3].detail, "Nothing is made of 47 more fields.");
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning), "they let the message through");
    }
}
