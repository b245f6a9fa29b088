//! What goes out: a load tender, as much of it as policy lets through, with a finding for each thing that DCSA cannot go without.
//! Places are those of the documents, such as `/0/parties/1/name`.

use portgate_sdk::canonical::{
    Code, Incoterm, Leg, Money, Party, Reference, TenderDocument, TenderEquipment, TenderGoods, TenderKind,
    TenderPurpose, TenderRemark, TenderStop, TenderTime, Text,
};
use portgate_sdk::{Document, Finding, Pointer, Rejection};
use serde::Deserialize;

use super::kept::DCSA;
use super::names;
use super::terms::list_of_carriers;
use super::wire::{Named, Rest};

/// The only kind of documents that is written.
const KIND: &str = "load-tender";

/// A load tender. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tender {
    pub(crate) version: Option<Text<32>>,
    pub(crate) tender_number: Option<Text<64>>,
    pub(crate) kind: Option<TenderKind>,
    pub(crate) purpose: Option<TenderPurpose>,
    pub(crate) document_type: Option<Code>,
    pub(crate) carrier: Option<Text<16>>,
    pub(crate) payment: Option<Code>,
    pub(crate) incoterm: Option<Incoterm>,
    pub(crate) value: Option<Money>,
    pub(crate) transport_document: Option<TenderDocument>,
    #[serde(default)]
    pub(crate) references: Vec<Reference>,
    #[serde(default)]
    pub(crate) parties: Vec<Party>,
    #[serde(default)]
    pub(crate) times: Vec<TenderTime>,
    #[serde(default)]
    pub(crate) stops: Vec<TenderStop>,
    #[serde(default)]
    pub(crate) legs: Vec<Leg>,
    #[serde(default)]
    pub(crate) equipment: Vec<TenderEquipment>,
    #[serde(default)]
    pub(crate) goods: Vec<TenderGoods>,
    #[serde(default)]
    pub(crate) services: Vec<Code>,
    #[serde(default)]
    pub(crate) remarks: Vec<TenderRemark>,
}

impl Tender {
    /// The one tender of a request, which has to be of one of these kinds.
    pub(crate) fn of(documents: &[Document], kinds: &[TenderKind], what: &str) -> Result<Tender, Rejection> {
        let [document] = documents else {
            let detail = format!("A request has one document, not {}.", documents.len());
            return Err(Finding::error("ONE-DOCUMENT", "", detail).into());
        };
        let at = Pointer::root().index(0);
        if document.kind != KIND {
            let detail = format!("Only a `{KIND}` becomes {what}, and this is a `{}`.", document.kind);
            return Err(Finding::error("OTHER-KIND", at, detail).into());
        }
        let tender: Tender = document.read()?;
        match tender.kind {
            Some(kind) if kinds.contains(&kind) => Ok(tender),
            _ => {
                let detail = format!("A tender of this kind does not become {what}.");
                Err(Finding::error("OTHER-KIND", at.key("kind"), detail).into())
            }
        }
    }

    /// The carrier's code with whose list it is of, where that was not kept.
    pub(crate) fn carrier(&self, others: &Rest) -> (Option<String>, Option<String>) {
        let Some(carrier) = &self.carrier else { return (None, None) };
        let is_said = others.contains_key("carrierCodeListProvider");
        (Some(carrier.to_string()), (!is_said).then(|| list_of_carriers(carrier).to_owned()))
    }

    /// The names that a customer gives to it, with the number of the tender among them where no other name is the same, so that the
    /// carrier's answers have it.
    pub(crate) fn customers(&self) -> Vec<Named> {
        let mut named = names::to_named(&self.references);
        let number = self.tender_number.as_ref().filter(|number| number.chars().count() <= names::VALUE_MAX);
        if let Some(number) = number.filter(|number| !self.references.iter().any(|known| *known.value == ***number)) {
            let (r#type, value) = (Some(names::CUSTOMER.to_owned()), Some(number.to_string()));
            named.push(Named { r#type, value, values: None });
        }
        named
    }

    /// Whether the freight is paid where the goods are loaded; nothing where it is not said.
    pub(crate) fn is_prepaid(&self) -> Option<bool> {
        let payment = self.payment.as_ref()?;
        match &*payment.code {
            "PP" | "PRE" | "P" => Some(true),
            "CC" | "COL" | "C" => Some(false),
            _ => None,
        }
    }

    /// Whether a bill of lading (`BOL`) or a waybill (`SWB`) is to be issued, by DCSA's code or by UNTDID 1001.
    pub(crate) fn transport_document_type(&self) -> Option<String> {
        let asked = self.transport_document.as_ref().and_then(|document| document.r#type.as_ref());
        let code = [asked, self.document_type.as_ref()].into_iter().flatten().find_map(|code| {
            Some(match (&*code.code_list, &*code.code) {
                (DCSA, "BOL") | ("UNTDID 1001", "705") => "BOL",
                (DCSA, "SWB") | ("UNTDID 1001", "710") => "SWB",
                _ => return None,
            })
        });
        code.map(str::to_owned)
    }
}

/// What is missing or wrong, and where.
#[derive(Default)]
pub(crate) struct Lacks(Vec<Finding>);

impl Lacks {
    /// Something that is needed and not there.
    pub(crate) fn missing(&mut self, at: Pointer, detail: impl Into<String>) {
        self.0.push(Finding::error("MISSING", at, detail));
    }

    /// Something that cannot be said so.
    pub(crate) fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.0.push(Finding::error(code, at, detail));
    }

    /// The value, or a note that it is missing.
    pub(crate) fn needed<T>(&mut self, value: Option<T>, at: Pointer, detail: &str) -> Option<T> {
        if value.is_none() {
            self.missing(at, detail);
        }
        value
    }

    /// The text, or a note that it is too long: what is cut says something else.
    pub(crate) fn fitting(&mut self, text: String, most: usize, at: Pointer) -> Option<String> {
        let characters = text.chars().count();
        if characters <= most {
            return Some(text);
        }
        let detail = format!("DCSA has room for {most} characters here, and there are {characters}.");
        self.wrong("TOO-LONG", at, detail);
        None
    }

    /// The value, unless something is missing or wrong.
    pub(crate) fn unless_any<T>(self, value: T) -> Result<T, Rejection> {
        match self.0.is_empty() {
            true => Ok(value),
            false => Err(Rejection::new(self.0)),
        }
    }
}

/// The carrier's name in a path: what is no letter, digit or one of `-._~` is written in hexadecimal digits.
pub(crate) fn segment(name: &str) -> String {
    let mut path = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => path.push(char::from(byte)),
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}

/// The name that stands in a path.
pub(crate) fn name_in(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let code = others.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_carrier_calls_a_booking_can_stand_in_a_path() {
        for name in ["cbrr-17", "OLN B/117", "é?#%25", "%"] {
            let path = segment(name);
            assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{path}");
            assert_eq!(name_in(&path), name);
        }
    }
}
