//! The code tables: what the partner's codes mean as DCSA event codes.

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, TransportMode};

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// What the event is about.
    pub(crate) event_type: EventType,
    /// What happened.
    pub(crate) code: MilestoneCode,
    /// The mode of transport that the code itself names.
    pub(crate) mode: Option<TransportMode>,
    /// Whether the code itself says that the container is empty.
    pub(crate) empty: Option<bool>,
}

/// The list of X12 status codes: data element 157, as `B4-03` has it.
pub(crate) const X12_STATUS: &str = "X12 157";

/// The list of EDIFACT status codes: data element 4405, as `STS` has it.
pub(crate) const EDIFACT_STATUS: &str = "UNTDID 4405";

/// The list of EDIFACT time qualifiers: data element 2005, as `DTM` has it.
pub(crate) const EDIFACT_TIME: &str = "UNTDID 2005";

/// The list of X12 time qualifiers: data element 374, as `DTM` has it.
pub(crate) const X12_TIME: &str = "X12 374";

/// The list of EDIFACT document names: data element 1001, as `BGM` has it.
pub(crate) const EDIFACT_DOCUMENT: &str = "UNTDID 1001";

/// What a terminal reports in a COARRI or CODECO, by the code of `BGM`.
pub(crate) fn terminal(code: &str) -> Option<Meaning> {
    use MilestoneCode::{Disc, Gtin, Gtot, Load};
    let of = |code, mode| Meaning { event_type: EventType::Equipment, code, mode, empty: None };
    Some(match code {
        "44" | "98" => of(Disc, Some(TransportMode::Sea)), // discharged from the ship
        "46" | "270" => of(Load, Some(TransportMode::Sea)), // loaded on the ship
        "34" => of(Gtin, None),                            // in at the gate
        "36" => of(Gtot, None),                            // out at the gate
        _ => return None,
    })
}

/// Codes of X12 element 157. Ocean carriers write the same codes in `STS` of an IFTSTA, under a list of their own.
pub(crate) fn status(code: &str) -> Option<Meaning> {
    use EventType::{Customs, Equipment, Shipment, Transport};
    use MilestoneCode::{Arri, Depa, Disc, Gtin, Gtot, Hold, Load, Released, Rels};
    use TransportMode::{Rail, Road, Sea};
    let of = |event_type, code, mode| Meaning { event_type, code, mode, empty: None };
    let empty = |meaning| Meaning { empty: Some(true), ..meaning };
    Some(match code {
        "VD" => of(Transport, Depa, Some(Sea)),   // vessel departed
        "VA" => of(Transport, Arri, Some(Sea)),   // vessel arrived
        "AE" => of(Equipment, Load, Some(Sea)),   // loaded on the vessel
        "UV" => of(Equipment, Disc, Some(Sea)),   // unloaded from the vessel
        "AL" => of(Equipment, Load, Some(Rail)),  // loaded on rail
        "UR" => of(Equipment, Disc, Some(Rail)),  // unloaded from rail
        "RL" => of(Transport, Depa, Some(Rail)),  // rail departed from the ramp of origin
        "AR" => of(Transport, Arri, Some(Rail)),  // rail arrived at the ramp of destination
        "AM" => of(Equipment, Load, Some(Road)),  // loaded on a truck
        "P" => of(Transport, Depa, None),         // departed; how, the message says elsewhere
        "I" => of(Equipment, Gtin, None),         // in at the gate
        "OA" => of(Equipment, Gtot, None),        // out at the gate
        "EE" => empty(of(Equipment, Gtot, None)), // empty container handed out
        "RD" => empty(of(Equipment, Gtin, None)), // empty container returned
        "CR" => of(Shipment, Rels, None),         // released by the carrier
        "CT" => of(Customs, Released, None),      // released by customs
        "PA" => of(Customs, Hold, None),          // held by customs
        _ => return None,
    })
}

/// Codes of X12 element 157 as ramps and terminals write them, in an X12 322: those of [`status`], and some of their own.
pub(crate) fn ramp_status(code: &str) -> Option<Meaning> {
    use EventType::{Equipment, Transport};
    use MilestoneCode::{Arri, Drop, Gtin, Gtot, Pick};
    let of = |event_type, code, mode| Meaning { event_type, code, mode, empty: None };
    Some(match code {
        "A" => of(Transport, Arri, None),  // arrived
        "J" => of(Equipment, Drop, None),  // delivered to the connecting line
        "R" => of(Equipment, Pick, None),  // received from the carrier before
        "AF" => of(Equipment, Pick, None), // fetched
        "GI" => of(Equipment, Gtin, None), // in at the gate
        "GO" => of(Equipment, Gtot, None), // out at the gate
        other => return status(other),
    })
}

/// What happened at a time by its X12 qualifier (element 374), and whether it has.
pub(crate) fn x12_time(qualifier: &str) -> Option<(MilestoneCode, Classifier)> {
    use Classifier::{Act, Est};
    use MilestoneCode::{Arri, Depa};
    Some(match qualifier {
        "369" => (Depa, Est),
        "370" => (Depa, Act),
        "371" => (Arri, Est),
        "372" => (Arri, Act),
        _ => return None,
    })
}

/// What an EDIFACT time qualifier (list 2005) says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeMeaning {
    /// Whether the time is one that has passed.
    pub(crate) classifier: Classifier,
    /// What happened then, where the qualifier says it; otherwise it is the time of whatever the status says.
    pub(crate) code: Option<MilestoneCode>,
}

/// Qualifiers of list 2005 under which carriers send the time of an event. Times of the message itself (137 and the like)
/// are not among them: when somebody wrote about it, it had happened already.
pub(crate) fn event_time(qualifier: &str) -> Option<TimeMeaning> {
    use Classifier::{Act, Est, Pln, Req};
    use MilestoneCode::{Arri, Depa, Disc, Load};
    let (classifier, code) = match qualifier {
        "334" => (Act, None),                                 // status change
        "78" | "145" => (Act, None),                          // event
        "178" => (Act, Some(Arri)),                           // arrival, actual
        "132" => (Est, Some(Arri)),                           // arrival, estimated
        "232" => (Pln, Some(Arri)),                           // arrival, scheduled
        "186" | "136" => (Act, Some(Depa)),                   // departure, actual
        "133" => (Est, Some(Depa)),                           // departure, estimated
        "189" => (Pln, Some(Depa)),                           // departure, scheduled
        "96" | "269" => (Act, Some(Disc)),                    // discharge, and its start
        "342" => (Act, Some(Load)),                           // loading
        "7" | "11" | "35" | "143" | "181" => (Act, None),     // effective, despatched, delivered, accepted, positioned
        "190" | "200" | "201" | "204" => (Act, None), // transhipped, picked up (cargo, equipment), customs release
        "219" | "261" | "295" | "310" | "351" => (Act, None), // border crossed, released, handed over, received, inspected
        "17" | "191" => (Est, None),                          // delivery, estimated
        "298" => (Pln, None),                                 // goods to be picked up
        "2" | "10" => (Req, None),                            // delivery and shipment requested
        _ => return None,
    };
    Some(TimeMeaning { classifier, code })
}

/// Qualifiers of places (list 3227) in the order in which they say where an event was: its own place, where the goods are,
/// then the ends of the journey.
pub(crate) const PLACES: [&str; 7] = ["175", "14", "9", "11", "7", "8", "5"];

/// The places that an event at the beginning of a carriage, or at its end, is tied to before others.
pub(crate) fn places_of(code: MilestoneCode) -> &'static [&'static str] {
    use MilestoneCode::{Arri, Depa, Disc, Load};
    match code {
        Depa | Load => &["9", "5"],
        Arri | Disc => &["11", "12", "7", "8"],
        _ => &[],
    }
}

/// A DCSA code of an event about a means of transport.
pub(crate) fn transport(code: &str) -> Option<MilestoneCode> {
    use MilestoneCode::{Arri, Depa};
    [("ARRI", Arri), ("DEPA", Depa)].into_iter().find_map(|(name, found)| (name == code).then_some(found))
}

/// A DCSA code of an event about a container.
pub(crate) fn equipment(code: &str) -> Option<MilestoneCode> {
    use MilestoneCode::{Disc, Drop, Gtin, Gtot, Insp, Load, Pick, Rmvd, Rsea, Strp, Stuf};
    let table = [
        ("LOAD", Load),
        ("DISC", Disc),
        ("GTIN", Gtin),
        ("GTOT", Gtot),
        ("STUF", Stuf),
        ("STRP", Strp),
        ("PICK", Pick),
        ("DROP", Drop),
        ("INSP", Insp),
        ("RSEA", Rsea),
        ("RMVD", Rmvd),
    ];
    table.into_iter().find_map(|(name, found)| (name == code).then_some(found))
}

/// A DCSA code of an event about a booking or transport document.
pub(crate) fn shipment(code: &str) -> Option<MilestoneCode> {
    use MilestoneCode::{Appr, Cmpl, Conf, Drft, Hold, Issu, Pena, Penu, Rece, Reje, Rels, Reqs, Subm, Surr, Void};
    let table = [
        ("RECE", Rece),
        ("DRFT", Drft),
        ("PENA", Pena),
        ("PENU", Penu),
        ("REJE", Reje),
        ("APPR", Appr),
        ("ISSU", Issu),
        ("SURR", Surr),
        ("SUBM", Subm),
        ("VOID", Void),
        ("CONF", Conf),
        ("REQS", Reqs),
        ("CMPL", Cmpl),
        ("HOLD", Hold),
        ("RELS", Rels),
    ];
    table.into_iter().find_map(|(name, found)| (name == code).then_some(found))
}

/// How a booking, shipping instructions or a transport document stand, by DCSA's word for it with `_` between its parts.
pub(crate) fn document_status(word: &str) -> Option<MilestoneCode> {
    use MilestoneCode::{Appr, Cmpl, Conf, Drft, Issu, Pena, Penu, Rece, Reje, Surr, Void};
    Some(match word {
        "RECEIVED" | "UPDATE_RECEIVED" | "AMENDMENT_RECEIVED" | "CANCELLATION_RECEIVED" => Rece,
        "PENDING_UPDATE" | "PENDING_AMENDMENT" => Penu,
        "CONFIRMED" | "UPDATE_CONFIRMED" | "AMENDMENT_CONFIRMED" => Conf,
        "REJECTED" | "DECLINED" | "UPDATE_DECLINED" | "AMENDMENT_DECLINED" | "CANCELLATION_DECLINED" => Reje,
        "CANCELLED" | "UPDATE_CANCELLED" | "AMENDMENT_CANCELLED" | "CANCELLATION_CONFIRMED" => Void,
        "COMPLETED" => Cmpl,
        "DRAFT" => Drft,
        "APPROVED" => Appr,
        "ISSUED" => Issu,
        "PENDING_SURRENDER_FOR_AMENDMENT" | "PENDING_SURRENDER_FOR_DELIVERY" => Pena,
        "SURRENDER_FOR_AMENDMENT" | "SURRENDER_FOR_DELIVERY" => Surr,
        "SURRENDERED_FOR_AMENDMENT" | "SURRENDERED_FOR_DELIVERY" => Surr,
        "VOID" | "VOIDED" => Void,
        _ => return None,
    })
}

/// A mode of transport in DCSA's words.
pub(crate) fn mode(word: &str) -> Option<TransportMode> {
    match word {
        "VESSEL" => Some(TransportMode::Sea),
        "RAIL" => Some(TransportMode::Rail),
        "TRUCK" => Some(TransportMode::Road),
        "BARGE" => Some(TransportMode::Inland),
        "AIR" => Some(TransportMode::Air),
        _ => None,
    }
}

/// The scheme of a reference, by its qualifier, which X12 `N9`, EDIFACT `RFF` and DCSA largely share. What has no scheme
/// of its own is kept under the partner's qualifier, such as `x12:4F`.
pub(crate) fn scheme(standard: &str, qualifier: &str) -> String {
    let known = match qualifier {
        "BM" | "TRD" => "transport-document",
        "BN" | "BKG" => "booking",
        "EQ" => "container",
        "SN" => "seal",
        "FF" => "forwarder",
        "SI" => "shipper",
        "ON" | "PO" => "order",
        "CU" => "consignor",
        "UCN" => "ucr",
        "SHI" => "shipping-instruction",
        "CBR" => "booking-request",
        _ => return format!("{standard}:{qualifier}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dcsa_code_is_found_by_its_own_name() {
        for code in ["ARRI", "DEPA"] {
            assert!(transport(code).is_some() && equipment(code).is_none(), "{code}");
        }
        for code in ["LOAD", "DISC", "GTIN", "GTOT", "STUF", "STRP", "PICK", "DROP", "INSP", "RSEA", "RMVD"] {
            let found = equipment(code).expect(code);
            assert_eq!(serde_json::to_value(found).expect("a word"), code);
        }
        for code in [
            "RECE", "DRFT", "PENA", "PENU", "REJE", "APPR", "ISSU", "SURR", "SUBM", "VOID", "CONF", "REQS", "CMPL",
            "HOLD", "RELS",
        ] {
            let found = shipment(code).expect(code);
            assert_eq!(serde_json::to_value(found).expect("a word"), code);
        }
    }

    #[test]
    fn the_time_of_a_message_is_never_that_of_an_event() {
        for qualifier in ["137", "97", "182", "184", "187", "242", "243", "310x", ""] {
            assert_eq!(event_time(qualifier), None, "{qualifier}");
        }
        assert_eq!(event_time("334"), Some(TimeMeaning { classifier: Classifier::Act, code: None }));
        let departs = |classifier| Some(TimeMeaning { classifier, code: Some(MilestoneCode::Depa) });
        assert_eq!([event_time("186"), event_time("133")], [departs(Classifier::Act), departs(Classifier::Est)]);
    }

    #[test]
    fn a_code_that_is_not_in_the_table_means_nothing() {
        assert_eq!((status("ZZ"), status("vd"), status("")), (None, None, None));
    }

    #[test]
    fn a_qualifier_without_a_scheme_is_kept_as_it_is() {
        assert_eq!(scheme("x12", "BM"), "transport-document");
        assert_eq!(scheme("edifact", "AAZ"), "edifact:AAZ");
    }
}
