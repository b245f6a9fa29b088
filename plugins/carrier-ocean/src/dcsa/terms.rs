//! What booking requests and shipping instructions say in the same words: who carries, who pays, the terms of delivery.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Code, Incoterm, IncotermCode, LoadTender, TenderGoods, Text};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::wire::Rest;
use crate::notes::Notes;

/// The schemes of the names that a carrier gives.
pub(crate) const BOOKING: &str = "booking";
pub(crate) const BOOKING_REQUEST: &str = "booking-request";
pub(crate) const INSTRUCTIONS: &str = "shipping-instruction";
pub(crate) const TRANSPORT_DOCUMENT: &str = "transport-document";

/// The list of who pays the carriage.
const PAYMENTS: &str = "UNTDID 4215";

/// Goods that a tender has room for.
const GOODS_MAX: usize = 2_000;

/// Whose list a carrier's code is of, where nobody says it: those of SMDG have three letters, those of NMFTA (SCAC) mostly four.
pub(crate) fn list_of_carriers(code: &str) -> &'static str {
    if code.chars().count() == 3 { "SMDG" } else { "NMFTA" }
}

/// Who carries. Where the code's list is not the one that its length tells, it is kept.
pub(crate) fn carrier(
    code: Option<String>,
    list: Option<String>,
    rest: &mut Rest,
    notes: &mut Notes,
) -> Option<Text<16>> {
    let code = notes.identifier(Pointer::root().key("carrierCode"), "carrier's code", code.as_deref());
    let usual = code.as_deref().map(list_of_carriers);
    if let Some(list) = list.filter(|list| Some(list.as_str()) != usual) {
        rest.insert("carrierCodeListProvider".to_owned(), list.into());
    }
    code
}

/// Who pays the freight: prepaid or collect. Another code is kept.
pub(crate) fn payment(code: Option<String>, rest: &mut Rest) -> Option<Code> {
    let code = code?;
    let known = match code.trim() {
        "PRE" => "PP",
        "COL" => "CC",
        _ => {
            rest.insert("freightPaymentTermCode".to_owned(), code.into());
            return None;
        }
    };
    let (known, list) = (Text::new(known).ok()?, Text::new(PAYMENTS).ok()?);
    Some(Code { code: known, code_list: list, source_code: Text::new(code).ok() })
}

/// The terms of delivery. Words that are none of the Incoterms are kept.
pub(crate) fn incoterm(code: Option<String>, rest: &mut Rest) -> Option<Incoterm> {
    let code = code?;
    let read: StrDeserializer<'_, Error> = code.trim().into_deserializer();
    match IncotermCode::deserialize(read) {
        Ok(code) => Some(Incoterm::new(code)),
        Err(_) => {
            rest.insert("incoTerms".to_owned(), code.into());
            None
        }
    }
}

/// The terms of delivery as they go out.
pub(crate) fn written_incoterm(incoterm: Option<&Incoterm>) -> Option<String> {
    let code = serde_json::to_value(incoterm?.code).ok()?;
    code.as_str().map(str::to_owned)
}

/// Adds goods to a tender, as long as there is room.
pub(crate) fn push_goods(tender: &mut LoadTender, goods: TenderGoods, at: &Pointer, notes: &mut Notes) {
    match tender.goods.len() < GOODS_MAX {
        true => tender.goods.push(goods),
        false => notes.error("TOO-MANY-GOODS", at, "There are more than 2000 lines of goods."),
    }
}
