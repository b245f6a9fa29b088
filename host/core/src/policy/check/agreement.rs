//! What a schema cannot say of agreements: which messages they are about, that no two are about the same, and that the plugin
//! that reads or writes these messages makes of them what they say.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement::{Acknowledgement, Identifier, Level};
use crate::checked_toml::File;
use crate::contract::{AgreementUse, Contract};
use crate::manifest::Manifest;
use crate::mistake::{Mistake, nearest};
use crate::policy::files::{Files, Policies};
use crate::policy::{AgreementDirection, AgreementPolicy, CodesPolicy, Deliver, PartnerPolicy};

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
        codes(agreement, &mut wrong);
        let is_given =
            agreement.direction == AgreementDirection::In && agreement.acknowledgement != Acknowledgement::None;
        let is_given_apart = is_given && agreement.acknowledgement == Acknowledgement::Apart;
        match &agreement.acknowledgement_path {
            None if is_given_apart => {
                let problem = "is a message of its own, and nothing says where it goes".to_owned();
                wrong("acknowledgement", problem, "give `acknowledgement_path`, a path below the partner's base URL");
            }
            Some(_) if !is_given => {
                let problem = "no acknowledgement goes there".to_owned();
                wrong(
                    "acknowledgement_path",
                    problem,
                    "leave it out, or say how what the partner sends is acknowledged",
                );
            }
            Some(path) if !path.starts_with('/') => {
                wrong("acknowledgement_path", "is no path".to_owned(), "begin it with `/`");
            }
            Some(_) if partner.content.delivery.is_none() => {
                let problem = "nothing is sent to the partner".to_owned();
                wrong("acknowledgement_path", problem, "say under [delivery] how it is reached");
            }
            None | Some(_) => {}
        }
        if agreement.batching.is_some() && agreement.direction == AgreementDirection::In {
            let problem = "is for what the partner is sent".to_owned();
            wrong("batching", problem, "leave it out: what the partner sends comes as it comes");
        }
    }
}

/// Holds agreements against what the plugins make of them, by their manifests.
pub(super) fn uses(policies: &Policies, manifests: &BTreeMap<String, Manifest>, mistakes: &mut Vec<Mistake>) {
    unsettled(policies, manifests, mistakes);
    for (name, partner) in &policies.partners {
        let path = format!("partners/{name}.toml");
        let mut wrong = |key: String, problem: String, hint: String| {
            mistakes.push(Mistake { key, ..Mistake::whole_file(path.as_str(), problem, Some(hint)) });
        };
        for agreement in &partner.agreements {
            let Some((plugin, contract)) = read_by(policies, manifests, partner, agreement) else { continue };
            let AgreementUse { required: _, acknowledges, batches, settings, codes } = &contract.agreement;
            let what = format!("`{}/{}`", contract.name, contract.version);
            let is_given =
                agreement.direction == AgreementDirection::In && agreement.acknowledgement != Acknowledgement::None;
            if is_given && !acknowledges {
                wrong(
                    format!("agreements.{}.acknowledgement", agreement.name),
                    format!("the plugin `{plugin}` writes no acknowledgement of {what}"),
                    "leave it out, or have the plugin write one and say so in its manifest".to_owned(),
                );
            }
            let batching = agreement.batching.filter(|_| agreement.direction == AgreementDirection::Out);
            if batching.is_some() && !batches {
                wrong(
                    format!("agreements.{}.batching", agreement.name),
                    format!("the plugin `{plugin}` renders one document at a time as {what}"),
                    "leave it out, or have the plugin render several and say so in its manifest".to_owned(),
                );
            }
            if let Some(batching) = batching.filter(|batching| batching.bytes > contract.body_bytes_max) {
                wrong(
                    format!("agreements.{}.batching.bytes", agreement.name),
                    format!("is {}, and a message of {what} has at most {}", batching.bytes, contract.body_bytes_max),
                    "give no more than the contract takes".to_owned(),
                );
            }
            for table in agreement.codes.iter().map(|named| &named.table).filter(|table| !codes.contains(*table)) {
                let hint = match nearest(table, codes.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "leave it out".to_owned(),
                };
                wrong(
                    format!("agreements.{}.codes", agreement.name),
                    format!("the plugin `{plugin}` never looks up codes in a table `{table}` for {what}"),
                    hint,
                );
            }
            for setting in agreement.settings.keys().filter(|setting| !settings.contains_key(*setting)) {
                let hint = match nearest(setting, settings.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "leave it out".to_owned(),
                };
                wrong(
                    format!("agreements.{}.settings", agreement.name),
                    format!("the plugin `{plugin}` knows no setting `{setting}` for {what}"),
                    hint,
                );
            }
        }
        for (contract, version) in
            partner.contracts.iter().flat_map(|sent| sent.versions.iter().map(move |version| (&sent.name, version)))
        {
            let declared = manifests.values().flat_map(|manifest| &manifest.contracts);
            let mut declared = declared.filter(|declared| (&declared.name, &declared.version) == (contract, version));
            let is_agreed = partner.agreements.iter().any(|agreement| {
                (&agreement.contract, &agreement.version, agreement.direction)
                    == (contract, version, AgreementDirection::In)
            });
            if !is_agreed && declared.any(|declared| declared.direction.is_decoded() && declared.agreement.required) {
                let problem =
                    format!("there is no agreement on `{contract}/{version}`, which its plugin cannot do without");
                wrong("contracts".to_owned(), problem, "add one under [[agreements]]".to_owned());
            }
        }
    }
}

/// Finds routes whose messages their plugin cannot render, because nothing was settled with the partner.
fn unsettled(policies: &Policies, manifests: &BTreeMap<String, Manifest>, mistakes: &mut Vec<Mistake>) {
    let mut told = BTreeSet::new();
    for Deliver { to, contract, version, .. } in &policies.routes.deliver {
        let Some(partner) = policies.partners.get(to) else { continue };
        let plugin = partner.delivery.as_ref().and_then(|delivery| manifests.get(&delivery.plugin));
        let declared = plugin.into_iter().flat_map(|manifest| &manifest.contracts);
        let mut declared = declared.filter(|declared| (&declared.name, &declared.version) == (contract, version));
        let is_settled = partner.agreements.iter().any(|agreement| {
            (&agreement.contract, &agreement.version, agreement.direction)
                == (contract, version, AgreementDirection::Out)
        });
        if !is_settled && declared.any(|declared| declared.agreement.required) && told.insert((to, contract, version)) {
            let problem = format!(
                "`{contract}/{version}` goes to `{to}`, and there is no agreement on it, which its plugin cannot do without"
            );
            let hint = format!("add one under [[agreements]] of partners/{to}.toml, with `direction = \"out\"`");
            mistakes
                .push(Mistake { key: "deliver".to_owned(), ..Mistake::whole_file("routes.toml", problem, Some(hint)) });
        }
    }
}

/// The plugin that reads or writes the messages of an agreement, and what it declares of them.
fn read_by<'m>(
    policies: &'m Policies,
    manifests: &'m BTreeMap<String, Manifest>,
    partner: &'m PartnerPolicy,
    agreement: &AgreementPolicy,
) -> Option<(&'m String, &'m Contract)> {
    let plugin = policies.plugin_of(partner, agreement)?;
    let contracts = &manifests.get(plugin)?.contracts;
    let contract =
        contracts.iter().find(|declared| declared.name == agreement.contract && declared.version == agreement.version);
    Some((plugin, contract?))
}

/// Why there are no messages of an agreement, if there are none.
fn is_about_nothing(files: &Files, partner: &PartnerPolicy, agreement: &AgreementPolicy) -> Option<(String, String)> {
    let AgreementPolicy { contract, version, direction, .. } = agreement;
    match direction {
        AgreementDirection::In => {
            let may_send =
                |own: &crate::policy::PartnerContract| own.name == *contract && own.versions.contains(version);
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

fn codes(agreement: &AgreementPolicy, wrong: &mut impl FnMut(&str, String, &str)) {
    let mut seen = BTreeSet::new();
    for (index, CodesPolicy { table, .. }) in agreement.codes.iter().enumerate() {
        if !seen.insert(table) {
            wrong(&format!("codes/{index}/table"), format!("`{table}` is listed already"), "list each table once");
        }
    }
}

fn identifiers(key: &str, side: &[Identifier], wrong: &mut impl FnMut(&str, String, &str)) {
    for (index, Identifier { qualifier, value, .. }) in side.iter().enumerate() {
        let is_printed = |text: &str| text.chars().all(|letter| !letter.is_control()) && text.trim() == text;
        if !is_printed(value) || !is_printed(qualifier) {
            let hint = "write it as it stands in the envelope, without the blanks that fill it up";
            wrong(
                &format!("{key}/{index}/value"),
                "begins or ends with a blank, or has control characters".to_owned(),
                hint,
            );
        }
    }
    if !side.iter().any(|identifier| identifier.level == Level::Interchange) {
        let hint = "add one with `level = \"interchange\"`, or without a level";
        wrong(key, "has no identifier of the interchange".to_owned(), hint);
    }
}
