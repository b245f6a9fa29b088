//! Declared, imported, granted, allowed: a plugin gets a capability only where all four agree. Budgets and addresses,
//! which no manifest declares, are held against the ceiling here as well, so that one comparison decides on a plugin.

use std::collections::BTreeSet;
use std::fmt;

use crate::manifest::Manifest;
use crate::policy::{BaseUrl, Beyond, Ceiling, Grants, PluginPolicy, allows, fields_in_excess, limits};

/// The package whose interfaces a plugin may import; everything else, WASI first of all, is refused by name.
const PACKAGE: &str = "portgate:connector/";

/// A kind of capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// An interface that the component imports.
    Import,
    /// A reference table.
    Table,
    /// A table of partners' codes.
    Codes,
    /// A kind of document that it returns.
    Emit,
    /// A kind of document that it is given.
    Read,
    /// Fields or references of the documents that it is given.
    Field,
    /// A contract that it decodes.
    Contract,
    /// A budget of its calls.
    Limit,
    /// A base URL that its requests may go to.
    BaseUrl,
    /// A method that its requests may have.
    Method,
}

/// Which list a capability is missing from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The manifest, `plugin.toml`.
    Manifest,
    /// The plugin's policy.
    Policy,
    /// The ceiling.
    Ceiling,
    /// There is no such thing to be had.
    Nowhere,
}

/// One capability that a plugin wants or uses and may not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excess {
    /// What kind of capability.
    pub capability: Capability,
    /// Its name.
    pub name: String,
    /// The list that does not have it.
    pub missing_from: Layer,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let (what, key) = match self.capability {
            Capability::Import => ("imports the interface", "grants.tables, grants.codes"),
            Capability::Table => ("wants the reference table", "grants.tables"),
            Capability::Codes => ("wants the table of codes", "grants.codes"),
            Capability::Emit => ("wants to emit documents of kind", "grants.emit"),
            Capability::Read => ("wants to read documents of kind", "grants.read"),
            Capability::Field => ("is granted of documents", "grants.fields and grants.references"),
            Capability::Contract => ("is granted the contract", "grants.contracts"),
            Capability::Limit => ("is given the budget", "limits"),
            Capability::BaseUrl => ("may address", "egress.base_urls"),
            Capability::Method => ("may send requests with", "egress.methods"),
        };
        write!(f, "it {what} `{name}`, ")?;
        match self.missing_from {
            Layer::Manifest => write!(f, "which its manifest does not declare"),
            Layer::Policy => write!(f, "which its policy does not grant ({key})"),
            Layer::Ceiling => write!(f, "which the ceiling does not allow (ceiling.toml, {key})"),
            Layer::Nowhere => write!(f, "which does not exist inside the sandbox"),
        }
    }
}

/// Everything that the plugin wants or uses and may not have. `imports` are the component's interface names, such as
/// `portgate:connector/reference-data@1.0.0`.
pub fn compare(manifest: &Manifest, imports: &[String], policy: &PluginPolicy, ceiling: &Ceiling) -> Vec<Excess> {
    let mut excess = Vec::new();
    let codes = manifest.codes();
    for name in imports {
        let mut refuse = |missing_from| {
            excess.push(Excess { capability: Capability::Import, name: name.clone(), missing_from });
        };
        let interface = name.strip_prefix(PACKAGE).and_then(|rest| rest.strip_suffix("@1.0.0"));
        match interface {
            Some("types" | "log") => {}
            Some("reference-data" | "names") if manifest.capabilities.tables.is_empty() => refuse(Layer::Manifest),
            Some("reference-data" | "names") if policy.grants.tables.is_empty() => refuse(Layer::Policy),
            Some("reference-data" | "names") => {}
            Some("codes") if codes.is_empty() => refuse(Layer::Manifest),
            Some("codes") if policy.grants.codes.is_empty() => refuse(Layer::Policy),
            Some("codes") => {}
            _ => refuse(Layer::Nowhere),
        }
    }
    let wanted = &manifest.capabilities;
    let (granted, allowed) = (&policy.grants, &ceiling.grants);
    let lists = [
        (Capability::Table, &wanted.tables, &granted.tables, &allowed.tables),
        (Capability::Codes, &codes, &granted.codes, &allowed.codes),
        (Capability::Emit, &wanted.emit, &granted.emit, &allowed.emit),
        (Capability::Read, &wanted.read, &granted.read, &allowed.read),
    ];
    for (capability, wanted, granted, allowed) in lists {
        for name in wanted {
            let missing_from = match (granted.contains(name), allows(allowed, name)) {
                (true, true) => continue,
                (false, _) => Layer::Policy,
                (true, false) => Layer::Ceiling,
            };
            excess.push(Excess { capability, name: name.clone(), missing_from });
        }
    }
    for field in fields_in_excess(granted, allowed) {
        let name = match field.beyond {
            Beyond::Whole => format!("{}: all fields", field.kind),
            Beyond::Field(pattern) => format!("{}: {pattern}", field.kind),
            Beyond::Scheme(scheme) => format!("{}: references of scheme {scheme}", field.kind),
        };
        excess.push(Excess { capability: Capability::Field, name, missing_from: Layer::Ceiling });
    }
    for name in &granted.contracts {
        let declared =
            manifest.contracts.iter().any(|contract| *name == format!("{}/{}", contract.name, contract.version));
        let missing_from = match (declared, allows(&allowed.contracts, name)) {
            (true, true) => continue,
            (false, _) => Layer::Manifest,
            (true, false) => Layer::Ceiling,
        };
        excess.push(Excess { capability: Capability::Contract, name: name.clone(), missing_from });
    }
    excess.extend(over_the_ceiling(policy, ceiling));
    excess
}

/// Budgets and addresses beyond the ceiling. The policy files are checked for the same when they are read; this is for
/// policies that came by any other way.
fn over_the_ceiling(policy: &PluginPolicy, ceiling: &Ceiling) -> Vec<Excess> {
    let over = |capability, name| Excess { capability, name, missing_from: Layer::Ceiling };
    let mut excess = Vec::new();
    for (name, limit, highest) in limits(&policy.limits, &ceiling.limits) {
        if limit > highest {
            excess.push(over(Capability::Limit, format!("{name} = {limit}")));
        }
    }
    let Some(egress) = &policy.egress else { return excess };
    let allowed = ceiling.egress.as_ref();
    for text in &egress.base_urls {
        if !BaseUrl::parse(text).is_ok_and(|url| allowed.is_some_and(|allowed| allowed.covers(&url))) {
            excess.push(over(Capability::BaseUrl, text.clone()));
        }
    }
    for method in &egress.methods {
        if !allowed.is_some_and(|allowed| allowed.methods.contains(method)) {
            excess.push(over(Capability::Method, method.to_string()));
        }
    }
    excess
}

/// What a plugin really has of its grants: those that its manifest declares. A grant that is wider than the manifest
/// gives nothing.
pub fn effective(manifest: &Manifest, granted: &Grants) -> Grants {
    let both = |granted: &BTreeSet<String>, declared: &BTreeSet<String>| granted & declared;
    let declared = &manifest.capabilities;
    let contracts = manifest.contracts.iter().map(|contract| format!("{}/{}", contract.name, contract.version));
    Grants {
        contracts: both(&granted.contracts, &contracts.collect()),
        tables: both(&granted.tables, &declared.tables),
        codes: both(&granted.codes, &manifest.codes()),
        emit: both(&granted.emit, &declared.emit),
        read: both(&granted.read, &declared.read),
        fields: granted.fields.clone(),
        references: granted.references.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(tables: &[&str], emit: &[&str]) -> Manifest {
        serde_json::from_value(serde_json::json!({
            "name": "acme", "version": "1.0.0", "description": "d", "world": "connector",
            "contracts": [{ "name": "order", "version": "1", "media_types": ["application/json"], "format": "json", "body_bytes_max": 1 }],
            "capabilities": { "tables": tables, "emit": emit },
        }))
        .unwrap()
    }

    fn limits() -> serde_json::Value {
        serde_json::json!({
            "memory_bytes_max": 1, "table_elements_max": 1, "cpu_ms_max": 1, "wall_ms_max": 1, "output_bytes_max": 1,
            "documents_max": 1, "log_lines_max": 1, "log_bytes_max": 1, "lookups_max": 1, "calls_in_flight_max": 1,
        })
    }

    fn policy(tables: &[&str], emit: &[&str]) -> PluginPolicy {
        let grants = serde_json::json!({ "contracts": ["order/1"], "tables": tables, "emit": emit });
        serde_json::from_value(serde_json::json!({ "limits": limits(), "grants": grants })).unwrap()
    }

    fn ceiling(emit: &[&str]) -> Ceiling {
        let grants = serde_json::json!({ "contracts": ["*"], "tables": ["*"], "emit": emit });
        serde_json::from_value(serde_json::json!({ "limits": limits(), "grants": grants })).unwrap()
    }

    fn imports(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    const LOOKUP: &str = "portgate:connector/reference-data@1.0.0";
    const NAMES: &str = "portgate:connector/names@1.0.0";

    #[test]
    fn what_all_four_lists_have_is_no_excess() {
        let imports = imports(&["portgate:connector/types@1.0.0", "portgate:connector/log@1.0.0", LOOKUP]);
        let excess =
            compare(&manifest(&["t"], &["order"]), &imports, &policy(&["t"], &["order"]), &ceiling(&["order"]));
        assert_eq!(excess, []);
    }

    #[test]
    fn what_the_ceiling_withholds_of_documents_is_an_excess() {
        let grants = |grants: serde_json::Value| -> PluginPolicy {
            serde_json::from_value(serde_json::json!({ "limits": limits(), "grants": grants })).unwrap()
        };
        let ceiling: Ceiling = serde_json::from_value(serde_json::json!({ "limits": limits(), "grants": {
            "read": ["order", "milestone"], "fields": { "order": ["/lines"] }, "references": ["ucr"] } }))
        .unwrap();
        let excess = |policy: &PluginPolicy| {
            let excess = compare(&manifest(&[], &[]), &[], policy, &ceiling);
            excess.into_iter().map(|excess| (excess.name, excess.missing_from)).collect::<Vec<_>>()
        };
        let narrow = grants(serde_json::json!({ "read": ["order", "milestone"],
            "fields": { "order": ["/lines/*/itemRef"] }, "references": ["ucr"] }));
        assert_eq!(excess(&narrow), []);
        let whole = grants(serde_json::json!({ "read": ["order"] }));
        assert_eq!(excess(&whole), [("order: all fields".to_owned(), Layer::Ceiling)]);
        let wide = grants(serde_json::json!({ "read": ["order"], "fields": { "order": ["/buyer", "/lines"] },
            "references": ["order"] }));
        let beyond = ["order: /buyer", "order: references of scheme order"];
        assert_eq!(excess(&wide), beyond.map(|name| (name.to_owned(), Layer::Ceiling)));
    }

    #[test]
    fn each_missing_layer_is_named() {
        let missing = |manifest: &Manifest, policy: &PluginPolicy, ceiling: &Ceiling, imported: &[&str]| {
            let excess = compare(manifest, &imports(imported), policy, ceiling);
            excess.iter().map(|excess| excess.missing_from).collect::<Vec<_>>()
        };
        let (full, none) = (policy(&["t"], &["order"]), policy(&[], &[]));
        let open = ceiling(&["*"]);
        assert_eq!(missing(&manifest(&[], &[]), &full, &open, &[LOOKUP]), [Layer::Manifest]);
        assert_eq!(missing(&manifest(&["t"], &[]), &none, &open, &[LOOKUP]), [Layer::Policy, Layer::Policy]);
        assert_eq!(missing(&manifest(&[], &[]), &full, &open, &[NAMES]), [Layer::Manifest]);
        assert_eq!(missing(&manifest(&["t"], &[]), &none, &open, &[NAMES]), [Layer::Policy, Layer::Policy]);
        assert_eq!(missing(&manifest(&["t"], &[]), &full, &open, &[NAMES]), []);
        assert_eq!(missing(&manifest(&[], &["order"]), &full, &ceiling(&["item"]), &[]), [Layer::Ceiling]);
        assert_eq!(missing(&manifest(&[], &[]), &full, &open, &["wasi:io/poll@0.2.6"]), [Layer::Nowhere]);
        assert_eq!(missing(&manifest(&[], &[]), &full, &open, &["portgate:connector/log@2.0.0"]), [Layer::Nowhere]);
    }

    #[test]
    fn budgets_and_addresses_stay_under_the_ceiling() {
        let mut wide = policy(&[], &[]);
        wide.limits.cpu_ms_max = 2;
        let egress = serde_json::json!({
            "base_urls": ["https://api.acme.example", "https://other.example"], "methods": ["GET", "DELETE"],
            "paths": ["/orders"],
        });
        wide.egress = serde_json::from_value(egress).unwrap();
        let mut narrow = ceiling(&[]);
        let over = |ceiling: &Ceiling| {
            let excess = compare(&manifest(&[], &[]), &[], &wide, ceiling);
            excess.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        let all = over(&narrow);
        for named in ["`cpu_ms_max = 2`", "`https://api.acme.example`", "`https://other.example`", "`GET`", "`DELETE`"]
        {
            assert!(all.contains(named), "{all}");
        }
        let allowed = serde_json::json!({ "base_urls": ["https://*.acme.example"], "methods": ["GET"] });
        narrow.egress = serde_json::from_value(allowed).unwrap();
        narrow.limits.cpu_ms_max = 2;
        let rest = "it may address `https://other.example`, which the ceiling does not allow (ceiling.toml, \
                    egress.base_urls); it may send requests with `DELETE`, which the ceiling does not allow \
                    (ceiling.toml, egress.methods)";
        assert_eq!(over(&narrow), rest);
    }

    #[test]
    fn a_grant_that_the_manifest_does_not_declare_gives_nothing() {
        let effective = effective(&manifest(&["t"], &["order"]), &policy(&["t", "u"], &["order", "item"]).grants);
        assert_eq!(effective.tables, ["t".to_owned()].into());
        assert_eq!(effective.emit, ["order".to_owned()].into());
        assert_eq!(effective.contracts, ["order/1".to_owned()].into());
        assert!(effective.read.is_empty());
    }
}
