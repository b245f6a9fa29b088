//! What a declaration refers to: previous documents, certificates, authorisations, guarantees, statements (DE group 2, 3/39, 8/2).

use portgate_compose::{Facts, Together};
use portgate_sdk::canonical::{
    AdditionalInformation, Authorisation, CustomsDeclaration, CustomsDocument, CustomsWarehouse, Deferment,
    FiscalReference, Guarantee, GuaranteeReference, PreviousDocument, Regime, Text, TransportMode,
};

use crate::data_set::DataSet;
use crate::work::Work;

const RULE: &str = "C-UK-14";

/// What a previous document is to the declaration (DE 2/1): there before it, or what began what it ends.
const PREVIOUS: &str = "Z";
const INITIAL: &str = "Y";

/// Who declares for itself (DE 2/2).
const SELF_IMPORTER: (&str, &str) = ("00500", "IMPORTER");
const SELF_EXPORTER: (&str, &str) = ("00400", "EXPORTER");

/// The invoice that the value rests on (DE 2/3).
const INVOICE: &str = "N935";

pub(crate) fn write(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    previous(work, declaration);
    authorisations(work, declaration);
    if work.set == DataSet::H1 {
        money(work, declaration);
    }
    let warehouse = work.entries("warehouse", 2, "TYPE:IDENTIFIER").into_iter().next();
    declaration.warehouse = warehouse.map(|parts| CustomsWarehouse {
        r#type: work.part("warehouse", &parts, 0),
        id: work.part("warehouse", &parts, 1),
    });
    declaration.trader_reference = work.settings.text("trader-reference", &mut work.gaps);
}

/// Previous documents (DE 2/1): the consignment's references, its entry summary, its bill or waybill, and what policy adds.
fn previous(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let shipments = &work.facts.shipments;
    let ducr = portgate_compose::Said::by(shipments, "/ucr", |shipment| shipment.ucr.clone());
    let ducr = ducr.one("C-UK-16", "the unique consignment reference", &mut work.gaps);
    if ducr.is_none() && work.set == DataSet::B1 {
        let places: Vec<String> = shipments.iter().map(|shipment| shipment.at("/ucr")).take(4).collect();
        let detail = "The consignment has no unique reference (DUCR, DE 2/1), which an export cannot be without.";
        work.gaps.add(RULE, places, detail, "Who plans the shipment gives it one (`ucr`).");
    }
    let is_supplementary = matches!(work.settings.get("declaration-type"), Some("Y" | "Z"));
    let mut add = |kind: &str, id: &str, line: Option<u32>| {
        let initial = is_supplementary && kind == "DCR";
        let category = Text::new(if initial { INITIAL } else { PREVIOUS }).ok();
        let (Ok(kind), Ok(id)) = (Text::new(kind), Text::new(id)) else { return };
        let document = PreviousDocument { category, line, ..PreviousDocument::new(kind, id) };
        if !declaration.previous_documents.contains(&document) {
            declaration.previous_documents.push(document);
        }
    };
    if let Some(ducr) = &ducr {
        add("DCR", ducr, None);
    }
    let names = shipments.iter().flat_map(|shipment| &shipment.document.references);
    for mucr in names.filter(|name| &*name.scheme == "mucr") {
        add("MCR", &mucr.value, None);
    }
    if work.set.is_import() {
        for entry in work.facts.declarations.iter().filter(|one| one.document.regime == Regime::EntrySummary) {
            entry.document.mrn.iter().for_each(|mrn| add("355", mrn, Some(1)));
        }
        transport_documents(work.facts, &mut add);
    }
    for parts in work.entries("previous-documents", 3, "CATEGORY:TYPE:REFERENCE[:LINE]") {
        let (category, kind) = (work.part("previous-documents", &parts, 0), work.part("previous-documents", &parts, 1));
        let id = work.part("previous-documents", &parts, 2);
        let (Some(kind), Some(id)) = (kind, id) else { continue };
        let line = parts.get(3).and_then(|line| line.parse().ok());
        declaration.previous_documents.push(PreviousDocument { category, line, ..PreviousDocument::new(kind, id) });
    }
}

/// Bills and waybills, by what the goods came: the house's where there is one, else the master's.
fn transport_documents(facts: &Facts, add: &mut impl FnMut(&str, &str, Option<u32>)) {
    for shipment in facts.shipments.iter().map(|shipment| &shipment.document) {
        let (house, master) = match shipment.mode {
            Some(TransportMode::Sea | TransportMode::Inland) => ("714", "705"),
            Some(TransportMode::Air) => ("703", "740"),
            Some(TransportMode::Road) => ("730", "730"),
            Some(TransportMode::Rail) => ("720", "720"),
            Some(TransportMode::Mail | TransportMode::Fixed) | None => continue,
        };
        match (&shipment.house_transport_doc, &shipment.master_transport_doc) {
            (Some(number), _) => add(house, number, None),
            (None, Some(number)) => add(master, number, None),
            (None, None) => {}
        }
    }
}

/// Who is authorised to what (DE 3/39).
fn authorisations(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let name = "authorisations";
    for parts in work.entries(name, 1, "TYPE:HOLDER") {
        let Some(kind) = work.part(name, &parts, 0) else { continue };
        let holder_eori = work.part(name, &parts, 1);
        let reference = work.part(name, &parts, 2);
        declaration.authorisations.push(Authorisation { holder_eori, reference, ..Authorisation::new(kind) });
    }
}

/// How duties are paid and secured (DE 2/6, 3/40, 8/2, 8/3).
fn money(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let name = "deferment";
    for parts in work.entries(name, 3, "CATEGORY:TYPE:ACCOUNT") {
        let (category, kind, account) =
            (work.part(name, &parts, 0), work.part(name, &parts, 1), work.part(name, &parts, 2));
        declaration.deferment.push(Deferment { category, r#type: kind, account, ..Deferment::default() });
    }
    let name = "fiscal-references";
    for parts in work.entries(name, 2, "ROLE:NUMBER") {
        let (role, id) = (work.part(name, &parts, 0), work.part(name, &parts, 1));
        declaration.fiscal_references.extend(role.zip(id).map(|(role, id)| FiscalReference::new(role, id)));
    }
    let name = "guarantees";
    for parts in work.entries(name, 1, "TYPE[:REFERENCE[:OTHER]]") {
        let Some(kind) = work.part(name, &parts, 0) else { continue };
        let grn = work.part(name, &parts, 1);
        let mut guarantee = Guarantee { other_reference: work.part(name, &parts, 2), ..Guarantee::new(kind) };
        guarantee.references.extend(grn.map(|grn| GuaranteeReference { grn: Some(grn), ..Default::default() }));
        declaration.guarantees.push(guarantee);
    }
}

/// Documents of a goods item (DE 2/3): its invoices, what policy adds, and certificates on file.
pub(crate) fn documents(work: &mut Work<'_>, lines: &Together<'_>) -> Vec<CustomsDocument> {
    let mut documents: Vec<CustomsDocument> = Vec::new();
    if work.set == DataSet::H1 {
        let status: Option<Text<4>> = work.settings.text("invoice-status", &mut work.gaps);
        let mut numbers: Vec<&str> = Vec::new();
        for line in &lines.lines {
            if !numbers.contains(&line.document.as_str()) {
                numbers.push(&line.document);
            }
        }
        for number in numbers {
            let Ok(kind) = Text::new(INVOICE) else { continue };
            let id = Text::new(number).ok();
            documents.push(CustomsDocument { id, status: status.clone(), ..CustomsDocument::new(kind) });
        }
    }
    let name = "documents";
    for parts in work.entries(name, 1, "TYPE:REFERENCE[:STATUS[:REASON]]") {
        let Some(kind) = work.part(name, &parts, 0) else { continue };
        let (id, status, reason) = (work.part(name, &parts, 1), work.part(name, &parts, 2), work.part(name, &parts, 3));
        documents.push(CustomsDocument { id, status, reason, ..CustomsDocument::new(kind) });
    }
    for known in work.facts.documents.iter().map(|known| &known.document).filter(|known| is_of(known, lines)) {
        let Ok(kind) = Text::new(&*known.doc_type.code) else { continue };
        let id = Some(known.number.widened());
        let status = known
            .status
            .as_deref()
            .and_then(|status| Text::new(status).ok())
            .filter(|status: &Text<4>| status.len() == 2);
        let document = CustomsDocument { id, status, ..CustomsDocument::new(kind) };
        if !documents.iter().any(|other| other.r#type == document.r#type && other.id == document.id) {
            documents.push(document);
        }
    }
    documents
}

/// Whether a document on file is one of customs (a category and three more characters, such as `C644`), and of these goods: tied to
/// one of their articles, or to none.
fn is_of(known: &portgate_sdk::canonical::DocumentRef, lines: &Together<'_>) -> bool {
    let code = known.doc_type.code.as_bytes();
    let of_customs = matches!(code, [first, rest @ ..] if first.is_ascii_alphanumeric() && rest.len() == 3)
        && &*known.doc_type.code != INVOICE
        && !known.doc_type.code_list.starts_with("UNTDID");
    let mut articles = known.linked_objects.iter().filter(|name| &*name.scheme == "sku").peekable();
    let is_of_all = articles.peek().is_none();
    let named = articles.any(|name| lines.lines.iter().any(|line| line.sku.as_deref() == Some(&*name.value)));
    of_customs && (is_of_all || named)
}

/// Statements of a goods item (DE 2/2).
pub(crate) fn statements(work: &mut Work<'_>) -> Vec<AdditionalInformation> {
    let mut statements = Vec::new();
    if work.settings.get("representation") == Some("self") {
        let (code, text) = if work.set.is_import() { SELF_IMPORTER } else { SELF_EXPORTER };
        statements.extend(Text::new(code).ok().map(AdditionalInformation::new));
        statements.iter_mut().for_each(|statement: &mut AdditionalInformation| statement.text = Text::new(text).ok());
    }
    let name = "statements";
    for parts in work.entries(name, 1, "CODE[:TEXT]") {
        let Some(code) = work.part(name, &parts, 0) else { continue };
        let text = work.part(name, &parts, 1);
        statements.push(AdditionalInformation { text, ..AdditionalInformation::new(code) });
    }
    statements
}

/// What transport documents and consignments are called: what ties the declaration to them.
pub(crate) fn names(facts: &Facts) -> Vec<(&'static str, String)> {
    let shipments = facts.shipments.iter().map(|shipment| &shipment.document);
    let of_shipments = shipments.flat_map(|shipment| {
        let bills = [&shipment.house_transport_doc, &shipment.master_transport_doc].into_iter().flatten();
        let bills = bills.map(|number| ("transport-document", number.to_string()));
        shipment.ucr.iter().map(|ucr| ("ucr", ucr.to_string())).chain(bills)
    });
    of_shipments.collect()
}
