//! Row 44: whoever else has an account on the machine, and looks into the gateway's files or puts something in their place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Workshop, eventually, hostile};

use crate::{ORDER, json, order};

/// A gateway whose journal has a folder of its own, as in production.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "database", "\"sqlite:../data/journal.sqlite\"");
    workshop
}

/// One whose cache has as well, so that it compiles anew: one small plugin.
fn workshop_with_cache() -> Workshop {
    let workshop = hostile::workshop(&["good"]);
    workshop.set("gateway.toml", "database", "\"sqlite:../data/journal.sqlite\"");
    workshop.set("gateway.toml", "cache", "\"../cache\"");
    workshop
}

/// Everything below a folder, itself included.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(below(&path)),
            false => found.push(path),
        }
    }
    found
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own file");
}

/// Asserts that nobody else has any right to what the gateway has written, and says how many files there are.
fn is_private(workshop: &Workshop) -> usize {
    let written: Vec<PathBuf> = ["data", "cache"].iter().flat_map(|name| below(&workshop.path().join(name))).collect();
    for path in &written {
        let mode = fs::metadata(path).expect("it is there").mode() & 0o7777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{} has mode {mode:o}", path.display());
    }
    written.len()
}

async fn takes_an_order(gateway: &GatewayProcess, workshop: &Workshop) {
    let headers = [("x-api-key", workshop.credentials.api_key.clone()), json()];
    let answer = Client::new(gateway.partner).post(ORDER, &headers, order()).await;
    assert!(answer.status.is_success(), "{}", answer.json());
}

/// The same of one with that one plugin.
async fn takes_a_message(gateway: &GatewayProcess, workshop: &Workshop) {
    let key = workshop.credentials.api_key.clone();
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned())];
    let answer = Client::new(gateway.partner).post("/v1/messages/good/1", &headers, b"payload".to_vec()).await;
    assert!(answer.status.is_success(), "{}", answer.json());
}

#[tokio::test]
async fn row_44_what_the_gateway_writes_is_its_user_s_alone_whatever_the_umask_and_what_was_not_is_tightened() {
    let workshop = workshop_with_cache();
    // A umask that gives everybody everything.
    let gateway = GatewayProcess::start_by(&workshop, &["sh", "-c", "umask 0 && exec \"$@\"", "sh"]);
    takes_a_message(&gateway, &workshop).await;
    // Journal, write-ahead log, its index, lock and signing key; the cache's key, artefacts and tags; two folders.
    assert!(is_private(&workshop) >= 5 + 3 + 2);
    gateway.kill();

    // As an older version, or a careless copy, leaves them: the log and its index included, which a crash leaves behind.
    for path in below(&workshop.path().join("data")).iter().chain(&below(&workshop.path().join("cache"))) {
        if path.extension().is_none_or(|extension| extension != "audit-key") {
            chmod(path, if path.is_dir() { 0o755 } else { 0o644 });
        }
    }
    let gateway = GatewayProcess::start(&workshop);
    takes_a_message(&gateway, &workshop).await;
    is_private(&workshop);
    for name in ["data", "data/journal.sqlite", "data/journal.sqlite-wal", "data/journal.sqlite-shm", "cache"] {
        let path = fs::canonicalize(workshop.path().join(name)).expect("it is there");
        let told = gateway
            .log()
            .lines()
            .any(|line| line.contains("others had rights") && line.contains(path.to_str().expect("plain text")));
        assert!(told, "{}: {}", path.display(), gateway.log());
    }
    assert!(gateway.said("it is made anew"), "what others could reach in the cache proves nothing: {}", gateway.log());
}

#[tokio::test]
async fn row_44_a_folder_that_others_use_is_not_taken_for_the_journal_s_own() {
    let workshop = workshop();
    let shared = workshop.path().join("shared");
    fs::create_dir(&shared).expect("a folder");
    fs::write(shared.join("letters"), "of somebody else").expect("a file");
    chmod(&shared, 0o755);
    workshop.set("gateway.toml", "database", "\"sqlite:../shared/journal.sqlite\"");
    let said = workshop.refused().await;
    assert!(said.contains("journal.database") && said.contains("chmod 700") && said.contains("shared"), "{said}");
    chmod(&shared, 0o1777);
    assert!(workshop.refused().await.contains("a folder of its own"));
    assert_eq!(fs::metadata(&shared).expect("a folder").mode() & 0o7777, 0o1777, "it is left as it was");
    chmod(&shared, 0o700);
    workshop.start().await.stopped().await;
}

#[tokio::test]
async fn row_44_a_secret_or_key_that_others_can_read_or_exchange_is_refused_with_its_name_and_what_to_do() {
    let workshop = workshop();
    workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
    workshop.start().await.stopped().await;
    let secrets = workshop.path().join("secrets");
    for (name, key) in [
        ("web-shop.sha256", "partners/web-shop.toml"),
        ("customs-broker.whsec", "partners/customs-broker.toml"),
        ("ocean-carrier.jwks.json", "partners/ocean-carrier.toml"),
        ("on-call.sha256", "operators/on-call.toml"),
        ("audit.key", "audit.signing_key"),
    ] {
        for mode in [0o640, 0o604, 0o660] {
            chmod(&secrets.join(name), mode);
            let said = workshop.refused().await;
            for part in [key, name, "chmod 600"] {
                assert!(said.contains(part), "{name}, {mode:o}: {said}");
            }
        }
        chmod(&secrets.join(name), 0o600);
        if fs::metadata("/proc/self").expect("a process").uid() == 0 {
            chown(secrets.join(name), Some(65_534), None).expect("root may give");
            let said = workshop.refused().await;
            assert!(said.contains(key) && said.contains("belongs to user 65534"), "{name}: {said}");
            chown(secrets.join(name), Some(0), None).expect("root may take");
        }
    }
    for mode in [0o755, 0o770] {
        chmod(&secrets, mode);
        assert!(workshop.refused().await.contains("chmod 700"), "{mode:o}");
    }
    chmod(&secrets, 0o700);
    workshop.start().await.stopped().await;
}

#[tokio::test]
async fn row_44_secrets_as_orchestrators_mount_them_are_taken_where_the_policy_says_so() {
    let workshop = workshop();
    // A volume of secrets: the names are links into a folder of the day, which a link names.
    let (secrets, today) = (workshop.path().join("secrets"), workshop.path().join("secrets/..2026_03_01"));
    fs::create_dir(&today).expect("a folder");
    symlink("..2026_03_01", secrets.join("..data")).expect("a link");
    for path in below(&secrets).into_iter().filter(|path| path.is_file()) {
        let name = path.file_name().expect("a name").to_owned();
        chmod(&path, 0o440);
        fs::rename(&path, today.join(&name)).expect("a move");
        symlink(Path::new("..data").join(&name), secrets.join(&name)).expect("a link");
    }
    chmod(&secrets, 0o1777);
    assert!(workshop.refused().await.contains("chmod"), "by default a secret is its owner's alone");
    workshop.edit("gateway.toml", |text| text.replace("[paths]", "[paths]\nsecrets_mounted = true"));
    workshop.start().await.stopped().await;
    chmod(&today.join("customs-broker.whsec"), 0o444);
    assert!(workshop.refused().await.contains("customs-broker.whsec"), "everybody is still too many");
}

#[tokio::test]
async fn row_44_a_secret_that_becomes_readable_is_not_taken_up_while_the_gateway_runs() {
    let workshop = workshop();
    let gateway = GatewayProcess::start(&workshop);
    chmod(&workshop.path().join("secrets/customs-broker.whsec"), 0o644);
    eventually("it is told", async || {
        let log = gateway.log();
        let told =
            |line: &str| ["not taken up", "customs-broker.whsec", "chmod 600"].iter().all(|part| line.contains(part));
        if log.lines().any(told) { Ok(()) } else { Err(log) }
    })
    .await;
    takes_an_order(&gateway, &workshop).await;
}

#[tokio::test]
async fn row_44_no_link_in_the_place_of_the_journal_or_its_lock_is_followed() {
    for name in [
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-shm",
        "journal.sqlite.lock",
        "journal.sqlite.audit-key",
    ] {
        let workshop = workshop();
        workshop.start().await.stopped().await;
        let (data, victim) = (workshop.path().join("data"), workshop.path().join("victim"));
        fs::write(&victim, "precious").expect("a file");
        chmod(&victim, 0o600);
        let _ = fs::remove_file(data.join(name));
        symlink(&victim, data.join(name)).expect("a link");
        let said = workshop.refused().await;
        assert!(said.contains(name) && said.contains("link"), "{name}: {said}");
        assert_eq!(fs::read_to_string(&victim).expect("it is there"), "precious", "{name}");
        fs::remove_file(data.join(name)).expect("our link");
        workshop.start().await.stopped().await;
    }
}

#[tokio::test]
async fn row_44_a_link_in_the_place_of_a_compiled_artefact_is_not_followed() {
    let workshop = workshop_with_cache();
    workshop.start().await.stopped().await;
    let cache = workshop.path().join("cache");
    let artefact =
        below(&cache).into_iter().find(|path| path.extension().is_some_and(|extension| extension == "cwasm"));
    let (artefact, elsewhere) = (artefact.expect("an artefact"), workshop.path().join("elsewhere"));
    fs::rename(&artefact, &elsewhere).expect("a move");
    symlink(&elsewhere, &artefact).expect("a link");
    workshop.start().await.stopped().await;
    let made_anew = fs::symlink_metadata(&artefact).expect("an artefact");
    assert!(made_anew.is_file() && made_anew.mode() & 0o7777 == 0o600);
}
