//! The connector of ocean carriers: X12 315 (004010), EDIFACT IFTSTA (D00B) and DCSA Track & Trace (2.2, 3.0) become
//! milestones.
//!
//! Each reader makes events of what it finds; one place makes milestones of events and checks what
//! all formats share. A code that is not in the tables is never dropped: its milestone says `UNMAPPED`, carries the
//! partner's code, and a warning asks for the code to be added. Times are read by their codes; those whose offset cannot be
//! told stay local. Container numbers have one form. The connector asks nothing and logs nothing.

mod codes;
mod dcsa;
mod event;
mod iftsta;
mod notes;
mod time;
mod x12_315;

use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CarrierOcean;

portgate_sdk::export!(CarrierOcean);

impl Connector for CarrierOcean {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-315", _) => x12_315::decode(message),
            ("iftsta", _) => iftsta::decode(message),
            ("dcsa-track-trace", "2.2") => dcsa::v2::decode(message),
            ("dcsa-track-trace", "3.0") => dcsa::v3::decode(message),
            (name, version) => {
                let detail =
                    format!("This connector does not decode `{name}/{version}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}
