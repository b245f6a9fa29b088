//! The connector that screens: who sends it a document is told, for each party in it, which entries of published lists of denied
//! parties resemble that party, and how much. `plugins/screen-csl/README.md` says how it judges.
//!
//! The lists are a reference table of the gateway, which finds whom a name may mean (`portgate_sdk::names::candidates`); how
//! alike two names are, and what follows from it, is decided here.

mod screening;
mod subject;

use portgate_sdk::{Connector, Decoded, Finding, Message, Pointer, Rejection};
use serde::Deserialize;
use serde_json::Value;

use screening::Screening;
use subject::subjects;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct ScreenCsl;

portgate_sdk::export!(ScreenCsl);

/// What is to be screened: a document of a kind, or parties under an id.
#[derive(Deserialize)]
struct Request {
    kind: Option<String>,
    document: Option<Value>,
    id: Option<String>,
    parties: Option<Vec<Value>>,
}

impl Connector for ScreenCsl {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        let (name, version) = (message.contract.as_str(), message.version.as_str());
        if (name, version) != ("screening-request", "1") {
            let detail =
                format!("This connector does not decode `{name}/{version}`; see the contracts of its manifest.");
            return Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into());
        }
        let Request { kind, document, id, parties } = message.json()?;
        let mut decoded = Decoded::new();
        let (thing, at, whole) = match (document, parties) {
            (Some(document), _) => {
                let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
                let kind = kind.unwrap_or_default();
                (format!("{kind}/{id}"), Pointer::root().key("document"), document)
            }
            (None, parties) => {
                (id.unwrap_or_default(), Pointer::root().key("parties"), Value::Array(parties.unwrap_or_default()))
            }
        };
        let mut screening = Screening::begin(message, &thing, &whole)?;
        let subjects = subjects(&whole);
        if subjects.is_empty() {
            let detail = "There is no party in it, so nobody was screened.";
            decoded.finding(Finding::warning("NO-PARTY", &at, detail));
        }
        for subject in subjects {
            screening.screen(&subject, &at, &mut decoded);
        }
        Ok(decoded)
    }
}
