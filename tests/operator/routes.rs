//! Every route of the operator listener as every role gets it, with every outcome. The routes come from the description
//! that the gateway serves itself: one that has no row here fails, and so does a problem that nobody has provoked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use jiff::{Timestamp, ToSpan};
use portgate_core::exception::{Cause, CauseKind, Change, Wanted};
use portgate_core::filing::{Filing, FilingState};
use portgate_core::finding::Severity;
use portgate_store::testing::PostgresServer;
use portgate_store::{
    ActOnException, Doing, ExceptionChange, ExceptionEnd, ExceptionFilter, Journal, JournalSettings, Operator,
    PeopleChanges, Routed,
};
use portgate_tests::{Answer, Client, Gateway, Workshop, eventually, gate_out};
use serde_json::{Value, json};

use crate::Scene;
use crate::approval::{self, operator};

/// Every permission by itself; the roles beside them are those who have no key, and those whose key nobody knows.
const PERMISSIONS: [&str; 6] = ["read", "payload", "deliver", "audit", "approve", "decide"];
/// Far more than any request of an operator has.
const TOO_LARGE: usize = (1 << 20) + 1;
/// Declared for every route and provoked by tests of their own: below, and in `tests/threats`.
const ELSEWHERE: [&str; 6] =
    ["journal-unavailable", "internal-error", "body-too-slow", "body-incomplete", "bom-unknown", "costs-unknown"];

/// Queries that name what is not there.
/// The local reference number of the one filing.
const LRN: &str = "PG0000000000000000001";
const NO_DELIVERY: &str = "id=00000000-0000-7000-8000-000000000000";
const NO_EXCHANGE: &str = "exchange=00000000-0000-7000-8000-000000000000";

/// One request.
#[derive(Clone)]
struct Case {
    outcome: &'static str,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What the requests are about.
struct Things {
    delivery: String,
    exchange: String,
    redacted: String,
    refused: String,
    /// A shipment of one document, which shares its container with another.
    shipment: String,
    /// What differs where the exchange is mapped again.
    difference: String,
    change: String,
    /// One of the team of whoever may decide, in which an act waits, and one of another team.
    exceptions: [String; 2],
}

/// A request of one route in words of the route: what stands where its path is open, its query, its body.
#[derive(Clone, Default)]
struct Row {
    outcome: &'static str,
    named: String,
    query: &'static str,
    body: Option<Value>,
}

fn fits() -> Row {
    Row { outcome: "fits", ..Row::default() }
}

impl Row {
    fn named(self, named: &str) -> Row {
        Row { named: named.to_owned(), ..self }
    }

    fn asks(self, query: &'static str) -> Row {
        Row { query, ..self }
    }

    fn says(self, body: Value) -> Row {
        Row { body: Some(body), ..self }
    }

    /// The same about something that is not there.
    fn unknown(self, named: &str) -> Row {
        Row { outcome: "unknown name", ..self.named(named) }
    }
}

/// The requests of one route that are its own, the first of them one that fits.
fn own(route: &str, things: &Things) -> Option<Vec<Row>> {
    let Things {
        delivery,
        exchange,
        redacted,
        refused,
        shipment,
        difference,
        change,
        exceptions: [exception, elsewhere],
    } = things;
    let nobody = "00000000-0000-7000-8000-000000000000";
    let reason = "a test of routes";
    let no_such = Row { outcome: "unknown name", ..Row::default() };
    let on_nobody = json!({ "filter": { "id": nobody }, "reason": reason });
    let act = |state: &str| json!({ "filter": { "state": state }, "reason": reason });
    let on_one = |known: &str, unknown: &str| vec![fits().named(known), fits().unknown(unknown)];
    Some(match route {
        "get /livez" | "get /readyz" | "get /metrics" | "get /openapi.json" => vec![fits()],
        "get /problems/{slug}" => on_one("not-found", "no-such-problem"),
        "get /v1/status" => vec![fits()],
        "get /v1/find" => vec![fits().asks("name=CSQU3054383")],
        "get /v1/deliveries" => {
            vec![fits().asks("state=dead&limit=1"), no_such.clone().asks(NO_DELIVERY), no_such.asks(NO_EXCHANGE)]
        }
        "get /v1/deliveries/count" => vec![fits(), no_such.clone().asks(NO_DELIVERY), no_such.asks(NO_EXCHANGE)],
        "get /v1/exchanges" => vec![fits(), no_such.asks(NO_DELIVERY)],
        "get /v1/shipments" => vec![fits().asks("reference=event-2")],
        "get /v1/shipments/{reference}" | "get /v1/shipments/{reference}/costs" => {
            let several = Row { outcome: "several of the name", ..fits().named("OPSU0000026") };
            [on_one("event-2", nobody), vec![several]].concat()
        }
        // What is moved there by the one is split off by the other.
        "post /v1/shipments/{id}/move" | "post /v1/shipments/{id}/split" => {
            let of = |id: &str| json!({ "documents": [{ "kind": "milestone", "id": id }], "reason": reason });
            let unknown = Row { outcome: "unknown document", ..fits().named(shipment).says(of("event-3")) };
            vec![fits().named(shipment).says(of("event-2-again")), unknown, fits().says(of("event-2")).unknown(nobody)]
        }
        "post /v1/acts/undo" => vec![no_such.says(json!({ "act": 1_000_000, "reason": reason }))],
        "get /v1/exceptions" => vec![fits().asks("team=operations&limit=1")],
        "get /v1/exceptions/{id}" => on_one(exception, nobody),
        "post /v1/exceptions/{id}/acts" => {
            let word = fits().says(json!({ "act": "assign", "reason": reason }));
            let others = Row { outcome: "another team", ..word.clone().named(elsewhere) };
            vec![word.clone().named(exception), word.unknown(nobody), others]
        }
        "post /v1/exceptions/{id}/confirm" => {
            let word = |number: u64| fits().says(json!({ "number": number, "reason": reason }));
            let nothing = Row { outcome: "nothing waits", ..word(7_000).named(exception) };
            vec![word(1).named(exception), word(1).unknown(nobody), nothing]
        }
        "get /v1/reconciliations/{partner}" => on_one("ocean-carrier", "no-such-partner"),
        "post /v1/reconciliations" => {
            let of = |partner: &str| json!({ "partner": partner, "listed": [{ "reference": "CSQU3054383" }] });
            vec![fits().says(of("ocean-carrier")), no_such.says(of("no-such-partner"))]
        }
        "get /v1/kpi" => vec![fits().asks("by=partner")],
        "get /v1/filings" => vec![fits().asks("state=blocked&waiting=true")],
        "get /v1/filings/{lrn}" => on_one(LRN, "no-such-filing"),
        "post /v1/filings/release" | "post /v1/filings/cancel" => {
            let of = |lrn: &str, digest: &str| json!({ "lrn": lrn, "digest": digest, "reason": reason });
            let outdated = Row { outcome: "another digest", ..fits().says(of(LRN, "of another time")) };
            vec![fits().says(of(LRN, "as it is")), no_such.says(of("no-such-filing", "as it is")), outdated]
        }
        "get /v1/tables" => vec![fits().asks("table=unlocode")],
        "get /v1/tables/reviews" => vec![fits().asks("table=unlocode&version=1")],
        "get /v1/codes" => vec![fits().asks("partner=tms&limit=1")],
        "post /v1/codes" => {
            let of = |partner: &str| {
                let codes = json!([{ "theirs": "OLNE", "ours": "OCEAN", "to": "2027-01-01" }]);
                json!({ "partner": partner, "agreement": "status-out", "table": "carrier", "codes": codes, "reason": reason })
            };
            vec![fits().says(of("tms")), no_such.says(of("no-such-partner"))]
        }
        // The row that was added before; a last day that is the same again changes nothing.
        "post /v1/codes/end" => vec![fits().says(json!({ "number": 1, "to": "2027-01-01", "reason": reason }))],
        "get /v1/acts"
        | "get /v1/codes/awaited"
        | "get /v1/quarantines"
        | "get /v1/unattached"
        | "get /v1/plugins"
        | "get /v1/bom"
        | "get /v1/audit"
        | "get /v1/audit/counts"
        | "get /v1/audit/export"
        | "get /v1/audit/head"
        | "get /v1/changes" => vec![fits()],
        "get /v1/audit/latest" => vec![fits().asks("kind=plugin-admitted")],
        "post /v1/deliveries/retry" | "post /v1/deliveries/discard" => {
            let on = |key: &str| json!({ "filter": { key: nobody }, "reason": reason });
            vec![fits().says(act("dead")), no_such.clone().says(on("id")), no_such.says(on("exchange"))]
        }
        "post /v1/exchanges/retry" | "post /v1/exchanges/discard" => {
            vec![fits().says(act("failed")), no_such.says(on_nobody)]
        }
        "post /v1/exchanges/rerun" => vec![fits().says(act("refused")), no_such.says(on_nobody)],
        "post /v1/deliveries/resend" => {
            let more = json!({ "filter": { "state": "delivered" }, "reason": reason, "confirmDelivered": { "count": 1_000_000 } });
            let unconfirmed = Row { outcome: "another number", ..fits().says(more) };
            let on = |key: &str| json!({ "filter": { key: nobody }, "reason": reason });
            vec![fits().says(act("dead")), unconfirmed, no_such.clone().says(on("id")), no_such.says(on("exchange"))]
        }
        "get /v1/exchanges/{id}/rerun" => {
            let removed = Row { outcome: "payload removed", ..fits().named(redacted) };
            let impossible = Row { outcome: "never decoded", ..fits().named(refused) };
            [on_one(exchange, nobody), vec![removed, impossible]].concat()
        }
        "post /v1/exchanges/{id}/rerun" => {
            let says = |difference: &str| fits().says(json!({ "reason": reason, "difference": difference }));
            let outdated = Row { outcome: "another difference", ..says("00").named(exchange) };
            let removed = Row { outcome: "payload removed", ..says("00").named(redacted) };
            let impossible = Row { outcome: "never decoded", ..says("00").named(refused) };
            vec![says(difference).named(exchange), says("00").unknown(nobody), outdated, removed, impossible]
        }
        "get /v1/deliveries/{id}" => on_one(delivery, nobody),
        "get /v1/exchanges/{id}" => on_one(exchange, nobody),
        "get /v1/exchanges/{id}/payload" => {
            let removed = Row { outcome: "payload removed", ..fits().named(redacted) };
            [on_one(exchange, nobody), vec![removed]].concat()
        }
        "post /v1/replays" => {
            let of = |id: &str| json!({ "plugin": "p", "version": "1.0.0", "sha256": "00", "exchanges": [id] });
            vec![fits().says(of(exchange)), no_such.says(of(nobody))]
        }
        "post /v1/quarantines/lift" => {
            let of = |plugin: &str, partner: &str| json!({ "plugin": plugin, "partner": partner, "reason": reason });
            let (plugin, partner) = ("carrier-ocean", "ocean-carrier");
            let unknown = [of("no-such-plugin", partner), of(plugin, "no-such-partner")];
            [vec![fits().says(of(plugin, partner))], unknown.map(|of| no_such.clone().says(of)).to_vec()].concat()
        }
        "get /v1/plugins/{name}/use" | "get /v1/plugins/{name}/bom" => on_one("carrier-ocean", "no-such-plugin"),
        "post /v1/changes/{digest}/approve" => {
            let word = fits().says(json!({ "reason": reason }));
            vec![word.clone().named(change), word.unknown(&"0".repeat(64))]
        }
        _ => return None,
    })
}

/// Every request of one route: its own, and what can go wrong with any of its kind.
fn cases(route: &str, things: &Things) -> Vec<Case> {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method");
    let rows = own(route, things).unwrap_or_else(|| panic!("{route} has no row in this test: add one"));
    let case = |row: &Row| Case {
        outcome: row.outcome,
        method: method.clone(),
        path: match path.split_once('{').zip(path.split_once('}')) {
            Some(((before, _), (_, behind))) => format!("{before}{}{behind}", row.named),
            None => path.to_owned(),
        } + &if row.query.is_empty() { String::new() } else { format!("?{}", row.query) },
        headers: Vec::new(),
        body: row.body.as_ref().map(Value::to_string).unwrap_or_default(),
    };
    let mut cases: Vec<Case> = rows.iter().map(case).collect();
    let good = cases[0].clone();
    cases.push(Case { outcome: "another method", method: Method::DELETE, body: String::new(), ..good.clone() });
    if path.starts_with("/v1/") {
        let path = format!("{}{}nothing=1", good.path, if good.path.contains('?') { '&' } else { '?' });
        cases.push(Case { outcome: "unknown field in the query", path, ..good.clone() });
    }
    if let Some(mut body) = rows[0].body.clone() {
        body["nothing"] = json!(1);
        cases.push(Case { outcome: "unknown field in the body", body: body.to_string(), ..good.clone() });
        cases.push(Case { outcome: "no JSON", body: "{".to_owned(), ..good.clone() });
        cases.push(Case { outcome: "too large", body: " ".repeat(TOO_LARGE), ..good.clone() });
        let headers = vec![("content-encoding", "gzip".to_owned())];
        cases.push(Case { outcome: "a coding", headers, ..good });
    }
    cases
}

struct Roles(Vec<(&'static str, Option<String>)>);

impl Roles {
    fn of(workshop: &Workshop) -> Roles {
        let with_key =
            PERMISSIONS.map(|may| (may, Some(operator(workshop, &format!("only-{may}"), &format!("\"{may}\"")))));
        let without = [("nobody", None), ("a stranger", Some("a-key-that-no-operator-has-ever-had".to_owned()))];
        Roles(without.into_iter().chain(with_key).collect())
    }
}

async fn ask(gateway: &Gateway, key: Option<&String>, case: &Case) -> Answer {
    let mut headers = case.headers.clone();
    headers.extend(key.map(|key| ("authorization", format!("Bearer {key}"))));
    Client::new(gateway.operator).send(case.method.clone(), &case.path, &headers, Bytes::from(case.body.clone())).await
}

/// Keeps a filing that waits for a person, as if a composer had written it.
fn file(journal: &std::path::Path) {
    let digest = "as it is".to_owned();
    let filing = Filing { state: FilingState::Blocked, digest, ..Filing::draft(LRN.to_owned()) };
    let filing = serde_json::to_string(&filing).expect("JSON");
    let text = "INSERT INTO filings (shipment, name, state, lrn, filing, began_at, changed_at) \
                VALUES (?1, 'import', 'blocked', ?2, ?3, 0, 0)";
    let file = rusqlite::Connection::open(journal).expect("it opens");
    file.execute(text, rusqlite::params![[8_u8; 16].as_slice(), LRN, filing]).expect("it is kept");
}

/// A gateway under the two-person rule with an exchange, one whose payload is removed, and a change that waits.
async fn set_out() -> (Scene, Roles, Things) {
    let mut roles = None;
    let mut scene = Scene::new(|workshop| {
        approval::rule(workshop);
        roles = Some(Roles::of(workshop));
        workshop.edit("shipments.toml", |text| text.replace("opens = [", "opens = [\"milestone\", "));
        let members = "title = \"Shipping operations\"\noperators = [\"on-call\"";
        workshop.edit("exceptions.toml", |text| text.replace(members, &format!("{members}, \"only-decide\"")));
    })
    .await;
    let redacted = scene.event(1).await;
    scene.until("delivered", 1).await;
    eventually("a shipment", async || {
        let found = scene.get("/v1/shipments?reference=event-1").await.json();
        if found["items"][0]["current"] == true { Ok(()) } else { Err(found) }
    })
    .await;
    scene.gateway.stopped().await;
    let path = scene.workshop.path().join("journal.sqlite");
    let journal = portgate_store::open(&JournalSettings::Sqlite { path }).await.expect("it opens");
    let now = Timestamp::now();
    // Nothing is heard of its shipment any more.
    journal.close_quiet(now + 1.hour(), now, 10).await.expect("it closes");
    assert!(journal.redact(now + 1.hour(), now, 10).await.expect("it redacts") > 0);
    let exceptions = wait_for_people(&*journal, now).await;
    journal.close(Duration::from_secs(10)).await;
    file(&scene.workshop.path().join("journal.sqlite"));
    scene.gateway = scene.workshop.start().await;
    let exchange = scene.event(2).await;
    let delivered = scene.until("delivered", 2).await;
    // Two shipments of which one container is told.
    scene.send(String::from_utf8(gate_out(2)).expect("text").replace("event-2", "event-2-again")).await;
    eventually("two shipments", async || {
        let found = scene.get("/v1/shipments?reference=OPSU0000026").await.json();
        if found["items"].as_array().is_some_and(|items| items.len() == 2) { Ok(()) } else { Err(found) }
    })
    .await;
    let delivery = delivered[0]["id"].as_str().expect("an id").to_owned();
    let shown = scene.get(&format!("/v1/exchanges/{exchange}/rerun")).await.json();
    let difference = shown["difference"].as_str().expect("a difference").to_owned();
    let refused = scene.refused().await;
    let shipment = scene.get("/v1/shipments/event-2").await.json()["id"].clone();
    let shipment = shipment.as_str().expect("an id").to_owned();
    scene.workshop.edit("partners/ocean-carrier.toml", |text| text.replace("[\"2.2\"]", "[\"2.2\", \"3.0\"]"));
    for _ in 0..600 {
        if let Some(change) = scene.get("/v1/changes").await.json()["items"][0]["digest"].as_str() {
            let change = change.to_owned();
            return (
                scene,
                roles.expect("roles"),
                Things { delivery, exchange, redacted, refused, shipment, difference, change, exceptions },
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no change waits within a minute");
}

/// What waits for a person of the team `operations`, with an act that waits for a second one, and for one of another team.
async fn wait_for_people(journal: &dyn Journal, now: Timestamp) -> [String; 2] {
    let open = |team: &str| ExceptionChange {
        change: Change::Open(Wanted {
            cause: Cause { kind: CauseKind::Context, name: team.to_owned() },
            team: None,
            severity: Severity::Error,
            detail: "Something does not fit.".to_owned(),
            remedy: String::new(),
            findings: Vec::new(),
        }),
        routed: Some(Routed { team: team.to_owned(), deadline: None, escalate_to: None }),
        of: None,
        thing: None,
    };
    let exceptions = ["operations", "trade"].map(open).to_vec();
    journal.keep_waiting(PeopleChanges { exceptions, ..PeopleChanges::default() }, now).await.expect("they are kept");
    let listed = journal.exceptions(ExceptionFilter::default(), None, 10).await.expect("they are listed").items;
    let id = |team: &str| listed.iter().find(|one| one.team == team).expect("it is there").id;
    let first = ActOnException {
        id: id("operations"),
        doing: Doing::Assign { team: None, to: None },
        operator: Operator { name: "ada".to_owned(), reason: "a test of routes".to_owned() },
        needs_second: true,
        confirms: None,
        correction: None,
        now,
    };
    assert_eq!(journal.act_on_exception(first).await, Ok(ExceptionEnd::Waits(1)));
    [id("operations").to_string(), id("trade").to_string()]
}

/// The routes of the description, each with what it describes.
fn described(description: &Value) -> BTreeMap<String, Value> {
    let mut routes = BTreeMap::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            routes.insert(format!("{method} {path}"), operation.clone());
        }
    }
    routes
}

/// Problems that a route can answer with, by the description.
fn declared(operation: &Value) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    for response in operation["responses"].as_object().expect("responses").values() {
        let types =
            &response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["type"]["enum"];
        let types = types.as_array().into_iter().flatten().filter_map(Value::as_str);
        declared.extend(types.map(|path| path.trim_start_matches("/problems/").to_owned()));
    }
    declared
}

/// Holds an answer against what is described for its status.
fn check(description: &Value, operation: &Value, answer: &Answer, what: &str) {
    let response = &operation["responses"][answer.status.as_str()];
    assert!(response.is_object(), "{what}: {} is not described", answer.status);
    let media_type = answer.header("content-type");
    let content = &response["content"][media_type];
    assert!(content.is_object(), "{what}: {media_type} is not described");
    if let Some(schema) = content.get("schema") {
        let mut schema = schema.clone();
        schema["components"] = description["components"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let body = answer.json();
        let errors: Vec<String> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{what}: {errors:?} in {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_role_as_it_is_described() {
    let (scene, Roles(roles), things) = set_out().await;
    let description = scene.get("/openapi.json").await.json();
    let mut table = String::new();
    for (route, operation) in described(&description) {
        let permission = operation["security"][0]["operatorKey"][0].as_str().unwrap_or("nothing");
        writeln!(table, "{route} (needs {permission})").expect("a text");
        let mut provoked = BTreeSet::new();
        for case in cases(&route, &things) {
            let mut answers: Vec<(String, Vec<&str>)> = Vec::new();
            for (role, key) in &roles {
                let answer = ask(&scene.gateway, key.as_ref(), &case).await;
                let (problem, what) = (answer.problem(), format!("{route}: {}: {role}", case.outcome));
                if case.outcome != "another method" {
                    check(&description, &operation, &answer, &what);
                    assert!(problem.is_empty() || declared(&operation).contains(&problem), "{what}: {problem}");
                }
                let said = format!("{} {problem}", answer.status.as_u16()).trim_end().to_owned();
                provoked.insert(problem);
                match answers.iter_mut().find(|(known, _)| *known == said) {
                    Some((_, same)) => same.push(role),
                    None => answers.push((said, vec![role])),
                }
            }
            let answers = answers.iter().map(|(said, roles)| format!("{said}: {}", roles.join(", ")));
            let answers = answers.collect::<Vec<_>>().join(" | ");
            writeln!(table, "  {:<26}  {answers}", case.outcome).expect("a text");
        }
        let mut silent = declared(&operation);
        silent.retain(|problem| !provoked.contains(problem) && !ELSEWHERE.contains(&problem.as_str()));
        assert!(silent.is_empty(), "{route}: nothing here has provoked {silent:?}");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_journal_whoever_may_ask_is_told_so() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    let Roles(roles) = Roles::of(&workshop);
    let gateway = workshop.start().await;
    let description = Client::new(gateway.operator).get("/openapi.json").await.json();
    drop(server);
    let id = "00000000-0000-7000-8000-000000000000".to_owned();
    let things = Things {
        delivery: id.clone(),
        exchange: id.clone(),
        redacted: id.clone(),
        refused: id.clone(),
        shipment: id.clone(),
        difference: "00".to_owned(),
        change: "0".repeat(64),
        exceptions: [id.clone(), id],
    };
    // They need no journal: what this gateway and its plugins are made of, and what is open to everybody but readiness.
    let alone = [
        "get /livez",
        "get /metrics",
        "get /openapi.json",
        "get /problems/{slug}",
        "get /v1/bom",
        "get /v1/plugins/{name}/bom",
        // It tells that the journal does not answer.
        "get /v1/status",
    ];
    for (route, operation) in described(&description) {
        let case = cases(&route, &things).swap_remove(0);
        let needs = operation["security"][0]["operatorKey"][0].as_str();
        for (role, key) in roles.iter().filter(|(role, _)| needs.is_none_or(|needs| needs == *role)) {
            let answer = ask(&gateway, key.as_ref(), &case).await;
            check(&description, &operation, &answer, &route);
            match alone.contains(&route.as_str()) {
                true => assert_eq!(answer.status, 200, "{route}: {role}"),
                false => assert_eq!(answer.status, 503, "{route}: {role}: {}", answer.json()),
            }
            if needs.is_some() && answer.status == 503 {
                assert_eq!(answer.problem(), "journal-unavailable", "{route}");
            }
        }
    }
}
