//! What joining and putting together costs: fills a journal with shipments of five documents each as a gateway does, and
//! measures on the way what one more document costs among so many; then how long a document takes from its commit until it is in
//! its shipment's context while others come at a steady rate; and how long a context of many documents takes.
//!
//! Prints, for each engine, the processor-independent counts beside the times, so that two runs can be compared.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use clap::{Parser, ValueEnum};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use portgate_bench::failure::Failure;
use portgate_core::document::{Document, Reference};
use portgate_core::judgement::Composition;
use portgate_core::sha256::sha256;
use portgate_core::shipment::{ShipmentRules, Tie};
use portgate_store::testing::PostgresServer;
use portgate_store::{
    Acceptance, Accepted, EventData, EventId, Exceptions, ExchangeId, Figure, FiguresQuery, Filings, GroupedBy,
    JoinStep, Journal, JournalSettings, NewEvent, NewExchange, PluginBuild, ReferenceTables, ShipmentDocuments,
    Shipments, StatedDocument, open,
};
use portgate_workflow::{
    Calendar, Composed, Composers, Desk, Inspected, Made, Makes, NoTables, Ownership, Packs, Plan, Plans, Worker, fold,
};
use serde_json::json;

/// The program's own, as the gateway has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events that are looked at in one step of joining.
const JOIN_STEP: u32 = 40;

#[derive(Parser)]
struct Options {
    /// Open shipments at the end, of five documents each
    #[arg(long, default_value_t = 100_000)]
    shipments: u64,
    /// Messages a second while it is measured how long each takes
    #[arg(long, default_value_t = 500)]
    rate: u64,
    /// For how many seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Documents of the one large context
    #[arg(long, default_value_t = 500)]
    documents: u32,
    /// With what people have to do with shipments: an answer is expected to each order, and no document waits for long
    #[arg(long)]
    people: bool,
    /// The journals that it is measured in; PostgreSQL where it is installed
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Engine::Sqlite])]
    journals: Vec<Engine>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    if options.journals.contains(&Engine::Sqlite) {
        let folder = tempfile::tempdir()?;
        let settings = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
        measure("SQLite", &settings, &options).await?;
    }
    if options.journals.contains(&Engine::Postgres) {
        match PostgresServer::start(&[])? {
            Some(server) => {
                let url = server.database("shipments")?;
                measure("PostgreSQL", &JournalSettings::Postgres { url, connections_max: 8 }, &options).await?;
            }
            None => println!("PostgreSQL is not installed: left out"),
        }
    }
    large(options.documents)
}

fn rules() -> Arc<ShipmentRules> {
    let ties = [
        ("ucr", Tie::Identifying),
        ("transport-document", Tie::Identifying),
        ("order", Tie::Shared),
        ("booking", Tie::Shared),
        ("container", Tie::Windowed { seconds: 45 * 86_400 }),
    ];
    Arc::new(ShipmentRules {
        opens: ["shipment".to_owned()].into(),
        ties: ties.map(|(scheme, tie)| (scheme.to_owned(), tie)).into(),
        things_max: 2_000,
        ..ShipmentRules::default()
    })
}

/// The five documents of a shipment: an order, the shipment itself, an invoice, and two events of its transport.
const KINDS: [&str; 5] = ["order", "shipment", "commercial-invoice", "milestone", "milestone"];

fn document(shipment: u64, part: u64, version: u64) -> Document {
    let kind = KINDS[part as usize % KINDS.len()];
    let names: &[(&str, String)] = &match part {
        0 => [("order", format!("O{}", shipment / 2)), ("booking", format!("B{shipment}"))],
        1 => [("ucr", format!("U{shipment}")), ("order", format!("O{}", shipment / 2))],
        2 => [("ucr", format!("U{shipment}")), ("invoice", format!("I{shipment}"))],
        3 => [("transport-document", format!("T{shipment}")), ("ucr", format!("U{shipment}"))],
        _ => [("transport-document", format!("T{shipment}")), ("container", format!("CSQU{:07}", shipment / 4))],
    };
    let refs: Vec<Reference> =
        names.iter().map(|(scheme, value)| Reference { scheme: (*scheme).to_owned(), value: value.clone() }).collect();
    let key = format!("{kind}/{shipment}/{part}");
    let lines: Vec<_> = (0..10)
        .map(|line| json!({ "lineNo": line.to_string(), "quantity": { "value": "5", "unit": "C62" } }))
        .collect();
    let mut body = json!({
        "id": key,
        "version": version.to_string(),
        "source": { "system": "erp", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
        "references": refs,
        "lines": lines,
    });
    if part >= 3 {
        let (classifier, at) =
            if part == 3 { ("EST", "2026-03-02T08:00:00Z") } else { ("ACT", "2026-03-03T06:00:00Z") };
        body["code"] = "ARRI".into();
        body["classifier"] = classifier.into();
        body["occurredAt"] = json!({ "value": at });
        body["location"] = json!({ "unLocode": "DEHAM" });
    }
    Document { kind: kind.to_owned(), key, refs, body: body.to_string().into_bytes() }
}

fn message(document: Document) -> Acceptance {
    let now = Timestamp::now();
    let exchange = NewExchange {
        id: ExchangeId::new(now),
        partner: "erp".to_owned(),
        contract: "idoc".to_owned(),
        version: "4.0".to_owned(),
        content_type: "application/xml".to_owned(),
        headers: Vec::new(),
        received_at: now,
        request_id: "bench".to_owned(),
        trace: None,
        plugin: PluginBuild { name: "erp-sap".to_owned(), version: "1.0.0".to_owned(), sha256: [7; 32] },
        payload: Bytes::from_static(b"<IDOC/>"),
        sha256: [9; 32],
        findings: Vec::new(),
        parts: Vec::new(),
        origin: None,
    };
    let body = String::from_utf8(document.body.clone()).ok();
    let event = NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.document.{}", document.kind),
        subject: document.key.clone(),
        partner: "erp".to_owned(),
        at: now,
        data: EventData::Document { exchange: exchange.id, position: 0, body },
    };
    Acceptance {
        exchange,
        documents: vec![document],
        deliveries: Vec::new(),
        idempotency: None,
        business_key: None,
        events: vec![event],
        numbering: None,
        received: None,
        acknowledgements: Vec::new(),
        awaits: portgate_core::codes::AwaitedCodes::default(),
        now,
    }
}

async fn accept(journal: &Arc<dyn Journal>, document: Document) -> Result<(), Failure> {
    match journal.accept(message(document)).await {
        Ok(Accepted::Committed) => Ok(()),
        other => Err(Failure::step("the journal", format!("{other:?}"))),
    }
}

struct Steady {
    desk: Option<Desk>,
}

impl Steady {
    fn of(options: &Options) -> Result<Arc<Steady>, Failure> {
        let policy = json!({
            "teams": { "desk": { "title": "Desk", "operators": ["ada"] } },
            "route": [{ "team": "desk", "within": "1 hours" }],
            "unattached": "48 hours",
            "expect": [{
                "name": "shipped", "after": { "document": "order" }, "what": { "document": "shipment" }, "same": "order",
                "within": "48 hours",
            }],
        });
        let policy = serde_json::from_value(policy).map_err(|error| Failure::step("the policy", error.to_string()))?;
        Ok(Arc::new(Steady { desk: options.people.then(|| Desk::new(policy, &rules())) }))
    }
}

impl Plans for Steady {
    fn plan(&self) -> Option<Plan> {
        let desk = self.desk.clone();
        let (ownership, quiet) = (Arc::new(Ownership::default()), SignedDuration::from_hours(24));
        let filings = Vec::new().into();
        let (enrichments, packs, tables) = (Vec::new().into(), Vec::new().into(), Arc::new(NoTables));
        Some(Plan {
            rules: rules(),
            ownership,
            enrichments,
            packs,
            desk,
            filings,
            costs: None,
            tables,
            quiet,
            severity: Default::default(),
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Calendar for Steady {
    fn look_up(&self, _: &str, _: &str, _: Date) -> Option<String> {
        None
    }
}

#[async_trait]
impl Composers for Steady {
    async fn compose(&self, _: &str, _: Document, _: Composition, _: Timestamp) -> Result<Composed, String> {
        Err("there is none".to_owned())
    }
}

impl Makes for Steady {
    fn make(&self, _: Made, _: Timestamp) -> Result<Acceptance, String> {
        Err("nothing is made".to_owned())
    }
}

#[async_trait]
impl Packs for Steady {
    async fn inspect(&self, _: &str, _: Document) -> Result<Inspected, String> {
        Err("there is none".to_owned())
    }
}

async fn measure(engine: &str, settings: &JournalSettings, options: &Options) -> Result<(), Failure> {
    let journal = open(settings).await.map_err(|error| Failure::step("the journal", error.to_string()))?;
    let steady = Steady::of(options)?;
    let worker = Worker {
        journal: Arc::clone(&journal) as Arc<dyn Shipments>,
        people: Arc::clone(&journal) as Arc<dyn Exceptions>,
        plans: Arc::clone(&steady) as Arc<dyn Plans>,
        filings: Arc::clone(&journal) as Arc<dyn Filings>,
        reference: Arc::clone(&journal) as Arc<dyn ReferenceTables>,
        packs: Arc::clone(&steady) as Arc<dyn Packs>,
        composers: Arc::clone(&steady) as Arc<dyn Composers>,
        makes: steady,
        name: "bench".to_owned(),
    };
    let mut filled = 0;
    for reach in [options.shipments / 100, options.shipments / 10, options.shipments] {
        fill(&journal, filled, reach).await?;
        filled = reach;
        // All that is waiting is joined and put together first.
        while worker.step().await.map_err(failed)? {}
        for sort in [Sort::Version, Sort::Document] {
            one_more(engine, &journal, &worker, sort, filled).await?;
        }
    }
    found(engine, &journal, filled).await?;
    counted(engine, &journal, filled).await?;
    waiting(engine, &journal, filled).await?;
    self::steady(engine, &journal, worker, options, filled).await?;
    journal.close(Duration::from_secs(60)).await;
    Ok(())
}

/// What one more document is.
#[derive(Clone, Copy, Debug)]
enum Sort {
    /// A later version of one that is there.
    Version,
    /// One that was not there before.
    Document,
}

impl Sort {
    /// Which part of its shipment it is, where it is one of several.
    fn part(self, number: u64) -> u64 {
        match self {
            Sort::Version => 4,
            Sort::Document => 4 + 5 * (1 + number),
        }
    }
}

/// What one more document costs.
async fn one_more(
    engine: &str,
    journal: &Arc<dyn Journal>,
    worker: &Worker,
    sort: Sort,
    shipments: u64,
) -> Result<(), Failure> {
    const DOCUMENTS: u32 = 1_000;
    for number in 0..u64::from(DOCUMENTS) {
        let part = sort.part(shipments + number);
        accept(journal, document((number * 7_919) % shipments.max(1), part, 2)).await?;
    }
    let since = Used::now();
    let mut joined = 0;
    while joined < DOCUMENTS {
        let step = JoinStep { rules: rules(), delivered_to: Arc::default(), limit: JOIN_STEP, now: Timestamp::now() };
        joined += journal.join(step).await.map_err(failed)?.documents;
    }
    let join = since.each(DOCUMENTS);
    let since = Used::now();
    while worker.step().await.map_err(failed)? {}
    let fold = since.each(DOCUMENTS);
    println!("{engine}: one more among {shipments} shipments ({sort:?}): joined in {join}, put together in {fold}");
    Ok(())
}

/// What this process has used so far, and when.
struct Used {
    at: Instant,
    processor: Duration,
    /// Bytes that it has read from and written to files and sockets.
    read: u64,
    written: u64,
}

impl Used {
    fn now() -> Used {
        let (read, written) = transferred();
        Used { at: Instant::now(), processor: processor_time(), read, written }
    }

    /// What each of so many documents took since then.
    fn each(&self, documents: u32) -> String {
        let now = Used::now();
        let kib = |bytes: u64| bytes as f64 / f64::from(documents) / 1024.0;
        format!(
            "{:?} ({:?} of a processor, {:.1} KiB read, {:.1} KiB written)",
            (now.at - self.at) / documents,
            (now.processor - self.processor) / documents,
            kib(now.read - self.read),
            kib(now.written - self.written)
        )
    }
}

/// Bytes that this process has read and written by system calls: they are the same however busy the machine is. Nothing where
/// the system does not say it (`proc(5)`).
fn transferred() -> (u64, u64) {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let bytes = |key: &str| {
        let line = io.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or_default()
    };
    (bytes("rchar:"), bytes("wchar:"))
}

/// What this process has used of processors so far: it says what something costs on a machine that others use as well.
/// Nothing where the system does not say it (`proc(5)`).
fn processor_time() -> Duration {
    const TICKS_A_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which can have any sign in it: user and system time are the 14th and 15th field of all.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND)
}

fn failed(error: portgate_store::JournalError) -> Failure {
    Failure::step("the journal", error.to_string())
}

/// Shipments from one number to another, as many documents at the same time as a busy gateway has.
async fn fill(journal: &Arc<dyn Journal>, from: u64, to: u64) -> Result<(), Failure> {
    const AT_ONCE: usize = 64;
    let all = (from..to).flat_map(|shipment| (0..5).map(move |part| (shipment, part)));
    let mut under_way = tokio::task::JoinSet::new();
    for (shipment, part) in all {
        if under_way.len() == AT_ONCE
            && let Some(done) = under_way.join_next().await
        {
            done.map_err(|error| Failure::step("the journal", error.to_string()))??;
        }
        let journal = Arc::clone(journal);
        under_way.spawn(async move { accept(&journal, document(shipment, part, 1)).await });
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(|error| Failure::step("the journal", error.to_string()))??;
    }
    Ok(())
}

/// How long it takes to count how well things go.
async fn counted(engine: &str, journal: &Arc<dyn Journal>, shipments: u64) -> Result<(), Failure> {
    let instant = |text: &str| text.parse::<Timestamp>().map_err(|error| Failure::step("a time", error.to_string()));
    let (from, until) = (instant("2026-01-01T00:00:00Z")?, instant("2026-12-31T00:00:00Z")?);
    for by in [GroupedBy::Nothing, GroupedBy::Partner, GroupedBy::Lane, GroupedBy::Day] {
        let began = Instant::now();
        let query = FiguresQuery { from, until, partner: None, lane: None, by };
        let counted = journal.figures(query).await.map_err(failed)?;
        let of = |figure| counted.counts.iter().filter(|one| one.figure == figure).map(|one| one.count).sum::<u64>();
        println!(
            "{engine}: figures of {shipments} shipments by {by:?}: {:?} ({} milestones, {} shipments)",
            began.elapsed(),
            of(Figure::Milestone),
            of(Figure::Exceptions),
        );
    }
    Ok(())
}

/// How long it takes to look for documents that wait for a shipment: among all, and among those that came a moment ago.
async fn waiting(engine: &str, journal: &Arc<dyn Journal>, shipments: u64) -> Result<(), Failure> {
    let now = Timestamp::now();
    let moment = now - SignedDuration::from_secs(1);
    for (which, since) in [("all", Timestamp::UNIX_EPOCH), ("the last second", moment)] {
        let began = Instant::now();
        let waiting = journal.waiting_things(since, now, Vec::new(), 100).await.map_err(failed)?.len();
        let took = began.elapsed();
        println!("{engine}: documents of {which} that wait, beside {shipments} shipments: {took:?} ({waiting})");
    }
    Ok(())
}

/// A document whose way is watched.
struct Watched {
    /// A name of its shipment.
    name: String,
    /// What stands in the context once the document is in it.
    sign: String,
    /// When it was committed.
    since: Instant,
}

/// How long a document takes from its commit until the context of its shipment has it, while others come at a steady rate.
async fn steady(
    engine: &str,
    journal: &Arc<dyn Journal>,
    worker: Worker,
    options: &Options,
    shipments: u64,
) -> Result<(), Failure> {
    const EVERY: u64 = 25;
    let working = tokio::spawn(async move { worker.run().await });
    let total = options.rate * options.seconds;
    let (committed, watched) = tokio::sync::mpsc::unbounded_channel();
    let watching = tokio::spawn(watch(Arc::clone(journal), watched));
    let mut beat = tokio::time::interval(Duration::from_secs_f64(1.0 / options.rate as f64));
    let mut under_way = tokio::task::JoinSet::new();
    let began = Instant::now();
    for number in 0..total {
        beat.tick().await;
        let (journal, committed) = (Arc::clone(journal), committed.clone());
        let shipment = (number * 104_729) % shipments.max(1);
        under_way.spawn(async move {
            // Half of them are later versions, half were not there before.
            let sort = if number % 2 == 0 { Sort::Version } else { Sort::Document };
            accept(&journal, document(shipment, sort.part(10_000_000 + number), 3 + number)).await?;
            if number % EVERY == 0 {
                let (name, sign) = (format!("U{shipment}"), format!("\"version\":\"{}\"", 3 + number));
                let _ = committed.send(Watched { name, sign, since: Instant::now() });
            }
            Ok::<_, Failure>(())
        });
        while let Some(done) = under_way.try_join_next() {
            done.map_err(|error| Failure::step("the journal", error.to_string()))??;
        }
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(|error| Failure::step("the journal", error.to_string()))??;
    }
    let rate = total as f64 / began.elapsed().as_secs_f64();
    drop(committed);
    let mut took = watching.await.map_err(|error| Failure::step("watching", error.to_string()))??;
    working.abort();
    took.sort();
    let at = |share: usize| {
        took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    println!(
        "{engine}: at {rate:.0} messages a second with {shipments} shipments: in its context after {:?} (median), {:?} (p99), \
         {:?} (longest of {})",
        at(50),
        at(99),
        took.last().copied().unwrap_or_default(),
        took.len(),
    );
    Ok(())
}

/// Looks again and again until every document is in the context of its shipment. Gives how long each took.
async fn watch(
    journal: Arc<dyn Journal>,
    mut watched: tokio::sync::mpsc::UnboundedReceiver<Watched>,
) -> Result<Vec<Duration>, Failure> {
    const LOOK_EVERY: Duration = Duration::from_millis(10);
    const PATIENCE: Duration = Duration::from_secs(120);
    let (mut open, mut took) = (Vec::new(), Vec::new());
    loop {
        while let Ok(one) = watched.try_recv() {
            open.push(one);
        }
        let mut still = Vec::new();
        for Watched { name, sign, since } in open {
            let found =
                journal.shipments_named(false, Some("ucr".to_owned()), name.clone(), 1).await.map_err(failed)?;
            let is_there =
                found.first().and_then(|found| found.context.as_ref()).is_some_and(|text| text.contains(&sign));
            match is_there {
                true => took.push(since.elapsed()),
                false if since.elapsed() > PATIENCE => {
                    return Err(Failure::step("joining", format!("{name} never has it")));
                }
                false => still.push(Watched { name, sign, since }),
            }
        }
        open = still;
        if open.is_empty() && watched.is_closed() && watched.is_empty() {
            return Ok(took);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// How long it takes to find a shipment by any of its names.
async fn found(engine: &str, journal: &Arc<dyn Journal>, shipments: u64) -> Result<(), Failure> {
    let mut took = Vec::new();
    for number in 0..500 {
        let shipment = (number * 7_919) % shipments.max(1);
        let name = match number % 4 {
            0 => format!("U{shipment}"),
            1 => format!("O{}", shipment / 2),
            2 => format!("T{shipment}"),
            _ => format!("CSQU{:07}", shipment / 4),
        };
        let began = Instant::now();
        let found = journal.shipments_named(false, None, name.clone(), 20).await.map_err(failed)?;
        took.push(began.elapsed());
        if found.is_empty() {
            return Err(Failure::step("looking up", format!("nothing is called {name}")));
        }
    }
    took.sort();
    println!("{engine}: a shipment of {shipments} by any name: {:?} (median), {:?} (p99)", took[250], took[495]);
    Ok(())
}

/// A context of many documents.
fn large(documents: u32) -> Result<(), Failure> {
    let stated = |number: u32| {
        let document = document(1, 4, u64::from(number));
        StatedDocument {
            thing: i64::from(number),
            sender: "erp".to_owned(),
            kind: document.kind,
            key: format!("{}/{number}", document.key),
            version: number.to_string(),
            recorded_at: 0,
            sha256: sha256(&document.body),
            exchange: ExchangeId::new(Timestamp::UNIX_EPOCH),
            position: 0,
            body: String::from_utf8(document.body).ok(),
        }
    };
    let all = ShipmentDocuments { documents: (0..documents).map(stated).collect(), ..Default::default() };
    let worked = processor_time();
    let mut took: Vec<Duration> = (0..20)
        .map(|_| {
            let began = Instant::now();
            let folded = fold("s", &all, &rules(), &Ownership::default());
            assert!(folded.is_ok());
            began.elapsed()
        })
        .collect();
    took.sort();
    println!(
        "a context of {documents} documents: put together in {:?} (median of 20; {:?} of a processor)",
        took[10],
        (processor_time() - worked) / 20
    );
    Ok(())
}
