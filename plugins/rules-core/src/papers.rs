//! R19: the documents that a declaration for import or export has to name.

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CustomsDeclaration, CustomsDocument, DeclarationItem, Regime};
use portgate_sdk::{Judge, Placed, reference};

use crate::shipment::Facts;

/// Which document belongs to which type of authorisation, by either.
const AUTHORISED: &str = "authorisation-documents";
/// What an invoice is as a document: of customs (`N935`), commercial, or pro forma.
pub(crate) const INVOICES: [&str; 3] = ["N935", "N380", "N325"];

/// `now` is an RFC 3339 instant in UTC: codes are looked up as of that day.
pub(crate) fn judge(facts: &Facts, now: &str, judge: &mut Judge) {
    let today = now.get(..10).unwrap_or_default();
    for declaration in &facts.declarations {
        let regime = declaration.document.regime;
        if regime == Regime::Import {
            price_is_invoiced(declaration, judge);
        }
        if matches!(regime, Regime::Import | Regime::Export) {
            authorisations_are_documented(declaration, today, judge);
        }
    }
}

/// The documents of an item and of the whole.
fn documents<'d>(says: &'d CustomsDeclaration, item: &'d DeclarationItem) -> impl Iterator<Item = &'d CustomsDocument> {
    item.documents.iter().chain(&says.documents)
}

/// A transaction value (method 1) is an invoice's, which is named with its number.
fn price_is_invoiced(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let says = &declaration.document;
    for (index, item) in says.items.iter().enumerate() {
        if item.valuation_method.as_deref() != Some("1") {
            continue;
        }
        let mut invoices = documents(says, item).filter(|document| INVOICES.contains(&&*document.r#type));
        let problem = match invoices.next() {
            None => "no invoice is named (N935; CDS12077)",
            Some(first) if first.id.is_none() && invoices.all(|other| other.id.is_none()) => {
                "the invoice has no number (N935; CDS12068)"
            }
            Some(_) => continue,
        };
        let detail = format!("Item {} is valued by its price (method 1), and {problem}.", item.no);
        let at = |field: &str| declaration.at(&format!("/items/{index}/{field}"));
        let fields = [at("documents"), at("valuationMethod")];
        judge.found("R19", Error, fields, detail, "Name the invoice that the price is from, with its number.");
    }
}

/// Who holds an authorisation and the document that says so are named both or not at all.
fn authorisations_are_documented(declaration: &Placed<CustomsDeclaration>, today: &str, judge: &mut Judge) {
    let says = &declaration.document;
    if says.authorisations.is_empty() && says.items.iter().all(|item| item.documents.is_empty()) {
        return;
    }
    let named = || says.items.iter().flat_map(|item| &item.documents).chain(&says.documents);
    for (index, authorisation) in says.authorisations.iter().enumerate() {
        let r#type = &*authorisation.r#type;
        let Some(document) = reference::lookup(AUTHORISED, r#type, today) else { continue };
        if !named().any(|one| *one.r#type == document) {
            let detail = format!("Authorisation {type} is named without its document, {document} (CDS12096).");
            let fields =
                [declaration.at(&format!("/authorisations/{index}/type")), declaration.at("/items/0/documents")];
            judge.found("R19", Error, fields, detail, "Name the document with the number of the authorisation.");
        }
    }
    for (index, item) in says.items.iter().enumerate() {
        for (position, document) in item.documents.iter().enumerate() {
            let Some(r#type) = reference::lookup(AUTHORISED, &document.r#type, today) else { continue };
            if !says.authorisations.iter().any(|one| *one.r#type == r#type) {
                let detail = format!(
                    "Item {} names document {}, and nobody holds authorisation {type} (CDS12077).",
                    item.no, &*document.r#type
                );
                let place = declaration.at(&format!("/items/{index}/documents/{position}/type"));
                let fields = [declaration.at("/authorisations"), place];
                judge.found(
                    "R19",
                    Warning,
                    fields,
                    detail,
                    "Name who holds the authorisation, or leave the document out.",
                );
            }
        }
    }
}
