//! What operators are told of a gateway that is not well: by the API, by the command and by its exit code, and how much of it
//! whoever reaches the listener.

use http::Method;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use portgate_files::own;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Answer, Client, Gateway, Workshop, eventually};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;

use crate::commands::said;
use crate::{Scene, approval};

/// Kind, subject and count of everything that a status lists.
fn told(status: &Value) -> Vec<(String, String, u64)> {
    let text = |one: &Value| one.as_str().expect("a text").to_owned();
    let troubles = status["troubles"].as_array().unwrap_or_else(|| panic!("{status}"));
    let told = troubles.iter();
    told.map(|one| (text(&one["kind"]), text(&one["subject"]), one["count"].as_u64().expect("a number"))).collect()
}

impl Scene {
    /// The status that a gateway of this folder gives.
    async fn status_of(&self, gateway: &Gateway) -> Value {
        let headers = [("authorization", format!("Bearer {}", self.workshop.credentials.operator_key))];
        let client = Client::new(gateway.operator);
        client.send(Method::GET, "/v1/status", &headers, bytes::Bytes::new()).await.json()
    }

    /// Waits until that gateway is told to have just these troubles, and gives its status.
    async fn until_told(&self, gateway: &Gateway, wanted: &[(&str, &str, u64)]) -> Value {
        let wanted: Vec<_> =
            wanted.iter().map(|(kind, of, count)| ((*kind).to_owned(), (*of).to_owned(), *count)).collect();
        eventually("the status", async || {
            let status = self.status_of(gateway).await;
            if told(&status) == wanted { Ok(status) } else { Err(status) }
        })
        .await
    }
}

/// How often a gateway has taken up changed files.
async fn reloads(gateway: &Gateway) -> u64 {
    let metrics = Client::new(gateway.operator).get("/metrics").await;
    let text = String::from_utf8(metrics.body.to_vec()).expect("text");
    let counted = text.lines().find_map(|line| line.strip_prefix("portgate_reloads_total{result=\"taken\"} "));
    counted.map_or(0, |count| count.parse().expect("a number"))
}

async fn verbose(gateway: &Gateway) -> String {
    let answer: Answer = Client::new(gateway.operator).get("/readyz?verbose").await;
    String::from_utf8(answer.body.to_vec()).expect("text")
}

/// A secret that is missing is our fault: it is said as that wherever deliveries are seen, and goes away with its cause.
async fn a_missing_secret(scene: &Scene, beside: Option<&Gateway>) {
    let gateway = &scene.gateway;
    scene.until_told(gateway, &[]).await;
    let well = scene.portgate(&["status"]).await;
    assert_eq!((well.status.code(), said(&well).starts_with("All is well")), (Some(0), true), "{}", said(&well));
    let secret = scene.workshop.path().join("secrets/customer-portal.key");
    let key = std::fs::read(&secret).expect("the portal's key");
    std::fs::remove_file(&secret).expect("it goes");
    scene.event(1).await;
    let wanted = [("tried-again", "customer-portal", 1)];
    let status = scene.until_told(gateway, &wanted).await;
    if let Some(beside) = beside {
        scene.until_told(beside, &wanted).await;
    }
    let why = status["troubles"][0]["detail"].as_str().unwrap_or_default();
    assert!(why.contains("a reason of ours") && why.contains("`file:customer-portal.key`"), "{status}");
    let command = scene.portgate(&["status"]).await;
    assert_eq!(command.status.code(), Some(1), "{}", said(&command));
    assert!(said(&command).contains("tried-again") && said(&command).contains("customer-portal"), "{}", said(&command));
    let json = scene.portgate(&["status", "--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    // On a busy machine it may be stalled by now as well.
    assert!(told(&json).contains(&told(&status)[0]) && json["well"] == Value::Bool(false), "{json}");
    let lines = verbose(gateway).await;
    assert!(lines.starts_with("ready\n[+] journal\n"), "{lines}");
    assert!(lines.contains("[-] tried-again: 1\n") && lines.contains("[+] dead\n"), "{lines}");
    assert!(!lines.contains("customer-portal"), "no name is for strangers: {lines}");
    // Lists show it as our fault, with its reason, and a filter by that fault finds it.
    let listed = scene.get("/v1/deliveries?state=pending&class=ours").await.json()["items"][0].clone();
    assert_eq!((&listed["class"], &listed["state"]), (&"ours".into(), &"pending".into()), "{listed}");
    let list = scene.portgate(&["delivery", "list", "--state", "pending", "--class", "ours"]).await;
    assert!(said(&list).contains("ours: `file:customer-portal.key`"), "{}", said(&list));
    // Nobody who means what is dead acts on it.
    let none = scene.post("/v1/deliveries/discard", r#"{"filter":{"class":"ours"},"reason":"what is dead"}"#).await;
    assert_eq!(none.json()["changed"], 0, "{}", none.json());
    own::replace(&secret, &key).expect("it is back");
    scene.post("/v1/deliveries/retry", r#"{"filter":{"state":"pending"},"reason":"the key is back"}"#).await;
    scene.until("delivered", 1).await;
    scene.until_told(gateway, &[]).await;
}

/// What the journal holds is told by every gateway that shares it.
async fn what_waits(scene: &mut Scene, beside: Option<&Gateway>) {
    scene.portal.answer(422);
    scene.event(2).await;
    scene.until("dead", 1).await;
    let gateways: Vec<&Gateway> = [&scene.gateway].into_iter().chain(beside).collect();
    let mut before = Vec::new();
    for gateway in &gateways {
        before.push(reloads(gateway).await);
    }
    scene.workshop.set("partners/customer-portal.toml", "enabled", "false");
    for (gateway, before) in gateways.into_iter().zip(before) {
        eventually("the destination is held", async || {
            let reloads = reloads(gateway).await;
            if reloads > before { Ok(()) } else { Err(reloads) }
        })
        .await;
    }
    scene.event(3).await;
    let dead = ("dead", "customer-portal", 1);
    scene.until_told(&scene.gateway, &[dead]).await;
    // What is held waits because somebody wants it to; what leads nowhere waits for ever.
    scene.workshop.edit("routes.toml", |text| text.split("[[deliver]]").next().unwrap_or_default().to_owned());
    std::fs::remove_file(scene.workshop.policies().join("partners/customer-portal.toml")).expect("it goes");
    let wanted = [dead, ("stalled", "customer-portal", 1)];
    let status = scene.until_told(&scene.gateway, &wanted).await;
    assert!(status["troubles"][1]["detail"].to_string().contains("no such destination"), "{status}");
    assert!(status["troubles"][0]["detail"].to_string().contains("the destination's fault"), "{status}");
    if let Some(beside) = beside {
        scene.until_told(beside, &wanted).await;
    }
    // After a restart as before.
    scene.gateway.stopped().await;
    scene.gateway = scene.workshop.start().await;
    scene.until_told(&scene.gateway, &wanted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_well_is_told_with_its_reason_until_it_is_mended() {
    let mut scene = Scene::new(at_once).await;
    a_missing_secret(&scene, None).await;
    what_waits(&mut scene, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_gateways_either_tells_what_their_journal_holds() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let mut scene = Scene::new(|workshop| {
        at_once(workshop);
        workshop.keep_in(&server);
    })
    .await;
    let beside = scene.workshop.start().await;
    a_missing_secret(&scene, Some(&beside)).await;
    what_waits(&mut scene, Some(&beside)).await;
    // Without the journal the status says that the journal does not answer, and calls nothing well that nobody knows.
    drop(server);
    let status = scene.until_told(&beside, &[("journal", "journal", 1)]).await;
    assert_eq!(status["well"], false);
    let lines = verbose(&beside).await;
    assert!(lines.contains("[-] journal: 1\n") && lines.contains("[?] dead: the journal does not say\n"), "{lines}");
}

fn at_once(workshop: &Workshop) {
    workshop.edit("gateway.toml", |text| text.replace("stalled_minutes = 15", "stalled_minutes = 0"));
}

/// A certificate that signs itself, with its key, that ends on this day.
fn certificate(ends: Timestamp) -> (String, String) {
    let day = TimeZone::UTC.to_datetime(ends).date();
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    params.not_after = date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let key = KeyPair::generate().expect("a key");
    (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_and_signers_that_end_soon_and_changes_that_wait_are_told() {
    let (soon, late) = (Timestamp::now() + (24 * 10).hours(), Timestamp::now() + (24 * 100).hours());
    let scene = Scene::new(|workshop| {
        approval::rule(workshop);
        let ((chain, key), (authority, _)) = (certificate(soon), certificate(late));
        let folder = workshop.policies().join("tls");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("chain.pem"), chain).expect("a file");
        std::fs::write(folder.join("partners.pem"), &authority).expect("a file");
        own::replace(&folder.join("key.pem"), key.as_bytes()).expect("a file");
        let tls = "[tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\nclient_ca = \"tls/partners.pem\"\n";
        workshop.edit("gateway.toml", |text| text.replace("[deadlines]", &format!("{tls}\n[deadlines]")));
        let expires_on = TimeZone::UTC.to_datetime(Timestamp::now() + (24 * 5).hours()).date();
        workshop.edit("signers/builder.toml", |text| format!("{text}expires_on = \"{expires_on}\"\n"));
        let ca = "private_addresses = true\nca = \"file:portal-ca.pem\"";
        workshop.secret("portal-ca.pem", &authority);
        workshop.replace("partners/customer-portal.toml", &[("private_addresses = true", ca)]);
    })
    .await;
    let chain = scene.workshop.policies().join("tls/chain.pem").display().to_string();
    let (listener, signer) = (("certificate", chain.as_str(), 1), ("certificate", "signers/builder.toml", 1));
    let status = scene.until_told(&scene.gateway, &[listener, signer]).await;
    assert!(status["troubles"][0]["detail"].to_string().contains("ends in 9 days"), "{status}");
    assert!(status["troubles"][1]["detail"].to_string().contains("The signer ends in 4 days"), "{status}");
    // An authority of a destination that cannot be read will fail its deliveries, and is told before they do.
    std::fs::remove_file(scene.workshop.path().join("secrets/portal-ca.pem")).expect("it goes");
    let missing = ("certificate", "file:portal-ca.pem", 1);
    let status = scene.until_told(&scene.gateway, &[listener, missing, signer]).await;
    assert!(status["troubles"][1]["detail"].to_string().contains("cannot be read"), "{status}");
    scene.workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\"]", "[\"2.2\", \"3.0\"]"));
    let change = eventually("a change waits", async || {
        let changes = scene.get("/v1/changes").await.json();
        changes["items"][0]["digest"].as_str().map(str::to_owned).ok_or(changes)
    })
    .await;
    let status = scene.until_told(&scene.gateway, &[listener, missing, signer, ("change", &change, 1)]).await;
    assert!(status["troubles"][3]["detail"].to_string().contains("0 of 2 persons"), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_ask_is_told_so_by_an_exit_code_of_its_own() {
    let scene = Scene::new(|_| {}).await;
    let unreachable = scene.portgate(&["status", "--operator", "http://127.0.0.1:9"]).await;
    assert_eq!(unreachable.status.code(), Some(2), "{}", said(&unreachable));
    let key = approval::operator(&scene.workshop, "auditor", "\"audit\"");
    eventually("the auditor is known", async || {
        let answer = scene.ask(Method::GET, "/v1/status", &key, "").await;
        if answer.problem() == "operator-not-permitted" { Ok(()) } else { Err(answer.problem()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_called_by_what_it_is() {
    let scene = Scene::new(|_| {}).await;
    let id = scene.event(1).await;
    let nobody = "01890000-0000-7000-8000-000000000000";
    for (arguments, what) in [
        (vec!["exchange", "show", nobody], "There is no exchange `01890000"),
        (vec!["exchange", "show", "of-yesterday"], "There is no exchange `of-yesterday`"),
        (vec!["exchange", "payload", nobody], "There is no exchange"),
        (vec!["exchange", "retry", &id, nobody, "--reason", "a test"], "There is no exchange"),
        (vec!["exchange", "rerun", nobody, "--reason", "a test"], "There is no exchange"),
        (vec!["delivery", "show", nobody], "There is no delivery `01890000"),
        (vec!["delivery", "list", "--id", nobody], "There is no delivery"),
        (vec!["delivery", "list", "--exchange", nobody], "There is no exchange"),
        (vec!["delivery", "discard", "--id", nobody, "--reason", "a test", "--yes"], "There is no delivery"),
        (vec!["replay", nobody], "There is no exchange"),
        (
            vec!["quarantine", "lift", "carrier-sea", "ocean-carrier", "--reason", "a test"],
            "There is no plugin `carrier-sea`",
        ),
        (
            vec!["quarantine", "lift", "carrier-ocean", "sea-carrier", "--reason", "a test"],
            "There is no partner `sea-carrier`",
        ),
        (vec!["policy", "suggest", "carrier-sea"], "no policy names a plugin `carrier-sea`"),
        (vec!["approve", &"0".repeat(64), "--reason", "a test"], "no change that waits begins with"),
    ] {
        let output = scene.portgate(&arguments).await;
        assert!(!output.status.success() && said(&output).contains(what), "{arguments:?}: {}", said(&output));
    }
}
