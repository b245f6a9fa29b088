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

/// The reason code (1651) for a milestone's: weather, or that it is another one, whose words stand in `K1`.
pub(crate) fn reason(code: &str) -> &'static str {
    match code {
        "WEA" => "AO",
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
