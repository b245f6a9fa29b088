//! The surrender of an electronic bill of lading: what a platform asks a carrier, and what the carrier answers.

use portgate_sdk::canonical::{
    DocumentRequest, DocumentRequestType, DocumentResponse, DocumentVerdict, Endorsement, PartyRole, Reason, Text,
};
use portgate_sdk::{Message, Pointer};
use serde::Deserialize;

use super::model;
use super::party::party;
use crate::notes::Notes;

/// The list of requests.
const REQUESTS: &str = "DCSA surrender request";

/// The list of what is done in an endorsement.
const ACTIONS: &str = "DCSA endorsement action";

/// The list of answers.
pub(super) const RESPONSES: &str = "DCSA surrender response";

/// The most links of a chain.
const ENDORSEMENTS_MAX: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    surrender_request_reference: Option<String>,
    transport_document_reference: Option<String>,
    transport_document_sub_reference: Option<String>,
    surrender_request_code: Option<String>,
    reason_code: Option<String>,
    comments: Option<String>,
    surrender_requested_by: Option<Box<model::Party>>,
    endorsement_chain: Option<Vec<Link>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    action_date_time: Option<String>,
    action_code: Option<String>,
    actor: Option<Box<model::Party>>,
    recipient: Option<Box<model::Party>>,
}

/// Reads a request.
pub(super) fn request(request: Request, message: &Message, notes: &mut Notes) {
    let root = Pointer::root();
    let reference: Option<Text<128>> =
        notes.needed(&root, "surrenderRequestReference", request.surrender_request_reference.as_deref());
    let number: Option<Text<64>> =
        notes.needed(&root, "transportDocumentReference", request.transport_document_reference.as_deref());
    let code = request.surrender_request_code.as_deref();
    if code.is_none_or(|code| code.trim().is_empty()) {
        notes.missing(&root, "surrenderRequestCode");
    }
    let code = notes.code(&root, "surrenderRequestCode", REQUESTS, code);
    let asked = match code.as_ref().map(|code| &*code.code) {
        Some("SREQ") => DocumentRequestType::SurrenderForDelivery,
        Some("AREQ") => DocumentRequestType::SurrenderForAmendment,
        Some(_) => {
            let detail = "The code is neither SREQ nor AREQ; it is kept unmapped. Add it to the connector.";
            notes.warning("UNKNOWN-REQUEST", root.key("surrenderRequestCode"), detail);
            DocumentRequestType::Unmapped
        }
        None => return,
    };
    let (Some(reference), Some(number), Ok(version)) = (reference, number, Text::new("1")) else { return };
    let Some(id) = notes.id(&root, "surrenderRequestReference", Some(&format!("surrender|{reference}"))) else {
        return;
    };
    let mut document = DocumentRequest::new(id, version, message.source(Some(reference.clone()), None), asked);
    document.references =
        notes.reference(root.key("transportDocumentReference"), "transport-document", &number).into_iter().collect();
    document.request_code = code;
    document.request_reference = Some(reference);
    document.document_number = Some(number);
    document.document_sub_number =
        notes.id(&root, "transportDocumentSubReference", request.transport_document_sub_reference.as_deref());
    document.reason = notes
        .id(&root, "reasonCode", request.reason_code.as_deref())
        .map(|code| Reason { code: Some(code), ..Reason::default() });
    document.comments = notes.words(&root, "comments", request.comments.as_deref());
    document.requester = party(&root, "surrenderRequestedBy", PartyRole::Other, request.surrender_requested_by, notes);
    let (links, list) = (request.endorsement_chain.unwrap_or_default(), root.key("endorsementChain"));
    notes.few(&list, links.len(), ENDORSEMENTS_MAX);
    let links = links.into_iter().enumerate();
    document.endorsements = links.filter_map(|(index, link)| endorsement(&list.index(index), link, notes)).collect();
    notes.document(&document);
}

/// A link of the chain. Each one counts, so that one that cannot be read refuses the request.
fn endorsement(at: &Pointer, link: Link, notes: &mut Notes) -> Option<Endorsement> {
    let time = notes.time(at, "actionDateTime", link.action_date_time.as_deref());
    let action = notes.code(at, "actionCode", ACTIONS, link.action_code.as_deref());
    let (Some(time), Some(action)) = (time, action) else {
        let detail = "The link does not say what was done, or when; without it the chain is broken.";
        notes.error("BROKEN-CHAIN", at, detail);
        return None;
    };
    Some(Endorsement {
        actor: party(at, "actor", PartyRole::Other, link.actor, notes),
        recipient: party(at, "recipient", PartyRole::Other, link.recipient, notes),
        ..Endorsement::new(time, action)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    surrender_request_reference: Option<String>,
    action: Option<String>,
    comments: Option<String>,
}

/// Reads an answer.
pub(super) fn response(response: Response, message: &Message, notes: &mut Notes) {
    let root = Pointer::root();
    let reference: Option<Text<128>> =
        notes.needed(&root, "surrenderRequestReference", response.surrender_request_reference.as_deref());
    let action = response.action.as_deref();
    if action.is_none_or(|action| action.trim().is_empty()) {
        notes.missing(&root, "action");
    }
    let action = notes.code(&root, "action", RESPONSES, action);
    let (Some(reference), Some(action), Ok(version)) = (reference, action, Text::new("1")) else { return };
    let verdict = match &*action.code {
        "SURR" => DocumentVerdict::Accepted,
        "SREJ" => DocumentVerdict::Rejected,
        _ => {
            let detail = "The action is neither SURR nor SREJ; it is kept unmapped. Add it to the connector.";
            notes.warning("UNKNOWN-VERDICT", root.key("action"), detail);
            DocumentVerdict::Unmapped
        }
    };
    let Some(id) = notes.id(&root, "surrenderRequestReference", Some(&format!("surrender|{reference}"))) else {
        return;
    };
    let source = message.source(Some(reference.clone()), None);
    let mut document = DocumentResponse::new(id, version, source, DocumentRequestType::Surrender, verdict);
    document.verdict_code = Some(action);
    document.request_reference = Some(reference);
    document.comments = notes.words(&root, "comments", response.comments.as_deref());
    notes.document(&document);
}
