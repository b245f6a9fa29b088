//! What a partner says in 997, 999 and `TA1`.

use portgate_readers::edi::Message;
use portgate_readers::x12::{Interchange, Segment};

use super::{HAS_ELEMENT_ERRORS, verdict};
use crate::finding::{Context, ElementPlace, Finding};
use crate::model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, Read, SetVerdict};
use crate::verdict::Verdict;

/// Reads every `TA1`, 997 and 999 of an interchange; other sets are passed over.
pub fn read(interchange: &Interchange<'_>) -> Read {
    let mut read = Read::default();
    for segment in interchange.segments() {
        read.extend(read_segment(&segment));
    }
    for set in interchange.messages() {
        read.extend(read_set(&set));
    }
    read
}

/// Reads one segment, where it is a `TA1`.
pub fn read_segment(segment: &Segment<'_>) -> Option<Read> {
    let mut read = Read::default();
    (segment.tag() == "TA1").then(|| interchange_acknowledgement(segment, &mut read))?;
    Some(read)
}

/// Reads one set, where it is a 997 or a 999.
pub fn read_set(set: &Message<'_>) -> Option<Read> {
    let kind = match set.kind().as_deref() {
        Some("997") => Kind::X997,
        Some("999") => Kind::X999,
        _ => return None,
    };
    let mut read = Read::default();
    functional_acknowledgement(set, kind, &mut read);
    Some(read)
}

/// An element without the blanks around it.
fn text(segment: &Segment<'_>, element: usize) -> String {
    segment.component(element, 1).unwrap_or_default().trim().to_owned()
}

fn number(text: &str) -> u32 {
    text.trim().parse().unwrap_or_default()
}

fn codes(segment: &Segment<'_>, elements: std::ops::RangeInclusive<usize>) -> Vec<String> {
    elements.map(|element| text(segment, element)).filter(|code| !code.is_empty()).collect()
}

fn interchange_acknowledgement(ta1: &Segment<'_>, read: &mut Read) {
    let Some(verdict) = verdict(&text(ta1, 4)).filter(|verdict| *verdict != Verdict::PartlyAccepted) else {
        return read.note("acknowledgement-verdict", ta1.location(), "TA104 is neither A, E nor R; it was passed over");
    };
    let error = Some(text(ta1, 5)).filter(|code| code != "000").unwrap_or_default();
    let interchange = InterchangeVerdict {
        control_number: text(ta1, 1),
        sender: Party::default(),
        receiver: Party::default(),
        made: text(ta1, 2) + &text(ta1, 3),
        verdict,
        error,
        place: None,
    };
    read.acknowledgements.push(Acknowledgement { interchange: Some(interchange), ..Acknowledgement::of(Kind::Ta1) });
}

/// The set that is being read, and the segment of it that is wrong as long as nothing is known of its elements.
struct Open {
    set: SetVerdict,
    segment: Option<Finding>,
    /// Where the segment is, for the elements that follow.
    place: Finding,
}

impl Open {
    fn settle_segment(&mut self) {
        self.set.findings.extend(self.segment.take());
    }

    /// What the next context belongs to.
    fn last(&mut self) -> Option<&mut Finding> {
        self.segment.as_mut().or(self.set.findings.last_mut())
    }
}

fn functional_acknowledgement(set: &Message<'_>, kind: Kind, read: &mut Read) {
    let Some(ak1) = set.first("AK1") else {
        return read.note("acknowledgement-incomplete", set.location(), "there is no AK1 to name the group");
    };
    let mut sets: Vec<SetVerdict> = Vec::new();
    let mut open: Option<Open> = None;
    for segment in set.segments() {
        match (segment.tag(), &mut open) {
            ("AK2", _) => {
                if open.is_some() {
                    read.note("acknowledgement-verdict", segment.location(), "the set before has no AK5 or IK5");
                }
                open = Some(begin(&segment));
            }
            ("AK3" | "IK3", Some(open)) => {
                open.settle_segment();
                open.place = segment_finding(&segment);
                let code = text(&segment, 4);
                open.segment = Some(Finding { code, ..open.place.clone() });
            }
            ("AK4" | "IK4", Some(open)) => {
                // A finding which only says that elements are wrong is left out: each of the elements has its own.
                if let Some(before) = open.segment.take()
                    && (before.code != HAS_ELEMENT_ERRORS || !before.contexts.is_empty())
                {
                    open.set.findings.push(before);
                }
                let element = Some(element_place(&segment, 1, 2));
                let (code, value) = (text(&segment, 3), segment.element(4).unwrap_or_default().into_owned());
                open.set.findings.push(Finding { element, code, value, ..open.place.clone() });
            }
            ("CTX", Some(open)) => {
                let contexts = contexts(&segment);
                if let Some(finding) = open.last() {
                    finding.contexts.extend(contexts);
                }
            }
            ("AK5" | "IK5", Some(_)) => {
                let Some(mut done) = open.take() else { continue };
                done.settle_segment();
                let Some(verdict) = verdict(&text(&segment, 1)).filter(|verdict| *verdict != Verdict::PartlyAccepted)
                else {
                    read.note(
                        "acknowledgement-verdict",
                        segment.location(),
                        "it is not known whether the set is accepted",
                    );
                    continue;
                };
                sets.push(SetVerdict { verdict, errors: codes(&segment, 2..=6), ..done.set });
            }
            ("AK3" | "IK3" | "AK4" | "IK4" | "AK5" | "IK5" | "CTX", None) => {
                read.note(
                    "acknowledgement-incomplete",
                    segment.location(),
                    "there is no AK2 before it to name the set",
                );
            }
            _ => {}
        }
    }
    if open.is_some() {
        read.note("acknowledgement-verdict", set.location(), "the last set has no AK5 or IK5");
    }
    let ak9 = set.first("AK9");
    let Some((ak9, verdict)) = ak9.and_then(|ak9| Some((ak9, verdict(&text(&ak9, 1))?))) else {
        let place = ak9.map_or_else(|| set.location(), |ak9| ak9.location());
        return read.note("acknowledgement-verdict", place, "it is not known whether the group is accepted");
    };
    let group = GroupVerdict {
        functional_id: text(&ak1, 1),
        control_number: text(&ak1, 2),
        version: text(&ak1, 3),
        sender: Party::default(),
        receiver: Party::default(),
        verdict,
        counts: Some([2, 3, 4].map(|element| number(&text(&ak9, element)))),
        errors: codes(&ak9, 5..=9),
        sets,
    };
    read.acknowledgements.push(Acknowledgement { groups: vec![group], ..Acknowledgement::of(kind) });
}

fn begin(ak2: &Segment<'_>) -> Open {
    let set = SetVerdict {
        kind: text(ak2, 1),
        control_number: text(ak2, 2),
        edition: text(ak2, 3),
        verdict: Verdict::Rejected,
        errors: Vec::new(),
        findings: Vec::new(),
    };
    Open { set, segment: None, place: Finding::default() }
}

fn segment_finding(ak3: &Segment<'_>) -> Finding {
    Finding { segment: text(ak3, 1), position: number(&text(ak3, 2)), loop_id: text(ak3, 3), ..Finding::default() }
}

/// C030 in one element, and the number of the data element in another.
fn element_place(segment: &Segment<'_>, position: usize, reference: usize) -> ElementPlace {
    let part = |component| number(&segment.component(position, component).unwrap_or_default());
    ElementPlace { element: part(1), component: part(2), repetition: part(3), reference: text(segment, reference) }
}

/// The contexts of a `CTX`: one, or several names for what is one place.
fn contexts(ctx: &Segment<'_>) -> Vec<Context> {
    let element = ctx.composite(5).filter(|place| place.text().is_some()).map(|_| element_place(ctx, 5, 6));
    let text_of = |name: Option<std::borrow::Cow<'_, str>>| name.unwrap_or_default().into_owned();
    let names = ctx.repetitions(1).map(|one| (text_of(one.component(1)), text_of(one.component(2))));
    names
        .map(|(name, value)| Context {
            name,
            value,
            segment: text(ctx, 2),
            position: number(&text(ctx, 3)),
            loop_id: text(ctx, 4),
            element: element.clone(),
        })
        .collect()
}
