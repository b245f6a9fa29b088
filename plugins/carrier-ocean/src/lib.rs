//! The connector of ocean carriers.
//!
//! | contract | what becomes of it |
//! |---|---|
//! | `x12-315/4010`, `x12-322/4010`, `iftsta/D00B`, `coarri/D00B`, `codeco/D00B` | a `milestone` for each event |
//! | `dcsa-track-trace/2.2`, `dcsa-track-trace/3.0` | the same |
//! | `dcsa-booking-notification/2.0`, `dcsa-ebl-notification/3.0` | a `milestone` of what is new |
//! | `dcsa-booking/2.0`, `dcsa-shipping-instructions/3.0` | a `load-tender`; the other way one is written as either |
//! | `coparn/D00B` | a `load-tender` of the kind `instruction` for each order |
//! | `x12-301/4010` | a `load-tender-response` for each booking |
//! | `x12-310/4010`, `x12-312/4010` | a `shipment`, and a `landed-cost-event` for each charge; of 312 its arrival, too |
//!
//! Each reader makes events of what it finds; one place makes milestones of events and checks what
//! all formats share. A code that is not in the tables is never dropped: its milestone says `UNMAPPED`, carries the
//! partner's code, and a warning asks for the code to be added. Times are read by their codes; those whose offset cannot be
//! told stay local. Container numbers have one form. The connector asks nothing and logs nothing.

mod codes;
mod coparn;
mod dcsa;
mod event;
mod iftsta;
mod notes;
mod reports;
mod terminal;
mod time;
mod x12_301;
mod x12_310;
mod x12_312;
mod x12_315;
mod x12_322;
mod x12_charges;
mod x12_head;
mod x12_measure;
mod x12_party;
mod x12_sets;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};
use serde::Serialize;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CarrierOcean;

portgate_sdk::export!(CarrierOcean);

impl Connector for CarrierOcean {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-315", _) => x12_315::decode(message),
            ("x12-301", _) => x12_301::decode(message),
            ("x12-310", _) => x12_310::decode(message),
            ("x12-312", _) => x12_312::decode(message),
            ("x12-322", _) => x12_322::decode(message),
            ("iftsta", _) => iftsta::decode(message),
            ("coparn", _) => coparn::decode(message),
            ("coarri", _) => terminal::decode(message, "COARRI"),
            ("codeco", _) => terminal::decode(message, "CODECO"),
            ("dcsa-track-trace", "2.2") => dcsa::v2::decode(message),
            ("dcsa-track-trace", "3.0") => dcsa::v3::decode(message),
            ("dcsa-booking-notification", "2.0") => dcsa::notification::booking(message),
            ("dcsa-ebl-notification", "3.0") => dcsa::notification::bill_of_lading(message),
            ("dcsa-booking", "2.0") => dcsa::booking::decode(message),
            ("dcsa-shipping-instructions", "3.0") => dcsa::instructions::decode(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("dcsa-booking", "2.0") => dcsa::booking_out::encode(documents),
            ("dcsa-shipping-instructions", "3.0") => dcsa::instructions_out::encode(documents),
            _ => Err(unknown(&target.to_string())),
        }
    }

    fn interpret(sent: &Request, got: &Response) -> Result<Outcome, Rejection> {
        Ok(dcsa::answer::read(sent, got))
    }
}

fn unknown(contract: &str) -> Rejection {
    let detail = format!("This connector does not know `{contract}`; see the contracts of its manifest.");
    Finding::error("UNKNOWN-CONTRACT", "", detail).into()
}

/// The body of a request.
fn json(body: &impl Serialize) -> Result<Vec<u8>, Finding> {
    serde_json::to_vec(body).map_err(|error| Finding::error("NOT-WRITTEN", "", error.to_string()))
}
