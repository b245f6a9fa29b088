//! What every message of ICS begins with, in whatever envelope it comes.

use portgate_sdk::Message;
use portgate_sdk::canonical::{Source, Text, Timestamp};
use portgate_sdk::time::{Time, edifact, timestamp};
use portgate_sdk::xml::Element;

use crate::notes::Notes;

/// How deep a message may stand in envelopes: SOAP, or what HMRC's API puts around an outcome.
const ENVELOPES_MAX: usize = 6;

/// The message of one of these names, alone or in an envelope.
pub(crate) fn message<'d>(root: Element<'d>, names: &[&str]) -> Option<Element<'d>> {
    messages(root, names).into_iter().next()
}

/// All messages of these names; an envelope may hold several.
pub(crate) fn messages<'d>(root: Element<'d>, names: &[&str]) -> Vec<Element<'d>> {
    within(root, names, ENVELOPES_MAX)
}

fn within<'d>(element: Element<'d>, names: &[&str], depth: usize) -> Vec<Element<'d>> {
    if names.contains(&element.name()) {
        return vec![element];
    }
    match depth {
        0 => Vec::new(),
        _ => element.elements().flat_map(|inner| within(inner, names, depth - 1)).collect(),
    }
}

/// The header of a message.
pub(crate) struct Header {
    /// The sender's name for the message, else the message's digest, which is the same whenever it comes again.
    pub(crate) id: Text<64>,
    /// When the message was made.
    pub(crate) prepared_at: Timestamp,
}

impl Header {
    /// Reads it; nothing where it does not say when the message was made.
    pub(crate) fn read(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<Self> {
        let (day, clock) = (notes.required(root, "DatOfPreMES9"), notes.required(root, "TimOfPreMES10"));
        let (day, clock) = (day?.text().unwrap_or_default(), clock?.text().unwrap_or_default());
        // Years have two digits; the messages are of this century.
        let Some(prepared_at) = point(&format!("20{day}{clock}")) else {
            let at = root.child("DatOfPreMES9").unwrap_or(root);
            notes.error("INVALID", at, "`DatOfPreMES9` and `TimOfPreMES10` are no time such as 260301 and 0815.");
            return None;
        };
        let id = notes.text::<64>(root, "MesIdeMES19").or_else(|| Text::new(&*message.digest).ok())?;
        Some(Header { id, prepared_at })
    }

    /// Where a document of this message has come from.
    pub(crate) fn source(&self, message: &Message) -> Source {
        message.source(Some(self.id.widened()), Some(self.prepared_at.clone()))
    }
}

/// A time of twelve digits, `yyyyMMddHHmm`, as all times of ICS are.
pub(crate) fn time(parent: Element<'_>, name: &str, notes: &mut Notes) -> Option<Timestamp> {
    notes.read(parent, name, "a time of twelve digits such as 202603010815", point)
}

fn point(text: &str) -> Option<Timestamp> {
    match edifact::read(text, "203") {
        Ok(Time::Point(moment)) => moment.instant().ok().map(|instant| timestamp(&instant)),
        _ => None,
    }
}
