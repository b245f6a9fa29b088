//! The upload of documents to HMRC for a declaration: what is asked for, where each document can be sent to, and what became of it.
//!
//! | message | what becomes of it |
//! |---|---|
//! | `FileUploadRequest`, out | made of a `document-upload` |
//! | `FileUploadResponse`, as its answer or by itself | a `document-request` with a place for each document |
//! | `Root`, pushed for each document that was sent | a `document-response` |
//!
//! Addresses and fields of a place are a permission to send one document there until it expires: they are in the document, for whoever
//! sends the file needs them, and in no finding.

use std::collections::BTreeMap;

use portgate_sdk::canonical::{
    Code, DocumentRequest, DocumentRequestType, DocumentResponse, DocumentUpload, DocumentVerdict, RequestedDocument,
    Source, Text, UploadField, UploadTarget,
};
use portgate_sdk::xml::{Element, Options, Writer};
use portgate_sdk::{Decoded, Document, Finding, Header, Message, Pointer, Rejection, Request, Severity, Target};

use crate::out;

/// The namespace of all of them.
const NAMESPACE: &str = "hmrc:fileupload";

/// The list of outcomes.
const OUTCOMES: &str = "HMRC file upload outcome";

/// The list of kinds of documents where only the partner's words are known.
pub(crate) const DOCUMENT_TYPES: &str = "HMRC document type";

/// Where uploads are asked for where the agreement says nothing.
const PATH: &str = "/customs/declarations/file-upload";

/// The version that is spoken where the agreement says nothing.
const ACCEPT: &str = "application/vnd.hmrc.3.0+xml";

/// The longest number of a declaration.
const DECLARATION_MAX: usize = 22;

/// The most files of a response, and fields of a file.
const FILES_MAX: usize = 1000;
const FIELDS_MAX: usize = 64;

/// Reads what HMRC says of uploads.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let xml = message.xml_in_utf_8(&Options::default())?;
    let mut decoded = Decoded::new();
    for anomaly in xml.anomalies() {
        decoded.finding(anomaly.clone());
    }
    let root = xml.root();
    match root.name() {
        "FileUploadResponse" => {
            let source = message.source(None, None);
            if let Some(request) = places(root, source, &BTreeMap::new(), &mut decoded) {
                decoded.document(&request);
            }
        }
        "Root" => outcome(root, message, &mut decoded),
        other => {
            let name: String = other.chars().take(64).collect();
            let detail = format!("The root is `{name}`; send a `FileUploadResponse`, or the `Root` of a notification.");
            decoded.finding(Finding::error("NOT-AN-UPLOAD", root.location(), detail));
        }
    }
    decoded.finish()
}

/// The places of a response, each for the document of its number in the request.
pub(crate) fn places(
    root: Element<'_>,
    source: Source,
    doc_types: &BTreeMap<u32, Code>,
    decoded: &mut Decoded,
) -> Option<DocumentRequest> {
    let files = root.all("Files/File");
    if files.is_empty() || files.len() > FILES_MAX {
        let detail = format!("There are {} files; a response has 1 to {FILES_MAX}.", files.len());
        decoded.finding(Finding::error("FILES", root.location(), detail));
        return None;
    }
    let mut documents = Vec::new();
    for (seq, file) in (1..).zip(files) {
        let reference: Option<Text<128>> = needed(file, "Reference", decoded);
        let url: Option<Text<2048>> = needed(file, "UploadRequest/Href", decoded);
        let (Some(reference), Some(url)) = (reference, url) else { continue };
        let fields: Vec<UploadField> = file
            .path("UploadRequest/Fields")
            .into_iter()
            .flat_map(|fields| fields.elements().collect::<Vec<_>>())
            .filter_map(|field| self::field(field, decoded))
            .collect();
        if fields.len() > FIELDS_MAX {
            let detail = format!("The form has {} fields, and a document has room for {FIELDS_MAX}.", fields.len());
            decoded.finding(Finding::error("TOO-MANY", file.location(), detail));
        }
        documents.push(RequestedDocument {
            seq: Some(seq),
            reference: Some(reference),
            doc_type: doc_types.get(&seq).cloned(),
            text: None,
            upload: Some(UploadTarget { fields, ..UploadTarget::new(url) }),
        });
    }
    let first = documents.first()?.reference.clone()?;
    let id = decoded.identifier(root.location(), "reference", &format!("upload|{first}"))?;
    let mut request = DocumentRequest::new(id, Text::new("1").ok()?, source, DocumentRequestType::Upload);
    request.documents = documents;
    Some(request)
}

fn field(field: Element<'_>, decoded: &mut Decoded) -> Option<UploadField> {
    let value = field.text()?;
    let name = decoded.identifier(field.location(), "name of the field", field.name())?;
    let value = decoded.identifier(field.location(), "value of the field", &value)?;
    Some(UploadField::new(name, value))
}

/// What became of one document.
fn outcome(root: Element<'_>, message: &Message, decoded: &mut Decoded) {
    let reference: Option<Text<128>> = needed(root, "FileReference", decoded);
    let outcome: Option<Text<64>> = needed(root, "Outcome", decoded);
    let (Some(reference), Some(outcome)) = (reference, outcome) else { return };
    let verdict = match &*outcome {
        "SUCCESS" => DocumentVerdict::Accepted,
        "FAILURE" | "QUARANTINE" | "REJECTED" | "UNKNOWN" => DocumentVerdict::Rejected,
        _ => {
            let at = root.child("Outcome").unwrap_or(root).location();
            let detail = "The outcome is not known; it is kept unmapped. Add it to the connector.";
            decoded.finding(Finding::warning("UNKNOWN-VERDICT", at, detail));
            DocumentVerdict::Unmapped
        }
    };
    let at = root.location();
    let id = decoded.identifier(&at, "reference", &format!("upload|{reference}|{outcome}"));
    let (Some(id), Ok(version), Ok(list)) = (id, Text::new("1"), Text::new(OUTCOMES)) else { return };
    let conversation = message.header("x-conversation-id");
    let message_id = conversation.and_then(|id| decoded.identifier(&at, "conversation", id));
    let source = message.source(message_id, None);
    let mut response = DocumentResponse::new(id, version, source, DocumentRequestType::Upload, verdict);
    response.verdict_code = Some(Code { code: outcome, code_list: list, source_code: None });
    response.request_reference = Some(reference);
    response.batch = root.child("BatchId").and_then(|id| decoded.identifier(id.location(), "batch", &id.text()?));
    response.file_name =
        root.child("FileName").and_then(|name| decoded.free_text(name.location(), "name", &name.text()?));
    response.comments =
        root.child("Details").and_then(|words| decoded.free_text(words.location(), "words", &words.text()?));
    decoded.document(&response);
}

/// The text of an element that must be there.
fn needed<const MAX: usize>(parent: Element<'_>, path: &str, decoded: &mut Decoded) -> Option<Text<MAX>> {
    let text = parent.path(path).and_then(|element| Some((element, element.text()?)));
    let Some((element, text)) = text else {
        let detail = format!("`{path}` is missing or empty; a message of this contract has it.");
        decoded.note(Severity::Error, "MISSING", parent.location(), detail);
        return None;
    };
    decoded.identifier(element.location(), path, &text)
}

/// Asks for places for the documents of an upload.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let mut upload: DocumentUpload = out::one(documents, "document-upload")?;
    let root = Pointer::root().index(0);
    let mut findings = Vec::new();
    match upload.mrn.as_deref() {
        Some(mrn) => out::within(&root.key("mrn"), mrn, DECLARATION_MAX, &mut findings),
        None => out::missing(&root, "mrn", &mut findings),
    }
    if upload.files.is_empty() {
        out::missing(&root, "files", &mut findings);
    }
    upload.files.sort_by_key(|file| file.seq);
    if !upload.files.iter().map(|file| file.seq).eq((1..).take(upload.files.len())) {
        let detail = "The files are not numbered from 1 without gaps; number each once.";
        findings.push(Finding::error("SEQUENCE", root.key("files"), detail));
    }
    out::unless_wrong(findings)?;
    let mut writer = Writer::new("FileUploadRequest");
    let mut element = writer.root();
    element.attribute("xmlns", NAMESPACE);
    element.leaf("DeclarationID", upload.mrn.as_deref());
    element.leaf("FileGroupSize", upload.files.len().to_string().as_str());
    let mut files = element.child("Files");
    for file in &upload.files {
        let mut element = files.child("File");
        element.leaf("FileSequenceNo", file.seq.to_string().as_str());
        element.leaf("DocumentType", &*file.doc_type.code);
    }
    drop(files);
    drop(element);
    let agreement = target.agreement.as_ref();
    let setting = |name: &str| agreement.and_then(|agreement| agreement.setting(name));
    let mut request =
        Request::post(setting("path").unwrap_or(PATH), "application/xml; charset=UTF-8", writer.finish()?.bytes);
    request.headers.push(Header::new("accept", setting("accept").unwrap_or(ACCEPT)));
    for (name, header) in [("badge", "x-badge-identifier"), ("eori", "x-eori-identifier")] {
        request.headers.extend(setting(name).map(|value| Header::new(header, value)));
    }
    Ok(request)
}
