//! What customs says of a filing, among the documents of its shipment.

use portgate_canonical::{CustomsStatus, DeclarationStatus, ShipmentContext};
use portgate_core::filing::{CustomsFault, CustomsWord, Filing, Said};
use portgate_core::shipment;

/// The kind of documents that customs speaks in.
const STATUS: &str = "customs-status";

/// All that customs has said of the filing's present declaration, whatever order it came in: what names its local reference
/// number, and what names none but the movement reference number that customs gave it.
pub(super) fn of(context: &ShipmentContext, filing: &Filing) -> Vec<CustomsWord> {
    let statuses: Vec<CustomsStatus> = context
        .documents
        .iter()
        .filter(|document| &*document.kind == STATUS)
        .filter_map(|document| serde_json::from_value(document.document.0.clone().into()).ok())
        .collect();
    let is_named = |status: &&CustomsStatus| status.lrn.as_deref() == Some(filing.lrn.as_str());
    let mrn = statuses.iter().filter(is_named).find_map(|status| status.mrn.as_deref()).or(filing.mrn.as_deref());
    let is_of = |status: &&CustomsStatus| match &status.lrn {
        Some(_) => is_named(status),
        None => status.mrn.is_some() && status.mrn.as_deref() == mrn,
    };
    statuses.iter().filter(is_of).filter_map(word).collect()
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
