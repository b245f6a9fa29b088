//! What tells a message sent twice from a new one, even without a key: fields of a document that its contract names.

use portgate_core::document::Document;
use portgate_core::manifest::BusinessKey as Declared;

/// The declared fields of the first document of the declared kind, as one key; none where a field is missing.
pub(super) fn business_key(declared: &Declared, documents: &[Document]) -> Option<String> {
    let document = documents.iter().find(|document| document.kind == declared.document)?;
    let body: serde_json::Value = serde_json::from_slice(&document.body).ok()?;
    let fields = declared.fields.iter().map(|field| body.pointer(field).filter(|value| !value.is_null()));
    let fields: Option<Vec<&serde_json::Value>> = fields.collect();
    // As a JSON array, so that no two lists of fields make one key.
    serde_json::to_string(&fields?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_key_is_all_of_its_fields_or_none() {
        let document = |body: &str| Document {
            kind: "customs-declaration".to_owned(),
            key: "k".to_owned(),
            refs: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let declared =
            Declared { document: "customs-declaration".to_owned(), fields: vec!["/lrn".to_owned(), "/rev".to_owned()] };
        let key = |body| business_key(&declared, &[document(body)]);
        assert_eq!(key(r#"{"lrn":"A","rev":1}"#).as_deref(), Some(r#"["A",1]"#));
        assert_eq!(key(r#"{"lrn":"A"}"#), None);
        assert_eq!(key(r#"{"lrn":"A","rev":null}"#), None);
        assert_eq!(business_key(&declared, &[]), None);
    }
}
