//! The code tables: what the types of messages say of a declaration, and the lists that codes are of.

use portgate_sdk::canonical::{DeclarationStatus, TransportMode};

/// The list that types of messages are of.
pub(crate) const MESSAGE_TYPES: &str = "EU customs message type";

/// The lists of NCTS.
pub(crate) const REJECTION_CODES: &str = "NCTS rejection code (CL226)";
pub(crate) const REJECTED_REQUESTS: &str = "NCTS business rejection type";
pub(crate) const NO_RELEASE_CODES: &str = "NCTS no release motivation";
pub(crate) const NOTIFICATION_TYPES: &str = "NCTS notification type";
pub(crate) const INITIATED_BY_CUSTOMS: &str = "NCTS invalidation initiated by customs";
pub(crate) const CONTROL_TYPES: &str = "NCTS type of controls";
pub(crate) const CONTROL_RESULTS: &str = "NCTS control result";
pub(crate) const DOCUMENT_TYPES: &str = "EU document type";
pub(crate) const GUARANTEE_REASONS: &str = "NCTS invalid guarantee reason";
pub(crate) const INCIDENTS: &str = "NCTS incident";
pub(crate) const RELEASES: &str = "NCTS release notification (CL164)";
pub(crate) const RELEASE_TYPES: &str = "NCTS release type (CL163)";
pub(crate) const CONTINUED_UNLOADING: &str = "NCTS continued unloading";

/// The lists of ICS.
pub(crate) const INTERVENTIONS: &str = "ICS customs intervention";
pub(crate) const AMENDMENT_REJECTIONS: &str = "ICS amendment rejection motivation";

/// What is sent to customs and never by it.
const TO_CUSTOMS: [&str; 8] = ["CC007C", "CC013C", "CC014C", "CC015C", "CC044C", "CC054C", "CC141C", "CC170C"];

/// Whether a message is one of NCTS that traders send to customs.
pub(crate) fn is_to_customs(name: &str) -> bool {
    TO_CUSTOMS.contains(&name)
}

/// Whether a message is one of NCTS that customs sends to traders.
pub(crate) fn is_notification(name: &str) -> bool {
    let digits = name.strip_prefix("CC").and_then(|rest| rest.strip_suffix('C')).unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !is_to_customs(name)
}

/// What a notification of NCTS says of the declaration.
pub(crate) fn transit_status(message_type: &str) -> Option<DeclarationStatus> {
    use DeclarationStatus::*;
    Some(match message_type {
        "CC004C" => RequestOutcome, // an amendment is accepted
        "CC009C" => Invalidated,    // or not, as the message says
        "CC019C" => Discrepancies,
        "CC025C" => Released, // at its destination, or not, as the message says
        "CC028C" => Accepted, // with its MRN
        "CC029C" => Released,
        "CC035C" => Recovery,
        "CC043C" => UnloadingPermitted,
        "CC045C" => WrittenOff,
        "CC051C" => NotReleased,
        "CC055C" => GuaranteeNotValid,
        "CC056C" | "CC057C" => Rejected, // by the office of departure, of destination
        "CC060C" => Control,
        "CC140C" => DocsRequired, // where the goods are that have not arrived
        "CC182C" => Incident,
        "CC906C" | "CC917C" => Rejected, // by the rules, by the schema
        "CC928C" => Received,
        _ => return None,
    })
}

/// What a notification of ICS says of the declaration.
pub(crate) fn entry_status(message_type: &str) -> Option<DeclarationStatus> {
    use DeclarationStatus::*;
    Some(match message_type {
        "CC304A" | "CC305A" => RequestOutcome, // an amendment is accepted, is rejected
        "CC316A" => Rejected,
        "CC328A" => Accepted, // with its MRN
        "CC351A" => Intervention,
        _ => return None,
    })
}

/// The digit of a mode of transport (UNECE Recommendation 19).
pub(crate) fn rec19(mode: TransportMode) -> &'static str {
    match mode {
        TransportMode::Sea => "1",
        TransportMode::Rail => "2",
        TransportMode::Road => "3",
        TransportMode::Air => "4",
        TransportMode::Mail => "5",
        TransportMode::Fixed => "7",
        TransportMode::Inland => "8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_customs_sends_is_a_notification_and_what_it_is_sent_is_none() {
        for name in ["CC028C", "CC029C", "CC917C", "CC022C"] {
            assert!(is_notification(name), "{name}");
        }
        for name in ["CC015C", "CC013C", "CC014C", "CC315A", "CC28C", "CCABCC", "MetaData", ""] {
            assert!(!is_notification(name), "{name}");
        }
    }
}
