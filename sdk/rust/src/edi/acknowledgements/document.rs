//! An acknowledgement that was read, as the canonical document.

use std::collections::HashSet;

use portgate_acknowledgements::{
    Acknowledgement, Context, ElementPlace, Finding as Found, GroupVerdict, InterchangeVerdict, Kind, Party,
    SetVerdict, Verdict,
};
use portgate_canonical::{
    self as canonical, AcknowledgedGroup, AcknowledgedInterchange, AcknowledgedMessage, AcknowledgementFinding,
    AcknowledgementMessage, AcknowledgementVerdict, EnvelopeParty, Reference, Source, Text,
};

use crate::decoded::Decoded;
use crate::finding::Finding;

/// Most groups, messages, findings of a message and references that a document has room for.
const GROUPS_MAX: usize = 1_000;
const MESSAGES_MAX: usize = 10_000;
const FINDINGS_MAX: usize = 100;
const REFERENCES_MAX: usize = 64;

/// Makes a document, and notes what it could not make of what was said, at its place.
pub(super) struct Mapping<'m> {
    pub(super) decoded: &'m mut Decoded,
    pub(super) at: &'m str,
}

/// What a message is called in the document.
pub(super) fn message(kind: Kind) -> &'static str {
    match kind {
        Kind::Ta1 => "TA1",
        Kind::X997 => "997",
        Kind::X999 => "999",
        Kind::Contrl => "CONTRL",
        Kind::Aperak => "APERAK",
    }
}

impl Mapping<'_> {
    /// The document; nothing where it would not say what is acknowledged, or would lose what identifies something.
    pub(super) fn document(
        &mut self,
        said: &Acknowledgement,
        id: Text<128>,
        source: Source,
    ) -> Option<canonical::Acknowledgement> {
        let messages = said.all_sets().count();
        if said.groups.len() > GROUPS_MAX || messages > MESSAGES_MAX {
            let groups = said.groups.len();
            let detail = format!(
                "The acknowledgement names {groups} groups and {messages} messages; {GROUPS_MAX} and {MESSAGES_MAX} are the most."
            );
            self.decoded.finding(Finding::error("TOO-MANY", self.at, detail));
            return None;
        }
        if said.kind == Kind::Aperak && said.references.is_empty() {
            let detail = "The APERAK has no `RFF` that says which message it is about.";
            self.decoded.finding(Finding::error("MISSING", self.at, detail));
            return None;
        }
        let interchange = match &said.interchange {
            Some(interchange) => Some(self.interchange(interchange)?),
            None => None,
        };
        let groups = said.groups.iter().map(|group| self.group(group)).collect::<Option<Vec<_>>>()?;
        let of_groups =
            said.groups.iter().flat_map(|group| group.sets.iter().map(move |set| (&*group.control_number, set)));
        let named = of_groups.chain(said.sets.iter().map(|set| ("", set)));
        let messages = named.map(|(group, set)| self.set(said.kind, group, set)).collect();
        Some(canonical::Acknowledgement {
            id,
            version: Text::new("1").expect("a version"),
            source,
            message: match said.kind {
                Kind::Ta1 => AcknowledgementMessage::Ta1,
                Kind::X997 => AcknowledgementMessage::X997,
                Kind::X999 => AcknowledgementMessage::X999,
                Kind::Contrl => AcknowledgementMessage::Contrl,
                Kind::Aperak => AcknowledgementMessage::Aperak,
            },
            interchange,
            references: self.references(said),
            groups,
            messages,
        })
    }

    fn interchange(&mut self, said: &InterchangeVerdict) -> Option<AcknowledgedInterchange> {
        if let Some((segment, element)) = &said.place {
            let segment: String = segment.chars().take(16).collect();
            let place = if *element > 0 { format!("{segment}, element {element}") } else { segment };
            let detail = format!("The partner says that {place} of the interchange's envelope is wrong.");
            self.decoded.finding(Finding::info("ENVELOPE", self.at, detail));
        }
        Some(AcknowledgedInterchange {
            reference: self.named("interchange", &said.control_number)?,
            verdict: verdict(said.verdict),
            sender: self.party(&said.sender),
            receiver: self.party(&said.receiver),
            made: self.identifier("time of the interchange", &said.made),
            errors: self.codes([said.error.as_str()]),
        })
    }

    fn party(&mut self, party: &Party) -> Option<EnvelopeParty> {
        let id = self.identifier("identifier of a side", &party.id)?;
        Some(EnvelopeParty { id, qualifier: self.identifier("scheme of an identifier", &party.qualifier) })
    }

    fn group(&mut self, said: &GroupVerdict) -> Option<AcknowledgedGroup> {
        Some(AcknowledgedGroup {
            reference: self.named("group", &said.control_number)?,
            verdict: verdict(said.verdict),
            functional_id: self.identifier("functional identifier", &said.functional_id),
            version: self.identifier("version of the group", &said.version),
            errors: self.codes(said.errors.iter().map(String::as_str)),
        })
    }

    fn set(&mut self, kind: Kind, group: &str, said: &SetVerdict) -> AcknowledgedMessage {
        if said.findings.len() > FINDINGS_MAX {
            let detail = format!(
                "The partner finds {} things wrong with one message; the first {FINDINGS_MAX} are kept.",
                said.findings.len()
            );
            self.decoded.finding(Finding::warning("MORE-FINDINGS", self.at, detail));
        }
        AcknowledgedMessage {
            verdict: verdict(said.verdict),
            group: self.identifier("control number of the group", group),
            r#type: self.identifier("type of the message", &said.kind),
            reference: self.identifier("control number of the message", &said.control_number),
            errors: self.codes(said.errors.iter().map(String::as_str)),
            findings: said.findings.iter().take(FINDINGS_MAX).map(|found| self.finding(kind, found)).collect(),
        }
    }

    fn finding(&mut self, kind: Kind, said: &Found) -> AcknowledgementFinding {
        let stated = |number: u32| Some(number).filter(|number| *number > 0);
        let place = said.element.clone().unwrap_or_default();
        // APERAK has words where the others repeat a value.
        let (value, words) = match kind {
            Kind::Aperak => ("", said.value.clone()),
            _ => (said.value.as_str(), words(said)),
        };
        AcknowledgementFinding {
            segment: self.identifier("tag of a segment", &said.segment),
            position: stated(said.position),
            element: stated(place.element),
            component: stated(place.component),
            repetition: stated(place.repetition),
            code: self.identifier("code of a finding", &said.code),
            value: self.decoded.free_text(self.at, "value that is wrong", value),
            text: self.decoded.free_text(self.at, "text of a finding", &words),
        }
    }

    /// The control numbers that are acknowledged, and what the message was called. Where there is not room for all of them,
    /// those of what was refused are kept first; the others stand in the document alone.
    fn references(&mut self, said: &Acknowledgement) -> Vec<Reference> {
        let interchange = said.interchange.iter().map(|one| ("interchange".to_owned(), one.control_number.as_str()));
        let groups = said.groups.iter().map(|one| ("group".to_owned(), one.control_number.as_str()));
        let sets = |refused: bool| {
            let sets = said.all_sets().filter(move |set| (set.verdict == Verdict::Rejected) == refused);
            sets.map(|one| ("message".to_owned(), one.control_number.as_str()))
        };
        let names = said.references.iter().map(|name| (scheme(&name.qualifier), name.value.as_str()));
        let all = names.chain(interchange).chain(groups).chain(sets(true)).chain(sets(false));
        let mut known = HashSet::new();
        let distinct: Vec<(String, &str)> =
            all.filter(|name| !name.1.is_empty() && known.insert(name.clone())).collect();
        if distinct.len() > REFERENCES_MAX {
            let detail = format!(
                "The acknowledgement names {} numbers, and {REFERENCES_MAX} of them, those of what was refused first, are \
                 references; all stand in the document.",
                distinct.len()
            );
            self.decoded.finding(Finding::info("REFERENCES-LEFT-OUT", self.at, detail));
        }
        let kept = distinct.into_iter().take(REFERENCES_MAX);
        kept.filter_map(|(scheme, value)| self.decoded.reference(self.at, &scheme, value)).collect()
    }

    /// The control number of what is acknowledged, without which nobody knows what the acknowledgement is about.
    fn named(&mut self, what: &str, number: &str) -> Option<Text<64>> {
        if number.is_empty() {
            let detail = format!("The acknowledgement does not say the control number of the {what} that it is about.");
            self.decoded.finding(Finding::error("MISSING", self.at, detail));
            return None;
        }
        self.identifier(&format!("control number of the {what}"), number)
    }

    fn identifier<const MAX: usize>(&mut self, what: &str, text: &str) -> Option<Text<MAX>> {
        self.decoded.identifier(self.at, what, text)
    }

    fn codes<'c>(&mut self, codes: impl IntoIterator<Item = &'c str>) -> Vec<Text<16>> {
        codes.into_iter().filter_map(|code| self.identifier("code of an error", code)).collect()
    }
}

fn verdict(said: Verdict) -> AcknowledgementVerdict {
    match said {
        Verdict::Received => AcknowledgementVerdict::Received,
        Verdict::Accepted => AcknowledgementVerdict::Accepted,
        Verdict::AcceptedWithErrors => AcknowledgementVerdict::AcceptedWithErrors,
        Verdict::PartlyAccepted => AcknowledgementVerdict::PartlyAccepted,
        Verdict::Rejected => AcknowledgementVerdict::Rejected,
    }
}

/// The scheme of a reference by its qualifier (1153). What has no scheme of its own is kept under the partner's qualifier,
/// such as `edifact:ACW`.
fn scheme(qualifier: &str) -> String {
    let known = match qualifier {
        "BM" => "transport-document",
        "BN" => "booking",
        "IV" => "invoice",
        "ON" => "order",
        _ => return format!("edifact:{qualifier}"),
    };
    known.to_owned()
}

/// What else a finding says of its place, which the document has no fields for: loop, number of the data element, and what
/// it is connected with (`CTX` of 999).
fn words(found: &Found) -> String {
    let contexts = found.contexts.iter().map(context);
    let loop_id = Some(&found.loop_id).filter(|id| !id.is_empty()).map(|id| format!("loop {id}"));
    let words = loop_id.into_iter().chain(found.element.as_ref().and_then(data_element)).chain(contexts);
    words.collect::<Vec<_>>().join("; ")
}

fn data_element(place: &ElementPlace) -> Option<String> {
    Some(&place.reference).filter(|number| !number.is_empty()).map(|number| format!("data element {number}"))
}

fn context(context: &Context) -> String {
    let Context { name, value, segment, position, loop_id, element } = context;
    let mut words = [name.as_str(), value].join(" ").trim_end().to_owned();
    if !segment.is_empty() {
        words += &format!(" at segment {position} {segment}");
    }
    if !loop_id.is_empty() {
        words += &format!(", loop {loop_id}");
    }
    if let Some(place) = element {
        words += &format!(", element {}", place.element);
        if place.component > 0 {
            words += &format!(", component {}", place.component);
        }
        words.extend(data_element(place).map(|number| format!(", {number}")));
    }
    words
}
