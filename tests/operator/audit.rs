//! The audit log of a running gateway: what is in it, what never is, and how it is saved, verified and reported on.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::plugins;
use serde_json::{Value, json};

use crate::Scene;
use crate::commands::said;

impl Scene {
    /// Waits until so many entries of a kind are sealed, and gives them, the oldest first.
    pub(crate) async fn entries(&self, kind: &str, at_least: usize) -> Vec<Value> {
        for _ in 0..600 {
            let answer = self.get(&format!("/v1/audit?kind={kind}&order=oldest&limit=1000")).await.json();
            let found = answer["items"].as_array().cloned().unwrap_or_default();
            if found.len() >= at_least {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("there are not {at_least} entries of kind {kind} within 30 seconds");
    }

    fn file(&self, name: &str) -> String {
        self.workshop.path().join(name).to_str().expect("a path of plain text").to_owned()
    }

    /// Saves log, head and key, and verifies them without the gateway.
    async fn saved_and_verified(&self) -> Output {
        let (log, head, key) = (self.file("log.jsonl"), self.file("head.json"), self.file("key.pem"));
        for arguments in [vec!["audit", "export", &*log, "--head", &*head], vec!["audit", "key", &*key]] {
            let saved = self.portgate(&arguments).await;
            assert!(saved.status.success(), "{}", said(&saved));
        }
        self.verified("log.jsonl", "head.json", "key.pem").await
    }

    async fn verified(&self, log: &str, head: &str, key: &str) -> Output {
        let files = [self.file(log), self.file(head), self.file(key)];
        let nobody = ["--log", &files[0], "--head", &files[1], "--key", &files[2]];
        self.portgate(&[&["audit", "verify"][..], &nobody[..]].concat()).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_in_the_log_with_who_did_it_and_why() {
    let scene = Scene::new(|_| {}).await;
    let started = &scene.entries("gateway-started", 1).await[0];
    assert!(started["detail"]["engine"].as_str().is_some_and(|engine| engine.starts_with("wasmtime 48.")), "{started}");
    let admitted = scene.entries("plugin-admitted", 4).await;
    let carrier = admitted.iter().find(|entry| entry["subject"] == "plugin:carrier-ocean").expect("it is admitted");
    let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &plugins::built("carrier-ocean")));
    assert_eq!(carrier["detail"]["sha256"], digest.as_str());
    assert_eq!(carrier["detail"]["declared_emit"], carrier["detail"]["granted_emit"]);
    let files = scene.entries("policy-changed", 10).await;
    assert!(files.iter().any(|entry| entry["subject"] == "policy:ceiling.toml"), "{files:?}");
    assert!(files.iter().any(|entry| entry["subject"] == "policy:tables/dms-error-codes.csv"), "{files:?}");

    let id = scene.event(1).await;
    scene.until("delivered", 1).await;
    let used = &scene.entries("credential-used", 1).await[0];
    assert_eq!(
        (&used["actor"], &used["subject"]),
        (&json!("plugin:customer-portal"), &json!("partner:customer-portal"))
    );
    assert_eq!(used["detail"]["exchange"], id.as_str());
    assert_eq!(used["detail"]["secrets"], json!(["file:customer-portal.key"]));

    scene.portal.answer(422);
    let given_up = scene.event(2).await;
    scene.until("dead", 1).await;
    let filter = json!({ "exchange": given_up });
    let act = |reason: &str| json!({ "filter": filter, "reason": reason }).to_string();
    scene.post("/v1/deliveries/retry", &act("they are back")).await;
    scene.until("dead", 1).await;
    scene.post("/v1/deliveries/discard", &act("they are gone")).await;
    let acts = scene.entries("operator-act", 4).await;
    let told: Vec<_> = acts.iter().map(|act| (&act["detail"]["act"], &act["detail"]["stage"])).collect();
    let pair = |act: &'static str, stage: &'static str| (json!(act), json!(stage));
    let expected = [pair("retry", "begun"), pair("retry", "ended"), pair("discard", "begun"), pair("discard", "ended")];
    assert_eq!(told, expected.iter().map(|(act, stage)| (act, stage)).collect::<Vec<_>>());
    assert!(acts.iter().all(|act| act["actor"] == "operator:on-call"), "{acts:?}");
    assert_eq!(acts[2]["detail"]["reason"], "they are gone");
    assert_eq!(scene.entries("delivery-discarded", 1).await.len(), 1);

    scene.get(&format!("/v1/exchanges/{id}/payload")).await;
    let read = &scene.entries("payload-read", 1).await[0];
    assert_eq!((&read["actor"], &read["subject"]), (&json!("operator:on-call"), &json!(format!("exchange:{id}"))));
    assert!(scene.portgate(&["replay", &id]).await.status.success());
    let replayed = &scene.entries("replayed", 1).await[0];
    assert_eq!((&replayed["subject"], &replayed["detail"]["sha256"]), (&json!("plugin:carrier-ocean"), &json!(digest)));
    assert_eq!(replayed["detail"]["exchanges"], json!([id]));

    let verified = scene.saved_and_verified().await;
    assert!(verified.status.success() && said(&verified).contains("none was altered"), "{}", said(&verified));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_policies_and_refused_plugins_are_in_the_log_and_a_restart_tells_what_changed_meanwhile() {
    let mut scene = Scene::new(|workshop| {
        let folder = workshop.path().join("plugins");
        plugins::copy_all(&folder);
        workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    })
    .await;
    let before = scene.entries("policy-changed", 10).await.len();
    let limits =
        std::fs::read_to_string(scene.workshop.policies().join("plugins/carrier-ocean.toml")).expect("a policy");
    let lines: usize = limits
        .lines()
        .find_map(|line| {
            line.strip_prefix("log_lines_max = ")?.split_whitespace().next()?.replace('_', "").parse().ok()
        })
        .expect("a limit");
    scene.workshop.set("plugins/carrier-ocean.toml", "log_lines_max", &(lines - 1).to_string());
    let changed = scene.entries("policy-changed", before + 1).await.pop().expect("a change");
    assert_eq!(changed["subject"], "policy:plugins/carrier-ocean.toml");
    assert_ne!(changed["detail"]["before"], changed["detail"]["after"]);
    assert!(changed["detail"]["before"].is_string(), "{changed}");
    let all = plugins::names().len();
    assert_eq!(scene.entries("plugin-admitted", all + 1).await[all]["subject"], "plugin:carrier-ocean");

    std::fs::write(scene.workshop.path().join("plugins/carrier-ocean.wasm"), b"no component").expect("a file");
    let refused = &scene.entries("plugin-refused", 1).await[0];
    assert_eq!(refused["subject"], "plugin:carrier-ocean");
    assert!(refused["detail"]["reason"].is_string() && refused["detail"]["sha256"].is_string(), "{refused}");

    scene.workshop.set("plugins/carrier-ocean.toml", "log_lines_max", "\"hunter2, by mistake\"");
    let refused = &scene.entries("policy-refused", 1).await[0];
    assert!(refused["detail"]["places"][0].as_str().is_some_and(|place| place.contains("limits.log_lines_max")));
    assert!(!refused.to_string().contains("hunter2"), "{refused}");

    scene.gateway.stopped().await;
    scene.workshop.set("plugins/carrier-ocean.toml", "log_lines_max", &(lines - 2).to_string());
    let component = scene.workshop.path().join("plugins/carrier-ocean.wasm");
    std::fs::write(component, plugins::built("carrier-ocean")).expect("a plugin");
    scene.gateway = scene.workshop.start().await;
    let (stopped, started) = (scene.entries("gateway-stopped", 1).await, scene.entries("gateway-started", 2).await);
    assert!(stopped[0]["number"].as_u64() < started[1]["number"].as_u64());
    let meanwhile = scene.entries("policy-changed", before + 2).await;
    assert_eq!(meanwhile.len(), before + 2, "what did not change is not told again");
    assert_eq!(meanwhile[before + 1]["detail"]["before"], changed["detail"]["after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payload_and_no_secret_is_ever_in_the_log() {
    let scene = Scene::new(|_| {}).await;
    // This number stands in the payload and nowhere else.
    let id = scene.event(424_242).await;
    scene.until("delivered", 1).await;
    scene.portal.answer(422);
    scene.event(434_343).await;
    scene.until("dead", 1).await;
    scene.get(&format!("/v1/exchanges/{id}/payload")).await;
    scene.get(&format!("/v1/exchanges/{id}")).await;
    scene.post("/v1/deliveries/discard", r#"{"filter":{"state":"dead"},"reason":"a test"}"#).await;
    scene.ask(Method::GET, "/v1/acts", "PLANTED-KEY-OF-NOBODY", "").await;
    assert!(scene.portgate(&["replay", &id]).await.status.success());
    scene.entries("replayed", 1).await;
    scene.entries("credential-used", 2).await;
    let verified = scene.saved_and_verified().await;
    assert!(verified.status.success(), "{}", said(&verified));
    let log = std::fs::read_to_string(scene.file("log.jsonl")).expect("the log");
    let credentials = &scene.workshop.credentials;
    let signing_key = std::fs::read_to_string(scene.file("journal.sqlite.audit-key")).expect("a key");
    let signing_key = signing_key.lines().nth(1).expect("its base64").to_owned();
    for (what, planted) in [
        ("a payload", "OPSU424242"),
        ("a payload", "event-434343"),
        ("the portal's key", &*credentials.portal_key),
        ("the operator's key", &*credentials.operator_key),
        ("a caller's key", "PLANTED-KEY-OF-NOBODY"),
        ("the shop's key", &*credentials.api_key),
        ("the key that signs", &*signing_key),
    ] {
        assert!(!log.contains(planted), "{what} is in the log");
    }
    assert!(log.contains("file:customer-portal.key"), "the secret's name is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_for_those_who_may_see_it_and_a_refused_operator_is_in_it() {
    let scene = Scene::new(|workshop| {
        workshop.set("operators/on-call.toml", "may", "[\"read\"]");
    })
    .await;
    let paths = [
        "/v1/audit",
        "/v1/audit/head",
        "/v1/audit/export",
        "/v1/audit/counts",
        "/v1/audit/latest?kind=replayed",
        "/v1/bom",
    ];
    for path in paths {
        assert_eq!(scene.get(path).await.problem(), "operator-not-permitted", "{path}");
        assert_eq!(scene.ask(Method::GET, path, "nobody", "").await.status, 401, "{path}");
    }
    assert_eq!(scene.post("/v1/replays", "{}").await.problem(), "operator-not-permitted");
    scene.workshop.set("operators/on-call.toml", "may", "[\"audit\"]");
    for _ in 0..600 {
        if scene.get("/v1/audit").await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let refused = scene.entries("operator-refused", paths.len() + 1).await;
    assert!(refused.iter().all(|entry| entry["actor"] == "operator:on-call"), "{refused:?}");
    assert_eq!(refused[0]["detail"]["permission"], "audit");
    assert_eq!(scene.get("/v1/acts").await.status, 403, "the log alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_search_and_report_and_a_named_key_signs() {
    let scene = Scene::new(|workshop| {
        workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
    })
    .await;
    scene.event(1).await;
    scene.until("delivered", 1).await;
    scene.entries("credential-used", 1).await;
    let found = scene.portgate(&["audit", "search", "--kind", "credential-used"]).await;
    let text = said(&found);
    assert!(text.contains("plugin:customer-portal") && text.contains("secrets=file:customer-portal.key"), "{text}");
    let found = scene.portgate(&["audit", "search", "--subject", "plugin:carrier-ocean", "--json"]).await;
    let found: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!(found[0]["kind"], "plugin-admitted");
    let typo = scene.portgate(&["audit", "search", "--kind", "plugin-admired"]).await;
    assert!(typo.status.code() == Some(2) && said(&typo).contains("--kind"), "{}", said(&typo));

    let bom = scene.file("bom.json");
    let report = scene.portgate(&["audit", "report", "--plugin", "customer-portal", "--bom", &bom]).await;
    let text = said(&report);
    let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &plugins::built("customer-portal")));
    for part in [
        "## customer-portal ",
        &digest,
        "| approved by | none recorded |",
        "wasmtime 48.",
        "| cpu_ms_max | ",
        "PUT /documents/* ×1 |",
        "| customer-portal | 1 |",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("## carrier-ocean"), "{text}");
    let bom: Value = serde_json::from_slice(&std::fs::read(&bom).expect("a file")).expect("JSON");
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    let report = scene.portgate(&["audit", "report", "--format", "json"]).await;
    let report: Value = serde_json::from_slice(&report.stdout).expect("JSON");
    assert_eq!(report["plugins"].as_array().map(Vec::len), Some(plugins::names().len()), "{report:#}");
    assert_eq!(report["plugins"][0]["granted"]["contracts"].as_array().map(Vec::is_empty), Some(false));

    // The named key signs, and what keygen makes is such a key.
    let verified = scene.saved_and_verified().await;
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(!Path::new(&scene.file("journal.sqlite.audit-key")).exists(), "no key is made where one is named");
    let other = scene.portgate(&["audit", "keygen", &scene.file("other.key")]).await;
    std::fs::write(scene.file("other.pem"), &other.stdout).expect("a file");
    let wrong = scene.verified("log.jsonl", "head.json", "other.pem").await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("NOT VERIFIED: the head is not signed by this key"), "{}", said(&wrong));
    let again = scene.portgate(&["audit", "keygen", &scene.file("other.key")]).await;
    assert!(!again.status.success(), "a key is never written over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_on_one_database_write_one_log() {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(&[]).expect("it starts where it is installed"));
    let Some(server) = started.await.expect("no panic") else {
        eprintln!("PostgreSQL is not installed (/usr/lib/postgresql/*/bin): this test is LEFT OUT");
        return;
    };
    let scene = Scene::new(|workshop| {
        let url = server.database("journal").expect("a database");
        workshop.secret("journal.url", &url);
        workshop.set("gateway.toml", "database", "\"file:journal.url\"");
        workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
    })
    .await;
    let mut second = scene.workshop.start().await;
    let other = portgate_tests::Client::new(second.operator);
    let headers = [("authorization", format!("Bearer {}", scene.workshop.credentials.operator_key))];
    let id = scene.event(1).await;
    scene.until("delivered", 1).await;
    let path = format!("/v1/exchanges/{id}/payload");
    for _ in 0..40 {
        let (one, two) = tokio::join!(scene.get(&path), other.send(Method::GET, &path, &headers, Bytes::new()));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    }
    assert_eq!(scene.entries("payload-read", 80).await.len(), 80);
    second.stopped().await;
    let verified = scene.saved_and_verified().await;
    assert!(verified.status.success(), "{}", said(&verified));
    assert_eq!(scene.entries("gateway-started", 2).await.len(), 2);
}
