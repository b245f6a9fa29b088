//! The ceiling, the process, routes, operators and signers.

use std::collections::BTreeSet;

use super::plugin::fields;
use super::{Bound, Facts, Reach};
use crate::filing::FilingWaits;
use crate::policy::{
    Approval, Audit, BaseUrlPattern, Caps, Ceiling, Compilation, Deadlines, EgressCeiling, Enrichment, FilingBlocks,
    FilingContract, FilingPolicy, FilingTell, Filings, Forward, Gateway, Grants, Journal, Listen, Nats, OperatorPolicy,
    Owner, Paths, Policies, Routes, RulePack, ShipmentReferences, Shipments, SignerPolicy, Status, Strangers, Table,
    Tls,
};
use crate::review::words;

pub(super) fn ceiling(facts: &mut Facts<'_>, ceiling: &Ceiling) {
    let Ceiling { rebuilds, approval, limits, grants, egress } = ceiling;
    facts.may_if(*rebuilds, "rebuilds", "let a signed plugin come again under the same version with other content");
    let Approval { required } = approval;
    if *required {
        let persons = Bound::Only("two named persons".to_owned());
        facts.add("approval.required", "", persons, "who must approve what widens anything");
    }
    for (key, value, meaning) in words::limits(limits) {
        facts.at_most(&format!("limits.{key}"), value, &format!("the most {meaning} that it may grant"));
    }
    let Grants { contracts, tables, codes, emit, read, fields: restricted, references } = grants;
    let lists: [(&str, &BTreeSet<String>, &str); 5] = [
        ("contracts", contracts, "serving the contract"),
        ("tables", tables, "look-ups in the reference table"),
        ("codes", codes, "look-ups in partners' codes of the table"),
        ("emit", emit, "emitting documents of kind"),
        ("read", read, "being given documents of kind"),
    ];
    for (list, names, what) in lists {
        facts.each(&format!("grants.{list}"), names, |name| match name {
            "*" => format!("grant {what} of any name"),
            name => format!("grant {what} `{name}`"),
        });
    }
    let named = read.iter().filter(|kind| *kind != "*").chain(restricted.keys()).collect::<BTreeSet<_>>();
    named.into_iter().for_each(|kind| fields(facts, "grants", "grant", kind, restricted.get(kind)));
    if read.contains("*") {
        let reach = Reach::EveryFieldBut(restricted.keys().cloned().collect());
        let kinds = match restricted.is_empty() {
            true => "of any kind".to_owned(),
            false => format!("of any kind but {}", words::listed(restricted.keys(), "and")),
        };
        facts.reach("grants.fields", "*", reach, format!("grant every field of documents {kinds}"));
    }
    facts.each("grants.references", references, |scheme| match scheme {
        "*" => "grant the references of any scheme where fields are restricted".to_owned(),
        scheme => format!("grant the references of scheme `{scheme}` where fields are restricted"),
    });
    let Some(EgressCeiling { base_urls, methods, private_addresses }) = egress else { return };
    for text in base_urls {
        let Ok(pattern) = BaseUrlPattern::parse(text) else { continue };
        facts.reach("egress.base_urls", text, Reach::BaseUrl(pattern), format!("grant requests to `{text}`"));
    }
    for method in methods {
        facts.may("egress.methods", method.name(), format!("grant requests with the method {method}"));
    }
    let words = "be used for partners at addresses in private networks";
    facts.may_if(*private_addresses, "egress.private_addresses", words);
}

pub(super) fn gateway(facts: &mut Facts<'_>, gateway: &Gateway) {
    let Gateway { listen, tls, deadlines, caps, strangers, paths, compilation, tables, journal, nats, audit, status } =
        gateway;
    let Listen { partner, operator } = listen;
    facts.this("listen.partner", partner.to_string(), "the address where partners connect");
    facts.this("listen.operator", operator.to_string(), "the address where operators connect");
    if let Some(Tls { certificate, key, client_ca }) = tls {
        facts.add("tls", "", Bound::Only("TLS".to_owned()), "what partners must speak");
        facts.this("tls.certificate", certificate, "the file with its certificate");
        facts.this("tls.key", key, "the file with its certificate's key");
        if let Some(client_ca) = client_ca {
            facts.this("tls.client_ca", client_ca, "the authorities whose client certificates are taken");
        }
    }
    deadlines_and_caps(facts, deadlines, caps);
    self::strangers(facts, strangers);
    let Paths { plugins, secrets, secrets_mounted, cache } = paths;
    facts.this("paths.plugins", plugins, "the folder of components");
    facts.this("paths.secrets", secrets, "the folder of secrets");
    let words = "read secrets that are root's, or that a group may read";
    facts.may_if(*secrets_mounted, "paths.secrets_mounted", words);
    facts.this("paths.cache", cache, "the folder of compiled components");
    let Compilation { memory_bytes_max, cpu_seconds_max, wall_seconds_max } = compilation;
    facts.at_most("compilation.memory_bytes_max", *memory_bytes_max, "bytes that compiling a plugin may use");
    facts.at_most("compilation.cpu_seconds_max", *cpu_seconds_max, "seconds on a processor that compiling may take");
    facts.at_most("compilation.wall_seconds_max", *wall_seconds_max, "seconds on the clock that compiling may take");
    for (name, Table { file }) in tables {
        // The presence of a table lets nobody look it up.
        let words = format!("the file of the reference table `{name}`");
        facts.add("tables", name, Bound::Content(file.clone()), words);
    }
    let Journal {
        database,
        raw_days,
        exchange_days,
        refused_days,
        refused_mib_per_day,
        answer_bytes,
        answer_days,
        idempotency_days,
    } = journal;
    facts.this("journal.database", database, "where exchanges are kept");
    facts.at_most("journal.raw_days", *raw_days, "days that payloads are kept");
    facts.at_most("journal.exchange_days", *exchange_days, "days that exchanges are kept");
    facts.at_most("journal.refused_days", *refused_days, "days that refused messages are kept");
    let words = "MiB that refused messages of one partner and day may fill";
    facts.at_most("journal.refused_mib_per_day", *refused_mib_per_day, words);
    facts.at_most("journal.answer_bytes", *answer_bytes, "bytes of a partner's answer that are kept");
    facts.at_most("journal.answer_days", *answer_days, "days that partners' answers are kept");
    facts.at_least("journal.idempotency_days", *idempotency_days, "days that a repeated message is recognised");
    if let Some(nats) = nats {
        self::nats(facts, nats);
    }
    let Audit { signing_key } = audit;
    let key = signing_key.as_deref().unwrap_or("made beside the journal");
    facts.this("audit.signing_key", key, "the secret with the key that signs heads of the audit log");
    let Status { stalled_minutes, certificate_days } = status;
    facts.note("status.stalled_minutes", stalled_minutes.to_string(), "minutes after which a delivery is stalled");
    let words = "days before its end from which on a certificate is said to end";
    facts.note("status.certificate_days", certificate_days.to_string(), words);
}

pub(super) fn signer(facts: &mut Facts<'_>, signer: &SignerPolicy) {
    let SignerPolicy { title, public_key, public_key_file, expires_on } = signer;
    facts.exists("vouch for plugins whose policies name it");
    facts.note("title", title, "what people call it");
    let key = public_key.as_deref().or(public_key_file.as_deref()).unwrap_or("none");
    facts.this("public_key", key, "its public key, or the file that holds it");
    if let Some(day) = expires_on {
        let words = "the day from which on its signatures vouch for nothing";
        facts.add("expires_on", "", Bound::Until(*day), words);
    }
}

fn nats(facts: &mut Facts<'_>, nats: &Nats) {
    let Nats { url, credentials, monitoring, stream, subject, replicas, keep_days } = nats;
    facts.may("nats", "", "tell a message broker of every event");
    facts.this("nats.url", url, "the secret with the addresses of the broker");
    let credentials = credentials.as_deref().unwrap_or("none");
    facts.this("nats.credentials", credentials, "the secret with its credentials for the broker");
    facts.this("nats.monitoring", monitoring.join(", "), "where the broker's settings are read");
    facts.this("nats.stream", stream, "the broker's stream that events go to");
    facts.this("nats.subject", subject, "what the subjects of events begin with");
    facts.note("nats.replicas", replicas.to_string(), "servers that a new stream is kept on");
    facts.at_most("nats.keep_days", *keep_days, "days that a new stream keeps events");
}

fn deadlines_and_caps(facts: &mut Facts<'_>, deadlines: &Deadlines, caps: &Caps) {
    let Deadlines {
        first_byte_ms,
        head_ms,
        body_ms,
        body_rate_bytes_per_second_min,
        request_ms,
        upstream_ms,
        shutdown_ms,
    } = deadlines;
    for (key, value, words) in [
        ("first_byte_ms", first_byte_ms, "milliseconds until a request begins"),
        ("head_ms", head_ms, "milliseconds for a request's head"),
        ("body_ms", body_ms, "milliseconds for a request's body"),
        ("request_ms", request_ms, "milliseconds for a whole request"),
        ("upstream_ms", upstream_ms, "milliseconds for an internal system to answer"),
    ] {
        facts.at_most(&format!("deadlines.{key}"), *value, words);
    }
    let words = "bytes of a body that must come in a second";
    facts.at_least("deadlines.body_rate_bytes_per_second_min", *body_rate_bytes_per_second_min, words);
    let words = "milliseconds that requests may go on when it stops";
    facts.note("deadlines.shutdown_ms", shutdown_ms.to_string(), words);
    let Caps {
        connections_max,
        requests_in_flight_max,
        head_bytes_max,
        headers_max,
        body_bytes_max,
        streams_per_connection_max,
        json_depth_max,
        findings_max,
    } = caps;
    for (key, value, words) in [
        ("connections_max", u64::from(*connections_max), "open connections of partners"),
        ("requests_in_flight_max", u64::from(*requests_in_flight_max), "requests at the same time"),
        ("head_bytes_max", u64::from(*head_bytes_max), "bytes of a request's head"),
        ("headers_max", u64::from(*headers_max), "header fields of a request"),
        ("body_bytes_max", *body_bytes_max, "bytes of a request's body"),
        ("streams_per_connection_max", u64::from(*streams_per_connection_max), "requests at once in one connection"),
        ("json_depth_max", u64::from(*json_depth_max), "levels of nesting in a JSON payload"),
        ("findings_max", u64::from(*findings_max), "findings that one answer lists"),
    ] {
        facts.at_most(&format!("caps.{key}"), value, words);
    }
}

fn strangers(facts: &mut Facts<'_>, strangers: &Strangers) {
    let Strangers {
        requests_max,
        body_bytes_max,
        body_ms,
        body_rate_bytes_per_second_min,
        hashed_bytes_per_second_max,
        hashed_bytes_per_request_max,
    } = strangers;
    for (key, value, words) in [
        ("requests_max", u64::from(*requests_max), "requests that are waited for before their callers are proven"),
        ("body_bytes_max", *body_bytes_max, "bytes of bodies in memory before their senders are proven"),
        ("body_ms", *body_ms, "milliseconds for a body before its sender is proven"),
        ("hashed_bytes_per_second_max", *hashed_bytes_per_second_max, "bytes hashed in a second for wrong signatures"),
        (
            "hashed_bytes_per_request_max",
            *hashed_bytes_per_request_max,
            "bytes hashed for the signature of one request",
        ),
    ] {
        facts.at_most(&format!("strangers.{key}"), value, words);
    }
    let words = "bytes that must come in a second of a body before its sender is proven";
    facts.at_least("strangers.body_rate_bytes_per_second_min", *body_rate_bytes_per_second_min, words);
}

pub(super) fn routes(facts: &mut Facts<'_>, routes: &Routes, policies: &Policies) {
    let Routes { forward, deliver } = routes;
    for Forward { contract, version, upstream, test_upstream } in forward {
        let contract = format!("{contract}/{version}");
        let mut plugins = policies.plugins.iter();
        let decoder = plugins.find(|(_, policy)| policy.grants.contracts.contains(&contract));
        facts.plugin = decoder.map(|(name, _)| name.clone());
        let words = format!("send documents of the contract `{contract}` straight to `{upstream}`");
        facts.may("forward", &format!("{contract} {upstream}"), words);
        if let Some(upstream) = test_upstream {
            let words = format!("send documents of tests of the contract `{contract}` straight to `{upstream}`");
            facts.may("forward.test_upstream", &format!("{contract} {upstream}"), words);
        }
    }
    for route in deliver {
        let delivery = policies.partners.get(&route.to).and_then(|partner| partner.delivery.as_ref());
        facts.plugin = delivery.map(|delivery| delivery.plugin.clone());
        let words = words::deliver(route);
        facts.reach("deliver", &words, Reach::Deliver(Box::new(route.clone())), words.clone());
    }
}

pub(super) fn shipments(facts: &mut Facts<'_>, shipments: &Shipments) {
    let Shipments { opens, catalogue, apart, references, owners, enrichments, packs, severity, quiet_days, things_max } =
        shipments;
    let ShipmentReferences { identifying, shared, windowed } = references;
    let kinds: [(&str, &BTreeSet<String>, &str); 5] = [
        ("opens", opens, "begins a shipment"),
        ("catalogue", catalogue, "is looked up by article for every shipment"),
        ("apart", apart, "concerns no shipment"),
        ("references.identifying", identifying, "names one shipment each"),
        ("references.shared", shared, "ties documents of several shipments"),
    ];
    for (key, names, what) in kinds {
        let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        facts.this(key, names, &format!("what {what}"));
    }
    for (scheme, days) in windowed {
        facts.this(&format!("references.windowed.{scheme}"), days.to_string(), "days within which it ties documents");
    }
    for Owner { role, fields, ids, codes, from, until } in owners {
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let day = |day: &Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let range = format!("ids [{}] from [{}] until [{}]", list(ids), day(from), day(until));
        let codes = codes.iter().map(|(of, codes)| format!(" {of} [{}]", list(codes))).collect::<String>();
        facts.this(&format!("owner {role} {range}{codes}"), list(fields), "the fields of which its word counts");
    }
    for Enrichment { document, field, by, table, catalogue, take } in enrichments {
        let from = table.as_ref().or(catalogue.as_ref()).map(String::as_str).unwrap_or_default();
        let taken = take.as_deref().unwrap_or("the value");
        let what = format!("{taken} of {from} by {by}");
        facts.this(&format!("enrich {document}{field}"), what, "what fills a field of which nobody says anything");
    }
    for RulePack { plugin, severity } in packs {
        facts.this(&format!("pack {plugin}"), "judges", "a rule pack that judges shipments");
        for (rule, severity) in severity {
            let words = format!("how much the rule `{rule}` of `{plugin}` matters");
            facts.this(&format!("pack {plugin} {rule}"), severity.to_string(), &words);
        }
    }
    for (rule, severity) in severity {
        let words = format!("how much the gateway's own rule `{rule}` matters");
        facts.this(&format!("severity.{rule}"), severity.to_string(), &words);
    }
    facts.at_most("quiet_days", *quiet_days, "days without news after which a shipment is closed");
    facts.at_most("things_max", *things_max, "things that are looked at for one shipment");
}

pub(super) fn filings(facts: &mut Facts<'_>, filings: &Filings) {
    for filing in &filings.filings {
        let FilingPolicy { name, regime, composer, settings, needs, when, to, .. } = filing;
        let FilingPolicy { submit, amend, cancel, automatic, on_change, blocks, ignore, settle, .. } = filing;
        let FilingPolicy { expect, waits, answers, tell, .. } = filing;
        let mut this = |key: &str, value: String, what: &str| facts.this(&format!("filing {name}.{key}"), value, what);
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        this("regime", regime.clone(), "what is declared");
        this("composer", composer.clone(), "what writes the declaration");
        for (setting, value) in settings {
            this(&format!("settings.{setting}"), value.clone(), "a setting of the composer");
        }
        this("needs", list(needs), "what a shipment must have before it is declared");
        for (field, texts) in when {
            this(&format!("when.{field}"), list(texts), "what a document of the shipment must say");
        }
        this("to", to.clone(), "who declares it to customs");
        this("answers", list(answers), "whose word of customs counts as well");
        let contracts = [("submit", Some(submit)), ("amend", amend.as_ref()), ("cancel", cancel.as_ref())];
        for (key, contract) in contracts {
            if let Some(FilingContract { contract, version }) = contract {
                this(key, format!("{contract}/{version}"), "what it is rendered as");
            }
        }
        this("automatic", automatic.to_string(), "whether it is filed without an operator");
        this("on_change", format!("{on_change:?}"), "what becomes of a change after it was sent");
        let FilingBlocks { severity, rules, but } = blocks;
        this("blocks.severity", severity.to_string(), "from which severity on a finding stands against it");
        this("blocks.rules", list(rules), "rules that always stand against it");
        this("blocks.but", list(but), "rules that never stand against it");
        this("ignore", list(ignore), "fields whose changes amend nothing");
        if let Some(settle) = settle {
            this("settle", settle.to_string(), "how long a change must stay before customs is told of it");
        }
        for (what, within) in expect {
            this(&format!("expect.{what}"), within.to_string(), "the time within which it is expected");
        }
        let FilingWaits { draft, blocked, ready } = waits;
        for (what, within) in [("draft", draft), ("blocked", blocked), ("ready", ready)] {
            this(&format!("waits.{what}"), within.to_string(), "how long it may wait so before a person is called");
        }
        for FilingTell { to, contract, version, of } in tell {
            let of: Vec<&str> = of.iter().map(|place| place.as_str()).collect();
            let value = format!("{contract}/{version}: {}", of.join(", "));
            this(
                &format!("tell.{to}"),
                value,
                "what a partner is told of where it stands at customs, and rendered as what",
            );
        }
    }
}

pub(super) fn operator(facts: &mut Facts<'_>, operator: &OperatorPolicy) {
    let OperatorPolicy { title, key_sha256, may } = operator;
    facts.exists("use the operator API");
    facts.note("title", title, "who it is");
    facts.this("key_sha256", key_sha256, "the SHA-256 of the key");
    for permission in may {
        let name = permission.as_str();
        facts.may("may", name, format!("do what the permission `{name}` opens"));
    }
}
