//! What a schema cannot say of agreements: which messages they are about, and that no two are about the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement::{Acknowledgement, Identifier, Level};
use crate::checked_toml::File;
use crate::mistake::Mistake;
use crate::policy::files::Files;
use crate::policy::{AgreementDirection, AgreementPolicy, PartnerPolicy};

/// Checks the agreements with one partner.
pub(super) fn check(files: &Files, partner: &File<PartnerPolicy>, mistakes: &mut Vec<Mistake>) {
    let (mut names, mut about) = (BTreeSet::new(), BTreeMap::new());
    for (index, agreement) in partner.content.agreements.iter().enumerate() {
        let mut wrong = |key: &str, problem: String, hint: &str| {
            let at = format!("/agreements/{index}/{key}");
            mistakes.push(partner.mistake(&at, problem, Some(hint.to_owned())));
        };
        if !names.insert(&agreement.name) {
            wrong("name", format!("`{}` is another agreement already", agreement.name), "give each its own name");
        }
        if let Some(first) = about.insert(agreement.of(), &agreement.name) {
            let problem = format!("`{first}` is about the same messages");
            wrong("contract", problem, "one agreement for a contract, version, direction and mode");
        }
        if let Some((problem, hint)) = is_about_nothing(files, &partner.content, agreement) {
            wrong("contract", problem, &hint);
        }
        for (key, side) in [("ours", &agreement.ours), ("theirs", &agreement.theirs)] {
            identifiers(key, side, &mut wrong);
        }
        let is_out = agreement.direction == AgreementDirection::Out;
        match agreement.acknowledgement {
            Acknowledgement::None => {}
            Acknowledgement::InAnswer if !is_out => {}
            Acknowledgement::InAnswer => {
                let hint = "leave it out; an acknowledgement that comes in the answer is read by the plugin";
                wrong("acknowledgement", "is for what the partner sends".to_owned(), hint);
            }
            Acknowledgement::Apart => {
                let hint = "`in-answer` or `none`";
                wrong("acknowledgement", "acknowledgements as messages of their own are not sent yet".to_owned(), hint);
            }
        }
    }
}

/// Why there are no messages of an agreement, if there are none.
fn is_about_nothing(
    files: &Files,
    partner: &PartnerPolicy,
    agreement: &AgreementPolicy,
) -> Option<(String, String)> {
    let AgreementPolicy { contract, version, direction, .. } = agreement;
    match direction {
        AgreementDirection::In => {
            let may_send = |own: &crate::policy::PartnerContract| own.name == *contract && own.versions.contains(version);
            (!partner.contracts.iter().any(may_send)).then(|| {
                let problem = format!("the partner may not send the contract `{contract}/{version}`");
                (problem, "list it under [[contracts]]".to_owned())
            })
        }
        AgreementDirection::Out => match &partner.delivery {
            Some(_) => files.not_granted(contract, version),
            None => {
                Some(("nothing is sent to the partner".to_owned(), "say under [delivery] how it is reached".to_owned()))
            }
        },
    }
}

fn identifiers(key: &str, side: &[Identifier], wrong: &mut impl FnMut(&str, String, &str)) {
    for (index, Identifier { qualifier, value, .. }) in side.iter().enumerate() {
        let is_printed = |text: &str| text.chars().all(|letter| !letter.is_control()) && text.trim() == text;
        if !is_printed(value) || !is_printed(qualifier) {
            let hint = "write it as it stands in the envelope, without the blanks that fill it up";
            wrong(&format!("{key}/{index}/value"), "begins or ends with a blank, or has control characters".to_owned(), hint);
        }
    }
    if !side.iter().any(|identifier| identifier.level == Level::Interchange) {
        let hint = "add one with `level = \"interchange\"`, or without a level";
        wrong(key, "has no identifier of the interchange".to_owned(), hint);
    }
}
