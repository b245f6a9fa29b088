//! Claims about journals that an earlier program has made.

use std::path::PathBuf;

use portgate_store::{ExchangeId, ExchangeState, Journal, JournalSettings, Wanted, open};

use crate::bed::server;

/// What an earlier program had kept: one exchange that was accepted, with a delivery, and one that waits to be decoded.
const KEPT: &str = "\
    INSERT INTO exchanges (id, partner, contract, version, content_type, headers, received_at, accepted_at, request_id, \
        plugin_name, plugin_version, plugin_sha256, sha256, findings, payload) VALUES \
    ({1}, 'carrier', 'events', '1', 'application/json', '[]', 1, 1, 'request-1', 'carrier-ocean', '1.0.0', {d}, {d}, '[]', {p}), \
    ({2}, 'carrier', 'events', '1', 'application/json', '[]', 2, 2, 'request-2', 'carrier-ocean', '1.0.0', {d}, {d}, '[]', {p}); \
    INSERT INTO documents (exchange, position, kind, key, refs, sha256, body) VALUES ({1}, 0, 'milestone', 'key-1', \
        '[{\"scheme\":\"container\",\"value\":\"CSQU3054383\"}]', {d}, {p}); \
    INSERT INTO deliveries (id, exchange, destination, contract, version, documents, state, findings, created_at, due_at, \
        attempts, tries, follow_ups, settled_at) VALUES \
        ({3}, {1}, 'erp', 'tracking', '2', '[0]', 'delivered', '[]', 1, 1, 1, 0, 0, 2); \
    INSERT INTO requests (delivery, purpose, method, path, headers, body) VALUES ({3}, 'send', 'POST', '/', '[]', {p}); \
    INSERT INTO attempts (delivery, number, started_at, ended_at, status, detail) VALUES ({3}, 1, 1, 2, 200, 'taken'); \
    INSERT INTO parked (exchange, partner, source, state, parked_at, failures, detail, claimable_at) VALUES \
        ({2}, 'carrier', '[\"carrier\",\"events\",\"1\"]', 'parked', 2, 0, '', 2)";

/// What a later program kept in addition. It already gave names to exchanges, but had not yet come to these two.
const UNNAMED: &str = "; INSERT INTO names_missing (one, newest) VALUES (1, {2})";
/// The version of the schema from which on exchanges have names.
const WITH_NAMES: usize = 11;

/// What a program kept beside that which took messages in parts, but did not number the parts of documents.
const IN_PARTS: &str = "; \
    UPDATE exchanges SET parts = '[{\"location\":\"set 1\",\"reference\":\"1\",\"verdict\":\"refused\",\"documents\":0,\"findings\":[]},\
        {\"location\":\"set 2\",\"reference\":\"2\",\"verdict\":\"accepted\",\"documents\":2,\"findings\":[]},\
        {\"location\":\"set 3\",\"reference\":\"3\",\"verdict\":\"accepted\",\"documents\":1,\"findings\":[]}]' WHERE id = {1}; \
    INSERT INTO documents (exchange, position, kind, key, refs, sha256, body) VALUES \
        ({1}, 1, 'milestone', 'key-2', '[]', {d}, {p}), ({1}, 2, 'milestone', 'key-3', '[]', {d}, {p}), \
        ({1}, 3, 'milestone', 'key-4', '[]', {d}, {p})";
/// The schemas in which exchanges have parts, and documents no number of theirs.
const IN_PARTS_SCHEMAS: std::ops::Range<usize> = 14..16;

const ACCEPTED: &str = "01890000-0000-7000-8000-000000000001";
const PARKED: &str = "01890000-0000-7000-8000-000000000002";
const DELIVERY: &str = "01890000-0000-7000-8000-000000000003";

/// The schema of that program, as files in their order.
fn schema(engine: &str, versions: usize) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut files: Vec<PathBuf> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() > versions, "there are newer ones");
    files[..versions].iter().map(|file| std::fs::read_to_string(file).expect("a migration")).collect()
}

fn kept(versions: usize) -> String {
    let unnamed = if versions >= WITH_NAMES { UNNAMED } else { "" };
    format!("{KEPT}{unnamed}{}", if IN_PARTS_SCHEMAS.contains(&versions) { IN_PARTS } else { "" })
}

async fn holds(journal: &dyn Journal, versions: usize) {
    let (accepted, parked): (ExchangeId, ExchangeId) =
        (ACCEPTED.parse().expect("an id"), PARKED.parse().expect("an id"));
    for (id, state) in [(accepted, ExchangeState::Accepted), (parked, ExchangeState::Parked)] {
        let record = journal.exchange(id).await.expect("it reads").expect("it is there");
        assert_eq!(record.exchange.state, state);
    }
    let record = journal.exchange(accepted).await.expect("it reads").expect("it is there");
    let parts: Vec<_> = record.documents.iter().map(|document| document.part).collect();
    match IN_PARTS_SCHEMAS.contains(&versions) {
        true => assert_eq!(parts, [Some(1), Some(1), Some(2), None]),
        false => assert_eq!(parts, [None]),
    }
    let delivery = journal.delivery(DELIVERY.parse().expect("an id")).await.expect("it reads").expect("it is there");
    assert_eq!(delivery.request.expect("what was sent").body, b"{}");
    assert_eq!((delivery.delivery.attempts[0].status, &delivery.delivery.attempts[0].transcript), (Some(200), &None));
    assert_eq!(journal.parked("2026-03-01T12:00:00Z".parse().expect("a time")).await.expect("it reads").len(), 1);
    while journal.pack_names().await.expect("it works") {}
    for (name, id) in [("CSQU 305438-3", accepted), ("key-1", accepted), ("request-2", parked)] {
        let found = journal.find(&Wanted::of(name).expect("a name"), None, 10).await;
        assert_eq!(found, Ok(vec![id]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_every_earlier_schema_that_had_parked_exchanges_opens_with_all_that_it_holds() {
    for versions in 5..schema_count("sqlite") {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.sqlite");
        let file = rusqlite::Connection::open(&path).expect("it opens");
        for text in schema("sqlite", versions) {
            file.execute_batch(&text).expect("a migration");
        }
        let blob = |id: &str| format!("x'{}'", id.replace('-', ""));
        let kept = kept(versions)
            .replace("{1}", &blob(ACCEPTED))
            .replace("{2}", &blob(PARKED))
            .replace("{3}", &blob(DELIVERY));
        let kept = kept.replace("{d}", &format!("x'{}'", "00".repeat(32))).replace("{p}", "x'7b7d'");
        file.execute_batch(&kept).expect("what was kept");
        file.pragma_update(None, "user_version", i64::try_from(versions).expect("few")).expect("it is set");
        drop(file);
        holds(&*open(&JournalSettings::Sqlite { path }).await.expect("it opens"), versions).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_earlier_schema_that_had_parked_exchanges_opens_with_all_that_it_holds() {
    for versions in 5..schema_count("postgres") {
        let Some(server) = server() else { return };
        let url = server.database(&format!("schema_{versions}")).expect("a database");
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("it connects");
        tokio::spawn(connection);
        let mut text = "CREATE TABLE journal_schema (version bigint NOT NULL PRIMARY KEY);".to_owned();
        for (version, migration) in (1..).zip(schema("postgres", versions)) {
            text.push_str(&format!("{migration};\nINSERT INTO journal_schema VALUES ({version});"));
        }
        let kept = kept(versions).replace("{1}", &format!("'{ACCEPTED}'")).replace("{2}", &format!("'{PARKED}'"));
        let kept = kept.replace("{3}", &format!("'{DELIVERY}'"));
        text.push_str(&kept.replace("{d}", &format!("'\\x{}'", "00".repeat(32))).replace("{p}", "'\\x7b7d'"));
        client.batch_execute(&text).await.expect("what was kept");
        let settings = JournalSettings::Postgres { url, connections_max: 4 };
        holds(&*open(&settings).await.expect("it opens"), versions).await;
    }
}

fn schema_count(engine: &str) -> usize {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    folder.read_dir().expect("a folder").count()
}
