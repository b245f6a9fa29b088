//! What one plugin may do, gathered from all policies and from its component, for a reader who knows nothing of the code.
//!
//! The facts are here, and serialise as they are; [`Explanation::text`] says them in sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Component, words};
use crate::document_fields::DocumentFields;
use crate::manifest::{Contract, World};
use crate::policy::{FieldPattern, Grants, Method, PluginPolicy, Policies, Quarantine, RESPONSE_HEADERS, Rollback};

mod text;

/// What one plugin may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The plugin's name.
    pub plugin: String,
    /// Its component.
    pub component: Installed,
    /// The messages of partners that it is given, and the messages that it makes for partners.
    pub contracts: Vec<Served>,
    /// The documents that it is given.
    pub reads: Vec<Read>,
    /// The documents that it may return.
    pub emits: Vec<Emitted>,
    /// The reference tables that it may look up in.
    pub tables: Vec<Table>,
    /// The tables of partners' codes that it may look up in, each with the agreements that have it, as `partner agreement`.
    pub codes: BTreeMap<String, BTreeSet<String>>,
    /// What its requests may address.
    pub egress: Option<Addressed>,
    /// The partners that its requests are sent to.
    pub destinations: Vec<Destination>,
    /// Its budgets.
    pub budgets: Vec<Budget>,
    /// When it is taken out for a partner.
    pub quarantine: Quarantine,
    /// Where its manifest, its code and its policy do not agree.
    pub mismatches: Vec<Mismatch>,
}

/// The component of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// Its file in the plugins folder.
    pub file: String,
    /// The digest that the policy pins, if it does.
    pub pinned_sha256: Option<String>,
    /// The signers that may vouch for it.
    pub signed_by: BTreeSet<String>,
    /// The version that may come after a higher one, if one may.
    pub rollback: Option<Rollback>,
    /// What it says of itself; nothing where the file is not there or cannot be looked into.
    pub found: Option<Found>,
    /// Why nothing is known of it.
    pub missing: Option<String>,
}

/// What a component says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its version.
    pub version: String,
    /// What its author says of it.
    pub description: String,
    /// The world that it is built for.
    pub world: World,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
}

/// One contract that a plugin serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Served {
    /// Name and version.
    pub contract: String,
    /// Whether partners send it and the plugin decodes it; nothing where the component does not say.
    pub decoded: Option<bool>,
    /// Whether the plugin makes such messages for partners.
    pub encoded: Option<bool>,
    /// The largest payload of a partner, in bytes.
    pub body_bytes_max: Option<u64>,
    /// The headers of a partner's message that the plugin is shown.
    pub headers: Vec<String>,
    /// The partners that may send it.
    pub senders: Vec<String>,
    /// The partners that are sent it, each with the kinds of documents it is made of.
    pub receivers: BTreeMap<String, BTreeSet<String>>,
    /// The internal system that its documents go straight to, if they do.
    pub forwarded_to: Option<String>,
}

/// One kind of document that a plugin is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// The kind.
    pub kind: String,
    /// What documents of this kind are.
    pub meaning: String,
    /// The fields that are given, with what each is; all where it is nothing.
    pub fields: Option<BTreeMap<String, String>>,
    /// The schemes of references that are given; all where it is nothing.
    pub references: Option<BTreeSet<String>>,
    /// Whether the document's key is given.
    pub key: bool,
}

/// One kind of document that a plugin may return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Emitted {
    /// The kind.
    pub kind: String,
    /// What documents of this kind are.
    pub meaning: String,
    /// The routes that such documents take.
    pub routes: Vec<String>,
    /// The webhooks that are told of them: partner and URL.
    pub webhooks: BTreeMap<String, String>,
    /// Whether the company's message broker is told of them.
    pub broker: bool,
}

/// One reference table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: Option<String>,
}

/// What a plugin's requests may address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addressed {
    /// The URLs that partners may be reached at.
    pub base_urls: BTreeSet<String>,
    /// The methods.
    pub methods: BTreeSet<Method>,
    /// The patterns of paths.
    pub paths: BTreeSet<String>,
    /// The query parameters.
    pub query: BTreeSet<String>,
}

/// One partner that a plugin's requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    /// The partner's name.
    pub partner: String,
    /// What people call it.
    pub title: String,
    /// Where requests are sent.
    pub base_url: String,
    /// Whether they are sent now, and not held back.
    pub enabled: bool,
    /// Whether the address may be in a private network.
    pub private_addresses: bool,
    /// The credential in words, with the names of its secrets; the plugin never sees it.
    pub credential: Option<String>,
    /// The headers of answers that the plugin is shown.
    pub response_headers: BTreeSet<String>,
}

/// One budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// The policy's key.
    pub key: &'static str,
    /// How much.
    pub max: u64,
    /// What it bounds.
    pub meaning: &'static str,
}

/// Something on which manifest, code and policy do not agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// Where it is missing.
    pub kind: MismatchKind,
    /// What it is about: `contract`, `table`, `emit` or `read`.
    pub capability: &'static str,
    /// Its name.
    pub name: String,
}

/// Where something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MismatchKind {
    /// The manifest declares it and the policy does not grant it.
    DeclaredNotGranted,
    /// The policy grants it and the manifest does not declare it.
    GrantedNotDeclared,
    /// The policy grants it and the code does not import what it would need.
    GrantedNotImported,
}

/// The interfaces that look-ups in tables need, one of them.
const TABLES: &[&str] = &["portgate:connector/reference-data@", "portgate:connector/names@"];
/// The same for codes.
const CODES: &[&str] = &["portgate:connector/codes@"];

impl Explanation {
    /// Explains a plugin; nothing where no policy names it. `component` is what its file holds, or why that is not known.
    pub fn new(
        name: &str,
        policies: &Policies,
        component: Result<&Component, String>,
        documents: &DocumentFields,
    ) -> Option<Explanation> {
        let policy = policies.plugins.get(name)?;
        let PluginPolicy { file: _, sha256, signed_by, rollback, limits, grants, egress, quarantine } = policy;
        let Grants { contracts, tables, codes, emit, read, fields: _, references: _ } = grants;
        let (component, missing) = match component {
            Ok(component) => (Some(component), None),
            Err(why) => (None, Some(why)),
        };
        let found = component.map(|Component { manifest, imports, digest }| Found {
            sha256: digest.clone(),
            version: manifest.version.clone(),
            description: manifest.description.clone(),
            world: manifest.world,
            imports: imports.clone(),
        });
        let table = |name: &String| Table {
            name: name.clone(),
            file: policies.gateway.tables.get(name).map(|table| table.file.clone()),
        };
        let budget = |(key, max, meaning)| Budget { key, max, meaning };
        Some(Explanation {
            plugin: name.to_owned(),
            component: Installed {
                file: policy.component_file(name),
                pinned_sha256: sha256.clone(),
                signed_by: signed_by.clone(),
                rollback: rollback.clone(),
                found,
                missing,
            },
            contracts: contracts.iter().map(|contract| served(name, contract, policies, component)).collect(),
            reads: read.iter().map(|kind| self::read(kind, grants, documents)).collect(),
            emits: emit.iter().map(|kind| emitted(name, kind, grants, policies, documents)).collect(),
            tables: tables.iter().map(table).collect(),
            codes: codes.iter().map(|table| (table.clone(), agreed_codes(name, table, policies))).collect(),
            egress: egress.clone().map(|egress| Addressed {
                base_urls: egress.base_urls,
                methods: egress.methods,
                paths: egress.paths,
                query: egress.query,
            }),
            destinations: destinations(name, policies),
            budgets: words::limits(limits).map(budget).into(),
            quarantine: *quarantine,
            mismatches: component.map(|component| mismatches(grants, component)).unwrap_or_default(),
        })
    }
}

/// The agreements under which a plugin may look up codes of a table.
fn agreed_codes(plugin: &str, table: &str, policies: &Policies) -> BTreeSet<String> {
    let of = |(name, partner): (&String, &crate::policy::PartnerPolicy)| {
        let reads = |agreement: &&crate::policy::AgreementPolicy| {
            agreement.codes.iter().any(|codes| codes.table == table)
                && policies.plugin_of(partner, agreement).is_some_and(|reader| reader == plugin)
        };
        let agreed = partner.agreements.iter().filter(reads);
        agreed.map(|agreement| format!("{name} {}", agreement.name)).collect::<Vec<_>>()
    };
    policies.partners.iter().flat_map(of).collect()
}

fn served(plugin: &str, contract: &str, policies: &Policies, component: Option<&Component>) -> Served {
    let is_meant = |name: &str, version: &str| format!("{name}/{version}") == contract;
    let declared: Option<&Contract> = component.and_then(|component| {
        component.manifest.contracts.iter().find(|declared| is_meant(&declared.name, &declared.version))
    });
    let sends = |(_, partner): &(&String, &crate::policy::PartnerPolicy)| {
        let mut listed = partner.contracts.iter();
        listed.any(|listed| listed.versions.iter().any(|version| is_meant(&listed.name, version)))
    };
    let mut receivers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in policies.routes.deliver.iter().filter(|route| is_meant(&route.contract, &route.version)) {
        let delivery = policies.partners.get(&route.to).and_then(|partner| partner.delivery.as_ref());
        if delivery.is_some_and(|delivery| delivery.plugin == plugin) {
            receivers.entry(route.to.clone()).or_default().insert(route.document.clone());
        }
    }
    let mut forwards = policies.routes.forward.iter();
    Served {
        contract: contract.to_owned(),
        decoded: component.map(|_| declared.is_some_and(|declared| declared.direction.is_decoded())),
        encoded: component.map(|_| declared.is_some_and(|declared| declared.direction.is_encoded())),
        body_bytes_max: declared.map(|declared| declared.body_bytes_max),
        headers: declared.map(|declared| declared.headers.clone()).unwrap_or_default(),
        senders: policies.partners.iter().filter(sends).map(|(name, _)| name.clone()).collect(),
        receivers,
        forwarded_to: forwards
            .find(|route| is_meant(&route.contract, &route.version))
            .map(|route| route.upstream.clone()),
    }
}

fn read(kind: &str, grants: &Grants, documents: &DocumentFields) -> Read {
    let patterns = grants.fields.get(kind);
    let parsed = || patterns.into_iter().flatten().filter_map(|text| FieldPattern::parse(text).ok());
    let id = FieldPattern::parse("/id").ok();
    Read {
        kind: kind.to_owned(),
        meaning: documents.kind(kind).to_owned(),
        key: patterns.is_none() || parsed().any(|pattern| id.as_ref().is_some_and(|id| pattern.covers(id))),
        fields: patterns.map(|_| {
            parsed().map(|pattern| (pattern.to_string(), documents.described(kind, &pattern).join(" "))).collect()
        }),
        references: patterns.map(|_| grants.references.clone()),
    }
}

fn emitted(plugin: &str, kind: &str, grants: &Grants, policies: &Policies, documents: &DocumentFields) -> Emitted {
    let serves = |(_, partner): &(&String, &crate::policy::PartnerPolicy)| {
        let contracts = partner.contracts.iter();
        let mut sent =
            contracts.flat_map(|listed| listed.versions.iter().map(|version| format!("{}/{version}", listed.name)));
        let answers = partner.delivery.as_ref().is_some_and(|delivery| delivery.plugin == plugin);
        answers || sent.any(|contract| grants.contracts.contains(&contract))
    };
    let event = format!("portgate.document.{kind}");
    let told = policies.partners.iter().filter(serves).filter_map(|(name, partner)| {
        let webhook = partner.webhook.as_ref().filter(|webhook| webhook.wants(&event))?;
        Some((name.clone(), webhook.url.clone()))
    });
    let routes = policies.routes.deliver.iter().filter(|route| route.document == kind);
    Emitted {
        kind: kind.to_owned(),
        meaning: documents.kind(kind).to_owned(),
        routes: routes.map(words::deliver).collect(),
        webhooks: told.collect(),
        broker: policies.gateway.nats.is_some(),
    }
}

fn destinations(plugin: &str, policies: &Policies) -> Vec<Destination> {
    let reached = policies.partners.iter().filter_map(|(name, partner)| {
        let delivery = partner.delivery.as_ref().filter(|delivery| delivery.plugin == plugin)?;
        let usual = RESPONSE_HEADERS.iter().map(|name| (*name).to_owned());
        Some(Destination {
            partner: name.clone(),
            title: partner.title.clone(),
            base_url: delivery.base_url.clone(),
            enabled: delivery.enabled,
            private_addresses: delivery.private_addresses,
            credential: delivery.credential.as_ref().map(words::credential),
            response_headers: usual.chain(delivery.response_headers.iter().cloned()).collect(),
        })
    });
    reached.collect()
}

fn mismatches(grants: &Grants, component: &Component) -> Vec<Mismatch> {
    let (declared, codes) = (&component.manifest.capabilities, component.manifest.codes());
    let named = |contract: &Contract| format!("{}/{}", contract.name, contract.version);
    let contracts: BTreeSet<String> = component.manifest.contracts.iter().map(named).collect();
    let mut found = Vec::new();
    for (capability, declared, granted) in [
        ("contract", &contracts, &grants.contracts),
        ("table", &declared.tables, &grants.tables),
        ("codes", &codes, &grants.codes),
        ("emit", &declared.emit, &grants.emit),
        ("read", &declared.read, &grants.read),
    ] {
        let mut add = |kind, name: &String| found.push(Mismatch { kind, capability, name: name.clone() });
        declared.difference(granted).for_each(|name| add(MismatchKind::DeclaredNotGranted, name));
        granted.difference(declared).for_each(|name| add(MismatchKind::GrantedNotDeclared, name));
        let interfaces = match capability {
            "table" => TABLES,
            "codes" => CODES,
            _ => continue,
        };
        if !component.imports.iter().any(|import| interfaces.iter().any(|interface| import.starts_with(interface))) {
            granted.intersection(declared).for_each(|name| add(MismatchKind::GrantedNotImported, name));
        }
    }
    found.sort();
    found
}
