//! The connector of transport management systems (TMS) and motor carriers that speak EDI. Each reader and writer says at its head what
//! becomes of each segment; what a partner took of what it was sent comes back as acknowledgements of X12 and EDIFACT, in messages of
//! their own or in the answer to the request that brought the interchange.
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `x12-204/4010` | in, out | a `load-tender` for each set |
//! | `x12-990/4010` | in, out | a `load-tender-response` for each set |
//! | `x12-210/4010` | in | a `commercial-invoice` for each set, and a `landed-cost-event` for each charge |
//! | `x12-214/4010` | in, out | a `milestone` for each status; a set for each milestone |
//! | `iftmin/D00B`, `iftmbf/D00B` | in, out | a `load-tender` for each message |
//! | `iftmbc/D00B` | in | a `load-tender-response` for each message |
//! | `iftsta-inland/D00B` | in | a `milestone` for each status |
//! | `x12-acknowledgement/1` | in | an `acknowledgement` for each 997, 999 and `TA1` |
//! | `edifact-acknowledgement/1` | in | an `acknowledgement` for each CONTRL and APERAK |
//!
//! Control numbers and identifiers are the agreement's; the connector has none of its own.

mod answer;
mod edifact;
mod interchange;
mod notes;
mod x12;

use portgate_sdk::{
    Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target,
    edifact as sdk_edifact, x12 as sdk_x12,
};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct TmsEdi;

portgate_sdk::export!(TmsEdi);

impl Connector for TmsEdi {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-204", "4010") => x12::tender::decode(message),
            ("x12-210", "4010") => x12::invoice::decode(message),
            ("x12-214", "4010") => x12::status_in::decode(message),
            ("x12-990", "4010") => x12::response::decode(message),
            ("iftmin", "D00B") => edifact::instruction::instructions(message),
            ("iftmbf", "D00B") => edifact::instruction::bookings(message),
            ("iftmbc", "D00B") => edifact::confirmation::decode(message),
            ("iftsta-inland", "D00B") => edifact::status::decode(message),
            ("x12-acknowledgement", "1") => sdk_x12::acknowledgements(message),
            ("edifact-acknowledgement", "1") => sdk_edifact::acknowledgements(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("x12-204", "4010") => x12::tender_out::encode(documents, target),
            ("x12-214", "4010") => x12::status_out::encode(documents, target),
            ("x12-990", "4010") => x12::response_out::encode(documents, target),
            ("iftmin", "D00B") => edifact::instruction_out::encode("IFTMIN", documents, target),
            ("iftmbf", "D00B") => edifact::instruction_out::encode("IFTMBF", documents, target),
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
