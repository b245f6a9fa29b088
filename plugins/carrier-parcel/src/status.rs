//! What the providers' words for the state of a parcel mean.
//!
//! Both have a rough word, of which there are few, and a finer one beside it. The rough one decides; where it leaves open what
//! happened, the finer one says it.

use portgate_sdk::canonical::MilestoneCode::{self, *};

/// What an event's two words mean, as far as they are known.
pub(crate) struct Meaning {
    /// By both words; none where the rough one is not known.
    pub(crate) code: Option<MilestoneCode>,
    /// Whether the finer one is known, or there is none.
    pub(crate) detail_is_known: bool,
}

/// What a finer word adds.
enum Finer {
    /// What happened.
    Says(MilestoneCode),
    /// Nothing that the rough word does not say.
    SaysNothing,
}
use Finer::{Says, SaysNothing};

/// EasyPost's `status` and `status_detail` (Trackers of its API documentation).
pub(crate) fn easypost(status: &str, detail: Option<&str>) -> Meaning {
    let finer = detail.map(|detail| match detail {
        "arrived_at_facility" | "arrived_at_destination" | "received_at_destination_facility" => Some(Says(Arrived)),
        "arrived_at_pickup_location" => Some(Says(Arrived)),
        "received_at_origin_facility" => Some(Says(Accepted)),
        "departed_facility" | "departed_origin_facility" => Some(Says(Departed)),
        "delayed" | "weather_delay" => Some(Says(Delayed)),
        "held" | "awaiting_information" | "address_correction" => Some(Says(Held)),
        "delivery_exception" | "transit_exception" | "missorted" | "refused" | "expired" | "failure" => {
            Some(Says(Exception))
        }
        "damaged" => Some(Says(Damaged)),
        "lost" => Some(Says(Lost)),
        "return" => Some(Says(Returning)),
        "cancelled" | "canceled" => Some(Says(Cancelled)),
        "out_for_delivery" => Some(Says(OutForDelivery)),
        "label_created" | "in_transit" | "status_update" | "transferred_to_destination_carrier" | "unknown" => {
            Some(SaysNothing)
        }
        _ => None,
    });
    let arrived = detail == Some("arrived_at_destination");
    let code = match status {
        "pre_transit" => Some(Labelled),
        "in_transit" => Some(finer_or(&finer, Transit)),
        "out_for_delivery" => Some(OutForDelivery),
        "delivered" => Some(Delivered),
        "available_for_pickup" => Some(ReadyForPickup),
        "return_to_sender" if arrived => Some(Returned),
        "return_to_sender" => Some(Returning),
        "failure" | "error" => Some(finer_or(&finer, Exception)),
        "cancelled" | "canceled" => Some(Cancelled),
        "unknown" => Some(finer_or(&finer, Noted)),
        _ => None,
    };
    Meaning { code, detail_is_known: !matches!(finer, Some(None)) }
}

/// Shippo's `status` and the code of its `substatus` (Event Definitions of its Tracking documentation).
pub(crate) fn shippo(status: &str, substatus: Option<&str>) -> Meaning {
    let finer = substatus.map(|substatus| match substatus {
        "information_received" => Some(Says(Labelled)),
        "package_accepted" => Some(Says(Accepted)),
        "package_arrived" => Some(Says(Arrived)),
        "package_departed" => Some(Says(Departed)),
        "out_for_delivery" => Some(Says(OutForDelivery)),
        "delivery_attempted" | "notice_left" => Some(Says(Attempted)),
        "pickup_available" => Some(Says(ReadyForPickup)),
        "delivered" => Some(Says(Delivered)),
        "return_to_sender" | "package_unclaimed" => Some(Says(Returning)),
        "delayed" | "delivery_rescheduled" | "reschedule_delivery" => Some(Says(Delayed)),
        "package_held" | "address_issue" => Some(Says(Held)),
        "contact_carrier" | "location_inaccessible" | "package_undeliverable" => Some(Says(Exception)),
        "package_damaged" => Some(Says(Damaged)),
        "package_lost" => Some(Says(Lost)),
        "package_disposed" => Some(Says(Disposed)),
        "delivery_scheduled" => Some(Says(Noted)),
        "package_forwarded" | "package_processed" | "package_processing" | "other" => Some(SaysNothing),
        _ => None,
    });
    let code = match status {
        "PRE_TRANSIT" => Some(Labelled),
        "TRANSIT" => Some(finer_or(&finer, Transit)),
        "DELIVERED" => Some(Delivered),
        "RETURNED" => Some(Returning),
        "FAILURE" => Some(finer_or(&finer, Exception)),
        "UNKNOWN" => Some(finer_or(&finer, Noted)),
        _ => None,
    };
    Meaning { code, detail_is_known: !matches!(finer, Some(None)) }
}

fn finer_or(finer: &Option<Option<Finer>>, rough: MilestoneCode) -> MilestoneCode {
    match finer {
        Some(Some(Says(code))) => *code,
        Some(Some(SaysNothing) | None) | None => rough,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rough_word_decides_and_the_finer_one_says_what_it_leaves_open() {
        for (status, detail, code) in [
            ("in_transit", Some("departed_facility"), Some(Departed)),
            ("in_transit", Some("status_update"), Some(Transit)),
            ("in_transit", Some("never_heard_of"), Some(Transit)),
            ("in_transit", None, Some(Transit)),
            ("delivered", Some("arrived_at_destination"), Some(Delivered)),
            ("out_for_delivery", Some("delayed"), Some(OutForDelivery)),
            ("return_to_sender", Some("return"), Some(Returning)),
            ("return_to_sender", Some("arrived_at_destination"), Some(Returned)),
            ("failure", Some("lost"), Some(Lost)),
            ("failure", Some("status_update"), Some(Exception)),
            ("unknown", None, Some(Noted)),
            ("teleported", Some("delayed"), None),
        ] {
            assert_eq!(easypost(status, detail).code, code, "{status} {detail:?}");
        }
        for (status, substatus, code) in [
            ("TRANSIT", Some("notice_left"), Some(Attempted)),
            ("TRANSIT", None, Some(Transit)),
            ("DELIVERED", Some("other"), Some(Delivered)),
            ("FAILURE", Some("package_disposed"), Some(Disposed)),
            ("UNKNOWN", Some("other"), Some(Noted)),
            ("transit", None, None),
        ] {
            assert_eq!(shippo(status, substatus).code, code, "{status} {substatus:?}");
        }
    }

    #[test]
    fn a_finer_word_that_is_not_known_is_told() {
        assert!(!easypost("in_transit", Some("never_heard_of")).detail_is_known);
        assert!(easypost("in_transit", Some("held")).detail_is_known && easypost("in_transit", None).detail_is_known);
        assert!(!shippo("TRANSIT", Some("never_heard_of")).detail_is_known);
    }
}
