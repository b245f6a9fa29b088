//! Row 46: a configured file that is no file, is too large, or lies where nothing answers.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portgate_tests::process::{GatewayProcess, program};
use portgate_tests::{Client, HungMount, Workshop};

use crate::operator::said;
use crate::{ORDER, json, order};

/// Long enough for any answer, and far shorter than for ever.
const SOON: Duration = Duration::from_secs(30);

/// Everything that a file can be exchanged for, with what is said of it.
const IMPOSTORS: [(&str, &str); 5] = [
    ("pipe", "it is a pipe"),
    ("device", "it is a device"),
    ("folder", "it is a folder"),
    ("dangling", "leads to nothing"),
    ("endless", " bytes"),
];

fn put(impostor: &str, path: &Path) {
    let _ = fs::remove_file(path);
    match impostor {
        "pipe" => assert!(Command::new("mkfifo").args(["-m", "600"]).arg(path).status().expect("mkfifo").success()),
        "device" => symlink("/dev/zero", path).expect("a link"),
        "folder" => fs::create_dir(path).expect("a folder"),
        "dangling" => symlink(path.with_extension("nowhere"), path).expect("a link"),
        _ => {
            portgate_files::own::write_new(path, b"").expect("a file");
            File::options().write(true).open(path).expect("our file").set_len(1 << 42).expect("a sparse file");
        }
    }
}

fn take_away(path: &Path) {
    let _ = fs::remove_dir(path).or_else(|_| fs::remove_file(path));
}

/// Files of every kind that a configuration names, with the key that the mistake must name.
fn named_files(workshop: &Workshop) -> Vec<(PathBuf, &'static str)> {
    let policies = workshop.policies();
    let own = |name: &str| workshop.path().join(name);
    vec![
        (policies.join("gateway.toml"), "gateway.toml"),
        (policies.join("partners/web-shop.toml"), "partners/web-shop.toml"),
        (policies.join("plugins/ecom-shopify.toml"), "plugins/ecom-shopify.toml"),
        (policies.join("operators/on-call.toml"), "operators/on-call.toml"),
        (policies.join("signers/builder.toml"), "signers/builder.toml"),
        (own("secrets/customs-broker.whsec"), "partners/customs-broker.toml"),
        (own("secrets/ocean-carrier.jwks.json"), "partners/ocean-carrier.toml"),
        (own("plugins/ecom-shopify.wasm"), "plugins/ecom-shopify.toml"),
        (own("builder.pub"), "signers/builder.toml"),
        (own("rates.csv"), "rates.csv"),
    ]
}

/// A workshop whose components, table and signer's key are files of its own.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    let plugins = workshop.path().join("plugins");
    portgate_tests::plugins::copy_all(&plugins);
    fs::copy(portgate_tests::plugins::public_key(), workshop.path().join("builder.pub")).expect("a key");
    fs::write(workshop.path().join("rates.csv"), "key,value\nEUR,0.86\n").expect("a table");
    workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    workshop.set("signers/builder.toml", "public_key_file", "\"../builder.pub\"");
    workshop.edit("gateway.toml", |text| format!("{text}\n[tables.more-rates]\nfile = \"../rates.csv\"\n"));
    workshop
}

#[tokio::test]
async fn row_46_what_is_no_plain_file_is_a_mistake_with_its_name_at_a_start() {
    let workshop = workshop();
    for (path, key) in named_files(&workshop) {
        let before = fs::read(&path).expect("a file");
        for (impostor, problem) in IMPOSTORS {
            put(impostor, &path);
            let began = Instant::now();
            let said = workshop.refused().await;
            let line = said.lines().find(|line| line.contains(key) && line.contains(problem));
            assert!(line.is_some() && began.elapsed() < SOON, "{impostor} as {}: {said}", path.display());
            take_away(&path);
        }
        portgate_files::own::replace(&path, &before).expect("the file as it was");
    }
    workshop.start().await.stopped().await;
}

/// Waits for a line of the log behind its first `known` bytes that has all of these.
async fn is_told(gateway: &GatewayProcess, known: usize, parts: &[&str]) {
    let began = Instant::now();
    loop {
        let log = gateway.log();
        if log[known..].lines().any(|line| parts.iter().all(|part| line.contains(part))) {
            return;
        }
        assert!(began.elapsed() < SOON, "{parts:?} is not told within {SOON:?}: {}", &log[known..]);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Sends orders until the web shop's burst is this, each of which must be answered.
async fn burst_is(workshop: &Workshop, gateway: &GatewayProcess, burst: u32) {
    let (client, began) = (Client::new(gateway.partner), Instant::now());
    let headers = [("x-api-key", workshop.credentials.api_key.clone()), json()];
    loop {
        let answer = tokio::time::timeout(SOON, client.post(ORDER, &headers, order())).await.expect("an answer");
        assert!(answer.status.is_success(), "{}", answer.json());
        if answer.header("ratelimit-policy").contains(&format!("q={burst};")) {
            return;
        }
        assert!(began.elapsed() < SOON, "the change is not taken up: {}", gateway.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn row_46_what_becomes_no_plain_file_is_told_and_the_last_good_state_stays_until_it_is_mended() {
    let workshop = workshop();
    let gateway = GatewayProcess::start(&workshop);
    for (path, key) in named_files(&workshop) {
        let before = fs::read(&path).expect("a file");
        for (impostor, problem) in [IMPOSTORS[0], IMPOSTORS[3]] {
            let known = gateway.log().len();
            put(impostor, &path);
            is_told(&gateway, known, &["not taken up", key, problem]).await;
            burst_is(&workshop, &gateway, 200).await;
            take_away(&path);
            portgate_files::own::replace(&path, &before).expect("the file as it was");
        }
    }
    // Reloads go on: a change after all that is taken up.
    workshop.set("partners/web-shop.toml", "burst", "201");
    burst_is(&workshop, &gateway, 201).await;
}

/// Waits until the gateway says this at one of its operators' addresses.
async fn says(gateway: &GatewayProcess, path: &str, part: &str) {
    let operator = Client::new(gateway.operator);
    let began = Instant::now();
    loop {
        let said = String::from_utf8_lossy(&operator.get(path).await.body).into_owned();
        if said.contains(part) {
            return;
        }
        assert!(began.elapsed() < SOON, "{path} says {said}, and the log {}", gateway.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn row_46_files_on_a_mount_that_hangs_stop_no_request_and_no_shutdown_and_reloads_come_back_with_it() {
    for place in ["policies/partners", "secrets", "plugins"] {
        let workshop = workshop();
        let mut gateway = GatewayProcess::start(&workshop);
        let client = Client::new(gateway.partner);
        let headers = [("x-api-key", workshop.credentials.api_key.clone()), json()];
        let Some(hung) = HungMount::over(&workshop.path().join(place)) else { return };
        says(&gateway, "/readyz", "changed files are not taken up").await;
        says(&gateway, "/metrics", "portgate_reload_overdue 1").await;
        assert!(gateway.said("changed files are not taken up"));
        for _ in 0..50 {
            let answer = tokio::time::timeout(SOON, client.post(ORDER, &headers, order())).await.expect("an answer");
            assert!(answer.status.is_success(), "{place}: {}", answer.json());
        }
        // A token's key set is a file of the folder that hangs; what is known of it serves on.
        let token = crate::bearer(&workshop.credentials.token());
        let answer = tokio::time::timeout(SOON, client.post(crate::EVENTS, &token, crate::events())).await;
        assert!(answer.expect("an answer").status.is_success(), "{place}");

        drop(hung);
        says(&gateway, "/metrics", "portgate_reload_overdue 0").await;
        workshop.set("partners/web-shop.toml", "burst", "201");
        burst_is(&workshop, &gateway, 201).await;

        // And while it hangs again, the gateway stops as it is told.
        let Some(hung) = HungMount::over(&workshop.path().join(place)) else { return };
        says(&gateway, "/readyz", "changed files are not taken up").await;
        let began = Instant::now();
        assert!(gateway.stop(SOON), "{place}: it does not stop");
        assert!(began.elapsed() < SOON);
        // Nor does one start that cannot: it says so instead of waiting.
        let said = tokio::time::timeout(SOON * 2, workshop.refused()).await.expect("a refusal");
        assert!(said.contains("the file system does not answer"), "{place}: {said}");
        drop(hung);
    }
}

#[tokio::test]
async fn row_46_forty_thousand_mistakes_are_a_hundred_and_a_number() {
    let workshop = Workshop::new();
    let gateway = GatewayProcess::start(&workshop);
    let known = gateway.log().len();
    let keys = (0..40_000).map(|number| format!("unknown-key-{number} = {number}\n"));
    workshop.edit("partners/web-shop.toml", |policy| format!("{}{policy}", keys.collect::<String>()));
    let mut check = Command::new(program("portgate"));
    check.args(["check", "--policies"]).arg(workshop.policies());
    let checked = tokio::task::spawn_blocking(move || check.output().expect("portgate runs")).await.expect("no panic");
    let said = said(&checked);
    assert!(
        !checked.status.success() && said.contains("has 39900 more mistakes"),
        "{}",
        &said[..said.len().min(2_000)]
    );
    assert!(said.lines().count() < 200, "{} lines", said.lines().count());
    is_told(&gateway, known, &["not taken up", "has 39900 more mistakes"]).await;
    assert!(gateway.log()[known..].lines().count() < 200);
    burst_is(&workshop, &gateway, 200).await;
}
