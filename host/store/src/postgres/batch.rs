//! Acceptances that come at the same time, kept together in one statement: one round trip, one commit, one fsync.
//!
//! It never waits for company: while one batch is on its way the next one gathers. Keys are not looked up before; where
//! one is known, its unique index refuses the whole batch, and each acceptance is then tried by itself.

use std::collections::HashSet;
use std::ops::RangeFrom;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use deadpool_postgres::Pool;
use fail::fail_point;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;

use super::arrays::{arrays, columns, given};
use super::session::{Session, lane_numbers};
use super::{tell, transact};
use crate::acceptance::{Acceptance, Accepted};
use crate::batch::{Batched, Batching};
use crate::error::{Health, JournalError};
use crate::event::NewEvent;
use crate::name;
use crate::statements::accept;
use crate::statements::batch::call_when_full;
use crate::statements::key::{business_hash, request_hash};
use crate::statements::rows::{AnswerRow, DeliveryRow, DocumentRow, ExchangeRow, GatheredRow, RequestRow};
use crate::statements::table::Insert;
use crate::statements::value::Param;
use crate::statements::{Failure, Step, failpoint, names};

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

/// Hands acceptances to the tasks that gather and send them.
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
        // What does not only add rows goes alone. Acceptances that share a key within the batch are left for the second try: one of them wins, the others find
        // its key.
        let mut keys = HashSet::new();
        let (first, mut alone): (Vec<_>, Vec<_>) = batch.into_iter().partition(|waiting| {
            !waiting.acceptance.changes() && keys_of(&waiting.acceptance).all(|key| keys.insert(key))
        });
        match keep(&self.pool, &first).await {
            Ok(()) => {
                for waiting in first {
                    let _ = waiting.answer.send(Ok(Accepted::Committed));
                }
                self.note(None);
            }
            Err(Failure::Passing(_)) => alone.extend(first),
            Err(Failure::Final(error)) => {
                self.note(Some(&error));
                for waiting in first {
                    let _ = waiting.answer.send(Err(error.clone()));
                }
            }
        }
        for waiting in alone {
            let kept = transact(&self.pool, &waiting.acceptance, |sql, acceptance| {
                // This looks at the keys first.
                Box::pin(accept::accept(sql, acceptance))
            })
            .await;
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
    keys.map(|key| request_hash(&exchange.partner, key)).chain(business)
}

/// The rows of all acceptances of a batch, by table.
#[derive(Default)]
struct Rows<'a> {
    exchanges: Vec<ExchangeRow<'a>>,
    documents: Vec<DocumentRow<'a>>,
    answers: Vec<AnswerRow<'a>>,
    events: Vec<&'a NewEvent>,
    requests: Vec<RequestRow<'a>>,
    deliveries: Vec<DeliveryRow<'a>>,
    /// One row for all exchanges, if there is anything to keep.
    gathered: Vec<GatheredRow>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, acceptance: &'a Acceptance) {
        let id = acceptance.exchange.id;
        self.exchanges.push(ExchangeRow::of(acceptance));
        self.documents.extend(DocumentRow::all(id, &acceptance.documents, &acceptance.exchange.parts));
        let known = acceptance.idempotency.iter();
        self.answers.extend(known.flat_map(|known| AnswerRow::all(&acceptance.exchange.partner, id, known)));
        self.events.extend(&acceptance.events);
        self.requests.extend(acceptance.deliveries.iter().filter_map(RequestRow::known));
        let deliveries = acceptance.deliveries.iter();
        self.deliveries.extend(deliveries.map(|delivery| DeliveryRow::of(id, delivery, acceptance.now)));
        let entries = names::entries(id, &name::of_acceptance(acceptance));
        match self.gathered.first_mut() {
            Some(row) => row.entries.extend(entries),
            None => self.gathered.push(GatheredRow { entries }),
        }
    }

    /// One array for each column, in the order of [`KEEP`].
    fn arrays(&self) -> Vec<Vec<Param<'_>>> {
        let mut all = arrays(&self.exchanges);
        all.extend(arrays(&self.documents));
        all.extend(arrays(&self.answers));
        all.extend(arrays(self.events.iter().copied()));
        all.extend(arrays(&self.requests));
        all.extend(arrays(&self.gathered));
        all.extend(arrays(&self.deliveries));
        all
    }
}

/// Inserts the rows of all tables. Of each lane the first new delivery has its turn, where nobody before it has.
static KEEP: LazyLock<String> = LazyLock::new(|| {
    let mut places = 1..;
    let rows = [
        insert_all::<ExchangeRow<'_>>(&mut places),
        insert_all::<DocumentRow<'_>>(&mut places),
        insert_all::<AnswerRow<'_>>(&mut places),
        insert_all::<NewEvent>(&mut places),
        insert_all::<RequestRow<'_>>(&mut places),
        insert_all::<GatheredRow>(&mut places),
    ];
    let given = given::<DeliveryRow<'_>>(&mut places);
    let columns = columns::<DeliveryRow<'_>>();
    let turn = "CASE WHEN lane IS NULL THEN claimable_at WHEN before > 1 THEN NULL \
                WHEN EXISTS (SELECT 1 FROM deliveries AS other WHERE other.destination = new.destination \
                AND other.lane = new.lane AND other.claimable_at IS NOT NULL) THEN NULL ELSE claimable_at END";
    let values = columns.replace("claimable_at", turn);
    format!(
        "WITH {} INSERT INTO deliveries ({columns}) SELECT {values} FROM (\
         SELECT *, row_number() OVER (PARTITION BY destination, lane ORDER BY place) AS before \
         FROM {given} WITH ORDINALITY AS given ({columns}, place)) AS new ORDER BY place",
        rows.join(", ")
    )
});

/// Inserts the rows of a table, given as arrays.
fn insert_all<R: Insert>(places: &mut RangeFrom<usize>) -> String {
    let (table, columns, given) = (R::TABLE, columns::<R>(), given::<R>(places));
    format!("{table}_kept AS (INSERT INTO {table} ({columns}) SELECT * FROM {given})")
}

/// Keeps all of them or none.
async fn keep(pool: &Pool, batch: &[Waiting]) -> Step<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for waiting in batch {
        rows.add(&waiting.acceptance);
    }
    let lanes: Vec<_> = rows.deliveries.iter().filter_map(DeliveryRow::place_in_lane).collect();
    let numbers = lane_numbers(&lanes);
    let batched = batched(batch);
    // A statement alone is its own transaction, and one round trip. The locks of lanes need one around both: what the
    // statement sees of a lane must be from after its lock. And so does what may go together.
    if numbers.is_empty() && batched.is_empty() {
        let session = Session::alone(pool).await?;
        failpoint!("journal::begin");
        failpoint!("journal::commit");
        run(&session, &rows).await?;
    } else {
        let mut session = Session::begin(pool).await?;
        let locked_and_run = async {
            let text = "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS given (number)";
            let statement = session.connection()?.prepare_cached(text).await?;
            session.connection()?.execute(&statement, &[&numbers]).await?;
            run(&session, &rows).await?;
            for (destination, batching, now) in batched {
                call_when_full(&mut session, destination, batching, now).await?;
            }
            Ok(())
        };
        let worked = locked_and_run.await;
        return session.end(worked).await;
    }
    fail_point!("journal::committed", |_| {
        Err(JournalError::Unreachable("failpoint journal::committed".to_owned()).into())
    });
    Ok(())
}

/// What may go together, and to whom: each once.
fn batched(batch: &[Waiting]) -> Vec<(&str, &Batching, Timestamp)> {
    let mut batched: Vec<(&str, &Batching, Timestamp)> = Vec::new();
    for acceptance in batch.iter().map(|waiting| &waiting.acceptance) {
        for delivery in &acceptance.deliveries {
            let Some(Batched { batching, .. }) = &delivery.batched else { continue };
            let is_new = |(destination, known, _): &(&str, &Batching, Timestamp)| {
                *destination != delivery.destination || *known != batching
            };
            if batched.iter().all(is_new) {
                batched.push((&delivery.destination, batching, acceptance.now));
            }
        }
    }
    batched
}

async fn run(session: &Session, rows: &Rows<'_>) -> Step<()> {
    let connection = session.connection()?;
    let statement = connection.prepare_cached(&KEEP).await?;
    let arrays = rows.arrays();
    let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
    connection.execute(&statement, &params).await?;
    Ok(())
}
