//! What documents speak of, and which version of it counts.

use std::cmp::Ordering;

use super::rules::{ShipmentRules, Tie};
use crate::document::Reference;

/// A name that ties a thing to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Name {
    /// What kind of name it is, such as `ucr`.
    pub scheme: String,
    /// The name itself.
    pub value: String,
}

/// A name as a thing carries it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ThingName {
    /// The name.
    pub name: Name,
    /// How it ties.
    pub tie: Tie,
    /// Whether the thing carries no other name of the scheme. One that lists many bookings is of all of them, and does not make
    /// them one.
    pub sole: bool,
}

/// What the versions of one document speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing<Id> {
    /// What it is known by where it is kept.
    pub id: Id,
    /// Whether its kind begins a shipment.
    pub opens: bool,
    /// When its first version was recorded by its system, in seconds since 1970, and what orders those of the same second:
    /// the shipment is called after the first of its things that open one.
    pub first: (i64, [u8; 16]),
    /// When it happened, in seconds since 1970.
    pub at: i64,
    /// Its names that tie.
    pub names: Vec<ThingName>,
}

/// The names of a thing that tie, among its references.
pub fn names(rules: &ShipmentRules, references: &[Reference]) -> Vec<ThingName> {
    let mut names: Vec<ThingName> = Vec::new();
    for Reference { scheme, value } in references {
        let Some(tie) = rules.tie(scheme) else { continue };
        let name = Name { scheme: scheme.clone(), value: value.clone() };
        if !names.iter().any(|known| known.name == name) {
            names.push(ThingName { name, tie, sole: true });
        }
    }
    let several: Vec<bool> =
        names.iter().map(|one| names.iter().filter(|other| other.name.scheme == one.name.scheme).count() > 1).collect();
    for (name, several) in names.iter_mut().zip(several) {
        name.sole = !several;
    }
    names
}

/// One version of a thing: one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// As its system counts it.
    pub version: String,
    /// When its system recorded it, in microseconds since 1970; a time without an offset counts as UTC.
    pub recorded_at: i64,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
}

/// Puts the versions of one thing into their order, the one that counts last: by their numbers where all of them are numbers,
/// else by the time at which they were recorded; then by the digest, so that the order never depends on that of arrival.
pub fn in_order<T>(versions: &mut [T], version: impl Fn(&T) -> &Version) {
    let number = |one: &Version| one.version.bytes().all(|byte| byte.is_ascii_digit()) && !one.version.is_empty();
    let are_numbers = versions.iter().all(|one| number(version(one)));
    versions.sort_by(|one, other| {
        let (one, other) = (version(one), version(other));
        let by_number = if are_numbers { by_digits(&one.version, &other.version) } else { Ordering::Equal };
        by_number.then(one.recorded_at.cmp(&other.recorded_at)).then(one.sha256.cmp(&other.sha256))
    });
}

/// The version that counts.
pub fn current(versions: &[Version]) -> Option<&Version> {
    let mut ordered: Vec<&Version> = versions.iter().collect();
    in_order(&mut ordered, |one| one);
    ordered.pop()
}

/// The order of two numbers, however long.
fn by_digits(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then(one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: &str, recorded_at: i64, digest: u8) -> Version {
        Version { version: version.to_owned(), recorded_at, sha256: [digest; 32] }
    }

    #[test]
    fn the_higher_number_counts_whenever_it_was_recorded() {
        let versions = [version("10", 1, 1), version("9", 2, 2), version("007", 3, 3)];
        assert_eq!(current(&versions).map(|one| one.version.as_str()), Some("10"));
    }

    #[test]
    fn versions_that_are_no_numbers_count_by_their_time_and_then_by_their_digest() {
        let versions = [version("10", 1, 1), version("b", 2, 2), version("a", 2, 3)];
        assert_eq!(current(&versions).map(|one| one.version.as_str()), Some("a"));
    }

    #[test]
    fn a_name_is_sole_where_its_scheme_has_no_other() {
        let rules = ShipmentRules {
            ties: [("order".to_owned(), Tie::Shared), ("ucr".to_owned(), Tie::Identifying)].into(),
            ..ShipmentRules::default()
        };
        let reference = |scheme: &str, value: &str| Reference { scheme: scheme.to_owned(), value: value.to_owned() };
        let references = [
            reference("order", "1"),
            reference("order", "2"),
            reference("order", "2"),
            reference("ucr", "U"),
            reference("seal", "S"),
        ];
        let names: Vec<(String, bool)> =
            names(&rules, &references).into_iter().map(|name| (name.name.value, name.sole)).collect();
        assert_eq!(names, [("1".to_owned(), false), ("2".to_owned(), false), ("U".to_owned(), true)]);
    }
}
