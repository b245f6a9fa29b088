//! EDIFACT COARRI and CODECO, directory D00B: what a terminal has done with containers. The directory D95B is read as well.
//!
//! `BGM` says what: discharged or loaded, in or out at the gate. Each `EQD` is a container to which it happened, with its own time,
//! numbers, seals and places; what stands above the first of them holds for all.

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, Reference, Timestamp, TransportMode};
use portgate_sdk::edifact::{Message as Report, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::codes;
use crate::event::{Event, Milestones, Place, Written, meaning_or_unmapped};
use crate::iftsta::fields;
use crate::notes::Notes;
use crate::reports;
use crate::time::{Times, canonical};

/// The message that takes back an earlier one, by list 1225.
const CANCELLATION: &str = "1";

/// The milestones of an interchange of messages of this type, with the report that was agreed.
pub(crate) fn decode(message: &Message, kind: &str) -> Result<Decoded, Rejection> {
    let mut milestones = Milestones::of(message);
    reports::decode(message, kind, &format!("NOT-A-{kind}"), |report, notes| read(report, &mut milestones, notes))
}

/// What is said of a container, or of all of them.
struct Said<'d> {
    segments: &'d [Segment<'d>],
}

impl<'d> Said<'d> {
    fn all(&self, tag: &'static str) -> impl Iterator<Item = Segment<'d>> + use<'d> {
        self.segments.iter().filter(move |segment| segment.tag() == tag).copied()
    }
}

fn read(report: Report<'_>, milestones: &mut Milestones<'_>, notes: &mut Notes) {
    let segments: Vec<Segment<'_>> = report.segments().collect();
    let Some(begin) = report.first("BGM") else {
        let detail = "The message has no `BGM`, which says what has been done.";
        notes.finding(Finding::error("MISSING", report.location(), detail).because(Mistake::MissingSegment("BGM")));
        return;
    };
    if begin.component(3, 1).is_some_and(|function| function == CANCELLATION) {
        let detail = "The message takes back an earlier one, and a milestone cannot be taken back; tell us otherwise.";
        notes.error("CANCELLATION", begin.at(3), detail);
        return;
    }
    let Some(code) = begin.component(1, 1) else {
        notes.error("MISSING", begin.at(1).component(1), "`BGM` does not say what has been done; give its code.");
        return;
    };
    let written = Written { code: code.into_owned(), list: codes::EDIFACT_DOCUMENT.to_owned(), words: None };
    let at = begin.location();
    let meaning = codes::terminal(&written.code);
    let meaning = meaning_or_unmapped(meaning, EventType::Equipment, &written, &at, notes);
    let starts: Vec<usize> =
        segments.iter().enumerate().filter(|(_, segment)| segment.tag() == "EQD").map(|(index, _)| index).collect();
    if starts.is_empty() {
        let detail = "The message has no `EQD`, a container to which it happened.";
        notes.finding(Finding::error("MISSING", report.location(), detail).because(Mistake::MissingSegment("EQD")));
        return;
    }
    let above = Said { segments: &segments[..starts[0]] };
    let general: Vec<Reference> = above.all("RFF").filter_map(|rff| fields::reference(rff, notes)).collect();
    let carriage = above.all("TDT").next();
    let journey = carriage.map(|tdt| fields::carriage(tdt, notes)).unwrap_or_default();
    let recorded_at = recorded_at(&above, notes);
    let message_id = begin.component(2, 1).unwrap_or_default().into_owned();
    for (nth, start) in starts.iter().enumerate() {
        if notes.are_overfull() {
            break;
        }
        let end = starts.get(nth + 1).copied().unwrap_or(segments.len());
        let eqd = segments[*start];
        let own = Said { segments: &segments[*start + 1..end] };
        let equipment = fields::equipment(eqd);
        if equipment.id.is_none() {
            notes.error("MISSING", eqd.at(2), "The container has no number; give it.");
            continue;
        }
        let Some(occurred_at) = occurred_at(&own, &above, eqd, notes) else { continue };
        let mut references: Vec<Reference> = own.all("RFF").filter_map(|rff| fields::reference(rff, notes)).collect();
        references
            .extend(general.iter().filter(|reference| !references.contains(reference)).cloned().collect::<Vec<_>>());
        let inland = own.all("TDT").next().or(carriage);
        let mode = inland.and_then(|tdt| tdt.component(3, 1)).and_then(|mode| TransportMode::from_rec19(&mode));
        // A carriage inland is the container's own; what the ship does, stands above all of them.
        let own_carriage = own.all("TDT").next().filter(|_| meaning.mode.is_none());
        let own_journey = own_carriage.map(|tdt| fields::carriage(tdt, notes));
        let (place, mut remarks) = place(&own, &above, meaning.code);
        remarks.extend(above.all("FTX").chain(own.all("FTX")).filter_map(|ftx| fields::words(ftx, notes)));
        let event = Event {
            id: None,
            message_id: message_id.clone(),
            event_type: meaning.event_type,
            code: meaning.code,
            classifier: Classifier::Act,
            occurred_at,
            recorded_at: recorded_at.clone(),
            written: written.clone(),
            place,
            mode: meaning.mode.or(mode),
            equipment,
            journey: own_journey.unwrap_or_else(|| journey.clone()),
            reason: (None, None),
            references,
            seals: own.all("SEL").filter_map(fields::seal).collect(),
            remarks,
        };
        milestones.add(event, &eqd.location(), notes);
    }
}

/// When the message was written (137).
fn recorded_at(above: &Said<'_>, notes: &mut Notes) -> Option<Timestamp> {
    let times = above.all("DTM").map(|dtm| (fields::time(dtm), dtm.location()));
    let ((_, time), at) = times.into_iter().find(|((qualifier, _), _)| qualifier == "137")?;
    time.ok().and_then(|time| canonical(&time, &*at, notes))
}

/// When it happened: the container's own time, else one that holds for all. The time of the message (137) is neither.
fn occurred_at(own: &Said<'_>, above: &Said<'_>, eqd: Segment<'_>, notes: &mut Notes) -> Option<Timestamp> {
    for said in [own, above] {
        let mut times = Times::new();
        for dtm in said.all("DTM") {
            let (qualifier, time) = fields::time(dtm);
            times.add(qualifier, dtm.location(), time, notes);
        }
        let order = ["203", "7", "181", "334", "78", "96", "342", "178", "186", "200", "201"];
        let chosen = order.iter().find_map(|key| times.all().iter().find(|stated| stated.key == *key));
        if let Some(stated) = chosen {
            return canonical(&stated.time, &*stated.at, notes);
        }
    }
    let detail = "The container has no time that can be read; send `DTM+7` or `DTM+203`. The time of the message (137) is not \
                  that of the event.";
    notes.finding(Finding::error("MISSING", eqd.location(), detail).because(Mistake::MissingSegment("DTM")));
    None
}

/// Where it happened: the terminal or gate (165), or the port that the ship is loaded or discharged at; the other places in words.
fn place(own: &Said<'_>, above: &Said<'_>, happened: MilestoneCode) -> (Place, Vec<String>) {
    let places: Vec<(String, Place)> = own.all("LOC").chain(above.all("LOC")).map(fields::place).collect();
    let order: &[&str] = match happened {
        MilestoneCode::Load => &["165", "175", "14", "9"],
        MilestoneCode::Disc => &["165", "175", "14", "11"],
        _ => &["165", "175", "14"],
    };
    let chosen = order.iter().find_map(|role| places.iter().position(|(found, _)| found == role));
    let others = places.iter().enumerate().filter(|(index, _)| Some(*index) != chosen);
    let others = others.map(|(_, (role, place))| {
        let facility = place.facility.as_ref().map(|(code, _)| code);
        let names = [place.un_locode.as_ref(), facility, place.name.as_ref(), place.country.as_ref()];
        let names = names.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("Place {role}: {names}")
    });
    let others = others.collect();
    (chosen.map(|index| places[index].1.clone()).unwrap_or_default(), others)
}
