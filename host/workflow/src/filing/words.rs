//! What customs says of a filing, among the documents of its shipment.

use portgate_canonical::{ContextDocument, CustomsStatus, DeclarationStatus};
use portgate_core::filing::{AtCustoms, CustomsFault, CustomsWord, Filing, Said, UNHEARD};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_core::{sender, shipment};
use portgate_store::{ShipmentDocuments, StatedDocument};
use serde_json::{Map, Value};

use crate::fold::merged;
use crate::ownership::Ownership;

/// The kind of documents that customs speaks in.
const STATUS: &str = "customs-status";

/// The documents of a shipment, as each system has sent them, and whose word of a document counts.
#[derive(Clone, Copy)]
pub(crate) struct Spoken<'d> {
    pub(crate) documents: &'d ShipmentDocuments,
    pub(crate) ownership: &'d Ownership,
}

/// A notification, and all of its document.
type Notification = (CustomsStatus, Map<String, Value>);

/// All that customs has said of the filing's present declaration, whatever order it came in: what names its local reference
/// number, and what names none but the movement reference number that customs gave it. Only the partners speak for customs that the
/// filing hears; what anybody else says of it is no word, and in the way of none.
pub(super) fn of(spoken: Spoken<'_>, filing: &Filing) -> Vec<CustomsWord> {
    heard(spoken, filing).iter().filter_map(|(status, _)| word(status)).collect()
}

/// The notification that says that the filing stands there: the last of those that mean it.
pub(super) fn saying(spoken: Spoken<'_>, filing: &Filing, at: AtCustoms) -> Option<Map<String, Value>> {
    let said = |(status, body): Notification| {
        let word = word(&status).filter(|word| at.is_said_by(word.said))?;
        Some((word.at, status.id.to_string(), body))
    };
    let said = heard(spoken, filing).into_iter().filter_map(said);
    said.max_by(|(at, id, _), (other_at, other, _)| (at, id).cmp(&(other_at, other))).map(|(_, _, body)| body)
}

/// What others than those whom the filing hears say of its present declaration, which would move it: a finding for each.
pub(super) fn unheard(spoken: Spoken<'_>, filing: &Filing) -> Vec<ShipmentFinding> {
    let all = told(spoken, |system| !filing.hears(system));
    let mrn = filing.mrn.as_deref();
    let is_of = |status: &CustomsStatus| match &status.lrn {
        Some(lrn) => **lrn == *filing.lrn,
        None => mrn.is_some() && status.mrn.as_deref() == mrn,
    };
    let moves = |(system, (status, _)): &(String, Notification)| {
        word(status).filter(|_| is_of(status)).map(|_| (system.clone(), status.id.to_string(), status.status))
    };
    let finding = |(system, id, status): (String, String, DeclarationStatus)| {
        let status = serde_json::to_value(status).unwrap_or_default();
        ShipmentFinding {
            pack: String::new(),
            rule: UNHEARD.to_owned(),
            severity: Severity::Error,
            detail: format!(
                "`{system}` says by `{id}` that {} is {}, and does not speak for customs here: nothing comes of it.",
                filing.lrn,
                status.as_str().unwrap_or_default()
            ),
            remedy: format!(
                "Ask `{system}` why it speaks of this declaration. If it hands on what customs says of it, name it under `answers` of the \
                 filing in `filings.toml`."
            ),
            fields: Vec::new(),
            overridden: None,
        }
    };
    all.iter().filter_map(moves).map(finding).collect()
}

/// Each notification of the filing's present declaration by those whom it hears.
fn heard(spoken: Spoken<'_>, filing: &Filing) -> Vec<Notification> {
    let statuses: Vec<Notification> =
        told(spoken, |system| filing.hears(system)).into_iter().map(|(_, told)| told).collect();
    let is_named = |status: &CustomsStatus| status.lrn.as_deref() == Some(filing.lrn.as_str());
    let mut named = statuses.iter().filter(|(status, _)| is_named(status));
    let mrn = named.find_map(|(status, _)| status.mrn.as_deref().map(str::to_owned));
    let mrn = mrn.or_else(|| filing.mrn.clone());
    let is_of = |status: &CustomsStatus| match &status.lrn {
        Some(_) => is_named(status),
        None => status.mrn.is_some() && status.mrn.as_deref() == mrn.as_deref(),
    };
    statuses.into_iter().filter(|(status, _)| is_of(status)).collect()
}

/// Each notification that these systems have told, as it counts among them alone, and which system that is.
fn told(spoken: Spoken<'_>, is_one: impl Fn(&str) -> bool) -> Vec<(String, Notification)> {
    let tells = |document: &&StatedDocument| {
        document.kind == STATUS && !sender::is_gateway(&document.sender) && is_one(sender::partner(&document.sender))
    };
    let documents: Vec<StatedDocument> = spoken.documents.documents.iter().filter(tells).cloned().collect();
    let read = |document: ContextDocument| {
        let body = document.document.0;
        let status = serde_json::from_value(body.clone().into()).ok()?;
        Some((document.provenance.system.to_string(), (status, body)))
    };
    merged(&documents, spoken.ownership, &mut Vec::new(), &mut 0).into_iter().filter_map(read).collect()
}

/// What a notification means for a filing; nothing where it moves none.
fn word(status: &CustomsStatus) -> Option<CustomsWord> {
    let said = match status.status {
        DeclarationStatus::Received => Said::Received,
        DeclarationStatus::Accepted => Said::Accepted,
        DeclarationStatus::Rejected => Said::Rejected,
        DeclarationStatus::Amended => Said::Amended,
        DeclarationStatus::RequestOutcome => Said::Outcome { granted: status.granted? },
        DeclarationStatus::Released | DeclarationStatus::Exited | DeclarationStatus::UnloadingPermitted => {
            Said::Released
        }
        DeclarationStatus::Cleared | DeclarationStatus::WrittenOff => Said::Cleared,
        DeclarationStatus::Control
        | DeclarationStatus::DocsRequired
        | DeclarationStatus::NotReleased
        | DeclarationStatus::Intervention => Said::Held,
        DeclarationStatus::Invalidated => Said::Cancelled,
        _ => return None,
    };
    let text = |text: &Option<portgate_canonical::Text<512>>| text.as_deref().unwrap_or_default().to_owned();
    let fault = |error: &portgate_canonical::CustomsError| CustomsFault {
        code: error.code.to_string(),
        text: text(&error.text),
        pointer: text(&error.pointer),
        field: text(&error.field),
    };
    Some(CustomsWord {
        at: shipment::microseconds(status.occurred_at.as_str()).unwrap_or_default(),
        said,
        version: status.declaration_version.as_deref().and_then(|version| version.parse().ok()),
        mrn: status.mrn.as_deref().map(str::to_owned),
        faults: status.errors.iter().map(fault).collect(),
    })
}
