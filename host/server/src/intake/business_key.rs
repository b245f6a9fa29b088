//! What tells a message sent twice from a new one, even without a key: fields of its documents that its contract names.

use portgate_core::document::Document;
use portgate_core::manifest::BusinessKey as Declared;
use portgate_core::sha256::sha256;

/// A longer key is kept by its digest: no index entry is that long.
const KEY_BYTES_MAX: usize = 1_000;

/// The declared fields of all documents of the declared kind, as one key; none where there is no such document, or a field of
/// one is missing. A message with another document more is another message.
pub(super) fn business_key(declared: &Declared, documents: &[Document]) -> Option<String> {
    let of_kind = documents.iter().filter(|document| document.kind == declared.document);
    let keys: Option<Vec<Vec<serde_json::Value>>> = of_kind.map(|document| key_of(declared, document)).collect();
    // As JSON arrays, so that no two lists of fields make one key.
    let key = match keys?.as_slice() {
        [] => return None,
        [one] => serde_json::to_string(one),
        several => serde_json::to_string(several),
    };
    let key = key.ok()?;
    Some(match key.len() > KEY_BYTES_MAX {
        true => format!("sha256:{}", hex::encode(sha256(key.as_bytes()))),
        false => key,
    })
}

fn key_of(declared: &Declared, document: &Document) -> Option<Vec<serde_json::Value>> {
    let body: serde_json::Value = serde_json::from_slice(&document.body).ok()?;
    let field = |field: &String| body.pointer(field).filter(|value| !value.is_null()).cloned();
    declared.fields.iter().map(field).collect()
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

    #[test]
    fn a_business_key_is_that_of_all_documents_of_its_kind() {
        let document = |kind: &str, id: &str| Document {
            kind: kind.to_owned(),
            key: id.to_owned(),
            refs: Vec::new(),
            body: serde_json::json!({ "id": id }).to_string().into_bytes(),
        };
        let declared = Declared { document: "customs-status".to_owned(), fields: vec!["/id".to_owned()] };
        let key = |documents: &[Document]| business_key(&declared, documents);
        let (one, two, other) =
            (document("customs-status", "1"), document("customs-status", "2"), document("landed-cost-event", "1"));
        assert_eq!(key(&[one.clone(), other.clone()]).as_deref(), Some(r#"["1"]"#));
        assert_eq!(key(&[one.clone(), two.clone()]).as_deref(), Some(r#"[["1"],["2"]]"#));
        assert_ne!(key(&[one.clone(), two.clone()]), key(&[two, one.clone()]));
        assert_eq!(key(&[other]), None);
        let nameless = Document { body: b"{}".to_vec(), ..one.clone() };
        assert_eq!(key(&[one.clone(), nameless]), None);
        let many: Vec<Document> = (0..500).map(|_| one.clone()).collect();
        assert!(key(&many).is_some_and(|key| key.starts_with("sha256:") && key.len() == 71));
    }
}
