//! What the authority answers who asks about declarations: their status, their versions, the declarations of a search, and a
//! whole declaration. Each becomes a `customs-status`; a whole declaration also becomes a `customs-declaration`.
//!
//! A status is named by its declaration, the version of that, and the status itself, so that it is the same as long as nothing
//! has changed.

use portgate_sdk::canonical::{
    Code, CustomsOffice, CustomsStatus, DeclarationStatus, OfficeRole, Party, PartyId, PartyRole, Text, Timestamp,
};
use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Message, Rejection, Severity};

use crate::notes::Notes;
use crate::{declaration, entry};

/// The list that clearance statuses are of here.
const CLEARANCE: &str = "HMRC ICS";

/// The list that results of an exit are of.
const EXIT_RESULTS: &str = "UK exit result";

/// The answers that are read, and what holds one declaration in each.
const ANSWERS: [(&str, &str); 4] = [
    ("DeclarationStatusResponse", "DeclarationStatusDetails"),
    ("DeclarationVersionResponse", "DeclarationVersionDetails"),
    ("DeclarationSearchResponse", "DeclarationSearchDetails"),
    ("DeclarationFullResponse", "FullDeclarationDataDetails"),
];

/// Reads an answer. Each declaration is taken or refused by itself.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let xml = message.xml(&crate::xml_options())?;
    let mut notes = Notes::default();
    for anomaly in xml.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    let root = xml.root();
    let Some((_, details)) = ANSWERS.iter().find(|(name, _)| *name == root.name()) else {
        let name: String = root.name().chars().take(64).collect();
        let detail = format!("The root is `{name}`; send an answer to a query, such as `DeclarationStatusResponse`.");
        notes.error("NOT-AN-ANSWER", root, detail);
        return notes.finish();
    };
    let found: Vec<_> = root.children(details).collect();
    pages(root, &mut notes);
    let is_list = found.len() > 1;
    for (number, details) in (1..).zip(found) {
        if notes.are_overfull() {
            break;
        }
        if is_list {
            notes.part(format!("/{}/{}[{number}]", root.name(), details.name()), details, "Declaration/ID");
        }
        match details.child("HighLevelSummaryDetails") {
            Some(summary) => whole(details, summary, message, &mut notes),
            None => summary(details, message, &mut notes),
        }
    }
    notes.finish()
}

/// Says that there is more than this page.
fn pages(root: Element<'_>, notes: &mut Notes) {
    let of = |name: &str| root.text_at(name).and_then(|text| text.trim().parse::<u32>().ok());
    let (page, pages, all) = (of("CurrentPageNumber"), of("TotalPagesAvailable"), of("TotalResultsAvailable"));
    if root.text_at("NoResultsReturned").is_some_and(|none| &*none == "true") {
        notes.info("NOTHING-FOUND", root, "Customs has found no declaration.");
    }
    if let (Some(page), Some(pages)) = (page, pages)
        && page < pages
    {
        let all = all.map(|all| format!(" of {all} declarations")).unwrap_or_default();
        notes.info("MORE-PAGES", root, format!("This is page {page} of {pages}{all}; ask for the next."));
    }
}

/// What a status knows of its declaration, wherever the answer has it.
struct Known<'d> {
    at: Element<'d>,
    mrn: Option<Element<'d>>,
    lrn: Option<Element<'d>>,
    route: Option<Element<'d>>,
    clearance: Option<Element<'d>>,
}

/// One declaration of an answer to a status, a version or a search: what customs knows of it, and a copy of a part of it.
fn summary(details: Element<'_>, message: &Message, notes: &mut Notes) {
    let Some(said) = notes.required(details, "Declaration") else { return };
    let of = |name: &str| said.child(name);
    let known = Known { at: said, mrn: of("ID"), lrn: of("LRN"), route: of("ROE"), clearance: of("ICS") };
    let times = ["GoodsReleasedDateTime", "AcceptanceDateTime", "ReceivedDateTime", "CreatedDateTime"];
    let [released, accepted, received, created] = times.map(|name| time(said, name, notes));
    let at = [&released, &accepted, &received, &created].into_iter().flatten().next().cloned();
    let Some(mut document) = begun(&known, at, message, notes) else { return };
    (document.released_at, document.accepted_at, document.submitted_at) = (released, accepted, received.or(created));
    if let Some(code) = said.child("IRC").and_then(|code| notes.bounded::<64>(code)) {
        notes.info("RETURN-CODE", said, format!("The inventory returns {code}."));
    }
    // The second is the copy; where there is none, the first says all.
    if let Some(copy) = details.children("Declaration").nth(1) {
        copied(copy, &mut document, notes);
    }
    notes.document(&document);
}

/// What a copy says of where the goods are, who sent it, and which references it has.
fn copied(copy: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    let place = copy.path("GoodsShipment/Consignment/GoodsLocation");
    let place = place.and_then(|place| place.child("Name").or_else(|| place.child("ID")));
    document.goods_location = place.and_then(|place| notes.bounded(place));
    submitter(copy.path("Submitter/ID"), document, notes);
    for previous in copy.all("GoodsShipment/PreviousDocument") {
        let Some(id) = previous.text_at("ID") else { continue };
        match previous.text_at("TypeCode").as_deref() {
            Some("DCR") => {
                document.ucr = notes.text(previous, "ID");
                document.references.extend(notes.reference(previous, "ucr", &id));
            }
            Some("DCS") => document.ucr_part = Text::new(&*id).ok(),
            Some("MCR") => {
                document.master_ucr = notes.text(previous, "ID");
                document.references.extend(notes.reference(previous, "mucr", &id));
            }
            _ => {}
        }
    }
}

fn submitter(id: Option<Element<'_>>, document: &mut CustomsStatus, notes: &mut Notes) {
    let Some(value) = id.and_then(|id| notes.bounded(id)) else { return };
    let Ok(scheme) = Text::new("EORI") else { return };
    document.parties.push(Party { ids: vec![PartyId { scheme, value }], ..Party::new(PartyRole::Submitter) });
}

/// A whole declaration with what customs made of it.
fn whole(details: Element<'_>, summary: Element<'_>, message: &Message, notes: &mut Notes) {
    let made = details.child("GeneratedConsignmentDetails").unwrap_or(summary);
    let (mrn, lrn) = (summary.child("MRN"), summary.child("LRN"));
    let known = Known { at: summary, mrn, lrn, route: made.child("ROE"), clearance: made.child("StatusOfEntry-ICS") };
    let [finalised, accepted, created] =
        ["FinalisedDateTime", "AcceptanceDateTime", "CreatedDateTime"].map(|name| time(summary, name, notes));
    let at = [&finalised, &accepted, &created].into_iter().flatten().next().cloned();
    let Some(mut document) = begun(&known, at, message, notes) else { return };
    (document.finalised_at, document.accepted_at, document.submitted_at) = (finalised, accepted, created);
    document.goods_location = notes.text(summary, "GoodsLocationCode");
    document.arrived_at = time(made, "GoodsArrivalDateTime", notes);
    document.exited_at = time(made, "DateOfExit", notes);
    document.reason = made.child("ExitResult").and_then(|result| entry::code(result, EXIT_RESULTS, notes));
    let office = made.child("ActualCustomsExitOffice").or_else(|| made.child("DeclaredCustomsExitOffice"));
    document
        .offices
        .extend(office.and_then(|office| notes.bounded(office)).map(|id| CustomsOffice::new(OfficeRole::Exit, id)));
    submitter(made.child("SubmitterID"), &mut document, notes);
    for (name, scheme) in [("DUCRandPartID", "ucr"), ("InventoryReference", "mucr")] {
        let element = summary.child(name).or_else(|| made.child(name));
        let Some(text) = element.and_then(|element| element.text()) else { continue };
        document.references.extend(notes.reference(summary, scheme, &text));
    }
    notes.document(&document);
    for copy in details.all("FullDeclarationObject/Declaration") {
        declaration::copy(copy, message, notes);
    }
}

/// A status with what each of them has.
fn begun(known: &Known<'_>, at: Option<Timestamp>, message: &Message, notes: &mut Notes) -> Option<CustomsStatus> {
    let mrn: Option<Text<35>> = known.mrn.and_then(|mrn| notes.bounded(mrn));
    let lrn: Option<Text<64>> = known.lrn.and_then(|lrn| notes.bounded(lrn));
    let version = notes.text::<16>(known.at, "VersionID");
    let clearance = known.clearance.and_then(|clearance| entry::code(clearance, CLEARANCE, notes));
    let status = entry::known(known.clearance, entry::status, notes).unwrap_or(DeclarationStatus::Received);
    let Some(name) = mrn.as_deref().or(lrn.as_deref()) else {
        notes.error("MISSING", known.at, "Neither MRN nor LRN says which declaration it is.");
        return None;
    };
    // Where customs gives no status, that it knows the declaration is all there is.
    let code = match &clearance {
        Some(code) => code.clone(),
        None => Code { code: Text::new("KNOWN").ok()?, code_list: Text::new("Portgate").ok()?, source_code: None },
    };
    let number = version.clone().or_else(|| Text::new("1").ok())?;
    let id = Text::new(format!("{name}:DIS:{number}:{}", code.code)).ok()?;
    let source = message.source(None, at.clone());
    let at = at.unwrap_or_else(|| source.recorded_at.clone());
    let mut document = CustomsStatus::new(id, number.widened(), source, status, code, at);
    for (scheme, name) in [("mrn", mrn.as_deref()), ("lrn", lrn.as_deref())] {
        document.references.extend(name.and_then(|name| notes.reference(known.at, scheme, name)));
    }
    document.entry_status = clearance;
    document.route_of_entry = known.route.and_then(|route| entry::code(route, "HMRC ROE", notes));
    (document.mrn, document.lrn, document.declaration_version) = (mrn, lrn, version);
    Some(document)
}

fn time(at: Element<'_>, name: &str, notes: &mut Notes) -> Option<Timestamp> {
    let element = at.child(name)?;
    notes.time(element, Severity::Warning)
}
