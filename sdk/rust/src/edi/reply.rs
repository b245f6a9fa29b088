//! What a partner is told of its interchange in its own format: a 997, 999 or CONTRL, written from the findings that the
//! gateway gets as well.
//!
//! A part that is refused is not accepted, and each of its errors is named there by segment, element, position and code, as
//! far as the finding says them. A warning is not told: it is for us to look at, and the part was taken.

use std::collections::BTreeMap;

use portgate_acknowledgements::{self as acknowledgement, Codes, ElementMistake, SegmentMistake};
use portgate_readers::edi::Message as Part;
use portgate_readers::{edifact as read_edifact, x12 as read_x12};
use portgate_writers::{WriteError, Written, edifact as write_edifact, x12 as write_x12};

use super::place::Place;
use crate::agreement::{Agreement, ControlNumbers, Level};
use crate::codes;
use crate::decoded::Decoded;
use crate::finding::{Finding, Mistake, Rejection};
use crate::message::Message;
use crate::part::{PartVerdict, Reply};

/// The setting of an agreement that says with which transaction set X12 is acknowledged: `997`, which it is without it, or
/// `999`.
pub const ACKNOWLEDGE_WITH: &str = "acknowledge_with";

/// The code of warnings that say why there is no reply where one was wanted.
const NO_REPLY: &str = "NO-REPLY";

/// The first version of an interchange that a 999 can stand in.
const ISA_VERSION_999: &str = "00501";

/// What a connector made of an interchange of X12, with the acknowledgement beside it that the agreement wants: a 997 for each
/// group, or a 999 where the setting [`ACKNOWLEDGE_WITH`] says so. Parts begin where sets do
/// ([`Message::location`](portgate_readers::edi::Message::location)); what has no part is taken as a whole.
///
/// Where no acknowledgement was agreed, or there are no control numbers for it, nothing is added. Where it cannot be written, a
/// warning `NO-REPLY` says why. What cannot be cut into segments has no envelope to answer, so it has no reply.
///
/// # Errors
///
/// The rejection that `made` is, with the reply beside it.
pub fn x12(
    message: &Message,
    interchange: &read_x12::Interchange<'_>,
    made: Result<Decoded, Rejection>,
) -> Result<Decoded, Rejection> {
    let Some((agreement, numbers)) = message.acknowledged_under() else { return made };
    let body = x12_reply(message, agreement, numbers, interchange, &Verdicts::of(&made, agreement));
    with_reply(made, "application/edi-x12", body)
}

/// What a connector made of an interchange of EDIFACT, with the CONTRL beside it that the agreement wants. Parts begin where
/// messages do ([`Message::location`](portgate_readers::edi::Message::location)); what has no part is taken as a whole.
///
/// Where no acknowledgement was agreed, or there are no control numbers for it, nothing is added. Where it cannot be written, a
/// warning `NO-REPLY` says why.
///
/// # Errors
///
/// The rejection that `made` is, with the reply beside it.
pub fn edifact(
    message: &Message,
    interchange: &read_edifact::Interchange<'_>,
    made: Result<Decoded, Rejection>,
) -> Result<Decoded, Rejection> {
    let Some((agreement, numbers)) = message.acknowledged_under() else { return made };
    let body = edifact_reply(message, agreement, numbers, interchange, &Verdicts::of(&made, agreement));
    with_reply(made, "application/edifact", body)
}

/// Puts a reply beside what was made, or a warning that there is none.
fn with_reply(
    made: Result<Decoded, Rejection>,
    content_type: &str,
    body: Result<Vec<u8>, Rejection>,
) -> Result<Decoded, Rejection> {
    let (reply, warnings) = match body {
        Ok(body) => (Some(Reply { content_type: content_type.to_owned(), body }), Vec::new()),
        // The message is what it is, whether or not it can be acknowledged.
        Err(why) => (None, why.findings.iter().map(|why| Finding::warning(NO_REPLY, "", why.to_string())).collect()),
    };
    match made {
        Ok(mut decoded) => {
            decoded.reply = reply;
            decoded.findings.extend(warnings);
            Ok(decoded)
        }
        Err(mut rejection) => {
            rejection.reply = reply;
            rejection.findings.extend(warnings);
            Err(rejection)
        }
    }
}

/// What a connector says becomes of the parts of an interchange.
struct Verdicts<'m> {
    /// The findings of each part that is refused, by its place.
    refused: BTreeMap<&'m str, &'m [Finding]>,
    /// Nothing is taken, whatever the parts are by themselves.
    refuses_all: bool,
}

impl<'m> Verdicts<'m> {
    fn of(made: &'m Result<Decoded, Rejection>, agreement: &Agreement) -> Self {
        let (findings, parts) = match made {
            Ok(decoded) => (&decoded.findings, &decoded.parts),
            Err(rejection) => (&rejection.findings, &rejection.parts),
        };
        // What only waits for a code is well written.
        let is_refused =
            |part: &&crate::part::Part| part.verdict == PartVerdict::Refused && !codes::only_awaited(&part.findings);
        let refused = parts.iter().filter(is_refused);
        let refused: BTreeMap<_, _> = refused.map(|part| (part.location.as_str(), part.findings.as_slice())).collect();
        let mut errors = findings.iter().filter(|finding| finding.severity.rejects());
        let is_refused_as_a_whole = made.is_err() && errors.any(|finding| finding.code != codes::AWAITED);
        let refuses_all = is_refused_as_a_whole || (agreement.all_or_nothing && !refused.is_empty());
        Verdicts { refused, refuses_all }
    }

    /// Why a part is refused, in the order of its segments; nothing where it is not refused for itself.
    fn reasons(&self, part: &Part<'_>, codes: Codes) -> Vec<Reason> {
        let findings = self.refused.get(part.location().as_str()).copied().unwrap_or_default();
        let errors = findings.iter().filter(|finding| finding.severity.rejects());
        let mut reasons: Vec<Reason> = errors.map(|finding| Reason::of(finding, part, codes)).collect();
        reasons.sort_by_key(|reason| match reason {
            Reason::Place(finding) => finding.position,
            Reason::Whole(_) => 0,
        });
        reasons
    }
}

/// Why a part is refused, in the words of an acknowledgement.
enum Reason {
    /// Something in it is wrong.
    Place(acknowledgement::Finding),
    /// The part is refused as a whole, with this code.
    Whole(&'static str),
}

impl Reason {
    fn of(finding: &Finding, part: &Part<'_>, codes: Codes) -> Self {
        let words = Words::of(codes);
        let mistake = finding.mistake.or_else(|| meaning(&finding.code));
        let first = part.segments().next().map_or(1, |first| first.number());
        let place = Place::of(&finding.location);
        let segment = place.and_then(|place| part.segments().nth(place.segment.checked_sub(first)?));
        let (Some(place), Some(segment)) = (place, segment) else { return Reason::Whole(words.whole) };
        let found = acknowledgement::Finding::in_segment(part, &segment);
        Reason::Place(match (mistake, place.element) {
            (Some(Mistake::Unsupported), _) => return Reason::Whole(words.unsupported),
            (Some(Mistake::MissingSegment(tag)), _) => found.missing(codes, tag),
            (Some(Mistake::Segment(mistake)), _) => found.segment_mistake(codes, mistake),
            (mistake, Some(element)) => {
                let mistake = match mistake {
                    Some(Mistake::Element(mistake)) => mistake,
                    _ => ElementMistake::InvalidCode,
                };
                let value = segment.element(element as usize).unwrap_or_default();
                let found = found.element(element).mistake(codes, mistake).value(value);
                match place.component {
                    Some(component) => found.component(component),
                    None => found,
                }
            }
            // The header's own place says no more than that the part is meant.
            (_, None) if segment.number() == first => return Reason::Whole(words.whole),
            (_, None) => found.code(words.segment),
        })
    }
}

/// What a code of the SDK, and of the connectors that follow it, says is wrong.
fn meaning(code: &str) -> Option<Mistake> {
    Some(match code {
        "MISSING" => ElementMistake::Missing.into(),
        "TOO-LONG" => ElementMistake::TooLong.into(),
        "TIME" => ElementMistake::InvalidDate.into(),
        "edi-encoding" => ElementMistake::InvalidCharacter.into(),
        "edi-segment-tag" => SegmentMistake::Unrecognized.into(),
        _ => return None,
    })
}

/// What a standard calls a mistake of which no more is known.
struct Words {
    /// The part is refused, as a whole.
    whole: &'static str,
    /// Parts of its type are not taken.
    unsupported: &'static str,
    /// Something is wrong in a segment.
    segment: &'static str,
}

impl Words {
    fn of(codes: Codes) -> Self {
        match codes {
            // 718: segments are in error; the set is not supported. 720: the segment has errors in its elements.
            Codes::X12 => Words { whole: "5", unsupported: "1", segment: "8" },
            // 0085: unspecified error; no agreement.
            Codes::Edifact => Words { whole: "18", unsupported: "17", segment: "18" },
        }
    }
}

fn x12_reply(
    message: &Message,
    agreement: &Agreement,
    numbers: ControlNumbers,
    interchange: &read_x12::Interchange<'_>,
    verdicts: &Verdicts<'_>,
) -> Result<Vec<u8>, Rejection> {
    use acknowledgement::x12::{Answer, Guide};
    let guide = match agreement.setting(ACKNOWLEDGE_WITH) {
        None | Some("997") => Guide::X997,
        Some("999") => Guide::X999,
        Some(_) => {
            let detail = format!("The agreement `{}` says to {ACKNOWLEDGE_WITH} neither 997 nor 999.", agreement.name);
            return Err(Finding::error("SETTING", "", detail).into());
        }
    };
    let mut answer = Answer::of(guide, interchange);
    for (index, set) in interchange.messages().enumerate() {
        for reason in verdicts.reasons(&set, guide.into()) {
            let Some(mut set) = answer.set(index) else { break };
            match reason {
                Reason::Place(finding) => set.reject(finding),
                Reason::Whole(code) => set.reject_for(code),
            }
        }
    }
    let groups = answer.acknowledgements.len();
    if verdicts.refuses_all {
        (0..groups).for_each(|group| answer.reject_group(group, &[]));
    }
    enough(numbers, groups, "functional group")?;
    let agreed = agreement.x12_header(numbers, &message.received_at)?;
    let came = interchange.segments().next().and_then(|isa| write_x12::InterchangeHeader::of(&isa));
    // The partner reads what it writes itself.
    let mut header = match came {
        Some(came) => write_x12::InterchangeHeader { version: came.version, separators: came.separators, ..agreed },
        None => agreed,
    };
    if guide == Guide::X999 && header.version.as_str() < ISA_VERSION_999 {
        ISA_VERSION_999.clone_into(&mut header.version);
    }
    let named = |identifier: Option<&crate::agreement::Identifier>| identifier.map(|group| group.value.clone());
    let (ours, theirs) = (named(agreement.our(Level::Group)), named(agreement.their(Level::Group)));
    let answer = answer.addressed(ours.as_deref(), theirs.as_deref());
    bytes(answer.write(&header, numbers.group, numbers.first_message))
}

fn edifact_reply(
    message: &Message,
    agreement: &Agreement,
    numbers: ControlNumbers,
    interchange: &read_edifact::Interchange<'_>,
    verdicts: &Verdicts<'_>,
) -> Result<Vec<u8>, Rejection> {
    use acknowledgement::edifact::{Answer, Contrl};
    let mut answer = Answer::of(interchange);
    for (index, part) in interchange.messages().enumerate() {
        let reasons = verdicts.reasons(&part, Contrl.into());
        let Some(mut said) = answer.message(index) else { continue };
        if reasons.is_empty() && verdicts.refuses_all {
            said.reject_for(Words::of(Codes::Edifact).whole);
        }
        for reason in reasons {
            match reason {
                Reason::Place(finding) => said.reject(finding),
                Reason::Whole(code) => said.reject_for(code),
            }
        }
    }
    let interchanges = answer.acknowledgements.len();
    for index in 0..interchanges {
        if verdicts.refuses_all && answer.acknowledgements[index].all_sets().next().is_none() {
            answer.reject_interchange(index, LEVEL_BELOW_EMPTY, None);
        }
    }
    enough(numbers, interchanges, "interchange")?;
    let came = interchange.segments().next().and_then(|unb| write_edifact::InterchangeHeader::of(&unb));
    let agreed = agreement.edifact_header(("UNOC", 3), numbers, &message.received_at)?;
    // The partner reads what it writes itself.
    let header = match came {
        Some(write_edifact::InterchangeHeader { syntax, version, encoding, separators, .. }) => {
            write_edifact::InterchangeHeader { syntax, version, encoding, separators, ..agreed }
        }
        None => agreed,
    };
    bytes(answer.write(&header, numbers.first_message))
}

/// The interchange has no message (0085).
const LEVEL_BELOW_EMPTY: &str = "32";

/// Whether there is something to acknowledge, and a number for each acknowledgement of it.
fn enough(numbers: ControlNumbers, wanted: usize, what: &str) -> Result<(), Finding> {
    let given = numbers.messages as usize;
    match wanted {
        0 => Err(Finding::error("NOTHING", "", format!("There is no {what} whose sender could be told."))),
        wanted if wanted > given => {
            let detail =
                format!("{wanted} acknowledgements are needed, one for each {what}, and {given} have a number.");
            Err(Finding::error("CONTROL-NUMBERS", "", detail))
        }
        _ => Ok(()),
    }
}

fn bytes(written: Result<Written, WriteError>) -> Result<Vec<u8>, Rejection> {
    Ok(written?.bytes)
}

#[cfg(test)]
mod tests;
