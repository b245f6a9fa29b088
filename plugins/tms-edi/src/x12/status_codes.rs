//! The code tables: what milestones and references are called in X12.

use std::collections::BTreeMap;

use portgate_sdk::Finding;
use portgate_sdk::agreement::Agreement;
use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode, TransportMode};

/// The list of X12 status codes as `AT7-01` has it: data element 1650.
pub(crate) const STATUS_LIST: &str = "X12 1650";

/// The setting of an agreement with codes of its own.
const STATUS_CODES: &str = "status_codes";

/// `AT7-02` where nothing is out of the ordinary: normal status.
pub(crate) const NORMAL: &str = "NS";

/// The status code (1650) of an event; nothing where X12 has no word for it. That something is planned or asked for, it cannot
/// say of a status.
pub(crate) fn status(
    event_type: EventType,
    code: MilestoneCode,
    classifier: Classifier,
    mode: Option<TransportMode>,
) -> Option<&'static str> {
    use Classifier::{Act, Est};
    use EventType::{Equipment, Shipment, Transport};
    use MilestoneCode::{Arri, Depa, Gtin, Gtot, Load, Pick, Rece, Strp, Stuf};
    Some(match (event_type, code, classifier, mode) {
        (Transport, Depa, Act, Some(TransportMode::Rail)) => "RL", // departed from the ramp of origin
        (Transport, Arri, Act, Some(TransportMode::Rail)) => "AR", // arrived at the ramp of destination
        (Transport, Depa, Act, _) => "P1",                         // departed from the terminal
        (Transport, Arri, Act, _) => "X4",                         // arrived at the terminal
        (Transport, Depa, Est, _) => "C1",                         // estimated to depart from the terminal
        (Transport, Arri, Est, _) => "B6",                         // estimated to arrive at the terminal
        (Equipment, Load, Act, Some(TransportMode::Road)) => "AM", // loaded on a truck
        (Equipment, Load, Act, _) => "L1",                         // loading
        (Equipment, Gtin, Act, _) => "I1",                         // in at the gate
        (Equipment, Gtot, Act, _) => "OA",                         // out at the gate
        (Equipment, Pick, Act, _) => "AF",                         // departed from the place of pick-up with the goods
        (Equipment, Stuf, Act, _) => "CP",                         // loaded at the place of pick-up
        (Equipment, Strp, Act, _) => "D1",                         // unloaded at the place of delivery
        (Shipment, Rece, Act, _) => "XB",                          // the shipment is acknowledged
        _ => return None,
    })
}

/// The list of appointments: data element 1652.
pub(crate) const APPOINTMENT_LIST: &str = "X12 1652";

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) event_type: EventType,
    pub(crate) code: MilestoneCode,
    pub(crate) classifier: Classifier,
    pub(crate) mode: Option<TransportMode>,
}

impl Meaning {
    /// Whether it is about a means of transport or what it carries, so that a mode says something of it.
    pub(crate) fn is_of_transport(&self) -> bool {
        matches!(self.event_type, EventType::Transport | EventType::Equipment | EventType::Parcel)
    }
}

/// What a status (1650) means: all of release 004010, and those of later ones that partners write all the same. Those of terminals
/// say how it goes on by no mode; motor carriers write them.
pub(crate) fn meaning(status: &str) -> Option<Meaning> {
    use Classifier::{Act, Est};
    use EventType::{Customs, Equipment, Parcel, Shipment, Transport};
    use MilestoneCode::{
        Accepted, Arri, Attempted, Cancelled, Damaged, Delayed, Delivered, Depa, Drop, Exception, Gtin, Gtot, Held,
        Hold, Labelled, Load, Noted, OutForDelivery, Pick, ReadyForPickup, Rece, Rels, Returning, Strp, Stuf, Transit,
    };
    let rail = Some(TransportMode::Rail);
    let (event_type, code, classifier, mode) = match status {
        "X1" | "X3" | "X4" | "X5" | "X8" | "K1" => (Transport, Arri, Act, None), // arrived: delivery, pick-up, terminal, docks, customs
        "Y1" => (Transport, Arri, Act, None), // arrived at the hub of a consolidation of several countries
        "CD" | "P1" => (Transport, Depa, Act, None), // departed from the place of delivery, from a terminal
        "X2" | "B6" => (Transport, Arri, Est, None), // estimated to arrive: consignee, terminal
        "C1" => (Transport, Depa, Est, None), // estimated to depart from the terminal
        "AR" => (Transport, Arri, Act, rail), // arrived at the ramp of destination
        "RL" => (Transport, Depa, Act, rail), // departed from the ramp of origin
        "AF" => (Equipment, Pick, Act, None), // departed from the place of pick-up with the goods
        "CP" | "CL" => (Equipment, Stuf, Act, None), // loaded at the place of pick-up, trailer closed
        "D1" => (Equipment, Strp, Act, None), // unloaded at the place of delivery
        "L1" | "AM" => (Equipment, Load, Act, None), // loading, loaded on a truck
        "I1" => (Equipment, Gtin, Act, None), // in at the gate
        "OA" => (Equipment, Gtot, Act, None), // out at the gate
        "S1" => (Equipment, Drop, Act, None), // the trailer stands at the consignee's
        "XB" => (Shipment, Rece, Act, None),  // the shipment is acknowledged
        "RH" | "BR" => (Shipment, Rels, Act, None), // released from a hold, from a bad order
        "PR" => (Customs, Hold, Act, None),   // held by customs
        "AG" => (Parcel, Delivered, Est, None), // estimated delivery
        "X6" | "J1" | "R1" | "BA" => (Parcel, Transit, Act, None), // on the way, or from one carrier to another
        "AN" => (Parcel, Transit, Act, Some(TransportMode::Air)), // diverted to an air carrier
        "NB" => (Parcel, Accepted, Act, None), // the goods came, the papers did not
        "BC" => (Parcel, Held, Act, None),    // stored in transit
        "AI" | "DO" | "OP" => (Parcel, Noted, Act, None), // to somebody else, delivery order received, papers handed over
        "AJ" => (Parcel, OutForDelivery, Act, None),      // tendered for delivery
        "AV" | "AW" => (Parcel, ReadyForPickup, Act, None), // available for delivery, for pick-up
        "AH" | "AP" => (Parcel, Attempted, Act, None),    // delivery attempted, or not completed
        "A7" | "BO" => (Parcel, Exception, Act, None),    // refused by the consignee, reported in bad order
        "A3" => (Parcel, Returning, Act, None),           // returned to the shipper
        "A9" => (Parcel, Damaged, Act, None),             // damaged
        "SD" => (Parcel, Delayed, Act, None),             // delayed
        "CA" => (Parcel, Cancelled, Act, None),           // cancelled
        "OO" => (Parcel, Labelled, Act, None),            // the papers came, the goods did not
        _ => return None,
    };
    Some(Meaning { event_type, code, classifier, mode })
}

/// What an appointment (1652) means: when a truck is to come, or is asked to.
pub(crate) fn appointment(code: &str) -> Option<Meaning> {
    let classifier = match code {
        "AA" | "AB" | "X9" | "XA" => Classifier::Pln, // to pick up, to deliver; both secured
        "AC" => Classifier::Est,                      // to deliver, as it is estimated
        "EP" | "ED" | "LP" | "LD" => Classifier::Req, // not earlier, not later than this
        _ => return None,
    };
    Some(Meaning { event_type: EventType::Transport, code: MilestoneCode::Arri, classifier, mode: None })
}

/// The reasons (1651) of release 004010.
const REASONS: &str = "A1 A2 A3 A5 A6 AA AD AE AF AG AH AI AJ AK AL AM AN AO AP AQ AR AS AT AU AV AW AX AY AZ B1 B2 B4 B5 B8 B9 \
                       BB BC BD BE BF BG BH BI BJ BK BL BM BN BO BP BQ BR BS BT C1 C2 C3 C4 C5 C6 C7 C8 C9 CA CB CC D1 D2 F1 F2 \
                       HB NA NS P1 P2 P3 P4 RC S1 T1 T2 T3 T4 T5 T6 T7";

/// Whether a code is a reason of X12 1651.
pub(crate) fn is_reason(code: &str) -> bool {
    code.len() == 2 && REASONS.split_whitespace().any(|reason| reason == code)
}

/// The reason code (1651) for a milestone's: its own where its status is of X12 as well, weather, or that it is another one,
/// whose words stand in `K1`.
pub(crate) fn reason(code: Option<&str>, is_of_x12: bool) -> &str {
    match code {
        Some(code) if is_of_x12 && is_reason(code) => code,
        Some("WEA") => "AO",
        _ => "BG",
    }
}

/// The qualifier (128) of a reference by its scheme; nothing where X12 has none, or the scheme is one of ours alone. What another
/// X12 message called it, such as `x12:4F`, is its own.
pub(crate) fn qualifier(scheme: &str) -> Option<&str> {
    Some(match scheme {
        "transport-document" => "BM",
        "booking" => "BN",
        "container" => "EQ",
        "seal" => "SN",
        "order" => "PO",
        "invoice" => "IK",
        "shipment" => "SI",
        _ => {
            let qualifier = scheme.strip_prefix("x12:")?;
            let is_code =
                (2..=3).contains(&qualifier.len()) && qualifier.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return is_code.then_some(qualifier);
        }
    })
}

/// The codes that the partner takes instead of those of [`status`], by milestone code and classifier.
#[derive(Default)]
pub(crate) struct Agreed(BTreeMap<(String, String), String>);

impl Agreed {
    /// What the setting `status_codes` says: pairs such as `DISC=AV`, of what has happened, or `ARRI/EST=AG`.
    pub(crate) fn of(agreement: &Agreement) -> Result<Self, Finding> {
        let pairs = agreement.setting(STATUS_CODES).unwrap_or_default().split_whitespace();
        let agreed = pairs.map(|pair| {
            let (event, status) = pair.split_once('=')?;
            let (code, classifier) = event.split_once('/').unwrap_or((event, "ACT"));
            let is_code =
                status.len() == 2 && status.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
            is_code.then(|| ((code.to_owned(), classifier.to_owned()), status.to_owned()))
        });
        agreed.collect::<Option<_>>().map(Agreed).ok_or_else(|| {
            let detail = format!(
                "The setting {STATUS_CODES} of the agreement `{}` is no list of pairs such as `DISC=AV ARRI/EST=AG`.",
                agreement.name
            );
            Finding::error("SETTING", "", detail)
        })
    }

    /// The code for an event.
    pub(crate) fn status(&self, code: MilestoneCode, classifier: Classifier) -> Option<&str> {
        self.0.get(&(word(code), word(classifier))).map(String::as_str)
    }
}

/// The word that a code has in documents.
pub(crate) fn word(code: impl std::fmt::Debug) -> String {
    format!("{code:?}").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use portgate_sdk::agreement::{Acknowledgement, Mode, Setting};

    use super::*;

    fn agreed(codes: &str) -> Result<Agreed, Finding> {
        Agreed::of(&Agreement {
            name: "status-out".to_owned(),
            ours: Vec::new(),
            theirs: Vec::new(),
            edition: String::new(),
            mode: Mode::Production,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: vec![Setting { name: STATUS_CODES.to_owned(), value: codes.to_owned() }],
        })
    }

    #[test]
    fn every_status_and_appointment_of_the_release_has_a_meaning() {
        let all = "A3 A7 A9 AF AG AH AI AJ AM AN AP AR AV B6 BA BC C1 CA CD CL CP D1 I1 J1 K1 L1 OA OO P1 PR R1 RL S1 SD X1 X2 X3 \
                   X4 X5 X6 X8 XB";
        assert!(all.split_whitespace().all(|status| meaning(status).is_some()));
        assert!("AA AB AC ED EP LD LP X9 XA".split_whitespace().all(|code| appointment(code).is_some()));
        assert_eq!((meaning("ZZ"), appointment("ZZ")), (None, None));
    }

    #[test]
    fn a_reason_of_x12_goes_back_as_it_came_and_the_same_letters_of_another_list_do_not() {
        let found = [(Some("B1"), true), (Some("B1"), false), (Some("WEA"), true), (Some("XX"), true), (None, true)];
        assert_eq!(found.map(|(code, is_of_x12)| reason(code, is_of_x12)), ["B1", "BG", "AO", "BG", "BG"]);
    }

    #[test]
    fn a_milestone_that_has_no_code_gets_the_one_that_was_agreed() {
        use Classifier::{Act, Est};
        use MilestoneCode::{Arri, Disc};
        assert_eq!(status(EventType::Equipment, Disc, Act, None), None);
        let agreed = agreed("DISC=AV ARRI/EST=AG").expect("pairs");
        assert_eq!((agreed.status(Disc, Act), agreed.status(Disc, Est)), (Some("AV"), None));
        assert_eq!((agreed.status(Arri, Act), agreed.status(Arri, Est)), (None, Some("AG")));
    }

    #[test]
    fn what_is_no_list_of_codes_is_refused_with_an_example() {
        for wrong in ["DISC", "DISC=", "DISC=U", "DISC=uv", "DISC:UV", "DISC=AV,ARRI=X4"] {
            let refused = agreed(wrong).err().expect(wrong);
            assert!(
                refused.detail.contains("`status-out`") && refused.detail.contains("DISC=AV"),
                "{wrong}: {refused}"
            );
        }
    }

    #[test]
    fn a_reference_has_the_qualifier_of_its_scheme_or_that_which_another_message_gave_it() {
        let found = ["transport-document", "x12:4F", "x12:toolong", "x12:", "ucr"].map(qualifier);
        assert_eq!(found, [Some("BM"), Some("4F"), None, None, None]);
    }
}
