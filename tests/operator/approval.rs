//! The two-person rule over a running gateway: what waits is not served, what was accepted is, and who said so is kept.

use std::process::Command;
use std::time::Duration;

use aws_lc_rs::{digest, rand};
use http::Method;
use portgate_core::audit::AuditKey;
use portgate_store::testing::PostgresServer;
use portgate_store::{AuditFilter, AuditOrder, JournalSettings};
use portgate_tests::{Answer, Client, Gateway, Workshop, case, plugins, process};
use serde_json::{Value, json};

const OLD: &str = "/v1/messages/dcsa-track-trace/2.2";
const NEW: &str = "/v1/messages/dcsa-track-trace/3.0";
const ORDER: &str = "/v1/messages/shopify-order/2024-10";

/// A gateway under the rule, and two who may approve. The carrier may not send version 3.0 of its events.
struct Ruled {
    workshop: Workshop,
    gateway: Gateway,
    ada: String,
    eve: String,
}

/// A new operator's key, whose hash stands in the policy.
pub(crate) fn operator(workshop: &Workshop, name: &str, may: &str) -> String {
    let mut random = [0; 32];
    rand::fill(&mut random).expect("random bytes");
    let key = hex::encode(random);
    let hash = hex::encode(digest::digest(&digest::SHA256, key.as_bytes()));
    workshop.edit(&format!("operators/{name}.toml"), |_| {
        format!("title = \"{name}\"\nkey_sha256 = \"{hash}\"\nmay = [{may}]\n")
    });
    key
}

pub(crate) fn rule(workshop: &Workshop) -> (String, String) {
    let pem = std::fs::read_to_string(plugins::public_key()).expect("the public key of the built plugins");
    let key = pem.lines().nth(1).expect("a key").to_owned();
    workshop.edit("signers/builder.toml", |_| format!("title = \"Builder\"\npublic_key = \"{key}\"\n"));
    workshop.edit("ceiling.toml", |text| text.replace("# [approval]\n# required", "[approval]\nrequired"));
    workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\", \"3.0\"]", "[\"2.2\"]"));
    (operator(workshop, "ada", "\"read\", \"approve\""), operator(workshop, "eve", "\"read\", \"approve\""))
}

impl Ruled {
    async fn new(prepare: impl FnOnce(&Workshop)) -> Ruled {
        let workshop = Workshop::new();
        prepare(&workshop);
        let (ada, eve) = rule(&workshop);
        let gateway = workshop.start().await;
        Ruled { workshop, gateway, ada, eve }
    }

    fn grant(&self) {
        self.workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\"]", "[\"2.2\", \"3.0\"]"));
    }

    async fn send(&self, path: &str) -> Answer {
        carried(&self.workshop, &self.gateway, path).await
    }

    async fn ask(&self, method: Method, path: &str, key: &str, body: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {key}"))];
        Client::new(self.gateway.operator).send(method, path, &headers, body.to_owned().into()).await
    }

    async fn changes(&self) -> Value {
        self.ask(Method::GET, "/v1/changes", &self.ada, "").await.json()
    }

    /// Waits until so many changes wait, and gives them.
    async fn waiting(&self, count: usize) -> Vec<Value> {
        for _ in 0..600 {
            let items = self.changes().await["items"].as_array().cloned().unwrap_or_default();
            if items.len() == count {
                return items;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("there are not {count} changes that wait within a minute: {}", self.changes().await);
    }

    async fn until_metrics_say(&self, line: &str) {
        let mut metrics = String::new();
        for _ in 0..600 {
            let answer = Client::new(self.gateway.operator).get("/metrics").await;
            metrics = String::from_utf8_lossy(&answer.body).into_owned();
            if metrics.contains(line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{line} is not in the metrics within a minute:\n{metrics}");
    }

    async fn approve(&self, digest: &str, key: &str) -> Answer {
        let body = json!({ "reason": "looked at" }).to_string();
        self.ask(Method::POST, &format!("/v1/changes/{digest}/approve"), key, &body).await
    }

    /// The review of one plugin.
    async fn report(&self, plugin: &str) -> Value {
        let mut command = Command::new(process::program("portgate"));
        command.args(["audit", "report", "--format", "json", "--plugin", plugin]);
        command.env("PORTGATE_OPERATOR", format!("http://{}", self.gateway.operator));
        command.env("PORTGATE_OPERATOR_KEY", &self.workshop.credentials.operator_key);
        let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await;
        let output = output.expect("no panic");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Kind, actor and details of the log's entries on changes, once the gateway has stopped.
    async fn log(&mut self) -> Vec<(String, String, Value)> {
        self.gateway.stopped().await;
        let path = self.workshop.path().join("journal.sqlite");
        let journal = portgate_store::open(&JournalSettings::Sqlite { path }).await.expect("it opens");
        let entries = journal.audit_entries(&AuditFilter::default(), AuditOrder::Oldest, None, 1_000).await;
        journal.close(Duration::from_secs(10)).await;
        let entries = entries.expect("it reads").into_iter().filter(|entry| entry.kind.starts_with("change-"));
        let detail = |text: &str| serde_json::from_str(text).expect("a detail is JSON");
        entries.map(|entry| (entry.kind, entry.actor, detail(&entry.detail))).collect()
    }
}

async fn carried(workshop: &Workshop, gateway: &Gateway, path: &str) -> Answer {
    let token = format!("Bearer {}", workshop.credentials.token());
    let headers = [("authorization", token), ("content-type", "application/json".to_owned())];
    Client::new(gateway.partner).post(path, &headers, case("carrier-ocean", "dcsa-2-2-events", "json")).await
}

/// Whether the gateway lets the carrier send this version, whatever it makes of the payload.
fn is_permitted(answer: &Answer) -> bool {
    answer.status != 403
}

/// Waits until the carrier may, or may not, send this version.
async fn until_permitted(workshop: &Workshop, gateway: &Gateway, path: &str, permitted: bool) {
    for _ in 0..600 {
        if is_permitted(&carried(workshop, gateway, path).await) == permitted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path} is not taken up within a minute");
}

#[tokio::test]
async fn a_widened_grant_waits_until_two_persons_have_approved_it_and_the_log_has_both() {
    let mut ruled = Ruled::new(|_| {}).await;
    assert_eq!(ruled.changes().await["items"], json!([]));
    ruled.grant();
    let waiting = ruled.waiting(1).await;
    let change = &waiting[0]["changes"][0];
    assert_eq!((&change["effect"], &change["file"]), (&json!("widens"), &json!("partners/ocean-carrier.toml")));
    let digest = waiting[0]["digest"].as_str().expect("a digest").to_owned();
    assert!(!is_permitted(&ruled.send(NEW).await) && is_permitted(&ruled.send(OLD).await), "the old grants hold");
    ruled.until_metrics_say("portgate_changes_waiting 1").await;

    let nobody = ruled.workshop.credentials.operator_key.clone();
    assert_eq!(ruled.approve(&digest, &nobody).await.problem(), "operator-not-permitted");
    assert_eq!(ruled.approve(&"0".repeat(64), &ruled.ada).await.problem(), "change-unknown");
    let first = ruled.approve(&digest, &ruled.ada).await.json();
    assert_eq!((&first["counted"], &first["approvals"]), (&json!(true), &json!(1)), "{first}");
    let again = ruled.approve(&digest, &ruled.ada).await.json();
    assert_eq!((&again["counted"], &again["approvals"]), (&json!(false), &json!(1)), "{again}");
    assert!(again["message"].as_str().is_some_and(|text| text.contains("a person counts once")), "{again}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!is_permitted(&ruled.send(NEW).await), "one person is not two");

    let second = ruled.approve(&digest, &ruled.eve).await.json();
    assert_eq!((&second["counted"], &second["approvals"]), (&json!(true), &json!(2)), "{second}");
    until_permitted(&ruled.workshop, &ruled.gateway, NEW, true).await;
    ruled.until_metrics_say("portgate_changes_waiting 0").await;
    let changes = ruled.changes().await;
    let approvals = changes["accepted"]["approvals"].as_array().cloned().unwrap_or_default();
    assert_eq!(approvals.iter().map(|one| one["operator"].clone()).collect::<Vec<_>>(), ["ada", "eve"], "{changes}");
    assert_eq!(changes["items"], json!([]));

    let report = ruled.report("carrier-ocean").await;
    assert_eq!(report["plugins"][0]["approvers"], json!(["ada", "eve"]), "{report:#}");
    assert!(report["plugins"][0]["approvedAt"].is_string(), "{report:#}");
    let other = ruled.report("broker-cds").await;
    assert_eq!(other["plugins"][0]["approvers"], json!([]), "nobody approved anything about it: {other:#}");

    let log = ruled.log().await;
    let told: Vec<_> = log.iter().map(|(kind, actor, _)| (kind.as_str(), actor.as_str())).collect();
    let expected = [
        ("change-accepted", "gateway"),
        ("change-waits", "gateway"),
        ("change-proposed", "operator:ada"),
        ("change-approved", "operator:eve"),
        ("change-accepted", "gateway"),
    ];
    assert_eq!(told, expected, "{log:?}");
    assert_eq!(log[4].2["approved_by"], json!(["ada", "eve"]), "{log:?}");
    assert_eq!(log[2].2["reason"], "looked at");
}

#[tokio::test]
async fn what_narrows_is_taken_up_at_once_and_another_edit_is_another_change() {
    let mut ruled = Ruled::new(|_| {}).await;
    ruled.grant();
    let before = ruled.waiting(1).await[0]["digest"].as_str().expect("a digest").to_owned();
    ruled.approve(&before, &ruled.ada).await;
    // A change that narrows as well as it widens: no part of it may take effect, and the approval of the other change
    // does not count for it.
    ruled.workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\", \"3.0\"]", "[\"3.0\"]"));
    let mut other = before.clone();
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other = ruled.changes().await["items"][0]["digest"].as_str().unwrap_or(&before).to_owned();
        if other != before {
            break;
        }
    }
    assert_ne!(other, before, "the other change waits within a minute");
    assert!(is_permitted(&ruled.send(OLD).await) && !is_permitted(&ruled.send(NEW).await));
    ruled.approve(&other, &ruled.eve).await;
    let waiting = ruled.waiting(1).await;
    assert_eq!(waiting[0]["approvals"].as_array().map(Vec::len), Some(1), "{waiting:?}");

    ruled.workshop.edit("partners/ocean-carrier.toml", |text| {
        text.split("[[contracts]]\nname = \"dcsa-track-trace\"").next().unwrap_or_default().to_owned()
    });
    until_permitted(&ruled.workshop, &ruled.gateway, OLD, false).await;
    assert_eq!(ruled.changes().await["items"], json!([]), "what narrows waits for nobody");
    let log = ruled.log().await;
    let withdrawn = log.iter().filter(|(kind, ..)| kind == "change-rejected").count();
    assert_eq!(withdrawn, 1, "the first was withdrawn, the second forgotten with what it was measured by: {log:?}");
}

#[tokio::test]
async fn a_restart_while_a_change_waits_runs_with_what_was_accepted() {
    let mut ruled = Ruled::new(|_| {}).await;
    ruled.grant();
    let digest = ruled.waiting(1).await[0]["digest"].as_str().expect("a digest").to_owned();
    ruled.approve(&digest, &ruled.ada).await;
    ruled.gateway.stopped().await;
    ruled.gateway = ruled.workshop.start().await;
    assert!(is_permitted(&ruled.send(OLD).await) && !is_permitted(&ruled.send(NEW).await));
    let waiting = ruled.waiting(1).await;
    assert_eq!((&waiting[0]["digest"], &waiting[0]["approvals"][0]["operator"]), (&json!(digest), &json!("ada")));
    ruled.approve(&digest, &ruled.eve).await;
    until_permitted(&ruled.workshop, &ruled.gateway, NEW, true).await;
    ruled.gateway.stopped().await;
    ruled.gateway = ruled.workshop.start().await;
    assert!(is_permitted(&ruled.send(NEW).await), "what was approved stays so");
}

#[tokio::test]
async fn a_component_that_declares_more_waits_and_a_restart_with_it_is_refused_by_its_digest() {
    let mut ruled = Ruled::new(|workshop| {
        let folder = workshop.path().join("plugins");
        plugins::copy_all(&folder);
        workshop.set("gateway.toml", "plugins", "\"../plugins\"");
        workshop.edit("plugins/ecom-shopify.toml", |text| text.replacen("emit = [", "emit = [\"packing\", ", 1));
    })
    .await;
    let component = ruled.workshop.path().join("plugins/ecom-shopify.wasm");
    let with = |wants: bool| {
        let changed = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
            manifest.contracts[0].deprecated_on = Some("2020-01-01".parse().expect("a date"));
            if wants {
                manifest.capabilities.emit.insert("packing".to_owned());
            }
        });
        plugins::signed(&changed)
    };
    let headers =
        [("x-api-key", ruled.workshop.credentials.api_key.clone()), ("content-type", "application/json".to_owned())];
    let is_new = async |gateway: &Gateway| {
        let order = case("ecom-shopify", "order", "json");
        let answer = Client::new(gateway.partner).post(ORDER, &headers, order).await;
        assert!(answer.status.is_success(), "{}", answer.json());
        !answer.header("deprecation").is_empty()
    };
    std::fs::write(&component, with(true)).expect("a component");
    let waiting = ruled.waiting(1).await;
    let digest = waiting[0]["digest"].as_str().expect("a digest").to_owned();
    let sentence = waiting[0]["changes"][0]["sentence"].as_str().unwrap_or_default();
    assert!(sentence.contains("want to emit documents of kind `packing`"), "{waiting:?}");
    assert!(!is_new(&ruled.gateway).await, "the old component is at work");

    ruled.gateway.stopped().await;
    let refused = ruled.workshop.refused().await;
    for word in ["ceiling.toml", digest.as_str(), "`packing`", "put the files back", "portgate approve"] {
        assert!(refused.contains(word), "{word} is not in {refused}");
    }
    std::fs::write(&component, plugins::built("ecom-shopify")).expect("a component");
    ruled.gateway = ruled.workshop.start().await;
    std::fs::write(&component, with(true)).expect("a component");
    ruled.waiting(1).await;
    ruled.approve(&digest, &ruled.ada).await;
    assert!(!is_new(&ruled.gateway).await);
    ruled.approve(&digest, &ruled.eve).await;
    for _ in 0..600 {
        if is_new(&ruled.gateway).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the component is not taken up within a minute");
}

#[tokio::test]
async fn the_rule_does_not_go_and_nobody_comes_by_one_person_alone() {
    let ruled = Ruled::new(|_| {}).await;
    let mallory = operator(&ruled.workshop, "mallory", "\"read\", \"approve\"");
    let digest = ruled.waiting(1).await[0]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(ruled.approve(&digest, &mallory).await.problem(), "operator-unknown");
    std::fs::remove_file(ruled.workshop.policies().join("operators/mallory.toml")).expect("it was there");
    ruled.waiting(0).await;
    ruled.workshop.edit("ceiling.toml", |text| text.replace("required = true", "required = false"));
    let waiting = ruled.waiting(1).await;
    assert_eq!(waiting[0]["changes"][0]["key"], "approval.required", "{waiting:?}");
    assert_eq!(ruled.changes().await["accepted"]["required"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_shows_what_waits_asks_and_approves() {
    let ruled = Ruled::new(|_| {}).await;
    let run = async |key: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(process::program("portgate"));
        command.arg("approve").args(arguments).env("PORTGATE_OPERATOR_KEY", key);
        command.env("PORTGATE_OPERATOR", format!("http://{}", ruled.gateway.operator));
        command.stdin(std::process::Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs"));
        let output = output.await.expect("no panic");
        let said = [&*output.stdout, &*output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        (output.status.success(), said)
    };
    assert!(run(&ruled.ada, &["--list"]).await.1.contains("No change waits."));
    ruled.grant();
    let digest = ruled.waiting(1).await[0]["digest"].as_str().expect("a digest").to_owned();
    let (_, listed) = run(&ruled.ada, &["--list"]).await;
    assert!(listed.contains(&digest) && listed.contains("widens") && listed.contains("3.0"), "{listed}");
    let (done, unsaid) = run(&ruled.ada, &["--reason", "a new version"]).await;
    assert!(!done && unsaid.contains("nobody said yes"), "{unsaid}");
    let (done, first) = run(&ruled.ada, &["--reason", "a new version", "--yes"]).await;
    assert!(done && first.contains("a second person is needed"), "{first}");
    let (done, second) = run(&ruled.eve, &[&digest[..12], "--reason", "so it is", "--yes"]).await;
    assert!(done && second.contains("approved by ada") && second.contains("Approved by two persons"), "{second}");
    until_permitted(&ruled.workshop, &ruled.gateway, NEW, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_persons_approve_at_one_gateway_is_taken_up_by_all_that_share_its_journal() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let url = server.database("approval").expect("a database");
    let ruled = Ruled::new(|workshop| {
        let mut seed = [0; 32];
        rand::fill(&mut seed).expect("random bytes");
        workshop.secret("journal.url", &url).secret("audit.key", &AuditKey::pem_of(&seed));
        workshop.set("gateway.toml", "database", "\"file:journal.url\"");
        workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
    })
    .await;
    let other = ruled.workshop.start().await;
    ruled.grant();
    let digest = ruled.waiting(1).await[0]["digest"].as_str().expect("a digest").to_owned();
    assert!(!is_permitted(&carried(&ruled.workshop, &other, NEW).await));
    ruled.approve(&digest, &ruled.ada).await;
    ruled.approve(&digest, &ruled.eve).await;
    until_permitted(&ruled.workshop, &ruled.gateway, NEW, true).await;
    until_permitted(&ruled.workshop, &other, NEW, true).await;
    assert_eq!(ruled.waiting(0).await, Vec::<Value>::new());
}
