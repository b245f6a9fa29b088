//! Acceptances that come at the same time, kept together in one statement: one round trip, one commit, one fsync.
//!
//! It never waits for company: while one batch is on its way the next one gathers. Keys are not looked up before; where
//! one is known, its unique index refuses the whole batch, and each acceptance is then tried by itself.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::Pool;
use fail::fail_point;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::session::{Session, is_passing, lane_numbers, said};
use super::{accept_alone, tell};
use crate::acceptance::{Acceptance, Accepted};
use crate::error::{Health, JournalError};
use crate::statements::accept::business_hash;
use crate::statements::event::kept;
use crate::statements::request_key;
use crate::statements::value::{lane_name, sha256};
use crate::statements::{Step, failpoint};

/// Acceptances that wait at most; whoever has one more waits until there is room.
const WAITING_MAX: usize = 1024;
/// Acceptances of one statement at most.
const BATCH_MAX: usize = 128;
/// Batches on their way at the same time: while the server flushes one it can work on the next.
const BATCHES: usize = 2;

struct Waiting {
    acceptance: Acceptance,
    answer: oneshot::Sender<Result<Accepted, JournalError>>,
}

/// The way to those who gather and send.
pub(super) struct Batcher {
    waiting: Mutex<Option<mpsc::Sender<Waiting>>>,
    full: Arc<Mutex<bool>>,
    ended: tokio::sync::Mutex<JoinSet<()>>,
}

impl Batcher {
    pub(super) fn start(pool: Pool, told: Arc<watch::Sender<u64>>) -> Self {
        let (waiting, received) = mpsc::channel(WAITING_MAX);
        let received = Arc::new(tokio::sync::Mutex::new(received));
        let full = Arc::new(Mutex::new(false));
        let mut ended = JoinSet::new();
        for _ in 0..BATCHES {
            let sender = Sender { pool: pool.clone(), told: Arc::clone(&told), full: Arc::clone(&full) };
            ended.spawn(sender.work(Arc::clone(&received)));
        }
        Batcher { waiting: Mutex::new(Some(waiting)), full, ended: tokio::sync::Mutex::new(ended) }
    }

    pub(super) async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        let closed = || JournalError::Unreachable("the journal is closed".to_owned());
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        waiting.send(Waiting { acceptance, answer }).await.map_err(|_| closed())?;
        drop(waiting);
        answered.await.map_err(|_| closed())?
    }

    pub(super) fn health(&self) -> Health {
        match *self.full.lock().unwrap_or_else(PoisonError::into_inner) {
            true => Health::Full,
            false => Health::Ready,
        }
    }

    pub(super) async fn close(&self) {
        drop(self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut ended = self.ended.lock().await;
        while ended.join_next().await.is_some() {}
    }
}

struct Sender {
    pool: Pool,
    told: Arc<watch::Sender<u64>>,
    full: Arc<Mutex<bool>>,
}

impl Sender {
    async fn work(self, received: Arc<tokio::sync::Mutex<mpsc::Receiver<Waiting>>>) {
        loop {
            let mut batch = Vec::new();
            // One gathers while the other sends.
            if received.lock().await.recv_many(&mut batch, BATCH_MAX).await == 0 {
                return;
            }
            self.send(batch).await;
        }
    }

    async fn send(&self, batch: Vec<Waiting>) {
        // Those that share a key within the batch are for the second try: one of them wins, the others find it.
        let mut keys = HashSet::new();
        let (first, mut alone): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|waiting| keys_of(&waiting.acceptance).all(|key| keys.insert(key)));
        match keep(&self.pool, &first).await {
            Ok(()) => {
                for waiting in first {
                    let _ = waiting.answer.send(Ok(Accepted::Committed));
                }
                self.note(None);
            }
            Err(failure) if is_passing(&failure) => alone.extend(first),
            Err(failure) => {
                let error = said(failure);
                self.note(Some(&error));
                for waiting in first {
                    let _ = waiting.answer.send(Err(error.clone()));
                }
            }
        }
        for waiting in alone {
            let kept = accept_alone(&self.pool, &waiting.acceptance).await;
            self.note(kept.as_ref().err());
            let _ = waiting.answer.send(kept);
        }
        tell(&self.told);
    }

    /// Remembers whether there was space.
    fn note(&self, error: Option<&JournalError>) {
        let full = matches!(error, Some(JournalError::Full));
        *self.full.lock().unwrap_or_else(PoisonError::into_inner) = full;
    }
}

fn keys_of(acceptance: &Acceptance) -> impl Iterator<Item = [u8; 16]> {
    let exchange = &acceptance.exchange;
    let keys = acceptance.idempotency.iter().flat_map(|known| &known.keys);
    let business = acceptance.business_key.as_ref();
    let business = business.map(|kept| business_hash(&exchange.partner, &exchange.contract, &kept.key));
    keys.map(|key| request_key::hash(&exchange.partner, key)).chain(business)
}

/// What PostgreSQL takes for a text; the same as [`Param::text`](crate::statements::value::Param::text).
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("lists of strings and findings are JSON")
}

const KEEP: &str = "\
    WITH kept AS (INSERT INTO exchanges (id, partner, contract, version, content_type, headers, received_at, accepted_at, \
        request_id, trace, plugin_name, plugin_version, plugin_sha256, sha256, findings, origin, business_key, \
        business_hash, business_fingerprint, payload) \
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], \
        $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::bytea[], $15::text[], \
        $16::uuid[], $17::text[], $18::bytea[], $19::bytea[], $20::bytea[])), \
    documents_kept AS (INSERT INTO documents (exchange, position, kind, key, refs, sha256, body) \
        SELECT * FROM unnest($21::uuid[], $22::bigint[], $23::text[], $24::text[], $25::text[], $26::bytea[], \
        $27::bytea[])), \
    answers_kept AS (INSERT INTO answers (hash, exchange, fingerprint, expires_at, status, headers, body) \
        SELECT * FROM unnest($28::bytea[], $29::uuid[], $30::bytea[], $31::bigint[], $32::bigint[], $33::text[], \
        $34::bytea[])), \
    events_kept AS (INSERT INTO events (id, kind, subject, partner, at, data, exchange, position) \
        SELECT * FROM unnest($35::uuid[], $36::text[], $37::text[], $38::text[], $39::bigint[], $40::text[], $41::uuid[], \
        $42::bigint[])), \
    requests_kept AS (INSERT INTO requests (delivery, purpose, method, path, headers, body) \
        SELECT delivery, 'send', method, path, headers, body FROM unnest($51::uuid[], $52::text[], $53::text[], \
        $54::text[], $55::bytea[]) AS known (delivery, method, path, headers, body)) \
    INSERT INTO deliveries (id, exchange, destination, contract, version, documents, lane, state, findings, created_at, \
        due_at, claimable_at, attempts, tries, follow_ups) \
        SELECT id, exchange, destination, contract, version, documents, lane, 'pending', '[]', now, now, \
        CASE WHEN lane IS NULL THEN now WHEN before > 1 THEN NULL WHEN EXISTS (SELECT 1 FROM deliveries AS other \
        WHERE other.destination = new.destination AND other.lane = new.lane AND other.claimable_at IS NOT NULL) \
        THEN NULL ELSE now END, 0, 0, 0 \
        FROM (SELECT *, row_number() OVER (PARTITION BY destination, lane ORDER BY place) AS before \
        FROM unnest($43::uuid[], $44::uuid[], $45::text[], $46::text[], $47::text[], $48::text[], $49::text[], \
        $50::bigint[]) WITH ORDINALITY AS given (id, exchange, destination, contract, version, documents, lane, now, \
        place)) AS new ORDER BY place";

/// Columns of the statement, one array each.
#[derive(Default)]
struct Columns<'a> {
    exchanges: Exchanges<'a>,
    documents: Documents<'a>,
    answers: Answers<'a>,
    events: Events,
    deliveries: Deliveries,
    requests: Requests<'a>,
}

#[derive(Default)]
struct Exchanges<'a> {
    id: Vec<Uuid>,
    partner: Vec<String>,
    contract: Vec<String>,
    version: Vec<String>,
    content_type: Vec<String>,
    headers: Vec<String>,
    received_at: Vec<i64>,
    accepted_at: Vec<i64>,
    request_id: Vec<String>,
    trace: Vec<Option<String>>,
    plugin_name: Vec<String>,
    plugin_version: Vec<String>,
    plugin_sha256: Vec<&'a [u8]>,
    sha256: Vec<&'a [u8]>,
    findings: Vec<String>,
    origin: Vec<Option<Uuid>>,
    business_key: Vec<Option<String>>,
    business_hash: Vec<Option<Vec<u8>>>,
    business_fingerprint: Vec<Option<&'a [u8]>>,
    payload: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Documents<'a> {
    exchange: Vec<Uuid>,
    position: Vec<i64>,
    kind: Vec<String>,
    key: Vec<String>,
    refs: Vec<String>,
    sha256: Vec<Vec<u8>>,
    body: Vec<&'a [u8]>,
}

/// What is sent where it is known already.
#[derive(Default)]
struct Requests<'a> {
    delivery: Vec<Uuid>,
    method: Vec<String>,
    path: Vec<String>,
    headers: Vec<String>,
    body: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Answers<'a> {
    hash: Vec<Vec<u8>>,
    exchange: Vec<Uuid>,
    fingerprint: Vec<&'a [u8]>,
    expires_at: Vec<i64>,
    status: Vec<i64>,
    headers: Vec<String>,
    body: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Events {
    id: Vec<Uuid>,
    kind: Vec<String>,
    subject: Vec<String>,
    partner: Vec<String>,
    at: Vec<i64>,
    data: Vec<String>,
    exchange: Vec<Option<Uuid>>,
    position: Vec<Option<i64>>,
}

#[derive(Default)]
struct Deliveries {
    id: Vec<Uuid>,
    exchange: Vec<Uuid>,
    destination: Vec<String>,
    contract: Vec<String>,
    version: Vec<String>,
    documents: Vec<String>,
    lane: Vec<Option<String>>,
    now: Vec<i64>,
}

impl<'a> Columns<'a> {
    fn add(&mut self, acceptance: &'a Acceptance) {
        let exchange = &acceptance.exchange;
        let now = acceptance.now.as_microsecond();
        let business = acceptance.business_key.as_ref();
        let hash = |key: &str| business_hash(&exchange.partner, &exchange.contract, key).to_vec();
        let to = &mut self.exchanges;
        to.id.push(exchange.id.0);
        to.partner.push(text(&exchange.partner));
        to.contract.push(text(&exchange.contract));
        to.version.push(text(&exchange.version));
        to.content_type.push(text(&exchange.content_type));
        to.headers.push(json(&exchange.headers));
        to.received_at.push(exchange.received_at.as_microsecond());
        to.accepted_at.push(now);
        to.request_id.push(text(&exchange.request_id));
        to.trace.push(exchange.trace.as_deref().map(text));
        to.plugin_name.push(text(&exchange.plugin.name));
        to.plugin_version.push(text(&exchange.plugin.version));
        to.plugin_sha256.push(&exchange.plugin.sha256);
        to.sha256.push(&exchange.sha256);
        to.findings.push(json(&exchange.findings));
        to.origin.push(exchange.origin.map(|origin| origin.0));
        to.business_key.push(business.map(|business| text(&business.key)));
        to.business_hash.push(business.map(|business| hash(&business.key)));
        to.business_fingerprint.push(business.map(|business| &business.fingerprint[..]));
        to.payload.push(&exchange.payload);
        self.add_documents(acceptance);
        self.add_answers(acceptance);
        self.add_events(acceptance);
        self.add_deliveries(acceptance, now);
    }

    fn add_documents(&mut self, acceptance: &'a Acceptance) {
        let to = &mut self.documents;
        for (position, document) in (0..).zip(&acceptance.documents) {
            to.exchange.push(acceptance.exchange.id.0);
            to.position.push(position);
            to.kind.push(text(&document.kind));
            to.key.push(text(&document.key));
            to.refs.push(json(&document.refs));
            to.sha256.push(sha256(&document.body).to_vec());
            to.body.push(&document.body);
        }
    }

    fn add_answers(&mut self, acceptance: &'a Acceptance) {
        let exchange = &acceptance.exchange;
        let to = &mut self.answers;
        let Some(known) = &acceptance.idempotency else { return };
        for key in &known.keys {
            to.hash.push(request_key::hash(&exchange.partner, key).to_vec());
            to.exchange.push(exchange.id.0);
            to.fingerprint.push(&known.fingerprint);
            to.expires_at.push(known.expires_at.as_microsecond());
            to.status.push(i64::from(known.answer.status));
            to.headers.push(json(&known.answer.headers));
            to.body.push(&known.answer.body);
        }
    }

    fn add_events(&mut self, acceptance: &Acceptance) {
        let to = &mut self.events;
        for event in &acceptance.events {
            to.id.push(event.id.0);
            to.kind.push(text(&event.kind));
            to.subject.push(text(&event.subject));
            to.partner.push(text(&event.partner));
            to.at.push(event.at.as_microsecond());
            let (data, document) = kept(&event.data);
            to.data.push(text(data));
            to.exchange.push(document.map(|(exchange, _)| exchange.0));
            to.position.push(document.map(|(_, position)| i64::from(position)));
        }
    }

    fn add_deliveries(&mut self, acceptance: &'a Acceptance, now: i64) {
        let (to, known) = (&mut self.deliveries, &mut self.requests);
        for delivery in &acceptance.deliveries {
            if let Some(request) = &delivery.request {
                known.delivery.push(delivery.id.0);
                known.method.push(text(&request.method));
                known.path.push(text(&request.path));
                known.headers.push(json(&request.headers));
                known.body.push(&request.body);
            }
            to.id.push(delivery.id.0);
            to.exchange.push(acceptance.exchange.id.0);
            to.destination.push(text(&delivery.destination));
            to.contract.push(text(&delivery.contract));
            to.version.push(text(&delivery.version));
            to.documents.push(json(&delivery.documents));
            to.lane.push(delivery.lane.as_deref().map(|lane| lane_name(lane).into_owned()));
            to.now.push(now);
        }
    }

    fn lanes(&self) -> Vec<(&str, &str)> {
        let lanes = self.deliveries.destination.iter().zip(&self.deliveries.lane);
        lanes.filter_map(|(destination, lane)| Some((destination.as_str(), lane.as_deref()?))).collect()
    }
}

/// Keeps all of them or none.
async fn keep(pool: &Pool, batch: &[Waiting]) -> Step<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::default();
    for waiting in batch {
        columns.add(&waiting.acceptance);
    }
    let numbers = lane_numbers(&columns.lanes());
    // A statement alone is its own transaction, and one round trip. The locks of lanes need one around both: what the
    // statement sees of a lane must be from after its lock.
    if numbers.is_empty() {
        let session = Session::alone(pool).await?;
        failpoint!("journal::begin");
        failpoint!("journal::commit");
        run(&session, &columns).await?;
    } else {
        let session = Session::begin(pool).await?;
        let locked_and_run = async {
            let text = "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS given (number)";
            let statement = session.connection()?.prepare_cached(text).await?;
            session.connection()?.execute(&statement, &[&numbers]).await?;
            run(&session, &columns).await
        };
        let worked = locked_and_run.await;
        return session.end(worked).await;
    }
    fail_point!("journal::committed", |_| {
        Err(JournalError::Unreachable("failpoint journal::committed".to_owned()).into())
    });
    Ok(())
}

async fn run(session: &Session, columns: &Columns<'_>) -> Step<()> {
    let Columns { exchanges: e, documents: d, answers: a, events: v, deliveries: y, requests: r } = columns;
    let connection = session.connection()?;
    let statement = connection.prepare_cached(KEEP).await?;
    #[rustfmt::skip]
    connection.execute(&statement, &[
        &e.id, &e.partner, &e.contract, &e.version, &e.content_type, &e.headers, &e.received_at, &e.accepted_at,
        &e.request_id, &e.trace, &e.plugin_name, &e.plugin_version, &e.plugin_sha256, &e.sha256, &e.findings, &e.origin,
        &e.business_key, &e.business_hash, &e.business_fingerprint, &e.payload,
        &d.exchange, &d.position, &d.kind, &d.key, &d.refs, &d.sha256, &d.body,
        &a.hash, &a.exchange, &a.fingerprint, &a.expires_at, &a.status, &a.headers, &a.body,
        &v.id, &v.kind, &v.subject, &v.partner, &v.at, &v.data, &v.exchange, &v.position,
        &y.id, &y.exchange, &y.destination, &y.contract, &y.version, &y.documents, &y.lane, &y.now,
        &r.delivery, &r.method, &r.path, &r.headers, &r.body,
    ]).await?;
    Ok(())
}
