//! The commands that ask a running gateway.

use std::path::Path;
use std::process::{Command, Output};

use portgate_tests::{plugins, process};
use serde_json::Value;

use crate::Scene;

impl Scene {
    /// Runs `portgate …` as the operator; its standard input is no terminal.
    pub(crate) async fn portgate(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(process::program("portgate"));
        command.args(arguments).env("PORTGATE_OPERATOR", format!("http://{}", self.gateway.operator));
        command.env("PORTGATE_OPERATOR_KEY", &self.workshop.credentials.operator_key);
        command.env("PORTGATE_POLICIES", self.workshop.policies()).current_dir(self.workshop.path());
        command.stdin(std::process::Stdio::null());
        tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic")
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_listed_retried_and_discarded_after_a_preview_and_a_yes() {
    let scene = Scene::new(|_| {}).await;
    scene.portal.answer(422);
    scene.event(1).await;
    scene.until("dead", 1).await;
    let listed = scene.portgate(&["delivery", "list", "--state", "dead"]).await;
    assert!(listed.status.success() && said(&listed).contains("customer-portal"), "{}", said(&listed));
    assert!(said(&listed).contains("The portal does not know this code."), "{}", said(&listed));

    let retry = ["delivery", "retry", "--state", "dead", "--reason", "the portal is mended"];
    let unsaid = scene.portgate(&retry).await;
    assert!(!unsaid.status.success() && said(&unsaid).contains("nobody said yes"), "{}", said(&unsaid));
    assert_eq!(scene.until("dead", 1).await.len(), 1);
    scene.portal.answer(200);
    let done = scene.portgate(&[&retry[..], &["--yes", "--rate", "5"]].concat()).await;
    assert!(done.status.success() && said(&done).contains("retry: 1 deliveries"), "{}", said(&done));
    scene.until("delivered", 1).await;

    let all = scene.portgate(&["delivery", "discard", "--reason", "no filter", "--yes"]).await;
    assert!(!all.status.success() && said(&all).contains("--all"), "{}", said(&all));
    let acts = scene.portgate(&["delivery", "acts"]).await;
    let words: Vec<String> =
        said(&acts).lines().last().into_iter().flat_map(str::split_whitespace).map(String::from).collect();
    assert_eq!(words[1..], ["on-call", "retry", "1", "the", "portal", "is", "mended"], "{}", said(&acts));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_through_the_same_plugin_is_the_same_and_through_another_build_shows_each_difference() {
    let scene = Scene::new(|_| {}).await;
    let id = scene.event(1).await;
    scene.event(2).await;
    let same = scene.portgate(&["replay", "--partner", "ocean-carrier"]).await;
    assert!(same.status.success(), "{}", said(&same));
    assert!(said(&same).contains("2 the same, 0 different, 0 failed, 0 left out"), "{}", said(&same));

    // Another build: it calls one field by another name.
    let mut component = plugins::built("carrier-ocean");
    let (word, other) = (b"equipmentId", b"equipmentID");
    let places: Vec<usize> =
        (0..component.len() - word.len()).filter(|at| component[*at..].starts_with(word)).collect();
    assert!(!places.is_empty(), "the plugin knows the word");
    for at in places {
        component[at..at + word.len()].copy_from_slice(other);
    }
    let file = scene.workshop.path().join("other.wasm");
    std::fs::write(&file, component).expect("a plugin");
    let file = Path::new(&file).to_str().expect("a path of plain text");
    let different = scene.portgate(&["replay", &id, "--plugin", file, "--json"]).await;
    assert_eq!(different.status.code(), Some(1), "{}", said(&different));
    let outcome: Value = serde_json::from_slice(&different.stdout).expect("JSON");
    assert_eq!(outcome[0]["exchange"], id.as_str());
    let differences = outcome[0]["differences"].as_array().expect("differences");
    let at = |end: &str| differences.iter().find(|one| one["pointer"].as_str().is_some_and(|text| text.ends_with(end)));
    assert_eq!(at("/equipmentId").map(|one| &one["before"]), Some(&"OPSU0000010".into()), "{outcome:#}");
    assert_eq!(at("/equipmentID").map(|one| &one["after"]), Some(&"OPSU0000010".into()), "{outcome:#}");
    assert_eq!(scene.portal.taken().len(), 2, "a replay has no effect");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_with_what_to_do() {
    let scene = Scene::new(|_| {}).await;
    let unreachable = scene.portgate(&["delivery", "list", "--operator", "http://127.0.0.1:9"]).await;
    assert!(said(&unreachable).contains("is the gateway running"), "{}", said(&unreachable));
    let no_url = scene.portgate(&["exchange", "list", "--operator", "localhost:8481"]).await;
    assert!(said(&no_url).contains("no http:// URL"), "{}", said(&no_url));
    let typo = scene.portgate(&["delivery", "list", "--state", "ded"]).await;
    assert!(
        said(&typo).contains("--state") && said(&typo).contains("awaiting, sent, overdue, delivered, dead"),
        "{}",
        said(&typo)
    );
    let unknown = scene.portgate(&["delivery", "list", "--exchange", "of-yesterday"]).await;
    assert!(said(&unknown).contains("/exchange not an identifier"), "{}", said(&unknown));
    let key = scene.portgate(&["operator", "key", "night-shift"]).await;
    let (key, policy) =
        (String::from_utf8_lossy(&key.stdout).into_owned(), String::from_utf8_lossy(&key.stderr).into_owned());
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.trim().as_bytes());
    assert!(policy.contains(&hex::encode(hash)) && !policy.contains(key.trim()), "{policy}");
}
