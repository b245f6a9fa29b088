//! CONTRL as an interchange.

use portgate_writers::edifact::{InterchangeHeader, MessageType, MessageWriter, Writer};
use portgate_writers::{WriteError, Written};

use super::action;
use crate::finding::Finding;
use crate::model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, SetVerdict};
use crate::verdict::Verdict;

/// The first syntax version with a CONTRL of its own.
const VERSION_4: u8 = 4;

/// Writes a CONTRL for each acknowledgement that is one, numbered from `first_message` on: `CONTRL:D:3:UN`, with syntax
/// version 4 `CONTRL:4:1:UN`. If an interchange or a group is rejected, everything in it is rejected too and is not
/// named. Of several codes of one message the first is written.
///
/// # Errors
/// What cannot be written; see [`portgate_writers`].
pub fn write(
    acknowledgements: &[Acknowledgement],
    header: &InterchangeHeader,
    first_message: u64,
) -> Result<Written, WriteError> {
    let (version, release) = if header.version < VERSION_4 { ("D", "3") } else { ("4", "1") };
    let kind = MessageType::un("CONTRL", version, release);
    let mut writer = Writer::new(header);
    let reports = acknowledgements.iter().filter(|one| one.kind == Kind::Contrl);
    let reports = reports.filter_map(|one| Some((one, one.interchange.as_ref()?)));
    for (number, (acknowledgement, interchange)) in (first_message..).zip(reports) {
        let mut message = writer.message(number, &kind);
        interchange_verdict(&mut message, interchange);
        if interchange.verdict == Verdict::Rejected {
            continue;
        }
        // What stands behind a group is part of it.
        acknowledgement.sets.iter().for_each(|set| set_verdict(&mut message, set));
        acknowledgement.groups.iter().for_each(|group| group_verdict(&mut message, group));
    }
    writer.finish()
}

fn interchange_verdict(message: &mut MessageWriter<'_>, interchange: &InterchangeVerdict) {
    let InterchangeVerdict { control_number, sender, receiver, verdict, error, place, .. } = interchange;
    let uci = message.segment("UCI").element(control_number).composite(party(sender)).composite(party(receiver));
    let uci = uci.elements((action(*verdict), error));
    if let Some((segment, element)) = place {
        // The tag counts as the first.
        uci.elements((segment, element.saturating_add(1)));
    }
}

fn group_verdict(message: &mut MessageWriter<'_>, group: &GroupVerdict) {
    let ucf = message.segment("UCF").element(&group.control_number);
    let ucf = ucf.composite(party(&group.sender)).composite(party(&group.receiver));
    ucf.elements((action(group.verdict), group.errors.first()));
    if group.verdict != Verdict::Rejected {
        group.sets.iter().for_each(|set| set_verdict(message, set));
    }
}

fn set_verdict(message: &mut MessageWriter<'_>, set: &SetVerdict) {
    let kind: Vec<&str> = std::iter::once(&*set.kind).chain(set.edition.split(':')).collect();
    let ucm = message.segment("UCM").element(&set.control_number).composite(kind);
    ucm.elements((action(set.verdict), set.errors.first()));
    let mut before: Option<&Finding> = None;
    for finding in &set.findings {
        let goes_on = before.is_some_and(|before| before.position == finding.position);
        let Some(place) = &finding.element else {
            message.segment("UCS").elements((finding.position, &finding.code));
            before = Some(finding);
            continue;
        };
        if !goes_on {
            message.segment("UCS").element(finding.position);
        }
        let stated = |number: u32| Some(number).filter(|number| *number > 0);
        // Either a component or a repetition is named (ISO 9735-4, S011, dependency note 1).
        let repetition = stated(place.repetition).filter(|_| place.component == 0);
        let parts = (place.element.saturating_add(1), stated(place.component), repetition);
        message.segment("UCD").element(&finding.code).composite(parts);
        before = Some(finding);
    }
}

fn party(party: &Party) -> (&str, &str) {
    (&party.id, &party.qualifier)
}
