//! The connector of a transport management system (TMS) that speaks EDI: milestones go out as X12 214 (`x12_214.rs` says what
//! becomes of each field), and what the TMS took of them comes back as acknowledgements of X12 and EDIFACT, in messages of their
//! own or in the answer to the request that brought the interchange.
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `x12-214/4010` | out | a transaction set for each milestone, all in one interchange |
//! | `x12-acknowledgement/1` | in | an `acknowledgement` for each 997, 999 and `TA1` |
//! | `edifact-acknowledgement/1` | in | an `acknowledgement` for each CONTRL and APERAK |
//!
//! Control numbers and identifiers are the agreement's; the connector has none of its own.

mod answer;
mod codes;
mod time;
mod x12_214;

use portgate_sdk::{
    Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target, edifact, x12,
};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct TmsEdi;

portgate_sdk::export!(TmsEdi);

impl Connector for TmsEdi {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("x12-acknowledgement", "1") => x12::acknowledgements(message),
            ("edifact-acknowledgement", "1") => edifact::acknowledgements(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("x12-214", "4010") => x12_214::encode(documents, target),
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
