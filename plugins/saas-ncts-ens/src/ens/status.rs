//! What customs says of an entry summary, as a `customs-status`: its MRN, a rejection, the outcome of an amendment, an intervention.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, CustomsControl, CustomsError, CustomsOffice, CustomsStatus, DeclarationStatus, Reference, Text,
};
use portgate_sdk::xml::Element;

use super::header::{self, Header};
use super::names;
use super::places::PLACES;
use crate::codes;
use crate::notes::{Notes, constant, references};

/// The messages that customs sends.
const NOTIFICATIONS: [&str; 5] = ["CC304A", "CC305A", "CC316A", "CC328A", "CC351A"];

/// The most errors that the canonical document takes.
const ERRORS_MAX: usize = 9_999;

/// Reads a notification, alone or in the envelope that HMRC's API gives it in.
pub(crate) fn read(root: Element<'_>, message: &Message, notes: &mut Notes) {
    let messages = header::messages(root, &NOTIFICATIONS);
    if messages.is_empty() {
        let name: String = root.name().chars().take(64).collect();
        let detail = format!("The root is `{name}`, and there is none of {} in it.", NOTIFICATIONS.join(", "));
        return notes.error("NOT-A-NOTIFICATION", root, detail);
    }
    let is_list = messages.len() > 1;
    for element in messages {
        if is_list {
            notes.part(element, &element.text_at("MesIdeMES19").unwrap_or_default());
        }
        read_one(element, message, notes);
    }
}

fn read_one(element: Element<'_>, message: &Message, notes: &mut Notes) {
    let header = Header::read(element, message, notes);
    let heading = notes.required(element, "HEAHEA");
    let Some(heading) = heading else { return };
    let (mrn, lrn) = (notes.text::<35>(heading, "DocNumHEA5"), notes.text::<64>(heading, "RefNumHEA4"));
    let Some(header) = header else { return };
    let Some(name) = mrn.as_deref().or(lrn.as_deref()) else {
        let detail = "Neither `DocNumHEA5` (MRN) nor `RefNumHEA4` (LRN) says which declaration it is about.";
        return notes.error("MISSING", heading, detail);
    };
    let Ok(id) = Text::new(format!("{name}:{}:{}", element.name(), &*header.id)) else {
        return notes.error("INVALID", heading, "The references are too long together.");
    };
    let status = codes::entry_status(element.name()).unwrap_or(DeclarationStatus::Unmapped);
    let code = Code { code: constant(element.name()), code_list: constant(codes::MESSAGE_TYPES), source_code: None };
    let (version, source) = (header.prepared_at.to_version(), header.source(message));
    let mut document = CustomsStatus::new(id, version, source, status, code, header.prepared_at.clone());
    document.references = tied(element, mrn.as_deref(), lrn.as_deref(), notes);
    (document.mrn, document.lrn) = (mrn, lrn);
    read_heading(heading, &mut document, notes);
    document.parties = names::PARTIES.iter().filter_map(|of| names::party(element, of, notes)).collect();
    document.offices = offices(element, notes);
    document.errors = errors(element, notes);
    document.controls = interventions(element, notes);
    notes.document(&document);
}

fn read_heading(heading: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    document.accepted_at = header::time(heading, "DecRegDatTimHEA115", notes);
    let decided = ["DecRejDatTimHEA116", "AmeAccDatTimHEA111", "AmeRejDatTimHEA112", "NotDatTimHEA104"];
    document.decided_at = decided.iter().find_map(|name| header::time(heading, name, notes));
    let submitted = ["DecSubDatTimHEA118", "DatTimAmeHEA113"];
    document.submitted_at = submitted.iter().find_map(|name| header::time(heading, name, notes));
    let words = ["DecRejReaHEA252", "AmeRejMotTexHEA605"];
    document.reason_text = words.iter().find_map(|name| notes.words(heading, name));
    let reason = notes.text(heading, "AmeRejMotCodHEA604");
    let list = constant(codes::AMENDMENT_REJECTIONS);
    document.reason = reason.map(|code| Code { code, code_list: list, source_code: None });
    document.granted = match document.code.code.as_bytes() {
        b"CC304A" => Some(true),
        b"CC305A" => Some(false),
        _ => None,
    };
}

/// What else speaks of the same: the declaration, its consignments, containers and transport documents.
fn tied(element: Element<'_>, mrn: Option<&str>, lrn: Option<&str>, notes: &mut Notes) -> Vec<Reference> {
    let mut names: Vec<(&'static str, Option<Text<128>>)> = vec![("ucr", notes.text(element, "HEAHEA/ComRefNumHEA"))];
    for item in element.children("GOOITEGDS") {
        names.push(("ucr", notes.text(item, "ComRefNumGIM1")));
        for container in item.children("CONNR2") {
            names.push(("container", notes.text(container, "ConNumNR21")));
        }
        for document in item.children("PRODOCDC2") {
            names.push(("transport-document", notes.text(document, "DocRefDC23")));
        }
    }
    let own = [("mrn", mrn), ("lrn", lrn)];
    references(own.into_iter().chain(names.iter().map(|(scheme, name)| (*scheme, name.as_deref()))))
}

fn offices(element: Element<'_>, notes: &mut Notes) -> Vec<CustomsOffice> {
    let mut offices = Vec::new();
    for (name, number, role) in names::OFFICES {
        for element in element.children(name) {
            let Some(reference) = notes.text(element, number) else { continue };
            let expected_at = header::time(element, "ExpDatOfArrFIRENT733", notes);
            offices.push(CustomsOffice { expected_at, ..CustomsOffice::new(role, reference) });
        }
    }
    offices
}

/// What is wrong with the declaration or the amendment. Each is told as a warning as well, for people.
fn errors(element: Element<'_>, notes: &mut Notes) -> Vec<CustomsError> {
    let mut errors = Vec::new();
    for error in element.children("FUNERRER1") {
        let Some(code) = notes.required_text::<32>(error, "ErrTypER11") else { continue };
        let pointer = notes.text::<512>(error, "ErrPoiER12");
        let found = CustomsError {
            rule: notes.text(error, "ErrReaER13"),
            field: pointer.as_deref().and_then(|pointer| PLACES.field(pointer)),
            pointer,
            original_value: notes.words(error, "OriAttValER14"),
            ..CustomsError::new(code)
        };
        let rule = found.rule.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        let at = found.pointer.as_deref().unwrap_or("the declaration");
        notes.warning("CUSTOMS-ERROR", error, format!("Customs finds an error {}{rule} at {at}.", &*found.code));
        errors.push(found);
    }
    if errors.len() > ERRORS_MAX {
        let detail = format!("There are {} errors; the first {ERRORS_MAX} are kept.", errors.len());
        notes.warning("CUT", element, detail);
        errors.truncate(ERRORS_MAX);
    }
    errors
}

/// What customs does before the goods arrive, with the item that it is about: none where it is about all.
fn interventions(element: Element<'_>, notes: &mut Notes) -> Vec<CustomsControl> {
    let mut controls = Vec::new();
    for intervention in element.children("CUSINT632") {
        let Some(code) = notes.required_text(intervention, "CusIntCodCUSINT665") else { continue };
        let code = Code { code, code_list: constant(codes::INTERVENTIONS), source_code: None };
        controls.push(CustomsControl {
            text: notes.words(intervention, "CusIntTexCUSINT666"),
            item_no: notes.number(intervention, "IteNumConCUSINT668"),
            ..CustomsControl::new(code)
        });
    }
    controls
}
