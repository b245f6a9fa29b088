//! The documents of a context as their kinds have them.

use portgate_canonical::{ContextDocument, Provenance};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The documents of a kind, in their order; those that are not as their schema says are left out.
pub(crate) fn documents<'c, T: DeserializeOwned>(
    list: impl IntoIterator<Item = &'c ContextDocument>,
    kind: &str,
) -> Vec<T> {
    stated(list, kind).map(|(_, document)| document).collect()
}

/// The same, each with who said it.
pub(crate) fn stated<'c, T: DeserializeOwned>(
    list: impl IntoIterator<Item = &'c ContextDocument>,
    kind: &str,
) -> impl Iterator<Item = (Provenance, T)> {
    let of_kind = list.into_iter().filter(move |one| &*one.kind == kind);
    of_kind.filter_map(|one| {
        let body = serde_json::from_value(Value::Object(one.document.0.clone())).ok()?;
        Some((one.provenance.clone(), body))
    })
}
