//! What a response of customs is called, and the declaration that it speaks of.

use portgate_sdk::Message;
use portgate_sdk::canonical::{Reference, Text, Timestamp};
use portgate_sdk::xml::Element;

use crate::notes::Notes;

/// What identifies a response, and the declaration that it speaks of.
pub(crate) struct Subject {
    /// MRN, or else LRN, and behind it the response's own id, so that nothing else has this name.
    pub(crate) id: Text<128>,
    /// The response's own id.
    pub(crate) response_id: Text<64>,
    /// Movement reference number.
    pub(crate) mrn: Option<Text<35>>,
    /// Local reference number.
    pub(crate) lrn: Option<Text<64>>,
    /// The version of the declaration; 1 where it is not said.
    pub(crate) version: Text<16>,
    /// When customs issued the response.
    pub(crate) issued_at: Timestamp,
    /// To tie documents to the declaration.
    pub(crate) references: Vec<Reference>,
}

pub(crate) fn subject(
    response: Element<'_>,
    declaration: Option<Element<'_>>,
    issued_at: Option<Timestamp>,
    message: &Message,
    notes: &mut Notes,
) -> Option<Subject> {
    let declaration = declaration?;
    let mrn = notes.text::<35>(declaration, "ID");
    let lrn = notes.text::<64>(declaration, "FunctionalReferenceID");
    let version = notes.text::<16>(declaration, "VersionID").unwrap_or_else(|| text("1"));
    // A response without an id is named by its message, which is the same whenever it comes again.
    let response_id = match response.text_at("FunctionalReferenceID") {
        Some(_) => notes.text::<64>(response, "FunctionalReferenceID")?,
        None => Text::new(&*message.digest).ok()?,
    };
    let name = mrn.as_deref().or(lrn.as_deref())?;
    let id = Text::new(format!("{name}:{response_id}"));
    let id = id.map_err(|_| notes.error("INVALID", response, "The references are too long together.")).ok()?;
    let names = [("mrn", mrn.as_ref().map(Text::widened)), ("lrn", lrn.as_ref().map(Text::widened))];
    let references = names
        .into_iter()
        .filter_map(|(scheme, value)| Some(Reference { scheme: text(scheme), value: value?, written: None }));
    let references = references.collect();
    Some(Subject { id, response_id, version, issued_at: issued_at?, references, mrn, lrn })
}

/// A text that stands in this crate.
pub(crate) fn text<const MAX: usize>(constant: &str) -> Text<MAX> {
    Text::new(constant).expect("a constant of this crate is neither empty nor long")
}
