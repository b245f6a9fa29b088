//! What was settled with a partner for the messages of a contract, and whether a message keeps to it.

use portgate_core::agreement::{ControlNumbers, Mode};
use portgate_core::contract::Format;
use portgate_core::finding::Finding;
use portgate_core::interchange::{self, Envelope, Party};
use portgate_core::policy::AgreementPolicy;
use portgate_core::sender;

use super::{Incoming, Intake};
use crate::configuration::{Agreed, Contract};

/// Where what is wrong with an envelope stands.
pub(super) const ENVELOPE: &str = "segment 1";

impl Intake<'_> {
    /// Holds a message against what was settled with its sender: whose it is, for whom, and whether it is meant. A message
    /// about which nothing was settled passes, as does one whose format has no envelope.
    ///
    /// # Errors
    ///
    /// All that is not as agreed.
    pub(crate) fn keeps_agreement(&self, contract: &Contract, incoming: &Incoming) -> Result<(), Vec<Finding>> {
        let agreement = match self.configuration.agreed_in(&incoming.partner, contract) {
            Agreed::Nothing => return Ok(()),
            Agreed::OtherMode => return Err(vec![other_mode(&incoming.partner)]),
            Agreed::By(agreement) => agreement,
        };
        if contract.declared.format != Format::Edi {
            return Ok(());
        }
        let Some(envelope) = interchange::envelope(&incoming.payload) else {
            let detail = "The message does not begin with the envelope that was agreed; send a whole interchange.";
            return Err(vec![Finding::error("no-envelope", ENVELOPE, detail)]);
        };
        let findings = not_agreed(agreement, &envelope);
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }
}

/// What in the envelope of a rendered interchange is not as agreed, or not under the control numbers that it was given. A
/// message of a format without envelopes passes.
pub(crate) fn rendered_otherwise(
    agreement: &AgreementPolicy,
    payload: &[u8],
    control_numbers: Option<ControlNumbers>,
) -> Vec<Finding> {
    let Some(envelope) = interchange::envelope(payload) else { return Vec::new() };
    let finding = |code: &str, what: &str| {
        Finding::error(code, ENVELOPE, format!("The plugin has rendered an interchange with {what}."))
    };
    let named = |side, Party { qualifier, value }: &Party| AgreementPolicy::names(side, qualifier, value);
    let number = envelope.control_number.parse().ok();
    [
        (
            !named(&agreement.ours, &envelope.sender),
            "sender-not-agreed",
            "a sender that the agreement does not call us",
        ),
        (
            !named(&agreement.theirs, &envelope.receiver),
            "receiver-not-agreed",
            "a receiver that the agreement does not call the partner",
        ),
        (
            envelope.is_test != (agreement.mode == Mode::Test),
            "mode-not-agreed",
            "a test indicator that is not the agreement's mode",
        ),
        (
            control_numbers.is_some_and(|numbers| number != Some(numbers.interchange)),
            "control-number-not-given",
            "another control number than it was given",
        ),
        (
            control_numbers.is_some_and(|numbers| !has_a_set_for_each(payload, numbers)),
            "sets-not-given",
            "other sets than one for each document, in their order and under the numbers that it was given",
        ),
    ]
    .into_iter()
    .filter(|(is_wrong, ..)| *is_wrong)
    .map(|(_, code, what)| finding(code, what))
    .collect()
}

/// Whether an interchange of several documents has a set under each of their numbers. What becomes of each of them is
/// known by that.
fn has_a_set_for_each(payload: &[u8], numbers: ControlNumbers) -> bool {
    let given = (numbers.first_message..).take(numbers.messages as usize);
    numbers.messages < 2 || interchange::sets(payload).into_iter().eq(given.map(Some))
}

fn other_mode(partner: &str) -> Finding {
    let detail = match sender::is_test(partner) {
        true => {
            "There is no agreement on tests of this contract; ask for one, or send under a credential for production."
        }
        false => "The agreement on this contract is on tests alone; send under a credential for tests.",
    };
    Finding::error("mode-not-agreed", "", detail)
}

fn not_agreed(agreement: &AgreementPolicy, envelope: &Envelope) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parties = [
        (&envelope.sender, &agreement.theirs, "sender-not-agreed", "comes from"),
        (&envelope.receiver, &agreement.ours, "receiver-not-agreed", "is for"),
    ];
    for (party, agreed, code, does) in parties {
        let Party { qualifier, value } = party;
        if !AgreementPolicy::names(agreed, qualifier, value) {
            let name = if qualifier.is_empty() { format!("`{value}`") } else { format!("`{value}` (`{qualifier}`)") };
            let detail = format!("The interchange {does} {name}, which the agreement does not name.");
            findings.push(Finding::error(code, ENVELOPE, detail));
        }
    }
    match (agreement.mode, envelope.is_test) {
        (Mode::Production, true) => {
            let detail = "The interchange says that it is a test, and the agreement is on production; send tests under a \
                          credential for tests.";
            findings.push(Finding::error("mode-not-agreed", ENVELOPE, detail));
        }
        (Mode::Test, false) => {
            let detail = "The interchange does not say that it is a test, and came under a credential for tests.";
            findings.push(Finding::error("mode-not-agreed", ENVELOPE, detail));
        }
        (Mode::Production, false) | (Mode::Test, true) => {}
    }
    findings
}

#[cfg(test)]
mod tests {
    use portgate_core::agreement::{Identifier, Level};
    use portgate_core::policy::AgreementDirection;

    use super::*;

    fn identifier(qualifier: &str, value: &str) -> Identifier {
        Identifier { level: Level::Interchange, qualifier: qualifier.to_owned(), value: value.to_owned() }
    }

    fn codes(mode: Mode, envelope: &Envelope) -> Vec<String> {
        let group = Identifier { level: Level::Group, ..identifier("ZZ", "GROUP") };
        let agreement = AgreementPolicy {
            name: "orders".to_owned(),
            contract: "orders".to_owned(),
            version: "1".to_owned(),
            direction: AgreementDirection::In,
            mode,
            ours: vec![identifier("ZZ", "IMPORTER")],
            theirs: vec![identifier("", "OCEANLINE"), identifier("02", "OLNE"), group],
            edition: String::new(),
            acknowledgement: Default::default(),
            acknowledge_within_seconds: 3_600,
            acknowledgement_path: None,
            duplicates: Default::default(),
            all_or_nothing: false,
            batching: None,
            settings: Default::default(),
            codes: Default::default(),
        };
        not_agreed(&agreement, envelope).into_iter().map(|finding| finding.code.to_string()).collect()
    }

    fn envelope(sender: (&str, &str), receiver: (&str, &str), is_test: bool) -> Envelope {
        let party =
            |(qualifier, value): (&str, &str)| Party { qualifier: qualifier.to_owned(), value: value.to_owned() };
        Envelope { sender: party(sender), receiver: party(receiver), control_number: "1".to_owned(), is_test }
    }

    #[test]
    fn whose_an_interchange_is_and_for_whom_is_as_agreed_with_its_qualifier() {
        let us = ("ZZ", "IMPORTER");
        for sender in [("", "OCEANLINE"), ("02", "OLNE")] {
            assert_eq!(codes(Mode::Production, &envelope(sender, us, false)), [""; 0], "{sender:?}");
        }
        for sender in [("02", "OCEANLINE"), ("", "OLNE"), ("ZZ", "GROUP"), ("", ""), ("", "oceanline")] {
            assert_eq!(codes(Mode::Production, &envelope(sender, us, false)), ["sender-not-agreed"], "{sender:?}");
        }
        let swapped = envelope(us, ("", "OCEANLINE"), false);
        assert_eq!(codes(Mode::Production, &swapped), ["sender-not-agreed", "receiver-not-agreed"]);
    }

    #[test]
    fn a_test_is_none_of_production_and_the_other_way_round() {
        let sent = |is_test| envelope(("", "OCEANLINE"), ("ZZ", "IMPORTER"), is_test);
        assert_eq!(codes(Mode::Production, &sent(true)), ["mode-not-agreed"]);
        assert_eq!(codes(Mode::Test, &sent(false)), ["mode-not-agreed"]);
        assert_eq!(codes(Mode::Test, &sent(true)), [""; 0]);
    }
}
