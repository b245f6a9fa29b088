//! Stops: the loop of `S5`, with times, references, parties, goods and remarks.

use portgate_sdk::canonical::{
    Code, StopActivity, TenderEquipment, TenderRemark, TenderStop, TenderTime, Text, Timestamp,
};
use portgate_sdk::time::x12 as x12_time;
use portgate_sdk::x12::Segment;

use super::goods::{Goods, Loaded, at8};
use super::parties::Parties;
use super::{equipment, measures, references};
use crate::notes::Notes;

/// The lists of reasons for a stop, of times, of notes, of special handling and of special services.
pub(crate) const REASONS: &str = "X12 163";
pub(crate) const TIMES: &str = "X12 432";
pub(crate) const NOTES: &str = "X12 363";
pub(crate) const HANDLING: &str = "X12 152";
pub(crate) const SERVICES: &str = "X12 560";

/// What is done at a stop, by its reason (163).
pub(crate) fn activity(reason: &str) -> StopActivity {
    match reason {
        "CL" | "LD" | "PL" | "LE" | "AL" => StopActivity::Load,
        "CU" | "UL" | "PU" => StopActivity::Unload,
        "PA" | "RT" => StopActivity::PickUp,
        "DT" | "SL" | "SU" => StopActivity::DropOff,
        "TL" | "CN" => StopActivity::Transload,
        _ => StopActivity::Other,
    }
}

/// What a `G62` is the time of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Earliest,
    Latest,
    Requested,
    Scheduled,
    RespondBy,
    Other,
}

/// By the qualifier of the time of day (176), which says more, and that of the day (432).
pub(crate) fn role(day: &str, time: &str) -> Role {
    match (day, time) {
        (_, "I" | "G" | "EP" | "ED") => Role::Earliest,
        (_, "K" | "L" | "LP" | "LD") => Role::Latest,
        (_, "U" | "X" | "2" | "3" | "6" | "7") => Role::Scheduled,
        (_, "Y" | "Z" | "4" | "5") => Role::Requested,
        (_, "1") | ("64", _) => Role::RespondBy,
        ("37" | "53", _) => Role::Earliest,
        ("38" | "54", _) => Role::Latest,
        ("10" | "68" | "02" | "79" | "80", _) => Role::Requested,
        ("69" | "70" | "77" | "78" | "81" | "82", _) => Role::Scheduled,
        _ => Role::Other,
    }
}

/// A `G62` with its role and qualifier. The last moment of a day that has no time of day is its end.
pub(crate) fn g62(notes: &mut Notes<'_>, g62: Segment<'_>) -> Option<(Role, TenderTime)> {
    let (day, time) = (g62.element(1).unwrap_or_default(), g62.element(3).unwrap_or_default());
    let role = role(&day, &time);
    let clock = g62.element(4);
    let ends_the_day = role == Role::Latest && clock.is_none();
    let clock = if ends_the_day { Some("235959".into()) } else { clock };
    let moment = x12_time::read(g62.element(2).as_deref(), clock.as_deref(), g62.element(5).as_deref());
    let at = notes.moment(g62.at(2), moment)?;
    let day = if day.is_empty() { "ZZ" } else { &*day };
    let what = notes.code(g62.at(1), TIMES, Some(day))?;
    Some((role, TenderTime::new(what, at)))
}

/// One stop as its segments come.
pub(crate) struct Stop {
    stop: TenderStop,
    parties: Parties,
    goods: Goods,
}

impl Stop {
    /// `S5`: the stop's number and reason, and what is loaded or unloaded in all.
    pub(crate) fn begin(notes: &mut Notes<'_>, s5: Segment<'_>, number: usize, unit: Option<&str>) -> Self {
        let seq = notes.count(s5.at(1), "number of the stop", s5.element(1)).unwrap_or(number as u32);
        let reason = s5.element(2).unwrap_or_default();
        let mut stop = TenderStop::new(seq, activity(&reason));
        if stop.activity == StopActivity::Other && !reason.is_empty() {
            notes.unknown(s5.at(2), REASONS, &reason, "the stop is kept, with its code");
        }
        stop.activity_code = notes.code(s5.at(2), REASONS, Some(&reason));
        stop.gross_kg = measures::weight(notes, s5, 3, s5.element(4).as_deref().or(unit));
        stop.quantity = measures::quantity(notes, s5, 5, 6);
        stop.volume_m3 = measures::volume(notes, s5, 7, s5.element(8).as_deref());
        let words: Option<Text<512>> = notes.text(s5.at(9), "description of the stop", s5.element(9));
        stop.remarks.extend(words.map(TenderRemark::new));
        stop.references.extend(s5.element(10).and_then(|place| notes.reference(s5.at(10), "x12:LU", &place)));
        Stop { stop, parties: Parties::default(), goods: Goods::default() }
    }

    /// Takes a segment of the stop; equipment is the tender's. Whether it is one that is known here.
    pub(crate) fn take(
        &mut self,
        notes: &mut Notes<'_>,
        segment: Segment<'_>,
        unit: Option<&str>,
        equipment: &mut Vec<TenderEquipment>,
    ) -> bool {
        let Stop { stop, parties, goods } = self;
        if parties.take(notes, segment, 16) || goods.take(notes, segment, unit) {
            return true;
        }
        if equipment::take(notes, segment, unit, equipment) {
            return true;
        }
        match segment.tag() {
            "L11" | "N9" => {
                let (reference, remark) = references::read(notes, segment);
                notes.push(segment.location(), "references", references::MOST, &mut stop.references, reference);
                notes.push(segment.location(), "remarks", 64, &mut stop.remarks, remark);
            }
            "G62" => {
                let Some((role, time)) = g62(notes, segment) else { return true };
                let field = match role {
                    Role::Earliest => &mut stop.earliest,
                    Role::Latest => &mut stop.latest,
                    Role::Requested => &mut stop.requested_at,
                    Role::Scheduled => &mut stop.scheduled_at,
                    Role::RespondBy | Role::Other => {
                        return {
                            notes.push(segment.location(), "times", 32, &mut stop.times, time);
                            true
                        };
                    }
                };
                place_time(notes, segment, field, time, &mut stop.times);
            }
            "AT8" => at8(notes, segment, unit, &mut stop.load()),
            "AT5" => at5(notes, segment, &mut stop.services, 32),
            "NTE" | "K1" => words(notes, segment, &mut stop.remarks, 64),
            "PLD" | "LH6" | "PCS" | "TD1" => {
                let remark = references::verbatim(notes, segment);
                notes.push(segment.location(), "remarks", 64, &mut stop.remarks, remark);
            }
            _ => return false,
        }
        true
    }

    /// The stop with all that was said of it.
    pub(crate) fn end(self) -> TenderStop {
        TenderStop { parties: self.parties.list, location: self.parties.place, goods: self.goods.list, ..self.stop }
    }
}

/// The first time of a role has the field; a second, other one stands among the other times.
fn place_time(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    field: &mut Option<Timestamp>,
    time: TenderTime,
    others: &mut Vec<TenderTime>,
) {
    match field {
        None => *field = Some(time.at),
        Some(known) if *known == time.at => {}
        Some(_) => notes.push(segment.location(), "times", 32, others, time),
    }
}

/// `AT5`: special handling and special services, each with its words beside it.
pub(crate) fn at5(notes: &mut Notes<'_>, at5: Segment<'_>, services: &mut Vec<Code>, most: usize) {
    let words: Option<Text<128>> = notes.text(at5.at(3), "description", at5.element(3));
    for (element, list) in [(1, HANDLING), (2, SERVICES)] {
        let code = notes.code(at5.at(element), list, at5.element(element));
        let code = code.map(|code| Code { source_code: words.clone(), ..code });
        notes.push(at5.location(), "services", most, services, code);
    }
}

/// `NTE` and `K1`: what is said in words.
pub(crate) fn words(notes: &mut Notes<'_>, segment: Segment<'_>, remarks: &mut Vec<TenderRemark>, most: usize) {
    let (subject, words) = match segment.tag() {
        "NTE" => {
            (notes.code(segment.at(1), NOTES, segment.element(1)), segment.element(2).map(|words| words.into_owned()))
        }
        _ => {
            let lines: Vec<_> = [1, 2].into_iter().filter_map(|line| segment.element(line)).collect();
            (None, Some(lines.join(" ")))
        }
    };
    let text = notes.text(segment.location(), "remark", words);
    notes.push(segment.location(), "remarks", most, remarks, references::remark(subject, text));
}
