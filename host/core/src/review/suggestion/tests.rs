use serde_json::json;

use super::*;
use crate::checked_toml::{FileKind, schema};
use crate::policy::Source;
use crate::policy::load;
use crate::review::tests::{documents, folder, policies};
use crate::review::{BUDGETS, RequestUse};

fn policy() -> PluginPolicy {
    let limits: serde_json::Map<String, serde_json::Value> =
        BUDGETS.iter().map(|(key, _)| ((*key).to_owned(), json!(1_000_000))).collect();
    serde_json::from_value(json!({
        "limits": limits,
        "grants": {
            "contracts": ["order/1", "order/2"], "tables": ["rates", "codes"], "emit": ["order"],
            "read": ["milestone", "item"], "fields": { "item": ["/id"], "milestone": ["/id"] }, "references": ["ucr"],
        },
        "egress": { "base_urls": ["https://a.example"], "methods": ["GET", "POST"], "paths": ["/a/*", "/b"], "query": ["q"] },
    }))
    .expect("a policy")
}

fn observed(calls: u64) -> ObservedUse {
    let used = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 5)).collect();
    let budget = |(key, unit): &(&str, Unit)| {
        ((*key).to_owned(), BudgetUse { unit: *unit, p50: 10, p99: 20_000, p999: 61_234, max: 70_000 })
    };
    ObservedUse {
        sha256: "5f".repeat(32),
        current: true,
        since: "2026-03-01T00:00:00Z".parse().expect("a time"),
        until: "2026-03-31T00:00:00Z".parse().expect("a time"),
        calls,
        functions: used(&["decode"]),
        ended: BTreeMap::new(),
        contracts: used(&["order/2"]),
        tables: used(&["rates"]),
        emitted: used(&["order"]),
        read: used(&["milestone"]),
        requests: vec![RequestUse {
            method: "POST".to_owned(),
            base_url: "https://a.example".to_owned(),
            path: "/a/*".to_owned(),
            count: 5,
        }],
        query: BTreeMap::new(),
        budgets: BUDGETS.iter().map(budget).collect(),
    }
}

/// For a plugin whose manifest declares what its policy grants, but for the table `codes` and the kind `item`.
fn suggested(policy: &PluginPolicy, observed: ObservedUse) -> Suggestion {
    let manifest = serde_json::from_value(json!({
        "name": "acme", "version": "1.0.0", "description": "d", "world": "connector",
        "capabilities": { "tables": ["rates"], "emit": ["order"], "read": ["milestone"] },
    }));
    among_others(policy, &manifest.expect("a manifest"), observed)
}

/// For a plugin beside those of the demo, none of which names it.
fn among_others(policy: &PluginPolicy, manifest: &Manifest, observed: ObservedUse) -> Suggestion {
    let mut policies = policies(&folder());
    policies.plugins.insert("acme".to_owned(), policy.clone());
    Suggestion::new("acme", &policies, manifest, observed).expect("a plugin")
}

fn budget(suggestion: &Suggestion, key: &str) -> u64 {
    suggestion.budgets.iter().find(|budget| budget.key == key).expect("a budget").suggested
}

#[test]
fn no_budget_is_suggested_that_has_no_room_for_what_the_contracts_allow() {
    let manifest = |yields: serde_json::Value| {
        let manifest = serde_json::from_value(json!({
            "name": "acme", "version": "1.0.0", "description": "d", "world": "connector",
            "contracts": [
                { "name": "order", "version": "1", "media_types": ["application/json"], "format": "bytes",
                  "body_bytes_max": 300_000, "yields": yields },
                { "name": "order", "version": "3", "media_types": ["application/json"], "format": "bytes",
                  "body_bytes_max": 999_999 },
            ],
        }));
        among_others(&policy(), &manifest.expect("a manifest"), observed(50_000))
    };
    let large = manifest(json!({ "documents_max": 500_000, "output_bytes_max": 400_000 }));
    assert_eq!(budget(&large, "documents_max"), 500_000);
    assert_eq!(budget(&large, "output_bytes_max"), 400_000);
    assert_eq!(budget(&large, "memory_bytes_max"), 700_000, "a payload and what it may become");
    let small = manifest(json!({ "documents_max": 1, "output_bytes_max": 1 }));
    assert!(budget(&small, "documents_max") < 500_000, "what was used decides where the contract allows less");
    let more = manifest(json!({ "documents_max": 2_000_000 }));
    assert_eq!(budget(&more, "documents_max"), 1_000_000, "it only ever suggests less");
}

#[test]
fn what_nobody_used_is_named() {
    let suggestion = suggested(&policy(), observed(50_000));
    let unused: Vec<(&str, &str)> = suggestion.unused.iter().map(|one| (one.key, one.name.as_str())).collect();
    let expected = [
        ("grants.contracts", "order/1"),
        ("grants.tables", "codes"),
        ("grants.read", "item"),
        ("egress.methods", "GET"),
        ("egress.paths", "/b"),
        ("egress.query", "q"),
    ];
    assert_eq!(unused, expected);
}

#[test]
fn budgets_have_head_room_over_what_calls_took_and_never_grow() {
    let suggestion = suggested(&policy(), observed(50_000));
    assert_eq!(budget(&suggestion, "output_bytes_max"), 130_000);
    assert_eq!(budget(&suggestion, "memory_bytes_max"), 131_072);
    assert_eq!(budget(&suggestion, "wall_ms_max"), 130);
    assert_eq!(budget(&suggestion, "cpu_ms_max"), 130);
    let mut tight = policy();
    tight.limits.output_bytes_max = 100_000;
    assert_eq!(budget(&suggested(&tight, observed(50_000)), "output_bytes_max"), 100_000);
    let mut quick = observed(50_000);
    let used = BudgetUse { unit: Unit::Microseconds, p50: 1, p99: 1, p999: 100, max: 100 };
    quick.budgets.extend([("cpu_ms_max".to_owned(), used.clone()), ("wall_ms_max".to_owned(), used)]);
    let suggestion = suggested(&policy(), quick);
    assert_eq!((budget(&suggestion, "cpu_ms_max"), budget(&suggestion, "wall_ms_max")), (CPU_MS_MIN, WALL_MS_MIN));
}

#[test]
fn a_budget_that_ended_calls_stays() {
    let mut observed = observed(50_000);
    observed.ended.insert("cpu_ms_max".to_owned(), 3);
    let suggestion = suggested(&policy(), observed);
    assert_eq!(budget(&suggestion, "cpu_ms_max"), 1_000_000);
    assert!(suggestion.cautions.iter().any(|caution| caution.contains("3 calls were ended by cpu_ms_max")));
}

#[test]
fn too_little_to_judge_by_is_said() {
    assert_eq!(suggested(&policy(), observed(50_000)).cautions.len(), 1, "fields cannot be seen");
    let few = suggested(&policy(), observed(5)).cautions;
    assert!(few[0].contains("Only 5 calls"), "{few:?}");
    let mut short = observed(50_000);
    short.since = "2026-03-30T00:00:00Z".parse().expect("a time");
    let short = suggested(&policy(), short).cautions;
    assert!(short[0].contains("less than a week"), "{short:?}");
}

#[test]
fn a_plugin_that_was_never_called_keeps_its_budgets() {
    let suggestion = suggested(&policy(), observed(0));
    assert!(suggestion.budgets.iter().all(|budget| budget.suggested == budget.current));
}

#[test]
fn the_toml_is_a_policy_of_what_was_used() {
    let suggestion = suggested(&policy(), observed(50_000));
    let source = Source { path: "plugins/acme.toml".to_owned(), text: suggestion.toml.clone() };
    let read = FileKind::new(schema::<PluginPolicy>()).read::<PluginPolicy>(&source);
    let read = read.map(|file| file.content).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{}", suggestion.toml));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(read.grants.contracts, names(&["order/2"]));
    assert_eq!(read.grants.fields.keys().collect::<Vec<_>>(), ["milestone"]);
    assert_eq!(read.grants.references, names(&["ucr"]));
    let egress = read.egress.expect("[egress]");
    assert_eq!((egress.methods, egress.paths), ([Method::Post].into(), names(&["/a/*"])));
    assert_eq!(read.limits.output_bytes_max, 130_000);
    let mut silent = observed(50_000);
    silent.requests.clear();
    let silent = suggested(&policy(), silent);
    assert!(silent.toml.contains("nothing was sent") && !silent.toml.contains("\n[egress]"), "{}", silent.toml);
}

#[test]
fn what_the_manifest_declares_stays_granted_until_its_author_takes_it_out() {
    let mut idle = observed(50_000);
    idle.tables.clear();
    let suggestion = suggested(&policy(), idle);
    let tables = suggestion.unused.iter().filter(|one| one.key == "grants.tables");
    let named: Vec<(&str, usize)> = tables.map(|one| (&*one.name, one.named_by.len())).collect();
    assert_eq!(named, [("codes", 0), ("rates", 1)]);
    assert!(suggestion.toml.contains("tables = [\"rates\"]"), "{}", suggestion.toml);
    assert!(suggestion.cautions.iter().any(|caution| caution.contains("plugin.toml")));
}

#[test]
fn what_is_suggested_for_a_plugin_that_nobody_used_loads_with_all_other_policies() {
    let sources = folder();
    let policies = policies(&sources);
    for (name, policy) in &policies.plugins {
        // One that declares nothing, so that all that stays is what other policies name.
        let manifest = serde_json::from_value(json!({
            "name": name, "version": "1.0.0", "description": "d", "world": "connector",
        }));
        let idle = ObservedUse {
            contracts: BTreeMap::new(),
            tables: BTreeMap::new(),
            emitted: BTreeMap::new(),
            read: BTreeMap::new(),
            requests: Vec::new(),
            ..observed(50_000)
        };
        let suggestion = Suggestion::new(name, &policies, &manifest.expect("a manifest"), idle).expect("a plugin");
        let signers: Vec<String> = policy.signed_by.iter().map(|signer| quoted(signer)).collect();
        let text = format!("signed_by = [{}]\n{}", signers.join(", "), suggestion.toml);
        let path = format!("plugins/{name}.toml");
        let mut changed = sources.clone();
        changed.iter_mut().filter(|source| source.path == path).for_each(|source| source.text.clone_from(&text));
        if let Err(mistakes) = load(&changed, &documents()) {
            panic!("{path}: {mistakes:#?}\n{text}");
        }
    }
}

#[test]
fn numbers_are_rounded_up_to_two_digits() {
    for (number, rounded) in [(1, 1), (99, 99), (100, 100), (101, 110), (122_468, 130_000), (990_001, 1_000_000)] {
        assert_eq!(in_two_digits(number), rounded);
    }
}

#[test]
fn every_budget_is_watched() {
    let limits = policy().limits;
    assert_eq!(words::limits(&limits).map(|(key, ..)| key), BUDGETS.map(|(key, _)| key));
}
