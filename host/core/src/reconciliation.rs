//! A partner's list of states beside ours: what is missing there, what is missing here, what differs.
//!
//! The list is CSV (RFC 4180) with a header, or JSON Lines: `reference`, and where it has them `scheme`, `state` and `version`.
//! Only what the partner says of a reference is compared: a column that it leaves out differs from nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One row of a partner's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedState {
    /// The name that both know, such as an MRN.
    #[schemars(length(min = 1, max = 128))]
    pub reference: String,
    /// Its scheme, such as `mrn`; whatever it is where the list does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The state there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The version there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A document that the partner sent, or that it was sent, with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownState {
    /// The names that it carries, by scheme.
    pub references: BTreeSet<(String, String)>,
    /// Its kind.
    pub kind: String,
    /// Its `id`.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The state that it says, where it says one.
    pub state: Option<String>,
    /// When it was recorded, or delivered.
    pub at: Timestamp,
    /// Whether the partner said it; else it was told it.
    pub is_theirs: bool,
}

/// What is different of one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// We know it, and the partner's list does not have it.
    MissingThere,
    /// The partner's list has it, and nothing that it sent or was sent carries it.
    MissingHere,
    /// Both know it, and say different things.
    Differing,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateDifference {
    /// What is different.
    pub differs: Differs,
    /// The name.
    pub reference: String,
    /// Its scheme, where one is known.
    pub scheme: Option<String>,
    /// The state there, where the list says one.
    pub their_state: Option<String>,
    /// The version there.
    pub their_version: Option<String>,
    /// The state that the partner said here last; null where it said none.
    pub our_state: Option<String>,
    /// The version that was said here last.
    pub our_version: Option<String>,
    /// The kind and `id` of the document that says so here.
    pub our_document: Option<String>,
}

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadList {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Reads a list, in whichever form it is.
///
/// # Errors
///
/// The first line that is no row.
pub fn read(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    match file.trim_ascii_start().first() {
        Some(b'{') => lines(file),
        _ => csv(file),
    }
}

fn lines(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    let lines = (1..).zip(file.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    let row = |(line, text): (usize, &[u8])| {
        serde_json::from_slice(text).map_err(|error| BadList { line, problem: error.to_string() })
    };
    lines.map(row).collect()
}

fn csv(file: &[u8]) -> Result<Vec<ListedState>, BadList> {
    const COLUMNS: [&str; 4] = ["reference", "scheme", "state", "version"];
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let bad = |line: u64, problem: String| BadList { line: usize::try_from(line).unwrap_or_default(), problem };
    let header = reader.headers().map_err(|error| bad(1, error.to_string()))?.clone();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(bad(1, format!("`{unknown}` is none of the columns {}", COLUMNS.join(", "))));
    }
    let place = |name: &str| header.iter().position(|column| column == name);
    let Some(reference) = place("reference") else { return Err(bad(1, "there is no column `reference`".to_owned())) };
    let (scheme, state, version) = (place("scheme"), place("state"), place("version"));
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| bad(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field =
            |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|text| !text.is_empty()).map(str::to_owned);
        let reference = field(Some(reference)).ok_or_else(|| bad(line, "has no reference".to_owned()))?;
        rows.push(ListedState { reference, scheme: field(scheme), state: field(state), version: field(version) });
    }
    Ok(rows)
}

/// What is different, in one order whatever order either side has. Of ours, `schemes` says which names are looked for in the
/// partner's list; those of all schemes where it says none, which a list without a column `scheme` has.
pub fn compare(listed: &[ListedState], known: &[KnownState], schemes: &BTreeSet<String>) -> Vec<StateDifference> {
    let mut ours: BTreeMap<(&str, &str), Vec<&KnownState>> = BTreeMap::new();
    for one in known {
        for (scheme, value) in &one.references {
            ours.entry((value, scheme)).or_default().push(one);
        }
    }
    let mut all = BTreeSet::new();
    for row in listed {
        let of = |(value, scheme): &(&str, &str)| {
            *value == row.reference && row.scheme.as_deref().is_none_or(|wanted| wanted == *scheme)
        };
        let from = (row.reference.as_str(), "");
        let found: Vec<&KnownState> = ours
            .range(from..)
            .take_while(|((value, _), _)| *value == row.reference)
            .filter(|(name, _)| of(name))
            .flat_map(|(_, known)| known.iter().copied())
            .collect();
        all.extend(of_a_row(row, &found));
    }
    let theirs: BTreeSet<(&str, Option<&str>)> =
        listed.iter().map(|row| (row.reference.as_str(), row.scheme.as_deref())).collect();
    let is_listed =
        |scheme: &str, value: &str| theirs.contains(&(value, Some(scheme))) || theirs.contains(&(value, None));
    // A document with several names is there where one of them is; of what one name is missing the latest says the state.
    let mut missing: BTreeMap<(&str, &str), &KnownState> = BTreeMap::new();
    for one in known {
        let of_schemes = || one.references.iter().filter(|(scheme, _)| schemes.is_empty() || schemes.contains(scheme));
        let Some((scheme, value)) = of_schemes().next() else { continue };
        if !of_schemes().any(|(scheme, value)| is_listed(scheme, value)) {
            let latest = missing.entry((scheme, value)).or_insert(one);
            let rank = |one: &KnownState| (one.state.is_some(), one.at);
            if rank(one) > rank(latest) {
                *latest = one;
            }
        }
    }
    all.extend(missing.into_iter().map(|((scheme, value), one)| StateDifference {
        differs: Differs::MissingThere,
        reference: value.to_owned(),
        scheme: Some(scheme.to_owned()),
        their_state: None,
        their_version: None,
        our_state: one.state.clone(),
        our_version: Some(one.version.clone()),
        our_document: Some(format!("{} {}", one.kind, one.id)),
    }));
    all.into_iter().collect()
}

fn of_a_row(row: &ListedState, found: &[&KnownState]) -> Option<StateDifference> {
    let latest = |said: &dyn Fn(&KnownState) -> bool| {
        found.iter().filter(|one| said(one)).max_by_key(|one| (one.at, &one.kind, &one.id)).copied()
    };
    // What the partner said itself goes before what it was told.
    let stated = latest(&|one| one.is_theirs && one.state.is_some());
    let any = stated.or_else(|| latest(&|one| one.is_theirs)).or_else(|| latest(&|_| true));
    let state_differs = row.state.is_some() && row.state.as_ref() != stated.and_then(|one| one.state.as_ref());
    let version_differs =
        row.version.is_some() && any.is_some() && !found.iter().any(|one| Some(&one.version) == row.version.as_ref());
    let differs = match any {
        None => Differs::MissingHere,
        Some(_) if state_differs || version_differs => Differs::Differing,
        Some(_) => return None,
    };
    Some(StateDifference {
        differs,
        reference: row.reference.clone(),
        scheme: row.scheme.clone(),
        their_state: row.state.clone(),
        their_version: row.version.clone(),
        our_state: stated.and_then(|one| one.state.clone()),
        our_version: any.map(|one| one.version.clone()),
        our_document: any.map(|one| format!("{} {}", one.kind, one.id)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(reference: &str, state: Option<&str>, version: Option<&str>) -> ListedState {
        ListedState {
            reference: reference.to_owned(),
            scheme: Some("mrn".to_owned()),
            state: state.map(str::to_owned),
            version: version.map(str::to_owned),
        }
    }

    fn known(id: &str, mrn: &str, version: &str, state: Option<&str>, minute: i64) -> KnownState {
        KnownState {
            references: [("mrn".to_owned(), mrn.to_owned()), ("order".to_owned(), "O".to_owned())].into(),
            kind: "customs-status".to_owned(),
            id: id.to_owned(),
            version: version.to_owned(),
            state: state.map(str::to_owned),
            at: Timestamp::from_second(60 * minute).expect("a time"),
            is_theirs: state.is_some(),
        }
    }

    fn told(differences: &[StateDifference]) -> Vec<(Differs, &str, Option<&str>)> {
        differences.iter().map(|one| (one.differs, one.reference.as_str(), one.our_state.as_deref())).collect()
    }

    #[test]
    fn what_is_missing_and_what_differs_is_named_and_the_rest_is_not() {
        let schemes = BTreeSet::from(["mrn".to_owned()]);
        let ours = [
            known("S1", "A", "1", Some("registered"), 1),
            known("S2", "A", "1", Some("released"), 2),
            known("S3", "B", "1", Some("registered"), 1),
            known("D1", "C", "2", None, 1),
            known("S4", "E", "1", Some("released"), 1),
        ];
        let theirs = [
            row("A", Some("released"), None),
            row("B", Some("released"), None),
            row("C", Some("accepted"), Some("2")),
            row("D", Some("accepted"), None),
        ];
        let differences = compare(&theirs, &ours, &schemes);
        assert_eq!(
            told(&differences),
            [
                (Differs::MissingThere, "E", Some("released")),
                (Differs::MissingHere, "D", None),
                // It was told us never: a notification is lost.
                (Differs::Differing, "B", Some("registered")),
                (Differs::Differing, "C", None),
            ]
        );
        assert_eq!(compare(&theirs[..1], &ours[..2], &schemes), [], "the last state counts");
        let version = compare(&[row("C", None, Some("3"))], &ours[3..4], &schemes);
        assert_eq!((version[0].differs, version[0].our_version.as_deref()), (Differs::Differing, Some("2")));
    }

    #[test]
    fn a_list_is_csv_or_json_lines() {
        let expected = [row("A", Some("released"), None), row("B", None, Some("2"))];
        let csv = "\u{feff}scheme,reference,version,state\nmrn,A,,released\nmrn, B ,2,\n";
        let lines = "{\"scheme\":\"mrn\",\"reference\":\"A\",\"state\":\"released\"}\n\n\
                     {\"scheme\":\"mrn\",\"reference\":\"B\",\"version\":\"2\"}\n";
        assert_eq!(read(csv.as_bytes()).expect("a list"), expected);
        assert_eq!(read(lines.as_bytes()).expect("a list"), expected);
        for (bad, line, problem) in [
            ("mrn,state\nA,x\n", 1, "`mrn` is none of the columns"),
            ("scheme,state\nmrn,x\n", 1, "there is no column `reference`"),
            ("reference,state\n,x\n", 2, "has no reference"),
            ("{\"reference\":\"A\"}\n{\"reference\":1}\n", 2, "invalid type"),
        ] {
            let error = read(bad.as_bytes()).expect_err("no list");
            assert!(error.line == line && error.problem.contains(problem), "{bad}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_order_has_a_say_and_what_is_the_same_differs_nowhere(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(), cut in 0..6_usize) {
            let schemes = BTreeSet::from(["mrn".to_owned()]);
            let ours: Vec<KnownState> = (0..6).map(|n| known(&format!("S{n}"), &format!("M{n}"), "1", Some("x"), n)).collect();
            let theirs: Vec<ListedState> = (0..6).map(|n| row(&format!("M{n}"), Some("x"), Some("1"))).collect();
            prop_assert_eq!(compare(&theirs, &ours, &schemes), vec![]);
            let shuffled: Vec<ListedState> = order.iter().map(|n| theirs[*n].clone()).take(cut).collect();
            let differences = compare(&shuffled, &ours, &schemes);
            prop_assert_eq!(differences.len(), 6 - cut);
            prop_assert!(differences.iter().all(|one| one.differs == Differs::MissingThere));
            let kept: Vec<KnownState> = order.iter().map(|n| ours[*n].clone()).take(cut).collect();
            let differences = compare(&theirs, &kept, &schemes);
            prop_assert_eq!(differences.len(), 6 - cut);
            prop_assert!(differences.iter().all(|one| one.differs == Differs::MissingHere));
        }
    }
}
