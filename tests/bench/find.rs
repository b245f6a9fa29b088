//! How long it takes to find an exchange by a name among many: fills a journal as a gateway does, packing what they are
//! found by all the while, and then looks names up, one after the other.
//!
//! Prints, for each engine, how many exchanges a second were accepted meanwhile, the size of what they are found by, and
//! the median, the 99th percentile and the maximum of three kinds of questions: for a name that one exchange has, for one
//! that nothing has, and for one that a thousandth of all have.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Parser;
use jiff::Timestamp;
use portgate_bench::failure::Failure;
use portgate_core::document::{Document, Reference};
use portgate_store::testing::PostgresServer;
use portgate_store::{
    Acceptance, Accepted, ExchangeId, Journal, JournalSettings, NewExchange, PluginBuild, Wanted, open,
};

#[derive(Parser)]
struct Options {
    /// Exchanges in the journal
    #[arg(long, default_value_t = 1_000_000)]
    exchanges: u64,
    /// Questions of each kind
    #[arg(long, default_value_t = 200)]
    questions: u64,
    /// Also in PostgreSQL, where it is installed
    #[arg(long)]
    postgres: bool,
}

/// How many wait for a commit at the same time.
const CONNECTIONS: u64 = 64;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let folder = tempfile::tempdir()?;
    let settings = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
    measure("SQLite", &settings, &options).await?;
    if options.postgres {
        match PostgresServer::start(&[])? {
            Some(server) => {
                let url = server.database("find")?;
                measure("PostgreSQL", &JournalSettings::Postgres { url, connections_max: 8 }, &options).await?;
            }
            None => println!("PostgreSQL is not installed: left out"),
        }
    }
    Ok(())
}

async fn measure(engine: &str, settings: &JournalSettings, options: &Options) -> Result<(), Failure> {
    let journal = open(settings).await.map_err(|error| Failure::step("the journal", error.to_string()))?;
    let (began, before) = (Instant::now(), size(settings));
    fill(&journal, options.exchanges).await?;
    let rate = options.exchanges as f64 / began.elapsed().as_secs_f64();
    println!("{engine}: {} exchanges, {rate:.0} a second, {} MiB", options.exchanges, (size(settings) - before) >> 20);
    let (count, half) = (options.exchanges, options.questions / 2);
    let own = |number: u64| format!("CSQU {}", (number * 7_919) % count);
    ask(&journal, "a name of one", options.questions, own, |found| found == 1).await?;
    ask(&journal, "a name of none", options.questions, |number| format!("none {number}"), |found| found == 0).await?;
    let often = |number: u64| format!("VOYAGE {}", number % 1_000);
    ask(&journal, "a name of a thousandth", half.max(1), often, |found| found > 0).await?;
    journal.close(Duration::from_secs(60)).await;
    Ok(())
}

/// Accepts so many, as many at the same time as there are connections, while another task packs.
async fn fill(journal: &Arc<dyn Journal>, exchanges: u64) -> Result<(), Failure> {
    let next = Arc::new(AtomicU64::new(0));
    let packing = Arc::clone(journal);
    let packer = tokio::spawn(async move {
        while packing.pack_names().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let writers = (0..CONNECTIONS).map(|_| {
        let (journal, next) = (Arc::clone(journal), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= exchanges {
                    return Ok(());
                }
                match journal.accept(message(number)).await {
                    Ok(Accepted::Committed) => {}
                    other => return Err(Failure::step("the journal", format!("{other:?}"))),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.map_err(|error| Failure::step("the journal", error.to_string()))??;
    }
    packer.abort();
    while journal.pack_names().await.map_err(|error| Failure::step("the journal", error.to_string()))? {}
    Ok(())
}

fn message(number: u64) -> Acceptance {
    let now = Timestamp::now();
    let reference = |scheme: &str, value: String| Reference { scheme: scheme.to_owned(), value };
    let document = Document {
        kind: "transport-milestone".to_owned(),
        key: format!("event/{number}"),
        refs: vec![
            reference("container", format!("CSQU{number}")),
            reference("transport-document", format!("BL-{number:09}")),
            reference("booking", format!("BK{}", number / 3)),
            reference("voyage", format!("VOYAGE{}", number % 1_000)),
        ],
        body: vec![b' '; 600],
    };
    Acceptance {
        exchange: NewExchange {
            id: ExchangeId::new(now),
            partner: "ocean-carrier".to_owned(),
            contract: "dcsa-event".to_owned(),
            version: "1".to_owned(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            received_at: now,
            request_id: format!("0199aaaa-{number}"),
            trace: None,
            plugin: PluginBuild { name: "carrier-ocean".to_owned(), version: "1.0.0".to_owned(), sha256: [0; 32] },
            payload: Bytes::from(vec![b' '; 900]),
            sha256: [0; 32],
            findings: Vec::new(),
            parts: Vec::new(),
            origin: None,
        },
        documents: vec![document],
        deliveries: Vec::new(),
        idempotency: None,
        business_key: None,
        events: Vec::new(),
        numbering: None,
        received: None,
        acknowledgements: Vec::new(),
        awaits: Default::default(),
        now,
    }
}

async fn ask(
    journal: &Arc<dyn Journal>,
    what: &str,
    questions: u64,
    text: impl Fn(u64) -> String,
    right: impl Fn(usize) -> bool,
) -> Result<(), Failure> {
    let mut took = Vec::new();
    for number in 0..questions {
        let wanted = Wanted::of(&text(number)).ok_or_else(|| Failure::step(what, "no name"))?;
        let began = Instant::now();
        let found = journal.find(&wanted, None, 20).await.map_err(|error| Failure::step(what, error.to_string()))?;
        took.push(began.elapsed());
        if !right(found.len()) {
            return Err(Failure::step(what, format!("{} found for {}", found.len(), text(number))));
        }
    }
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    println!("  {what}: median {:.1} ms, 99 % {:.1} ms, at most {:.1} ms", at(0.5), at(0.99), at(1.0));
    Ok(())
}

/// Bytes of a SQLite journal's file.
fn size(settings: &JournalSettings) -> u64 {
    match settings {
        JournalSettings::Sqlite { path } => std::fs::metadata::<&Path>(path).map_or(0, |file| file.len()),
        JournalSettings::Postgres { .. } => 0,
    }
}
