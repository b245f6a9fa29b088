//! What partners say of what they were sent: each acknowledgement of an interchange as a canonical document, set by set.

mod document;

use portgate_acknowledgements::{self as acknowledgement, Read};
use portgate_canonical::{Source, Text};
use portgate_readers::edi::{Limits, Message as Part, Segment};
use portgate_readers::{Anomaly, edifact as read_edifact, x12 as read_x12};

use self::document::Mapping;
use crate::decoded::Decoded;
use crate::delivery::Response;
use crate::finding::{Finding, Rejection};
use crate::message::Message;

/// The acknowledgements of an interchange of X12: a document for each 997, 999 and `TA1`. A set that is none of these, or
/// cannot be read, is refused by itself.
///
/// # Errors
///
/// It is no X12, or none of it is an acknowledgement that can be read.
pub fn x12<'p>(payload: impl Into<Payload<'p>>) -> Result<Decoded, Rejection> {
    let payload = payload.into();
    let interchange = read_x12::Interchange::parse(payload.body(), &Limits::default())?;
    let mut said = Said::of(payload, interchange.anomalies());
    let mut isa = None;
    for segment in interchange.segments() {
        if segment.tag() == "ISA" {
            isa = Some(segment);
        }
        if let Some(read) = acknowledgement::x12::read_segment(&segment) {
            let (at, envelope) = (segment.location(), Envelope::x12(isa, None));
            let is_refused = said.part(&at, envelope.number(), |said| said.acknowledgement(read, &at, &envelope));
            if is_refused {
                segment.pass_over();
            }
        }
    }
    for set in interchange.messages() {
        let envelope = Envelope::x12(set.interchange(), Some(set));
        said.set(set, &envelope, acknowledgement::x12::read_set(&set), "997, 999 and TA1");
    }
    said.finish()
}

/// The acknowledgements of an interchange of EDIFACT: a document for each CONTRL and APERAK. A message that is none of these,
/// or cannot be read, is refused by itself.
///
/// # Errors
///
/// It is no EDIFACT, or none of it is an acknowledgement that can be read.
pub fn edifact<'p>(payload: impl Into<Payload<'p>>) -> Result<Decoded, Rejection> {
    let payload = payload.into();
    let interchange = read_edifact::Interchange::parse(payload.body(), &Limits::default())?;
    let mut said = Said::of(payload, interchange.anomalies());
    for message in interchange.messages() {
        let envelope = Envelope::edifact(message);
        said.set(message, &envelope, acknowledgement::edifact::read_message(&message), "CONTRL and APERAK");
    }
    said.finish()
}

/// What acknowledgements are read of: a message of a partner, or its answer to a request.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'p> {
    /// A message.
    Message(&'p Message),
    /// An answer.
    Answer(&'p Response),
}

impl<'p> From<&'p Message> for Payload<'p> {
    fn from(message: &'p Message) -> Self {
        Payload::Message(message)
    }
}

impl<'p> From<&'p Response> for Payload<'p> {
    fn from(answer: &'p Response) -> Self {
        Payload::Answer(answer)
    }
}

impl<'p> Payload<'p> {
    fn body(self) -> &'p [u8] {
        match self {
            Payload::Message(message) => &message.body,
            Payload::Answer(answer) => &answer.body,
        }
    }

    /// Where a document of it comes from: of an answer its sender is known by the envelope alone.
    fn source(self, message_id: Option<Text<128>>, sender: &str) -> Source {
        match self {
            Payload::Message(message) => message.source(message_id, None),
            Payload::Answer(answer) => {
                let unnamed = || Text::new("unnamed").expect("a word is short");
                answer.source(Text::new(sender).unwrap_or_else(|_| unnamed()), message_id)
            }
        }
    }
}

/// The envelopes that an acknowledgement came in, by which it is told from others: the sender's own names and numbers.
struct Envelope {
    /// Who sent the interchange: scheme and identifier.
    sender: [String; 2],
    /// When it was made, as its envelope says.
    made: String,
    /// The control numbers of the interchange, the group and the message, those that there are.
    numbers: Vec<String>,
}

impl Envelope {
    fn x12(isa: Option<Segment<'_>>, set: Option<Part<'_>>) -> Self {
        let text = |segment: Option<Segment<'_>>, element| text(segment, element, 1);
        let (gs, st) = (set.and_then(|set| set.group()), set.and_then(|set| set.header()));
        Envelope {
            sender: [text(isa, 5), text(isa, 6)],
            made: [text(isa, 9), text(isa, 10)].join(":"),
            numbers: numbers([text(isa, 13), text(gs, 6), text(st, 2)]),
        }
    }

    fn edifact(message: Part<'_>) -> Self {
        let (unb, ung, unh) = (message.interchange(), message.group(), message.header());
        Envelope {
            sender: [text(unb, 2, 2), text(unb, 2, 1)],
            made: [text(unb, 4, 1), text(unb, 4, 2)].join(":"),
            numbers: numbers([text(unb, 5, 1), text(ung, 5, 1), text(unh, 1, 1)]),
        }
    }

    /// The innermost control number: what the sender calls the part.
    fn number(&self) -> &str {
        self.numbers.last().map(String::as_str).unwrap_or_default()
    }
}

fn text(segment: Option<Segment<'_>>, element: usize, component: usize) -> String {
    segment.and_then(|segment| segment.component(element, component)).unwrap_or_default().trim().to_owned()
}

fn numbers(numbers: [String; 3]) -> Vec<String> {
    numbers.into_iter().filter(|number| !number.is_empty()).collect()
}

/// What was read so far.
struct Said<'p> {
    payload: Payload<'p>,
    decoded: Decoded,
}

impl<'p> Said<'p> {
    fn of(payload: Payload<'p>, anomalies: &[Anomaly]) -> Self {
        let mut decoded = Decoded::new();
        for anomaly in anomalies {
            decoded.finding(anomaly.clone());
        }
        Said { payload, decoded }
    }

    /// Reads one part, and says whether it is refused.
    fn part(&mut self, at: &str, number: &str, read: impl FnOnce(&mut Self)) -> bool {
        if !self.decoded.is_overfull() {
            self.decoded.part(at, number);
            read(self);
        }
        self.decoded.is_part_refused()
    }

    /// Takes one set or message, of which this was read where it is an acknowledgement.
    fn set(&mut self, set: Part<'_>, envelope: &Envelope, read: Option<Read>, taken: &str) {
        let at = set.location();
        let is_refused = self.part(&at, envelope.number(), |said| match (set.broken(), read) {
            (Some(broken), _) => {
                said.decoded.finding(broken);
            }
            (None, Some(read)) => said.acknowledgement(read, &at, envelope),
            (None, None) => {
                let kind: String = set.kind().unwrap_or_default().chars().take(16).collect();
                let detail = format!("This is a message `{kind}`; only {taken} are taken under this contract.");
                said.decoded.finding(Finding::error("NOT-AN-ACKNOWLEDGEMENT", &at, detail));
            }
        });
        if is_refused {
            set.pass_over();
        }
    }

    /// Makes documents of what one part says. What could not be used of it refuses it where nothing else is left.
    fn acknowledgement(&mut self, read: Read, at: &str, envelope: &Envelope) {
        let is_lost = read.acknowledgements.is_empty();
        for anomaly in read.anomalies {
            let finding = Finding::from(anomaly);
            self.decoded.finding(match is_lost {
                true => Finding::error(finding.code, finding.location, finding.detail),
                false => finding,
            });
        }
        let position = self.decoded.parts.len();
        for said in &read.acknowledgements {
            let message_id = self.decoded.identifier(at, "control numbers", &envelope.numbers.join("/"));
            let source = self.payload.source(message_id, &envelope.sender[1]);
            let id = id(envelope, document::message(said.kind), &source, position);
            if let Some(document) = (Mapping { decoded: &mut self.decoded, at }).document(said, id, source) {
                self.decoded.document(&document);
            }
        }
    }

    fn finish(mut self) -> Result<Decoded, Rejection> {
        self.decoded.end_part();
        if self.decoded.parts.is_empty() {
            let detail = "The interchange holds no acknowledgement; send at least one.";
            self.decoded.finding(Finding::error("NO-ACKNOWLEDGEMENT", "segment 1", detail));
        }
        self.decoded.finish()
    }
}

/// What identifies an acknowledgement, the same when the same interchange comes again: its message, whose interchange it came
/// in, when that was made and its control numbers, and which part of the payload it is. Where it came in no interchange, or
/// one with longer names than there is room for, the payload's digest stands for all of that.
fn id(envelope: &Envelope, message: &str, source: &Source, position: usize) -> Text<128> {
    let Envelope { sender: [scheme, sender], made, numbers } = envelope;
    let names = [message, scheme, sender, made].into_iter().chain(numbers.iter().map(String::as_str));
    let names: Vec<String> = names.map(|name| name.replace(char::is_whitespace, "")).collect();
    let named = Text::new(format!("{}|{position}", names.join("|"))).ok().filter(|_| !sender.is_empty());
    named.unwrap_or_else(|| {
        let digest = source.raw_ref.as_str();
        Text::new(format!("{message}|{digest}|{position}")).expect("a digest and a number are short")
    })
}

#[cfg(test)]
mod tests;
