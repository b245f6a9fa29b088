use std::path::Path;

use super::*;
use crate::policy::{Journal, Retry, check_manifests};

mod approval;
mod costs;
mod delivery;
mod exceptions;
mod fields;
mod filings;
mod shipments;
mod signers;

const LIMITS: &str = "[limits]\nmemory_bytes_max = 10\ntable_elements_max = 10\ncpu_ms_max = 10\nwall_ms_max = 10\n\
    output_bytes_max = 10\ndocuments_max = 10\nlog_lines_max = 10\nlog_bytes_max = 10\nlookups_max = 10\n\
    calls_in_flight_max = 10\n";
const GATEWAY: &str = r#"
[listen]
partner = "127.0.0.1:8080"
operator = "127.0.0.1:8081"
[deadlines]
first_byte_ms = 1
head_ms = 1
body_ms = 1
body_rate_bytes_per_second_min = 1
request_ms = 1
upstream_ms = 1
shutdown_ms = 1
[caps]
connections_max = 1
requests_in_flight_max = 1
head_bytes_max = 1
headers_max = 1
body_bytes_max = 1
streams_per_connection_max = 1
json_depth_max = 1
findings_max = 1
[paths]
plugins = "p"
secrets = "s"
cache = "c"
[tables.rates]
file = "rates.csv"
[compilation]
memory_bytes_max = 536870912
cpu_seconds_max = 1
wall_seconds_max = 1
"#;
const SIGNER: &str =
    "title = \"Release\"\npublic_key = \"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\"\n";
const PARTNER: &str = r#"title = "Acme"

[[authenticate]]
kind = "hmac"
secret = "file:acme.whsec"

[limits]
requests_per_second = 5
burst = 10
requests_in_flight_max = 2

[[contracts]]
name = "order"
versions = ["1"]
"#;

/// A policy folder without mistakes, file by file.
fn folder() -> BTreeMap<&'static str, String> {
    let plugin = format!(
        "signed_by = [\"release\"]\n{LIMITS}[grants]\ncontracts = [\"order/1\"]\ntables = [\"rates\"]\nemit = [\"order\"]\n"
    );
    let ceiling = format!("{LIMITS}[grants]\ncontracts = [\"*\"]\ntables = [\"*\"]\nemit = [\"order\", \"item\"]\n");
    BTreeMap::from([
        ("gateway.toml", GATEWAY.to_owned()),
        ("ceiling.toml", ceiling),
        ("plugins/shop.toml", plugin),
        ("partners/acme.toml", PARTNER.to_owned()),
        ("signers/release.toml", SIGNER.to_owned()),
    ])
}

/// The fields of the canonical documents.
fn documents() -> DocumentFields {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/canonical/v1"));
    let files = std::fs::read_dir(folder).expect("the canonical schemas").map(|entry| entry.expect("an entry").path());
    let schemas = files.filter_map(|path| {
        let kind = path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned();
        let text = std::fs::read_to_string(&path).expect("a schema");
        Some((kind, serde_json::from_str(&text).expect("JSON")))
    });
    DocumentFields::new(schemas)
}

fn load_folder(folder: &BTreeMap<&str, String>) -> Result<Policies, Vec<String>> {
    let source = |(path, text): (&&str, &String)| Source { path: (*path).to_owned(), text: text.clone() };
    load(&folder.iter().map(source).collect::<Vec<_>>(), &documents())
        .map_err(|mistakes| mistakes.iter().map(Mistake::to_string).collect())
}

/// The mistakes of the good folder with one text replaced in one file.
fn mistakes(path: &'static str, from: &str, to: &str) -> Vec<String> {
    let mut folder = folder();
    let text = folder.entry(path).or_default();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    load_folder(&folder).expect_err("must hold a mistake")
}

fn mistake(path: &'static str, from: &str, to: &str) -> String {
    let mut all = mistakes(path, from, to);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn a_complete_folder_loads() {
    let policies = load_folder(&folder()).expect("no mistake");
    assert_eq!(policies.partners["acme"].limits.burst, 10);
    assert_eq!(policies.plugins["shop"].limits.cpu_ms_max, 10);
    assert!(policies.routes.forward.is_empty());
}

#[test]
fn the_demos_policies_have_no_mistake() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies"));
    let mut sources = Vec::new();
    for folder in ["", "plugins", "partners", "operators", "signers"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the demo's policies") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let shown = path.strip_prefix(root).expect("inside").display().to_string();
                sources.push(Source { path: shown, text: std::fs::read_to_string(&path).expect("readable") });
            }
        }
    }
    let mistakes = load(&sources, &documents()).err().unwrap_or_default();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn unknown_key_names_the_nearest_known_one() {
    assert_eq!(
        mistake("partners/acme.toml", "burst = 10", "burts = 10"),
        "partners/acme.toml:9:1: limits.burts: unknown key; did you mean `burst`?"
    );
    assert_eq!(
        mistake("partners/acme.toml", "burst = 10", ""),
        "partners/acme.toml:7:1: limits.burst: is missing; a limit has no default, write it down: How many may come at \
         once"
    );
    assert_eq!(
        mistake("gateway.toml", "[tables.rates]", "[colours.rates]").split("; ").next().unwrap_or_default(),
        "gateway.toml:26:2: colours: unknown key"
    );
}

#[test]
fn wrong_type_range_pattern_and_address_are_said_in_plain_words() {
    assert_eq!(
        mistake("partners/acme.toml", "burst = 10", "burst = \"ten\""),
        "partners/acme.toml:9:9: limits.burst: must be a whole number, is text"
    );
    assert_eq!(
        mistake("partners/acme.toml", "burst = 10", "burst = 0"),
        "partners/acme.toml:9:9: limits.burst: is `0`; must be 1 or more"
    );
    assert_eq!(
        mistake("partners/acme.toml", "burst = 10", "burst = 4_294_967_296"),
        "partners/acme.toml:9:9: limits.burst: is `4294967296`; must be 4294967295 or less"
    );
    assert_eq!(
        mistake("plugins/shop.toml", "[limits]", "sha256 = \"ABC\"\n[limits]"),
        "plugins/shop.toml:2:10: sha256: `ABC` does not match the pattern `^[0-9a-f]{64}$`; SHA-256 of the component \
         file, 64 lower-case hexadecimal digits. A file with another digest is refused"
    );
    assert_eq!(
        mistake("gateway.toml", "127.0.0.1:8080", "localhost"),
        "gateway.toml:3:11: listen.partner: is no address to listen on; an IP address and a port, such as \
         `127.0.0.1:8080` or `[::1]:8080`"
    );
    assert_eq!(
        mistake("gateway.toml", "[listen]", "tls = true\n[listen]"),
        "gateway.toml:2:7: tls: must be a table, is true or false"
    );
    assert_eq!(
        mistake("partners/acme.toml", "versions = [\"1\"]", "versions = []"),
        "partners/acme.toml:14:12: contracts[0].versions: must have at least 1 element, has 0"
    );
}

#[test]
fn a_way_to_authenticate_is_explained_by_its_kind() {
    assert_eq!(
        mistake("partners/acme.toml", "\"hmac\"", "\"hamc\""),
        "partners/acme.toml:4:8: authenticate[0].kind: is `hamc`; allowed: `jwt`, `api-key`, `hmac`, `mtls`; did you \
         mean `hmac`?"
    );
    assert_eq!(
        mistake("partners/acme.toml", "kind = \"hmac\"\n", ""),
        "partners/acme.toml:3:1: authenticate[0].kind: is missing; allowed: `jwt`, `api-key`, `hmac`, `mtls`"
    );
    assert_eq!(
        mistake("partners/acme.toml", "secret = ", "sekret = "),
        "partners/acme.toml:5:1: authenticate[0].sekret: unknown key; did you mean `secret`?"
    );
    assert_eq!(
        mistake("partners/acme.toml", "secret = \"file:acme.whsec\"\n", ""),
        "partners/acme.toml:3:1: authenticate[0].secret: is missing; The secret: `file:NAME` or `env:NAME`; the content \
         is `whsec_` and base64, or as the provider's scheme has it"
    );
}

#[test]
fn mistakes_of_all_files_come_in_one_run() {
    let mut folder = folder();
    folder.insert("gateway.toml", "[listen\n".to_owned());
    folder.insert("ceilings.toml", String::new());
    folder.insert("plugins/Shop.toml", LIMITS.to_owned());
    folder.remove("ceiling.toml");
    let found = load_folder(&folder).expect_err("mistakes");
    let places: Vec<&str> = found.iter().map(|mistake| mistake.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(places, ["ceiling.toml", "ceilings.toml", "gateway.toml:1:8", "plugins/Shop.toml"], "{found:#?}");
    assert!(found[1].ends_with("did you mean `ceiling.toml`?"), "{}", found[1]);
}

#[test]
fn what_depends_on_a_broken_file_is_not_reported_twice() {
    let found = mistake("plugins/shop.toml", "cpu_ms_max = 10", "cpu_ms_max = true");
    assert!(found.starts_with("plugins/shop.toml:5:14: limits.cpu_ms_max"), "{found}");
}

#[test]
fn no_limit_or_grant_goes_over_the_ceiling() {
    assert_eq!(
        mistake("plugins/shop.toml", "cpu_ms_max = 10", "cpu_ms_max = 11"),
        "plugins/shop.toml:5:14: limits.cpu_ms_max: 11 is over the ceiling of 10; lower it, or have `ceiling.toml` raised"
    );
    assert_eq!(
        mistake("plugins/shop.toml", "emit = [\"order\"]", "emit = [\"order\", \"shipment\"]"),
        "plugins/shop.toml:16:18: grants.emit[1]: `shipment` is outside the ceiling; remove it, or have it added to \
         grants.emit of `ceiling.toml`"
    );
    assert!(mistake("plugins/shop.toml", "tables = [\"rates\"]", "tables = [\"*\"]").contains("grants everything"));
    assert!(mistake("plugins/shop.toml", "\"rates\"", "\"rate\"").ends_with("did you mean `rates`?"));
    assert!(mistakes("plugins/shop.toml", "order/1", "order").iter().any(|m| m.contains("`order` names no contract")));
}

#[test]
fn a_quarantine_has_defaults_bounds_and_a_pause_that_can_grow() {
    let policies = load_folder(&folder()).expect("no mistake");
    assert_eq!(policies.plugins["shop"].quarantine, crate::policy::Quarantine::default());
    let wrong = |line: &str| mistake("plugins/shop.toml", "[grants]", &format!("[quarantine]\n{line}\n[grants]"));
    assert!(wrong("failures_max = 1001").contains("must be 1000 or less"));
    assert!(wrong("pause_seconds = 0").contains("must be 1 or more"));
    assert!(wrong("tries_max = 0").contains("must be 1 or more"));
    assert_eq!(
        wrong("pause_seconds = 7200"),
        "plugins/shop.toml:14:17: quarantine.pause_seconds: 7200 is over quarantine.pause_seconds_max, which is 3600; \
         lower it, or raise quarantine.pause_seconds_max"
    );
}

#[test]
fn a_contract_belongs_to_one_plugin_and_a_partners_contract_to_some_plugin() {
    let mut folder = folder();
    folder.insert("plugins/twin.toml", folder["plugins/shop.toml"].clone());
    let found = load_folder(&folder).expect_err("granted twice");
    assert!(
        found[0].starts_with("plugins/twin.toml:14:14: grants.contracts[0]: `order/1` is granted to plugin `shop`")
    );
    assert_eq!(
        mistake("partners/acme.toml", "versions = [\"1\"]", "versions = [\"1\", \"2\"]"),
        "partners/acme.toml:14:18: contracts[0].versions[1]: no plugin is granted the contract `order/2`; did you mean \
         `order/1`?"
    );
}

#[test]
fn a_credential_names_one_partner() {
    let mut folder = folder();
    folder.insert("partners/zeta.toml", PARTNER.to_owned());
    let found = load_folder(&folder).expect_err("the same secret");
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .starts_with("partners/zeta.toml:5:10: authenticate[0].secret: the same credential names partner `acme`")
    );
}

fn authenticate(lines: &str) -> Vec<String> {
    mistakes("partners/acme.toml", "kind = \"hmac\"\nsecret = \"file:acme.whsec\"", lines)
}

#[test]
fn a_token_names_its_partner_by_what_its_holder_cannot_choose() {
    let token = |keys: &str| {
        format!("kind = \"jwt\"\nissuer = \"i\"\naudience = \"a\"\nsubject = \"s\"\njwks = \"file:k\"\n{keys}")
    };
    for right in ["", "subject_claim = \"azp\"", "audience_claim = \"scope\"", "claims = { token_use = \"access\" }"] {
        let mut folder = folder();
        let partner = folder.get_mut("partners/acme.toml").expect("a partner");
        *partner = partner.replacen("kind = \"hmac\"\nsecret = \"file:acme.whsec\"", &token(right), 1);
        assert!(partner.contains(&token(right)) && load_folder(&folder).is_ok(), "{right}");
    }
    for (wrong, said) in [
        ("subject_claim = \"email\"", "a claim that its holder can change"),
        ("subject_claim = \"preferred_username\"", "a claim that its holder can change"),
        ("subject_claim = \"\"", "subject_claim"),
        ("subject_claim = \" \"", "is empty"),
        ("audience_claim = \" \"", "is empty"),
        ("lifetime_seconds_max = 0", "lifetime_seconds_max"),
        ("lifetime_seconds_max = 604801", "lifetime_seconds_max"),
        ("claims = { token_use = 1 }", "claims"),
    ] {
        let found = authenticate(&token(wrong));
        assert!(found.len() == 1 && found[0].contains(said), "{wrong}: {found:?}");
    }
}

#[test]
fn a_signature_is_in_a_providers_form_or_in_one_that_is_written_down_whole() {
    let entry = |lines: &str| format!("kind = \"hmac\"\nsecret = \"file:acme.key\"\n{lines}");
    let form = |keys: &str| entry(&format!("signature = {{ header = \"x-signature\", encoding = \"hex\"{keys} }}"));
    let loads = |entry: &str| {
        let mut folder = folder();
        let partner = PARTNER.replace("kind = \"hmac\"\nsecret = \"file:acme.whsec\"", entry);
        folder.insert("partners/acme.toml", partner);
        load_folder(&folder).map(|_| ())
    };
    for scheme in ["standard-webhooks", "shopify", "github", "easypost", "stripe"] {
        assert_eq!(loads(&entry(&format!("scheme = \"{scheme}\""))), Ok(()), "{scheme}");
    }
    for right in [
        "",
        ", algorithm = \"sha512\", prefix = \"sha512=\", tolerance_seconds = 1",
        ", signed = \"v0:{timestamp}:{body}\", timestamp_header = \"x-time\", prefix = \"v0=\"",
        ", signed = \"{timestamp}.{body}\", timestamp_prefix = \"t=\", separator = \",\", prefix = \"v1=\"",
        ", signed = \"{id}.{timestamp}.{body}\", timestamp_header = \"x-time\", id_header = \"x-id\"",
        ", signed = \"{timestamp}{method}{path}{body}\", timestamp_header = \"x-time\", timestamp_form = \"rfc3339\"",
        ", signed = \"{timestamp}.{body}\", timestamp_header = \"x-time\", once_by = \"body-and-time\"",
        ", id_header = \"x-id\"",
    ] {
        assert_eq!(loads(&form(right)), Ok(()), "{right}");
    }
    for (wrong, said) in [
        (entry("scheme = \"shopfy\""), "did you mean `shopify`?"),
        (
            entry("scheme = \"github\"\nsignature = { header = \"x-s\", encoding = \"hex\" }"),
            "is given beside `signature`",
        ),
        (form(", signed = \"{timestamp}\", timestamp_header = \"x-time\""), "must have `{body}` once"),
        (form(", signed = \"{body}{body}\""), "must have `{body}` once"),
        (form(", signed = \"{bdy}\""), "a brace that belongs to no part"),
        (form(", signed = \"{timestamp}.{body}\""), "a time that comes from nowhere"),
        (form(", timestamp_header = \"x-time\""), "leaves the time out"),
        (form(", signed = \"{timestamp}.{body}\", timestamp_prefix = \"t=\""), "needs a `separator`"),
        (
            form(
                ", signed = \"{timestamp}.{body}\", timestamp_prefix = \"t=\", separator = \",\", \
                 timestamp_header = \"x-time\"",
            ),
            "is given beside `timestamp_header`",
        ),
        (form(", signed = \"{id}.{body}\""), "an id that comes from nowhere"),
        (form(", signed = \"{id}{body}\", id_header = \"x-id\""), "does not part the id"),
        (form(", once_by = \"body-and-time\""), "does not fit what is signed"),
        (form(", id_header = \"X-Id\""), "is no header field for this"),
        (form(", id_header = \"idempotency-key\""), "is no header field for this"),
        (form(", prefix = \"a b\""), "cannot stand there"),
        (form(", separator = \"::\""), "does not match the pattern"),
        (form(", tolerance_seconds = 3601"), "must be 3600 or less"),
        (entry("signature = { header = \"authorization\", encoding = \"hex\" }"), "is no header field for this"),
        (entry("signature = { header = \"x-s\" }"), "encoding"),
    ] {
        let found = authenticate(&wrong);
        assert!(found.len() == 1 && found[0].contains(said), "{wrong}: {found:?}");
    }
    let found = mistake("partners/acme.toml", "versions = [\"1\"]", "versions = [\"1\"]\nid_header = \"cookie\"");
    assert!(found.contains("contracts[0].id_header: is no header field for this"), "{found}");
}

#[test]
fn secrets_are_named_and_never_shown() {
    for written in ["whsec_c2VjcmV0", "file:../key", "file:.hidden", "file:", "env:1X", "env:A-B", "http:x"] {
        let found = authenticate(&format!("kind = \"hmac\"\nsecret = \"{written}\""));
        assert!(found.len() == 1 && found[0].contains("is not the name of a secret"), "{found:?}");
        assert!(!found[0].contains(written) || written == "file:", "{found:?}");
    }
    let found = authenticate("kind = \"api-key\"\nsha256 = \"plain-key\"");
    assert!(found[0].contains("is neither a SHA-256 nor the name of one") && !found[0].contains("plain-key"));
}

#[test]
fn mutual_tls_needs_a_certificate_and_a_gateway_that_asks_for_one() {
    let found = authenticate("kind = \"mtls\"");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|mistake| mistake.contains("names no certificate")));
    assert!(found.iter().any(|mistake| mistake.contains("client_ca")));
}

#[test]
fn key_sets_come_from_safe_places_only() {
    let jwt = |jwks: &str| {
        let mut folder = folder();
        let way = format!("kind = \"jwt\"\nissuer = \"i\"\naudience = \"a\"\nsubject = \"s\"\njwks = \"{jwks}\"");
        let partner = PARTNER.replace("kind = \"hmac\"\nsecret = \"file:acme.whsec\"", &way);
        folder.insert("partners/acme.toml", partner);
        load_folder(&folder).map(|_| ())
    };
    for good in
        ["https://id.example/keys", "http://127.0.0.1:9/k", "http://[::1]/k", "http://localhost/k", "file:k.json"]
    {
        assert_eq!(jwt(good), Ok(()), "{good}");
    }
    for bad in
        ["http://id.example/keys", "ftp://x/y", "https://u:p@id.example/keys", "file:/etc/keys", "env:KEYS", "keys"]
    {
        assert!(jwt(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_rate_comes_with_a_burst_and_below_the_partners() {
    let contract =
        |lines: &str| mistake("partners/acme.toml", "versions = [\"1\"]", &format!("versions = [\"1\"]\n{lines}"));
    assert!(contract("requests_per_second = 1").contains("contracts[0].requests_per_second: comes without `burst`"));
    assert!(contract("burst = 1").contains("contracts[0].burst: comes without `requests_per_second`"));
    assert!(contract("requests_per_second = 6\nburst = 1").contains("6 is above the partner's own 5"));
}

#[test]
fn a_test_upstream_is_an_address_of_its_own() {
    let routes = |test_upstream: &str| {
        let mut folder = folder();
        let text = format!(
            "[[forward]]\ncontract = \"order\"\nversion = \"1\"\nupstream = \"http://127.0.0.1:9000/orders\"\n\
             test_upstream = \"{test_upstream}\"\n"
        );
        folder.insert("routes.toml", text);
        load_folder(&folder).map(|policies| policies.routes.forward[0].test_upstream.is_some())
    };
    assert_eq!(routes("http://127.0.0.1:9001/orders"), Ok(true));
    for (wrong, said) in
        [("erp.example", "must start with"), ("http://127.0.0.1:9000/orders", "is the upstream of what is no test")]
    {
        let found = routes(wrong).expect_err("a mistake");
        assert!(found[0].contains("forward[0].test_upstream") && found[0].contains(said), "{found:?}");
    }
}

#[test]
fn routes_lead_from_a_known_contract_to_an_address_without_password() {
    let routes = |contract: &str, upstream: &str| {
        let mut folder = folder();
        let text = format!("[[forward]]\ncontract = \"{contract}\"\nversion = \"1\"\nupstream = \"{upstream}\"\n");
        folder.insert("routes.toml", text);
        load_folder(&folder).map(|policies| policies.routes.forward.len())
    };
    assert_eq!(routes("order", "http://127.0.0.1:9000/orders"), Ok(1));
    for bad in ["https://u:p@erp.example/", "erp.example", "/orders", "ftp://erp.example/", "http://a b/"] {
        assert!(routes("order", bad).is_err(), "{bad}");
    }
    let found = routes("odrer", "http://127.0.0.1:9000/").expect_err("unknown contract");
    assert!(found[0].starts_with("routes.toml:2:12: forward[0].contract: no plugin is granted the contract `odrer/1`"));
}

#[test]
fn the_two_listeners_differ() {
    let found = mistake("gateway.toml", "127.0.0.1:8081", "127.0.0.1:8080");
    assert!(found.contains("listen.operator: is the address of the partner API"), "{found}");
}

#[test]
fn a_broker_s_password_stands_in_no_policy_and_its_servers_are_addresses() {
    let nats = |url: &str, monitoring: &str| {
        format!(
            "[nats]\nurl = \"{url}\"\nmonitoring = [\"{monitoring}\"]\nstream = \"S\"\nsubject = \"s\"\nkeep_days = 7\n[tables.rates]"
        )
    };
    let mut folder = folder();
    let good = GATEWAY.replace("[tables.rates]", &nats("file:nats.url", "http://10.0.0.5:8222"));
    folder.insert("gateway.toml", good);
    assert!(load_folder(&folder).is_ok());
    assert_eq!(
        mistake("gateway.toml", "[tables.rates]", &nats("nats://gate:hunter2@host", "http://10.0.0.5:8222")),
        "gateway.toml:27:7: nats.url: names no secret; write `file:NAME` or `env:NAME`; the content belongs into the secret"
    );
    for address in ["https://10.0.0.5:8222", "10.0.0.5:8222", "http://10.0.0.5:8222/varz"] {
        let said = mistake("gateway.toml", "[tables.rates]", &nats("file:nats.url", address));
        assert!(said.contains("nats.monitoring[0]: is no address of a server"), "{said}");
    }
}
