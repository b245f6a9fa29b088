//! What becomes of an invoice, told to its seller: a UBL 2.1 ApplicationResponse by Peppol BIS Invoice Response 3.
//!
//! What the specification wants (PEPPOL-T111-R001 to R005) is held before anything goes out.

use portgate_sdk::canonical::{InvoiceClarification, InvoiceResponse, InvoiceStatus, Party};
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target};

use crate::party::{is_known, scheme_of};

const CUSTOMIZATION: &str = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3";
const PROFILE: &str = "urn:fdc:peppol.eu:poacc:bis:invoice_response:3";

/// Where responses are posted to where the agreement says nothing.
const PATH: &str = "/invoice-responses";

/// The lists that clarifications are of.
const REASONS: &str = "OPStatusReason";
const ACTIONS: &str = "OPStatusAction";

/// Renders one response.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = "A response is about one invoice; hand over one document at a time.";
        return Err(Finding::error("ONE-DOCUMENT", "", detail).into());
    };
    if document.kind != "invoice-response" {
        let detail = format!("A `{}` is no invoice response.", document.kind);
        return Err(Finding::error("NOT-A-RESPONSE", Pointer::root().index(0), detail).into());
    }
    let response: InvoiceResponse = document.read()?;
    let findings = check(&response);
    if findings.iter().any(|finding| finding.severity.rejects()) {
        return Err(Rejection::new(findings));
    }
    let mut writer = Writer::new("ApplicationResponse");
    write(&response, &mut writer.root());
    let agreement = target.agreement.as_ref();
    let path = agreement.and_then(|agreement| agreement.setting("path")).unwrap_or(PATH);
    Ok(Request::post(path, "application/xml", writer.finish()?.bytes))
}

/// What the specification wants.
fn check(response: &InvoiceResponse) -> Vec<Finding> {
    let root = Pointer::root().index(0);
    let mut findings = Vec::new();
    let is_explained = !response.clarifications.is_empty();
    let asks = matches!(
        response.status,
        InvoiceStatus::ConditionallyAccepted | InvoiceStatus::UnderQuery | InvoiceStatus::Rejected
    );
    if asks && !is_explained {
        let detail =
            "A response that rejects, queries or sets conditions says why (PEPPOL-T111-R001); add a clarification.";
        findings.push(Finding::error("NO-CLARIFICATION", root.key("clarifications"), detail));
    }
    for (index, clarification) in response.clarifications.iter().enumerate() {
        let at = root.key("clarifications").index(index);
        let InvoiceClarification { code, text, .. } = clarification;
        if !matches!(&*code.code_list, REASONS | ACTIONS) {
            let detail =
                format!("`{}` is neither {REASONS} nor {ACTIONS}; take the code from one of them.", code.code_list);
            findings.push(Finding::error("CODE-LIST", at.key("code").key("codeList"), detail));
        }
        if &*code.code == "PPD" && (text.is_none() || response.status != InvoiceStatus::Paid) {
            let detail = "That it is paid in part (PPD) is said of what is paid (PD), with words that say how much (PEPPOL-T111-R004, R005).";
            findings.push(Finding::error("PARTLY-PAID", at.clone(), detail));
        }
    }
    let sides = [("buyer", "who says it", &response.buyer), ("seller", "to whom", &response.seller)];
    for (field, what, party) in sides {
        let at = root.key(field);
        let Some(party) = party else {
            findings.push(Finding::error("MISSING", at, format!("The response does not say {what}.")));
            continue;
        };
        if endpoint(party).is_none() {
            let detail = "The party has no electronic address; give it an identifier such as `endpoint:0088` or `GLN`.";
            findings.push(Finding::error("NO-ENDPOINT", at.key("ids"), detail));
        }
        if party.name.is_none() {
            findings.push(Finding::error("MISSING", at.key("name"), "The party has no name."));
        }
    }
    findings
}

fn write(response: &InvoiceResponse, root: &mut ElementWriter<'_>) {
    root.attribute("xmlns", "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2");
    root.attribute("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2");
    root.attribute("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2");
    root.leaf("cbc:CustomizationID", CUSTOMIZATION);
    root.leaf("cbc:ProfileID", PROFILE);
    root.leaf("cbc:ID", &*response.id);
    let issued_at = response.issued_at.as_str();
    root.leaf("cbc:IssueDate", issued_at.get(..10));
    root.leaf("cbc:IssueTime", issued_at.get(11..19));
    root.leaf("cbc:Note", response.note.as_deref());
    side(response.buyer.as_ref(), &mut root.group("cac:SenderParty"));
    side(response.seller.as_ref(), &mut root.group("cac:ReceiverParty"));
    let mut about = root.child("cac:DocumentResponse");
    let mut said = about.child("cac:Response");
    said.leaf("cbc:ResponseCode", status(response.status));
    said.leaf("cbc:EffectiveDate", response.effective_date.as_ref().map(|day| day.as_str()));
    for clarification in &response.clarifications {
        let mut status = said.child("cac:Status");
        status
            .child("cbc:StatusReasonCode")
            .with("listID", &*clarification.code.code_list)
            .text(&*clarification.code.code);
        status.leaf("cbc:StatusReason", clarification.text.as_deref());
        for condition in &clarification.conditions {
            let mut element = status.child("cac:Condition");
            element.leaf("cbc:AttributeID", &*condition.term);
            element.leaf("cbc:Description", condition.value.as_deref());
        }
    }
    drop(said);
    let mut invoice = about.child("cac:DocumentReference");
    invoice.leaf("cbc:ID", &*response.invoice_number);
    invoice.leaf("cbc:IssueDate", response.invoice_date.as_ref().map(|day| day.as_str()));
    invoice.leaf("cbc:DocumentTypeCode", response.invoice_type.as_ref().map_or("380", |of| &*of.code));
    drop(invoice);
    if let Some(issuer) = response.issuer.as_ref().filter(|issuer| is_known(issuer)) {
        let mut element = about.group("cac:IssuerParty");
        identifier(issuer, &mut element);
        element.group("cac:PartyName").leaf("cbc:Name", issuer.name.as_deref());
    }
}

/// The code of what becomes of an invoice (UNTDID 4343).
fn status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Acknowledged => "AB",
        InvoiceStatus::InProcess => "IP",
        InvoiceStatus::UnderQuery => "UQ",
        InvoiceStatus::ConditionallyAccepted => "CA",
        InvoiceStatus::Rejected => "RE",
        InvoiceStatus::Accepted => "AP",
        InvoiceStatus::Paid => "PD",
    }
}

fn side(party: Option<&Party>, element: &mut ElementWriter<'_>) {
    let Some(party) = party else { return };
    if let Some((scheme, id)) = endpoint(party) {
        element.child("cbc:EndpointID").with("schemeID", &*scheme).text(&*id);
    }
    identifier(party, element);
    element.group("cac:PartyLegalEntity").leaf("cbc:RegistrationName", party.name.as_deref());
    let mut contact = element.group("cac:Contact");
    contact.leaf("cbc:Name", party.contact.as_deref());
    contact.leaf("cbc:Telephone", party.phone.as_deref());
    contact.leaf("cbc:ElectronicMail", party.email.as_deref());
}

/// What a party is addressed by: its electronic address, or else its GLN.
fn endpoint(party: &Party) -> Option<(String, String)> {
    let addressed = party.ids.iter().find(|id| id.scheme.starts_with("endpoint:"));
    let id = addressed.or_else(|| party.ids.iter().find(|id| &*id.scheme == "GLN"))?;
    Some((scheme_of(&id.scheme), id.value.to_string()))
}

/// What a party is identified by beside its address.
fn identifier(party: &Party, element: &mut ElementWriter<'_>) {
    let plain = |scheme: &str| {
        matches!(scheme, "GLN" | "DUNS") || scheme.len() == 4 && scheme.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some(id) = party.ids.iter().find(|id| plain(&id.scheme)) {
        let mut identification = element.child("cac:PartyIdentification");
        identification.child("cbc:ID").with("schemeID", &*scheme_of(&id.scheme)).text(&*id.value);
    }
}
