//! The connector of a customs SaaS for transit and entry into the EU and the UK: NCTS phase 5 and ICS. What becomes of what is in
//! `plugins/saas-ncts-ens/README.md`.
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `ncts-declaration/5` | both | `CC015C`, a transit declaration |
//! | `ncts-amendment/5` | out | `CC013C` |
//! | `ncts-invalidation/5` | out | `CC014C` |
//! | `ncts-notification/5` | in | a `customs-status` for each message of customs on a transit |
//! | `ncts-message/2` | in | the same in the JSON that HMRC's API wraps it in |
//! | `ens-declaration/11` | both | `CC315A`, an entry summary declaration |
//! | `ens-amendment/11` | out | `CC313A` |
//! | `ens-notification/11` | in | a `customs-status` for each message of customs on an entry |
//!
//! Who is called what, and the numbers of messages, are the agreement's; the connector has none of its own.

mod answer;
mod codes;
mod ens;
mod ncts;
mod notes;
mod out;
mod pointed;

use portgate_sdk::xml::Options;
use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

use notes::Notes;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct NctsEns;

portgate_sdk::export!(NctsEns);

impl Connector for NctsEns {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        if (message.contract.as_str(), message.version.as_str()) == ("ncts-message", "2") {
            return ncts::wrapped::decode(message);
        }
        let document = message.xml(&Options::default())?;
        let mut notes = Notes::default();
        for anomaly in document.anomalies() {
            notes.anomaly(anomaly.clone());
        }
        let root = document.root();
        match (message.contract.as_str(), message.version.as_str()) {
            ("ncts-declaration", "5") => ncts::declaration::decode(root, message, &mut notes),
            ("ncts-notification", "5") => ncts::status::read(root, message, Vec::new(), &mut notes),
            ("ens-declaration", "11") => ens::declaration::decode(root, message, &mut notes),
            ("ens-notification", "11") => ens::status::read(root, message, &mut notes),
            (name, version) => return Err(unknown(&format!("{name}/{version}"))),
        }
        notes.finish()
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("ncts-declaration", "5") => ncts::write::declaration(documents, target),
            ("ncts-amendment", "5") => ncts::write::amendment(documents, target),
            ("ncts-invalidation", "5") => ncts::write::invalidation(documents, target),
            ("ens-declaration", "11") => ens::write::declaration(documents, target),
            ("ens-amendment", "11") => ens::write::amendment(documents, target),
            _ => Err(unknown(&target.to_string())),
        }
    }

    fn interpret(sent: &Request, got: &Response) -> Result<Outcome, Rejection> {
        Ok(answer::read(sent, got))
    }
}

fn unknown(contract: &str) -> Rejection {
    let detail = format!("This connector does not know `{contract}`; see the contracts of its manifest.");
    Finding::error("UNKNOWN-CONTRACT", "", detail).into()
}
