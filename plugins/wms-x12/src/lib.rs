//! The connector of a warehouse management system (WMS) that speaks X12, release 004010. What the warehouse has done comes in:
//! goods that it shipped (945) and received (944), stock that it put right (947), and what is in which package (856). What it is to
//! do goes out: orders to ship (940), and what will come in (943).
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `x12-945/4010` | in | a `warehouse-advice` of what was shipped |
//! | `x12-944/4010` | in | a `warehouse-advice` of what was received |
//! | `x12-947/4010` | in | a `warehouse-advice` of how stock was adjusted |
//! | `x12-856/4010` | in | a `shipment` and its `packing` |
//! | `x12-940/4010` | out | a set for each `warehouse-order` to ship |
//! | `x12-943/4010` | out | a set for each `warehouse-order` to receive |
//!
//! What the warehouse acknowledges comes under the contract `x12-acknowledgement/1`, which `tms-edi` decodes, or in the answer to the
//! request that brought the interchange.
//!
//! Nothing of a set is lost: what has no field of its own is kept as a note that names its segment and element. Weights and
//! measures are converted exactly and stand beside as they were written.

mod advice;
mod amounts;
mod answer;
mod carrier;
mod codes;
mod details;
mod items;
mod orders;
mod packages;
mod parties;
mod sets;
mod ship_notice;
mod units;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct WmsX12;

portgate_sdk::export!(WmsX12);

impl Connector for WmsX12 {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-945", "4010") => sets::decode(message, "945", advice::shipped::read),
            ("x12-944", "4010") => sets::decode(message, "944", advice::received::read),
            ("x12-947", "4010") => sets::decode(message, "947", advice::adjusted::read),
            ("x12-856", "4010") => sets::decode(message, "856", ship_notice::read),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("x12-940", "4010") => orders::encode(&orders::SHIP, documents, target),
            ("x12-943", "4010") => orders::encode(&orders::RECEIVE, documents, target),
            _ => Err(unknown(&target.to_string())),
        }
    }

    fn interpret(_: &Request, got: &Response) -> Result<Outcome, Rejection> {
        Ok(answer::read(got))
    }
}

fn unknown(contract: &str) -> Rejection {
    let detail = format!("This connector does not know `{contract}`; see the contracts of its manifest.");
    Finding::error("UNKNOWN-CONTRACT", "", detail).into()
}
