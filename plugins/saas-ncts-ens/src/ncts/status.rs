//! What customs says of a transit, as a `customs-status`: an MRN, a release, a rejection, a control, a write-off and the like.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, CustomsControl, CustomsError, CustomsRequest, CustomsStatus, DeclarationStatus, GuaranteeFault, Incident,
    PartyRole, Reference, Text,
};
use portgate_sdk::xml::Element;

use super::header::Header;
use super::parts::{equipment, means, offices, parties, place};
use super::places::PLACES;
use super::{arrival, declaration};
use crate::codes;
use crate::notes::{Notes, constant, references};

/// The parties that a notification is told to, or names.
const PARTIES: [(&str, PartyRole); 4] = [
    ("HolderOfTheTransitProcedure", PartyRole::HolderOfTransitProcedure),
    ("Representative", PartyRole::Representative),
    ("TraderAtDestination", PartyRole::Consignee),
    ("Guarantor", PartyRole::Guarantor),
];

/// The most errors that the canonical document takes.
const ERRORS_MAX: usize = 9_999;

/// Reads a notification into its status; a release tells the whole declaration again, which becomes a document beside it. The
/// service may have names of its own for what it is of.
pub(crate) fn read(root: Element<'_>, message: &Message, known_as: Vec<Reference>, notes: &mut Notes) {
    if !codes::is_notification(root.name()) {
        let name: String = root.name().chars().take(64).collect();
        let detail = format!(
            "`{name}` is no notification of customs; this contract takes what customs sends, such as `CC028C`."
        );
        return notes.error("NOT-A-NOTIFICATION", root, detail);
    }
    let header = Header::read(root, message, notes);
    let named = root.child("TransitOperation").or_else(|| root.child("Header"));
    if named.is_none_or(|named| named.text_at("MRN").is_none() && named.text_at("LRN").is_none()) {
        let detail = "Neither `MRN` nor `LRN` says which movement it is about.";
        notes.error("MISSING", named.unwrap_or(root), detail);
    }
    let Some(header) = header else { return };
    let Some(mut document) = status(root, &header, message, notes) else { return };
    document.references.extend(known_as);
    notes.document(&document);
    let released = (root.name() == "CC029C").then(|| declaration::read(root, message, notes)).flatten();
    if let Some(declaration) = released {
        notes.document(&declaration);
    }
}

fn status(root: Element<'_>, header: &Header, message: &Message, notes: &mut Notes) -> Option<CustomsStatus> {
    let name = header.mrn.as_deref().or(header.lrn.as_deref())?;
    let id = Text::new(format!("{name}:{}:{}", root.name(), &*header.id)).ok();
    let Some(id) = id else {
        notes.error("INVALID", root, "The references are too long together.");
        return None;
    };
    let status = codes::transit_status(root.name()).unwrap_or_else(|| {
        let detail = format!("`{}` is not known here; it is kept with its type alone.", root.name());
        notes.warning("UNKNOWN-MESSAGE", root, detail);
        DeclarationStatus::Unmapped
    });
    let code = Code { code: constant(root.name()), code_list: constant(codes::MESSAGE_TYPES), source_code: None };
    let (version, source) = (header.prepared_at.to_version(), header.source(message));
    let mut document = CustomsStatus::new(id, version, source, status, code, header.prepared_at.clone());
    document.lrn = header.lrn.as_ref().map(Text::widened);
    document.mrn = header.mrn.clone();
    document.offices = offices(root, notes);
    document.parties = parties(root, &PARTIES, notes);
    document.references = references([("mrn", document.mrn.as_deref()), ("lrn", document.lrn.as_deref())]);
    if let Some(operation) = root.child("TransitOperation") {
        read_operation(operation, &mut document, notes);
    }
    decided(root, &mut document, notes);
    match root.name() {
        "CC025C" => arrival::release(root, &mut document, notes),
        "CC043C" => arrival::permission(root, &mut document, notes),
        _ => {}
    }
    document.errors = errors(root, notes);
    document.controls = controls(root, notes);
    document.requests = requests(root, notes);
    document.guarantee_faults = guarantee_faults(root, notes);
    document.incidents = incidents(root, notes);
    Some(document)
}

/// When, and why, as the operation itself says it. Each message has one or two of these.
fn read_operation(operation: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    document.accepted_on = notes.date(operation, "declarationAcceptanceDate");
    let days = ["releaseDate", "writeOffDate", "discrepanciesNotificationDate", "requestOnNonArrivedMovementDate"];
    document.decided_on = days.iter().find_map(|name| notes.date(operation, name));
    let times = [
        "rejectionDateAndTime",
        "controlNotificationDateAndTime",
        "amendmentAcceptanceDateAndTime",
        "incidentNotificationDateAndTime",
    ];
    document.decided_at = times.iter().find_map(|name| notes.time(operation, name));
    let times = ["amendmentSubmissionDateAndTime", "declarationSubmissionDateAndTime"];
    document.submitted_at = times.iter().find_map(|name| notes.time(operation, name));
    let texts = ["rejectionReason", "discrepanciesNotificationText", "noReleaseMotivationText"];
    document.reason_text = texts.iter().find_map(|name| notes.words(operation, name));
    let reasons = [
        ("rejectionCode", codes::REJECTION_CODES),
        ("noReleaseMotivationCode", codes::NO_RELEASE_CODES),
        ("notificationType", codes::NOTIFICATION_TYPES),
    ];
    document.reason = reasons.iter().find_map(|(name, list)| code(operation, name, list, notes));
    document.request = code(operation, "businessRejectionType", codes::REJECTED_REQUESTS, notes);
    // Customs rejects a declaration (015), or a request to amend or invalidate it (013, 014), which leaves it as it was.
    let is_of_request = document.request.as_ref().is_some_and(|request| matches!(&*request.code, "013" | "014"));
    if document.status == DeclarationStatus::Rejected && is_of_request {
        document.status = DeclarationStatus::RequestOutcome;
        document.granted = Some(false);
    }
}

/// What is decided outside of the operation: an amendment, an invalidation, a recovery.
fn decided(root: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    if root.name() == "CC004C" {
        document.granted = Some(true);
    }
    if let Some(invalidation) = root.child("Invalidation") {
        document.granted = notes.flag(invalidation, "decision");
        document.submitted_at = notes.time(invalidation, "requestDateAndTime");
        document.decided_at = notes.time(invalidation, "decisionDateAndTime");
        document.reason_text = notes.words(invalidation, "justification");
        document.request = code(invalidation, "initiatedByCustoms", codes::INITIATED_BY_CUSTOMS, notes);
        let by_customs = document.request.as_ref().is_some_and(|request| &*request.code == "1");
        // What customs does of its own accord is no request that could be refused.
        document.status = match document.granted.unwrap_or(by_customs) {
            true => DeclarationStatus::Invalidated,
            false => DeclarationStatus::RequestOutcome,
        };
    }
    if let Some(recovery) = root.child("RecoveryNotification") {
        document.decided_on = notes.date(recovery, "recoveryNotificationDate");
        document.reason_text = notes.words(recovery, "recoveryNotificationText");
        document.amount = declaration::money(recovery, "amountClaimed", notes);
    }
}

fn code(parent: Element<'_>, name: &str, list: &str, notes: &mut Notes) -> Option<Code> {
    let code = notes.text(parent, name)?;
    Some(Code { code, code_list: constant(list), source_code: None })
}

/// What is wrong with the declaration, by its rules or by its schema. Each is told as a warning as well, for people.
fn errors(root: Element<'_>, notes: &mut Notes) -> Vec<CustomsError> {
    let mut errors = Vec::new();
    let elements = root.children("FunctionalError").chain(root.children("XMLError"));
    for element in elements {
        let Some(code) = notes.required_text::<32>(element, "errorCode") else { continue };
        let line = ["errorLineNumber", "errorColumnNumber"].map(|name| notes.number(element, name));
        let pointer = notes.text::<512>(element, "errorPointer");
        let field = pointer.as_deref().and_then(|pointer| PLACES.field(pointer));
        let pointer = match line {
            [Some(line), Some(column)] => {
                let path = pointer.as_deref().unwrap_or_default();
                Text::cut(&format!("{line}:{column} {path}")).map(|cut| cut.text)
            }
            _ => pointer,
        };
        let error = CustomsError {
            rule: notes.text(element, "errorReason"),
            text: notes.words(element, "errorText"),
            original_value: notes.words(element, "originalAttributeValue"),
            pointer,
            field,
            ..CustomsError::new(code)
        };
        let detail = format!(
            "Customs finds an error {}{} at {}.",
            &*error.code,
            error.rule.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default(),
            error.pointer.as_deref().unwrap_or("the declaration"),
        );
        notes.warning("CUSTOMS-ERROR", element, detail);
        errors.push(error);
    }
    if errors.len() > ERRORS_MAX {
        let detail = format!("There are {} errors; the first {ERRORS_MAX} are kept.", errors.len());
        notes.warning("CUT", root, detail);
        errors.truncate(ERRORS_MAX);
    }
    errors
}

/// Controls that are to be made, and the result of one.
fn controls(root: Element<'_>, notes: &mut Notes) -> Vec<CustomsControl> {
    let mut controls = Vec::new();
    for element in root.children("TypeOfControls") {
        let Some(code) = code(element, "type", codes::CONTROL_TYPES, notes) else { continue };
        controls.push(CustomsControl { text: notes.words(element, "text"), ..CustomsControl::new(code) });
    }
    for element in root.children("ControlResult") {
        let Some(code) = code(element, "code", codes::CONTROL_RESULTS, notes) else { continue };
        controls.push(CustomsControl {
            text: notes.words(element, "text"),
            on: notes.date(element, "date"),
            by: notes.words(element, "controlledBy"),
            ..CustomsControl::new(code)
        });
    }
    controls
}

/// Documents that customs wants.
fn requests(root: Element<'_>, notes: &mut Notes) -> Vec<CustomsRequest> {
    let mut requests = Vec::new();
    for element in root.children("RequestedDocument") {
        let Some(code) = code(element, "documentType", codes::DOCUMENT_TYPES, notes) else { continue };
        requests.push(CustomsRequest { text: notes.words(element, "description"), ..CustomsRequest::new(code) });
    }
    requests
}

fn guarantee_faults(root: Element<'_>, notes: &mut Notes) -> Vec<GuaranteeFault> {
    let mut faults = Vec::new();
    for guarantee in root.children("GuaranteeReference") {
        let grn = notes.text::<35>(guarantee, "GRN");
        for reason in guarantee.children("InvalidGuaranteeReason") {
            let Some(code) = code(reason, "code", codes::GUARANTEE_REASONS, notes) else { continue };
            faults.push(GuaranteeFault {
                grn: grn.clone(),
                text: notes.words(reason, "text"),
                ..GuaranteeFault::new(code)
            });
        }
    }
    faults
}

fn incidents(root: Element<'_>, notes: &mut Notes) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for (index, element) in (1..).zip(root.all("Consignment/Incident")) {
        let Some(code) = code(element, "code", codes::INCIDENTS, notes) else { continue };
        let transhipment = element.child("Transhipment");
        let endorsement = element.child("Endorsement");
        incidents.push(Incident {
            text: notes.words(element, "text"),
            place: element.child("Location").map(|location| place(location, notes)),
            latitude: notes.text(element, "Location/GNSS/latitude"),
            longitude: notes.text(element, "Location/GNSS/longitude"),
            endorsed_on: endorsement.and_then(|endorsement| notes.date(endorsement, "date")),
            endorsed_by: endorsement.and_then(|endorsement| notes.words(endorsement, "authority")),
            endorsed_at: endorsement.map(|endorsement| portgate_sdk::canonical::Location {
                name: notes.words(endorsement, "place"),
                country: notes.country(endorsement, "country"),
                ..Default::default()
            }),
            containerised: transhipment.and_then(|transhipment| notes.flag(transhipment, "containerIndicator")),
            transhipped_to: transhipment
                .and_then(|transhipment| means(transhipment, "TransportMeans", notes).into_iter().next()),
            equipment: equipment(element, notes),
            ..Incident::new(index, code)
        });
    }
    incidents
}
