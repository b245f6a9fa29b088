//! What a schema cannot say of `costs.toml`: its tables are there, countries are in one jurisdiction, and finance can be told, once.

use std::collections::BTreeMap;

use crate::checked_toml::File;
use crate::mistake::{Mistake, nearest};
use crate::policy::files::Files;
use crate::policy::{Accruals, Costs, Deliver, Firmness};

pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(file) = &files.costs else { return };
    tables(files, file, mistakes);
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, jurisdiction) in file.content.jurisdictions.iter().enumerate() {
        for country in &jurisdiction.countries {
            if let Some(first) = seen.insert(country, &jurisdiction.name) {
                let pointer = file.element(&format!("/jurisdiction/{index}/countries"), country);
                let hint = Some("a country is in one of the jurisdictions".to_owned());
                mistakes.push(file.mistake(&pointer, format!("`{country}` is in `{first}` as well"), hint));
            }
        }
    }
    if let Some(accruals) = &file.content.accruals {
        destination(files, file, accruals, mistakes);
        posted_once(files, file, accruals, mistakes);
    }
}

fn tables(files: &Files, file: &File<Costs>, mistakes: &mut Vec<Mistake>) {
    let Some(gateway) = &files.gateway else { return };
    let known = &gateway.content.tables;
    for (pointer, table) in file.content.tables() {
        if !known.contains_key(table) {
            let hint = match nearest(table, known.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add [tables.{table}] to `gateway.toml`"),
            };
            mistakes.push(file.mistake(&pointer, format!("there is no reference table `{table}`"), Some(hint)));
        }
    }
}

fn destination(files: &Files, file: &File<Costs>, accruals: &Accruals, mistakes: &mut Vec<Mistake>) {
    let partner = files.partners.get(&accruals.to);
    if partner.is_none() && files.all_partners_read {
        let hint = match nearest(&accruals.to, files.partners.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add its policy to `partners`".to_owned(),
        };
        mistakes.push(file.mistake("/accruals/to", format!("there is no partner `{}`", accruals.to), Some(hint)));
        return;
    }
    let Some(partner) = partner else { return };
    let Some(delivery) = &partner.content.delivery else {
        let hint = Some("add [delivery] to its policy".to_owned());
        mistakes.push(file.mistake("/accruals/to", format!("nothing is delivered to `{}`", accruals.to), hint));
        return;
    };
    if let Some((problem, hint)) = files.not_granted(&accruals.contract, &accruals.version) {
        mistakes.push(file.mistake("/accruals/contract", problem, Some(hint)));
    }
    let plugin = files.plugins.get(&delivery.plugin);
    if plugin.is_some_and(|plugin| !plugin.content.grants.read.contains("landed-cost-event")) {
        let problem = format!("`{}`, which renders for `{}`, may not read costs", delivery.plugin, accruals.to);
        let hint = Some("add `landed-cost-event` to grants.read of its policy".to_owned());
        mistakes.push(file.mistake("/accruals/to", problem, hint));
    }
}

/// A route that has costs of the same firmness go to the same partner would have it post them a second time.
fn posted_once(files: &Files, file: &File<Costs>, accruals: &Accruals, mistakes: &mut Vec<Mistake>) {
    let routes = files.routes.iter().flat_map(|routes| routes.content.deliver.iter().enumerate());
    for (index, route) in routes.filter(|(_, route)| route.document == "landed-cost-event" && route.to == accruals.to) {
        for kind in accruals.kinds.iter().filter(|kind| takes(route, **kind)) {
            let word = word(*kind);
            let pointer = file.element("/accruals/kinds", &word);
            let problem =
                format!("`{word}` costs go to `{}` by deliver[{index}] of `routes.toml` as well", accruals.to);
            let hint =
                Some("leave it out here, or have the route take other kinds with `when = { kind = [...] }`".to_owned());
            mistakes.push(file.mistake(&pointer, problem, hint));
        }
    }
}

fn takes(route: &Deliver, kind: Firmness) -> bool {
    route.when.get("kind").is_none_or(|kinds| kinds.contains(&word(kind)))
}

fn word(kind: Firmness) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
