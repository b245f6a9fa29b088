//! What a plugin's policy grants, and what its component says of itself.

use std::collections::BTreeSet;

use super::{Bound, Facts, Reach};
use crate::manifest::{
    AgreementUse, BusinessKey, Capabilities, Contract, Format, IdempotencyKey, Ignored, Manifest, World, Yields,
};
use crate::policy::{Egress, FieldPattern, Grants, PathPattern, PluginPolicy, Quarantine, Rollback};
use crate::review::{Component, words};

pub(super) fn policy(facts: &mut Facts<'_>, name: &str, policy: &PluginPolicy) {
    let PluginPolicy { file: _, sha256, signed_by, rollback, limits, grants, egress, quarantine } = policy;
    facts.exists("be called");
    facts.this("file", policy.component_file(name), "its component's file");
    if let Some(sha256) = sha256 {
        facts.add("sha256", "", Bound::Only(sha256.clone()), "the only digest that its component may have");
    }
    facts.each("signed_by", signed_by, |signer| format!("be vouched for by signer `{signer}`"));
    if let Some(Rollback { to, by, reason }) = rollback {
        let words = format!("come in version {to} after a higher one (decided by {by}: {reason})");
        facts.may("rollback", to, words);
    }
    for (key, value, meaning) in words::limits(limits) {
        facts.at_most(&format!("limits.{key}"), value, meaning);
    }
    self::grants(facts, grants);
    if let Some(egress) = egress {
        self::egress(facts, egress);
    }
    self::quarantine(facts, quarantine);
}

/// How much misbehaviour is tolerated: more failures, within a shorter window, and a shorter pause tolerate more.
fn quarantine(facts: &mut Facts<'_>, quarantine: &Quarantine) {
    let Quarantine { failures_max, window_seconds, pause_seconds, pause_seconds_max, tries_max } = quarantine;
    facts.at_most("quarantine.failures_max", *failures_max, "failed calls for a partner before it is taken out for it");
    facts.at_least("quarantine.window_seconds", *window_seconds, "seconds that a failed call counts");
    facts.at_least("quarantine.pause_seconds", *pause_seconds, "seconds that it is out the first time");
    facts.at_least(
        "quarantine.pause_seconds_max",
        *pause_seconds_max,
        "seconds that it is out at most, after relapses",
    );
    facts.at_most("quarantine.tries_max", *tries_max, "failed calls on one parked message before a person looks at it");
}

fn grants(facts: &mut Facts<'_>, grants: &Grants) {
    let Grants { contracts, tables, codes, emit, read, fields, references } = grants;
    facts.each("grants.contracts", contracts, |name| format!("serve the contract `{name}`"));
    facts.each("grants.tables", tables, |name| format!("look up in the reference table `{name}`"));
    facts.each("grants.codes", codes, |name| format!("look up partners' codes in the table `{name}`"));
    facts.each("grants.emit", emit, |kind| format!("emit documents of kind `{kind}`"));
    facts.each("grants.read", read, |kind| format!("be given documents of kind `{kind}`"));
    for kind in read {
        let restricted = fields.get(kind);
        self::fields(facts, "grants", "see", kind, restricted);
        let key = format!("grants.references.{kind}");
        match restricted {
            None => facts.may(&key, "*", format!("see every reference of documents of kind `{kind}`")),
            Some(_) => facts.each(&key, references, |scheme| {
                format!("see references of scheme `{scheme}` of documents of kind `{kind}`")
            }),
        }
    }
}

/// The fields of one kind that are granted: all where none is named.
pub(super) fn fields(
    facts: &mut Facts<'_>,
    table: &str,
    verb: &str,
    kind: &str,
    restricted: Option<&BTreeSet<String>>,
) {
    let key = format!("{table}.fields.{kind}");
    let reach = |pattern| Reach::Field { kind: kind.to_owned(), pattern };
    let Some(patterns) = restricted else {
        let words = format!("{verb} every field of documents of kind `{kind}`");
        return facts.reach(&key, "", reach(FieldPattern::WHOLE), words);
    };
    for text in patterns {
        // What is no pattern grants nothing, and is refused as a mistake.
        let Ok(pattern) = FieldPattern::parse(text) else { continue };
        facts.reach(&key, text, reach(pattern), format!("{verb} the field `{text}` of documents of kind `{kind}`"));
    }
}

fn egress(facts: &mut Facts<'_>, egress: &Egress) {
    let Egress { base_urls, methods, paths, query } = egress;
    facts.each("egress.base_urls", base_urls, |url| format!("have its requests sent to `{url}`"));
    for method in methods {
        facts.may("egress.methods", method.name(), format!("have requests sent with the method {method}"));
    }
    for text in paths {
        let Ok(pattern) = PathPattern::parse(text) else { continue };
        facts.reach("egress.paths", text, Reach::Path(pattern), format!("have requests sent to the paths `{text}`"));
    }
    facts.each("egress.query", query, |name| format!("have requests sent with the query parameter `{name}`"));
}

pub(super) fn component(facts: &mut Facts<'_>, component: &Component) {
    let Component { manifest, imports, digest } = component;
    // Another code under the same grants may do the same and no more.
    facts.note("component.digest", digest, "the digest of its component");
    facts.each("component.imports", imports, |name| format!("use the interface {}", words::import(name)));
    let Manifest { name: _, version, description, world, contracts, capabilities, ignored } = manifest;
    facts.note("component.version", version, "its version");
    facts.note("component.description", description, "what its author says of it");
    let world = match world {
        World::Connector => "connector",
        World::Rules => "rules",
        World::Composer => "composer",
    };
    facts.this("component.world", world, "the world that it is built for");
    let Capabilities { tables, emit, read } = capabilities;
    facts.each("component.tables", tables, |name| format!("want the reference table `{name}` (its manifest says so)"));
    facts
        .each("component.emit", emit, |kind| format!("want to emit documents of kind `{kind}` (its manifest says so)"));
    facts.each("component.read", read, |kind| format!("want documents of kind `{kind}` (its manifest says so)"));
    contracts.iter().for_each(|declared| contract(facts, declared));
    // What is not read gives nobody anything.
    for Ignored { contract, path, why } in ignored {
        let item = contract.iter().map(|contract| format!("{contract} ")).chain([path.clone()]).collect::<String>();
        facts.add("component.ignored", &item, Bound::Note(why.clone()), format!("why it does not read `{item}`"));
    }
}

fn contract(facts: &mut Facts<'_>, contract: &Contract) {
    let Contract {
        name,
        version,
        direction,
        media_types,
        format,
        schema,
        body_bytes_max,
        depth_max,
        yields,
        headers,
        deprecated_on,
        sunset_on,
        documentation,
        idempotency_key,
        id_header,
        business_key,
        agreement,
    } = contract;
    let contract = format!("{name}/{version}");
    let key = |part: &str| format!("component.contracts.{contract}.{part}");
    for (does, way) in
        [(direction.is_decoded(), "be sent by partners"), (direction.is_encoded(), "be sent to partners")]
    {
        facts.may_if(does, &key(way), &format!("declare that messages of the contract `{contract}` {way}"));
    }
    facts.each(&key("media_types"), media_types, |name| format!("take `{name}` for the contract `{contract}`"));
    let format = match format {
        Format::Json => "json",
        Format::Xml => "xml",
        Format::Edi => "edi",
        Format::Bytes => "bytes",
    };
    facts.this(&key("format"), format, &format!("how payloads of the contract `{contract}` are checked"));
    // Whether another schema lets more through cannot be told from the outside.
    let schema = schema.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    facts.this(&key("schema"), schema, &format!("the schema of the contract `{contract}`"));
    facts.at_most(&key("body_bytes_max"), *body_bytes_max, &format!("bytes of a payload of the contract `{contract}`"));
    let Yields { documents_max, output_bytes_max } = yields;
    let meaning = format!("documents that a message of the contract `{contract}` becomes");
    facts.at_most(&key("yields.documents_max"), *documents_max, &meaning);
    let meaning = format!("bytes that a message of the contract `{contract}` becomes");
    facts.at_most(&key("yields.output_bytes_max"), *output_bytes_max, &meaning);
    facts.each(&key("headers"), headers, |name| format!("see the header `{name}` of messages of `{contract}`"));
    let day = |day: &Option<jiff::civil::Date>| day.map_or_else(|| "never".to_owned(), |day| day.to_string());
    facts.note(
        &key("deprecated_on"),
        day(deprecated_on),
        &format!("since when the contract `{contract}` is deprecated"),
    );
    // Every contract has this.
    let declared = (&*key("body_bytes_max"), "");
    if let Some(depth) = depth_max {
        let words = format!("levels of nesting in a payload of the contract `{contract}`");
        facts.bounding(declared, &key("depth_max"), "", Bound::Cap(u64::from(*depth)), words);
    }
    if let Some(sunset) = sunset_on {
        let words = format!("the day from which on nobody may send the contract `{contract}`");
        facts.bounding(declared, &key("sunset_on"), "", Bound::Until(*sunset), words);
    }
    let AgreementUse { required, acknowledges, batches, settings, codes } = agreement;
    // What it makes of an agreement lets it do nothing else.
    if *required {
        let words = format!("whether it can do without an agreement on the contract `{contract}`");
        facts.add(&key("agreement.required"), "", Bound::Note("it cannot".to_owned()), words);
    }
    if *acknowledges {
        let words = format!("whether it writes acknowledgements of messages of the contract `{contract}`");
        facts.add(&key("agreement.acknowledges"), "", Bound::Note("it does".to_owned()), words);
    }
    if *batches {
        let words = format!("whether it renders several documents as one message of the contract `{contract}`");
        facts.add(&key("agreement.batches"), "", Bound::Note("it does".to_owned()), words);
    }
    for (setting, meaning) in settings {
        let words = format!("what the setting `{setting}` of an agreement on the contract `{contract}` means");
        facts.add(&key("agreement.settings"), setting, Bound::Note(meaning.clone()), words);
    }
    facts.each(&key("agreement.codes"), codes, |table| {
        format!("want the partner's codes of the table `{table}` for the contract `{contract}` (its manifest says so)")
    });
    let page = documentation.as_deref().unwrap_or("none");
    facts.note(&key("documentation"), page, &format!("the page about the contract `{contract}`"));
    if *idempotency_key == IdempotencyKey::Required {
        let words = format!("what messages of the contract `{contract}` must carry");
        facts.bounding(declared, &key("idempotency_key"), "", Bound::Only("an Idempotency-Key".to_owned()), words);
    }
    if let Some(header) = id_header {
        let words = format!("where senders' own ids of messages of the contract `{contract}` are");
        facts.bounding(declared, &key("id_header"), "", Bound::Only(header.clone()), words);
    }
    if let Some(BusinessKey { document, fields }) = business_key {
        let words = format!("what tells a repeated message of the contract `{contract}`");
        let bound = Bound::Only(format!("{} of `{document}`", fields.join(", ")));
        facts.bounding(declared, &key("business_key"), "", bound, words);
    }
}
