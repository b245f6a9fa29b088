use std::path::Path;

use super::*;
use crate::document_fields::DocumentFields;
use crate::policy::{Policies, Source, load};

/// The fields of the canonical documents.
pub(crate) fn documents() -> DocumentFields {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/canonical/v1"));
    let files = std::fs::read_dir(folder).expect("the canonical schemas").map(|entry| entry.expect("an entry").path());
    let schemas = files.filter_map(|path| {
        let kind = path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned();
        Some((kind, serde_json::from_str(&std::fs::read_to_string(&path).ok()?).ok()?))
    });
    DocumentFields::new(schemas)
}

/// The demo's policies as they are on the disk.
pub(crate) fn folder() -> Vec<Source> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies"));
    let mut sources = Vec::new();
    for folder in ["", "plugins", "partners", "operators", "signers"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the demo's policies") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let shown = path.strip_prefix(root).expect("inside").display().to_string();
                sources.push(Source { path: shown, text: std::fs::read_to_string(&path).expect("readable") });
            }
        }
    }
    sources
}

pub(crate) fn policies(sources: &[Source]) -> Policies {
    load(sources, &documents()).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// A component like the customer portal's.
pub(crate) fn component(change: impl FnOnce(&mut serde_json::Value)) -> Component {
    let mut manifest = serde_json::json!({
        "name": "customer-portal", "version": "1.0.0", "description": "Hands documents on.", "world": "connector",
        "contracts": [{ "name": "portal-document", "version": "1", "direction": "encode", "format": "json",
            "media_types": ["application/json"], "schema": { "type": "object" }, "body_bytes_max": 1000,
            "depth_max": 10,
            "yields": { "documents_max": 10, "output_bytes_max": 10 },
            "headers": ["x-one"], "sunset_on": "2030-01-01", "idempotency_key": "required",
            "id_header": "x-message-id", "business_key": { "document": "milestone", "fields": ["/id"] } }],
        "capabilities": { "read": ["milestone"] },
    });
    change(&mut manifest);
    Component {
        manifest: serde_json::from_value(manifest).expect("a manifest"),
        imports: vec!["portgate:connector/types@1.0.0".to_owned()],
        digest: "5f".repeat(32),
    }
}

fn surface(sources: &[Source], component: Option<Component>) -> Surface {
    Surface::new(&policies(sources), &component.into_iter().map(|one| (one.manifest.name.clone(), one)).collect())
}

/// The demo's policies with one text of one file replaced; a file is made, or taken away, where a text is empty.
pub(crate) fn edited(file: &str, from: &str, to: &str) -> Vec<Source> {
    let mut sources = folder();
    let edited = sources.iter_mut().find(|source| source.path == file);
    let source = edited.unwrap_or_else(|| panic!("there is no {file}"));
    assert!(source.text.contains(from), "{file} does not hold {from:?}");
    source.text = source.text.replacen(from, to, 1);
    sources
}

/// The effects of all that is different, without repetition, the one that matters most first.
fn effects(changes: &[Change]) -> Vec<&'static str> {
    let mut effects: Vec<_> = changes.iter().map(|change| change.effect.as_str()).collect();
    effects.dedup();
    effects
}

fn sentences(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("{change}\n")).collect()
}

/// Holds one edit in both directions: what it does, and what it does when it is taken back.
#[track_caller]
fn edit(file: &str, from: &str, to: &str, there: &str, back: &str, sentence: &str) {
    let (before, after) = (surface(&folder(), None), surface(&edited(file, from, to), None));
    let changes = difference(&before, &after);
    assert_eq!(effects(&changes)[0], there, "{}", sentences(&changes));
    assert!(sentences(&changes).contains(sentence), "{}", sentences(&changes));
    assert!(changes.iter().all(|change| change.file == file), "{changes:#?}");
    let changes = difference(&after, &before);
    assert_eq!(effects(&changes)[0], back, "taken back: {}", sentences(&changes));
}

#[test]
fn nothing_is_different_between_the_same_policies() {
    let one = surface(&folder(), Some(component(|_| ())));
    assert_eq!(difference(&one, &surface(&folder(), Some(component(|_| ())))), []);
}

#[test]
fn permissions_widen_when_they_are_given_and_narrow_when_they_are_taken() {
    const PORTAL: &str = "plugins/customer-portal.toml";
    for (file, from, to, sentence) in [
        (PORTAL, "paths = [", "paths = [\"/more\", ", "may now have requests sent to the paths `/more`"),
        (PORTAL, "query = [", "query = [\"more\", ", "the query parameter `more`"),
        ("plugins/carrier-ocean.toml", "emit = [", "emit = [\"order\", ", "may now emit documents of kind `order`"),
        (
            "plugins/carrier-ocean.toml",
            "contracts = [",
            "contracts = [\"more/1\", ",
            "may now serve the contract `more/1`",
        ),
        (
            "plugins/screen-csl.toml",
            "emit =",
            "read = [\"milestone\"]\nemit =",
            "be given documents of kind `milestone`",
        ),
        (
            "partners/web-shop.toml",
            "[limits]",
            "[[authenticate]]\nkind = \"hmac\"\nsecret = \"file:x\"\n[limits]",
            "may now prove who it is by a signature of the message with the secret `file:x`",
        ),
        (
            "partners/ocean-carrier.toml",
            "[\"D00B\"]",
            "[\"D00B\"]\n\n[[contracts]]\nname = \"shopify-order\"\nversions = [\"2024-10\"]",
            "may now send messages of the contract `shopify-order/2024-10`",
        ),
        (
            "partners/customer-portal.toml",
            "enabled = true",
            "enabled = true\nresponse_headers = [\"x-more\"]",
            "have the header `x-more` of its answers shown to the plugin `customer-portal`",
        ),
        (
            "ceiling.toml",
            "read = [",
            "read = [\"business-partner\", ",
            "may now grant being given documents of kind `business-partner`",
        ),
        ("ceiling.toml", "methods = [", "methods = [\"DELETE\", ", "grant requests with the method DELETE"),
        (
            "ceiling.toml",
            "base_urls = [",
            "base_urls = [\"https://*.example.com\", ",
            "grant requests to `https://*.example.com`",
        ),
    ] {
        edit(file, from, to, "widens", "narrows", sentence);
    }
    edit(
        "operators/on-call.toml",
        "\"read\", ",
        "",
        "narrows",
        "widens",
        "may no longer do what the permission `read` opens",
    );
    edit(
        "partners/customer-portal.toml",
        "enabled = true",
        "enabled = false",
        "narrows",
        "widens",
        "may no longer be sent",
    );
}

#[test]
fn bounds_widen_when_they_are_raised_and_narrow_when_they_are_lowered() {
    for (file, from, to, sentence) in [
        (
            "plugins/broker-cds.toml",
            "cpu_ms_max = 500",
            "cpu_ms_max = 600",
            "milliseconds on a processor for one call: 600 instead of 500",
        ),
        (
            "ceiling.toml",
            "lookups_max = 10_000",
            "lookups_max = 10_001",
            "look-ups of one call in reference tables that it may grant",
        ),
        (
            "partners/web-shop.toml",
            "burst = 200",
            "burst = 201",
            "requests that it may make at once: 201 instead of 200",
        ),
        (
            "partners/customer-portal.toml",
            "follow_ups_max = 10",
            "follow_ups_max = 11",
            "questions after one pending delivery",
        ),
        (
            "partners/customer-portal.toml",
            "86_400, 86_400]",
            "86_400, 86_400, 86_400]",
            "attempts at a delivery: 14 instead of 13",
        ),
        ("gateway.toml", "body_ms = 20_000", "body_ms = 20_001", "milliseconds for a request's body"),
        ("gateway.toml", "raw_days = 90", "raw_days = 91", "days that payloads are kept"),
        ("gateway.toml", "refused_days = 30", "refused_days = 31", "days that refused messages are kept"),
        ("gateway.toml", "refused_mib_per_day = 64", "refused_mib_per_day = 65", "MiB that refused messages"),
        ("gateway.toml", "answer_bytes = 4_096", "answer_bytes = 4_097", "bytes of a partner's answer that are kept"),
        ("gateway.toml", "answer_days = 30", "answer_days = 31", "days that partners' answers are kept"),
        // Bounds from below.
        (
            "gateway.toml",
            "body_rate_bytes_per_second_min = 500",
            "body_rate_bytes_per_second_min = 1",
            "bytes of a body that must come",
        ),
        ("gateway.toml", "idempotency_days = 7", "idempotency_days = 6", "a repeated message is recognised"),
        // Bounds that need not be.
        (
            "partners/ocean-carrier.toml",
            "requests_per_second = 50 # below the partner's own rate\nburst = 50",
            "",
            "without any bound",
        ),
    ] {
        let (before, after) = (surface(&folder(), None), surface(&edited(file, from, to), None));
        let changes: Vec<Change> =
            difference(&before, &after).into_iter().filter(|change| change.effect != Effect::Neutral).collect();
        assert_eq!(effects(&changes), ["widens"], "{}", sentences(&changes));
        assert!(sentences(&changes).contains(sentence), "{}", sentences(&changes));
        let back = difference(&after, &before);
        assert!(
            !back.iter().any(Change::widens) && effects(&back).contains(&"narrows"),
            "taken back: {}",
            sentences(&back)
        );
    }
}

#[test]
fn a_bound_that_goes_with_what_it_was_over_widens_nothing() {
    let contract = "\n[[contracts]]\nname = \"dcsa-track-trace\"\nversions = [\"2.2\", \"3.0\"]\nrequests_per_second = 50 \
                    # below the partner's own rate\nburst = 50";
    let without = surface(&edited("partners/ocean-carrier.toml", contract, ""), None);
    let changes = difference(&surface(&folder(), None), &without);
    assert!(!changes.iter().any(Change::widens), "{}", sentences(&changes));
    assert_eq!(changes.iter().filter(|change| change.effect == Effect::Narrows).count(), 2, "{}", sentences(&changes));
    let back = difference(&without, &surface(&folder(), None));
    assert_eq!(back.iter().filter(|change| change.widens()).count(), 2, "{}", sentences(&back));
    assert!(!back.iter().any(|change| change.effect == Effect::Narrows), "{}", sentences(&back));
}

#[test]
fn what_is_not_known_to_narrow_widens_whichever_way_it_goes() {
    for (file, from, to) in [
        ("partners/customer-portal.toml", "file:customer-portal.key", "file:another.key"),
        ("partners/customer-portal.toml", "enabled = true", "enabled = true\nca = \"file:own.pem\""),
        ("operators/on-call.toml", "file:on-call.sha256", "file:another.sha256"),
        ("gateway.toml", "secrets = \"../target/demo/secrets\"", "secrets = \"../elsewhere\""),
        ("gateway.toml", "operator = \"127.0.0.1:8481\"", "operator = \"127.0.0.2:8481\""),
        ("gateway.toml", "tables/dms-error-codes.csv", "tables/other.csv"),
        ("plugins/broker-cds.toml", "[limits]", "file = \"another.wasm\"\n[limits]"),
    ] {
        edit(file, from, to, "widens", "widens", "");
    }
}

#[test]
fn restrictions_narrow_when_they_come_and_widen_when_they_go() {
    let pin = format!("sha256 = \"{}\"\n[limits]", "0a".repeat(32));
    edit(
        "plugins/broker-cds.toml",
        "[limits]",
        &pin,
        "narrows",
        "widens",
        "the only digest that its component may have",
    );
    let (from, to) = ("subject = \"event-publisher\"", "subject = \"event-publisher\"\ncertificate_bound = true");
    let tls = ("[deadlines]", "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\nclient_ca = \"ca.pem\"\n[deadlines]");
    let with_tls = |mut sources: Vec<Source>| {
        let gateway = sources.iter_mut().find(|source| source.path == "gateway.toml").expect("the gateway");
        gateway.text = gateway.text.replacen(tls.0, tls.1, 1);
        surface(&sources, None)
    };
    let (free, bound) = (with_tls(folder()), with_tls(edited("partners/ocean-carrier.toml", from, to)));
    assert_eq!(effects(&difference(&free, &bound)), ["narrows"], "{}", sentences(&difference(&free, &bound)));
    assert_eq!(effects(&difference(&bound, &free)), ["widens"], "{}", sentences(&difference(&bound, &free)));
    let (from, to) = ("[deadlines]", "[tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n[deadlines]");
    let changes = difference(&surface(&folder(), None), &surface(&edited("gateway.toml", from, to), None));
    assert!(
        sentences(&changes).contains("narrows: the gateway: what partners must speak: TLS"),
        "{}",
        sentences(&changes)
    );
}

#[test]
fn what_lets_more_tokens_in_widens() {
    const CARRIER: &str = "partners/ocean-carrier.toml";
    const SUBJECT: &str = "subject = \"event-publisher\"";
    let with = |key: &str| format!("{SUBJECT}\n{key}");
    let longer = "seconds that a token";
    edit(CARRIER, SUBJECT, &with("lifetime_seconds_max = 90000"), "widens", "narrows", longer);
    edit(CARRIER, SUBJECT, &with("lifetime_seconds_max = 3600"), "narrows", "widens", longer);
    let token_use = with("claims = { token_use = \"access\" }");
    edit(CARRIER, SUBJECT, &token_use, "narrows", "widens", "what the claim `token_use` of a token");
    // Another claim lets others in, whichever of the two is the wider one.
    let elsewhere = "with subject `event-publisher` in its claim `azp`";
    edit(CARRIER, SUBJECT, &with("subject_claim = \"azp\""), "widens", "widens", elsewhere);
    let elsewhere = "for audience `urn:demo:portgate` in its claim `scope`";
    edit(CARRIER, SUBJECT, &with("audience_claim = \"scope\""), "widens", "widens", elsewhere);
    edit(CARRIER, SUBJECT, &with("token_type = \"at+jwt\""), "widens", "widens", "(type `at+jwt`)");
}

#[test]
fn what_people_are_told_is_neutral() {
    edit(
        "partners/web-shop.toml",
        "Web shop (orders and products)",
        "Shop",
        "neutral",
        "neutral",
        "what people call it",
    );
    edit("partners/customer-portal.toml", "open_seconds = 2", "open_seconds = 3", "neutral", "neutral", "left alone");
    edit(
        "gateway.toml",
        "[tables.dms",
        "[tables.more]\nfile = \"more.csv\"\n[tables.dms",
        "neutral",
        "neutral",
        "`more`",
    );
}

#[test]
fn what_lies_within_a_wider_permission_narrows() {
    const PORTAL: &str = "plugins/customer-portal.toml";
    let sentence = "may have requests sent to the paths `/jobs/1`, which it might before as a part of more";
    edit(PORTAL, "\"/jobs/*\"", "\"/jobs/1\"", "narrows", "widens", sentence);
    let changes = difference(
        &surface(&folder(), None),
        &surface(&edited(PORTAL, "\"/jobs/*\"", "\"/jobs/*\", \"/jobs/1\""), None),
    );
    assert_eq!(effects(&changes), ["neutral"], "{}", sentences(&changes));
    let route = "document = \"milestone\"\n";
    edit(
        "routes.toml",
        route,
        &format!("{route}from = \"ocean-carrier\"\n"),
        "narrows",
        "widens",
        "that come from partner",
    );
    edit("routes.toml", "ordered_by = \"mrn\"", "", "neutral", "neutral", "");
}

#[test]
fn a_signature_in_another_form_is_another_credential_and_an_id_that_tells_retries_narrows() {
    const BROKER: &str = "partners/customs-broker.toml";
    let secret = "secret = \"file:customs-broker.whsec\"\n";
    let form = |lines: &str| {
        format!(
            "{secret}signature = {{ header = \"x-signature\", encoding = \"hex\", signed = \"{{timestamp}}.{{body}}\", \
             timestamp_header = \"x-time\"{lines} }}\n"
        )
    };
    let said = |before: &str, after: &str| {
        let of = |entry: &str| surface(&edited(BROKER, secret, entry), None);
        let changes = difference(&of(before), &of(after));
        (effects(&changes), sentences(&changes))
    };
    for (before, after, sentence) in [
        (format!("{secret}# as it was\n"), format!("{secret}scheme = \"github\"\n"), "in the form of `github`"),
        (form(""), form(", once_by = \"body-and-time\""), "once by `body-and-time`"),
        (form(""), form(", algorithm = \"sha512\""), "HMAC-sha512 of `{timestamp}.{body}`"),
        (form(""), form(", prefix = \"v0=\""), "after `v0=`"),
        (form(""), form(", id_header = \"x-id\""), "with the id from `x-id`"),
    ] {
        let (effects, sentences) = said(&before, &after);
        assert!(effects.contains(&"widens") && sentences.contains(sentence), "{sentences}");
    }
    let longer = form(", tolerance_seconds = 600");
    assert_eq!(said(&form(""), &longer).0, ["widens"]);
    assert_eq!(said(&longer, &form("")).0, ["narrows"]);
    let versions = "versions = [\"3.6\"]\n";
    let named = format!("{versions}id_header = \"x-message-id\"\n");
    edit(BROKER, versions, &named, "narrows", "widens", "where the partner's own id of a message");
}

#[test]
fn an_agreement_narrows_what_is_taken_and_widens_when_it_names_others_or_goes() {
    const CARRIER: &str = "partners/ocean-carrier.toml";
    let contract = "[[contracts]]\nname = \"iftsta\"\nversions = [\"D00B\"]\n";
    let agreed = |theirs: &str| {
        let names = format!("ours = [{{ value = \"IMPORTER\" }}]\ntheirs = [{{ value = \"{theirs}\" }}]\n");
        let about = "name = \"status\"\ncontract = \"iftsta\"\nversion = \"D00B\"\ndirection = \"in\"\n";
        format!("{contract}\n[[agreements]]\n{about}{names}")
    };
    edit(CARRIER, contract, &agreed("OCEANLINE"), "narrows", "widens", "called in envelopes by the agreement `status`");
    let with = |theirs| surface(&edited(CARRIER, contract, &agreed(theirs)), None);
    let changes = difference(&with("OCEANLINE"), &with("SOMEBODY"));
    assert_eq!(effects(&changes)[0], "widens", "{}", sentences(&changes));
}

#[test]
fn a_test_credential_that_turns_real_and_a_destination_that_turns_either_way_widen() {
    const SHOP: &str = "partners/web-shop.toml";
    let key = "sha256 = \"file:web-shop.sha256\"\n";
    let test = format!("{key}test = true\n");
    let changes = difference(&surface(&edited(SHOP, key, &test), None), &surface(&folder(), None));
    assert!(effects(&changes).contains(&"widens"), "{}", sentences(&changes));
    let changes = difference(&surface(&folder(), None), &surface(&edited(SHOP, key, &test), None));
    assert!(sentences(&changes).contains("(for tests)"), "{}", sentences(&changes));
    let delivery = "[delivery]\nplugin = \"customer-portal\"\n";
    let sandbox = format!("{delivery}test = true\n");
    edit("partners/customer-portal.toml", delivery, &sandbox, "widens", "widens", "those of tests alone");
    let upstream = "upstream = \"http://127.0.0.1:8482/items\"\n";
    let both = format!("{upstream}test_upstream = \"http://127.0.0.1:8492/items\"\n");
    edit("routes.toml", upstream, &both, "widens", "narrows", "send documents of tests");
}

#[test]
fn fields_narrow_a_kind_that_was_read_whole() {
    const PORTAL: &str = "plugins/customer-portal.toml";
    let fields =
        |fields: &str| edited(PORTAL, "[egress]", &format!("[grants.fields]\nmilestone = [{fields}]\n[egress]"));
    let (whole, some, less) = (
        surface(&folder(), None),
        surface(&fields("\"/id\", \"/code\", \"/location\""), None),
        surface(&fields("\"/id\", \"/location/unLocode\""), None),
    );
    for (before, after) in [(&whole, &some), (&some, &less), (&whole, &less)] {
        let changes = difference(before, after);
        assert_eq!(effects(&changes)[0], "narrows", "{}", sentences(&changes));
        let back = difference(after, before);
        assert!(back.iter().any(Change::widens), "{}", sentences(&back));
    }
    let changes = difference(&some, &surface(&fields("\"/id\", \"/code\", \"/location\", \"/mode\""), None));
    assert_eq!(effects(&changes), ["widens"], "{}", sentences(&changes));
}

/// A list of a file as it is written there, with its name.
fn list_of(file: &str, name: &str) -> String {
    let text = folder().into_iter().find(|source| source.path == file).expect("a file").text;
    let (_, rest) = text.split_once(&format!("\n{name} = [")).expect("a list");
    let (items, _) = rest.split_once(']').expect("the end of a list");
    format!("{name} = [{items}]")
}

#[test]
fn a_ceiling_that_names_fields_narrows_and_one_that_forgets_them_widens() {
    let read = list_of("ceiling.toml", "read");
    let ceiling = |fields: &str| surface(&edited("ceiling.toml", &read, &format!("read = [\"*\"]\n{fields}")), None);
    let surfaces = [
        ceiling(""),
        ceiling("[grants.fields]\nbusiness-partner = [\"/id\", \"/name\"]"),
        ceiling("[grants.fields]\nbusiness-partner = [\"/id\"]"),
        ceiling("[grants.fields]\nbusiness-partner = []"),
    ];
    for (before, after) in [(0, 1), (1, 2), (2, 3), (0, 3)] {
        let (before, after) = (&surfaces[before], &surfaces[after]);
        let changes = difference(before, after);
        assert_eq!(effects(&changes)[0], "narrows", "{}", sentences(&changes));
        let back = difference(after, before);
        assert!(back.iter().any(Change::widens), "{}", sentences(&back));
    }
}

#[test]
fn a_plugin_that_comes_widens_and_one_that_goes_narrows() {
    let mut more = folder();
    let policy = more.iter().find(|source| source.path == "plugins/broker-cds.toml").expect("a policy").text.clone();
    let policy = policy.replace(&list_of("plugins/broker-cds.toml", "contracts"), "contracts = []");
    more.push(Source { path: "plugins/newcomer.toml".to_owned(), text: policy });
    let (before, after) = (surface(&folder(), None), surface(&more, None));
    let changes = difference(&before, &after);
    assert!(sentences(&changes).contains("widens: plugin `newcomer` may now be called"), "{}", sentences(&changes));
    assert!(effects(&changes).iter().all(|effect| *effect != "narrows"), "{}", sentences(&changes));
    let back = difference(&after, &before);
    assert!(!back.iter().any(Change::widens), "{}", sentences(&back));
}

#[test]
fn a_component_that_declares_or_imports_more_widens() {
    let before = surface(&folder(), Some(component(|_| ())));
    let with = |component: Component| surface(&folder(), Some(component));
    let manifest = |pointer: &str, value: serde_json::Value| {
        component(|manifest| *manifest.pointer_mut(pointer).expect("a field") = value)
    };
    let imports = Component { imports: vec!["portgate:connector/log@1.0.0".to_owned()], ..component(|_| ()) };
    for (changed, there, back) in [
        (imports, "widens", "widens"),
        (manifest("/capabilities/read", serde_json::json!(["milestone", "customs-status"])), "widens", "narrows"),
        (manifest("/contracts/0/body_bytes_max", 1001.into()), "widens", "narrows"),
        (manifest("/contracts/0/depth_max", 11.into()), "widens", "narrows"),
        (manifest("/contracts/0/depth_max", serde_json::Value::Null), "widens", "narrows"),
        (manifest("/contracts/0/yields/documents_max", 11.into()), "widens", "narrows"),
        (manifest("/contracts/0/yields/output_bytes_max", 11.into()), "widens", "narrows"),
        (manifest("/contracts/0/headers", serde_json::json!(["x-one", "x-two"])), "widens", "narrows"),
        (manifest("/contracts/0/direction", "both".into()), "widens", "narrows"),
        (manifest("/contracts/0/sunset_on", "2031-01-01".into()), "widens", "narrows"),
        (manifest("/contracts/0/sunset_on", serde_json::Value::Null), "widens", "narrows"),
        (manifest("/contracts/0/idempotency_key", "optional".into()), "widens", "narrows"),
        (manifest("/contracts/0/business_key", serde_json::Value::Null), "widens", "narrows"),
        (manifest("/contracts/0/id_header", serde_json::Value::Null), "widens", "narrows"),
        (manifest("/contracts/0/id_header", "x-other-id".into()), "widens", "widens"),
        (manifest("/contracts/0/schema", true.into()), "widens", "widens"),
        (manifest("/contracts/0/format", "bytes".into()), "widens", "widens"),
        (manifest("/description", "Something else.".into()), "neutral", "neutral"),
        (manifest("/version", "2.0.0".into()), "neutral", "neutral"),
        (Component { digest: "60".repeat(32), ..component(|_| ()) }, "neutral", "neutral"),
    ] {
        let after = with(changed);
        let changes = difference(&before, &after);
        assert_eq!(effects(&changes)[0], there, "{}", sentences(&changes));
        assert!(changes.iter().all(|change| change.plugin.as_deref() == Some("customer-portal")), "{changes:#?}");
        assert_eq!(effects(&difference(&after, &before))[0], back, "taken back: {}", sentences(&changes));
    }
}

#[test]
fn a_component_that_cannot_be_looked_into_any_more_widens() {
    let (seen, unseen) = (surface(&folder(), Some(component(|_| ()))), surface(&folder(), None));
    let changes = difference(&seen, &unseen);
    assert_eq!(changes.len(), 1, "{}", sentences(&changes));
    assert!(changes[0].widens() && changes[0].sentence.contains("its component is not there"));
    assert!(difference(&unseen, &seen).iter().any(Change::widens), "what was not known before may be more");
}

#[test]
fn an_explanation_says_who_reaches_a_plugin_and_where_its_output_goes() {
    let policies = policies(&folder());
    let component = component(|_| ());
    let explained = Explanation::new("customer-portal", &policies, Ok(&component), &documents()).expect("a plugin");
    let text = explained.text();
    for sentence in [
        "It is given documents of kind `milestone` (",
        "It makes messages of the contract `portal-document/1` for partner `customer-portal`",
        "A request of it is sent only if it goes to `http://127.0.0.1:8483` or `http://127.0.0.1:8503` and has the method \
         `GET`, `POST` or `PUT`.",
        "The gateway adds an API key in the header `x-api-key`: the secret `file:customer-portal.key`. The plugin never sees it.",
        "It may emit no documents.",
        "Granted but not declared: being given documents of kind `customs-status`.",
        "milliseconds on a processor for one call: 250 (cpu_ms_max)",
        "Its component must be signed by `builder`.",
    ] {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert!(words(&text).contains(&words(sentence)), "{sentence}\n{text}");
    }
    assert_eq!(Explanation::new("nobody", &policies, Ok(&component), &documents()), None);
    let missing = Explanation::new("broker-cds", &policies, Err("it is not there".to_owned()), &documents());
    let missing = missing.expect("a plugin");
    assert!(missing.text().contains("could not be looked into: it is not there"), "{}", missing.text());
    assert!(missing.mismatches.is_empty());
}

#[test]
fn an_explanation_names_each_field_with_its_meaning() {
    let fields = "references = [\"container\"]\n[grants.fields]\nmilestone = [\"/location/unLocode\"]\n[egress]";
    let policies = policies(&edited("plugins/customer-portal.toml", "[egress]", fields));
    let explained = Explanation::new("customer-portal", &policies, Err(String::new()), &documents()).expect("a plugin");
    let milestone = explained.reads.iter().find(|read| read.kind == "milestone").expect("it reads milestones");
    let fields = milestone.fields.as_ref().expect("fields");
    assert_eq!(fields.iter().next().map(|(name, _)| name.as_str()), Some("/location/unLocode"));
    assert!(!fields["/location/unLocode"].is_empty() && !milestone.key, "{milestone:#?}");
    assert!(explained.text().contains("those of the schemes `container`"), "{}", explained.text());
}
