//! A consignment crosses two borders: the story that `portgate demo --only border` plays with a gateway of its own, which it kills in between,
//! on either journal. Whatever should come and does not ends it with an error; what is left behind is looked at here.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::program;
use portgate_tests::{Client, Workshop, eventually};
use serde_json::Value;

/// The story has to be over after so long, with what a first start compiles.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the account says, in this order.
const TOLD: [&str; 22] = [
    "is part of the shipment, and OLNE takes it",
    "LUM-CEIL-18 under 940510, and it is classified as",
    "Gray Heron Freight (forwarder in shipment/",
    ") is Grey Heron Logistics Ltd of",
    "uk-import is written and does not go",
    "eu-entry is written and does not go",
    "30.000 C62 of LUM-CEIL-18 are shipped, and 40.000 are invoiced",
    "the broker is down",
    "killed (SIGKILL)",
    "the import declaration",
    "uk-import is accepted",
    "20.000 C62 of LUM-CEIL-18 are shipped, and 30.000 are invoiced",
    "the amended import",
    "the amendment changes",
    "ACCEPTED, AMENDED, CLEARED, MRN",
    "LUM-CEIL-18: 17.76 GBP of duty as assessed",
    "the parcel, with what customs is told",
    "that it is delivered",
    "of the parcel to Portland, from the order to the door, are one shipment",
    "clearance",
    "VN-GB",
    "VN-US",
];

/// Has every address of the policies another port, which is free.
fn on_free_ports(workshop: &Workshop) {
    // All are held until the last is chosen, or the system might give one of them twice.
    let ours = ["partner", "operator"].map(|key| (key, FreePort::new()));
    for (key, port) in &ours {
        workshop.set("gateway.toml", key, &format!("\"127.0.0.1:{}\"", port.number()));
    }
    let gateway = workshop.policies().join("gateway.toml");
    let mut ports = BTreeMap::new();
    for folder in ["", "partners", "plugins"] {
        for entry in std::fs::read_dir(workshop.policies().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "toml") && path != gateway {
                renumber(&path, &mut ports);
            }
        }
    }
}

fn renumber(path: &Path, ports: &mut BTreeMap<String, FreePort>) {
    const HOST: &str = "127.0.0.1:";
    let text = std::fs::read_to_string(path).expect("a policy file");
    let mut parts = text.split(HOST);
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
        let (port, rest) = part.split_at(digits);
        let port = ports.entry(port.to_owned()).or_insert_with(FreePort::new).number();
        changed.push_str(&format!("{HOST}{port}{rest}"));
    }
    std::fs::write(path, changed).expect("a policy file can be written");
}

/// A port that nobody else has as long as this is held.
struct FreePort(TcpListener);

impl FreePort {
    fn new() -> Self {
        FreePort(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    fn number(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }
}

async fn a_consignment_crosses(workshop: Workshop) {
    on_free_ports(&workshop);
    let mut demo = tokio::process::Command::new(program("portgate"));
    demo.args(["demo", "--only", "border", "--policies"]).arg(workshop.policies()).kill_on_drop(true);
    let output =
        tokio::time::timeout(PATIENCE, demo.output()).await.expect("the story ends").expect("the program runs");
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // What went wrong stands last in a long story, and is to be read first.
    let amiss = told.lines().filter(|line| line.contains('✗')).chain(told.lines().rev().take(8)).collect::<Vec<_>>();
    assert!(output.status.success(), "{}\n{wrong}\n{told}", amiss.join("\n"));
    let mut rest = &*told;
    for said in TOLD {
        let at = rest.find(said).unwrap_or_else(|| panic!("`{said}` is not told there:\n{told}"));
        rest = &rest[at..];
    }
    let key = std::fs::read_to_string(workshop.path().join("partners/on-call.key")).expect("the demo's operator key");
    let gateway = workshop.start().await;
    let headers = [("authorization", format!("Bearer {key}"))];
    let client = Client::new(gateway.operator);
    let filed = eventually("both are filed", async || {
        let shown = client.send(Method::GET, "/v1/filings", &headers, Bytes::new()).await.json();
        match shown["items"].as_array().map(Vec::as_slice) {
            Some([one, other]) => Ok([one.clone(), other.clone()]),
            _ => Err(shown),
        }
    })
    .await;
    // Each was filed once and amended once, whatever was down and killed meanwhile; and nothing more is sent by who comes later.
    let mut stand = filed.map(|filing| {
        let kinds: Vec<Value> =
            filing["steps"].as_array().into_iter().flatten().map(|step| step["kind"].clone()).collect();
        let all_taken = filing["steps"].as_array().into_iter().flatten().all(|step| step["standing"] == "taken");
        format!("{} {} {kinds:?} {all_taken}", filing["name"], filing["state"])
    });
    stand.sort();
    let sent = "[String(\"submit\"), String(\"amend\")] true";
    assert_eq!(stand, [format!("\"eu-entry\" \"accepted\" {sent}"), format!("\"uk-import\" \"cleared\" {sent}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consignment_crosses_two_borders_and_changes_on_the_way_in_a_file() {
    a_consignment_crosses(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consignment_crosses_two_borders_and_changes_on_the_way_on_a_server() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_consignment_crosses(workshop).await;
}
