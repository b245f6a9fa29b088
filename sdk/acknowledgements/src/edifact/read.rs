//! What a partner says in CONTRL.

use portgate_readers::edi::{Message, Segment};
use portgate_readers::edifact::Interchange;

use super::{aperak, verdict};
use crate::finding::{ElementPlace, Finding};
use crate::model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, Read, SetVerdict};
use crate::verdict::Verdict;

/// Reads every CONTRL and APERAK of an interchange; other messages are passed over.
pub fn read(interchange: &Interchange<'_>) -> Read {
    let mut read = Read::default();
    for message in interchange.messages() {
        read.extend(read_message(&message));
    }
    read
}

/// Reads one message, where it is a CONTRL or an APERAK.
pub fn read_message(message: &Message<'_>) -> Option<Read> {
    let reader = match message.kind().as_deref() {
        Some("CONTRL") => contrl,
        Some("APERAK") => aperak::read,
        _ => return None,
    };
    let mut read = Read::default();
    reader(message, &mut read);
    Some(read)
}

pub(super) fn text(segment: &Segment<'_>, element: usize, component: usize) -> String {
    segment.component(element, component).unwrap_or_default().trim().to_owned()
}

fn number(segment: &Segment<'_>, element: usize, component: usize) -> u32 {
    text(segment, element, component).parse().unwrap_or_default()
}

fn party(segment: &Segment<'_>, element: usize) -> Party {
    Party { id: text(segment, element, 1), qualifier: text(segment, element, 2) }
}

/// A set or group whose verdict is known when all below it is.
struct Said<T> {
    what: T,
    action: String,
    location: String,
}

fn contrl(message: &Message<'_>, read: &mut Read) {
    let Some(uci) = message.first("UCI") else {
        return read.note("acknowledgement-incomplete", message.location(), "there is no UCI to name the interchange");
    };
    let mut groups: Vec<Said<GroupVerdict>> = Vec::new();
    let mut sets: Vec<SetVerdict> = Vec::new();
    let mut set: Option<Said<SetVerdict>> = None;
    // The segment that is wrong, and whether nothing has been said of its elements.
    let mut place: Option<(Finding, bool)> = None;
    for segment in message.segments() {
        match segment.tag() {
            "UCF" => {
                settle(&mut set, &mut place, groups.last_mut(), &mut sets, read);
                groups.push(group(&segment));
            }
            "UCM" => {
                settle(&mut set, &mut place, groups.last_mut(), &mut sets, read);
                set = Some(named_set(&segment));
            }
            "UCS" | "UCD" if set.is_none() => {
                read.note(
                    "acknowledgement-incomplete",
                    segment.location(),
                    "there is no UCM before it to name the message",
                );
            }
            "UCS" => {
                close_segment(set.as_mut(), &mut place);
                let (position, code) = (number(&segment, 1, 1), text(&segment, 2, 1));
                place = Some((Finding { position, code, ..Finding::default() }, true));
            }
            "UCD" => {
                let Some(set) = &mut set else { continue };
                let (before, is_alone) = place.clone().unwrap_or_default();
                if is_alone && !before.code.is_empty() {
                    set.what.findings.push(before.clone());
                }
                place = Some((before.clone(), false));
                let element = Some(ElementPlace {
                    element: number(&segment, 2, 1).saturating_sub(1),
                    component: number(&segment, 2, 2),
                    repetition: number(&segment, 2, 3),
                    reference: String::new(),
                });
                set.what.findings.push(Finding { element, code: text(&segment, 1, 1), ..before });
            }
            _ => {}
        }
    }
    settle(&mut set, &mut place, groups.last_mut(), &mut sets, read);
    let groups: Vec<GroupVerdict> = groups
        .into_iter()
        .filter_map(|Said { mut what, action, location }| {
            let parts = what.sets.iter().map(|set| set.verdict);
            let Some(verdict) = verdict(&action, !what.errors.is_empty(), parts) else {
                read.note("acknowledgement-verdict", location, "it is not known whether the group is accepted");
                return None;
            };
            what.verdict = verdict;
            Some(what)
        })
        .collect();
    let parts = groups.iter().map(|group| group.verdict).chain(sets.iter().map(|set| set.verdict));
    let Some(verdict) = verdict(&text(&uci, 4, 1), !text(&uci, 5, 1).is_empty(), parts) else {
        return read.note(
            "acknowledgement-verdict",
            uci.location(),
            "it is not known whether the interchange is accepted",
        );
    };
    let service_segment = text(&uci, 6, 1);
    let interchange = InterchangeVerdict {
        control_number: text(&uci, 1, 1),
        sender: party(&uci, 2),
        receiver: party(&uci, 3),
        made: String::new(),
        verdict,
        error: text(&uci, 5, 1),
        place: (!service_segment.is_empty()).then(|| (service_segment, number(&uci, 7, 1).saturating_sub(1))),
    };
    let acknowledgement = Acknowledgement::of(Kind::Contrl);
    read.acknowledgements.push(Acknowledgement { interchange: Some(interchange), groups, sets, ..acknowledgement });
}

/// Ends the segment that is wrong: what was said of it alone is a finding.
fn close_segment(set: Option<&mut Said<SetVerdict>>, place: &mut Option<(Finding, bool)>) {
    if let (Some(set), Some((finding, true))) = (set, place.take()) {
        set.what.findings.push(finding);
    }
}

/// Ends the message that was named, and gives it to its group.
fn settle(
    set: &mut Option<Said<SetVerdict>>,
    place: &mut Option<(Finding, bool)>,
    group: Option<&mut Said<GroupVerdict>>,
    sets: &mut Vec<SetVerdict>,
    read: &mut Read,
) {
    close_segment(set.as_mut(), place);
    let Some(Said { mut what, action, location }) = set.take() else { return };
    let has_error = !what.errors.is_empty() || !what.findings.is_empty();
    let known = verdict(&action, has_error, std::iter::empty()).filter(|verdict| *verdict != Verdict::Received);
    let Some(known) = known else {
        return read.note("acknowledgement-verdict", location, "it is not known whether the message is accepted");
    };
    what.verdict = known;
    match group {
        Some(group) => group.what.sets.push(what),
        None => sets.push(what),
    }
}

fn group(ucf: &Segment<'_>) -> Said<GroupVerdict> {
    let what = GroupVerdict {
        functional_id: String::new(),
        control_number: text(ucf, 1, 1),
        version: String::new(),
        sender: party(ucf, 2),
        receiver: party(ucf, 3),
        verdict: Verdict::Rejected,
        counts: None,
        errors: Some(text(ucf, 5, 1)).filter(|code| !code.is_empty()).into_iter().collect(),
        sets: Vec::new(),
    };
    Said { what, action: text(ucf, 4, 1), location: ucf.location() }
}

fn named_set(ucm: &Segment<'_>) -> Said<SetVerdict> {
    let edition = ucm.composite(2).map(|kind| kind.components().skip(1).collect::<Vec<_>>().join(":"));
    let what = SetVerdict {
        kind: text(ucm, 2, 1),
        control_number: text(ucm, 1, 1),
        edition: edition.unwrap_or_default(),
        verdict: Verdict::Rejected,
        errors: Some(text(ucm, 4, 1)).filter(|code| !code.is_empty()).into_iter().collect(),
        findings: Vec::new(),
    };
    Said { what, action: text(ucm, 3, 1), location: ucm.location() }
}
