//! A partner's codes beside ours: what becomes of a code that nobody has written down, and what waits for it.

use std::process::{Command, Output};

use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Answer, Client, Gateway, Portal, Workshop, eventually, process};
use serde_json::Value;

const STATUS: &str = "/v1/messages/x12-315/4010";

/// What was agreed on the carrier's status reports; what becomes of an unknown code is added.
const REPORTS: &str = r#"
[[agreements]]
name = "reports-in"
contract = "x12-315"
version = "4010"
direction = "in"
edition = "004010"
ours = [{ qualifier = "ZZ", value = "IMPORTER" }]
theirs = [{ qualifier = "ZZ", value = "OCEANLINE" }]
acknowledgement = "in-answer"
"#;

fn agree(workshop: &Workshop, codes: &str) {
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{REPORTS}codes = [{codes}]\n"));
}

/// A set with a carrier of this code, on this day.
fn set(number: u32, carrier: &str, day: &str) -> String {
    format!(
        "ST*315*{number:04}~B4***VA*{day}*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*OLNE26004587{number}~N9*SCA*{carrier}~\
         SE*5*{number:04}~"
    )
}

fn interchange(number: u32, sets: &[String]) -> String {
    let count = sets.len();
    format!(
        "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*{number:09}*0*P*>~\
         GS*QO*OCEANDEPT*IMPDEPT*20260301*0815*{number}*X*004010~{}GE*{count}*{number}~IEA*1*{number:09}~",
        sets.concat()
    )
}

async fn report(gateway: &Gateway, workshop: &Workshop, body: &str) -> Answer {
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
    ];
    Client::new(gateway.partner).post(STATUS, &headers, body.as_bytes().to_vec()).await
}

/// Runs `portgate …` as the operator of this gateway.
async fn portgate(gateway: &Gateway, workshop: &Workshop, arguments: &[&str]) -> Output {
    let mut command = Command::new(process::program("portgate"));
    command.args(arguments).env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator));
    command.env("PORTGATE_OPERATOR_KEY", &workshop.credentials.operator_key);
    command.stdin(std::process::Stdio::null());
    tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic")
}

async fn done(gateway: &Gateway, workshop: &Workshop, arguments: &[&str]) -> String {
    let output = portgate(gateway, workshop, arguments).await;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

async fn add(gateway: &Gateway, workshop: &Workshop, theirs: &str, ours: &str, more: &[&str]) {
    let add =
        ["codes", "add", "ocean-carrier", "reports-in", "carrier", theirs, ours, "--reason", "the line has told us"];
    done(gateway, workshop, &[&add[..], more].concat()).await;
}

/// What an operator sees of an exchange.
async fn shown(gateway: &Gateway, workshop: &Workshop, place: &str) -> Value {
    let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    Client::new(gateway.operator).send(Method::GET, place, &key, Default::default()).await.json()
}

fn verdicts(exchange: &Value) -> Vec<&str> {
    exchange["parts"].as_array().into_iter().flatten().filter_map(|part| part["verdict"].as_str()).collect()
}

/// The carriers of the documents that count.
fn carriers(exchange: &Value) -> Vec<&str> {
    let documents = exchange["documents"].as_array().into_iter().flatten();
    let current = documents.filter(|document| document["supersededBy"].is_null());
    current.filter_map(|document| document["document"]["transportRef"]["carrier"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_whose_code_nobody_knows_waits_and_goes_on_once_when_it_is_added() {
    let server = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed");
    for server in [None, Some(server)] {
        if let Some(None) = server {
            println!("left out: PostgreSQL is not installed");
            continue;
        }
        waits_and_goes_on(server.flatten().as_ref()).await;
    }
}

async fn waits_and_goes_on(server: Option<&PostgresServer>) {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    if let Some(server) = server {
        workshop.keep_in(server);
    }
    agree(&workshop, r#"{ table = "carrier", unknown = "park" }"#);
    let mut first = workshop.start().await;
    let second = if server.is_some() { Some(workshop.start().await) } else { None };
    add(&first, &workshop, "OLNE", "OCEAN", &[]).await;

    let body = interchange(41, &[set(1, "OLNE", "20260228"), set(2, "XXLN", "20260228"), set(3, "OLNE", "20260228")]);
    let answer = report(&first, &workshop, &body).await;
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 200, "{said}");
    assert!(said.contains("AK9*A*3*3*3"), "its syntax is well, so all three are accepted: {said}");
    let place = answer.header("location").to_owned();
    let waiting = shown(&first, &workshop, &place).await;
    assert_eq!(verdicts(&waiting), ["accepted", "awaits-code", "accepted"], "{waiting:#}");
    assert_eq!((waiting["state"].as_str(), waiting["awaitsCode"].as_bool()), (Some("accepted"), Some(true)));
    assert_eq!(carriers(&waiting), ["OCEAN", "OCEAN"]);
    portal.has_taken(2).await;
    let awaited = done(&first, &workshop, &["codes", "awaited"]).await;
    assert!(awaited.contains("XXLN") && awaited.contains("2026-02-28"), "{awaited}");
    let listed = done(&first, &workshop, &["exchange", "list", "--awaits-code"]).await;
    let id = place.rsplit('/').next().expect("an id").to_owned();
    assert!(listed.contains(&id) && listed.contains("awaits-code"), "{listed}");

    // What waits outlives the process, and is added to through another one.
    first.stopped().await;
    let first = workshop.start().await;
    let other = second.as_ref().unwrap_or(&first);
    // A code for another day is not the one that is waited for.
    add(other, &workshop, "XXLN", "LATER", &["--from", "2026-03-01"]).await;
    add(other, &workshop, "XXLN", "THIRD", &["--to", "2026-03-01"]).await;
    let went_on = eventually("the third set", async || {
        let now = shown(&first, &workshop, &place).await;
        match now["awaitsCode"].as_bool() {
            Some(false) => Ok(now),
            _ => Err(now),
        }
    })
    .await;
    assert_eq!(verdicts(&went_on), ["accepted"; 3], "{went_on:#}");
    let mut after = carriers(&went_on);
    after.sort_unstable();
    assert_eq!(after, ["OCEAN", "OCEAN", "THIRD"], "{went_on:#}");
    assert_eq!(went_on["documents"].as_array().map(Vec::len), Some(3), "what was taken before stays as it is");
    let reruns = went_on["reruns"].as_array().expect("a list");
    assert_eq!((reruns.len(), reruns[0]["reason"].as_str()), (1, Some("the line has told us")), "{reruns:#?}");
    portal.has_taken(3).await;
    assert!(done(&first, &workshop, &["codes", "awaited"]).await.contains("Nothing waits"), "and nothing is left");

    // The same code on another day; the other gateway, which has not added it, knows it within a moment.
    let next = eventually("a code of another gateway", async || {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(50);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = report(&first, &workshop, &interchange(number, &[set(number % 10, "XXLN", "20260301")])).await;
        let exchange = shown(&first, &workshop, answer.header("location")).await;
        if verdicts(&exchange) == ["accepted"] { Ok(exchange) } else { Err(exchange) }
    })
    .await;
    assert_eq!(carriers(&next), ["LATER"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_an_unknown_code_is_as_the_agreement_says() {
    for (unknown, status, state, verdict, finding) in [
        ("pass", 200, "accepted", "accepted", None),
        ("finding", 200, "accepted", "accepted", Some("code-unknown")),
        ("refuse", 422, "refused", "refused", Some("code-unknown")),
        ("park", 200, "accepted", "awaits-code", Some("code-awaited")),
    ] {
        let workshop = Workshop::new();
        agree(&workshop, &format!(r#"{{ table = "carrier", unknown = "{unknown}" }}"#));
        let gateway = workshop.start().await;
        let answer = report(&gateway, &workshop, &interchange(41, &[set(1, "XXLN", "20260228")])).await;
        assert_eq!(answer.status, status, "{unknown}");
        let exchange = shown(&gateway, &workshop, answer.header("location")).await;
        assert_eq!((exchange["state"].as_str(), verdicts(&exchange)), (Some(state), vec![verdict]), "{exchange:#}");
        let codes: Vec<&str> = exchange["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        assert_eq!(codes.iter().find(|code| code.starts_with("code-")).copied(), finding, "{exchange:#}");
        if verdict == "accepted" {
            assert_eq!(carriers(&exchange), ["XXLN"], "it goes on as it is");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_are_added_ended_and_imported_and_a_row_in_the_way_is_named() {
    let workshop = Workshop::new();
    agree(&workshop, r#"{ table = "carrier", unknown = "park", rows_max = 4 }"#);
    let gateway = workshop.start().await;
    add(&gateway, &workshop, "OLNE", "OCEAN", &["--from", "2026-01-01"]).await;
    let refused = async |arguments: &[&str]| {
        let output = portgate(&gateway, &workshop, arguments).await;
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let again = ["codes", "add", "ocean-carrier", "reports-in", "carrier", "OLNE", "OTHER", "--reason", "a mistake"];
    let said = refused(&again).await;
    assert!(said.contains("row 1") && said.contains("`OLNE` is `OCEAN` from 2026-01-01 on"), "{said}");
    let nowhere = ["codes", "add", "ocean-carrier", "reports-in", "unit", "PK", "PACK", "--reason", "a mistake"];
    assert!(refused(&nowhere).await.contains("/table"));
    let nobody = ["codes", "add", "nobody", "reports-in", "carrier", "A", "B", "--reason", "a mistake"];
    assert!(refused(&nobody).await.contains("nobody"));

    done(&gateway, &workshop, &["codes", "end", "1", "--to", "2026-06-01", "--reason", "the line was sold"]).await;
    add(&gateway, &workshop, "OLNE", "OTHER", &["--from", "2026-06-01"]).await;
    let listed =
        done(&gateway, &workshop, &["codes", "list", "--partner", "ocean-carrier", "--on", "2026-05-31"]).await;
    assert!(listed.contains("OCEAN") && !listed.contains("OTHER"), "{listed}");

    let file = workshop.path().join("codes.csv");
    std::fs::write(&file, "theirs,ours,way,from,to\nAAAA,A,,,\nBBBB,A,,,\n").expect("a file");
    let import = |file: &std::path::Path| file.to_str().expect("plain text").to_owned();
    let path = import(&file);
    let importing = ["codes", "import", "ocean-carrier", "reports-in", "carrier", &path, "--reason", "the line's list"];
    let said = refused(&importing).await;
    assert!(said.contains("/codes/1") && said.contains("another one of these"), "{said}");
    std::fs::write(&file, "theirs,ours,way,from,to\nAAAA,A,,,\nBBBB,A,in,,\n").expect("a file");
    assert!(done(&gateway, &workshop, &importing).await.contains("2 codes were added"));
    let full = ["codes", "add", "ocean-carrier", "reports-in", "carrier", "CCCC", "C", "--reason", "one too many"];
    assert!(refused(&full).await.contains("rows_max"));

    for (kind, told) in
        [("codes-added", ["the line's list", "AAAA = A (both)"]), ("code-ended", ["the line was sold", "OLNE = OCEAN"])]
    {
        eventually("the entry of the audit log", async || {
            let audit = done(&gateway, &workshop, &["audit", "search", "--kind", kind, "--json"]).await;
            if told.iter().all(|told| audit.contains(told)) { Ok(()) } else { Err(audit) }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_code_nobody_knows_waits_and_is_sent_once_when_it_is_added() {
    let workshop = Workshop::new();
    let tms = Portal::listen(&workshop).await;
    let here = tms.address().to_string();
    for file in ["plugins/tms-edi.toml", "partners/tms.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8484", &here));
    }
    workshop.edit("partners/tms.toml", |text| {
        text.replacen("{ table = \"carrier\", unknown = \"pass\" }", "{ table = \"carrier\", unknown = \"park\" }", 1)
    });
    workshop.secret("tms.key", &workshop.credentials.portal_key);
    workshop.edit("routes.toml", |text| {
        let kept = text.split("[[deliver]]").next().unwrap_or_default();
        format!(
            "{kept}[[deliver]]\ndocument = \"milestone\"\nto = \"tms\"\ncontract = \"x12-214\"\nversion = \"4010\"\n"
        )
    });
    agree(&workshop, "");
    let mut gateway = workshop.start().await;
    let answer = report(&gateway, &workshop, &interchange(41, &[set(1, "OLNE", "20260228")])).await;
    let place = answer.header("location").to_owned();
    let waiting = eventually("the delivery waits", async || {
        let exchange = shown(&gateway, &workshop, &place).await;
        let delivery = exchange["deliveries"][0].clone();
        if delivery["state"] == "awaits-code" { Ok(delivery) } else { Err(exchange) }
    })
    .await;
    assert_eq!(waiting["findings"][0]["code"], "code-awaited", "it says why: {waiting:#}");
    let listed = done(&gateway, &workshop, &["delivery", "list", "--state", "awaits-code"]).await;
    assert!(listed.contains(waiting["id"].as_str().expect("an id")), "{listed}");
    let awaited = done(&gateway, &workshop, &["codes", "awaited"]).await;
    assert!(awaited.contains("status-out") && awaited.contains("ours") && awaited.contains("OLNE"), "{awaited}");

    gateway.stopped().await;
    let gateway = workshop.start().await;
    assert_eq!(tms.requests(), 0, "nobody sends it");
    let add = ["codes", "add", "tms", "status-out", "carrier", "OLNS", "OLNE", "--reason", "as they call it"];
    done(&gateway, &workshop, &add).await;
    tms.has_taken(1).await;
    let sent = String::from_utf8_lossy(&tms.received()[0].body).into_owned();
    assert!(sent.contains("**OLNS~") && sent.contains("ISA*"), "{sent}");
    let delivered = eventually("it is delivered", async || {
        let exchange = shown(&gateway, &workshop, &place).await;
        // By the agreement it is acknowledged later, which nobody does here.
        let state = exchange["deliveries"][0]["state"].as_str();
        if matches!(state, Some("sent" | "overdue")) { Ok(exchange) } else { Err(exchange) }
    })
    .await;
    assert_eq!(delivered["deliveries"].as_array().map(Vec::len), Some(1), "{delivered:#}");
    assert_eq!(tms.requests(), 1);
}
