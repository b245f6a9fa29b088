//! Acknowledgements of X12 as an interchange.

use portgate_writers::x12::{CharacterSet, GroupHeader, InterchangeHeader, SetWriter, Writer};
use portgate_writers::{Missing, WriteError, Written};

use super::{HAS_ELEMENT_ERRORS, code};
use crate::finding::{Context, ElementPlace, Finding};
use crate::model::{Acknowledgement, GroupVerdict, Kind, SetVerdict};

/// The most codes that a trailer has room for.
const CODES_MAX: usize = 5;
/// The longest copy of a value that is wrong (724).
const VALUE_MAX: usize = 99;
/// The longest interchange.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Writes acknowledgements: first each `TA1`, then a group with a set for each group that is acknowledged, numbered from
/// `first_set` on. Others are passed over. A value that cannot be repeated, because it holds a separator or a character
/// beyond ASCII, is left out; of more than five codes of one set or group the first five are written.
///
/// # Errors
/// What cannot be written; see [`portgate_writers`].
pub fn write(
    acknowledgements: &[Acknowledgement],
    header: &InterchangeHeader,
    group: &GroupHeader,
    first_set: u64,
) -> Result<Written, WriteError> {
    let mut writer = Writer::with(header, CharacterSet::Utf8, Missing::Refuse, BYTES_MAX);
    for interchange in
        acknowledgements.iter().filter(|one| one.kind == Kind::Ta1).filter_map(|one| one.interchange.as_ref())
    {
        let (date, time) = interchange.made.split_at_checked(6).unwrap_or((&interchange.made, ""));
        let error = if interchange.error.is_empty() { "000" } else { &interchange.error };
        let elements = (&*interchange.control_number, date, time, code(interchange.verdict), error);
        writer.interchange_acknowledgement(elements);
    }
    let acknowledged = acknowledgements.iter().filter(|one| matches!(one.kind, Kind::X997 | Kind::X999));
    let mut acknowledged = acknowledged.flat_map(|one| one.groups.iter().map(|group| (one.kind, group))).peekable();
    if acknowledged.peek().is_some() {
        let mut sets = writer.group(group);
        for (number, (kind, verdict)) in (first_set..).zip(acknowledged) {
            let mut set = match kind {
                Kind::X999 => sets.set_of_guide("999", number, &group.version),
                _ => sets.set("997", number),
            };
            group_verdict(&mut set, kind, verdict);
        }
    }
    writer.finish()
}

fn group_verdict(out: &mut SetWriter<'_>, kind: Kind, group: &GroupVerdict) {
    out.segment("AK1").elements((&*group.functional_id, &*group.control_number, &*group.version));
    for set in &group.sets {
        set_verdict(out, kind, set);
    }
    let [included, received, accepted] = group.counts.unwrap_or_default();
    out.segment("AK9").elements((code(group.verdict), included, received, accepted)).elements(first(&group.errors));
}

fn set_verdict(out: &mut SetWriter<'_>, kind: Kind, set: &SetVerdict) {
    let (segment_tag, element_tag, trailer) = match kind {
        Kind::X999 => ("IK3", "IK4", "IK5"),
        _ => ("AK3", "AK4", "AK5"),
    };
    out.segment("AK2").elements((&*set.kind, &*set.control_number, &*set.edition));
    let mut before: Option<&Finding> = None;
    for finding in &set.findings {
        let goes_on = finding.element.is_some() && before.is_some_and(|before| before.shares_segment(finding));
        if !goes_on {
            let code = if finding.element.is_some() { HAS_ELEMENT_ERRORS } else { &finding.code };
            let Finding { segment, position, loop_id, .. } = finding;
            out.segment(segment_tag).elements((&**segment, *position, &**loop_id, code));
        }
        if let Some(place) = &finding.element {
            let is_repeatable = finding.value.is_ascii() && out.can_write(&finding.value);
            let value: String = finding.value.chars().take(if is_repeatable { VALUE_MAX } else { 0 }).collect();
            out.segment(element_tag).composite(parts(place)).elements((&*place.reference, &*finding.code, value));
        }
        if kind == Kind::X999 {
            finding.contexts.iter().for_each(|one| context(out, one));
        }
        before = Some(finding);
    }
    out.segment(trailer).element(code(set.verdict)).elements(first(&set.errors));
}

fn first(codes: &[String]) -> &[String] {
    &codes[..codes.len().min(CODES_MAX)]
}

/// C030: what is not said is empty.
fn parts(place: &ElementPlace) -> [Option<u32>; 3] {
    [place.element, place.component, place.repetition].map(|number| Some(number).filter(|number| *number > 0))
}

fn context(out: &mut SetWriter<'_>, context: &Context) {
    let position = Some(context.position).filter(|position| *position > 0);
    let segment = out.segment("CTX").composite((&*context.name, &*context.value)).elements((
        &*context.segment,
        position,
        &*context.loop_id,
    ));
    if let Some(place) = &context.element {
        segment.composite(parts(place)).element(&*place.reference);
    }
}
