//! The nested envelopes: what each trailer promises about what came before it, and where the messages are.
//!
//! A third of real EDIFACT messages miscount their segments, so a broken promise is an anomaly and never an error.

use std::borrow::Cow;

use super::message::{Message, MessageEntry};
use super::segment::Segment;
use super::table::Table;
use crate::Anomaly;

/// One kind of envelope. The first element of its trailer is the count, the second repeats the header's reference.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) header: &'static str,
    pub(crate) trailer: &'static str,
    /// The element of the header that the trailer repeats.
    pub(crate) reference: usize,
}

/// The envelopes of a syntax.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) interchange: Level,
    pub(crate) group: Level,
    pub(crate) message: Level,
    /// A message belongs into a group.
    pub(crate) group_required: bool,
    /// The interchange's trailer counts groups even when there is none.
    pub(crate) counts_groups: bool,
    /// Segments that may stand between the envelopes.
    pub(crate) between: &'static [&'static str],
    /// Element and component of the message header that name the message.
    pub(crate) kind: (usize, usize),
    /// Elements that say how to read, by tag and number.
    pub(crate) reads: &'static [(&'static str, usize)],
    /// Whether an unread element is named with its component even where it has only one.
    pub(crate) names_components: bool,
    /// Reads the version that a message follows.
    pub(crate) version: for<'d> fn(&Message<'d>) -> Option<Cow<'d, str>>,
}

impl Envelope {
    pub(crate) fn is_trailer(&self, tag: &str) -> bool {
        [&self.interchange, &self.group, &self.message].iter().any(|level| level.trailer == tag)
    }
}

/// An envelope that is open: the index of its header, and what its trailer will have to count.
#[derive(Clone, Copy)]
struct Open {
    header: usize,
    groups: usize,
    messages: usize,
}

impl Open {
    fn at(header: usize) -> Self {
        Open { header, groups: 0, messages: 0 }
    }
}

/// Walks through the segments once, finds the messages, and notes every promise that was not kept.
pub(crate) fn open(table: &Table<'_>, envelope: &Envelope, anomalies: &mut Vec<Anomaly>) -> Vec<MessageEntry> {
    let mut walk = Walk {
        table,
        envelope,
        anomalies,
        messages: Vec::new(),
        interchange: None,
        group: None,
        message: None,
        stray: None,
        has_message_headers: table.entries.iter().any(|entry| entry.tag() == envelope.message.header),
    };
    for index in 0..table.entries.len() {
        walk.step(index);
    }
    walk.close_interchange(table.entries.len());
    walk.messages
}

struct Walk<'w, 'i> {
    table: &'w Table<'i>,
    envelope: &'w Envelope,
    anomalies: &'w mut Vec<Anomaly>,
    messages: Vec<MessageEntry>,
    interchange: Option<Open>,
    group: Option<Open>,
    message: Option<Open>,
    /// The first of a run of segments outside of messages.
    stray: Option<usize>,
    has_message_headers: bool,
}

impl Walk<'_, '_> {
    fn step(&mut self, index: usize) {
        let Envelope { interchange, group, message, between, .. } = self.envelope;
        let segment = Segment::new(self.table, index);
        let tag = segment.tag();
        if index == 0 && tag != interchange.header {
            let detail = format!("there is no {} header, so nobody says who sent it", interchange.header);
            self.note("edi-header-missing", segment, detail);
        }
        let is_outer = [interchange.header, interchange.trailer, group.header, group.trailer].contains(&tag);
        if !is_outer && tag != message.header && self.message.is_none() {
            if !between.contains(&tag) {
                self.stray.get_or_insert(index);
            }
            return;
        }
        self.close_stray(index);
        if tag == message.header {
            self.open_message(index, segment);
        } else if tag == message.trailer {
            if let Some(open) = self.message.take() {
                let counted = index - open.header + 1;
                self.compare(message, open, segment, "edi-segment-count", counted, "segments");
                self.keep(open.header, index + 1, true);
            }
        } else if is_outer {
            self.outer(index, segment);
        }
    }

    fn open_message(&mut self, index: usize, segment: Segment<'_>) {
        self.close_message(index);
        self.message = Some(Open::at(index));
        for open in [&mut self.interchange, &mut self.group].into_iter().flatten() {
            open.messages += 1;
        }
        if self.envelope.group_required && self.group.is_none() {
            let Level { header, trailer, .. } = self.envelope.group;
            let detail = format!("{} stands outside of {header} and {trailer}", segment.tag());
            self.note("edi-header-missing", segment, detail);
        }
    }

    /// A header or trailer of an interchange or a group; each ends what is still open inside.
    fn outer(&mut self, index: usize, segment: Segment<'_>) {
        let Envelope { interchange, group, .. } = self.envelope;
        let tag = segment.tag();
        if tag == interchange.header {
            self.close_interchange(index);
            self.interchange = Some(Open::at(index));
        } else if tag == interchange.trailer {
            self.close_group(index);
            let Some(open) = self.interchange.take() else { return self.headless(interchange, segment) };
            let (code, counted, what) = match open.groups > 0 || self.envelope.counts_groups {
                true => ("edi-group-count", open.groups, "groups"),
                false => ("edi-message-count", open.messages, "messages"),
            };
            self.compare(interchange, open, segment, code, counted, what);
        } else if tag == group.header {
            self.close_group(index);
            self.group = Some(Open::at(index));
            if let Some(interchange) = &mut self.interchange {
                interchange.groups += 1;
            }
        } else {
            self.close_message(index);
            let Some(open) = self.group.take() else { return self.headless(group, segment) };
            self.compare(group, open, segment, "edi-message-count", open.messages, "messages");
        }
    }

    fn close_interchange(&mut self, end: usize) {
        self.close_group(end);
        self.close_stray(end);
        if let Some(open) = self.interchange.take() {
            self.endless(open, self.envelope.interchange.trailer);
        }
    }

    fn close_group(&mut self, end: usize) {
        self.close_message(end);
        if let Some(open) = self.group.take() {
            self.endless(open, self.envelope.group.trailer);
        }
    }

    fn close_message(&mut self, end: usize) {
        if let Some(open) = self.message.take() {
            self.endless(open, self.envelope.message.trailer);
            self.keep(open.header, end, true);
        }
    }

    /// A run of segments outside of messages is a message of its own when the input has no message header at all.
    fn close_stray(&mut self, end: usize) {
        let Some(start) = self.stray.take() else { return };
        let segment = Segment::new(self.table, start);
        let header = self.envelope.message.header;
        if self.has_message_headers {
            let detail = format!("{} segments outside of any {header} are not part of a message", end - start);
            self.note("edi-segment-outside-message", segment, detail);
        } else {
            self.note(
                "edi-header-missing",
                segment,
                format!("there is no {header} header, so the message kind is not said"),
            );
            self.keep(start, end, false);
        }
    }

    fn keep(&mut self, start: usize, end: usize, has_header: bool) {
        let interchange = self.interchange.map(|open| open.header);
        let group = self.group.map(|open| open.header);
        self.messages.push(MessageEntry { range: start..end, has_header, interchange, group });
    }

    /// Holds a trailer against what was counted and against its header.
    fn compare(
        &mut self,
        level: &Level,
        open: Open,
        trailer: Segment<'_>,
        code: &'static str,
        counted: usize,
        what: &str,
    ) {
        let tag = trailer.tag();
        let said = trailer.element(1);
        if said.as_deref().and_then(|said| said.trim().parse().ok()) != Some(counted) {
            let said = said.as_deref().map_or("nothing".into(), |said| said.escape_debug().to_string());
            self.note(code, trailer, format!("{tag} says {said} where there are {counted} {what}"));
        }
        let header = Segment::new(self.table, open.header);
        let (given, repeated) = (header.element(level.reference), trailer.element(2));
        let trimmed = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().trim().to_owned();
        let (given, repeated) = (trimmed(&given), trimmed(&repeated));
        if given != repeated {
            let detail = format!(
                "{tag} repeats the reference of {} as \"{}\" where it was \"{}\"",
                header.location(),
                repeated.escape_debug(),
                given.escape_debug()
            );
            self.note("edi-reference-mismatch", trailer, detail);
        }
    }

    fn headless(&mut self, level: &Level, trailer: Segment<'_>) {
        let detail = format!("{} closes what no {} opened", trailer.tag(), level.header);
        self.note("edi-header-missing", trailer, detail);
    }

    fn endless(&mut self, open: Open, trailer: &str) {
        let header = Segment::new(self.table, open.header);
        let detail = format!("there is no {trailer} to end this {}: is the rest missing?", header.tag());
        self.note("edi-trailer-missing", header, detail);
    }

    fn note(&mut self, code: &'static str, segment: Segment<'_>, detail: String) {
        self.anomalies.push(Anomaly { code, location: segment.location(), detail });
    }
}
