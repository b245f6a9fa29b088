//! Declarations of the Customs Declaration Service, both ways: WCO DEC-DMS:2 in its `MetaData`.
//!
//! What is read and what is written is one walk over the schema (`declaration/side.rs` says how), in the order of the schema:
//! `header.rs` is `Declaration`, `shipment.rs` is `GoodsShipment`, `item.rs` is `GovernmentAgencyGoodsItem`.

mod amended;
mod elements;
mod header;
mod item;
mod parts;
mod party;
mod shipment;
mod side;

use std::collections::BTreeSet;

use portgate_sdk::canonical::{
    CanonicalDocument, CustomsDeclaration, DeclarationPointer, DeclarationStatement, PartyRole, Reference, Regime, Text,
};
use portgate_sdk::xml::{Element, Writer};
use portgate_sdk::{Decoded, Document, Finding, Header, Message, Pointer, Rejection, Request, Target};

use crate::notes::Notes;
pub(crate) use elements::{Step, field};
pub(crate) use parts::digit;
use side::Side;

/// Whose customs it is.
const JURISDICTION: &str = "GB";

/// The function code of a request about a declaration that there is; without one a declaration is new.
const REQUEST: &str = "13";

/// What a request to cancel is, and the reason that it always has.
const CANCELLATION: &str = "INV";
const CANCELLED: &str = "1";

/// What it is to say that the goods are there, of a declaration that was lodged before they were.
const PRESENTATION: &str = "GPR";

/// What kind a statement in words is.
const IN_WORDS: &str = "AES";

/// The edition of the authority's API, and where it is below the base URL.
const ACCEPTED: &str = "application/vnd.hmrc.3.0+xml";
const PATH: &str = "/customs/declarations";

/// The most references that a document has.
const REFERENCES_MAX: usize = 64;

/// The namespaces, by the prefixes that are written for them.
const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns:md", "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"),
    ("xmlns", "urn:wco:datamodel:WCO:DEC-DMS:2"),
    ("xmlns:p", "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"),
];

/// What stands before each declaration: of which edition of the data model it is, and whose.
const META_DATA: [(&str, &str); 5] = [
    ("md:WCODataModelVersionCode", "3.6"),
    ("md:WCOTypeName", "DEC"),
    ("md:ResponsibleCountryCode", "GB"),
    ("md:ResponsibleAgencyName", "HMRC"),
    ("md:AgencyAssignedCustomizationVersionCode", "v2.1"),
];

/// Reads the copy of a declaration.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let xml = message.xml(&crate::xml_options())?;
    let mut notes = Notes::default();
    for anomaly in xml.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    if let Some(element) = declaration(xml.root(), &mut notes) {
        copy(element, message, &mut notes);
    }
    notes.finish()
}

/// Reads a declaration, wherever it stands.
pub(crate) fn copy(element: Element<'_>, message: &Message, notes: &mut Notes) {
    let Some(mut document) = begun(element, message, notes) else { return };
    let mut side = Side::reading(element, notes);
    header::walk(&mut side, &mut document);
    side.finish();
    finish(&mut document, element, notes);
    notes.document(&document);
}

/// The declaration of a message; where there is none, an error that says what was expected.
fn declaration<'d>(root: Element<'d>, notes: &mut Notes) -> Option<Element<'d>> {
    let found = match root.name() {
        "Declaration" => Some(root),
        "MetaData" => root.child("Declaration"),
        _ => None,
    };
    if found.is_none() {
        let name: String = root.name().chars().take(64).collect();
        let detail = match root.child("Response") {
            Some(_) => {
                "`MetaData` holds a notification; a declaration is taken here, which is `Declaration`.".to_owned()
            }
            None => format!("The root is `{name}`; send a declaration, which is `Declaration` in `MetaData`."),
        };
        notes.error("NOT-A-DECLARATION", root, detail);
    }
    found
}

/// A document with what it cannot be without.
fn begun(element: Element<'_>, message: &Message, notes: &mut Notes) -> Option<CustomsDeclaration> {
    let lrn: Text<35> = notes.required_text(element, "FunctionalReferenceID")?;
    let kind = element.text_at("TypeCode").unwrap_or_default();
    let is_request = element.text_at("FunctionCode").is_some_and(|code| code.trim() == REQUEST);
    // A request has a name of its own, which may be that of the declaration; it does not take its place.
    let id = if is_request { format!("{lrn}|{kind}") } else { lrn.to_string() };
    let id = notes.identifier(element, "name of the declaration", &id)?;
    let source = message.source(Some(lrn.widened()), None);
    let (version, jurisdiction) = (Text::new("1").ok()?, Text::new(JURISDICTION).ok()?);
    let regime = regime(element, &kind, is_request, notes);
    Some(CustomsDeclaration::new(id, version, source, lrn, jurisdiction, regime))
}

/// The regime by the type (DE 1/1). `CO`, of trade with territories that have taxes of their own, is both.
fn regime(element: Element<'_>, kind: &str, is_request: bool, notes: &mut Notes) -> Regime {
    match kind.get(..2) {
        Some("IM") => Regime::Import,
        Some("EX") => Regime::Export,
        Some("CO") if !is_request && element.path("GoodsShipment/Importer").is_some() => Regime::Import,
        Some("CO") if !is_request => Regime::Export,
        _ => {
            if !is_request {
                let detail = "The type of the declaration is none that is known; add it to the connector.";
                notes.warning("UNKNOWN-TYPE-CODE", element.child("TypeCode").unwrap_or(element), detail);
            }
            Regime::Unmapped
        }
    }
}

/// What follows from what was read: how the document is tied to others, and why a cancellation is wanted.
fn finish(document: &mut CustomsDeclaration, element: Element<'_>, notes: &mut Notes) {
    if document.type_code.as_deref() == Some(CANCELLATION) {
        let words = document.statements.iter().find_map(|statement| statement.text.clone());
        document.invalidation = words
            .map(|words| portgate_sdk::canonical::Invalidation { justification: Some(words), ..Default::default() });
    }
    let previous = document.items.iter().flat_map(|item| &item.previous_documents).chain(&document.previous_documents);
    let ucr = previous.filter_map(|previous| match &*previous.r#type {
        "DCR" => Some(("ucr", previous.id.to_string())),
        "MCR" => Some(("mucr", previous.id.to_string())),
        _ => None,
    });
    let containers = document.equipment.iter().map(|id| (Reference::CONTAINER, id.to_string()));
    let mrn = document.mrn.iter().map(|mrn| ("mrn", mrn.to_string()));
    let names: Vec<_> =
        [("lrn", document.lrn.to_string())].into_iter().chain(mrn).chain(ucr).chain(containers).collect();
    let mut known = BTreeSet::new();
    for (scheme, name) in names {
        if known.insert((scheme, name.clone())) && document.references.len() < REFERENCES_MAX {
            document.references.extend(notes.reference(element, scheme, &name));
        }
    }
}

/// Writes a declaration, an amendment or a request to cancel.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = format!("A message holds one declaration, not {}.", documents.len());
        return Err(Finding::error("ONE-AT-A-TIME", "", detail).into());
    };
    if document.kind != CustomsDeclaration::KIND {
        let detail = format!("A message is made of a declaration, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-DECLARATION", Pointer::root().index(0), detail).into());
    }
    let mut declaration: CustomsDeclaration = document.read()?;
    check(&declaration)?;
    let is_request = declaration.function_code.as_ref().is_some_and(|function| &*function.code == REQUEST);
    let is_cancellation = is_request && declaration.type_code.as_deref() == Some(CANCELLATION);
    let setting = |name| target.agreement.as_ref().and_then(|agreement| agreement.setting(name));
    if is_request && !is_cancellation {
        amended::point(&mut declaration, setting("amendment_reason"));
    }
    let mut writer = Writer::new("md:MetaData");
    let mut root = writer.root();
    for (name, uri) in NAMESPACES {
        root.attribute(name, uri);
    }
    for (name, text) in META_DATA {
        root.leaf(name, text);
    }
    let mut side = Side::Writing(root.child("Declaration"));
    match is_cancellation {
        true => header::cancellation(&mut side, &mut asked(declaration.clone())),
        false => header::walk(&mut side, &mut declaration),
    }
    drop(side);
    drop(root);
    let body = writer.finish()?.bytes;
    let place = match declaration.type_code.as_deref().filter(|_| is_request) {
        Some(CANCELLATION) => "/cancellation-requests",
        Some(PRESENTATION) => "/arrival-notification",
        Some(_) => "/amend",
        None => "/",
    };
    let path = format!("{}{place}", setting("path").unwrap_or(PATH).trim_end_matches('/'));
    let mut request = Request::post(path, "application/xml; charset=UTF-8", body);
    request.headers.push(Header::new("accept", ACCEPTED));
    for (name, header) in [("badge", "x-badge-identifier"), ("submitter", "x-submitter-identifier")] {
        request.headers.extend(setting(name).map(|value| Header::new(header, value)));
    }
    Ok(request)
}

/// What there is room for once, and what there must be.
fn check(declaration: &CustomsDeclaration) -> Result<(), Rejection> {
    let mut findings = Vec::new();
    let root = Pointer::root().index(0);
    twice(&declaration.parties, &root.key("parties"), &mut findings);
    twice(&declaration.carriage_parties, &root.key("carriageParties"), &mut findings);
    for (index, item) in declaration.items.iter().enumerate() {
        let at = root.key("items").index(index);
        twice(&item.parties, &at.key("parties"), &mut findings);
        twice(&item.carriage_parties, &at.key("carriageParties"), &mut findings);
    }
    if &*declaration.jurisdiction != JURISDICTION {
        let detail = format!(
            "The declaration is for the customs of {}, and goes to those of {JURISDICTION}.",
            declaration.jurisdiction
        );
        findings.push(Finding::error("JURISDICTION", root.key("jurisdiction"), detail));
    }
    for (name, is_missing) in
        [("functionCode", declaration.function_code.is_none()), ("typeCode", declaration.type_code.is_none())]
    {
        if is_missing {
            findings.push(Finding::error(
                "MISSING",
                root.key(name),
                format!("`{name}` is missing; every declaration says it."),
            ));
        }
    }
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Rejection::new(findings)),
    }
}

fn twice(parties: &[portgate_sdk::canonical::Party], at: &Pointer, findings: &mut Vec<Finding>) {
    let mut roles: Vec<PartyRole> = Vec::new();
    for (index, party) in parties.iter().enumerate() {
        if roles.contains(&party.role) {
            let detail = "A declaration has one party of each part; this is the second.";
            findings.push(Finding::error("SECOND-PARTY", at.index(index), detail));
        }
        roles.push(party.role);
    }
}

/// A request to cancel with what it cannot be without: words that say why, which point to the declaration, and a reason.
fn asked(mut declaration: CustomsDeclaration) -> CustomsDeclaration {
    if declaration.statements.is_empty() {
        let step = |section| DeclarationPointer { sequence: Some(1), section: Text::new(section).ok(), tag: None };
        let justification =
            declaration.invalidation.as_ref().and_then(|invalidation| invalidation.justification.clone());
        declaration.statements.extend(justification.map(|words| DeclarationStatement {
            text: Some(words),
            r#type: Text::new(IN_WORDS).ok(),
            pointers: vec![step("42A"), step("06A")],
            ..DeclarationStatement::default()
        }));
    }
    if declaration.amendments.is_empty() {
        let reason = Text::new(CANCELLED).ok();
        declaration.amendments.push(portgate_sdk::canonical::Amendment { reason, ..Default::default() });
    }
    declaration
}
