//! What a schema cannot say of `shipments.toml`: names tie in one way, kinds have one part, and owners exist.

use std::collections::{BTreeMap, BTreeSet};

use super::super::files::Files;
use super::super::files::Policies;
use crate::judgement::OWN_RULES;
use crate::manifest::{Manifest, World};
use crate::mistake::{Mistake, nearest};
use crate::sender;

/// What only the components say: that packs are rule packs.
pub(super) fn worlds(policies: &Policies, manifests: &BTreeMap<String, Manifest>, mistakes: &mut Vec<Mistake>) {
    let packs = policies.shipments.iter().flat_map(|shipments| &shipments.packs);
    for (index, pack) in packs.enumerate() {
        if manifests.get(&pack.plugin).is_some_and(|manifest| manifest.world != World::Rules) {
            let problem = format!("`{}` is no rule pack", pack.plugin);
            let hint = Some("its manifest must say `world = \"rules\"`".to_owned());
            let key = format!("pack[{index}].plugin");
            mistakes.push(Mistake { key, ..Mistake::whole_file("shipments.toml", problem, hint) });
        }
    }
}

pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(file) = &files.shipments else { return };
    let shipments = &file.content;
    let references = &shipments.references;
    let windowed: BTreeSet<String> = references.windowed.keys().cloned().collect();
    let schemes = [
        ("/references/identifying", &references.identifying),
        ("/references/shared", &references.shared),
        ("/references/windowed", &windowed),
    ];
    once(&schemes, |list, scheme, first| {
        let pointer = match list {
            "/references/windowed" => format!("{list}/{scheme}"),
            list => file.element(list, scheme),
        };
        let hint = Some("a name ties documents in one way".to_owned());
        mistakes.push(file.mistake(&pointer, format!("`{scheme}` is in `{first}` as well"), hint));
    });
    let kinds = [("/opens", &shipments.opens), ("/catalogue", &shipments.catalogue), ("/apart", &shipments.apart)];
    once(&kinds, |list, kind, first| {
        let hint = Some("a kind is in one of the lists, or in none".to_owned());
        mistakes.push(file.mistake(&file.element(list, kind), format!("`{kind}` is in `{first}` as well"), hint));
    });
    for rule in shipments.severity.keys().filter(|rule| !OWN_RULES.contains(&rule.as_str())) {
        let hint = format!("it has {}; rules of packs are in `pack.severity`", OWN_RULES.join(" and "));
        let problem = format!("the gateway has no rule `{rule}` of its own");
        mistakes.push(file.mistake(&format!("/severity/{rule}"), problem, Some(hint)));
    }
    for (index, pack) in shipments.packs.iter().enumerate().filter(|_| files.all_plugins_read) {
        let wrong = match files.plugins.get(&pack.plugin) {
            None => {
                let hint = match nearest(&pack.plugin, files.plugins.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "add its policy to `plugins`".to_owned(),
                };
                Some((format!("there is no plugin `{}`", pack.plugin), hint))
            }
            Some(plugin) if !plugin.content.grants.read.contains("shipment-context") => Some((
                format!("`{}` may not read contexts", pack.plugin),
                "add `shipment-context` to grants.read of its policy, and the kinds that it judges".to_owned(),
            )),
            Some(_) => None,
        };
        if let Some((problem, hint)) = wrong {
            mistakes.push(file.mistake(&format!("/pack/{index}/plugin"), problem, Some(hint)));
        }
    }
    if !files.all_partners_read {
        return;
    }
    let roles = files.partners.values().filter_map(|partner| partner.content.role.as_deref());
    let roles: BTreeSet<&str> = roles.chain([sender::OPERATORS]).collect();
    for (index, owner) in shipments.owners.iter().enumerate() {
        if !roles.contains(owner.role.as_str()) {
            let hint = match nearest(&owner.role, roles.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "give the partner `role`".to_owned(),
            };
            let problem = format!("no partner has the role `{}`", owner.role);
            mistakes.push(file.mistake(&format!("/owner/{index}/role"), problem, Some(hint)));
        }
    }
}

/// Tells of each name that is in two lists: the second list, the name, and what the first one is called.
fn once(lists: &[(&str, &BTreeSet<String>)], mut twice: impl FnMut(&str, &str, &str)) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (list, names) in lists {
        for name in *names {
            match seen.get(name.as_str()) {
                Some(first) => twice(list, name, first.trim_start_matches('/')),
                None => drop(seen.insert(name, list)),
            }
        }
    }
}
