//! Row 44: whoever has a lock on the journal, or makes its disk read-only, stops nobody for longer than that lasts.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Answer, Client, Workshop, eventually};
use rusqlite::Connection;
use tokio_postgres::NoTls;

use crate::{ORDER, json, order};

/// A gateway in a process of its own, since a process does not stand in the way of its own locks.
struct Beside {
    workshop: Workshop,
    gateway: GatewayProcess,
    client: Client,
}

impl Beside {
    fn of(workshop: Workshop, gateway: GatewayProcess) -> Self {
        let client = Client::new(gateway.partner);
        Beside { workshop, gateway, client }
    }

    /// Another order each time, as each has a key of its own.
    async fn order(&self, key: &str) -> Answer {
        let headers = [
            ("x-api-key", self.workshop.credentials.api_key.clone()),
            ("idempotency-key", format!("\"{key}\"")),
            json(),
        ];
        self.client.post(ORDER, &headers, order()).await
    }

    async fn takes(&self, key: &str) {
        let answer = self.order(key).await;
        assert_eq!(answer.status, 202, "{key}: {}", answer.json());
    }

    /// The answer is a 503 that can be tried again, soon, and the log says what is in the way.
    async fn refuses(&self, key: &str, why: &[&str]) {
        let began = Instant::now();
        let answer = self.order(key).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_str()),
            (503, "journal-unavailable"),
            "{}",
            answer.json()
        );
        assert!(!answer.header("retry-after").is_empty());
        assert!(began.elapsed() < Duration::from_secs(15), "{key} took {:?}", began.elapsed());
        // What is logged is read a moment after the answer.
        eventually(&format!("{why:?} in the log"), async || {
            let log = self.gateway.log();
            if log.lines().any(|line| why.iter().all(|part| line.contains(part))) { Ok(()) } else { Err(log) }
        })
        .await;
    }
}

/// Locks these bytes of a file for this process; not at all where `F_UNLCK` is asked for.
fn lock(file: &File, kind: i32, from: i64, bytes: i64) {
    let lock = libc::flock {
        l_type: i16::try_from(kind).expect("a kind of lock"),
        l_whence: i16::try_from(libc::SEEK_SET).expect("a place"),
        l_start: from,
        l_len: bytes,
        l_pid: 0,
    };
    // The gateway has it for moments, while it writes something down.
    fcntl(file, FcntlArg::F_SETLKW(&lock)).expect("it is free in a moment");
}

#[tokio::test]
async fn row_44_a_lock_on_the_journal_is_a_503_that_names_it_and_goes_with_the_lock() {
    let workshop = Workshop::new();
    let gateway = GatewayProcess::start(&workshop);
    let beside = Beside::of(workshop, gateway);
    beside.takes("before").await;
    let (journal, us) = (beside.workshop.path().join("journal.sqlite"), format!("process {}", std::process::id()));
    let index = File::options().read(true).write(true).open(journal.with_extension("sqlite-shm")).expect("its index");

    // One byte, for reading: whoever may read the index can do that.
    lock(&index, libc::F_RDLCK, 120, 1);
    beside.refuses("read-lock", &["journal.sqlite-shm is locked by", &us]).await;
    let ready = Client::new(beside.gateway.operator).get("/readyz").await;
    assert_eq!(ready.status, 503, "{:?}", ready.body);
    lock(&index, libc::F_UNLCK, 120, 1);
    beside.takes("read-lock").await;
    let ready = Client::new(beside.gateway.operator).get("/readyz").await;
    assert_eq!(ready.status, 200, "{:?}", ready.body);

    // All of SQLite's, for writing: readers are in the way as well.
    lock(&index, libc::F_WRLCK, 120, 8);
    beside.refuses("write-lock", &["journal.sqlite-shm is locked by", &us]).await;
    lock(&index, libc::F_UNLCK, 120, 8);
    // What was on its way then is done first.
    tokio::time::sleep(Duration::from_secs(1)).await;
    beside.takes("write-lock").await;
    drop(index);

    // Another program of SQLite's that is in the middle of something.
    let other = Connection::open(&journal).expect("our own file");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is free");
    beside.refuses("transaction", &["journal.sqlite", "is locked by", &us]).await;
    other.execute_batch("ROLLBACK").expect("it ends");
    beside.takes("transaction").await;
}

#[tokio::test]
async fn row_44_a_disk_that_is_read_only_for_a_while_refuses_and_then_takes_again() {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !traced.is_ok_and(|status| status.success()) {
        return println!("left out: strace is not installed, or may not trace here");
    }
    for (error, problem) in [("EROFS", "read-only"), ("EDQUOT", "disk is full"), ("ENOSPC", "disk is full")] {
        let workshop = Workshop::new();
        // The journal is made first, and the failure comes late enough to meet a commit of a message and not what a start writes.
        GatewayProcess::start(&workshop).kill();
        let log = workshop.path().join("journal.sqlite-wal");
        let inject = format!("inject=pwrite64:error={error}:when=200..260");
        let log = log.to_str().expect("plain text");
        let wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", log, "-e", "trace=pwrite64", "-e", &inject];
        let gateway = GatewayProcess::start_by(&workshop, &wrapper);
        let beside = Beside::of(workshop, gateway);
        let (mut refused, mut number) = (0, 0);
        let taken_again = loop {
            number += 1;
            assert!(number < 400, "{error}: {refused} of {number} were refused");
            let answer = beside.order(&format!("{error}-{number}")).await;
            match answer.status.as_u16() {
                202 | 200 if refused > 0 => break answer.status,
                202 | 200 => {}
                503 => refused += 1,
                other => panic!("{error}: {other}: {}", answer.json()),
            }
        };
        assert!(taken_again.is_success());
        assert!(beside.gateway.said(problem), "{error}: {}", beside.gateway.log());
    }
}

/// A statement that waits for another session's lock gives up before the partner does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_44_locks_limits_and_the_end_of_a_postgresql_server_are_503_and_pass() {
    let started = tokio::task::spawn_blocking(|| PostgresServer::start(&[("max_connections", "14")]));
    let Some(server) = started.await.expect("no panic").expect("it starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed (/usr/lib/postgresql/*/bin)");
    };
    let url = server.database("journal").expect("a database");
    let workshop = Workshop::new();
    workshop.secret("journal.url", &url);
    workshop.set("gateway.toml", "database", "\"file:journal.url\"");
    workshop.edit("gateway.toml", |text| format!("{text}\n[audit]\nsigning_key = \"file:audit.key\"\n"));
    let gateway = GatewayProcess::start(&workshop);
    let beside = Beside::of(workshop, gateway);
    beside.takes("before").await;

    let (other, connection) = tokio_postgres::connect(&url, NoTls).await.expect("a session of somebody else");
    tokio::spawn(connection);
    other.batch_execute("BEGIN; LOCK TABLE exchanges IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
    beside.refuses("lock", &["lock timeout"]).await;
    other.batch_execute("ROLLBACK").await.expect("it ends");
    beside.takes("lock").await;

    // Sessions end and no new ones are to be had. The gateway may be quicker than the crowd, and have some again.
    let mut crowd = Vec::new();
    let mut statuses = Vec::new();
    while !statuses.contains(&503) {
        assert!(statuses.len() < 100, "{statuses:?}");
        while let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await {
            tokio::spawn(connection);
            crowd.push(client);
        }
        let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portgate'";
        if other.query(text, &[]).await.expect("they end").is_empty() {
            statuses.push(beside.order(&format!("crowd-{}", statuses.len())).await.status.as_u16());
        }
    }
    for number in 0..6 {
        statuses.push(beside.order(&format!("crowded-{number}")).await.status.as_u16());
    }
    assert!(statuses.iter().all(|status| *status == 503 || *status == 202), "{statuses:?}");
    drop(crowd);
    drop(other);
    let mut last = 0;
    for number in 0..60 {
        last = beside.order(&format!("room-{number}")).await.status.as_u16();
        if last == 202 {
            break;
        }
        assert_eq!(last, 503);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(last, 202, "there is room again");

    server.crash().expect("it ends");
    for number in 0..3 {
        let answer = beside.order(&format!("gone-{number}")).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "journal-unavailable"));
    }
}
