//! What a schema cannot say of egress, deliveries and the journal: URLs and patterns in normal form and under the
//! ceiling, credentials that are named, routes that lead to a partner that can be reached.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{Reach, reach};
use crate::checked_toml::File;
use crate::excerpt::excerpt;
use crate::header;
use crate::manifest::{Direction, Manifest};
use crate::mistake::{Mistake, nearest};
use crate::policy::files::{Files, Policies};
use crate::policy::secret_name::{SECRET_FORM, names_secret};
use crate::policy::{
    BaseUrl, BaseUrlPattern, Ceiling, Credential, Deliver, DeliveryPolicy, Gateway, PartnerPolicy, PathPattern,
    PluginPolicy,
};
use crate::sender;

mod credential;

/// Checks what concerns egress, deliveries and the journal.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    if let Some(gateway) = &files.gateway {
        journal(gateway, mistakes);
    }
    if let Some(ceiling) = &files.ceiling {
        egress_ceiling(ceiling, mistakes);
    }
    for plugin in files.plugins.values() {
        egress(files, plugin, mistakes);
    }
    for partner in files.partners.values() {
        if let Some(delivery) = &partner.content.delivery {
            let reached = Reached { files, partner, delivery, table: "delivery" };
            mistakes.extend(reached.plugin_and_base_url());
            reached.check(mistakes);
        }
        if let Some(webhook) = &partner.content.webhook {
            let reached = Reached { files, partner, delivery: &webhook.delivery(), table: "webhook" };
            mistakes.extend(reached.url("url", &webhook.url));
            if BaseUrl::parse(&webhook.url).is_ok_and(|url| !covered(files, &url)) {
                let hint = "have it added to egress.base_urls of `ceiling.toml`";
                mistakes.push(reached.wrong("url", "is outside the ceiling", hint));
            }
            reached.check(mistakes);
        }
    }
    routes(files, mistakes);
}

fn journal(gateway: &File<Gateway>, mistakes: &mut Vec<Mistake>) {
    let journal = &gateway.content.journal;
    if journal.place().is_none() {
        // What was written is not shown: a URL of a database holds its password.
        let hint = "write `sqlite:PATH`, or `file:NAME` or `env:NAME` with the `postgres://` URL in it";
        mistakes.push(gateway.mistake("/journal/database", "names no database", Some(hint.to_owned())));
    }
    let settled_days = journal.exchange_days;
    for (key, days) in [
        ("raw_days", journal.raw_days),
        ("answer_days", journal.answer_days),
        ("idempotency_days", journal.idempotency_days),
    ] {
        if days > settled_days {
            let hint = Some("nothing of an exchange outlives it; raise `exchange_days` or lower this".to_owned());
            let problem = format!("{days} is more than the exchange's own {settled_days} days");
            mistakes.push(gateway.mistake(&format!("/journal/{key}"), problem, hint));
        }
    }
}

fn egress_ceiling(ceiling: &File<Ceiling>, mistakes: &mut Vec<Mistake>) {
    let Some(egress) = &ceiling.content.egress else { return };
    for text in &egress.base_urls {
        if let Err(problem) = BaseUrlPattern::parse(text) {
            let pointer = ceiling.element("/egress/base_urls", text);
            let hint = Some("such as `https://api.example.com`, `https://*.example.com/v1` or `*`".to_owned());
            mistakes.push(ceiling.mistake(&pointer, problem, hint));
        }
    }
}

fn egress(files: &Files, plugin: &File<PluginPolicy>, mistakes: &mut Vec<Mistake>) {
    let Some(egress) = &plugin.content.egress else { return };
    for text in &egress.base_urls {
        let problem = match BaseUrl::parse(text) {
            Err(problem) => Some((problem.to_owned(), "such as `https://api.example.com/v1`".to_owned())),
            Ok(url) if !covered(files, &url) => Some((
                format!("`{text}` is outside the ceiling"),
                "remove it, or have it added to egress.base_urls of `ceiling.toml`".to_owned(),
            )),
            Ok(_) => None,
        };
        if let Some((problem, hint)) = problem {
            mistakes.push(plugin.mistake(&plugin.element("/egress/base_urls", text), problem, Some(hint)));
        }
    }
    for text in &egress.paths {
        if let Err(problem) = PathPattern::parse(text) {
            let hint = Some("such as `/orders`, `/orders/*` or `/files/**`".to_owned());
            mistakes.push(plugin.mistake(&plugin.element("/egress/paths", text), problem, hint));
        }
    }
    let allowed = files.ceiling.as_ref().and_then(|ceiling| ceiling.content.egress.as_ref());
    for method in egress.methods.iter().filter(|method| allowed.is_some_and(|some| !some.methods.contains(method))) {
        let hint = Some("remove it, or have it added to egress.methods of `ceiling.toml`".to_owned());
        let pointer = plugin.element("/egress/methods", method.name());
        mistakes.push(plugin.mistake(&pointer, format!("`{method}` is outside the ceiling"), hint));
    }
    for name in egress.query.iter().filter(|name| !is_parameter(name)) {
        let hint = Some("letters, digits, `-`, `_`, `.`, `[` and `]`".to_owned());
        let problem = format!("{} is no name of a query parameter", excerpt(name));
        mistakes.push(plugin.mistake(&plugin.element("/egress/query", name), problem, hint));
    }
}

/// Whether the ceiling covers a URL; also where there is none that could be read, which is a mistake of its own.
fn covered(files: &Files, url: &BaseUrl) -> bool {
    let Some(ceiling) = files.ceiling.as_ref().map(|ceiling| &ceiling.content) else { return true };
    ceiling.egress.as_ref().is_some_and(|egress| egress.covers(url))
}

fn is_parameter(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte);
    !name.is_empty() && name.bytes().all(plain)
}

/// One partner's `[delivery]` or `[webhook]`, with all that it is held against.
struct Reached<'a> {
    files: &'a Files,
    partner: &'a File<PartnerPolicy>,
    delivery: &'a DeliveryPolicy,
    table: &'static str,
}

impl Reached<'_> {
    fn wrong(&self, key: &str, problem: impl Into<String>, hint: impl Into<String>) -> Mistake {
        self.partner.mistake(&format!("/{}/{key}", self.table), problem, Some(hint.into()))
    }

    fn check(&self, mistakes: &mut Vec<Mistake>) {
        let delivery = self.delivery;
        let ceiling = self.files.ceiling.as_ref().map(|ceiling| ceiling.content.egress.as_ref());
        if delivery.private_addresses && ceiling.is_some_and(|egress| egress.is_none_or(|some| !some.private_addresses))
        {
            let hint = "remove it, or have egress.private_addresses of `ceiling.toml` set";
            mistakes.push(self.wrong("private_addresses", "is outside the ceiling", hint));
        }
        if delivery.ca.as_ref().is_some_and(|ca| !ca.starts_with("file:") || !names_secret(ca)) {
            mistakes.push(self.wrong("ca", "names no file", "write `file:NAME`, a PEM file in the secrets folder"));
        }
        for name in delivery.response_headers.iter().filter(|name| !may_be_shown(name)) {
            let pointer = self.partner.element("/delivery/response_headers", name);
            let problem = format!("{} is no header that a plugin may be shown", excerpt(name));
            let hint = "lower case, and none that carries a credential or a session".to_owned();
            mistakes.push(self.partner.mistake(&pointer, problem, Some(hint)));
        }
        let limits = &delivery.limits;
        if limits.connect_timeout_ms > limits.timeout_ms {
            let problem = format!("{} is more than `timeout_ms`", limits.connect_timeout_ms);
            let hint = "connecting is a part of the whole request";
            mistakes.push(self.wrong("limits/connect_timeout_ms", problem, hint));
        }
        if let Some(credential) = &delivery.credential {
            credential::check(self, credential, mistakes);
        }
    }

    fn plugin_and_base_url(&self) -> Vec<Mistake> {
        let DeliveryPolicy { plugin, base_url, .. } = self.delivery;
        let mut mistakes = Vec::new();
        match self.files.plugins.get(plugin) {
            None if self.files.all_plugins_read => {
                let hint = match nearest(plugin, self.files.plugins.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("add `plugins/{plugin}.toml`"),
                };
                mistakes.push(self.wrong("plugin", format!("there is no plugin {}", excerpt(plugin)), hint));
            }
            None => {}
            Some(file) => {
                let known = || file.content.egress.iter().flat_map(|egress| &egress.base_urls);
                if !known().any(|known| known == base_url) {
                    let hint = match nearest(base_url, known().map(String::as_str)) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("add it to egress.base_urls of `plugins/{plugin}.toml`"),
                    };
                    mistakes.push(self.wrong("base_url", "is outside the plugin's egress", hint));
                }
            }
        }
        mistakes.extend(self.url("base_url", base_url));
        mistakes
    }

    /// What is wrong with a URL that the gateway is to call, if anything is.
    fn url(&self, key: &str, text: &str) -> Option<Mistake> {
        let private = self.delivery.private_addresses;
        match BaseUrl::parse(text) {
            Err(problem) => Some(self.wrong(key, problem, "such as `https://api.example.com/v1`")),
            Ok(url) if !url.is_https() && !private => {
                let hint = "write `https://`, or set `private_addresses = true` for a host in a private network";
                Some(self.wrong(key, "would send everything in the clear", hint))
            }
            Ok(url) => match url.address().map(reach) {
                Some(Reach::Never) => {
                    let hint = "use the host's own address or name";
                    Some(self.wrong(key, "is an address that is never connected to", hint))
                }
                Some(Reach::Private) if !private => {
                    let hint = "set `private_addresses = true` if that is meant";
                    Some(self.wrong(key, "is an address of this machine or a private network", hint))
                }
                Some(Reach::Public) if !url.is_https() => {
                    let hint = "write `https://`; `http` is only spoken in a private network";
                    Some(self.wrong(key, "would send everything in the clear", hint))
                }
                _ => None,
            },
        }
    }
}

/// Answers' headers that a plugin must never see, besides any that looks like a credential by its name.
fn may_be_shown(name: &str) -> bool {
    const SECRET: [&str; 4] = ["cookie", "authenticat", "authoriz", "token"];
    header::is_name(name) && !SECRET.iter().any(|part| name.contains(part))
}

fn routes(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(routes) = &files.routes else { return };
    let mut seen = BTreeSet::new();
    for (index, route) in routes.content.deliver.iter().enumerate() {
        let mut wrong = |key: &str, problem: String, hint: String| {
            mistakes.push(routes.mistake(&format!("/deliver/{index}/{key}"), problem, Some(hint)));
        };
        for (key, partner) in [("to", Some(&route.to)), ("from", route.from.as_ref())] {
            let Some(partner) = partner.filter(|partner| !files.partners.contains_key(*partner)) else { continue };
            // What the gateway itself has made takes routes as well.
            if key == "from" && partner == sender::GATEWAY {
                continue;
            }
            // A partner whose file is broken has mistakes of its own.
            if files.all_partners_read {
                let hint = match nearest(partner, files.partners.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("add `partners/{partner}.toml`"),
                };
                wrong(key, format!("there is no partner {}", excerpt(partner)), hint);
            }
        }
        destination(files, route, &mut wrong);
        if !seen.insert(format!("{route:?}")) {
            wrong("document", "the same route is there already".to_owned(), "remove one of the two".to_owned());
        }
        for (field, texts) in &route.when {
            if texts.is_empty() {
                let hint = "list the texts that it may have".to_owned();
                wrong(&format!("when/{field}"), "no document fits an empty list".to_owned(), hint);
            }
        }
    }
}

/// Whether the destination's plugin may render what the route asks for.
fn destination(files: &Files, route: &Deliver, wrong: &mut impl FnMut(&str, String, String)) {
    let Some(partner) = files.partners.get(&route.to) else { return };
    let Some(delivery) = &partner.content.delivery else {
        let hint = format!("add [delivery] to `partners/{}.toml`", route.to);
        return wrong("to", format!("partner `{}` cannot be reached", route.to), hint);
    };
    let Some(plugin) = files.plugins.get(&delivery.plugin) else { return };
    let grants = &plugin.content.grants;
    let file = format!("plugins/{}.toml", delivery.plugin);
    if !grants.read.contains(&route.document) {
        let hint = match nearest(&route.document, grants.read.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add it to grants.read of `{file}`"),
        };
        wrong("document", format!("{} may not be read by its plugin", excerpt(&route.document)), hint);
    }
    let wanted = format!("{}/{}", route.contract, route.version);
    if !grants.contracts.contains(&wanted) {
        let hint = match nearest(&wanted, grants.contracts.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add it to grants.contracts of `{file}`"),
        };
        wrong("contract", format!("{} is not granted to its plugin", excerpt(&wanted)), hint);
    }
}

/// Checks which way each contract goes, which only the manifests know: what partners send must be decoded, what routes
/// deliver must be encoded.
pub(super) fn directions(policies: &Policies, manifests: &BTreeMap<String, Manifest>, mistakes: &mut Vec<Mistake>) {
    let direction = |name: &str, version: &str| -> Option<Direction> {
        let contracts = manifests.values().flat_map(|manifest| &manifest.contracts);
        let mut found = contracts.filter(|contract| contract.name == name && contract.version == version);
        found.next().map(|contract| contract.direction)
    };
    for (partner, policy) in &policies.partners {
        for contract in &policy.contracts {
            for version in &contract.versions {
                if direction(&contract.name, version).is_some_and(|direction| !direction.is_decoded()) {
                    let problem = format!("`{}/{version}` is only encoded; no partner can send it", contract.name);
                    let hint = Some("remove it from the partner's contracts".to_owned());
                    mistakes.push(Mistake::whole_file(format!("partners/{partner}.toml"), problem, hint));
                }
            }
        }
    }
    for route in &policies.routes.deliver {
        let Some(delivery) = policies.partners.get(&route.to).and_then(|partner| partner.delivery.as_ref()) else {
            continue;
        };
        let Some(manifest) = manifests.get(&delivery.plugin) else { continue };
        let declared = |contract: &&crate::manifest::Contract| {
            contract.name == route.contract && contract.version == route.version
        };
        if !manifest.contracts.iter().find(declared).is_some_and(|contract| contract.direction.is_encoded()) {
            let problem =
                format!("plugin `{}` does not encode `{}/{}`", delivery.plugin, route.contract, route.version);
            let hint = Some("declare it in `plugin.toml` with `direction = \"encode\"` and build again".to_owned());
            mistakes.push(Mistake::whole_file("routes.toml", problem, hint));
        }
    }
}
