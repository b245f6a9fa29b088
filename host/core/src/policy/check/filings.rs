//! What a schema cannot say of `filings.toml`: names that are used once, composers and partners that exist, contracts that the
//! partner is sent.

use std::collections::{BTreeMap, BTreeSet};

use super::super::files::{Files, Policies};
use crate::checked_toml::File;
use crate::filing::{FilingWaits, OnChange};
use crate::manifest::{Manifest, World};
use crate::mistake::{Mistake, nearest};
use crate::policy::{FilingContract, FilingPolicy, FilingTell, Filings};

/// What only the components say: that composers are composers, and that who is told can be told so.
pub(super) fn worlds(policies: &Policies, manifests: &BTreeMap<String, Manifest>, mistakes: &mut Vec<Mistake>) {
    for (index, filing) in policies.filings.filings.iter().enumerate() {
        if manifests.get(&filing.composer).is_some_and(|manifest| manifest.world != World::Composer) {
            let problem = format!("`{}` is no composer", filing.composer);
            let hint = Some("its manifest must say `world = \"composer\"`".to_owned());
            let key = format!("filing[{index}].composer");
            mistakes.push(Mistake { key, ..Mistake::whole_file("filings.toml", problem, hint) });
        }
        for (number, tell) in filing.tell.iter().enumerate() {
            let delivery = policies.partners.get(&tell.to).and_then(|partner| partner.delivery.as_ref());
            let Some((delivery, manifest)) = delivery.and_then(|to| Some((to, manifests.get(&to.plugin)?))) else {
                continue;
            };
            let is_it = |contract: &&crate::manifest::Contract| {
                contract.name == tell.contract && contract.version == tell.version
            };
            if !manifest.contracts.iter().find(is_it).is_some_and(|contract| contract.direction.is_encoded()) {
                let problem =
                    format!("plugin `{}` does not encode `{}/{}`", delivery.plugin, tell.contract, tell.version);
                let hint = Some("name a contract that its manifest declares with `direction = \"encode\"`".to_owned());
                let key = format!("filing[{index}].tell[{number}].contract");
                mistakes.push(Mistake { key, ..Mistake::whole_file("filings.toml", problem, hint) });
            }
        }
    }
}

pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(file) = &files.filings else { return };
    if files.shipments.is_none() && !file.content.filings.is_empty() {
        let hint = Some("add `shipments.toml`".to_owned());
        mistakes.push(file.mistake("/filing", "there are no shipments to file anything of", hint));
    }
    let mut seen = BTreeSet::new();
    for (index, filing) in file.content.filings.iter().enumerate() {
        if !seen.insert(&filing.name) {
            let problem = format!("`{}` is there already", filing.name);
            let hint = Some("each filing has a name of its own".to_owned());
            mistakes.push(file.mistake(&format!("/filing/{index}/name"), problem, hint));
        }
        composer(files, file, index, filing, mistakes);
        partner(files, file, index, filing, mistakes);
        answers(files, file, index, filing, mistakes);
        told(files, file, index, filing, mistakes);
        changes(file, index, filing, mistakes);
        times(file, index, filing, mistakes);
    }
}

fn composer(files: &Files, file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    if !files.all_plugins_read {
        return;
    }
    let grants = |granted: &BTreeSet<String>, kind: &str| granted.contains(kind);
    let (problem, hint) = match files.plugins.get(&filing.composer) {
        None => {
            let hint = match nearest(&filing.composer, files.plugins.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "add its policy to `plugins`".to_owned(),
            };
            (format!("there is no plugin `{}`", filing.composer), hint)
        }
        Some(plugin) if !grants(&plugin.content.grants.read, "shipment-context") => (
            format!("`{}` may not read contexts", filing.composer),
            "add `shipment-context` to grants.read of its policy, and the kinds that it declares from".to_owned(),
        ),
        Some(plugin) if !grants(&plugin.content.grants.emit, "customs-declaration") => (
            format!("`{}` may not emit declarations", filing.composer),
            "add `customs-declaration` to grants.emit of its policy".to_owned(),
        ),
        Some(_) => return,
    };
    mistakes.push(file.mistake(&format!("/filing/{index}/composer"), problem, Some(hint)));
}

fn partner(files: &Files, file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    let contracts =
        [("submit", Some(&filing.submit)), ("amend", filing.amend.as_ref()), ("cancel", filing.cancel.as_ref())];
    let contracts = contracts.into_iter().filter_map(|(key, contract)| {
        let FilingContract { contract, version } = contract?;
        Some((format!("/filing/{index}/{key}/contract"), format!("{contract}/{version}")))
    });
    let sent = Sent { pointer: format!("/filing/{index}/to"), to: &filing.to, document: "customs-declaration" };
    sent.check(files, file, contracts, mistakes);
}

/// Who speaks for customs is there.
fn answers(files: &Files, file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    let missing = filing.answers.iter().filter(|name| files.all_partners_read && !files.partners.contains_key(*name));
    for name in missing {
        let hint = match nearest(name, files.partners.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add `partners/{name}.toml`"),
        };
        let pointer = file.element(&format!("/filing/{index}/answers"), name);
        mistakes.push(file.mistake(&pointer, format!("there is no partner `{name}`"), Some(hint)));
    }
}

/// Who is told where it stands can be told so, once.
fn told(files: &Files, file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    let mut seen = BTreeSet::new();
    for (number, FilingTell { to, contract, version, of: _ }) in filing.tell.iter().enumerate() {
        let at = |key: &str| format!("/filing/{index}/tell/{number}/{key}");
        if !seen.insert(to) {
            let hint = Some("name in one place all that it is told of".to_owned());
            mistakes.push(file.mistake(&at("to"), format!("`{to}` is told of this filing already"), hint));
        }
        let sent = Sent { pointer: at("to"), to, document: "customs-status" };
        sent.check(files, file, [(at("contract"), format!("{contract}/{version}"))].into_iter(), mistakes);
    }
}

/// Documents of a kind that a partner is sent because of a filing.
struct Sent<'a> {
    /// Where the partner is named.
    pointer: String,
    to: &'a str,
    document: &'a str,
}

impl Sent<'_> {
    /// The partner is there and reached, and its plugin may render the documents as these contracts, each with where it is named.
    fn check(
        &self,
        files: &Files,
        file: &File<Filings>,
        contracts: impl Iterator<Item = (String, String)>,
        mistakes: &mut Vec<Mistake>,
    ) {
        let Sent { pointer, to, document } = self;
        if !files.all_partners_read {
            return;
        }
        let Some(partner) = files.partners.get(*to) else {
            let hint = match nearest(to, files.partners.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `partners/{to}.toml`"),
            };
            mistakes.push(file.mistake(pointer, format!("there is no partner `{to}`"), Some(hint)));
            return;
        };
        let Some(delivery) = &partner.content.delivery else {
            let hint = Some(format!("add [delivery] to `partners/{to}.toml`"));
            mistakes.push(file.mistake(pointer, "cannot be sent anything", hint));
            return;
        };
        let Some(plugin) = files.plugins.get(&delivery.plugin) else { return };
        let grants = &plugin.content.grants;
        for (pointer, wanted) in contracts.filter(|(_, wanted)| !grants.contracts.contains(wanted)) {
            let problem = format!("`{wanted}` is not granted to `{}`, which renders for the partner", delivery.plugin);
            let hint = match nearest(&wanted, grants.contracts.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add it to grants.contracts of `plugins/{}.toml`", delivery.plugin),
            };
            mistakes.push(file.mistake(&pointer, problem, Some(hint)));
        }
        if !grants.read.contains(*document) {
            let problem = format!("`{}`, which renders for the partner, may not read `{document}`", delivery.plugin);
            let hint = format!("add `{document}` to grants.read of `plugins/{}.toml`", delivery.plugin);
            mistakes.push(file.mistake(pointer, problem, Some(hint)));
        }
    }
}

/// What becomes of a change must be possible.
fn changes(file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    let missing = match filing.on_change {
        OnChange::Amend if filing.amend.is_none() => "amend",
        OnChange::CancelAndRefile if filing.cancel.is_none() => "cancel",
        _ => return,
    };
    let hint = Some(format!("give the contract `{missing}`, or have a person decide with `on_change = \"stop\"`"));
    let problem = format!("wants what there is no contract for: `{missing}`");
    mistakes.push(file.mistake(&format!("/filing/{index}/on_change"), problem, hint));
}

/// Customs keeps no working hours of ours: times are plain.
fn times(file: &File<Filings>, index: usize, filing: &FilingPolicy, mistakes: &mut Vec<Mistake>) {
    let settle = filing.settle.iter().map(|within| ("settle".to_owned(), within));
    let expect = filing.expect.iter().map(|(what, within)| (format!("expect/{what}"), within));
    let FilingWaits { draft, blocked, ready } = &filing.waits;
    let waits = [("draft", draft), ("blocked", blocked), ("ready", ready)];
    let waits = waits.into_iter().map(|(what, within)| (format!("waits/{what}"), within));
    for (key, within) in settle.chain(expect).chain(waits).filter(|(_, within)| within.business) {
        let hint = Some(format!("leave `business` out; `{within}` is looked at by the clock alone"));
        let problem = "is in working time, which does not count here".to_owned();
        mistakes.push(file.mistake(&format!("/filing/{index}/{key}"), problem, hint));
    }
}
