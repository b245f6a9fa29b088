//! What every message of NCTS begins with, and which movement it is about.

use portgate_sdk::Message;
use portgate_sdk::canonical::{Source, Text, Timestamp};
use portgate_sdk::xml::Element;

use crate::notes::Notes;

/// The header of a message.
pub(crate) struct Header {
    /// The sender's name for the message, else the message's digest, which is the same whenever it comes again.
    pub(crate) id: Text<64>,
    /// When the message was made.
    pub(crate) prepared_at: Timestamp,
    /// Local reference number.
    pub(crate) lrn: Option<Text<35>>,
    /// Movement reference number.
    pub(crate) mrn: Option<Text<35>>,
}

impl Header {
    /// Reads it; nothing where it does not say when the message was made.
    pub(crate) fn read(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<Self> {
        let subject = root.child("TransitOperation").or_else(|| root.child("Header"));
        let name = |name: &str, notes: &mut Notes| subject.and_then(|subject| notes.text::<35>(subject, name));
        let (lrn, mrn) = (name("LRN", notes), name("MRN", notes));
        let prepared = notes.required(root, "preparationDateAndTime")?;
        let Some(prepared_at) = notes.time(root, "preparationDateAndTime") else {
            notes.error("INVALID", prepared, "`preparationDateAndTime` is no time; a message says when it was made.");
            return None;
        };
        let id = notes.text::<64>(root, "messageIdentification").or_else(|| Text::new(&*message.digest).ok())?;
        Some(Header { id, prepared_at, lrn, mrn })
    }

    /// Where a document of this message has come from.
    pub(crate) fn source(&self, message: &Message) -> Source {
        message.source(Some(self.id.widened()), Some(self.prepared_at.clone()))
    }
}
