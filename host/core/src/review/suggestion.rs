//! The least privilege that a plugin's observed use needs: grants that nobody used, and budgets with head-room over what
//! calls really took.
//!
//! It only ever suggests less. What was not used in the time that was watched may still be needed, at the end of a
//! quarter or after a failure, so it is a suggestion and a person decides. Which fields of a document a plugin looks at
//! cannot be seen from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::observed::{BudgetUse, ObservedUse, RequestUse, Unit};
use super::words;
use crate::manifest::{Capabilities, Manifest};
use crate::policy::{Egress, Grants, Method, PluginPolicy, Policies, needs};

/// Fewer calls than these say little about one in a thousand.
const CALLS_ENOUGH: u64 = 10_000;
/// A time shorter than this misses what happens once a week.
const SECONDS_ENOUGH: i64 = 7 * 24 * 3600;
/// A budget is this many times what 999 of 1,000 calls used.
const HEAD_ROOM: u64 = 2;
/// No time is suggested below this: a machine that is busy must not end calls that are well.
const CPU_MS_MIN: u64 = 10;
const WALL_MS_MIN: u64 = 100;
/// A plugin that fails must be able to say where.
const LOG_LINES_MIN: u64 = 5;
const LOG_BYTES_MIN: u64 = 4_096;

/// What a plugin's policy could do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The plugin.
    pub plugin: String,
    /// What it was seen to use.
    pub observed: ObservedUse,
    /// Grants that were not used.
    pub unused: Vec<Unused>,
    /// Every budget.
    pub budgets: Vec<SuggestedBudget>,
    /// What to keep in mind.
    pub cautions: Vec<String>,
    /// The tables of the policy as they could be.
    pub toml: String,
}

/// A grant that was not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unused {
    /// The policy's key.
    pub key: &'static str,
    /// What of it.
    pub name: String,
    /// What names it and would have to change first: `plugin.toml`, by which the plugin declares it, files of partners,
    /// `routes.toml`. Where there is any, the suggestion keeps the grant, since without it nothing loads.
    pub named_by: Vec<String>,
}

/// One budget with what calls used of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedBudget {
    /// The policy's key.
    pub key: &'static str,
    /// What the policy gives.
    pub current: u64,
    /// What would do; the same where nothing less is known to do.
    pub suggested: u64,
    /// What calls used.
    pub used: Option<BudgetUse>,
    /// How many calls were ended because they wanted more.
    pub exceeded: u64,
}

impl Suggestion {
    /// What the plugin's policy could do without, among these policies. `manifest` is that of the component that was watched.
    /// Nothing where there is no such plugin.
    pub fn new(plugin: &str, policies: &Policies, manifest: &Manifest, observed: ObservedUse) -> Option<Suggestion> {
        let policy = policies.plugins.get(plugin)?;
        let PluginPolicy { limits, grants, egress, .. } = policy;
        let needed = needs(grants, manifest);
        let budget = |(key, current, _): (&'static str, u64, &str)| {
            let used = observed.budgets.get(key).filter(|_| observed.calls > 0).cloned();
            let exceeded = observed.ended.get(key).copied().unwrap_or_default();
            // What a contract allows must fit, whether or not a message like that was seen.
            let needed = needed.iter().filter(|need| need.key == key).map(|need| need.needed).max().unwrap_or_default();
            let suggested = match &used {
                Some(used) if exceeded == 0 => with_head_room(key, used).max(needed).min(current),
                _ => current,
            };
            SuggestedBudget { key, current, suggested, used, exceeded }
        };
        let budgets: Vec<SuggestedBudget> = words::limits(limits).map(budget).into();
        let unused = unused(grants, egress.as_ref(), &named(plugin, policies, &manifest.capabilities), &observed);
        let cautions = cautions(policy, &observed, &budgets, &unused);
        let toml = toml(policy, &budgets, &unused);
        Some(Suggestion { plugin: plugin.to_owned(), observed, unused, budgets, cautions, toml })
    }
}

/// Twice what 999 of 1,000 calls used, and never less than the most that any used, in two digits.
fn with_head_room(key: &str, used: &BudgetUse) -> u64 {
    let wanted = used.p999.saturating_mul(HEAD_ROOM).max(used.max).max(1);
    let wanted = match used.unit {
        Unit::Microseconds => wanted.div_ceil(1_000),
        // The engine gives memory out in pages.
        Unit::Bytes if key == "memory_bytes_max" => return wanted.next_multiple_of(64 << 10),
        Unit::Bytes | Unit::Count => wanted,
    };
    let least = match key {
        "cpu_ms_max" => CPU_MS_MIN,
        "wall_ms_max" => WALL_MS_MIN,
        "log_lines_max" => LOG_LINES_MIN,
        "log_bytes_max" => LOG_BYTES_MIN,
        _ => 1,
    };
    in_two_digits(wanted).max(least)
}

/// The next number that has no more than two digits that are not zero.
fn in_two_digits(number: u64) -> u64 {
    let mut step = 1;
    while number / step >= 100 {
        step *= 10;
    }
    number.next_multiple_of(step)
}

/// What else names grants of a plugin, by their key and name.
type Named = BTreeMap<(&'static str, String), BTreeSet<String>>;

fn named(plugin: &str, policies: &Policies, declared: &Capabilities) -> Named {
    let mut named = Named::new();
    let mut add = |key, name: &str, file: &str| {
        named.entry((key, name.to_owned())).or_default().insert(file.to_owned());
    };
    let Capabilities { tables, emit, read } = declared;
    for (key, names) in [("grants.tables", tables), ("grants.emit", emit), ("grants.read", read)] {
        names.iter().for_each(|name| add(key, name, "plugin.toml"));
    }
    for (partner, policy) in &policies.partners {
        let file = format!("partners/{partner}.toml");
        for contract in &policy.contracts {
            for version in &contract.versions {
                add("grants.contracts", &format!("{}/{version}", contract.name), &file);
            }
        }
        for agreement in &policy.agreements {
            if policies.plugin_of(policy, agreement).is_some_and(|of_it| of_it == plugin) {
                add("grants.contracts", &format!("{}/{}", agreement.contract, agreement.version), &file);
            }
        }
        if let Some(delivery) = policy.delivery.as_ref().filter(|delivery| delivery.plugin == plugin) {
            add("egress.base_urls", &delivery.base_url, &file);
        }
    }
    let goes = |to: &str| policies.partners.get(to)?.delivery.as_ref();
    let mut sent = |to: &str, document: &str, contract: &str, file: &str| {
        if goes(to).is_some_and(|delivery| delivery.plugin == plugin) {
            add("grants.contracts", contract, file);
            add("grants.read", document, file);
        }
    };
    for route in &policies.routes.deliver {
        sent(&route.to, &route.document, &format!("{}/{}", route.contract, route.version), "routes.toml");
    }
    for filing in &policies.filings.filings {
        for contract in [Some(&filing.submit), filing.amend.as_ref(), filing.cancel.as_ref()].into_iter().flatten() {
            let contract = format!("{}/{}", contract.contract, contract.version);
            sent(&filing.to, "customs-declaration", &contract, "filings.toml");
        }
        for tell in &filing.tell {
            sent(&tell.to, "customs-status", &format!("{}/{}", tell.contract, tell.version), "filings.toml");
        }
    }
    if let Some(accruals) = policies.costs.as_ref().and_then(|costs| costs.accruals.as_ref()) {
        let contract = format!("{}/{}", accruals.contract, accruals.version);
        sent(&accruals.to, "landed-cost-event", &contract, "costs.toml");
    }
    for correction in policies.exceptions.iter().flat_map(|exceptions| &exceptions.corrections) {
        sent(&correction.to, &correction.document, &correction.contract, "exceptions.toml");
    }
    if policies.shipments.iter().flat_map(|shipments| &shipments.packs).any(|pack| pack.plugin == plugin) {
        add("grants.read", "shipment-context", "shipments.toml");
    }
    if policies.filings.filings.iter().any(|filing| filing.composer == plugin) {
        add("grants.read", "shipment-context", "filings.toml");
        add("grants.emit", "customs-declaration", "filings.toml");
    }
    named
}

fn unused(grants: &Grants, egress: Option<&Egress>, named: &Named, observed: &ObservedUse) -> Vec<Unused> {
    // Under which agreements codes are looked up depends on what partners send.
    let Grants { contracts, tables, codes: _, emit, read, fields: _, references: _ } = grants;
    let mut unused = Vec::new();
    let mut add = |key, granted: &BTreeSet<String>, is_used: &dyn Fn(&String) -> bool| {
        let idle = granted.iter().filter(|name| !is_used(name)).map(|name| {
            let named_by = named.get(&(key, name.clone())).into_iter().flatten().cloned().collect();
            Unused { key, name: name.clone(), named_by }
        });
        unused.extend(idle);
    };
    add("grants.contracts", contracts, &|name| observed.contracts.contains_key(name));
    add("grants.tables", tables, &|name| observed.tables.contains_key(name));
    add("grants.emit", emit, &|name| observed.emitted.contains_key(name));
    add("grants.read", read, &|name| observed.read.contains_key(name));
    if let Some(Egress { base_urls, methods, paths, query }) = egress {
        let methods = methods.iter().map(Method::to_string).collect();
        let sent = |is_meant: &dyn Fn(&RequestUse) -> bool| observed.requests.iter().any(is_meant);
        add("egress.base_urls", base_urls, &|url| sent(&|request| request.base_url == *url));
        add("egress.methods", &methods, &|method| sent(&|request| request.method == *method));
        add("egress.paths", paths, &|path| sent(&|request| request.path == *path));
        add("egress.query", query, &|name| observed.query.contains_key(name));
    }
    unused
}

fn cautions(
    policy: &PluginPolicy,
    observed: &ObservedUse,
    budgets: &[SuggestedBudget],
    unused: &[Unused],
) -> Vec<String> {
    let mut cautions = Vec::new();
    let ObservedUse { since, until, calls, .. } = observed;
    if *calls < CALLS_ENOUGH {
        cautions.push(format!(
            "Only {calls} calls were seen: what one call in a thousand uses cannot be told. Wait for {CALLS_ENOUGH}."
        ));
    }
    if until.duration_since(*since).as_secs() < SECONDS_ENOUGH {
        cautions.push(format!(
            "It was watched from {since} to {until}, less than a week: what happens once a week is not in it."
        ));
    }
    for budget in budgets.iter().filter(|budget| budget.exceeded > 0) {
        let SuggestedBudget { key, exceeded, .. } = budget;
        cautions.push(format!("{exceeded} calls were ended by {key}: find out why before you change it."));
    }
    if unused.iter().any(|one| !one.named_by.is_empty()) {
        cautions.push(
            "What other files name must stay granted, or nothing loads: take it out there first, and what `plugin.toml` \
             declares by the plugin's author."
                .to_owned(),
        );
    }
    if !policy.grants.read.is_empty() {
        cautions.push(
            "Which fields of documents it needs cannot be seen from outside; its author must say (grants.fields)."
                .to_owned(),
        );
    }
    cautions
}

/// The tables of the policy without what is not used and with the suggested budgets, to be pasted.
fn toml(policy: &PluginPolicy, budgets: &[SuggestedBudget], unused: &[Unused]) -> String {
    let PluginPolicy { grants, egress, .. } = policy;
    let Grants { contracts, tables, codes, emit, read, fields, references } = grants;
    let mut text = "[limits] # per call\n".to_owned();
    let idle =
        |key: &str, name: &str| unused.iter().any(|one| one.key == key && one.name == name && one.named_by.is_empty());
    let mut table = |heading: &str, lists: &[(&str, BTreeSet<String>)]| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{heading}");
        for (key, names) in lists.iter().filter(|(_, names)| !names.is_empty()) {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let _ = writeln!(text, "{key} = [{}]", names.join(", "));
        }
    };
    let used = |key: &'static str, names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter(|name| !idle(key, name)).cloned().collect()
    };
    let kept: BTreeMap<&String, &BTreeSet<String>> =
        fields.iter().filter(|(kind, _)| !idle("grants.read", kind)).collect();
    // Where no fields are restricted, all references are given, and to name some restricts nothing.
    let references = if kept.is_empty() { BTreeSet::new() } else { references.clone() };
    let limits: String = budgets
        .iter()
        .fold(String::new(), |limits, budget| limits + &format!("{} = {}\n", budget.key, budget.suggested));
    table(
        &format!("{limits}\n[grants]"),
        &[
            ("contracts", used("grants.contracts", contracts)),
            ("tables", used("grants.tables", tables)),
            ("codes", codes.clone()),
            ("emit", used("grants.emit", emit)),
            ("read", used("grants.read", read)),
            ("references", references),
        ],
    );
    if !kept.is_empty() {
        let lists: Vec<(&str, BTreeSet<String>)> =
            kept.into_iter().map(|(kind, fields)| (kind.as_str(), fields.clone())).collect();
        table("\n[grants.fields]", &lists);
    }
    if let Some(Egress { base_urls, methods, paths, query }) = egress {
        let methods: BTreeSet<String> = methods.iter().map(Method::to_string).collect();
        let all = [
            ("base_urls", base_urls.clone()),
            ("methods", methods.clone()),
            ("paths", paths.clone()),
            ("query", query.clone()),
        ];
        let lists = [
            ("base_urls", used("egress.base_urls", base_urls)),
            ("methods", used("egress.methods", &methods)),
            ("paths", used("egress.paths", paths)),
            ("query", used("egress.query", query)),
        ];
        let [base_urls, methods_and_paths @ ..] = &lists[..3] else { return text };
        // A table without one of the first three would be a mistake: nothing is sent without it.
        match methods_and_paths.iter().any(|(_, names)| names.is_empty()) {
            _ if base_urls.1.is_empty() => table("\n# nothing was sent: [egress] can go", &[]),
            true => {
                table("\n# nothing was sent: [egress] can go with the partners that are reached there\n[egress]", &all)
            }
            false => table("\n[egress]", &lists),
        }
    }
    text
}

/// A text as TOML writes it; what policies hold here needs no more than these escapes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
