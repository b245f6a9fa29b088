//! What is answered to requests of DCSA: to a carrier that a document is issued, to a platform that a surrender is taken.

use portgate_sdk::canonical::{DocumentRequestType, DocumentResponse, DocumentVerdict};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request};
use serde::Serialize;

use super::{issuance, surrender};
use crate::out;

/// Where answers to issuance requests go.
pub(crate) const ISSUANCE_PATH: &str = "/v3/ebl-issuance-responses";

/// Where answers to surrender requests go.
pub(crate) const SURRENDER_PATH: &str = "/v3/ebl-surrender-responses";

/// The longest number of a transport document.
const NUMBER_MAX: usize = 20;

/// The longest words.
const WORDS_MAX: usize = 255;

/// The most errors.
const ERRORS_MAX: usize = 255;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issuance {
    transport_document_reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport_document_sub_reference: Option<String>,
    issuance_response_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Error>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Error {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Surrender {
    surrender_request_reference: String,
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
}

/// Renders what became of an issuance.
pub(crate) fn encode_issuance(documents: &[Document]) -> Result<Request, Rejection> {
    let response: DocumentResponse = out::one(documents, "document-response")?;
    let root = Pointer::root().index(0);
    let mut findings = Vec::new();
    if response.request != DocumentRequestType::Issuance {
        findings.push(Finding::error(
            "NOT-AN-ISSUANCE",
            root.key("request"),
            "It answers something else than a request to issue.",
        ));
    }
    let code = code(&response, issuance::RESPONSES, "ISSU", "REFU", &["ISSU", "BREQ", "REFU"], &mut findings);
    match response.document_number.as_deref() {
        Some(number) => out::within(&root.key("documentNumber"), number, NUMBER_MAX, &mut findings),
        None => out::missing(&root, "documentNumber", &mut findings),
    }
    if response.faults.len() > ERRORS_MAX {
        let detail = format!("There are {} faults, and DCSA takes {ERRORS_MAX}.", response.faults.len());
        findings.push(Finding::error("TOO-MANY", root.key("faults"), detail));
    }
    for (index, fault) in response.faults.iter().enumerate() {
        let at = root.key("faults").index(index);
        out::within(&at.key("text"), fault.text.as_deref().unwrap_or_default(), WORDS_MAX, &mut findings);
        out::within(&at.key("code"), fault.code.as_deref().unwrap_or_default(), 50, &mut findings);
    }
    let reason = comments(&response, &mut findings);
    out::unless_wrong(findings)?;
    let errors = response.faults.iter().map(|fault| Error {
        reason: fault.text.as_deref().map(str::to_owned),
        error_code: fault.code.as_deref().map(str::to_owned),
    });
    send(
        ISSUANCE_PATH,
        &Issuance {
            transport_document_reference: response.document_number.as_deref().unwrap_or_default().to_owned(),
            transport_document_sub_reference: response.document_sub_number.as_deref().map(str::to_owned),
            issuance_response_code: code,
            reason,
            errors: errors.collect(),
        },
    )
}

/// Renders what became of a surrender.
pub(crate) fn encode_surrender(documents: &[Document]) -> Result<Request, Rejection> {
    let response: DocumentResponse = out::one(documents, "document-response")?;
    let root = Pointer::root().index(0);
    let mut findings = Vec::new();
    let is_surrender = matches!(
        response.request,
        DocumentRequestType::Surrender
            | DocumentRequestType::SurrenderForDelivery
            | DocumentRequestType::SurrenderForAmendment
    );
    if !is_surrender {
        findings.push(Finding::error(
            "NOT-A-SURRENDER",
            root.key("request"),
            "It answers something else than a surrender.",
        ));
    }
    let action = code(&response, surrender::RESPONSES, "SURR", "SREJ", &["SURR", "SREJ"], &mut findings);
    match response.request_reference.as_deref() {
        Some(reference) => out::within(&root.key("requestReference"), reference, 100, &mut findings),
        None => out::missing(&root, "requestReference", &mut findings),
    }
    let comments = comments(&response, &mut findings);
    if comments.is_none() && response.verdict == DocumentVerdict::Rejected {
        let detail = "Whoever refuses a surrender says why; add comments.";
        findings.push(Finding::error("NO-REASON", root.key("comments"), detail));
    }
    out::unless_wrong(findings)?;
    send(
        SURRENDER_PATH,
        &Surrender {
            surrender_request_reference: response.request_reference.as_deref().unwrap_or_default().to_owned(),
            action,
            comments,
        },
    )
}

/// The code of the verdict: the one that the response has of the list, else the one that says the same.
fn code(
    response: &DocumentResponse,
    list: &str,
    accepted: &str,
    rejected: &str,
    known: &[&str],
    findings: &mut Vec<Finding>,
) -> String {
    let own = response.verdict_code.as_ref().filter(|code| &*code.code_list == list && known.contains(&&*code.code));
    let at = || Pointer::root().index(0).key("verdict");
    let code = match (response.verdict, own) {
        (DocumentVerdict::Accepted, Some(own)) if &*own.code != accepted => None,
        (DocumentVerdict::Rejected, Some(own)) if &*own.code == accepted => None,
        (_, Some(own)) => Some(own.code.to_string()),
        (DocumentVerdict::Accepted, None) => Some(accepted.to_owned()),
        (DocumentVerdict::Rejected, None) => Some(rejected.to_owned()),
        (DocumentVerdict::Unmapped, None) => None,
    };
    if code.is_none() {
        let detail = format!("The verdict and its code do not say one of {}; say the same in both.", known.join(", "));
        findings.push(Finding::error("NO-VERDICT", at(), detail));
    }
    code.unwrap_or_default()
}

fn comments(response: &DocumentResponse, findings: &mut Vec<Finding>) -> Option<String> {
    let words = response.comments.as_deref()?;
    out::within(&Pointer::root().index(0).key("comments"), words, WORDS_MAX, findings);
    Some(words.to_owned())
}

fn send(path: &str, body: &impl Serialize) -> Result<Request, Rejection> {
    let mut request = Request::post(path, "application/json", out::json(body)?);
    request.headers.push(Header::new("api-version", "3"));
    Ok(request)
}
