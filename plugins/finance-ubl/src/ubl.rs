//! UBL 2.1 Invoice and CreditNote, as Peppol BIS Billing 3 and other specifications of EN 16931 use them, and as the standard has them.
//!
//! Namespaces are not looked at. What EN 16931 has a term for is held against its rules (`rules`), and read whether or not it holds.

mod charges;
mod line;
mod party;
mod payment;
mod terms;

use portgate_sdk::canonical::{
    Code, CommercialInvoice, ExchangeRate, Incoterm, IncotermCode, InvoiceDocument, InvoiceNote, InvoicePeriod,
    Location, PartyRole, PrecedingInvoice, Text,
};
use portgate_sdk::xml::{Element, Options};
use portgate_sdk::{Decoded, Message, Rejection, Severity};

use crate::invoice::{Head, TYPES, refer};
use crate::notes::{At, Notes, code, short, text};
use crate::{party as parties, rules};

/// Whether an allowance or charge is a charge.
fn is_charge(element: Element<'_>) -> bool {
    matches!(element.child("ChargeIndicator").and_then(|flag| flag.text()).as_deref(), Some("true" | "1"))
}

/// Whether a tax category, or a tax registration, is of value added tax.
fn is_vat(element: Element<'_>) -> bool {
    element.path("TaxScheme/ID").and_then(|id| id.text()).is_some_and(|id| id.eq_ignore_ascii_case("VAT"))
}

/// An invoice or credit note as a document.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let document = message.xml(&Options::default())?;
    let mut notes = Notes::default();
    for anomaly in document.anomalies() {
        notes.finding(anomaly.clone());
    }
    let root = document.root();
    match root.name() {
        "Invoice" | "CreditNote" => {
            notes.amounts_are_in(root.child("DocumentCurrencyCode").and_then(|of| crate::notes::currency_of(of)));
            if let Some(invoice) = invoice(root, message, &mut notes) {
                notes.document(&invoice);
            }
            rules::check(&terms::read(root), &mut notes);
        }
        other => {
            let detail = format!("The root is `{}`; send a UBL `Invoice` or `CreditNote`.", short(other));
            notes.error("NOT-AN-INVOICE", At(root), detail);
        }
    }
    notes.finish()
}

fn invoice(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<CommercialInvoice> {
    let is_credit_note = root.name() == "CreditNote";
    let type_code = ["InvoiceTypeCode", "CreditNoteTypeCode"].into_iter().find_map(|name| root.child(name));
    let type_code = notes.code(type_code, TYPES).or_else(|| is_credit_note.then(|| code(text("381"), TYPES)));
    let totals = root.child("LegalMonetaryTotal");
    let payable = notes.money(totals.and_then(|totals| totals.child("PayableAmount")));
    let head = Head {
        number: notes.id(root.child("ID")),
        issue_date: notes.date(root.child("IssueDate")),
        type_code,
        currency: notes.currency(root.child("DocumentCurrencyCode")),
        payable,
        seller: party::of(root.path("AccountingSupplierParty/Party"), PartyRole::Seller, notes),
    };
    let mut lines = Vec::new();
    for name in ["InvoiceLine", "CreditNoteLine"] {
        for element in root.children(name) {
            lines.extend(line::read(element, notes));
        }
    }
    let mut invoice = head.invoice(message, At(root), notes)?;
    invoice.lines = lines;
    invoice.buyer = party::of(root.path("AccountingCustomerParty/Party"), PartyRole::Buyer, notes);
    for (path, role) in [
        ("PayeeParty", PartyRole::Payee),
        ("TaxRepresentativeParty", PartyRole::TaxRepresentative),
        ("BuyerCustomerParty/Party", PartyRole::Buyer),
        ("SellerSupplierParty/Party", PartyRole::Seller),
    ] {
        for element in root.all(path) {
            invoice.parties.extend(party::of(Some(element), role, notes));
        }
    }
    invoice.specification = notes.words(root.child("CustomizationID"));
    invoice.process = notes.words(root.child("ProfileID"));
    invoice.tax_currency = notes.currency(root.child("TaxCurrencyCode"));
    invoice.tax_point_date = notes.date(root.child("TaxPointDate"));
    invoice.tax_point = notes.code(root.path("InvoicePeriod/DescriptionCode"), "UNTDID 2005");
    invoice.buyer_reference = notes.words(root.child("BuyerReference"));
    invoice.buyer_account = notes.words(root.child("AccountingCost"));
    invoice.period = root.child("InvoicePeriod").and_then(|period| self::period(period, notes));
    invoice.fx_rate = fx_rate(root, notes);
    for note in root.children("Note") {
        invoice.notes.extend(self::note(note, notes));
    }
    references(root, &mut invoice, notes);
    delivery(root, &mut invoice, notes);
    payment::read(root, &mut invoice, notes);
    charges::totals(root, &mut invoice, notes);
    for element in root.children("AllowanceCharge") {
        invoice.charges.extend(charges::charge(element, notes));
    }
    Some(invoice)
}

/// A remark; EN 16931 writes what it is about in front of it, as in `#AAI#…`.
fn note(element: Element<'_>, notes: &mut Notes) -> Option<InvoiceNote> {
    let words = element.text()?;
    let marked = words.strip_prefix('#').and_then(|rest| rest.split_once('#'));
    let marked = marked.filter(|(subject, rest)| subject.len() == 3 && !rest.trim().is_empty());
    let (subject, words) = marked.map_or((None, &*words), |(subject, rest)| (Text::new(subject).ok(), rest));
    Some(InvoiceNote { subject, ..InvoiceNote::new(notes.free_text(At(element), "note", words)?) })
}

fn period(element: Element<'_>, notes: &mut Notes) -> Option<InvoicePeriod> {
    let period =
        InvoicePeriod { start: notes.date(element.child("StartDate")), end: notes.date(element.child("EndDate")) };
    (period != InvoicePeriod::default()).then_some(period)
}

fn fx_rate(root: Element<'_>, notes: &mut Notes) -> Option<ExchangeRate> {
    let names = ["TaxExchangeRate", "PricingExchangeRate", "PaymentExchangeRate"];
    let element = names.into_iter().find_map(|name| root.child(name))?;
    let to = notes.currency(element.child("TargetCurrencyCode"))?;
    let rate = notes.decimal(element.child("CalculationRate"))?;
    Some(ExchangeRate { date: notes.date(element.child("Date")), ..ExchangeRate::new(to, rate) })
}

/// Orders, contracts and the like that the invoice names, the invoices before it, and the documents that belong to it.
fn references(root: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    for (name, scheme) in [
        ("OrderReference", "order"),
        ("DespatchDocumentReference", "despatch-advice"),
        ("ReceiptDocumentReference", "receiving-advice"),
        ("OriginatorDocumentReference", "tender"),
        ("ContractDocumentReference", "contract"),
        ("ProjectReference", "project"),
    ] {
        for element in root.children(name) {
            let reference = notes.reference(element.child("ID"), scheme);
            refer(&mut invoice.references, reference);
            // What is said of it beside its number has no room in a reference.
            let details = ["IssueDate", "DocumentType", "DocumentTypeCode", "DocumentDescription", "Attachment"];
            if details.iter().any(|name| element.child(name).is_some()) {
                invoice.documents.extend(document(element, notes));
            }
        }
    }
    let sales_order = notes.reference(root.path("OrderReference/SalesOrderID"), "sales-order");
    refer(&mut invoice.references, sales_order);
    for name in ["InvoiceDocumentReference", "CreditNoteDocumentReference"] {
        for element in root.all(&format!("BillingReference/{name}")) {
            let Some(number) = notes.id(element.child("ID")) else { continue };
            invoice.preceding.push(PrecedingInvoice {
                issue_date: notes.date(element.child("IssueDate")),
                type_code: notes.code(element.child("DocumentTypeCode"), TYPES),
                ..PrecedingInvoice::new(number)
            });
        }
    }
    for element in root.children("AdditionalDocumentReference") {
        invoice.documents.extend(document(element, notes));
    }
}

/// A document that belongs to the invoice or a line. What is attached stays in the message.
fn document(element: Element<'_>, notes: &mut Notes) -> Option<InvoiceDocument> {
    let id = element.child("ID")?;
    let number = notes.id(Some(id))?;
    let attached = element.path("Attachment/EmbeddedDocumentBinaryObject");
    if let Some(attached) = attached {
        let detail = "A file is attached; its content stays in the message and is not in the document.";
        notes.note(Severity::Info, "ATTACHMENT", At(attached), detail);
    }
    let attribute = |name: &str| attached.and_then(|attached| attached.attribute(name));
    let described = element.child("DocumentDescription").or_else(|| element.child("DocumentType"));
    Some(InvoiceDocument {
        type_code: notes.code(element.child("DocumentTypeCode"), TYPES),
        scheme: id.attribute("schemeID").and_then(|scheme| notes.identifier(At(id), "scheme", scheme)),
        description: notes.words(described),
        issue_date: notes.date(element.child("IssueDate")),
        uri: notes.words(element.path("Attachment/ExternalReference/URI")),
        file_name: attribute("filename").and_then(|name| notes.free_text(At(element), "name of the file", name)),
        media_type: attribute("mimeCode").and_then(|code| notes.identifier(At(element), "media type", code)),
        ..InvoiceDocument::new(number)
    })
}

/// When and where to the goods were delivered, and on what terms.
fn delivery(root: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    for element in root.children("Delivery") {
        let day = notes.date(element.child("ActualDeliveryDate"));
        invoice.delivery_date = invoice.delivery_date.take().or(day);
        let place = party::delivered_to(element, notes);
        invoice.parties.extend(Some(place).filter(parties::is_known));
    }
    for element in root.children("DeliveryTerms") {
        let Some(id) = element.child("ID") else { continue };
        let Some(term) = id.text() else { continue };
        let known = serde_json::from_value::<IncotermCode>(term.to_ascii_uppercase().into()).ok();
        match known {
            Some(known) => {
                let name = notes.words(element.child("SpecialTerms"));
                let named = element.path("DeliveryLocation/ID").or_else(|| element.path("DeliveryLocation/Name"));
                let name = notes.words(named).or(name);
                let place = name.map(|name| Location { name: Some(name), ..Location::default() });
                invoice.incoterm = Some(Incoterm { code: known, place });
            }
            None => {
                let detail = format!("`{}` is no Incoterm; it is kept as a note.", short(&term));
                notes.warning("INCOTERM", At(id), detail);
                let words = notes.free_text(At(id), "terms of delivery", &term);
                invoice.notes.extend(words.map(InvoiceNote::new));
            }
        }
    }
}

/// The code of an item's class, in the classification that its list names.
fn class(element: Element<'_>, notes: &mut Notes) -> Option<Code> {
    let version = element.attribute("listVersionID").map(|version| format!(":{version}")).unwrap_or_default();
    let list = format!("{}{version}", element.attribute("listID").unwrap_or("own"));
    let list = notes.identifier(At(element), "list of the class", &list)?;
    Some(Code { code_list: list, ..notes.code(Some(element), "own")? })
}
