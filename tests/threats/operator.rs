//! Rows 34 and 36: whoever may write to the gateway's database cannot hide what happened, and whoever asks learns what the
//! gateway is made of.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_core::audit::{AuditKey, Sealed, SignedHead};
use portgate_tests::{Answer, Client, process};
use rusqlite::Connection;
use serde_json::Value;

use crate::{Gate, ORDER, order};

/// Payloads that the operator looks at, so that there is something to hide.
const READS: usize = 6;

impl Gate {
    pub(crate) async fn ask(&self, path: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {}", self.workshop.credentials.operator_key))];
        Client::new(self.gateway.operator).send(Method::GET, path, &headers, Bytes::new()).await
    }

    pub(crate) async fn portgate(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(process::program("portgate"));
        command.args(arguments).current_dir(self.workshop.path());
        command.env("PORTGATE_OPERATOR", format!("http://{}", self.gateway.operator));
        command.env("PORTGATE_OPERATOR_KEY", &self.workshop.credentials.operator_key);
        tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic")
    }

    async fn saved(&self, arguments: &[&str]) {
        let output = self.portgate(arguments).await;
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Exports the log as the gateway now shows it and verifies it against the head that was kept.
    async fn verdict(&self) -> (Option<i32>, String) {
        self.saved(&["audit", "export", "log.jsonl"]).await;
        self.verify("log.jsonl", "kept.json").await
    }

    async fn verify(&self, log: &str, head: &str) -> (Option<i32>, String) {
        let output = self.portgate(&["audit", "verify", "--log", log, "--head", head, "--key", "key.pem"]).await;
        (output.status.code(), said(&output))
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.workshop.path().join(file)).expect("a file")
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The database as somebody with the right to write to it has it.
fn database(folder: &Path) -> Connection {
    let database = Connection::open(folder.join("journal.sqlite")).expect("the journal's file");
    database.busy_timeout(Duration::from_secs(30)).expect("it is set");
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_34_an_edited_audit_log_is_found_at_the_very_entry() {
    let gate = Gate::open().await;
    let answer = gate.client.post(ORDER, &gate.shop(), order()).await;
    let exchange = answer.header("location").to_owned();
    for _ in 0..READS {
        assert_eq!(gate.ask(&format!("{exchange}/payload")).await.status, 200);
    }
    let reads = async || gate.ask("/v1/audit?kind=payload-read&order=oldest").await.json()["items"].clone();
    while reads().await.as_array().map(Vec::len) != Some(READS) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let number = reads().await[1]["number"].as_u64().expect("a number");
    gate.saved(&["audit", "head", "kept.json"]).await;
    gate.saved(&["audit", "key", "key.pem"]).await;
    let untouched = gate.verdict().await;
    assert_eq!(untouched.0, Some(0), "{}", untouched.1);
    let kept: Value = serde_json::from_str(&gate.read("kept.json")).expect("JSON");
    let last = kept["number"].as_u64().expect("a number");
    std::fs::copy(gate.workshop.path().join("log.jsonl"), gate.workshop.path().join("true.jsonl")).expect("a copy");

    let database = database(gate.workshop.path());
    let edit = |text: &str| database.execute_batch(text).expect("whoever may write, writes");
    let refused = database.execute_batch("DELETE FROM audit").expect_err("by accident nothing goes");
    assert!(refused.to_string().contains("never removed"), "{refused}");
    edit(
        "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed; CREATE TABLE true AS SELECT * FROM audit",
    );
    let restore = "DELETE FROM audit; INSERT INTO audit SELECT * FROM true";
    let altered = format!("NOT VERIFIED: altered: entry number {number}\n");
    let before = number - 1;
    for (what, text, verdict) in [
        (
            "somebody else did it",
            format!("UPDATE audit SET actor = 'operator:eve' WHERE number = {number}"),
            altered.clone(),
        ),
        ("it was another time", format!("UPDATE audit SET at = at - 1 WHERE number = {number}"), altered.clone()),
        (
            "it was another exchange",
            format!("UPDATE audit SET detail = '{{}}' WHERE number = {number}"),
            altered.clone(),
        ),
        ("it is no JSON", format!("UPDATE audit SET detail = '}}' WHERE number = {number}"), altered.clone()),
        (
            "it never was",
            format!("DELETE FROM audit WHERE number = {number}"),
            format!("entries were removed after entry {before}: 1 missing"),
        ),
        (
            "it never was, and the others moved up",
            format!(
                "DELETE FROM audit WHERE number = {number}; UPDATE audit SET number = number - 1 WHERE number > {number}"
            ),
            format!("the log is shorter than the head: it ends with entry {}", last - 1),
        ),
        (
            "two changed places",
            format!(
                "UPDATE audit SET number = -1 WHERE number = {number}; UPDATE audit SET number = {number} WHERE number = \
                 {number} + 1; UPDATE audit SET number = {number} + 1 WHERE number = -1"
            ),
            format!("altered: entry number {number}, entry number {}\n", number + 1),
        ),
        (
            "nothing has happened since",
            format!("DELETE FROM audit WHERE number > {number}"),
            format!("the log is shorter than the head: it ends with entry {number}, the head is of entry {last}"),
        ),
    ] {
        edit(&text);
        let found = gate.verdict().await;
        assert!(found.0 == Some(1) && found.1.contains(&verdict), "{what}: {found:?}, not {verdict}");
        edit(restore);
        assert_eq!(gate.verdict().await.0, Some(0), "{what} was undone");
    }
    rewritten(&gate, number, &kept).await;
    gate.is_open().await;
}

/// Alters an entry, chains everything after it anew, and forges a head for that.
async fn rewritten(gate: &Gate, number: u64, kept: &Value) {
    let folder = gate.workshop.path();
    let (mut lines, mut previous) = (Vec::new(), portgate_core::audit::GENESIS);
    for line in gate.read("true.jsonl").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let text = |member: &str| line[member].as_str().expect("a string").to_owned();
        let at = line["number"].as_u64().expect("a number");
        let sealed = Sealed {
            number: at,
            previous,
            at: text("at").parse().expect("a time"),
            kind: text("kind"),
            actor: if at == number { "operator:eve".to_owned() } else { text("actor") },
            subject: text("subject"),
            detail: line["detail"].to_string(),
        };
        previous = sealed.hash();
        lines.push(sealed.line());
    }
    std::fs::write(folder.join("rewritten.jsonl"), lines.join("\n") + "\n").expect("a file");
    let last = kept["number"].as_u64().expect("a number");
    let found = gate.verify("rewritten.jsonl", "kept.json").await;
    assert!(
        found.0 == Some(1) && found.1.contains(&format!("entry {last} is not the one that was signed")),
        "{found:?}"
    );
    let SignedHead { head, signature } = SignedHead::from_json(&gate.read("kept.json")).expect("a head");
    let stranger = AuditKey::from_seed(&[1; 32]).expect("a key").sign(lines.len() as u64, previous, head.at);
    let forged = SignedHead { head: portgate_core::audit::Head { hash: previous, ..head }, signature };
    for forged in [stranger, forged] {
        std::fs::write(folder.join("forged.json"), forged.to_json()).expect("a file");
        let found = gate.verify("rewritten.jsonl", "forged.json").await;
        assert!(found.0 == Some(1) && found.1.contains("the head is not signed by this key"), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_36_the_engine_and_every_dependency_are_named_with_version_and_digest() {
    let gate = Gate::open().await;
    let bill = gate.ask("/v1/bom").await.json();
    assert_eq!((bill["bomFormat"].as_str(), bill["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    let components = bill["components"].as_array().expect("components");
    let engine = components.iter().find(|component| component["name"] == "wasmtime").expect("the engine");
    let version = engine["version"].as_str().expect("a version");
    assert!(version.starts_with("48."), "the LTS line: {version}");
    assert_eq!(engine["purl"], format!("pkg:cargo/wasmtime@{version}"));
    assert_eq!(engine["hashes"][0]["content"].as_str().map(str::len), Some(64));
    let report = gate.portgate(&["audit", "report"]).await;
    assert!(said(&report).contains(&format!("| engine | wasmtime {version} |")), "{}", said(&report));
    gate.is_open().await;
}
