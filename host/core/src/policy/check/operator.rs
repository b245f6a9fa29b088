//! What a schema cannot say of operators: each has a key of its own.

use std::collections::BTreeMap;

use crate::mistake::Mistake;
use crate::policy::files::Files;

/// Checks that no two operators have the same key: an act must have one name.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let mut seen = BTreeMap::new();
    for (name, operator) in &files.operators {
        if let Some(other) = seen.insert(operator.content.key_sha256.as_str(), name) {
            let hint = Some("every act is kept under one person's name; give each operator a key".to_owned());
            mistakes.push(operator.mistake("/key_sha256", format!("is the key of operator `{other}` as well"), hint));
        }
    }
}
