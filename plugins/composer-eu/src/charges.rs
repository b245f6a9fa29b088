//! How the carriage is paid (UCC 14 02).

use portgate_compose::Gaps;
use portgate_sdk::canonical::Text;

use crate::case::Case;

/// Not paid beforehand.
const COLLECT: &str = "Z";

/// The method: what policy has, or that it is not paid beforehand, where shipment or transport document say so. By which means it is
/// paid beforehand they do not say.
pub(crate) fn paid(case: &Case<'_>, gaps: &mut Gaps) -> Option<Text<4>> {
    if let Some(method) = case.settings.text("transport-charges", gaps) {
        return Some(method);
    }
    let is_collect = |code: &str| matches!(code.to_ascii_lowercase().as_str(), "collect" | "col");
    let by_shipment = case.facts.shipments.iter().filter_map(|shipment| shipment.document.freight_terms.as_ref());
    let by_bill = case.facts.transport_documents.iter().filter_map(|bill| bill.document.freight_payment.as_ref());
    let said = by_shipment.chain(by_bill).next()?;
    is_collect(&said.code).then(|| Text::new(COLLECT).ok())?
}
