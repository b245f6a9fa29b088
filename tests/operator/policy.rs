//! What the security team's commands say: explanations, comparisons, checks, and suggestions from a running gateway.

use std::process::{Command, Output};

use portgate_tests::{Workshop, plugins, process};
use serde_json::Value;

use crate::Scene;
use crate::commands::said;

/// Runs `portgate policy …` in a workshop, without a gateway.
fn policy(workshop: &Workshop, arguments: &[&str]) -> Output {
    let mut command = Command::new(process::program("portgate"));
    command.arg("policy").args(arguments).env("PORTGATE_POLICIES", workshop.policies());
    command.current_dir(workshop.path()).output().expect("portgate runs")
}

/// What it said, with what differs from run to run taken out: digests of components and the workshop's own folder.
fn plain(workshop: &Workshop, output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    for plugin in plugins::names() {
        let digest = portgate_runtime::digest(&plugins::built(&plugin));
        text = text.replace(&digest, &format!("(the digest of {plugin})"));
    }
    text.replace(&workshop.path().display().to_string(), "(workshop)")
}

/// The workshop as it was, under a name, and edited since.
fn before_and_after(edit: impl FnOnce(&Workshop)) -> (Workshop, String) {
    let workshop = Workshop::new();
    workshop.copy_policies("before");
    edit(&workshop);
    (workshop, "before".to_owned())
}

#[test]
fn a_connector_that_receives_is_explained() {
    let workshop = Workshop::new();
    let explained = policy(&workshop, &["explain", "broker-cds"]);
    assert!(explained.status.success(), "{}", said(&explained));
    insta::assert_snapshot!("explain_broker_cds", plain(&workshop, &explained));
}

#[test]
fn a_connector_that_sends_with_restricted_fields_is_explained() {
    let workshop = Workshop::new();
    workshop.edit("plugins/customer-portal.toml", |text| {
        let fields = "references = [\"container\"]\n[grants.fields]\nmilestone = [\"/id\", \"/code\", \"/location\"]\n";
        text.replace("\n[egress]", &format!("\n{fields}\n[egress]"))
    });
    let explained = policy(&workshop, &["explain", "customer-portal"]);
    assert!(explained.status.success(), "{}", said(&explained));
    insta::assert_snapshot!("explain_customer_portal", plain(&workshop, &explained));
    let json = policy(&workshop, &["explain", "customer-portal", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["destinations"][0]["baseUrl"], "http://127.0.0.1:8483");
    assert!(
        json["destinations"][0]["credential"].as_str().is_some_and(|text| text.contains("file:customer-portal.key"))
    );
    assert_eq!(json["reads"][4]["fields"].as_object().map(serde_json::Map::len), Some(3), "{json:#}");
}

#[test]
fn a_component_that_is_not_there_is_said_to_be_missing_and_a_plugin_that_is_not_there_is_none() {
    let workshop = Workshop::new();
    workshop.edit("plugins/broker-cds.toml", |text| text.replace("[limits]", "file = \"gone.wasm\"\n[limits]"));
    let explained = policy(&workshop, &["explain", "broker-cds"]);
    assert!(
        explained.status.success() && said(&explained).contains("could not be looked into"),
        "{}",
        said(&explained)
    );
    let nobody = policy(&workshop, &["explain", "nobody"]);
    assert!(!nobody.status.success() && said(&nobody).contains("there are: broker-cds"), "{}", said(&nobody));
}

#[test]
fn what_an_upgrade_would_gain_and_lose_is_told_by_effect_and_by_exit_code() {
    let (workshop, old) = before_and_after(|workshop| {
        workshop.edit("plugins/customer-portal.toml", |text| {
            text.replace("methods = [\"PUT\", \"GET\", \"POST\"]", "methods = [\"PUT\", \"POST\", \"PATCH\"]")
                .replace("\"/jobs/*\"", "\"/jobs/status\"")
                .replace("\n[egress]", "\n[grants.fields]\nmilestone = [\"/id\"]\n\n[egress]")
        });
        workshop.edit("ceiling.toml", |text| text.replace("methods = [\"GET\", ", "methods = [\"DELETE\", \"GET\", "));
        workshop.set("plugins/broker-cds.toml", "cpu_ms_max", "90");
        workshop.set("partners/web-shop.toml", "burst", "900");
        workshop.set("partners/customer-portal.toml", "title", "\"Portal\"");
        workshop.edit("operators/on-call.toml", |text| text.replace("\"payload\", ", ""));
        workshop.edit("routes.toml", |text| {
            text.replace(
                "document = \"customs-status\"\n",
                "document = \"customs-status\"\nfrom = \"customs-broker\"\n",
            )
        });
    });
    let changed = policy(&workshop, &["diff", &old, "policies"]);
    assert_eq!(changed.status.code(), Some(1), "{}", said(&changed));
    insta::assert_snapshot!("diff", plain(&workshop, &changed));
    let json = policy(&workshop, &["diff", &old, "policies", "--json", "--plugin", "broker-cds"]);
    assert_eq!(json.status.code(), Some(0), "only a budget is lowered: {}", said(&json));
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(
        (json["widens"].as_bool(), json["changes"].as_array().map(Vec::len)),
        (Some(false), Some(1)),
        "{json:#}"
    );

    let sarif = policy(&workshop, &["diff", &old, "policies", "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let patch = results.iter().find(|result| {
        result["message"]["text"].as_str().is_some_and(|text| text.contains("sent with the method PATCH"))
    });
    let place = &patch.expect("a result about PATCH")["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "policies/plugins/customer-portal.toml");
    let text = std::fs::read_to_string(workshop.policies().join("plugins/customer-portal.toml")).expect("a policy");
    let line = text.lines().position(|line| line.contains("\"PATCH\"")).expect("a line") + 1;
    assert_eq!(place["region"]["startLine"].as_u64(), u64::try_from(line).ok());
}

#[test]
fn nothing_different_is_no_change_and_broken_policies_are_an_error() {
    let (workshop, old) = before_and_after(|_| ());
    let same = policy(&workshop, &["diff", &old, "policies"]);
    assert_eq!(
        (same.status.code(), plain(&workshop, &same).as_str()),
        (Some(0), "Nothing that may be done is different.\n")
    );
    workshop.set("plugins/broker-cds.toml", "cpu_ms_max", "\"many\"");
    let broken = policy(&workshop, &["diff", &old, "policies"]);
    assert!(broken.status.code() == Some(2) && said(&broken).contains("limits.cpu_ms_max"), "{}", said(&broken));
    let nobody = policy(&workshop, &["diff", &old, &old, "--plugin", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", said(&nobody));
}

#[test]
fn a_component_that_wants_more_widens_although_no_policy_changed() {
    let (workshop, old) = before_and_after(|_| ());
    let wider = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
        manifest.contracts[0].headers.push("x-internal-note".to_owned());
        manifest.version = "9.0.0".to_owned();
    });
    let folder = workshop.path().join("components");
    std::fs::create_dir(&folder).expect("a folder");
    for entry in std::fs::read_dir(plugins::folder()).expect("the built plugins") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    std::fs::write(folder.join("ecom-shopify.wasm"), wider).expect("a component");
    workshop.set("gateway.toml", "plugins", "\"../components\"");
    let changed = policy(&workshop, &["diff", &old, "policies", "--plugin", "ecom-shopify"]);
    assert_eq!(changed.status.code(), Some(1), "{}", said(&changed));
    assert!(said(&changed).contains("may now see the header `x-internal-note`"), "{}", said(&changed));
    assert!(said(&changed).contains("its version: 9.0.0 instead of 1.0.0"), "{}", said(&changed));
    let policies = policy(&workshop, &["diff", &old, "policies", "--plugin", "ecom-shopify", "--policies-only"]);
    assert_eq!(policies.status.code(), Some(0), "{}", said(&policies));
}

#[test]
fn every_mistake_is_found_in_one_run_in_every_format() {
    let workshop = Workshop::new();
    let good = policy(&workshop, &["check"]);
    assert!(good.status.success() && said(&good).starts_with("No mistakes"), "{}", said(&good));
    workshop.set("plugins/broker-cds.toml", "cpu_ms_max", "9_999");
    workshop.edit("plugins/customer-portal.toml", |text| {
        text.replace("\n[egress]", "\n[grants.fields]\nmilestone = [\"/location/unlocode\"]\n\n[egress]")
    });
    let text = policy(&workshop, &["check"]);
    assert!(!text.status.success() && said(&text).contains("2 mistakes"), "{}", said(&text));
    assert!(said(&text).contains("did you mean `/location/unLocode`?"), "{}", said(&text));
    let json = policy(&workshop, &["check", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["mistakes"].as_array().map(Vec::len), Some(2), "{json:#}");
    let sarif = policy(&workshop, &["check", "--format", "sarif"]);
    assert!(!sarif.status.success());
    let sarif: Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"policy/plugin/limits.cpu_ms_max".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
    assert!(uri.starts_with("file:///") && uri.ends_with("/policies/plugins/broker-cds.toml"), "{uri}");
    assert!(place["region"]["startLine"].as_u64() > Some(1), "{place:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_plugin_used_is_seen_and_outlives_a_restart() {
    let mut scene = Scene::new(|_| {}).await;
    for number in 0..3 {
        scene.event(number).await;
    }
    scene.until("delivered", 3).await;
    for restarted in [false, true] {
        if restarted {
            scene.gateway.stopped().await;
            scene.gateway = scene.workshop.start().await;
        }
        let plugins = scene.get("/v1/plugins").await.json();
        let listed = plugins["items"].as_array().expect("plugins");
        assert_eq!(listed.len(), plugins::names().len(), "{plugins:#}");
        let carrier = listed.iter().find(|plugin| plugin["name"] == "carrier-ocean").expect("a plugin");
        assert_eq!(carrier["calls"], 3, "{carrier:#}");

        let decoded = scene.get("/v1/plugins/carrier-ocean/use").await.json()["items"][0].clone();
        assert_eq!(decoded["sha256"], portgate_runtime::digest(&plugins::built("carrier-ocean")));
        assert_eq!(decoded["functions"], serde_json::json!({ "decode": 3 }), "{decoded:#}");
        assert_eq!(decoded["contracts"], serde_json::json!({ "dcsa-track-trace/2.2": 3 }));
        assert_eq!(decoded["emitted"], serde_json::json!({ "milestone": 3 }));
        assert!(decoded["budgets"]["memory_bytes_max"]["max"].as_u64() > Some(0), "{decoded:#}");

        let sent = scene.get("/v1/plugins/customer-portal/use").await.json()["items"][0].clone();
        assert_eq!(sent["functions"], serde_json::json!({ "encode": 3, "interpret": 3 }), "{sent:#}");
        assert_eq!(sent["read"], serde_json::json!({ "milestone": 3 }));
        assert_eq!(sent["query"], serde_json::json!({ "key": 3 }));
        let request = &sent["requests"][0];
        assert_eq!(
            (&request["method"], &request["path"], &request["count"]),
            (&"PUT".into(), &"/documents/*".into(), &3.into())
        );
        let idle = scene.get("/v1/plugins/broker-cds/use").await.json()["items"][0].clone();
        assert_eq!((&idle["calls"], &idle["current"]), (&0.into(), &true.into()), "{idle:#}");
    }
    assert_eq!(scene.get("/v1/plugins/nobody/use").await.status, 404);
    assert_eq!(
        scene.get("/v1/plugins/carrier-ocean/use?since=2999-01-01T00:00:00Z").await.json()["items"][0]["calls"],
        0
    );
    assert_eq!(scene.get("/v1/plugins/carrier-ocean/use?since=yesterday").await.problem(), "operator-request-invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suggestion_names_what_was_not_used_and_its_toml_is_a_policy_that_works() {
    let mut scene = Scene::new(|_| {}).await;
    scene.event(1).await;
    scene.until("delivered", 1).await;
    let text = scene.portgate(&["policy", "suggest", "customer-portal"]).await;
    assert!(text.status.success(), "{}", said(&text));
    let words: Vec<String> =
        said(&text).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "grants.read customs-status named by plugin.toml, routes.toml",
        "egress.methods GET",
        "egress.paths /jobs/*",
        "documents_max 0 0 0 0 1 as it is",
    ] {
        assert!(words.iter().any(|found| found == line), "{line} is missing:\n{}", said(&text));
    }
    assert!(said(&text).contains("Only 2 calls were seen"), "{}", said(&text));
    let json = scene.portgate(&["policy", "suggest", "customer-portal", "--json"]).await;
    let suggestion: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let toml = suggestion["toml"].as_str().expect("TOML");
    assert!(toml.contains("methods = [\"PUT\"]") && toml.contains("paths = [\"/documents/*\"]"), "{toml}");
    // Under the suggested policy the same event is delivered in the same way.
    scene.gateway.stopped().await;
    // Who vouches for the plugin stands before what is suggested, as it did.
    let toml = format!("signed_by = [\"builder\"]\n{toml}");
    std::fs::write(scene.workshop.policies().join("plugins/customer-portal.toml"), toml).expect("a policy");
    // Who was never sent anything is not reached any more.
    std::fs::remove_file(scene.workshop.policies().join("partners/visibility.toml")).expect("a policy");
    scene.gateway = scene.workshop.start().await;
    scene.event(2).await;
    scene.until("delivered", 2).await;
    let nobody = scene.portgate(&["policy", "suggest", "nobody"]).await;
    assert!(!nobody.status.success() && said(&nobody).contains("no policy names"), "{}", said(&nobody));
}
