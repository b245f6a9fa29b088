//! The connector of electronic documents: bills of lading by DCSA's standards, and the documents that customs wants of a declaration.
//! `plugins/docs-edoc/README.md` says what becomes of what.
//!
//! | contract | direction | what becomes of it |
//! |---|---|---|
//! | `dcsa-transport-document/3.0` | in | a `transport-document` (`dcsa/document.rs`) |
//! | `dcsa-ebl-instructions/3.0` | in | a `transport-document` that is yet to be drawn up |
//! | `dcsa-ebl-issuance/3.0` | in | the document, the request, and the files that come with it (`dcsa/issuance.rs`) |
//! | `dcsa-ebl-envelope/3.0` | in | the same of a transfer between platforms (`dcsa/envelope.rs`) |
//! | `dcsa-ebl-surrender/3.0` | in | a `document-request` (`dcsa/surrender.rs`) |
//! | `dcsa-ebl-issuance-response/3.0`, `dcsa-ebl-surrender-response/3.0` | both | a `document-response` (`dcsa/answers.rs`) |
//! | `hmrc-file-upload/1.0` | in | places for documents, and what became of them (`hmrc.rs`) |
//! | `hmrc-file-upload-request/1.0` | out | a `document-upload` for which places are asked |
//! | `dms-document/1` | out | a `document-upload` to be filed (`dms.rs`) |
//! | `dms-document-request/1` | out | a `document-request`, or a `customs-status` that wants documents (`wanted.rs`) |

mod answer;
mod dcsa;
mod dms;
mod file;
mod hmrc;
mod notes;
mod out;
mod wanted;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct DocsEdoc;

portgate_sdk::export!(DocsEdoc);

impl Connector for DocsEdoc {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("dcsa-transport-document", "3.0") => dcsa::transport_document(message),
            ("dcsa-ebl-instructions", "3.0") => dcsa::shipping_instructions(message),
            ("dcsa-ebl-issuance", "3.0") => dcsa::issuance(message),
            ("dcsa-ebl-issuance-response", "3.0") => dcsa::issuance_response(message),
            ("dcsa-ebl-surrender", "3.0") => dcsa::surrender(message),
            ("dcsa-ebl-surrender-response", "3.0") => dcsa::surrender_response(message),
            ("dcsa-ebl-envelope", "3.0") => dcsa::envelope(message),
            ("hmrc-file-upload", "1.0") => hmrc::decode(message),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("dcsa-ebl-issuance-response", "3.0") => dcsa::encode_issuance(documents),
            ("dcsa-ebl-surrender-response", "3.0") => dcsa::encode_surrender(documents),
            ("hmrc-file-upload-request", "1.0") => hmrc::encode(documents, target),
            ("dms-document", "1") => dms::encode(documents, target),
            ("dms-document-request", "1") => wanted::encode(documents, target),
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
