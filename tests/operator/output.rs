//! What the commands print for people, word for word. Whatever differs from run to run stands as what it is: `ID`, `TIME`,
//! `DIGEST`, `PORT`, `FOLDER`. A difference fails; `INSTA_UPDATE=always cargo test …` takes it over, to be read in the diff.

use std::process::Output;

use crate::Scene;

/// Takes out of a text what differs from run to run.
fn steady(text: &str, folder: &str) -> String {
    let text = text.replace(folder, "FOLDER");
    let lines = text.lines().map(|line| line.split("  ").map(cell).filter(|cell| !cell.is_empty()).collect::<Vec<_>>());
    lines.map(|cells| cells.join(" | ") + "\n").collect()
}

/// A cell of a table, or a line: every word by itself.
fn cell(text: &str) -> String {
    text.trim().split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    let core = word.trim_matches(['`', '"', ',', '.', '(', ')', ':', ';']);
    let stands_for = if core.len() == 36 && core.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        "ID"
    } else if core.len() == 64 && core.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "DIGEST"
    } else if core.parse::<jiff::Timestamp>().is_ok() {
        "TIME"
    } else {
        return without_port(word);
    };
    word.replace(core, stands_for)
}

/// The port of an address on loopback is another each time.
fn without_port(word: &str) -> String {
    let Some((before, behind)) = word.split_once("127.0.0.1:") else { return word.to_owned() };
    format!("{before}127.0.0.1:PORT{}", behind.trim_start_matches(|letter: char| letter.is_ascii_digit()))
}

/// Runs a command and tells what it printed, and how it ended.
async fn told(scene: &Scene, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = scene.portgate(arguments).await;
    let folder = scene.workshop.path().display().to_string();
    let said = |bytes: &[u8]| steady(&String::from_utf8_lossy(bytes), &folder);
    let mut text = format!("$ portgate {}\n{}", steady(&arguments.join(" "), &folder), said(&stdout));
    if !stderr.is_empty() {
        text += &format!("(on standard error)\n{}", said(&stderr));
    }
    text + &format!("(ends with {})\n", status.code().map_or("a signal".to_owned(), |code| code.to_string()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_ask_a_gateway_print_what_they_printed() {
    let scene = Scene::new(|_| {}).await;
    let mut text = told(&scene, &["status"]).await;
    text += &told(&scene, &["quarantine", "list"]).await;
    text += &told(&scene, &["approve", "--list"]).await;
    let delivered = scene.event(1).await;
    scene.until("delivered", 1).await;
    scene.portal.answer(422);
    scene.event(2).await;
    scene.until("dead", 1).await;
    for arguments in [
        &["status"][..],
        &["exchange", "list"],
        &["exchange", "list", "--limit", "1"],
        &["delivery", "list"],
        &["find", "OPSU", "000001-0"],
        &["find", "nobody-is-called-so"],
        &["exchange", "show", "00000000-0000-7000-8000-000000000000"],
        &["exchange", "rerun", &delivered, "--reason", "it was not refused"],
        &["delivery", "retry", "--reason", "which ones"],
        &["delivery", "discard", "--state", "dead", "--reason", "sent by hand", "--yes"],
        &["delivery", "acts"],
        &["quarantine", "lift", "carrier-ocean", "ocean-carrier", "--reason", "it was never out"],
    ] {
        text += "\n";
        text += &told(&scene, arguments).await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_ask_nobody_print_what_they_printed() {
    let scene = Scene::new(|_| {}).await;
    let mut text = String::new();
    for command in
        ["", "serve", "check", "status", "delivery", "exchange", "find", "quarantine", "plugin", "policy", "audit"]
    {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        text += &told(&scene, &arguments).await;
        text += "\n";
    }
    text += &told(&scene, &["check"]).await;
    scene.workshop.set("partners/customer-portal.toml", "enabled", "\"yes\"");
    scene.workshop.replace("routes.toml", &[("document = \"customs-status\"", "document = \"custom-status\"")]);
    text += &told(&scene, &["check"]).await;
    text += &told(&scene, &["delivery", "list", "--operator", "http://127.0.0.1:9"]).await;
    text += &told(&scene, &["delivery", "list", "--state", "ded"]).await;
    insta::assert_snapshot!(text);
}
