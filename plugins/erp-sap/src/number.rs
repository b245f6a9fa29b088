//! Numbers of documents, materials and partners. SAP keeps those that are all digits filled up with noughts on the left and
//! shows them without: a delivery is `0080000123` in its tables and in IDocs, and `80000123` on screens, on paper and in OData.
//!
//! The canonical form is the one without, for that is what other systems are told and people write. Beside it stands a
//! reference of SAP's own scheme in the form that is filled up, so that whoever has either form finds the document.

use portgate_sdk::canonical::{Reference, Text};

/// What a number is of: the scheme of its canonical form, that of the form that is filled up, and how long that is.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    scheme: &'static str,
    filled_scheme: &'static str,
    length: usize,
}

impl Kind {
    const fn new(scheme: &'static str, filled_scheme: &'static str, length: usize) -> Self {
        Kind { scheme, filled_scheme, length }
    }

    /// The scheme of the canonical form.
    pub(crate) fn scheme(self) -> &'static str {
        self.scheme
    }
}

pub(crate) const ORDER: Kind = Kind::new("order", "sap-order", 10);
pub(crate) const DELIVERY: Kind = Kind::new("shipment", "sap-delivery", 10);
pub(crate) const BILLING: Kind = Kind::new("invoice", "sap-billing-document", 10);
pub(crate) const MATERIAL: Kind = Kind::new("sku", "sap-material", 18);
pub(crate) const PARTNER: Kind = Kind::new("sap-business-partner", "sap-business-partner-number", 10);
/// What happened to an order or delivery elsewhere in SAP's flow of documents.
pub(crate) const DOCUMENT: Kind = Kind::new("sap-document", "sap-document-number", 10);

/// A number as SAP shows it: without the noughts in front of one that is all digits. Nothing where it is noughts alone, which is
/// a field that nobody has filled.
pub(crate) fn shown(written: &str) -> &str {
    let written = written.trim();
    match written.bytes().all(|byte| byte.is_ascii_digit()) {
        true => written.trim_start_matches('0'),
        false => written,
    }
}

/// A number as SAP keeps it.
pub(crate) fn filled(written: &str, length: usize) -> String {
    let shown = shown(written);
    match shown.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("{shown:0>length$}"),
        false => shown.to_owned(),
    }
}

/// The references of a number: as it is shown, with how it was written where that differs; and as it is kept, where that is
/// another form. One that is too long is none; the document's own field has refused it then.
pub(crate) fn references(kind: Kind, written: &str) -> Vec<Reference> {
    let (written, shown) = (written.trim(), shown(written));
    let filled = filled(written, kind.length);
    let text = |text: &str| Text::new(text).ok();
    let canonical = Reference::new(kind.scheme, shown)
        .ok()
        .map(|reference| Reference { written: text(written).filter(|_| written != shown), ..reference });
    let internal = Reference::new(kind.filled_scheme, &filled).ok().filter(|_| filled != shown && canonical.is_some());
    canonical.into_iter().chain(internal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: Kind, written: &str) -> Vec<String> {
        let told = |reference: Reference| {
            let written = reference.written.map(|written| format!(" ({written})")).unwrap_or_default();
            format!("{}:{}{written}", reference.scheme, reference.value)
        };
        references(kind, written).into_iter().map(told).collect()
    }

    #[test]
    fn both_forms_of_a_number_are_found_whichever_was_written() {
        assert_eq!(told(DELIVERY, "0080000123"), ["shipment:80000123 (0080000123)", "sap-delivery:0080000123"]);
        assert_eq!(told(DELIVERY, "80000123"), ["shipment:80000123", "sap-delivery:0080000123"]);
        assert_eq!(told(ORDER, "PO-7"), ["order:PO-7"]);
        assert_eq!(told(ORDER, "4500000670"), ["order:4500000670"]);
        assert!(told(ORDER, "0000000000").is_empty() && told(ORDER, " ").is_empty());
    }

    #[test]
    fn only_digits_lose_their_noughts() {
        assert_eq!((shown("000010"), shown("0A10"), shown("0"), shown(" 21 ")), ("10", "0A10", "", "21"));
        assert_eq!((filled("21", 18), filled("TG11", 18)), ("000000000000000021".to_owned(), "TG11".to_owned()));
    }
}
