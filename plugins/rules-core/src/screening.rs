//! R22, R25: whoever takes part is on no list, by the lists as they are now.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use portgate_sdk::Severity::{Blocking, Warning};
use portgate_sdk::canonical::{Classifier, Milestone, MilestoneCode, ScreenedList, ScreeningOutcome, ScreeningResult};
use portgate_sdk::names::{Source, sources};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

/// The table of all lists, which is the set that results of the gateway's own screening name.
const TABLE: &str = "denied-parties";
/// So many of those who were screened are named in a sentence.
const NAMED: usize = 5;

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    clear(facts, judge);
    current(facts, judge);
}

/// Whoever was screened is clear by what was found last.
fn clear(facts: &Facts, judge: &mut Judge) {
    let mut latest: BTreeMap<(&str, &str), &Placed<ScreeningResult>> = BTreeMap::new();
    for result in &facts.screenings {
        let of = (&*result.document.subject_party_ref, &*result.document.list_set);
        if latest.get(&of).is_none_or(|known| when(known) < when(result)) {
            latest.insert(of, result);
        }
    }
    for result in latest.values() {
        let ScreeningResult { outcome, matches, subject_name, .. } = &result.document;
        let (severity, what) = match outcome {
            ScreeningOutcome::Clear => continue,
            ScreeningOutcome::Review => (Warning, "resembles"),
            ScreeningOutcome::Hit => (Blocking, "is"),
        };
        let name = subject_name.as_deref().unwrap_or("A party");
        let listed = matches.first().map_or("somebody", |first| &*first.name);
        let detail = format!("{name} {what} {listed} of {}.", list(&result.document));
        let fields = [result.at("/outcome"), result.at("/matches")];
        judge.found("R22", severity, fields, detail, "Nothing may leave until trade compliance has decided.");
    }
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

/// As long as nothing has left, whoever takes part was screened against the editions of today. What was screened is screened whole,
/// so that its last screening counts, and nobody is asked for who is not in it any more. No field is wrong, and none is named: so an
/// operator's word that nobody need be screened again is about both editions, and has ended with the next one.
fn current(facts: &Facts, judge: &mut Judge) {
    let screened =
        |result: &&Placed<ScreeningResult>| &*result.document.list_set == TABLE && !result.document.lists.is_empty();
    let mut latest: BTreeMap<&str, Vec<&Placed<ScreeningResult>>> = BTreeMap::new();
    for result in facts.screenings.iter().filter(screened) {
        let last = latest.entry(thing(result)).or_default();
        match last.first().map_or(Ordering::Equal, |known| when(known).cmp(when(result))) {
            Ordering::Less => *last = vec![result],
            Ordering::Equal => last.push(result),
            Ordering::Greater => {}
        }
    }
    if latest.is_empty() || has_left(facts) {
        return;
    }
    let lists = sources(TABLE);
    for (of, last) in latest {
        // Whatever is screened at once is held against the same lists.
        let Some(result) = last.first() else { continue };
        let who = named(&last);
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
            let remedy = format!("Have {of} screened again before it leaves.");
            judge.found("R25", Warning, [], detail, &remedy);
        }
    }
}

/// Who was screened, each once, in the order of the document; of many the first.
fn named(screening: &[&Placed<ScreeningResult>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for result in screening {
        let name = result.document.subject_name.as_deref().unwrap_or("somebody without a name");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        others => format!("{} and {others} more", names.get(..NAMED).unwrap_or_default().join(", ")),
    }
}

/// When somebody was screened, in an order of texts: the gateway's times are in UTC, and without their `Z` a second comes before its
/// fractions.
fn when(result: &Placed<ScreeningResult>) -> &str {
    result.document.at.as_str().trim_end_matches('Z')
}

/// What was screened, without the place in it.
fn thing(result: &Placed<ScreeningResult>) -> &str {
    let of = &*result.document.subject_party_ref;
    of.split_once('#').map_or(of, |(thing, _)| thing)
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
