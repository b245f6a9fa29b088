//! Speaks with HMRC's Customs Declaration Service (CDS): declarations go out, and what customs says of them comes in.
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `cds-declaration/3.6` | out | one declaration, amendment or request to cancel (`declaration.rs`) |
//! | `cds-declaration/3.6` | in | a `customs-declaration` of the copy that a broker sends |
//! | `dms-notification/3.6` | in | a `customs-status` for each response, and a `landed-cost-event` for each tax (`dms.rs`) |
//! | `declaration-information/2.0` | in | a `customs-status` for each declaration that was asked about (`information.rs`) |
//! | `inventory-linking-exports/2.0` | out | an arrival, a departure, or what a consolidation consists of (`movement.rs`) |
//! | `inventory-linking-exports/2.0` | in | a `customs-status` for each consignment of a response (`inventory.rs`) |
//! | `inventory-linking-imports/2.0` | out | that goods have arrived, or whether a consignment is the declaration's (`imports_out.rs`) |
//! | `inventory-linking-imports/2.0` | in | a `customs-status` of what customs asks and tells, and copies of the above (`imports.rs`) |
//!
//! All mistakes of a message are reported at once, each with its line, column and path.

use portgate_sdk::xml::{Options, TrailingText};
use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

mod answer;
mod codes;
mod declaration;
mod dms;
mod entry;
mod imports;
mod imports_out;
mod information;
mod inventory;
mod movement;
mod notes;
mod status;
mod subject;
mod tax;
mod time;
mod words;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct BrokerCds;

portgate_sdk::export!(BrokerCds);

impl Connector for BrokerCds {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("dms-notification", "3.6") => dms::decode(message),
            ("cds-declaration", "3.6") => declaration::decode(message),
            ("declaration-information", "2.0") => information::decode(message),
            ("inventory-linking-exports", "2.0") => inventory::decode(message),
            ("inventory-linking-imports", "2.0") => imports::decode(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("cds-declaration", "3.6") => declaration::encode(documents, target),
            ("inventory-linking-exports", "2.0") => movement::encode(documents, target),
            ("inventory-linking-imports", "2.0") => imports_out::encode(documents, target),
            _ => Err(unknown(&target.to_string())),
        }
    }

    fn interpret(_: &Request, got: &Response) -> Result<Outcome, Rejection> {
        Ok(answer::read(got))
    }
}

/// How XML of CDS is read. It is known to put the HTTP headers of its own log behind the root element.
fn xml_options() -> Options {
    Options { trailing_text: TrailingText::Warn, ..Options::default() }
}

fn unknown(contract: &str) -> Rejection {
    let detail = format!("This connector does not know `{contract}`; see the contracts of its manifest.");
    Finding::error("UNKNOWN-CONTRACT", "", detail).into()
}
