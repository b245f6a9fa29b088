//! Which transport documents of a shipment count: one for each carriage, in its latest form, the house's rather than the master's.

use portgate_sdk::Placed;
use portgate_sdk::canonical::{Shipment, TransportDocument, TransportDocumentStatus};

/// The transport documents that count, by number.
pub(crate) fn that_count(
    mut bills: Vec<Placed<TransportDocument>>,
    shipments: &[Placed<Shipment>],
) -> Vec<Placed<TransportDocument>> {
    bills
        .retain(|bill| bill.document.status != TransportDocumentStatus::Voided && bill.document.replaced_by.is_empty());
    let replaced: Vec<String> =
        bills.iter().flat_map(|bill| bill.document.replaces.iter().map(|other| other.number.to_string())).collect();
    bills.retain(|bill| {
        bill.document.number.as_ref().is_none_or(|number| !replaced.iter().any(|other| **number == **other))
    });
    let is_named = |number: &str, name: fn(&Shipment) -> Option<&str>| {
        shipments.iter().any(|shipment| name(&shipment.document) == Some(number))
    };
    let is_house = |number: &str| is_named(number, |shipment| shipment.house_transport_doc.as_deref());
    let is_master = |number: &str| is_named(number, |shipment| shipment.master_transport_doc.as_deref());
    let number = |bill: &Placed<TransportDocument>| bill.document.number.as_deref().unwrap_or_default().to_owned();
    if bills.iter().any(|bill| is_house(&number(bill))) {
        bills.retain(|bill| is_house(&number(bill)) || !is_master(&number(bill)));
    }
    // The latest form of each comes last, and is kept.
    bills.sort_by_key(|bill| (number(bill), stage(bill.document.status), bill.document.id.to_string()));
    let latest: Vec<bool> = bills
        .iter()
        .map(|bill| {
            let later = bills.iter().filter(|other| stage(other.document.status) > stage(bill.document.status));
            !later.into_iter().any(|other| is_same(&bill.document, &other.document))
        })
        .collect();
    let mut latest = latest.into_iter();
    bills.retain(|_| latest.next() == Some(true));
    bills
}

/// Whether two are one document in two forms: by the number, or by the instructions that they are drawn up by.
fn is_same(one: &TransportDocument, other: &TransportDocument) -> bool {
    let same = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
    same(one.number.as_deref(), other.number.as_deref())
        || same(one.shipping_instruction.as_deref(), other.shipping_instruction.as_deref())
}

/// How far a document has come.
fn stage(status: TransportDocumentStatus) -> u8 {
    use TransportDocumentStatus as Status;
    match status {
        Status::Unmapped | Status::Voided => 0,
        Status::Instructed => 1,
        Status::Draft => 2,
        Status::Approved => 3,
        Status::Issued => 4,
        Status::PendingSurrenderForAmendment
        | Status::SurrenderedForAmendment
        | Status::PendingSurrenderForDelivery
        | Status::SurrenderedForDelivery => 5,
    }
}
