//! The connector of SAP: S/4HANA's OData and the IDocs of both S/4HANA and ECC. `plugins/erp-sap/README.md` says what becomes of
//! what.
//!
//! Segments and entities are read as records that know what nobody has asked them for (`record`), so that every value either
//! has a field or stands among the document's classifications under its own name. Numbers, units and times are SAP's
//! (`number`, `units`, `time`). The connector asks nothing and logs nothing.

mod answer;
mod classified;
mod errors;
mod idoc;
mod number;
mod odata;
mod out;
mod parties;
mod reader;
mod record;
mod time;
mod units;

use odata::billing::BILLING_DOCUMENT;
use odata::business_partner::BUSINESS_PARTNER;
use odata::delivery::DELIVERY_HEADER;
use odata::event::EVENT;
use odata::product::PRODUCT;
use odata::sales_order::SALES_ORDER;
use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct ErpSap;

portgate_sdk::export!(ErpSap);

impl Connector for ErpSap {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("idoc", "4.0") => idoc::decode(message),
            ("s4-sales-order", "2") => odata::decode(message, &SALES_ORDER),
            ("s4-outbound-delivery", "2") => odata::decode(message, &DELIVERY_HEADER),
            ("s4-billing-document", "2") => odata::decode(message, &BILLING_DOCUMENT),
            ("s4-business-partner", "2") => odata::decode(message, &BUSINESS_PARTNER),
            ("s4-product", "2") => odata::decode(message, &PRODUCT),
            ("s4-event", "1") => odata::decode(message, &EVENT),
            (name, version) => Err(unknown(&format!("{name}/{version}"))),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("s4-goods-issue", "2") => out::goods_issue::encode(documents, target),
            ("s4-text", "2") => out::texts::encode(documents, target),
            ("idoc-delvry", "07") => out::confirmation::encode(documents, target),
            ("idoc-acc-document", "03") => out::accrual::encode(documents, target),
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
