//! Documents for a system that keeps documents: each with its kind, what it is about, its digest, and its content or where that lies.
//!
//! The digest is what both sides agree by, so there is one of each document. Where the content is here it is reckoned, and a digest or
//! size that says otherwise is an error: one of the two is another document's.

use portgate_sdk::canonical::{Code, DocumentUpload, Reference, UploadFile};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request, Target};
use serde::{Deserialize, Serialize};

use crate::{file, out};

/// Where documents go where the agreement says nothing.
const PATH: &str = "/documents";

/// The digest that is reckoned.
const ALGORITHM: &str = "SHA-256";

/// What is sent.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    upload: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_reference: Option<String>,
    pub(crate) references: Vec<Name>,
    pub(crate) documents: Vec<SentDocument>,
}

/// A name by which the document is found.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Name {
    pub(crate) scheme: String,
    pub(crate) value: String,
}

/// One document.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentDocument {
    seq: u32,
    pub(crate) document_type: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issue_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_type: Option<String>,
    pub(crate) digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) references: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

/// What kind of document it is, by which list.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kind {
    pub(crate) code: String,
    pub(crate) code_list: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_code: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Digest {
    algorithm: String,
    pub(crate) value: String,
}

/// Renders the documents of an upload.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let upload: DocumentUpload = out::one(documents, "document-upload")?;
    let root = Pointer::root().index(0);
    let mut findings = Vec::new();
    if upload.files.is_empty() {
        out::missing(&root, "files", &mut findings);
    }
    let list = root.key("files");
    let files = upload.files.iter().enumerate();
    let documents: Vec<SentDocument> =
        files.filter_map(|(index, file)| document(&list.index(index), file, &mut findings)).collect();
    out::unless_wrong(findings)?;
    let declared = [("mrn", upload.mrn.as_deref()), ("lrn", upload.lrn.as_deref())];
    let sent = Sent {
        upload: upload.id.to_string(),
        request_reference: upload.request_reference.as_deref().map(str::to_owned),
        references: Name::all(&upload.references, declared),
        documents,
    };
    let agreement = target.agreement.as_ref();
    let path = agreement.and_then(|agreement| agreement.setting("path")).unwrap_or(PATH);
    let mut request = Request::post(path, "application/json", out::json(&sent)?);
    request.headers.push(Header::new("accept", "application/json"));
    Ok(request)
}

impl Name {
    /// References, and names that a document has in fields of their own, each once.
    pub(crate) fn all<const N: usize>(references: &[Reference], fields: [(&str, Option<&str>); N]) -> Vec<Self> {
        let mut names: Vec<Name> = references.iter().map(Name::of).collect();
        for (scheme, value) in fields.into_iter().filter_map(|(scheme, value)| Some((scheme, value?))) {
            if !names.iter().any(|name| name.scheme == scheme && name.value == value) {
                names.push(Name { scheme: scheme.to_owned(), value: value.to_owned() });
            }
        }
        names
    }

    fn of(reference: &Reference) -> Self {
        Name { scheme: reference.scheme.to_string(), value: reference.value.to_string() }
    }
}

impl Kind {
    pub(crate) fn of(code: &Code) -> Self {
        Kind {
            code: code.code.to_string(),
            code_list: code.code_list.to_string(),
            source_code: code.source_code.as_deref().map(str::to_owned),
        }
    }
}

fn document(at: &Pointer, file: &UploadFile, findings: &mut Vec<Finding>) -> Option<SentDocument> {
    let stated = file.sha256.as_ref().map(|digest| digest.as_str().to_owned());
    let (digest, size) = match (&file.content, &file.storage_uri) {
        (Some(content), _) => {
            let Some(bytes) = file::content(content) else {
                findings.push(Finding::error("CONTENT", at.key("content"), "The content is no base64."));
                return None;
            };
            let digest = file::digest(&bytes).map(|digest| digest.as_str().to_owned())?;
            let size = u64::try_from(bytes.len()).ok();
            if stated.is_some_and(|stated| stated != digest) {
                let detail = "The digest is not that of the content; one of the two is another document's.";
                findings.push(Finding::error("DIGEST", at.key("sha256"), detail));
            }
            if file.size.is_some() && file.size != size {
                findings.push(Finding::error("SIZE", at.key("size"), "The size is not that of the content."));
            }
            (digest, size)
        }
        (None, Some(_)) => {
            let Some(digest) = stated else {
                let detail = "The content lies elsewhere and has no digest; nobody could tell that it is the same.";
                findings.push(Finding::error("NO-DIGEST", at.key("sha256"), detail));
                return None;
            };
            (digest, file.size)
        }
        (None, None) => {
            let detail = "The document has neither a content nor a place where that lies.";
            findings.push(Finding::error("NO-CONTENT", at.key("content"), detail));
            return None;
        }
    };
    Some(SentDocument {
        seq: file.seq,
        document_type: Kind::of(&file.doc_type),
        number: file.number.as_deref().map(str::to_owned),
        file_name: file.name.as_deref().map(str::to_owned),
        issue_date: file.issue_date.as_ref().map(|day| day.as_str().to_owned()),
        media_type: file.media_type.as_deref().map(str::to_owned),
        digest: Digest { algorithm: ALGORITHM.to_owned(), value: digest },
        size,
        references: file.references.iter().map(Name::of).collect(),
        location: file.storage_uri.as_deref().map(str::to_owned),
        content: file.content.as_deref().map(str::to_owned),
    })
}
