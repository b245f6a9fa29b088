//! UN/CEFACT Cross Industry Invoice, D16B, as Factur-X, ZUGFeRD 2 and XRechnung use it, and D13A (`CrossIndustryDocument`), as
//! ZUGFeRD 1 did: the same under other names, which stand behind a `|` in paths.
//!
//! Namespaces are not looked at. What EN 16931 has a term for is held against its rules (`rules`), and read whether or not it holds.

mod line;
mod party;
mod settlement;
mod terms;

use portgate_sdk::canonical::{
    CommercialInvoice, Date, Incoterm, IncotermCode, InvoiceDocument, InvoiceNote, InvoicePeriod, Location, PartyRole,
};
use portgate_sdk::xml::{Element, Options};
use portgate_sdk::{Decoded, Message, Rejection, Severity};

use crate::invoice::{Head, TYPES, refer};
use crate::notes::{At, Notes, short};
use crate::rules;

const TRANSACTION: &str = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction";
const DOCUMENT: &str = "ExchangedDocument|HeaderExchangedDocument";
const CONTEXT: &str = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext";
const AGREEMENT: &str = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement";
const DELIVERY: &str = "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery";
const SETTLEMENT: &str = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement";
const SUMS: &str = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation";
const LINES: &str = "IncludedSupplyChainTradeLineItem";
const NUMBER: &str = "IssuerAssignedID|ID";
const RATE: &str = "RateApplicablePercent|ApplicablePercent";

/// All elements at a path of which each step has one or several names.
fn all<'d>(element: Element<'d>, path: &str) -> Vec<Element<'d>> {
    let mut found = vec![element];
    for names in path.split('/') {
        let is_named = |inner: &Element<'d>| names.split('|').any(|name| name == inner.name());
        found = found.iter().flat_map(|element| element.elements().filter(is_named)).collect();
    }
    found
}

/// The first of them.
fn one<'d>(element: Element<'d>, path: &str) -> Option<Element<'d>> {
    all(element, path).into_iter().next()
}

/// The same where there may be nothing to look in.
fn within<'d>(element: Option<Element<'d>>, path: &str) -> Option<Element<'d>> {
    one(element?, path)
}

/// An invoice as a document.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let document = message.xml(&Options::default())?;
    let mut notes = Notes::default();
    for anomaly in document.anomalies() {
        notes.finding(anomaly.clone());
    }
    let root = document.root();
    match root.name() {
        "CrossIndustryInvoice" | "CrossIndustryDocument" => {
            if let Some(invoice) = invoice(root, message, &mut notes) {
                notes.document(&invoice);
            }
            rules::check(&terms::read(root), &mut notes);
        }
        other => {
            let detail = format!("The root is `{}`; send a `CrossIndustryInvoice`.", short(other));
            notes.error("NOT-AN-INVOICE", At(root), detail);
        }
    }
    notes.finish()
}

fn invoice(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<CommercialInvoice> {
    let document = one(root, DOCUMENT);
    let transaction = one(root, TRANSACTION).unwrap_or(root);
    let (agreement, settlement) = (one(transaction, AGREEMENT), one(transaction, SETTLEMENT));
    let currency = within(settlement, "InvoiceCurrencyCode");
    notes.amounts_are_in(currency.and_then(crate::notes::currency_of));
    let head = Head {
        number: notes.id(within(document, "ID")),
        issue_date: date(within(document, "IssueDateTime"), notes),
        type_code: notes.code(within(document, "TypeCode"), TYPES),
        currency: notes.currency(currency),
        payable: notes.money(within(settlement, &format!("{SUMS}/DuePayableAmount"))),
        seller: party::of(within(agreement, "SellerTradeParty"), PartyRole::Seller, notes),
    };
    let (words, lines): (Vec<_>, Vec<_>) = all(transaction, LINES).into_iter().partition(|line| line::is_words(*line));
    let lines: Vec<_> = lines.into_iter().filter_map(|element| line::read(element, notes)).collect();
    let mut invoice = head.invoice(message, At(root), notes)?;
    invoice.lines = lines;
    for line in words {
        invoice.notes.extend(line::words(line, notes).map(InvoiceNote::new));
    }
    invoice.title = notes.words(within(document, "Name"));
    invoice.process = notes.words(one(root, &format!("{CONTEXT}/BusinessProcessSpecifiedDocumentContextParameter/ID")));
    let guideline = "GuidelineSpecifiedDocumentContextParameter/ID";
    invoice.specification = notes.words(one(root, &format!("{CONTEXT}/{guideline}")));
    let test = one(root, &format!("{CONTEXT}/TestIndicator"));
    let test = test.map(|test| test.child("Indicator").unwrap_or(test));
    if let Some(test) = test.filter(|test| test.text().as_deref() == Some("true")) {
        notes.warning("TEST-INVOICE", At(test), "The invoice says that it is a test.");
    }
    for note in document.map(|document| all(document, "IncludedNote")).unwrap_or_default() {
        let words = [note.text_at("ContentCode"), note.text_at("Content")].into_iter().flatten().collect::<Vec<_>>();
        let words = notes.free_text(At(note), "note", &words.join(": "));
        let subject = notes.id(note.child("SubjectCode"));
        invoice.notes.extend(words.map(|words| InvoiceNote { subject, ..InvoiceNote::new(words) }));
    }
    if let Some(agreement) = agreement {
        self::agreement(agreement, &mut invoice, notes);
    }
    if let Some(delivery) = one(transaction, DELIVERY) {
        self::delivery(delivery, &mut invoice, notes);
    }
    if let Some(settlement) = settlement {
        settlement::read(settlement, &mut invoice, notes);
    }
    Some(invoice)
}

/// What was agreed: on whose behalf, under which order and contract, and on what terms of delivery.
fn agreement(agreement: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    invoice.buyer_reference = notes.words(agreement.child("BuyerReference"));
    invoice.buyer = party::of(agreement.child("BuyerTradeParty"), PartyRole::Buyer, notes);
    for (name, role) in [
        ("SellerTaxRepresentativeTradeParty", PartyRole::TaxRepresentative),
        ("ProductEndUserTradeParty", PartyRole::Consignee),
        ("BuyerAgentTradeParty", PartyRole::Representative),
        ("SalesAgentTradeParty", PartyRole::Representative),
    ] {
        for element in agreement.children(name) {
            invoice.parties.extend(party::of(Some(element), role, notes));
        }
    }
    for (name, scheme) in [
        ("SellerOrderReferencedDocument", "sales-order"),
        ("BuyerOrderReferencedDocument", "order"),
        ("QuotationReferencedDocument", "quotation"),
        ("ContractReferencedDocument", "contract"),
        ("SpecifiedProcuringProject", "project"),
    ] {
        for element in agreement.children(name) {
            refer_to(element, scheme, invoice, notes);
        }
    }
    for element in agreement.children("AdditionalReferencedDocument") {
        match element.text_at("TypeCode").as_deref() {
            // A call for tenders or a lot of it.
            Some("50") => refer_to(element, "tender", invoice, notes),
            _ => invoice.documents.extend(self::document(element, notes)),
        }
    }
    let terms = one(agreement, "ApplicableTradeDeliveryTerms/DeliveryTypeCode");
    if let Some((terms, code)) = terms.and_then(|terms| Some((terms, terms.text()?))) {
        match serde_json::from_value::<IncotermCode>(code.to_ascii_uppercase().into()) {
            Ok(code) => {
                let name = notes.words(one(agreement, "ApplicableTradeDeliveryTerms/RelevantTradeLocation/Name"));
                let place = name.map(|name| Location { name: Some(name), ..Location::default() });
                invoice.incoterm = Some(Incoterm { code, place });
            }
            Err(_) => {
                let detail = format!("`{}` is no Incoterm; it is kept as a note.", short(&code));
                notes.warning("INCOTERM", At(terms), detail);
                let words = notes.free_text(At(terms), "terms of delivery", &code);
                invoice.notes.extend(words.map(InvoiceNote::new));
            }
        }
    }
}

/// When and where to the goods were delivered.
fn delivery(delivery: Element<'_>, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    for (name, role) in [
        ("ShipToTradeParty", PartyRole::ShipTo),
        ("UltimateShipToTradeParty", PartyRole::Consignee),
        ("ShipFromTradeParty", PartyRole::ShipFrom),
    ] {
        invoice.parties.extend(party::of(delivery.child(name), role, notes));
    }
    invoice.delivery_date = date(one(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"), notes);
    for (name, scheme) in [
        ("DespatchAdviceReferencedDocument", "despatch-advice"),
        ("ReceivingAdviceReferencedDocument", "receiving-advice"),
        ("DeliveryNoteReferencedDocument", "delivery-note"),
    ] {
        for element in delivery.children(name) {
            refer_to(element, scheme, invoice, notes);
        }
    }
}

/// A document that the invoice names; what is said of it beside its number has no room in a reference.
fn refer_to(element: Element<'_>, scheme: &str, invoice: &mut CommercialInvoice, notes: &mut Notes) {
    refer(&mut invoice.references, notes.reference(one(element, NUMBER), scheme));
    let details = ["FormattedIssueDateTime", "IssueDateTime", "Name", "URIID"];
    if details.iter().any(|name| element.child(name).is_some()) {
        invoice.documents.extend(document(element, notes));
    }
}

/// A document that belongs to the invoice or a line. What is attached stays in the message.
fn document(element: Element<'_>, notes: &mut Notes) -> Option<InvoiceDocument> {
    let number = notes.id(one(element, NUMBER))?;
    let attached = element.child("AttachmentBinaryObject");
    if let Some(attached) = attached {
        let detail = "A file is attached; its content stays in the message and is not in the document.";
        notes.note(Severity::Info, "ATTACHMENT", At(attached), detail);
    }
    let attribute = |name: &str| attached.and_then(|attached| attached.attribute(name));
    Some(InvoiceDocument {
        type_code: notes.code(element.child("TypeCode"), TYPES),
        scheme: notes.id(element.child("ReferenceTypeCode")),
        description: notes.words(element.child("Name")),
        issue_date: date(one(element, "FormattedIssueDateTime|IssueDateTime"), notes),
        uri: notes.words(element.child("URIID")),
        file_name: attribute("filename").and_then(|name| notes.free_text(At(element), "name of the file", name)),
        media_type: attribute("mimeCode").and_then(|code| notes.identifier(At(element), "media type", code)),
        ..InvoiceDocument::new(number)
    })
}

/// A day in an element that holds a `DateTimeString` or `DateString` (UNTDID 2379: 102, or with a time behind it), or an ISO 8601
/// text.
fn date(element: Option<Element<'_>>, notes: &mut Notes) -> Option<Date> {
    let element = element?;
    let inner = one(element, "DateTimeString|DateString|DateTime").unwrap_or(element);
    let text = inner.text()?;
    let has_days = matches!(inner.attribute("format"), None | Some("102" | "203" | "204" | "205"));
    let digits = text.get(..8).filter(|digits| has_days && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let day = match digits {
        Some(digits) => format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]),
        None => text.get(..10).unwrap_or(&text).to_owned(),
    };
    notes.valid(At(inner), Date::new(day))
}

fn period(element: Option<Element<'_>>, notes: &mut Notes) -> Option<InvoicePeriod> {
    let element = element?;
    let (start, end) = (date(element.child("StartDateTime"), notes), date(element.child("EndDateTime"), notes));
    (start.is_some() || end.is_some()).then_some(InvoicePeriod { start, end })
}
