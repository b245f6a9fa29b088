//! What is different, piece by piece.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{Differs, KnownState, ListedState, StateDifference, Whose};
use crate::filing::FilingState;

/// A partner's list while what is known here is held against it.
pub struct Comparison<'l> {
    rows: Vec<(&'l ListedState, Found)>,
    by_reference: HashMap<&'l str, Vec<usize>>,
    /// The names that are looked for in the list; of all schemes where it has none.
    schemes: BTreeSet<String>,
    /// What the list does not have, by scheme and value: the latest that says so.
    missing: BTreeMap<(String, String), KnownState>,
    known: u64,
}

/// When something was said last, and of which document.
type Latest = (Timestamp, String, String);

/// What is known of one row.
#[derive(Default)]
struct Found {
    /// The version of each document that counts: of what the partner said, and of what it was told.
    said: BTreeMap<(String, String), (Timestamp, String)>,
    told: BTreeMap<(String, String), (Timestamp, String)>,
    /// The state that the partner said last, and that customs did.
    stated: Option<(Latest, String)>,
    answered: Option<(Latest, String)>,
    /// Where the filing stands.
    filed: Option<(String, String)>,
}

impl<'l> Comparison<'l> {
    /// Of this list. Of what is known here, `schemes` says which names are looked for in it; those of all schemes where it says
    /// none, which a list without a column `scheme` has.
    pub fn of(listed: &'l [ListedState], schemes: BTreeSet<String>) -> Self {
        let mut by_reference: HashMap<&'l str, Vec<usize>> = HashMap::new();
        for (index, row) in listed.iter().enumerate() {
            by_reference.entry(&row.reference).or_default().push(index);
        }
        let rows = listed.iter().map(|row| (row, Found::default())).collect();
        Comparison { rows, by_reference, schemes, missing: BTreeMap::new(), known: 0 }
    }

    /// Adds something that is known here. It may come twice.
    pub fn add(&mut self, known: KnownState) {
        self.known += u64::from(matches!(known.whose, Whose::Said | Whose::Told));
        let mut named = BTreeSet::new();
        let mut is_listed = false;
        for (scheme, value) in &known.references {
            for index in self.by_reference.get(value.as_str()).into_iter().flatten() {
                let of_scheme = self.rows.get(*index).and_then(|(row, _)| row.scheme.as_ref());
                if of_scheme.is_none_or(|wanted| wanted == scheme) {
                    named.insert(*index);
                    is_listed |= self.schemes.is_empty() || self.schemes.contains(scheme);
                }
            }
        }
        for index in named {
            if let Some((_, found)) = self.rows.get_mut(index) {
                found.add(&known);
            }
        }
        // One with several names is there where one of them is; of what one name is missing the latest says the state.
        let of_schemes = |(scheme, _): &&(String, String)| self.schemes.is_empty() || self.schemes.contains(scheme);
        if is_listed || known.whose == Whose::Filed {
            return;
        }
        let Some(name) = known.references.iter().find(of_schemes).cloned() else { return };
        let rank = |one: &KnownState| (one.state.is_some(), one.at, one.kind.clone(), one.id.clone());
        match self.missing.get(&name) {
            Some(latest) if rank(latest) >= rank(&known) => {}
            _ => drop(self.missing.insert(name, known)),
        }
    }

    /// How many documents were added that the partner sent or was sent.
    pub fn known(&self) -> u64 {
        self.known
    }

    /// What is different, in one order whatever order either side has.
    pub fn differences(self) -> Vec<StateDifference> {
        let of_rows = self.rows.iter().filter_map(|(row, found)| found.difference(row));
        let missing = self.missing.into_iter().map(|((scheme, reference), one)| StateDifference {
            differs: Differs::MissingThere,
            reference,
            scheme: Some(scheme),
            their_state: None,
            their_version: None,
            our_state: one.state,
            our_version: Some(one.version),
            our_document: Some(format!("{} {}", one.kind, one.id)),
        });
        let all: BTreeSet<StateDifference> = of_rows.chain(missing).collect();
        all.into_iter().collect()
    }
}

impl Found {
    fn add(&mut self, known: &KnownState) {
        let document = (known.kind.clone(), known.id.clone());
        let latest = (known.at, known.kind.clone(), known.id.clone());
        let version = (known.at, known.version.clone());
        let keep = |versions: &mut BTreeMap<_, (Timestamp, String)>| {
            let before = versions.get(&document);
            if before.is_none_or(|before| before.0 <= version.0) {
                versions.insert(document.clone(), version.clone());
            }
        };
        let hear = |stated: &mut Option<(Latest, String)>| {
            if let Some(state) = known.state.clone()
                && stated.as_ref().is_none_or(|(before, _)| *before <= latest)
            {
                *stated = Some((latest.clone(), state));
            }
        };
        match known.whose {
            Whose::Said => {
                keep(&mut self.said);
                hear(&mut self.stated);
            }
            Whose::Answered => hear(&mut self.answered),
            Whose::Told => keep(&mut self.told),
            Whose::Filed => self.filed = known.state.clone().map(|state| (known.id.clone(), state)),
        }
    }

    /// What is different of a row. What the partner says itself goes before what customs says of what it was sent.
    fn difference(&self, row: &ListedState) -> Option<StateDifference> {
        let stated = self.stated.as_ref().or(self.answered.as_ref());
        // A version is one of what it was told, where it was told something; of each document the last.
        let versions = if self.told.is_empty() { &self.said } else { &self.told };
        let version_differs = |theirs: &String| !versions.values().any(|(_, ours)| ours == theirs);
        let state_differs = |theirs: &String| stated.is_none_or(|(_, ours)| word(ours) != word(theirs));
        let filed = self.filed.as_ref().filter(|(_, state)| {
            let filing: Option<FilingState> = state.parse().ok();
            row.state.as_ref().zip(filing).is_some_and(|(theirs, filing)| !can_stand(&word(theirs), filing))
        });
        let latest = versions.iter().max_by_key(|(document, (at, _))| (*at, *document));
        let document = stated.map(|((_, kind, id), _)| format!("{kind} {id}"));
        let document = document.or_else(|| latest.map(|((kind, id), _)| format!("{kind} {id}")));
        let differs = match &document {
            None => Differs::MissingHere,
            Some(_)
                if filed.is_some()
                    || row.state.as_ref().is_some_and(state_differs)
                    || row.version.as_ref().is_some_and(version_differs) =>
            {
                Differs::Differing
            }
            Some(_) => return None,
        };
        let said = stated.map(|(_, state)| state.clone());
        let our_state = match filed {
            Some((_, filing)) => Some(match said {
                Some(said) => format!("{said}; the filing is {filing}"),
                None => format!("the filing is {filing}"),
            }),
            None => said,
        };
        Some(StateDifference {
            differs,
            reference: row.reference.clone(),
            scheme: row.scheme.clone(),
            their_state: row.state.clone(),
            their_version: row.version.clone(),
            our_state,
            our_version: latest.map(|(_, (_, version))| version.clone()),
            our_document: document,
        })
    }
}

/// A state as it is compared: systems write the words of customs with other letters and signs.
fn word(state: &str) -> String {
    state.trim().chars().map(|sign| if sign == ' ' || sign == '-' { '_' } else { sign.to_ascii_uppercase() }).collect()
}

/// Whether a filing can stand there by a word of customs. Of words that decide nothing, and of filings that wait for something that
/// customs knows nothing of, everything can be.
fn can_stand(word: &str, filing: FilingState) -> bool {
    use FilingState::{Accepted, Cancelled, Cleared, Rejected, Released, Submitted};
    let stands: &[FilingState] = match word {
        "SUBMITTED" | "RECEIVED" => &[Submitted],
        "ACCEPTED" | "AMENDED" => &[Accepted],
        "REJECTED" => &[Rejected],
        "RELEASED" => &[Released],
        "CLEARED" | "WRITTEN_OFF" => &[Cleared],
        "INVALIDATED" | "CANCELLED" => &[Cancelled],
        _ => return true,
    };
    stands.contains(&filing) || ![Submitted, Accepted, Rejected, Released, Cleared, Cancelled].contains(&filing)
}
