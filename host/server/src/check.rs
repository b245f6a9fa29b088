//! What `portgate check` says of a policy folder: every mistake of every file in one run, those included that a running
//! gateway would only meet later.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::document::ACKNOWLEDGEMENT;
use portgate_core::policy::{Database, Deliver, DeliveryPolicy, Mistake, PartnerPolicy, Policies, Source, locate};
use portgate_http::secrets::Secrets;

use crate::configuration::{Configuration, Folder, Loaded, build};
use crate::server::{Compiling, shared_resources, tls};
use crate::throttle::Rates;

/// Checks everything that [`Server::start`](crate::Server::start) would refuse, and whether every secret is there that is only
/// needed later, without listening. What the files name is looked into even where other files are wrong. The journal is left
/// alone, so that a gateway can be at work beside it; so whether a plugin's version goes back is not asked. Says in a line what there
/// is, and each remark in a line of its own.
///
/// # Errors
///
/// Every mistake, of all files.
pub fn check(folder: &Folder, compiling: Compiling) -> Result<String, Vec<Mistake>> {
    let (policies, files, mut mistakes) = folder.read_what_can_be();
    let Some(policies) = policies else { return Err(mistakes) };
    mistakes.extend(tls(folder, &policies.gateway).err().into_iter().flatten());
    mistakes.extend(missing_secrets(folder, &policies));
    let built = shared_resources(folder, compiling, &policies, &Rates::alone())
        .and_then(|shared| build(folder, policies, files, &shared, None, &BTreeMap::new(), &mut Vec::new()));
    match built {
        Ok(Loaded { configuration, .. }) if mistakes.is_empty() => Ok(summary(&configuration)),
        Ok(_) => Err(in_order(mistakes)),
        Err(more) => {
            let more: Vec<Mistake> = more.into_iter().filter(|later| !is_placed(later, &mistakes)).collect();
            mistakes.extend(more);
            Err(in_order(mistakes))
        }
    }
}

/// Whether the refusal of a component names a key that is known to be wrong, with its place, in the plugin's policy: it says
/// the same again without the place. What else is wrong with the component is told.
fn is_placed(refusal: &Mistake, mistakes: &[Mistake]) -> bool {
    let names = |key: &str| key.rsplit('.').next().is_some_and(|name| refusal.problem.contains(&format!("`{name} = ")));
    let known = |mistake: &Mistake| mistake.path == refusal.path && mistake.line > 0 && names(&mistake.key);
    refusal.line == 0 && refusal.path.starts_with("plugins/") && mistakes.iter().any(known)
}

fn in_order(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort();
    mistakes.dedup();
    mistakes
}

/// What there is, and in a line of its own each thing that an operator may not have meant.
fn summary(configuration: &Configuration) -> String {
    let contracts: usize = configuration.contracts.values().map(Vec::len).sum();
    let policies = &configuration.policies;
    let mut said = format!(
        "No mistakes: {} partners, {} plugins, {contracts} contracts, {} forward routes.",
        configuration.partners.len(),
        configuration.plugins.len(),
        policies.routes.forward.len(),
    );
    let rebuilds =
        "Signed plugins may come again under the same version (ceiling.toml, rebuilds): for development alone.";
    let remarks = policies.ceiling.rebuilds.then(|| rebuilds.to_owned()).into_iter();
    for remark in
        remarks.chain(configuration.crowded_contracts()).chain(policies.uncalled()).chain(not_routed(configuration))
    {
        said.push_str("\n  ");
        said.push_str(&remark);
    }
    said
}

/// A sentence for the documents of each partner that no route takes, and for each route that no document takes.
fn not_routed(configuration: &Configuration) -> Vec<String> {
    let routes = &configuration.policies.routes.deliver;
    let (mut sentences, mut emitted) = (Vec::new(), BTreeSet::new());
    for (partner, policy) in &configuration.policies.partners {
        let (mut lost, mut plugins) = (BTreeSet::new(), BTreeSet::new());
        for kind in kinds_from(configuration, partner, policy, &mut plugins) {
            let takes =
                |route: &Deliver| route.document == kind && route.from.as_ref().is_none_or(|from| from == partner);
            if kind != ACKNOWLEDGEMENT && !routes.iter().any(takes) {
                lost.insert(format!("`{kind}`"));
            }
            emitted.insert((partner.clone(), kind));
        }
        if !lost.is_empty() {
            let (kinds, plugins) = (joined(lost), joined(plugins));
            sentences.push(format!(
                "No route takes {kinds}, which {plugins} may make of what `{partner}` sends: such documents are kept and told \
                 as events, and go nowhere."
            ));
        }
    }
    for route in routes {
        let from = |partner: &str| route.from.as_ref().is_none_or(|from| from == partner);
        if !emitted.iter().any(|(partner, kind)| *kind == route.document && from(partner)) {
            let from = route.from.as_ref().map(|from| format!(" from `{from}`")).unwrap_or_default();
            sentences.push(format!(
                "The route of `{}`{from} to `{}` takes nothing: no plugin makes such a document of what a partner sends.",
                route.document, route.to
            ));
        }
    }
    sentences
}

/// The kinds of documents that may be made of what a partner sends or answers, where they are not forwarded; the plugins that
/// make them are added to `plugins`.
fn kinds_from(
    configuration: &Configuration,
    partner: &str,
    policy: &PartnerPolicy,
    plugins: &mut BTreeSet<String>,
) -> BTreeSet<String> {
    let listed = configuration.contracts.values().flatten();
    let sent = listed.filter(|contract| contract.forward.is_none()).filter(|contract| {
        let partner = configuration.partners.get(partner);
        partner.is_some_and(|partner| partner.may_send(&contract.name, &contract.version))
    });
    let answers = policy.delivery.iter().filter_map(|delivery| configuration.plugins.get(&delivery.plugin));
    let mut kinds = BTreeSet::new();
    for plugin in sent.map(|contract| &contract.plugin).chain(answers) {
        let manifest = plugin.manifest();
        if !manifest.capabilities.emit.is_empty() {
            plugins.insert(format!("`{}`", manifest.name));
            kinds.extend(manifest.capabilities.emit.iter().cloned());
        }
    }
    kinds
}

fn joined(names: BTreeSet<String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Each secret that is named and cannot be had, where nothing else would say so before it is needed. Those that partners and
/// operators prove themselves by are found missing when the configuration is built.
fn missing_secrets(folder: &Folder, policies: &Policies) -> Vec<Mistake> {
    let secrets = folder.secrets(&policies.gateway.paths);
    let sources = folder.sources().unwrap_or_default();
    let mut mistakes = Vec::new();
    let mut needed = |path: &str, key: String, reference: &str| {
        // What is no reference is a mistake of the policy itself.
        if !Secrets::is_reference(reference) {
            return;
        }
        if let Err(error) = secrets.resolve(reference) {
            let source = sources.iter().find(|source: &&Source| source.path == path);
            let (line, column) = source.map_or((0, 0), |source| locate(source, &key, ""));
            let hint = Some("deliveries would wait for it; put it there, for the gateway's user alone".to_owned());
            mistakes.push(Mistake { line, column, key, ..Mistake::whole_file(path, error.to_string(), hint) });
        }
    };
    for (name, partner) in &policies.partners {
        let path = format!("partners/{name}.toml");
        if let Some(DeliveryPolicy { credential, ca, .. }) = &partner.delivery {
            for (key, reference) in credential.iter().flat_map(|credential| credential.secrets()) {
                needed(&path, format!("delivery.credential.{key}"), reference);
            }
            ca.iter().for_each(|ca| needed(&path, "delivery.ca".to_owned(), ca));
        }
        if let Some(webhook) = &partner.webhook {
            needed(&path, "webhook.secret".to_owned(), &webhook.secret);
            webhook.previous_secret.iter().for_each(|old| needed(&path, "webhook.previous_secret".to_owned(), old));
            webhook.ca.iter().for_each(|ca| needed(&path, "webhook.ca".to_owned(), ca));
        }
    }
    let gateway = &policies.gateway;
    if let Some(nats) = &gateway.nats {
        needed("gateway.toml", "nats.url".to_owned(), &nats.url);
        nats.credentials.iter().for_each(|secret| needed("gateway.toml", "nats.credentials".to_owned(), secret));
    }
    if let Some(Database::Postgres(reference)) = gateway.journal.place() {
        needed("gateway.toml", "journal.database".to_owned(), reference);
    }
    gateway.audit.signing_key.iter().for_each(|key| needed("gateway.toml", "audit.signing_key".to_owned(), key));
    mistakes
}
