//! Claims about servers: which are refused, and what several writers at once mean for readers.

use portgate_store::testing::PostgresServer;
use portgate_store::{Health, JournalSettings, OpenError, open};

use crate::bed::{Bed, event, later, message, message_for, server, start};

/// A server of its own with these settings; nothing, where PostgreSQL is not installed.
fn started(settings: &[(&str, &str)]) -> Option<PostgresServer> {
    // Says so when it is not installed.
    server()?;
    PostgresServer::start(settings).expect("it starts")
}

#[tokio::test]
async fn servers_that_lose_what_they_acknowledged_are_refused() {
    for (setting, value) in [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off")] {
        let Some(server) = started(&[(setting, value)]) else { return };
        let url = server.database("journal").expect("a database");
        match open(&JournalSettings::Postgres { url, connections_max: 2 }).await {
            Err(OpenError::UnsafeSetting { setting: found, .. }) => assert_eq!(found, setting),
            Err(other) => panic!("{setting}: {other}"),
            Ok(_) => panic!("{setting} = {value} was taken"),
        }
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be_and_found_again() {
    let Some(server) = started(&[]) else { return };
    let url = server.database("journal").expect("a database");
    let journal = open(&JournalSettings::Postgres { url, connections_max: 2 }).await.expect("it opens");
    assert_eq!(journal.health().await, Health::Ready);
    drop(server);
    assert!(matches!(journal.health().await, Health::Unreachable(_)));
    assert!(matches!(journal.accept(message(start())).await, Err(portgate_store::JournalError::Unreachable(_))));
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_skipped_by_readers() {
    let Some(bed) = Bed::postgres("late_commit").await else { return };
    let JournalSettings::Postgres { url, .. } = &bed.settings else { unreachable!("it is PostgreSQL") };
    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it connects");
    tokio::spawn(connection);
    // The early one takes its place and does not commit; the late one commits before it.
    let early = client.transaction().await.expect("it begins");
    let text = "INSERT INTO events (id, kind, subject, partner, at, data) \
                VALUES ('00000000-0000-7000-8000-000000000000', 'kind', 'early', 'carrier', 0, '{}')";
    early.execute(text, &[]).await.expect("it works");
    let mut late = message(start());
    late.events = vec![event("carrier", "late", start())];
    bed.accept(late).await;
    let nothing_yet = bed.journal.events(None, None, 10).await.expect("it reads");
    assert_eq!(nothing_yet, []);
    let end = bed.journal.end_of_events(None).await.expect("it reads");
    early.commit().await.expect("it commits");
    let both = bed.events(Some(end), None, 2).await;
    let subjects: Vec<_> = both.iter().map(|event| &*event.event.subject).collect();
    assert_eq!(subjects, ["early", "late"]);
}

#[tokio::test]
async fn two_gateways_share_one_database() {
    let Some(first) = Bed::postgres("two_gateways").await else { return };
    let second = Bed {
        journal: open(&first.settings).await.expect("it opens"),
        settings: first.settings.clone(),
        _folder: None,
    };
    let mut changes = second.journal.changes();
    changes.mark_unchanged();
    let (mut given, id) = message_for("erp", Some("box/1"), start());
    given.events = vec![event("carrier", "a", start())];
    first.accept(given).await;
    tokio::time::timeout(std::time::Duration::from_secs(20), changes.changed())
        .await
        .expect("it is told")
        .expect("open");
    let claimed = second.claim_one("erp", later(1)).await;
    assert_eq!(claimed.claim.delivery, id);
    assert!(first.claim("erp", later(1), 1).await.is_empty());
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let Some(bed) = Bed::postgres("newer").await else { return };
    let JournalSettings::Postgres { url, .. } = &bed.settings else { unreachable!("it is PostgreSQL") };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it connects");
    tokio::spawn(connection);
    client.batch_execute("INSERT INTO journal_schema VALUES (9999)").await.expect("it works");
    assert!(matches!(open(&bed.settings).await, Err(OpenError::TooNew { found: 9999, .. })));
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_refused_without_being_shown() {
    let url = "postgres://user:hunter2@host/database?no_such_parameter=1".to_owned();
    let settings = JournalSettings::Postgres { url, connections_max: 2 };
    let error = open(&settings).await.map(drop).expect_err("it cannot be used");
    assert!(!error.to_string().contains("hunter2") && !format!("{settings:?}").contains("hunter2"), "{error}");
}
