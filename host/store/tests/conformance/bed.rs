//! A journal for one test, and short ways to fill it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::delivery::Request;
use portgate_core::document::{Document, Part, PartVerdict, Reference};
use portgate_core::finding::Finding;
use portgate_store::testing::PostgresServer;
use portgate_store::{
    Acceptance, Accepted, Answer, Batching, BusinessKey, Claim, ClaimRequest, ClaimedDelivery, Cursor, Delivery,
    DeliveryId, Event, EventData, EventId, ExchangeId, Idempotency, Journal, JournalError, JournalSettings, KeptAnswer,
    NewDelivery, NewEvent, NewExchange, Numbering, PluginBuild, Reach, Rejected, Rendered, RequestKey, Settled,
    Settlement, TakenUp, Told, open,
};
use tempfile::TempDir;

pub(crate) struct Bed {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) settings: JournalSettings,
    pub(crate) _folder: Option<TempDir>,
}

/// The time at which every test starts.
pub(crate) fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    start() + jiff::SignedDuration::from_secs(seconds)
}

/// The server that all tests of this run share, each with its own database.
pub(crate) fn server() -> Option<&'static PostgresServer> {
    static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
    let started = SERVER.get_or_init(|| {
        let server =
            PostgresServer::start(&[("max_connections", "400")]).expect("PostgreSQL starts where it is installed");
        if server.is_none() {
            eprintln!("PostgreSQL is not installed (/usr/lib/postgresql/*/bin): its half of the suite is LEFT OUT");
        }
        server
    });
    started.as_ref()
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
        Bed { journal: open(&settings).await.expect("it opens"), settings, _folder: Some(folder) }
    }

    pub(crate) async fn postgres(name: &str) -> Option<Self> {
        let name = name.get(..60).unwrap_or(name).to_owned();
        let url = tokio::task::spawn_blocking(move || Some(server()?.database(&name).expect("a database"))).await;
        let settings = JournalSettings::Postgres { url: url.expect("no panic")?, connections_max: 8 };
        Some(Bed { journal: open(&settings).await.expect("it opens"), settings, _folder: None })
    }

    /// Runs a statement behind the journal's back.
    pub(crate) async fn run(&self, statement: &str) -> Result<(), String> {
        match &self.settings {
            JournalSettings::Sqlite { path } => {
                let file = rusqlite::Connection::open(path).map_err(|error| error.to_string())?;
                file.busy_timeout(Duration::from_secs(30)).map_err(|error| error.to_string())?;
                file.execute_batch(statement).map_err(|error| error.to_string())
            }
            JournalSettings::Postgres { url, .. } => {
                let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
                let (client, connection) = connected.map_err(|error| error.to_string())?;
                tokio::spawn(connection);
                let said = |error: tokio_postgres::Error| match error.as_db_error() {
                    Some(error) => error.message().to_owned(),
                    None => error.to_string(),
                };
                client.batch_execute(statement).await.map_err(said)
            }
        }
    }

    /// Drops the triggers that protect the audit log from accidents.
    pub(crate) async fn disarm(&self) {
        let statement = match &self.settings {
            JournalSettings::Sqlite { .. } => "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed",
            JournalSettings::Postgres { .. } => "DROP TRIGGER audit_is_not_changed ON audit",
        };
        self.run(statement).await.expect("they are dropped");
    }

    pub(crate) async fn accept(&self, acceptance: Acceptance) -> ExchangeId {
        let id = acceptance.exchange.id;
        assert_eq!(self.journal.accept(acceptance).await, Ok(Accepted::Committed));
        id
    }

    pub(crate) async fn claim(&self, destination: &str, now: Timestamp, limit: u32) -> Vec<ClaimedDelivery> {
        let worker = "worker".to_owned();
        let destination = destination.to_owned();
        let batching = vec![batching()];
        let request = ClaimRequest { destination, worker, now, lease: Duration::from_secs(60), limit, batching };
        self.journal.claim(request).await.expect("a claim")
    }

    /// Claims one delivery that must be there.
    pub(crate) async fn claim_one(&self, destination: &str, now: Timestamp) -> ClaimedDelivery {
        self.claim(destination, now, 1).await.pop().expect("something is due")
    }

    /// Keeps what was rendered for one delivery of one document.
    pub(crate) async fn render(
        &self,
        claim: Claim,
        request: Request,
        numbering: Option<Numbering>,
    ) -> Result<bool, JournalError> {
        self.journal.render(Rendered { deliveries: vec![(claim, 1)], request, numbering }).await
    }

    pub(crate) async fn settle(&self, claim: Claim, now: Timestamp, settled: Settled) {
        self.journal.settle(settlement(claim, now, settled)).await.expect("the claim holds");
    }

    /// So many events, as soon as they are to be seen: with several writers that can be a moment after their commit.
    pub(crate) async fn events(&self, after: Option<Cursor>, partner: Option<&str>, count: usize) -> Vec<Event> {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            let events = self.journal.events(after, partner, 1_000).await.expect("it reads");
            if events.len() >= count || std::time::Instant::now() > deadline {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The same journal, closed and opened anew.
    pub(crate) async fn reopened(self) -> Bed {
        self.journal.close(Duration::from_secs(10)).await;
        let Bed { journal, settings, _folder } = self;
        drop(journal);
        Bed { journal: open(&settings).await.expect("it opens"), settings, _folder }
    }

    /// Another gateway at the same database; nothing where there can be only one.
    pub(crate) async fn another_gateway(&self) -> Option<Arc<dyn Journal>> {
        match &self.settings {
            JournalSettings::Sqlite { .. } => None,
            JournalSettings::Postgres { .. } => Some(open(&self.settings).await.expect("it opens")),
        }
    }

    /// As many gateways as there can be at the same journal, two at most.
    pub(crate) async fn gateways(&self) -> Vec<Arc<dyn Journal>> {
        [Some(Arc::clone(&self.journal)), self.another_gateway().await].into_iter().flatten().collect()
    }

    /// What is remembered for one key of the carrier's.
    pub(crate) async fn kept(&self, key: RequestKey, fingerprint: u8, now: Timestamp) -> Option<KeptAnswer> {
        let kept = self.journal.kept_answer("carrier", &[key], [fingerprint; 32], now).await;
        kept.expect("it reads")
    }

    /// The delivery as it is now.
    pub(crate) async fn delivery(&self, exchange: ExchangeId, id: DeliveryId) -> Delivery {
        let record = self.journal.exchange(exchange).await.expect("it reads").expect("it is there");
        record.deliveries.into_iter().find(|delivery| delivery.id == id).expect("it is one of the exchange's")
    }
}

/// What becomes of an exchange of the carrier's that was taken up and refused, without a word in its own format.
pub(crate) fn rejected(plugin: PluginBuild, findings: Vec<Finding>, told: Told) -> TakenUp {
    let partner = "carrier".to_owned();
    let (parts, numbering, idempotency, freed) = (Vec::new(), None, None, None);
    TakenUp::Rejected(Box::new(Rejected { partner, plugin, findings, parts, told, numbering, idempotency, freed }))
}

pub(crate) fn delivered() -> Settled {
    Settled::Delivered { findings: Vec::new() }
}

pub(crate) fn settlement(claim: Claim, now: Timestamp, settled: Settled) -> Settlement {
    let reach = match settled {
        Settled::Dead { .. } | Settled::AwaitsCodes { .. } => Reach::Nothing,
        _ => Reach::Perhaps,
    };
    Settlement {
        reach,
        claim,
        companions: Vec::new(),
        started_at: now,
        now,
        status: Some(200),
        verdict: None,
        transcript: None,
        detail: "as the test says".to_owned(),
        settled,
        yielded: None,
        events: Vec::new(),
        deliveries: Vec::new(),
        audit: Vec::new(),
    }
}

/// A message from `carrier` with one document, for nobody yet.
pub(crate) fn message(now: Timestamp) -> Acceptance {
    let payload = Bytes::from_static(b"{\"container\":\"MSCU1234567\"}");
    Acceptance {
        exchange: NewExchange {
            id: ExchangeId::new(now),
            partner: "carrier".to_owned(),
            contract: "events".to_owned(),
            version: "1".to_owned(),
            content_type: "application/json".to_owned(),
            headers: vec![("x-sender".to_owned(), "A \"quoted\" näme".to_owned())],
            received_at: now,
            request_id: "request-1".to_owned(),
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            plugin: PluginBuild { name: "carrier-ocean".to_owned(), version: "1.2.3".to_owned(), sha256: [7; 32] },
            payload,
            sha256: [9; 32],
            findings: vec![Finding::error("code", "/container", "is not known")],
            parts: vec![Part {
                location: "segment 3".to_owned(),
                reference: "set-0001".to_owned(),
                verdict: PartVerdict::Accepted,
                documents: 1,
                findings: Vec::new(),
            }],
            origin: None,
        },
        documents: vec![document("milestone-1")],
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

pub(crate) fn document(key: &str) -> Document {
    Document {
        kind: "milestone".to_owned(),
        key: key.to_owned(),
        refs: vec![Reference { scheme: "container".to_owned(), value: "MSCU1234567".to_owned() }],
        body: format!("{{\"key\":\"{key}\"}}").into_bytes(),
    }
}

/// How deliveries of the contract that [`delivery`] has go together: three documents, or 100 bytes.
pub(crate) fn batching() -> Batching {
    Batching { contract: "tracking".to_owned(), version: "2".to_owned(), documents: 3, bytes: 100 }
}

pub(crate) fn delivery(destination: &str, lane: Option<&str>, now: Timestamp) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(now),
        destination: destination.to_owned(),
        contract: "tracking".to_owned(),
        version: "2".to_owned(),
        documents: vec![0],
        parts: Vec::new(),
        lane: lane.map(str::to_owned),
        request: None,
        batched: None,
    }
}

/// A message with one delivery; gives the delivery's identifier as well.
pub(crate) fn message_for(destination: &str, lane: Option<&str>, now: Timestamp) -> (Acceptance, DeliveryId) {
    let mut message = message(now);
    let delivery = delivery(destination, lane, now);
    let id = delivery.id;
    message.deliveries.push(delivery);
    (message, id)
}

pub(crate) fn event(partner: &str, subject: &str, at: Timestamp) -> NewEvent {
    NewEvent {
        id: EventId::new(at),
        kind: "portgate.delivery.delivered".to_owned(),
        subject: subject.to_owned(),
        partner: partner.to_owned(),
        at,
        data: EventData::Own("{\"amount\":\"10.50\"}".to_owned()),
    }
}

pub(crate) fn idempotency(key: &str, fingerprint: u8, now: Timestamp) -> Idempotency {
    Idempotency {
        keys: vec![request_key("events", key)],
        fingerprint: [fingerprint; 32],
        answer: answer(),
        expires_at: now + jiff::SignedDuration::from_hours(7 * 24),
    }
}

pub(crate) fn answer() -> Answer {
    Answer {
        status: 202,
        headers: vec![("location".to_owned(), "/v1/exchanges/1".to_owned())],
        body: Bytes::from_static(b"\x00the answer\xff"),
    }
}

pub(crate) fn request_key(contract: &str, key: &str) -> RequestKey {
    RequestKey::Idempotency { contract: contract.to_owned(), key: key.to_owned() }
}

pub(crate) fn webhook_id(id: &str) -> RequestKey {
    RequestKey::Webhook { id: id.to_owned() }
}

pub(crate) fn business_key(key: &str, fingerprint: u8) -> BusinessKey {
    BusinessKey { key: key.to_owned(), fingerprint: [fingerprint; 32] }
}

pub(crate) fn request(path: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: b"\x00\x01 bytes \xff".to_vec(),
    }
}
