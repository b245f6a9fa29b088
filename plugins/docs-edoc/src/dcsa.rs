//! Electronic bills of lading by DCSA's standards 3.0: transport documents, their instructions, their issuance, surrender and
//! transfer from one platform to another.

mod answers;
mod dangerous;
pub(crate) mod document;
mod envelope;
mod goods;
mod issuance;
mod measure;
mod model;
mod party;
mod place;
mod surrender;

use portgate_sdk::{Decoded, Message, Pointer, Rejection};

pub(crate) use answers::{ISSUANCE_PATH, SURRENDER_PATH, encode_issuance, encode_surrender};

use crate::notes::Notes;

/// The list that the parts of parties are of, where the name of a field says them.
const PARTIES: &str = "DCSA document party";

/// The list that the parts of other parties are of.
const PARTY_FUNCTIONS: &str = "DCSA party function";

/// What stands before the kind of a reference that only DCSA knows.
const REFERENCES: &str = "dcsa";

/// The list of terms of payment.
const PAYMENT: &str = "DCSA payment term";

/// The list of modes of transport.
const MODES: &str = "DCSA mode of transport";

/// The list that names of fields are of, where what they hold is kept in words.
const FIELDS: &str = "DCSA field";

/// A transport document.
pub(crate) fn transport_document(message: &Message) -> Result<Decoded, Rejection> {
    one(message, document::issued)
}

/// Shipping instructions.
pub(crate) fn shipping_instructions(message: &Message) -> Result<Decoded, Rejection> {
    one(message, document::instructed)
}

/// A request to issue a transport document.
pub(crate) fn issuance(message: &Message) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    issuance::request(message.json()?, message, &mut notes);
    notes.finish()
}

/// What a platform answers to one.
pub(crate) fn issuance_response(message: &Message) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    issuance::response(message.json()?, message, &mut notes);
    notes.finish()
}

/// A request to take a surrendered transport document.
pub(crate) fn surrender(message: &Message) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    surrender::request(message.json()?, message, &mut notes);
    notes.finish()
}

/// What a carrier answers to one.
pub(crate) fn surrender_response(message: &Message) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    surrender::response(message.json()?, message, &mut notes);
    notes.finish()
}

/// A transport document that comes from another platform.
pub(crate) fn envelope(message: &Message) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    envelope::read(message.json()?, message, &mut notes);
    notes.finish()
}

/// A message that is one document.
fn one(
    message: &Message,
    read: fn(
        &Pointer,
        model::TransportDocument,
        &Message,
        &mut Notes,
    ) -> Option<portgate_sdk::canonical::TransportDocument>,
) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    if let Some(document) = read(&Pointer::root(), message.json()?, message, &mut notes) {
        notes.document(&document);
    }
    notes.finish()
}
