//! What cannot go on waits for a named person, is decided by those who may, and resumes where it stopped.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use jiff::{Timestamp, ToSpan};
use portgate_store::testing::PostgresServer;
use portgate_tests::{Answer, Client, Gateway, Workshop, eventually};
use serde_json::{Value, json};

/// The company's own systems, which say canonical documents, and two operators of one team beside the one on call.
struct Desk {
    workshop: Workshop,
    systems: Vec<(&'static str, String)>,
    ann: String,
    bob: String,
}

const EXCEPTIONS: &str = r#"calendar = "business-hours"

[teams.trade]
title = "Trade compliance"
operators = ["ann", "bob"]
country = "GB"

[teams.managers]
title = "Managers"
operators = ["on-call"]

[[route]]
names = ["R05", "R22"]
team = "trade"
within = "4 business hours"
escalate_to = "managers"

[[route]]
causes = ["expectation"]
team = "managers"
"#;

impl Desk {
    /// A gateway at which it matters when what was packed is not what is shipped.
    fn new(more: &str) -> Desk {
        let workshop = Workshop::new();
        let key = |name: &str| {
            let mut random = [0; 32];
            aws_lc_rs::rand::fill(&mut random).expect("random bytes");
            let key = hex::encode(random);
            (
                key.clone(),
                hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes())),
                name.to_owned(),
            )
        };
        let (own, hash, _) = key("own-systems");
        workshop.secret("own-systems.sha256", &hash);
        let person = |name: &str, may: &str| {
            let (key, hash, name) = key(name);
            workshop.edit(&format!("operators/{name}.toml"), |_| {
                format!("title = \"{name}\"\nkey_sha256 = \"{hash}\"\nmay = [{may}]\n")
            });
            key
        };
        let ann = person("ann", "\"read\", \"payload\", \"decide\"");
        let bob = person("bob", "\"read\", \"decide\"");
        workshop.edit("exceptions.toml", |_| format!("{EXCEPTIONS}{more}"));
        workshop.edit("partners/own-systems.toml", |text| {
            format!("{text}\n[[contracts]]\nname = \"packing\"\nversions = [\"1\"]\n")
        });
        workshop.edit("shipments.toml", |text| {
            text.replace("severity = { R19 = \"warning\" }", "severity = { R05 = \"blocking\", R19 = \"warning\" }")
        });
        let systems = vec![("x-api-key", own), ("content-type", "application/json".to_owned())];
        Desk { workshop, systems, ann, bob }
    }

    async fn send(&self, gateway: &Gateway, kind: &str, body: Value) {
        let path = format!("/v1/messages/{kind}/1");
        let answer = Client::new(gateway.partner).post(&path, &self.systems, body.to_string()).await;
        assert_eq!(answer.status, 202, "{kind}: {}", answer.json());
    }

    async fn shipped(&self, gateway: &Gateway, packages: u32) {
        let references = json!([{ "scheme": "shipment", "value": "SHP-7" }]);
        let body = json!({ "id": "SHP-7", "version": "1", "shipmentId": "SHP-7", "packageCount": packages, "references": references });
        self.send(gateway, "shipment", body).await;
    }

    async fn packed(&self, gateway: &Gateway, version: u32, packages: u32) {
        let references = json!([{ "scheme": "shipment", "value": "SHP-7" }]);
        let body = json!({
            "id": "PACK-7", "version": version.to_string(), "shipmentId": "SHP-7", "packageCount": packages,
            "references": references,
        });
        self.send(gateway, "packing", body).await;
    }
}

async fn get(gateway: &Gateway, key: &str, path: &str) -> Value {
    let headers = [("authorization", format!("Bearer {key}"))];
    Client::new(gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await.json()
}

async fn post(gateway: &Gateway, key: &str, path: &str, body: Value) -> Answer {
    let headers = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
    Client::new(gateway.operator).send(Method::POST, path, &headers, Bytes::from(body.to_string())).await
}

/// What `portgate` prints for an operator, and whether it went well.
async fn command(gateway: &Gateway, key: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = std::process::Command::new(portgate_tests::process::program("portgate"));
    command.args(arguments).env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator));
    command.env("PORTGATE_OPERATOR_KEY", key);
    let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// The exceptions of a list, once there are so many.
async fn listed(gateway: &Gateway, key: &str, query: &str, count: usize) -> Vec<Value> {
    eventually("exceptions", async || {
        let shown = get(gateway, key, &format!("/v1/exceptions?{query}")).await;
        let items = shown["items"].as_array().cloned().unwrap_or_default();
        if items.len() == count { Ok(items) } else { Err(shown) }
    })
    .await
}

/// The shipment once something holds for it.
async fn shipment(gateway: &Gateway, key: &str, holds: impl Fn(&Value) -> bool) -> Value {
    eventually("the shipment", async || {
        let shown = get(gateway, key, "/v1/shipments/SHP-7").await;
        if shown["current"] == true && holds(&shown) { Ok(shown) } else { Err(shown) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_contradicts_another_waits_for_a_person_who_overrides_it_until_it_changes() {
    let desk = Desk::new("");
    let mut gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    desk.packed(&gateway, 1, 24).await;
    let open = listed(&gateway, &desk.ann, "team=trade", 1).await.remove(0);
    let id = open["id"].as_str().expect("an id").to_owned();
    assert_eq!((&open["cause"], &open["severity"]), (&json!("rule:rules-core/R05"), &json!("blocking")));
    assert!(open["detail"].as_str().is_some_and(|detail| detail.contains("25 packages, and 24")), "{open}");
    let deadline: Timestamp = open["deadline"].as_str().and_then(|text| text.parse().ok()).expect("a deadline");
    assert!(deadline > Timestamp::now() + 3.hours(), "{deadline}");
    let path = format!("/v1/exceptions/{id}");
    let shown = get(&gateway, &desk.ann, &path).await;
    let fields: Vec<(&str, &str)> = shown["found"][0]["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|field| Some((field["kind"].as_str()?, field["value"].as_str()?)))
        .collect();
    assert_eq!(fields, [("shipment", "25"), ("packing", "24")]);
    let without = get(&gateway, &desk.bob, &path).await;
    assert_eq!(without["found"][0]["fields"][0]["value"], Value::Null, "values are payload");

    // Who is not of the team, or may only read, changes nothing.
    let acts = format!("{path}/acts");
    let word = json!({ "act": "override", "reason": "one carton went into another" });
    let stranger = post(&gateway, &desk.workshop.credentials.operator_key, &acts, word.clone()).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.json()["type"].as_str()),
        (409, Some("/problems/act-not-possible")),
        "{}",
        stranger.json()
    );
    let done = post(&gateway, &desk.ann, &acts, word).await;
    assert_eq!((done.status.as_u16(), &done.json()["done"]), (200, &json!(true)), "{}", done.json());
    let shown = shipment(&gateway, &desk.ann, |shown| shown["found"][0]["overridden"]["operator"] == "ann").await;
    assert_eq!(shown["found"][0]["overridden"]["reason"], "one carton went into another");
    assert_eq!(
        (&shown["exceptions"][0]["state"], &shown["exceptions"][0]["closing"]),
        (&json!("closed"), &json!("override"))
    );

    // It counts for as long as both fields stay, over a restart and other news as well.
    gateway.stopped().await;
    let gateway = desk.workshop.start().await;
    desk.packed(&gateway, 2, 23).await;
    let again = listed(&gateway, &desk.ann, "", 1).await.remove(0);
    assert_eq!(
        (again["id"].as_str(), &again["times"]),
        (Some(id.as_str()), &json!(2)),
        "the field says something else"
    );
    let shown = get(&gateway, &desk.ann, &path).await;
    assert_ne!(shown["overrides"][0]["endedAt"], Value::Null, "{shown}");

    // What the facts mend nobody need decide.
    desk.packed(&gateway, 3, 25).await;
    listed(&gateway, &desk.ann, "", 0).await;
    let closed = listed(&gateway, &desk.ann, "state=closed", 1).await.remove(0);
    assert_eq!((&closed["closing"], &closed["closedBy"]), (&json!("facts"), &Value::Null));
    let audited = get(&gateway, &desk.workshop.credentials.operator_key, "/v1/audit?kind=exception-acted").await;
    let entries = audited["items"].as_array().expect("entries");
    assert_eq!(entries.len(), 1, "{audited}");
    assert_eq!(entries[0]["actor"], "operator:ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_corrects_is_a_document_of_the_shipment_and_goes_to_the_system_that_owns_it() {
    let desk =
        Desk::new("\n[[correction]]\ndocument = \"shipment\"\nto = \"easypost\"\ncontract = \"easypost-shipment/2\"\n");
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    desk.packed(&gateway, 1, 24).await;
    let open = listed(&gateway, &desk.ann, "", 1).await.remove(0);
    let acts = format!("/v1/exceptions/{}/acts", open["id"].as_str().expect("an id"));
    let correct = |field: &str, value: Value| json!({ "act": "correct", "kind": "shipment", "id": "SHP-7", "fields": { field: value }, "reason": "counted again" });
    // Neither what is the document's own nor what breaks its schema is taken.
    for (field, value, location) in
        [("/id", json!("X"), "/fields/id"), ("/packageCount", json!("many"), "/packageCount")]
    {
        let refused = post(&gateway, &desk.ann, &acts, correct(field, value)).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["findings"][0]["location"]),
            (422, &json!(location)),
            "{}",
            refused.json()
        );
    }
    let done = post(&gateway, &desk.ann, &acts, correct("/packageCount", json!(24))).await;
    assert_eq!(done.status, 200, "{}", done.json());
    listed(&gateway, &desk.ann, "", 0).await;
    let shown = shipment(&gateway, &desk.ann, |shown| shown["findings"] == 0).await;
    let documents = shown["context"]["documents"].as_array().expect("documents");
    let one = documents.iter().find(|one| one["kind"] == "shipment").expect("the shipment's");
    assert_eq!(one["document"]["packageCount"], 24);
    assert!(one.to_string().contains("\"operators\""), "who said it stays: {one}");
    let on_call = &desk.workshop.credentials.operator_key;
    let exchanges = get(&gateway, on_call, "/v1/exchanges?partner=operators").await;
    let exchange = exchanges["items"][0]["id"].as_str().expect("an exchange");
    let sent = get(&gateway, on_call, &format!("/v1/deliveries?exchange={exchange}")).await;
    assert_eq!(sent["items"][0]["destination"], "easypost", "{sent}");
    // Nobody answers there: the gateway is ready all the same.
    eventually("an attempt", async || {
        let sent = get(&gateway, on_call, &format!("/v1/deliveries?exchange={exchange}")).await;
        let one = &sent["items"][0];
        if one["attempted"].as_u64() > Some(0) || one["state"] == "dead" { Ok(()) } else { Err(sent) }
    })
    .await;
    assert_eq!(Client::new(gateway.operator).get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_s_list_of_states_is_held_against_what_is_known_here() {
    let desk = Desk::new("");
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    desk.packed(&gateway, 3, 25).await;
    shipment(&gateway, &desk.ann, |shown| shown["documents"].as_array().is_some_and(|all| all.len() == 2)).await;
    let reconcile = async |partner: &'static str, list: &str| {
        let file = desk.workshop.path().join("list");
        std::fs::write(&file, list).expect("a list");
        let mut command = std::process::Command::new(portgate_tests::process::program("portgate"));
        command.args(["reconcile", partner, "--scheme", "shipment", "--json"]).arg(&file);
        command
            .env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator))
            .env("PORTGATE_OPERATOR_KEY", &desk.bob);
        let output =
            tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic");
        let differences = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()["differences"].clone();
        let told = differences.as_array().into_iter().flatten();
        let told =
            told.map(|one| format!("{} {}", one["differs"], one["reference"]).replace('"', "")).collect::<Vec<_>>();
        (output.status.code(), told, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told, _) = reconcile("own-systems", "reference,version\nSHP-7,3\n").await;
    assert_eq!((code, told.as_slice()), (Some(0), &[][..]));
    let (code, told, _) =
        reconcile("own-systems", "{\"reference\":\"SHP-7\",\"version\":\"4\"}\n{\"reference\":\"SHP-8\"}\n").await;
    assert_eq!((code, told), (Some(1), vec!["missing-here SHP-8".to_owned(), "differing SHP-7".to_owned()]));
    let (code, told, _) = reconcile("own-systems", "reference\nSHP-8\n").await;
    let missing = ["missing-there SHP-7", "missing-here SHP-8"].map(str::to_owned).to_vec();
    assert_eq!((code, told), (Some(1), missing));
    let (code, _, why) = reconcile("own-systems", "mrn\nSHP-8\n").await;
    assert!(code == Some(2) && why.contains("line 1: `mrn` is none of the columns"), "{why}");
    let (code, _, why) = reconcile("nobody", "reference\n").await;
    assert!(code == Some(2) && why.contains("There is no partner `nobody`"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_persons_are_needed_a_second_one_of_the_team_confirms() {
    let desk = Desk::new("");
    desk.workshop.edit("exceptions.toml", |text| {
        text.replace("escalate_to = \"managers\"", "escalate_to = \"managers\"\ntwo_persons = [\"override\"]")
    });
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    desk.packed(&gateway, 1, 24).await;
    let open = listed(&gateway, &desk.ann, "", 1).await.remove(0);
    let path = format!("/v1/exceptions/{}", open["id"].as_str().expect("an id"));
    let word = json!({ "act": "override", "reason": "one carton went into another" });
    let waits = post(&gateway, &desk.ann, &format!("{path}/acts"), word).await.json();
    assert_eq!((&waits["done"], waits["waits"].is_number()), (&json!(false), true), "{waits}");
    let confirm = json!({ "number": waits["waits"], "reason": "seen on the dock" });
    let same = post(&gateway, &desk.ann, &format!("{path}/confirm"), confirm.clone()).await;
    assert_eq!(same.status, 409, "{}", same.json());
    assert_eq!(get(&gateway, &desk.ann, &path).await["state"], "open");
    let second = post(&gateway, &desk.bob, &format!("{path}/confirm"), confirm).await;
    assert_eq!((second.status.as_u16(), &second.json()["done"]), (200, &json!(true)), "{}", second.json());
    let shown = shipment(&gateway, &desk.ann, |shown| shown["found"][0]["overridden"].is_object()).await;
    let overridden = &shown["found"][0]["overridden"];
    assert_eq!((&overridden["operator"], &overridden["confirmedBy"]), (&json!("ann"), &json!("bob")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_party_stops_a_shipment_until_people_of_the_team_have_decided_by_the_command() {
    let desk = Desk::new("");
    desk.workshop.edit("exceptions.toml", |text| {
        text.replace("escalate_to = \"managers\"", "escalate_to = \"managers\"\ntwo_persons = [\"override\"]")
    });
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    let key = hex::encode(random);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    desk.workshop.secret("compliance.sha256", &hex::encode(hash));
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    let recorded =
        json!({ "system": "tms", "recordedAt": { "value": "2026-03-02T06:00:00Z" }, "rawRef": "0".repeat(64) });
    let document = json!({
        "id": "SHP-7", "version": "1", "shipmentId": "SHP-7", "source": recorded,
        "parties": [{ "role": "consignee", "name": "Grey Heron Logistics Ltd" }],
        "references": [{ "scheme": "shipment", "value": "SHP-7" }],
    });
    let headers = vec![("x-api-key", key), ("content-type", "application/json".to_owned())];
    let body = json!({ "kind": "shipment", "document": document }).to_string();
    let answer = Client::new(gateway.partner).post("/v1/messages/screening-request/1", &headers, body).await;
    assert!(answer.status.is_success(), "{}", answer.json());
    let open = listed(&gateway, &desk.ann, "team=trade", 1).await.remove(0);
    let id = open["id"].as_str().expect("an id").to_owned();
    assert_eq!((&open["cause"], &open["severity"]), (&json!("rule:rules-core/R22"), &json!("blocking")));

    let (_, said) = command(&gateway, &desk.ann, &["exception", "list", "--team", "trade"]).await;
    assert!(said.contains(&id) && said.contains("rule:rules-core/R22"), "{said}");
    let (_, said) =
        command(&gateway, &desk.ann, &["exception", "assign", &id, "--to", "ann", "--reason", "knows them"]).await;
    assert!(said.starts_with("Done"), "{said}");
    let (done, said) =
        command(&gateway, &desk.ann, &["exception", "assign", &id, "--to", "on-call", "--reason", "knows them"]).await;
    assert!(!done && said.contains("`on-call` is no operator of the team `trade`"), "{said}");
    let (_, said) = command(&gateway, &desk.ann, &["exception", "list", "--mine"]).await;
    assert!(said.contains(&id), "{said}");
    let (done, said) =
        command(&gateway, &desk.ann, &["exception", "override", &id, "--reason", "another company of that name"]).await;
    let number = said.trim_end_matches(['`', '.', '\n']).rsplit(' ').next().unwrap_or_default().to_owned();
    assert!(done && said.contains("It waits for a second operator"), "{said}");
    let (done, said) =
        command(&gateway, &desk.ann, &["exception", "confirm", &id, &number, "--reason", "I am sure"]).await;
    assert!(!done && said.contains("another operator of the team must"), "{said}");
    let (done, said) =
        command(&gateway, &desk.bob, &["exception", "confirm", &id, &number, "--reason", "checked"]).await;
    assert!(done, "{said}");
    listed(&gateway, &desk.ann, "", 0).await;
    let (_, said) = command(&gateway, &desk.ann, &["exception", "show", &id]).await;
    for part in ["closed (override)", "by ann and bob", "another company of that name", "confirmed by bob"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let (_, said) = command(&gateway, &desk.ann, &["shipment", "show", "SHP-7"]).await;
    assert!(said.contains("overridden by ann: another company of that name"), "{said}");
    let metrics = Client::new(gateway.operator).get("/metrics").await;
    assert!(!String::from_utf8_lossy(&metrics.body).contains("portgate_exceptions{"), "nothing is open any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_while_the_gateway_is_down_is_noticed_when_it_is_back() {
    let expect = "[[expect]]\nname = \"packing-list\"\nafter = { document = \"shipment\" }\n\
                  what = { document = \"packing\" }\nsame = \"shipment\"\nwithin = \"2 seconds\"\n";
    let desk = Desk::new(expect);
    let mut gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    let shown =
        shipment(&gateway, &desk.ann, |shown| shown["expectations"].as_array().is_some_and(|all| all.len() == 1)).await;
    assert_eq!(shown["expectations"][0]["metAt"], Value::Null);
    gateway.stopped().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let gateway = desk.workshop.start().await;
    let on_call = &desk.workshop.credentials.operator_key;
    let open = listed(&gateway, on_call, "team=managers", 1).await.remove(0);
    assert_eq!((&open["cause"], &open["deadline"]), (&json!("expectation:packing-list/SHP-7"), &Value::Null));
    let shown = get(&gateway, on_call, "/v1/shipments/SHP-7").await;
    assert!(shown["expectations"][0]["overdueAt"].is_string(), "{shown}");
    // Late as it is, it meets the expectation.
    desk.packed(&gateway, 1, 25).await;
    shipment(&gateway, on_call, |shown| shown["expectations"][0]["metAt"].is_string()).await;
    listed(&gateway, on_call, "", 0).await;
    let closed = listed(&gateway, on_call, "state=closed", 1).await.remove(0);
    assert_eq!(closed["closing"], "facts");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_an_alert_alone_is_noticed_and_wants_nobody() {
    let expect = "[[expect]]\nname = \"packing-list\"\nafter = { document = \"shipment\" }\nwhat = { document = \"packing\" }\n\
                  same = \"shipment\"\nwithin = \"1 second\"\nalert = true\n";
    let desk = Desk::new(expect);
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    // It is put together anew when that is noticed, which is when a person would be wanted.
    shipment(&gateway, &desk.ann, |shown| shown["expectations"][0]["overdueAt"].is_string()).await;
    listed(&gateway, &desk.workshop.credentials.operator_key, "", 0).await;
    desk.packed(&gateway, 1, 25).await;
    shipment(&gateway, &desk.ann, |shown| shown["expectations"][0]["metAt"].is_string()).await;
    for state in ["open", "closed"] {
        listed(&gateway, &desk.workshop.credentials.operator_key, &format!("state={state}"), 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_no_shipment_has_room_for_are_told_until_there_is_room() {
    let desk = Desk::new("");
    desk.workshop.set("shipments.toml", "things_max", "10");
    let gateway = desk.workshop.start().await;
    desk.shipped(&gateway, 25).await;
    for number in 0..12 {
        let references = json!([{ "scheme": "shipment", "value": "SHP-7" }]);
        let packing = json!({
            "id": format!("PACK-{number}"), "version": "1", "shipmentId": "SHP-7", "packageCount": 25, "references": references,
        });
        desk.send(&gateway, "packing", packing).await;
    }
    let left_out = |status: &Value| {
        let troubles = status["troubles"].as_array().into_iter().flatten();
        let of_kind: Vec<Value> = troubles.filter(|one| one["kind"] == "left-out").cloned().collect();
        of_kind
    };
    let on_call = desk.workshop.credentials.operator_key.clone();
    let told = eventually("the status says so", async || {
        let status = get(&gateway, &on_call, "/v1/status").await;
        let found = left_out(&status);
        if found.len() == 1 && found[0]["count"] == 3 { Ok(found[0].clone()) } else { Err(status) }
    })
    .await;
    assert_eq!(told["subject"], "own-systems");
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("`things_max`")), "{told}");
    let (well, said) = command(&gateway, &on_call, &["status"]).await;
    assert!(!well && said.contains("left-out"), "{said}");
    desk.workshop.set("shipments.toml", "things_max", "100");
    eventually("there is room", async || {
        let status = get(&gateway, &on_call, "/v1/status").await;
        if left_out(&status).is_empty() { Ok(()) } else { Err(status) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_on_one_journal_want_a_person_once() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let desk = Desk::new("");
    desk.workshop.keep_in(&server);
    let (mut first, second) = (desk.workshop.start().await, desk.workshop.start().await);
    desk.packed(&second, 1, 24).await;
    desk.shipped(&first, 25).await;
    let open = listed(&second, &desk.ann, "", 1).await.remove(0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(listed(&first, &desk.ann, "", 1).await[0]["id"], open["id"]);
    assert_eq!(open["times"], 1);
    // The one that has acted is gone; the other goes on.
    let acts = format!("/v1/exceptions/{}/acts", open["id"].as_str().expect("an id"));
    let word = json!({ "act": "override", "reason": "one carton went into another" });
    assert_eq!(post(&first, &desk.ann, &acts, word).await.status, 200);
    first.stopped().await;
    shipment(&second, &desk.ann, |shown| shown["found"][0]["overridden"]["operator"] == "ann").await;
    listed(&second, &desk.ann, "", 0).await;
}
