//! The issuance of an electronic bill of lading: what a carrier asks a platform, and what the platform answers.
//!
//! A request becomes the transport document, the request itself, and the files that come with it: the carrier's own picture of the
//! document, and the signed manifest of what was issued. Whether the signature is good nobody can say here; that a picture is the one
//! whose checksum the manifest has is looked at.

use portgate_sdk::canonical::{
    Code, DocumentFault, DocumentRequest, DocumentRequestType, DocumentResponse, DocumentUpload, DocumentVerdict,
    PartyRole, RelatedTransportDocument, Text, TransportDocument, UploadFile,
};
use portgate_sdk::{Message, Pointer};
use serde::Deserialize;

use super::party::party;
use super::{document, model};
use crate::file;
use crate::notes::Notes;

/// The list of what comes with a request.
pub(super) const FILES: &str = "DCSA supporting document";

/// The list of answers.
pub(super) const RESPONSES: &str = "DCSA issuance response";

/// What a picture is where its kind is left out.
const PDF: &str = "application/pdf";

/// What a signed text is.
pub(super) const JOSE: &str = "application/jose";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    document: Option<model::TransportDocument>,
    transport_document_replacements: Option<Replacements>,
    issue_to: Option<Box<model::Party>>,
    #[serde(rename = "eBLVisualisationByCarrier")]
    visualisation: Option<SupportingDocument>,
    issuance_manifest_signed_content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Replacements {
    old_transport_document_references: Option<Vec<Relation>>,
    new_transport_document_references: Option<Vec<Relation>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    transport_document_reference: Option<String>,
    transport_document_sub_reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SupportingDocument {
    name: Option<String>,
    content: Option<String>,
    content_type: Option<String>,
}

/// What a manifest says of the picture; the checksums of the other parts are of a form that only a signer makes.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "eBLVisualisationByCarrierChecksum")]
    visualisation: Option<String>,
}

/// Reads a request.
pub(super) fn request(request: Request, message: &Message, notes: &mut Notes) {
    let root = Pointer::root();
    let Some(written) = request.document else { return notes.missing(&root, "document") };
    let Some(mut document) = document::issued(&root.key("document"), written, message, notes) else { return };
    let issue_to = party(&root, "issueTo", PartyRole::Other, request.issue_to, notes);
    if issue_to.is_none() {
        notes.missing(&root, "issueTo");
    }
    if let Some(replacements) = request.transport_document_replacements {
        let at = root.key("transportDocumentReplacements");
        document.replaces =
            related(&at, "oldTransportDocumentReferences", replacements.old_transport_document_references, notes);
        document.replaced_by =
            related(&at, "newTransportDocumentReferences", replacements.new_transport_document_references, notes);
    }
    let manifest = request.issuance_manifest_signed_content;
    let files = files(&root, request.visualisation, manifest.as_deref(), notes);
    document.parties.extend(issue_to.clone());
    notes.document(&document);
    if let Some(id) = notes.id(&root, "document", Some(&format!("issuance|{}", named(&document)))) {
        let mut asked =
            DocumentRequest::new(id, document.version.clone(), document.source.clone(), DocumentRequestType::Issuance);
        asked.document_number = document.number.clone();
        asked.document_sub_number = document.sub_number.clone();
        asked.issue_to = issue_to;
        asked.references = document.references.clone();
        notes.document(&asked);
    }
    upload(&root, "issuance", &document, files, notes);
}

/// The files that came with a transport document.
pub(super) fn upload(
    at: &Pointer,
    what: &str,
    document: &TransportDocument,
    files: Vec<UploadFile>,
    notes: &mut Notes,
) {
    let id = notes.id(at, "document", Some(&format!("{what}|{}", named(document))));
    if let (Some(id), false) = (id, files.is_empty()) {
        let mut upload = DocumentUpload::new(id, document.version.clone(), document.source.clone());
        upload.references = document.references.clone();
        upload.files = files;
        notes.document(&upload);
    }
}

/// A document with its edition, where it has several.
pub(super) fn named(document: &TransportDocument) -> String {
    match &document.sub_number {
        Some(sub_number) => format!("{}|{sub_number}", document.id),
        None => document.id.to_string(),
    }
}

fn related(
    at: &Pointer,
    field: &str,
    relations: Option<Vec<Relation>>,
    notes: &mut Notes,
) -> Vec<RelatedTransportDocument> {
    let (relations, list) = (relations.unwrap_or_default(), at.key(field));
    notes.few(&list, relations.len(), 200);
    let relation = |(index, relation): (usize, Relation)| {
        let at = list.index(index);
        let number =
            notes.needed(&at, "transportDocumentReference", relation.transport_document_reference.as_deref())?;
        let sub_number =
            notes.id(&at, "transportDocumentSubReference", relation.transport_document_sub_reference.as_deref());
        Some(RelatedTransportDocument { sub_number, ..RelatedTransportDocument::new(number) })
    };
    relations.into_iter().enumerate().filter_map(relation).collect()
}

fn files(
    at: &Pointer,
    picture: Option<SupportingDocument>,
    manifest: Option<&str>,
    notes: &mut Notes,
) -> Vec<UploadFile> {
    let mut files = Vec::new();
    let checksum =
        manifest.and_then(file::payload).and_then(|payload| serde_json::from_slice::<Manifest>(&payload).ok());
    if let Some(picture) = picture {
        files.extend(visualisation(&at.key("eBLVisualisationByCarrier"), picture, checksum.as_ref(), notes));
    }
    match manifest.map(str::trim).filter(|manifest| !manifest.is_empty()) {
        Some(manifest) => {
            files.extend(signed(at, "issuanceManifestSignedContent", 2, manifest, checksum.is_some(), notes))
        }
        None => {
            let detail = "Nothing is signed; nobody can tell later that this is what the carrier issued.";
            notes.warning("NOT-SIGNED", at.key("issuanceManifestSignedContent"), detail);
        }
    }
    files
}

/// A signed text as it came, to be kept.
pub(super) fn signed(
    at: &Pointer,
    field: &str,
    seq: u32,
    jws: &str,
    is_read: bool,
    notes: &mut Notes,
) -> Option<UploadFile> {
    if !is_read {
        let detail = "It is no signed text of three parts with JSON in its middle; it is kept as it is.";
        notes.warning("SIGNED-CONTENT", at.key(field), detail);
    }
    let doc_type = notes.code(at, field, FILES, Some(field))?;
    kept(&at.key(field), file::file(seq, doc_type, JOSE, jws.as_bytes()), notes)
}

/// The carrier's picture of the document, which must be the one that the manifest has the checksum of.
fn visualisation(
    at: &Pointer,
    picture: SupportingDocument,
    manifest: Option<&Manifest>,
    notes: &mut Notes,
) -> Option<UploadFile> {
    let Some(bytes) = picture.content.as_deref().and_then(file::content) else {
        notes.error(
            "CONTENT",
            at.key("content"),
            "The content is missing or no base64; send the file as it is in base64.",
        );
        return None;
    };
    let checksum = manifest.and_then(|manifest| manifest.visualisation.as_deref());
    if let Some(checksum) =
        checksum.filter(|checksum| file::digest(&bytes).is_none_or(|digest| digest.as_str() != *checksum))
    {
        let shown: String = checksum.chars().take(64).collect();
        let detail = format!(
            "The content has not the checksum that the signed manifest has of it, {shown}; one of them is another's."
        );
        notes.error("CHECKSUM", at.key("content"), detail);
    }
    let doc_type: Code = notes.code(at, "name", FILES, Some("eBLVisualisationByCarrier"))?;
    let media_type = picture.content_type.as_deref().map(str::trim).filter(|kind| !kind.is_empty()).unwrap_or(PDF);
    let mut file = kept(at, file::file(1, doc_type, media_type, &bytes), notes)?;
    file.name = notes.words(at, "name", picture.name.as_deref());
    Some(file)
}

/// A file, or an error where it is too long to be kept.
fn kept(at: &Pointer, file: Option<UploadFile>, notes: &mut Notes) -> Option<UploadFile> {
    if file.is_none() {
        notes.error("TOO-LONG", at, "The file has more than six million bytes, which no document has room for.");
    }
    file
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    transport_document_reference: Option<String>,
    transport_document_sub_reference: Option<String>,
    issuance_response_code: Option<String>,
    reason: Option<String>,
    errors: Option<Vec<Fault>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fault {
    reason: Option<String>,
    error_code: Option<String>,
}

/// Reads an answer.
pub(super) fn response(response: Response, message: &Message, notes: &mut Notes) {
    let root = Pointer::root();
    let number: Option<Text<64>> =
        notes.needed(&root, "transportDocumentReference", response.transport_document_reference.as_deref());
    let sub_number: Option<Text<128>> =
        notes.id(&root, "transportDocumentSubReference", response.transport_document_sub_reference.as_deref());
    let code = response.issuance_response_code.as_deref();
    if code.is_none_or(|code| code.trim().is_empty()) {
        notes.missing(&root, "issuanceResponseCode");
    }
    let code = notes.code(&root, "issuanceResponseCode", RESPONSES, code);
    let (Some(number), Some(code)) = (number, code) else { return };
    let verdict = match &*code.code {
        "ISSU" => DocumentVerdict::Accepted,
        "BREQ" | "REFU" => DocumentVerdict::Rejected,
        _ => {
            let detail = "The code is none of ISSU, BREQ and REFU; it is kept unmapped. Add it to the connector.";
            notes.warning("UNKNOWN-VERDICT", root.key("issuanceResponseCode"), detail);
            DocumentVerdict::Unmapped
        }
    };
    let edition = sub_number.as_deref().map(|sub_number| format!("|{sub_number}")).unwrap_or_default();
    let id = notes.id(&root, "transportDocumentReference", Some(&format!("issuance|{number}{edition}|{}", code.code)));
    let version = Text::new("1").ok();
    let (Some(id), Some(version)) = (id, version) else { return };
    let mut answer =
        DocumentResponse::new(id, version, message.source(None, None), DocumentRequestType::Issuance, verdict);
    answer.references =
        notes.reference(root.key("transportDocumentReference"), "transport-document", &number).into_iter().collect();
    answer.verdict_code = Some(code);
    answer.document_number = Some(number);
    answer.document_sub_number = sub_number;
    answer.comments = notes.words(&root, "reason", response.reason.as_deref());
    let (faults, list) = (response.errors.unwrap_or_default(), root.key("errors"));
    notes.few(&list, faults.len(), 300);
    let fault = |(index, fault): (usize, Fault)| {
        let at = list.index(index);
        DocumentFault {
            code: notes.id(&at, "errorCode", fault.error_code.as_deref()),
            text: notes.words(&at, "reason", fault.reason.as_deref()),
        }
    };
    answer.faults = faults.into_iter().enumerate().map(fault).collect();
    notes.document(&answer);
}
