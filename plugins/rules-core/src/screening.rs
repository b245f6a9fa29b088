//! R22, R25: whoever takes part is on no list, by the lists as they are now.

use std::collections::{BTreeMap, BTreeSet};

use portgate_sdk::Severity::{Blocking, Error, Warning};
use portgate_sdk::canonical::{
    Classifier, Milestone, MilestoneCode, PartyId, ScreenedList, ScreeningOutcome, ScreeningResult,
};
use portgate_sdk::names::{Source, sources};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;
use crate::subjects::{Subject, key, thing, when};

/// The table of all lists, which is the set that results of the gateway's own screening name.
const TABLE: &str = "denied-parties";
/// So many are named in a sentence, of those who were screened and of the places in which one is.
const NAMED: usize = 5;

/// A shipment in which nobody was screened yet says nothing here: what has to be there before something is declared is a matter of
/// policy.
pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    let screened = Screened::of(facts);
    screened.clear(judge);
    if !facts.screenings.is_empty() {
        screened.complete(judge);
    }
    if !has_left(facts) {
        screened.current(judge);
    }
}

/// What was found last of everybody who takes part.
struct Screened<'f> {
    screenings: &'f [Placed<ScreeningResult>],
    /// By the place of a result among all: who it is of. Of each set of lists the last screening of somebody counts.
    last: BTreeMap<usize, Vec<&'f Subject>>,
    /// Who was not screened though they have to be, by their name.
    not: BTreeMap<String, Vec<&'f Subject>>,
}

impl<'f> Screened<'f> {
    fn of(facts: &'f Facts) -> Self {
        let screenings = &facts.screenings[..];
        let (mut by_name, mut others) = (BTreeMap::<String, Vec<usize>>::new(), Vec::new());
        for (at, result) in screenings.iter().enumerate() {
            match &result.document.subject_name {
                Some(name) => by_name.entry(key(name)).or_default().push(at),
                None => others.push(at),
            }
        }
        let mut screened = Screened { screenings, last: BTreeMap::new(), not: BTreeMap::new() };
        for subject in &facts.subjects {
            let name = subject.name.as_deref().map(key);
            let of_name = name.as_ref().and_then(|name| by_name.get(name)).into_iter().flatten();
            let known = of_name.filter(|at| !contradict(&screenings[**at].document.subject_ids, &subject.ids));
            let known = known.chain(others.iter().filter(|at| is_of(&screenings[**at].document, subject)));
            let mut last: BTreeMap<&str, usize> = BTreeMap::new();
            for at in known {
                let of = last.entry(&*screenings[*at].document.list_set).or_insert(*at);
                if order(&screenings[*of]) < order(&screenings[*at]) {
                    *of = *at;
                }
            }
            match name {
                Some(name) if last.is_empty() && subject.is_asked => {
                    screened.not.entry(name).or_default().push(subject)
                }
                _ => last.into_values().for_each(|at| screened.last.entry(at).or_default().push(subject)),
            }
        }
        screened
    }

    /// Whoever was screened is clear.
    fn clear(&self, judge: &mut Judge) {
        for (at, subjects) in &self.last {
            let result = &self.screenings[*at];
            let ScreeningResult { outcome, matches, subject_name, .. } = &result.document;
            let (severity, what) = match outcome {
                ScreeningOutcome::Clear => continue,
                ScreeningOutcome::Review => (Warning, "resembles"),
                ScreeningOutcome::Hit => (Blocking, "is"),
            };
            let name = subject_name.as_deref().unwrap_or("A party");
            let listed = matches.first().map_or("somebody", |first| &*first.name);
            let (places, list) = (places(subjects), list(&result.document));
            let detail = format!("{name} ({places}) {what} {listed} of {list}.");
            let fields = [result.at("/outcome"), result.at("/matches")];
            judge.found("R22", severity, fields, detail, "Nothing may leave until trade compliance has decided.");
        }
    }

    /// Whoever trades the goods or handles them was screened.
    fn complete(&self, judge: &mut Judge) {
        for subjects in self.not.values() {
            let Some(first) = subjects.first() else { continue };
            let name = first.name.as_deref().unwrap_or_default();
            let detail = format!("{name} ({}) takes part, and was screened against no list.", places(subjects));
            let remedy = format!("Have {} screened before anything is declared or leaves.", first.thing);
            judge.found("R22", Blocking, [first.place.clone()], detail, &remedy);
        }
    }

    /// Whoever takes part was screened against the editions of today. No field is wrong, and none is named: so an operator's word that
    /// nobody need be screened again is about both editions, and has ended with the next one.
    fn current(&self, judge: &mut Judge) {
        let mut at_once: BTreeMap<(&str, &str), Vec<&Placed<ScreeningResult>>> = BTreeMap::new();
        for (at, subjects) in &self.last {
            let result = &self.screenings[*at];
            if &*result.document.list_set != TABLE || result.document.lists.is_empty() {
                continue;
            }
            let own = subjects.iter().find(|subject| subject.thing == thing(&result.document));
            let Some(subject) = own.or(subjects.first()) else { continue };
            at_once.entry((&subject.thing, when(result))).or_default().push(result);
        }
        if at_once.is_empty() {
            return;
        }
        let lists = sources(TABLE);
        for ((of, _), results) in at_once {
            // Whatever is screened at once is held against the same lists.
            let Some(result) = results.first() else { continue };
            let who = named(&results);
            for list in &lists {
                let known = result.document.lists.iter().find(|known| *known.list_id == *list.id);
                let before = match known {
                    Some(known) if !is_superseded(known, list) => continue,
                    Some(known) => format!("edition {} of {}", &*known.version, known.date.as_str()),
                    None => "no edition".to_owned(),
                };
                let detail = format!(
                    "Who takes part in {of} ({who}) was screened on {} against {before} of {}; now there is edition {} of {}.",
                    result.document.at.as_str().get(..10).unwrap_or_default(),
                    list.name,
                    list.version,
                    list.date
                );
                let remedy = format!("Have {of} screened again before anything is declared or leaves.");
                judge.found("R25", Error, [], detail, &remedy);
            }
        }
    }
}

/// What is found later counts, and the worse of what is found at once.
fn order(result: &Placed<ScreeningResult>) -> (&str, u8) {
    let found = match result.document.outcome {
        ScreeningOutcome::Clear => 0,
        ScreeningOutcome::Review => 1,
        ScreeningOutcome::Hit => 2,
    };
    (when(result), found)
}

/// Whether a result that names nobody is of this one: by an identifier, or by the place.
fn is_of(result: &ScreeningResult, subject: &Subject) -> bool {
    match result.subject_ids.is_empty() {
        true => *result.subject_party_ref == *subject.reference,
        false => result.subject_ids.iter().any(|id| subject.ids.contains(id)),
    }
}

/// Whether these are identifiers of two: none is the same, and of one scheme there are two.
fn contradict(one: &[PartyId], other: &[PartyId]) -> bool {
    let differs = |id: &PartyId| other.iter().any(|known| known.scheme == id.scheme && known.value != id.value);
    !one.iter().any(|id| other.contains(id)) && one.iter().any(differs)
}

/// The list that names the party, with its edition; the set where that is not said.
fn list(result: &ScreeningResult) -> String {
    let ScreeningResult { matches, lists, list_set, list_version, .. } = result;
    let of = |list: &&ScreenedList| matches.first().is_some_and(|first| first.list_id == list.list_id);
    match lists.iter().find(of) {
        Some(list) => format!("{}, edition {} of {}", &*list.name, &*list.version, list.date.as_str()),
        None => format!("{} ({})", &**list_set, &**list_version),
    }
}

/// Where somebody is and as what, each document once; of many the first.
fn places(subjects: &[&Subject]) -> String {
    let place = |subject: &&Subject| match subject.role.is_empty() {
        true => subject.thing.clone(),
        false => format!("{} in {}", subject.role, subject.thing),
    };
    few(subjects.iter().map(place))
}

/// Who was screened, each once, in the order of the document; of many the first.
fn named(results: &[&Placed<ScreeningResult>]) -> String {
    let name = |result: &&Placed<ScreeningResult>| {
        let name = result.document.subject_name.as_deref();
        name.unwrap_or("somebody without a name").to_owned()
    };
    few(results.iter().map(name))
}

/// The first of these, each once, and how many there are beside them.
fn few(all: impl Iterator<Item = String>) -> String {
    let mut known = BTreeSet::new();
    let all: Vec<String> = all.filter(|one| known.insert(one.clone())).collect();
    match all.len().saturating_sub(NAMED) {
        0 => all.join(", "),
        others => format!("{} and {others} more", all.get(..NAMED).unwrap_or_default().join(", ")),
    }
}

/// Whether there is another edition of a list, and none of before.
fn is_superseded(known: &ScreenedList, list: &Source) -> bool {
    *known.version != *list.version && known.date.as_str() <= list.date.as_str()
}

/// Whether the goods are on their way, as far as anybody says so.
fn has_left(facts: &Facts) -> bool {
    use MilestoneCode::{Accepted, Arrived, Delivered, Depa, Departed, OutForDelivery, Transit};
    let mut legs = facts.shipments.iter().flat_map(|shipment| &shipment.document.legs);
    let departed = |milestone: &Placed<Milestone>| {
        let Milestone { classifier, code, .. } = &milestone.document;
        *classifier == Classifier::Act
            && matches!(code, Depa | Accepted | Transit | Arrived | Departed | OutForDelivery | Delivered)
    };
    legs.any(|leg| leg.atd.is_some()) || facts.milestones.iter().any(departed)
}
