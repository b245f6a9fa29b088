//! A message of a transit as HMRC's API gives it who asks for JSON with XML in it: the message's name, which movement it is of, and
//! the message itself as `body`.
//!
//! Places of findings are those of the XML in `body`.

use portgate_sdk::canonical::Reference;
use portgate_sdk::xml::{Document, Options};
use portgate_sdk::{Decoded, Finding, Message, Pointer, Rejection, Severity};
use serde::Deserialize;

use super::{status, write};
use crate::codes;
use crate::notes::Notes;

/// The scheme of what the service calls an arrival; a departure has that of what it answers a declaration with.
const ARRIVAL: &str = "ncts-arrival";

/// The scheme of what the service calls a message.
const MESSAGE: &str = "ncts-message";

/// A message with what the service says of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    id: Option<String>,
    departure_id: Option<String>,
    arrival_id: Option<String>,
    status: Option<String>,
    body: Option<String>,
}

/// Reads a message in its wrapping.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let wrapped: Wrapped = message.json()?;
    let root = Pointer::root();
    let mut notes = Notes::default();
    if wrapped.status.as_deref() == Some("Failed") {
        let detail = "The service says that the message has failed: customs has not got it, or could not make it.";
        notes.told(Severity::Warning, "MESSAGE-FAILED", &root.key("status"), detail);
    }
    let Some(body) = wrapped.body.as_deref().filter(|body| !body.trim().is_empty()) else {
        let detail = "The service has the message's name alone; ask again once it has its body.";
        return Err(Finding::error("NO-BODY", root.key("body"), detail).into());
    };
    let document = Document::parse(body.as_bytes(), &Options::default())?;
    for anomaly in document.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    let xml = document.root();
    if codes::is_to_customs(xml.name()) {
        let detail = format!("`{}` is what was sent to customs; nothing comes of it here.", xml.name());
        notes.told(Severity::Info, "OWN-MESSAGE", &root.key("body"), detail);
        return notes.finish();
    }
    let names = [
        (write::DEPARTURE, wrapped.departure_id.as_deref()),
        (ARRIVAL, wrapped.arrival_id.as_deref()),
        (MESSAGE, wrapped.id.as_deref()),
    ];
    let named = names.into_iter().filter_map(|(scheme, name)| Some((scheme, name?.trim())));
    let references: Vec<Reference> =
        named.filter_map(|(scheme, name)| notes.named(&root.key("id"), scheme, name)).collect();
    status::read(xml, message, references, &mut notes);
    notes.finish()
}
