//! What customs says of a filing, among the documents of its shipment.

use portgate_canonical::{CustomsStatus, DeclarationStatus, ShipmentContext};
use portgate_core::filing::{AtCustoms, CustomsFault, CustomsWord, Filing, Said};
use portgate_core::shipment;
use serde_json::{Map, Value};

/// The kind of documents that customs speaks in.
const STATUS: &str = "customs-status";

/// All that customs has said of the filing's present declaration, whatever order it came in: what names its local reference
/// number, and what names none but the movement reference number that customs gave it.
pub(super) fn of(context: &ShipmentContext, filing: &Filing) -> Vec<CustomsWord> {
    statuses(context, filing).iter().filter_map(|(status, _)| word(status)).collect()
}

/// The notification that says that the filing stands there: the last of those that mean it.
pub(super) fn saying(context: &ShipmentContext, filing: &Filing, at: AtCustoms) -> Option<Map<String, Value>> {
    let said = |(status, body): (CustomsStatus, _)| {
        let word = word(&status).filter(|word| at.is_said_by(word.said))?;
        Some((word.at, status.id.to_string(), body))
    };
    let said = statuses(context, filing).into_iter().filter_map(said);
    said.max_by(|(at, id, _), (other_at, other, _)| (at, id).cmp(&(other_at, other))).map(|(_, _, body)| body.clone())
}

/// Each notification of the filing's present declaration, with its document.
fn statuses<'c>(context: &'c ShipmentContext, filing: &Filing) -> Vec<(CustomsStatus, &'c Map<String, Value>)> {
    let statuses: Vec<(CustomsStatus, &Map<String, Value>)> = context
        .documents
        .iter()
        .filter(|document| &*document.kind == STATUS)
        .filter_map(|document| {
            let body = &document.document.0;
            Some((serde_json::from_value(body.clone().into()).ok()?, body))
        })
        .collect();
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
    };
    Some(CustomsWord {
        at: shipment::microseconds(status.occurred_at.as_str()).unwrap_or_default(),
        said,
        version: status.declaration_version.as_deref().and_then(|version| version.parse().ok()),
        mrn: status.mrn.as_deref().map(str::to_owned),
        faults: status.errors.iter().map(fault).collect(),
    })
}
