//! The connector of ocean carriers.
//!
//! | contract | what becomes of it |
//! |---|---|
//! | `x12-315/4010`, `x12-322/4010`, `iftsta/D00B`, `coarri/D00B`, `codeco/D00B` | a `milestone` for each event |
//! | `dcsa-track-trace/2.2`, `dcsa-track-trace/3.0` | the same |
//! | `dcsa-booking-notification/2.0`, `dcsa-ebl-notification/3.0` | a `milestone` of what is new |
//! | `x12-301/4010` | a `load-tender-response` for each booking |
//! | `x12-310/4010` | a `shipment`, and a `landed-cost-event` for each charge |
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
mod reports;
mod terminal;
mod time;
mod x12_301;
mod x12_310;
mod x12_315;
mod x12_322;
mod x12_charges;
mod x12_measure;
mod x12_party;
mod x12_sets;

use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct CarrierOcean;

portgate_sdk::export!(CarrierOcean);

impl Connector for CarrierOcean {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-315", _) => x12_315::decode(message),
            ("x12-301", _) => x12_301::decode(message),
            ("x12-310", _) => x12_310::decode(message),
            ("x12-322", _) => x12_322::decode(message),
            ("iftsta", _) => iftsta::decode(message),
            ("coarri", _) => terminal::decode(message, "COARRI"),
            ("codeco", _) => terminal::decode(message, "CODECO"),
            ("dcsa-track-trace", "2.2") => dcsa::v2::decode(message),
            ("dcsa-track-trace", "3.0") => dcsa::v3::decode(message),
            ("dcsa-booking-notification", "2.0") => dcsa::notification::booking(message),
            ("dcsa-ebl-notification", "3.0") => dcsa::notification::bill_of_lading(message),
            (name, version) => {
                let detail =
                    format!("This connector does not decode `{name}/{version}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}
