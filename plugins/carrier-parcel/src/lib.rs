//! The connector of parcel carriers by way of those who speak to many of them: trackers of EasyPost and tracks of Shippo
//! become milestones, and shipments go out to be created there, with what customs is told of them. `plugins/carrier-parcel/README.md` says what becomes of what.
//!
//! Each provider's objects are read into one neutral form (`parcel`), and one place makes milestones of it. A status that is
//! not in the tables (`status`) is never dropped: its milestone says `UNMAPPED` and carries the provider's word, and a warning
//! asks for the word to be added. The other way round a shipment is read into one form (`consignment`), in which everything is
//! that a parcel cannot go without, and each provider's objects are written from it.

mod answer;
mod consignment;
mod easypost;
mod easypost_shipment;
mod export;
mod lacks;
mod packing;
mod parcel;
mod refusal;
mod shippo;
mod shippo_shipment;
mod status;
mod time;
mod units;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};
use serde::Serialize;

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CarrierParcel;

portgate_sdk::export!(CarrierParcel);

impl Connector for CarrierParcel {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("easypost-tracker", "2") => easypost::decode(message),
            ("shippo-track", "2018-02-08") => shippo::decode(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("easypost-shipment", "2") => easypost_shipment::encode(documents),
            ("shippo-shipment", "2018-02-08") => shippo_shipment::encode(documents),
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

/// The body of a request.
fn json(body: &impl Serialize) -> Result<Vec<u8>, Finding> {
    serde_json::to_vec(body).map_err(|error| Finding::error("NOT-WRITTEN", "", error.to_string()))
}
