//! What SAP is told: batches of OData and IDocs, made of canonical documents.

use portgate_sdk::agreement::{Agreement, Level};
use portgate_sdk::canonical::{Quantity, Reference, Text};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Target};
use serde::Deserialize;

use crate::number;

pub(crate) mod accrual;
pub(crate) mod batch;
pub(crate) mod confirmation;
pub(crate) mod goods_issue;
mod idoc;
pub(crate) mod texts;

/// The longest number of a document of SAP's.
const NUMBER_MAX: usize = 10;

/// As much of a document as says which of SAP's documents it is about, and what of it. What policy withholds is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    shipment_id: Option<Text<64>>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    lines: Vec<Line>,
}

/// Goods of one item.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    line_no: Option<Text<64>>,
    quantity: Option<Quantity>,
    sku: Option<Text<64>>,
    lot: Option<Text<64>>,
}

impl About {
    fn read(document: &Document) -> Result<Self, Rejection> {
        document.read()
    }

    /// The delivery in SAP: by SAP's own scheme, then by what the shipment is called, where that can be a number of SAP's.
    fn delivery(&self) -> Option<String> {
        let named = self.shipment_id.as_deref().into_iter().chain(self.referenced("shipment"));
        first_number(self.referenced("sap-delivery"), named)
    }

    /// The sales order in SAP, likewise.
    fn sales_order(&self) -> Option<String> {
        first_number(self.referenced("sap-order"), self.referenced("order"))
    }

    fn referenced<'a>(&'a self, scheme: &'a str) -> impl Iterator<Item = &'a str> {
        self.references.iter().filter(move |reference| &*reference.scheme == scheme).map(|reference| &*reference.value)
    }
}

/// The first that can be the number of a document of SAP's: up to ten letters and digits of SAP's own scheme, digits alone of what
/// others may have named.
fn first_number<'a>(own: impl Iterator<Item = &'a str>, named: impl Iterator<Item = &'a str>) -> Option<String> {
    let fits = |number: &&str| (1..=NUMBER_MAX).contains(&number.len());
    let own = own.map(number::shown).filter(fits).find(|number| number.bytes().all(|b| b.is_ascii_alphanumeric()));
    let named = named.map(number::shown).filter(fits).find(|number| number.bytes().all(|b| b.is_ascii_digit()));
    own.or(named).map(str::to_owned)
}

/// A mistake at a place of the documents.
fn error(index: usize, name: &str, code: &str, detail: impl Into<String>) -> Finding {
    let at = Pointer::root().index(index);
    Finding::error(code, if name.is_empty() { at } else { at.key(name) }, detail)
}

/// That a document names no delivery.
fn no_delivery(index: usize) -> Finding {
    let detail =
        "The document names no delivery of SAP's: give `shipmentId` or a reference `sap-delivery`, up to ten digits.";
    error(index, "shipmentId", "NO-DELIVERY", detail)
}

/// That documents of a kind cannot be said under a contract.
fn other_kind(index: usize, document: &Document, target: &Target) -> Finding {
    error(index, "", "OTHER-KIND", format!("`{target}` is not made of a `{}`.", document.kind))
}

fn setting<'t>(target: &'t Target, name: &str) -> Option<&'t str> {
    target.agreement.as_ref().and_then(|agreement| agreement.setting(name))
}

/// The agreement, without which nobody knows what both sides are called.
fn agreement(target: &Target) -> Result<&Agreement, Finding> {
    target.agreement.as_ref().ok_or_else(|| {
        let detail =
            format!("An IDoc says from whom to whom it is, which only an agreement on `{target}` does; add one.");
        Finding::error("NO-AGREEMENT", "", detail)
    })
}

/// What both sides are called: type and number of partners, ours first.
fn sides(agreement: &Agreement) -> [(String, String); 2] {
    let side = |identifier: Option<&portgate_sdk::agreement::Identifier>| {
        identifier.map(|side| (side.qualifier.clone(), side.value.clone())).unwrap_or_default()
    };
    [side(agreement.our(Level::Interchange)), side(agreement.their(Level::Interchange))]
}

/// The documents' mistakes, or what was made of them.
fn made<T>(value: T, findings: Vec<Finding>) -> Result<T, Rejection> {
    match findings.is_empty() {
        true => Ok(value),
        false => Err(Rejection::new(findings)),
    }
}
