//! What an entry of the audit log says besides its kind, actor and subject, as the report reads it.

use std::collections::BTreeMap;

use serde_json::Value;

/// The rest of an entry: names, digests, counts and reasons.
pub(super) type Detail = BTreeMap<String, Value>;

/// A field that is a text.
pub(super) fn known<'d>(detail: &'d Detail, field: &str) -> Option<&'d str> {
    detail.get(field)?.as_str()
}

/// The same; empty where it is not there.
pub(super) fn text(detail: &Detail, field: &str) -> String {
    known(detail, field).unwrap_or_default().to_owned()
}

/// A field that is a list of texts; empty where it is not there.
pub(super) fn texts(detail: &Detail, field: &str) -> Vec<String> {
    let texts = detail.get(field).and_then(Value::as_array).into_iter().flatten();
    texts.filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}
