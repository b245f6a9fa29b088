//! A new edition of a list of denied parties reaches the shipments that are open: who was screened against the edition before it is
//! named, without anybody sending anything, until somebody screens again. Nor is anything declared of a shipment in which somebody was
//! not screened, or is listed. The gateway is killed in between.

use std::net::SocketAddr;
use std::process::Command;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::{GatewayProcess, program};
use portgate_tests::{Client, Gateway, Workshop, case, eventually};
use serde_json::{Value, json};

use super::filings::Day;

const LIST: &str = "Made-up consolidated list";
const SELLER: &str = "Lampenhaus Nord GmbH";
/// Whom the next edition names.
const LISTED: &str = "Crimson Avocet Stores Ltd";
/// Whom none does.
const CLEAR: &str = "Harrier Stores Ltd";

/// The shipping desk, trade compliance and an operator of its team.
struct Desk {
    workshop: Workshop,
    own: Vec<(&'static str, String)>,
    compliance: Vec<(&'static str, String)>,
}

/// Headers of a partner with an API key, which the workshop's policies know from now on.
pub(super) fn by_key(workshop: &Workshop, partner: &str) -> Vec<(&'static str, String)> {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    let key = hex::encode(random);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{partner}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key), ("content-type", "application/json".to_owned())]
}

/// Has everybody in a shipment screened. Gives back what is found of each, by name.
pub(super) async fn screened(
    partner: SocketAddr,
    by: &[(&'static str, String)],
    shipment: &Value,
) -> Vec<(String, String)> {
    screened_as(partner, by, &json!({ "kind": "shipment", "document": shipment })).await
}

/// The same of what is sent.
async fn screened_as(partner: SocketAddr, by: &[(&'static str, String)], body: &Value) -> Vec<(String, String)> {
    let headers = [by, &[("prefer", "return=representation".to_owned())]].concat();
    let client = Client::new(partner);
    let answer = client.post("/v1/messages/screening-request/1", &headers, body.to_string()).await.json();
    let Some(results) = answer["documents"].as_array() else { panic!("nobody was screened: {answer:#}") };
    let told = |one: &Value, field: &str| text(&one["document"], field).to_owned();
    results.iter().map(|one| (told(one, "subjectName"), told(one, "outcome"))).collect()
}

/// An operator imports the next edition of the list, with these further parties.
fn imports(workshop: &Workshop, version: &str, parties: &[&str]) {
    let header = "_id,source,entity_number,type,programs,name,addresses,start_date,alt_names,source_list_url\n";
    let row = |(at, party): (usize, &&str)| {
        format!("n{at},Made-up Entity List (EL),,,DEMO-1,{party},,2025-05-06,,https://lists.example/n{at}\n")
    };
    let list = workshop.path().join("list.csv");
    let rows: String = ["Grey Heron Logistics Ltd"].iter().chain(parties).enumerate().map(row).collect();
    std::fs::write(&list, header.to_owned() + &rows).expect("a list");
    let mut import = Command::new(program("portgate"));
    import.args(["lists", "import", "--id", "made-up-csl", "--name", LIST, "--version", version, "--date", &today()]);
    import.arg("--table").arg(workshop.policies().join("tables/denied-parties.jsonl")).arg(list);
    let output = import.output().expect("portgate runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Desk {
    fn new(workshop: Workshop) -> Desk {
        let (own, compliance) = (by_key(&workshop, "own-systems"), by_key(&workshop, "compliance"));
        Desk { workshop, own, compliance }
    }

    /// What the shipping desk says of a shipment to somebody; one that has left says when.
    async fn ships(&self, gateway: &GatewayProcess, id: &str, consignee: &str, left: Option<&str>) -> Value {
        let mut shipment = json!({
            "id": id, "version": "1", "shipmentId": id, "mode": "sea",
            "parties": [{ "role": "seller", "name": SELLER }, { "role": "consignee", "name": consignee }],
            "references": [{ "scheme": "shipment", "value": id }],
        });
        if let Some(left) = left {
            shipment["legs"] = json!([{ "seq": 1, "mode": "sea", "atd": { "value": left } }]);
        }
        let client = Client::new(gateway.partner);
        let answer = client.post("/v1/messages/shipment/1", &self.own, shipment.to_string()).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        shipment
    }

    /// Has everybody in a shipment screened. Gives back what is found of each, by name.
    async fn screens(&self, gateway: &GatewayProcess, shipment: &Value) -> Vec<(String, String)> {
        screened(gateway.partner, &self.compliance, shipment).await
    }

    async fn asks(&self, gateway: &GatewayProcess, path: &str) -> Value {
        let headers = [("authorization", format!("Bearer {}", self.workshop.credentials.operator_key))];
        Client::new(gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await.json()
    }

    /// A shipment once so many were screened in it and exactly these rules find something, each as often as it is named.
    async fn judged(&self, gateway: &GatewayProcess, id: &str, screened: usize, rules: &[&str]) -> Value {
        eventually(&format!("{id} is judged"), async || {
            let shown = self.asks(gateway, &format!("/v1/shipments/{id}")).await;
            let documents = shown["context"]["documents"].as_array().into_iter().flatten();
            let results = documents.filter(|one| one["kind"] == "screening-result").count();
            let found: Vec<&str> =
                shown["found"].as_array().into_iter().flatten().filter_map(|one| one["rule"].as_str()).collect();
            if shown["current"] == true && results == screened && found == rules {
                Ok(shown.clone())
            } else {
                Err(format!("{shown:#}"))
            }
        })
        .await
    }

    /// The exceptions of trade compliance in this state, by shipment and cause, once there are so many.
    async fn exceptions(&self, gateway: &GatewayProcess, state: &str, count: usize) -> Vec<Value> {
        eventually("exceptions", async || {
            let shown = self.asks(gateway, &format!("/v1/exceptions?team=trade&state={state}")).await;
            let mut items = shown["items"].as_array().cloned().unwrap_or_default();
            items.sort_by_key(|one| (one["shipment"].to_string(), one["cause"].to_string()));
            if items.len() == count { Ok(items) } else { Err(format!("{shown:#}")) }
        })
        .await
    }

    /// What `portgate` prints for an operator.
    async fn command(&self, gateway: &GatewayProcess, arguments: &[&str]) -> String {
        let mut command = Command::new(program("portgate"));
        command.args(arguments).env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator));
        command.env("PORTGATE_OPERATOR_KEY", &self.workshop.credentials.operator_key);
        let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await;
        let output = output.expect("no panic");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

/// The day by UTC, from which on the next edition holds.
fn today() -> String {
    jiff::Timestamp::now().to_string()[..10].to_owned()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

async fn a_new_edition(workshop: Workshop, is_shared: bool) {
    let desk = Desk::new(workshop);
    let mut gateway = GatewayProcess::start(&desk.workshop);
    let mut other = is_shared.then(|| GatewayProcess::start(&desk.workshop));
    let listed = desk.ships(&gateway, "SHP-1", LISTED, None).await;
    let clear = desk.ships(&gateway, "SHP-2", CLEAR, None).await;
    // One has left, and nobody was screened in the other: neither rests on the lists.
    let left = desk.ships(&gateway, "SHP-3", LISTED, Some("2026-03-02T06:00:00Z")).await;
    desk.ships(&gateway, "SHP-4", LISTED, None).await;
    for (shipment, consignee) in [(&listed, LISTED), (&clear, CLEAR), (&left, LISTED)] {
        let screened = desk.screens(&gateway, shipment).await;
        assert_eq!(screened, [SELLER, consignee].map(|name| (name.to_owned(), "clear".to_owned())));
    }
    for id in ["SHP-1", "SHP-2", "SHP-3"] {
        desk.judged(&gateway, id, 2, &[]).await;
    }
    let apart = [("SHP-3", 2), ("SHP-4", 0)];
    let mut before = Vec::new();
    for (id, screened) in apart {
        before.push(desk.judged(&gateway, id, screened, &[]).await);
    }
    desk.exceptions(&gateway, "open", 0).await;

    // Nobody sends anything: the edition alone has both judged again, and a person wanted.
    imports(&desk.workshop, "2026/10", &[LISTED]);
    for (id, consignee) in [("SHP-1", LISTED), ("SHP-2", CLEAR)] {
        let shown = desk.judged(&gateway, id, 2, &["R25"]).await;
        let found = &shown["found"][0];
        let (detail, thing, now) = (text(found, "detail"), format!("shipment/{id}"), "now there is edition 2026/10 of");
        for word in [SELLER, consignee, &thing, LIST, "edition 2026/9 of 2026-03-01", now] {
            assert!(detail.contains(word), "{word} is not in: {detail}");
        }
        assert_eq!(text(found, "severity"), "error");
        assert!(text(found, "remedy").contains(&format!("Have {thing} screened again")), "{found}");
    }
    let open = desk.exceptions(&gateway, "open", 2).await;
    for one in &open {
        assert_eq!((text(one, "cause"), &one["times"]), ("rule:rules-core/R25", &json!(1)), "{one}");
        assert!(one["deadline"].is_string(), "{one}");
    }
    let versions = desk.asks(&gateway, "/v1/tables?table=denied-parties").await;
    assert_eq!((versions["items"].as_array().map(Vec::len), &versions["items"][0]["shipments"]), (Some(2), &json!(2)));
    for ((id, screened), before) in apart.iter().zip(&before) {
        let shown = desk.judged(&gateway, id, *screened, &[]).await;
        assert_eq!(shown["revision"], before["revision"], "nothing of {id} has changed");
    }
    let exception =
        |id: &str| open.iter().find(|one| text(one, "detail").contains(&format!("shipment/{id} "))).expect(id);
    let (of_listed, of_clear) = (exception("SHP-1"), exception("SHP-2"));

    // Whoever comes after the gateway that was killed, or stands beside it, wants the same persons and nobody else.
    gateway.kill();
    gateway = GatewayProcess::start(&desk.workshop);
    desk.judged(&gateway, "SHP-1", 2, &["R25"]).await;
    desk.judged(other.as_ref().unwrap_or(&gateway), "SHP-2", 2, &["R25"]).await;
    assert_eq!(desk.exceptions(&gateway, "open", 2).await, open);
    for command in [["exception", "show", text(of_listed, "id")], ["shipment", "show", "SHP-1"]] {
        let said = desk.command(&gateway, &command).await;
        let what =
            [LISTED, LIST, "edition 2026/9 of 2026-03-01", "edition 2026/10 of", "Have shipment/SHP-1 screened again"];
        for word in what {
            assert!(said.contains(word), "{word} is not in {command:?}:\n{said}");
        }
    }

    // Whoever screens again settles it: this one is on the list now. Of the other an operator knows better, for this edition.
    let screened = desk.screens(&gateway, &listed).await;
    assert_eq!(screened, [(SELLER, "clear"), (LISTED, "hit")].map(|(name, is)| (name.to_owned(), is.to_owned())));
    let shown = desk.judged(&gateway, "SHP-1", 4, &["R22"]).await;
    let detail = text(&shown["found"][0], "detail");
    for word in [LISTED, LIST, "edition 2026/10 of"] {
        assert!(detail.contains(word), "{word} is not in: {detail}");
    }
    let (known, why) = (text(of_clear, "id"), "the edition names ships alone");
    let said = desk.command(&gateway, &["exception", "override", known, "--reason", why]).await;
    assert!(said.starts_with("Done"), "{said}");
    let hit = desk.exceptions(&gateway, "open", 1).await.remove(0);
    assert_eq!((text(&hit, "cause"), text(&hit, "severity")), ("rule:rules-core/R22", "blocking"), "{hit}");
    let mut closed = desk.exceptions(&gateway, "closed", 2).await;
    closed.sort_by_key(|one| text(one, "closing").to_owned());
    let ends: Vec<(&str, &str)> = closed.iter().map(|one| (text(one, "id"), text(one, "closing"))).collect();
    assert_eq!(ends, [(text(of_listed, "id"), "facts"), (known, "override")]);

    // The publisher corrects it while no gateway runs: under the same name it is another edition than the operator knew.
    gateway.kill();
    drop(other.take());
    imports(&desk.workshop, "2026/10", &[LISTED, "Somebody Else Ltd"]);
    let gateway = GatewayProcess::start(&desk.workshop);
    desk.judged(&gateway, "SHP-1", 4, &["R22", "R25"]).await;
    let shown = desk.judged(&gateway, "SHP-2", 2, &["R25"]).await;
    assert_eq!(shown["found"][0]["overridden"], Value::Null, "{shown:#}");
    let open = desk.exceptions(&gateway, "open", 3).await;
    for before in [of_listed, of_clear] {
        let again = open.iter().find(|one| one["id"] == before["id"]).expect("it is open again");
        assert_eq!(
            (&again["times"], text(again, "detail").contains("edition 2026/10 (2) of")),
            (&json!(2), true),
            "{again}"
        );
    }
    let screened = desk.screens(&gateway, &clear).await;
    assert_eq!(screened, [SELLER, CLEAR].map(|name| (name.to_owned(), "clear".to_owned())));
    desk.screens(&gateway, &listed).await;
    desk.judged(&gateway, "SHP-2", 4, &[]).await;
    desk.judged(&gateway, "SHP-1", 6, &["R22"]).await;
    let left = desk.exceptions(&gateway, "open", 1).await.remove(0);
    assert_eq!((&left["id"], &left["times"]), (&hit["id"], &json!(1)), "{left}");
    let closed = desk.exceptions(&gateway, "closed", 2).await;
    assert!(closed.iter().all(|one| text(one, "closing") == "facts"), "{closed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_edition_of_a_list_has_open_shipments_screened_again_in_a_file() {
    a_new_edition(Workshop::new(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_edition_of_a_list_has_open_shipments_screened_again_on_a_server_with_two_gateways() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_new_edition(workshop, true).await;
}

/// A day on which an operator releases what is declared, and nothing is of which somebody was not screened, or is listed.
struct Border {
    day: Day,
    compliance: Vec<(&'static str, String)>,
}

impl Border {
    async fn new(workshop: Workshop) -> Border {
        let day = Day::new(workshop).await;
        day.workshop.replace(
            "filings.toml",
            &[
                ("automatic = true", "automatic = false"),
                ("\"commercial-invoice\"]", "\"commercial-invoice\", \"screening-result\"]"),
                ("but = [\"R22\", \"R23\"]", "but = [\"R23\"]"),
            ],
        );
        let compliance = by_key(&day.workshop, "compliance");
        Border { day, compliance }
    }

    async fn shown(&self, gateway: &Gateway) -> Value {
        let headers = [("authorization", format!("Bearer {}", self.day.workshop.credentials.operator_key))];
        Client::new(gateway.operator).send(Method::GET, "/v1/shipments/80000123", &headers, Bytes::new()).await.json()
    }

    /// The shipment once the rules of screening find this, as a rule and a word of its sentence each, and the filing is in this state.
    async fn stands(&self, gateway: &Gateway, wanted: &[(&str, &str)], state: &str) {
        eventually(&format!("{wanted:?}"), async || {
            let shown = self.shown(gateway).await;
            let found = shown["found"].as_array().cloned().unwrap_or_default();
            let found: Vec<&Value> = found.iter().filter(|one| ["R22", "R25"].contains(&text(one, "rule"))).collect();
            let fits = |(one, (rule, word)): (&&Value, &(&str, &str))| {
                text(one, "rule") == *rule && text(one, "detail").contains(word)
            };
            let fit = found.len() == wanted.len() && found.iter().zip(wanted).all(fits);
            if shown["current"] == true && fit { Ok(()) } else { Err(format!("{shown:#}")) }
        })
        .await;
        self.day.filing(gateway, |filing| filing["state"] == state).await;
        assert_eq!(self.day.declared(), Vec::<String>::new(), "customs has heard of nothing");
    }

    /// The ERP system's article and invoice, the shipping desk's and the warehouse's word.
    async fn is_told(&self, gateway: &Gateway) {
        let client = Client::new(gateway.partner);
        let material = case("erp-sap", "idoc-material", "xml");
        let answer = client.post("/v1/messages/idoc/4.0", &self.day.erp, material).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        self.day.tells(gateway, 1, 2).await;
    }

    /// Trade compliance has whom a document of the shipment names screened, as it is now.
    async fn screens(&self, gateway: &Gateway, kind: &str) -> Vec<(String, String)> {
        let document = eventually(kind, async || {
            let shown = self.shown(gateway).await;
            let documents = shown["context"]["documents"].as_array().cloned().unwrap_or_default();
            let of_kind = documents.into_iter().find(|one| one["kind"] == kind);
            of_kind.map(|one| one["document"].clone()).ok_or_else(|| format!("{shown:#}"))
        });
        let body = json!({ "kind": kind, "document": document.await });
        screened_as(gateway.partner, &self.compliance, &body).await
    }

    /// The shipping desk says who gets the goods.
    async fn ships_to(&self, gateway: &Gateway, version: u32, consignee: &str) {
        let [(_, body), _] = self.day.shipped(version, 2);
        let mut shipment: Value = serde_json::from_slice(&body).expect("a shipment");
        shipment["parties"] = json!([{ "role": "consignee", "name": consignee }]);
        let client = Client::new(gateway.partner);
        let answer = client.post("/v1/messages/shipment/1", &self.day.own, shipment.to_string()).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_that_is_ready_waits_under_a_new_edition_until_everybody_is_screened_again() {
    let border = Border::new(Workshop::new()).await;
    let gateway = border.day.workshop.start().await;
    border.is_told(&gateway).await;
    border.screens(&gateway, "commercial-invoice").await;
    // Somebody of whom no document says that they take part.
    let parties = json!({
        "id": "TRADE-1", "parties": [{ "role": "consignee", "name": LISTED }],
        "references": [{ "scheme": "shipment", "value": "80000123" }],
    });
    assert_eq!(
        screened(gateway.partner, &border.compliance, &parties).await,
        [(LISTED.to_owned(), "clear".to_owned())]
    );
    border.stands(&gateway, &[], "ready").await;
    imports(&border.day.workshop, "2026/10", &[LISTED]);
    let old = ("R25", "edition 2026/10");
    border.stands(&gateway, &[old, old], "blocked").await;
    border.screens(&gateway, "commercial-invoice").await;
    border.stands(&gateway, &[old], "blocked").await;
    assert_eq!(screened(gateway.partner, &border.compliance, &parties).await, [(LISTED.to_owned(), "hit".to_owned())]);
    border.stands(&gateway, &[("R22", LISTED)], "blocked").await;
}

async fn a_party_that_comes_later(workshop: Workshop) {
    let border = Border::new(workshop).await;
    let mut gateway = border.day.workshop.start().await;
    border.is_told(&gateway).await;
    border.screens(&gateway, "commercial-invoice").await;
    border.stands(&gateway, &[], "ready").await;

    // Somebody takes part of whom nobody has thought: that is found, whatever gateway looks at it, and ends with their screening.
    border.ships_to(&gateway, 2, CLEAR).await;
    let unknown = format!("{CLEAR} (consignee in shipment/DESK-1) takes part, and was screened against no list.");
    border.stands(&gateway, &[("R22", &unknown)], "blocked").await;
    gateway.stopped().await;
    gateway = border.day.workshop.start().await;
    border.stands(&gateway, &[("R22", &unknown)], "blocked").await;
    let screened = border.screens(&gateway, "shipment").await;
    assert!(screened.contains(&(CLEAR.to_owned(), "clear".to_owned())), "{screened:?}");
    border.stands(&gateway, &[], "ready").await;

    // The same place has another one, who is listed; once they are out of it nothing has to be screened or overridden.
    border.ships_to(&gateway, 3, "Grey Heron Logistics Ltd").await;
    border
        .stands(&gateway, &[("R22", "Grey Heron Logistics Ltd (consignee in shipment/DESK-1) takes part")], "blocked")
        .await;
    border.screens(&gateway, "shipment").await;
    border.stands(&gateway, &[("R22", "is Grey Heron Logistics Ltd of")], "blocked").await;
    gateway.stopped().await;
    gateway = border.day.workshop.start().await;
    border.stands(&gateway, &[("R22", "is Grey Heron Logistics Ltd of")], "blocked").await;
    border.ships_to(&gateway, 4, CLEAR).await;
    border.stands(&gateway, &[], "ready").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_comes_after_the_screening_stops_the_filing_and_one_that_is_taken_out_nothing_in_a_file() {
    a_party_that_comes_later(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_comes_after_the_screening_stops_the_filing_and_one_that_is_taken_out_nothing_on_a_server() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_party_that_comes_later(workshop).await;
}
