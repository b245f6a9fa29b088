//! Documents that are wanted, told to the system that keeps documents: what customs wants of a declaration, and what is asked to be done
//! with a transport document.

use portgate_sdk::canonical::{
    CustomsStatus, DocumentRequest, DocumentRequestType, RequestedDocument, Timestamp, UploadTarget,
};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request, Target};
use serde::Serialize;

use crate::dms::{Kind, Name};
use crate::out;

/// Where requests go where the agreement says nothing.
const PATH: &str = "/document-requests";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    id: String,
    request: DocumentRequestType,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_reference: Option<String>,
    references: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    documents: Vec<WantedDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedDocument {
    seq: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_type: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// Where the document can be sent to, as whoever wants it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<UploadTarget>,
}

/// Renders a request for documents, or a status of customs that wants some.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let is_status = documents.first().is_some_and(|document| document.kind == "customs-status");
    let wanted = match is_status {
        true => of_status(out::one(documents, "customs-status")?)?,
        false => of_request(out::one(documents, "document-request")?),
    };
    let agreement = target.agreement.as_ref();
    let path = agreement.and_then(|agreement| agreement.setting("path")).unwrap_or(PATH);
    let mut request = Request::post(path, "application/json", out::json(&wanted)?);
    request.headers.push(Header::new("accept", "application/json"));
    Ok(request)
}

fn of_request(request: DocumentRequest) -> Wanted {
    let names = [
        ("mrn", request.mrn.as_deref()),
        ("lrn", request.lrn.as_deref()),
        ("transport-document", request.document_number.as_deref()),
    ];
    let document = |(seq, document): (u32, RequestedDocument)| WantedDocument {
        seq: document.seq.unwrap_or(seq),
        reference: document.reference.as_deref().map(str::to_owned),
        document_type: document.doc_type.as_ref().map(Kind::of),
        text: document.text.as_deref().map(str::to_owned),
        due: None,
        upload: document.upload,
    };
    let reason = request.reason.as_ref();
    let reason = reason.and_then(|reason| reason.text.as_deref().or(reason.code.as_deref()));
    Wanted {
        id: request.id.to_string(),
        request: request.request,
        request_reference: request.request_reference.as_deref().map(str::to_owned),
        references: Name::all(&request.references, names),
        reason: reason.map(str::to_owned),
        comments: request.comments.as_deref().map(str::to_owned),
        due: request.due,
        documents: (1..).zip(request.documents).map(document).collect(),
    }
}

/// What a status wants; one that wants nothing is nobody's request.
fn of_status(status: CustomsStatus) -> Result<Wanted, Rejection> {
    if status.requests.is_empty() {
        let detail = "The status does not say that customs wants something; there is no document to ask for.";
        return Err(Finding::error("NOTHING-WANTED", Pointer::root().index(0).key("requests"), detail).into());
    }
    let names = [("mrn", status.mrn.as_deref()), ("lrn", status.lrn.as_deref()), ("ucr", status.ucr.as_deref())];
    let documents = (1..).zip(status.requests).map(|(seq, wanted)| WantedDocument {
        seq,
        reference: None,
        document_type: Some(Kind::of(&wanted.code)),
        text: wanted.text.as_deref().map(str::to_owned),
        due: wanted.due,
        upload: None,
    });
    Ok(Wanted {
        id: status.id.to_string(),
        request: DocumentRequestType::Upload,
        request_reference: Some(status.id.to_string()),
        references: Name::all(&status.references, names),
        due: None,
        reason: status.reason_text.as_deref().map(str::to_owned),
        comments: None,
        documents: documents.collect(),
    })
}
