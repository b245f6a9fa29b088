//! The schemas of the canonical documents, compiled once, that everything a plugin emits is held against.
//!
//! A plugin is no more trusted than a partner: what it returns is read by the same strict parser. The schemas themselves
//! are an argument; this module knows no kind by name.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::{JsonLimits, Schema, Violations};
use crate::excerpt::excerpt;
use crate::finding::Finding;

/// What a canonical document may need; no policy has a reason to change it.
const LIMITS: JsonLimits = JsonLimits { depth_max: 32, findings_max: 20 };

/// Compiled schemas by the kind of document.
#[derive(Debug, Default)]
pub struct DocumentSchemas(BTreeMap<String, Schema>);

impl DocumentSchemas {
    /// Compiles the schema of each kind.
    ///
    /// # Errors
    /// The first schema that cannot be used, by its kind, and why.
    pub fn new<K: Into<String>>(schemas: impl IntoIterator<Item = (K, Value)>) -> Result<Self, String> {
        let compiled = schemas.into_iter().map(|(kind, schema)| {
            let kind = kind.into();
            match Schema::compile(&schema) {
                Ok(schema) => Ok((kind, schema)),
                Err(problem) => Err(format!("kind `{kind}`: {problem}")),
            }
        });
        compiled.collect::<Result<_, _>>().map(DocumentSchemas)
    }

    /// The kinds that exist, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Holds one document's body against the schema of its kind.
    ///
    /// # Errors
    /// Everything that is wrong with it; a kind that does not exist is the finding `document-kind-unknown`.
    pub fn check(&self, kind: &str, body: &[u8]) -> Result<(), Violations> {
        let Some(schema) = self.0.get(kind) else {
            let detail = format!("there is no kind of document called {}", excerpt(kind));
            return Err(Violations { findings: vec![Finding::error("document-kind-unknown", "", detail)], more: 0 });
        };
        schema.check(body, &LIMITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schemas() -> DocumentSchemas {
        let milestone = json!({
            "type": "object",
            "required": ["event"],
            "properties": { "event": { "enum": ["loaded", "discharged"] } },
        });
        DocumentSchemas::new([("milestone", milestone)]).expect("schemas compile")
    }

    #[test]
    fn a_document_of_its_kind_passes() {
        assert_eq!(schemas().check("milestone", br#"{"event":"loaded"}"#), Ok(()));
        assert_eq!(schemas().kinds().collect::<Vec<_>>(), ["milestone"]);
    }

    #[test]
    fn what_a_plugin_emits_is_read_strictly() {
        let code = |body: &[u8]| schemas().check("milestone", body).expect_err("wrong").findings[0].code.clone();
        assert_eq!(code(br#"{"event":"sunk"}"#), "schema-enum");
        assert_eq!(code(b"\xff"), "json-encoding");
        assert_eq!(code(br#"{"event":"loaded","event":"discharged"}"#), "json-duplicate-key");
    }

    #[test]
    fn an_unknown_kind_is_named() {
        let violations = schemas().check("ghost", b"{}").expect_err("unknown");
        assert_eq!(violations.findings[0].code, "document-kind-unknown");
    }

    #[test]
    fn an_unusable_schema_names_its_kind() {
        let problem = DocumentSchemas::new([("order", json!({ "type": "shape" }))]).expect_err("no such type");
        assert!(problem.starts_with("kind `order`: the schema at /type"), "{problem}");
    }
}
