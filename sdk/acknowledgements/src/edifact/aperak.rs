//! What a partner says in APERAK. It speaks of one message and calls it by whatever both know it by.

use portgate_readers::edi::Message;

use super::read::text;
use crate::finding::Finding;
use crate::model::{Acknowledgement, Kind, Read, Reference, SetVerdict};
use crate::verdict::Verdict;

/// Reads an APERAK. What became of the message says the name of `BGM` (1001: 312 acknowledges, 313 reports errors), else its
/// function (1225). Where neither is there it says so by itself: its purpose is to reject a message for errors that it names,
/// or to acknowledge it.
pub(super) fn read(message: &Message<'_>, read: &mut Read) {
    let Some(bgm) = message.first("BGM") else {
        return read.note("acknowledgement-incomplete", message.location(), "there is no BGM");
    };
    let mut findings: Vec<Finding> = Vec::new();
    let mut references = Vec::new();
    for segment in message.segments() {
        match segment.tag() {
            "RFF" if findings.is_empty() => {
                references.push(Reference { qualifier: text(&segment, 1, 1), value: text(&segment, 1, 2) });
            }
            // What a finding is about, such as a line of the order.
            "RFF" => {
                if let Some(finding) = findings.last_mut() {
                    let name = [text(&segment, 1, 1), text(&segment, 1, 2)].join(" ");
                    say(finding, name.trim());
                }
            }
            "ERC" => findings.push(Finding { code: text(&segment, 1, 1), ..Finding::default() }),
            "FTX" => {
                if let Some(finding) = findings.last_mut() {
                    let said = segment
                        .composite(4)
                        .map(|text| text.components().collect::<Vec<_>>().join(" "))
                        .unwrap_or_default();
                    say(finding, &said);
                }
            }
            _ => {}
        }
    }
    let accepted = if findings.is_empty() { Verdict::Accepted } else { Verdict::AcceptedWithErrors };
    let verdict = match (&*text(&bgm, 1, 1), &*text(&bgm, 3, 1)) {
        ("313", _) | (_, "10" | "12" | "27") => Verdict::Rejected,
        ("312", _) | (_, "29" | "44") => accepted,
        (_, "28" | "30" | "34") => Verdict::AcceptedWithErrors,
        ("", "") if findings.is_empty() => Verdict::Accepted,
        ("", "") => Verdict::Rejected,
        _ => {
            let detail = "neither the name nor the function of BGM says whether the message is accepted";
            return read.note("acknowledgement-verdict", bgm.location(), detail);
        }
    };
    let set = SetVerdict {
        kind: String::new(),
        control_number: String::new(),
        edition: String::new(),
        verdict,
        errors: Vec::new(),
        findings,
    };
    read.acknowledgements.push(Acknowledgement { sets: vec![set], references, ..Acknowledgement::of(Kind::Aperak) });
}

/// Adds to what is said of a finding.
fn say(finding: &mut Finding, said: &str) {
    if !finding.value.is_empty() && !said.is_empty() {
        finding.value.push(' ');
    }
    finding.value += said;
}
