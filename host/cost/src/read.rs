//! The documents of a context as their kinds have them.

use portgate_canonical::ContextDocument;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The documents of a kind, in their order; those that are not as their schema says are left out.
pub(crate) fn documents<T: DeserializeOwned>(list: &[ContextDocument], kind: &str) -> Vec<T> {
    let bodies = list.iter().filter(|one| &*one.kind == kind).map(|one| Value::Object(one.document.0.clone()));
    bodies.filter_map(|body| serde_json::from_value(body).ok()).collect()
}
