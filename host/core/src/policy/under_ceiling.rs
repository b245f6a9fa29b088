//! Grants held against the ceiling.

use std::collections::BTreeSet;

use super::Grants;
use crate::field_pattern::FieldPattern;

/// Whether a ceiling's list has this name; `"*"` stands for any.
pub(crate) fn allows(list: &BTreeSet<String>, name: &str) -> bool {
    list.contains(name) || list.contains("*")
}

/// Something that grants let a plugin see of documents and the ceiling does not.
pub(crate) struct ExcessField<'g> {
    pub(crate) kind: &'g str,
    pub(crate) beyond: Beyond<'g>,
}

/// What it is.
pub(crate) enum Beyond<'g> {
    /// All fields of a kind of which the ceiling names some.
    Whole,
    /// This pattern.
    Field(&'g str),
    /// References of this scheme.
    Scheme(&'g str),
}

/// Everything of that sort. A kind that the ceiling does not restrict may be seen whole; a kind that it does not allow is
/// an excess of its own, and none here.
pub(crate) fn fields_in_excess<'g>(grants: &'g Grants, ceiling: &Grants) -> Vec<ExcessField<'g>> {
    let mut excess = Vec::new();
    for kind in &grants.read {
        let Some(allowed) = ceiling.fields.get(kind) else { continue };
        let mut beyond = |beyond| excess.push(ExcessField { kind, beyond });
        let Some(granted) = grants.fields.get(kind) else {
            beyond(Beyond::Whole);
            continue;
        };
        let allowed: Vec<FieldPattern> = allowed.iter().filter_map(|text| FieldPattern::parse(text).ok()).collect();
        // What is no pattern grants nothing, and is a mistake of its own.
        let is_beyond = |text: &&String| {
            FieldPattern::parse(text).is_ok_and(|granted| !allowed.iter().any(|allowed| allowed.covers(&granted)))
        };
        granted.iter().filter(is_beyond).for_each(|text| beyond(Beyond::Field(text)));
        let schemes = grants.references.iter().filter(|scheme| !allows(&ceiling.references, scheme));
        schemes.for_each(|scheme| beyond(Beyond::Scheme(scheme)));
    }
    excess
}
