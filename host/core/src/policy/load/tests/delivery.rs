use super::*;

const EGRESS: &str = "[egress]\nbase_urls = [\"https://api.acme.example/v1\"]\nmethods = [\"POST\", \"GET\"]\n\
    paths = [\"/orders\", \"/orders/*\"]\nquery = [\"page\"]\n";
const CEILING: &str =
    "[egress]\nbase_urls = [\"https://*.acme.example\", \"http://127.0.0.1:9000\"]\nmethods = [\"GET\", \"POST\"]\n";
const DELIVERY: &str = r#"
[delivery]
plugin = "shop"
base_url = "https://api.acme.example/v1"

[delivery.credential]
kind = "oauth2"
token_url = "https://id.acme.example/token"
client_id = "portgate"
client_secret = "file:acme.secret"

[delivery.limits]
connect_timeout_ms = 1000
timeout_ms = 5000
response_bytes_max = 1000
in_flight_max = 2
requests_per_second = 5
burst = 5
follow_ups_max = 10
"#;
const ROUTES: &str = "[[deliver]]\ndocument = \"order\"\nfrom = \"acme\"\nto = \"acme\"\ncontract = \"order\"\n\
    version = \"1\"\nordered_by = \"shipment\"\nwhen = { status = [\"OPEN\"] }\n";

pub(super) fn delivering() -> BTreeMap<&'static str, String> {
    let mut folder = folder();
    for (path, more) in [
        ("plugins/shop.toml", format!("read = [\"order\"]\n{EGRESS}")),
        ("ceiling.toml", format!("read = [\"*\"]\n{CEILING}")),
        ("partners/acme.toml", DELIVERY.to_owned()),
        ("routes.toml", ROUTES.to_owned()),
    ] {
        folder.entry(path).or_default().push_str(&more);
    }
    folder
}

fn wrong_in(path: &'static str, from: &str, to: &str) -> Vec<String> {
    let mut folder = delivering();
    let text = folder.entry(path).or_default();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    load_folder(&folder).err().unwrap_or_default()
}

fn wrong(path: &'static str, from: &str, to: &str) -> String {
    let mut all = wrong_in(path, from, to);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn a_folder_that_delivers_loads_with_its_defaults() {
    let policies = load_folder(&delivering()).expect("no mistake");
    let delivery = policies.partners["acme"].delivery.as_ref().expect("a delivery");
    assert!(delivery.enabled && !delivery.private_addresses);
    assert_eq!(policies.gateway.journal, Journal::default());
    assert_eq!(policies.routes.deliver[0].ordered_by.as_deref(), Some("shipment"));
}

#[test]
fn the_schedule_is_at_least_ten_attempts_over_three_days() {
    let retry = Retry::default();
    assert!(retry.delays_seconds.len() + 1 >= 10);
    // Full jitter draws half of each delay on average.
    assert!(retry.delays_seconds.iter().sum::<u32>() / 2 >= 3 * 24 * 3600 - 3600);
}

#[test]
fn egress_stays_under_the_ceiling_and_in_normal_form() {
    let plugin = |from: &str, to: &str| wrong_in("plugins/shop.toml", from, to).join("\n");
    assert!(plugin("api.acme.example/v1", "acme.example").contains("`https://acme.example` is outside the ceiling"));
    assert!(plugin("\"GET\"", "\"DELETE\"").contains("egress.methods[1]: `DELETE` is outside the ceiling"));
    assert!(plugin("\"GET\"", "\"get\"").contains("allowed: `GET`, `POST`, `PUT`, `PATCH`, `DELETE`"));
    assert!(plugin("/orders/*", "/orders/x*").contains("egress.paths[1]: has a `*` inside a segment"));
    assert!(plugin("\"page\"", "\"pa ge\"").contains("egress.query[0]: `pa ge` is no name of a query parameter"));
    let none = wrong_in("ceiling.toml", CEILING, "").join("\n");
    assert!(none.contains("plugins/shop.toml:19:14: egress.base_urls[0]") && none.contains("token_url"), "{none}");
    assert!(wrong("ceiling.toml", "http://127.0.0.1:9000", "https://*").contains("egress.base_urls[1]"));
}

#[test]
fn a_partner_is_reached_where_its_plugin_may_reach() {
    let partner = |from: &str, to: &str| wrong("partners/acme.toml", from, to);
    assert_eq!(
        partner("plugin = \"shop\"", "plugin = \"shpo\""),
        "partners/acme.toml:17:10: delivery.plugin: there is no plugin `shpo`; did you mean `shop`?"
    );
    assert!(
        partner("https://api.acme.example/v1", "https://api.acme.example/v2").ends_with(
            "delivery.base_url: is outside the plugin's egress; did you mean `https://api.acme.example/v1`?"
        )
    );
    assert!(partner("timeout_ms = 1000", "timeout_ms = 9000").contains("9000 is more than `timeout_ms`"));
    assert!(partner("burst = 5\n", "").contains("delivery.limits.burst: is missing; a limit has no default"));
    assert!(
        partner("[delivery.limits]", "[delivery.retry]\ndelays_seconds = []\n[delivery.limits]").contains("delays")
    );
    for header in ["set-cookie", "www-authenticate", "X-Trace", "x-token"] {
        let more = format!("plugin = \"shop\"\nresponse_headers = [\"{header}\"]");
        assert!(partner("plugin = \"shop\"", &more).contains("response_headers[0]"), "{header}");
    }
    let ca = partner("plugin = \"shop\"", "plugin = \"shop\"\nca = \"/etc/ca.pem\"");
    assert!(ca.contains("delivery.ca: names no file"), "{ca}");
}

#[test]
fn private_addresses_need_the_policy_and_the_ceiling() {
    let url = "http://127.0.0.1:9000";
    let mut folder = delivering();
    for path in ["plugins/shop.toml", "partners/acme.toml"] {
        let text = folder[path].replace("https://api.acme.example/v1", url);
        folder.insert(path, text);
    }
    assert!(load_folder(&folder).expect_err("private")[0].contains("base_url: would send everything in the clear"));
    let allowed = folder["partners/acme.toml"].replace("[delivery]\n", "[delivery]\nprivate_addresses = true\n");
    folder.insert("partners/acme.toml", allowed);
    assert!(load_folder(&folder).expect_err("ceiling")[0].contains("private_addresses: is outside the ceiling"));
    let ceiling = format!("{}private_addresses = true\n", folder["ceiling.toml"]);
    folder.insert("ceiling.toml", ceiling);
    assert_eq!(load_folder(&folder).err(), None);
    for path in ["plugins/shop.toml", "partners/acme.toml", "ceiling.toml"] {
        let text = folder[path].replace(url, "http://169.254.169.254");
        folder.insert(path, text);
    }
    assert!(load_folder(&folder).expect_err("metadata")[0].contains("is an address that is never connected to"));
}

#[test]
fn credentials_name_secrets_and_never_show_them() {
    let start = DELIVERY.find("kind").expect("a kind");
    let end = DELIVERY.find("\n[delivery.limits]").expect("limits");
    let credential = |lines: &str| wrong_in("partners/acme.toml", &DELIVERY[start..end], lines);
    for good in [
        "kind = \"header\"\nname = \"authorization\"\nvalue = \"env:TOKEN\"\n",
        "kind = \"basic\"\nuser = \"u\"\npassword = \"file:p\"\n",
        "kind = \"api-key\"\nvalue = \"file:p\"\n",
        "kind = \"hmac\"\nsecret = \"file:p\"\n",
        "kind = \"client-certificate\"\ncertificate = \"file:c.pem\"\nkey = \"file:k.pem\"\n",
    ] {
        assert_eq!(credential(good), [""; 0], "{good}");
    }
    for (bad, said) in [
        ("kind = \"header\"\nname = \"host\"\nvalue = \"env:TOKEN\"\n", "credential.name: is no header"),
        ("kind = \"header\"\nname = \"a\"\nvalue = \"hunter2\"\n", "credential.value: is not the name of a secret"),
        ("kind = \"basic\"\nuser = \"u:v\"\npassword = \"file:p\"\n", "credential.user: is no user's name"),
        ("kind = \"basci\"\nuser = \"u\"\npassword = \"file:p\"\n", "did you mean `basic`?"),
        ("kind = \"basic\"\nuser = \"u\"\npasword = \"file:p\"\n", "did you mean `password`?"),
    ] {
        let found = credential(bad);
        assert!(found.len() == 1 && found[0].contains(said) && !found[0].contains("hunter2"), "{found:?}");
    }
}

#[test]
fn routes_lead_to_a_partner_that_can_be_reached() {
    let route = |from: &str, to: &str| wrong("routes.toml", from, to);
    assert_eq!(
        route("to = \"acme\"", "to = \"acne\""),
        "routes.toml:4:6: deliver[0].to: there is no partner `acne`; did you mean `acme`?"
    );
    assert!(route("from = \"acme\"", "from = \"zeta\"").contains("add `partners/zeta.toml`"));
    assert_eq!(wrong_in("routes.toml", "from = \"acme\"", "from = \"portgate\""), [""; 0], "what the gateway has made");
    assert!(route("version = \"1\"", "version = \"2\"").contains("`order/2` is not granted to its plugin"));
    assert!(route("document = \"order\"", "document = \"odrer\"").ends_with("did you mean `order`?"));
    assert!(route("[\"OPEN\"]", "[]").contains("deliver[0].when.status: no document fits an empty list"));
    assert!(route("ordered_by", "order_by").ends_with("did you mean `ordered_by`?"));
    assert!(wrong("routes.toml", ROUTES, &ROUTES.repeat(2)).contains("the same route is there already"));
    let unreachable = wrong("partners/acme.toml", DELIVERY, "");
    assert!(unreachable.contains("partner `acme` cannot be reached"), "{unreachable}");
}

#[test]
fn a_route_needs_a_plugin_that_encodes_and_a_partner_one_that_decodes() {
    let policies = load_folder(&delivering()).expect("no mistake");
    let said = |direction: &str| {
        let manifest = serde_json::from_value(serde_json::json!({
            "name": "shop", "version": "1.0.0", "description": "d", "world": "connector",
            "contracts": [{ "name": "order", "version": "1", "direction": direction, "format": "bytes",
                            "media_types": ["application/json"], "body_bytes_max": 1,
                            "yields": { "documents_max": 1, "output_bytes_max": 1 } }],
        }));
        let manifests = BTreeMap::from([("shop".to_owned(), manifest.expect("a manifest"))]);
        check_manifests(&policies, &manifests).iter().map(Mistake::to_string).collect::<Vec<_>>()
    };
    assert!(said("decode")[0].starts_with("routes.toml: plugin `shop` does not encode `order/1`"));
    assert!(said("encode")[0].starts_with("partners/acme.toml: `order/1` is only encoded"));
    assert_eq!(said("both"), [""; 0]);
}

#[test]
fn budgets_have_room_for_what_the_contracts_of_a_plugin_allow() {
    let policies = load_folder(&delivering()).expect("no mistake");
    let said = |direction: &str, body_bytes_max: u64, yields: serde_json::Value| {
        let manifest = serde_json::from_value(serde_json::json!({
            "name": "shop", "version": "1.0.0", "description": "d", "world": "connector",
            "contracts": [{ "name": "order", "version": "1", "direction": direction, "format": "bytes",
                            "media_types": ["application/json"], "body_bytes_max": body_bytes_max, "yields": yields }],
        }));
        let mut policies = policies.clone();
        policies.gateway.caps.body_bytes_max = u64::MAX;
        let manifests = BTreeMap::from([("shop".to_owned(), manifest.expect("a manifest"))]);
        let mistakes = check_manifests(&policies, &manifests).into_iter();
        let mistakes = mistakes.filter(|mistake| mistake.key.starts_with("limits."));
        mistakes.map(|mistake| mistake.to_string()).collect::<Vec<_>>()
    };
    let yields =
        |documents: u64, bytes: u64| serde_json::json!({ "documents_max": documents, "output_bytes_max": bytes });
    // Each budget of the test's policies is 10.
    assert_eq!(said("decode", 5, yields(10, 5)), [""; 0]);
    assert_eq!(said("encode", 10, yields(11, 11)), [""; 0], "what is only sent becomes nothing");
    let found = said("decode", 5, yields(11, 5));
    assert_eq!(
        found,
        ["plugins/shop.toml: limits.documents_max: 10 is less than the 11 documents that a message may become by the \
          contract `order/1`; raise it, or have the plugin's author lower `body_bytes_max` or `yields` of `order/1`"]
    );
    let keys = |found: Vec<String>| {
        found.iter().filter_map(|said| Some(said.split(": ").nth(1)?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        keys(said("both", 11, yields(1, 11))),
        ["limits.output_bytes_max", "limits.memory_bytes_max", "limits.output_bytes_max"]
    );
    assert_eq!(keys(said("decode", 6, yields(1, 5))), ["limits.memory_bytes_max"]);
    assert_eq!(keys(said("decode", u64::MAX, yields(1, 1))), ["limits.memory_bytes_max"], "no sum overflows");
    assert_eq!(keys(said("decode", 1, serde_json::json!({}))).len(), 3, "what is not said is as much as the default");
}

#[test]
fn the_journal_is_a_file_or_a_named_secret() {
    let journal = |lines: &str| {
        let mut folder = folder();
        folder.entry("gateway.toml").or_default().push_str(&format!("[journal]\n{lines}\n"));
        load_folder(&folder).err().unwrap_or_default().join("\n")
    };
    let shared = "database = \"env:DATABASE_URL\"\n[audit]\nsigning_key = \"file:audit.key\"";
    for good in ["database = \"sqlite:../data/j.sqlite\"", shared, "raw_days = 400"] {
        assert_eq!(journal(good), "", "{good}");
    }
    let said = journal("database = \"env:DATABASE_URL\"");
    assert!(said.contains("journal.database: is in PostgreSQL, but no key is named"), "{said}");
    let said = journal("[audit]\nsigning_key = \"-----BEGIN PRIVATE KEY-----\"");
    assert!(said.contains("audit.signing_key: is not the name of a secret") && !said.contains("BEGIN"), "{said}");
    for bad in ["sqlite:", "postgres://u:hunter2@db/x", "j.sqlite", "file:../x"] {
        let said = journal(&format!("database = \"{bad}\""));
        assert!(said.contains("journal.database: names no database") && !said.contains("hunter2"), "{said}");
    }
    assert!(journal("raw_days = 401").contains("journal.raw_days: 401 is more than the exchange's own 400 days"));
    assert!(journal("idempotency_days = 0").contains("must be 1 or more"));
}

#[test]
fn contracts_need_somebody_who_can_send_them() {
    let mut folder = folder();
    let text = PARTNER.replace("[[authenticate]]\nkind = \"hmac\"\nsecret = \"file:acme.whsec\"\n", "");
    folder.insert("partners/acme.toml", text);
    assert!(load_folder(&folder).expect_err("nobody")[0].contains("there is no way to authenticate"));
}
