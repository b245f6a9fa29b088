//! The connector of a finance system: invoices come in as UBL 2.1, UN/CEFACT CII, X12 810 and EDIFACT INVOIC; what becomes of them
//! goes out as a UBL invoice response, and costs of bringing goods in as journal entries. `plugins/finance-ubl/README.md` says what
//! becomes of what.

mod answer;
mod cii;
mod edi;
mod invoic;
mod invoice;
mod journal;
mod notes;
mod party;
mod payment;
mod response;
mod rules;
mod terms;
mod ubl;
mod x12_810;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct FinanceUbl;

portgate_sdk::export!(FinanceUbl);

impl Connector for FinanceUbl {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("ubl-invoice", "2.1") => ubl::decode(message),
            ("cii-invoice", "D16B") => cii::decode(message),
            ("x12-810", "1") => x12_810::decode(message),
            ("edifact-invoic", "1") => invoic::decode(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("ubl-invoice-response", "3") => response::encode(documents, target),
            ("netsuite-journal", "1") => journal::encode(documents, target),
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
