//! DMS notifications: `MetaData` with one `Response` or several. Every response becomes a `customs-status`; a tax notification
//! (function code 13) also becomes one `landed-cost-event` for each tax of each goods item. Namespaces are not looked at, for
//! notifications come with and without them. A rejected declaration is no rejected message: its errors travel in the status,
//! and again as warnings that people read.

use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Message, Rejection};

use crate::notes::Notes;
use crate::status::{self, Memory};

/// Reads the responses of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let document = message.xml(&crate::xml_options())?;
    let mut notes = Notes::default();
    for anomaly in document.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    let mut memory = Memory::default();
    let responses = responses(document.root(), &mut notes);
    let is_list = responses.len() > 1;
    for (number, response) in (1..).zip(responses) {
        if notes.are_overfull() {
            break;
        }
        if is_list {
            notes.part(format!("/MetaData/Response[{number}]"), response, "FunctionalReferenceID");
        }
        status::read(response, message, &mut memory, &mut notes);
    }
    notes.finish()
}

/// The responses of a notification; where there are none, an error that says what was expected.
fn responses<'d>(root: Element<'d>, notes: &mut Notes) -> Vec<Element<'d>> {
    if root.name() != "MetaData" {
        let name: String = root.name().chars().take(64).collect();
        let detail = format!("The root is `{name}`; send a DMS notification, whose root is `MetaData`.");
        notes.error("NOT-A-NOTIFICATION", root, detail);
        return Vec::new();
    }
    let responses: Vec<_> = root.children("Response").collect();
    if responses.is_empty() {
        let other = root.elements().last().unwrap_or(root);
        let detail = match root.child("Declaration") {
            Some(_) => "`MetaData` holds a declaration; only notifications, which hold `Response`, are taken here.",
            None => "`MetaData` holds no `Response`; a DMS notification has at least one.",
        };
        notes.error("NOT-A-NOTIFICATION", root.child("Declaration").unwrap_or(other), detail);
    }
    responses
}
