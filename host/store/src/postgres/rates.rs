//! Rates that several gateways count together, in tables that are not logged.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::Pool;
use uuid::Uuid;

use super::session::Session;
use crate::error::JournalError;
use crate::rates::{Lease, LeaseRequest, SharedRates};
use crate::statements::Step;
use crate::statements::value::random_key;

/// A bucket that nobody has asked for in this time is forgotten: it is full by then, as a new one is.
const FORGOTTEN_AFTER_SECONDS: i64 = 3_600;

/// Locks the buckets, in an order that is the same for all, and says how each is and what time it is then.
const LOCK: &str = "INSERT INTO rates AS known (bucket, full_at) \
    SELECT bucket, 0 FROM unnest($1::bytea[]) AS asked (bucket) ORDER BY bucket \
    ON CONFLICT (bucket) DO UPDATE SET full_at = known.full_at \
    RETURNING bucket, full_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000";

const KEEP: &str = "UPDATE rates SET full_at = asked.full_at \
    FROM unnest($1::bytea[], $2::bigint[]) AS asked (bucket, full_at) WHERE rates.bucket = asked.bucket";

const ALIVE: &str = "WITH clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now), \
    seen AS (INSERT INTO gateways (id, seen_at) SELECT $1, now FROM clock \
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at), \
    gone AS (DELETE FROM gateways WHERE id IN (SELECT id FROM gateways, clock \
        WHERE id <> $1 AND seen_at < now - $2 FOR UPDATE OF gateways SKIP LOCKED)), \
    idle AS (DELETE FROM rates WHERE bucket IN (SELECT bucket FROM rates, clock \
        WHERE full_at < (now - $3) * 1000 FOR UPDATE OF rates SKIP LOCKED)) \
    SELECT 1 + count(*) FROM gateways, clock WHERE id <> $1 AND seen_at >= now - $2";

/// The buckets of one database, as one gateway sees them.
pub(super) struct PostgresRates {
    pool: Pool,
    /// This gateway among all, for as long as its process lives.
    gateway: Uuid,
}

impl PostgresRates {
    /// The buckets, for a new gateway.
    pub(super) fn new(pool: Pool) -> Result<Self, JournalError> {
        let mut random = [0; 16];
        random.copy_from_slice(&random_key()?[..16]);
        Ok(PostgresRates { pool, gateway: uuid::Builder::from_random_bytes(random).into_uuid() })
    }

    /// Says that this gateway is gone, and leaves.
    pub(super) async fn close(&self, wait: Duration) {
        let gone = async {
            let session = Session::alone(&self.pool).await?;
            session.connection()?.execute("DELETE FROM gateways WHERE id = $1", &[&self.gateway]).await?;
            Step::Ok(())
        };
        // If this fails, the other gateways notice after a while.
        let _ = tokio::time::timeout(wait, gone).await;
        self.pool.close();
    }
}

async fn lease(session: &Session, requests: &[LeaseRequest]) -> Step<Vec<Lease>> {
    let connection = session.connection()?;
    let buckets: Vec<&[u8]> = requests.iter().map(|request| &request.bucket.0[..]).collect();
    let lock = connection.prepare_cached(LOCK).await?;
    let rows = connection.query(&lock, &[&buckets]).await?;
    let nothing = Lease { tokens: 0, full_in: Duration::ZERO };
    let (mut leases, mut full_at) = (vec![nothing; requests.len()], vec![0_i64; requests.len()]);
    for row in rows {
        let (bucket, before, now): (&[u8], i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if let Some(index) = buckets.iter().position(|asked| *asked == bucket) {
            // A new bucket is full.
            (leases[index], full_at[index]) = requests[index].judge((before > 0).then_some(before), now);
        }
    }
    let keep = connection.prepare_cached(KEEP).await?;
    connection.execute(&keep, &[&buckets, &full_at]).await?;
    Ok(leases)
}

#[async_trait]
impl SharedRates for PostgresRates {
    async fn lease(&self, requests: &[LeaseRequest]) -> Result<Vec<Lease>, JournalError> {
        let session = Session::begin(&self.pool).await?;
        let leased = lease(&session, requests).await;
        Ok(session.end(leased).await?)
    }

    async fn alive(&self, within: Duration) -> Result<u32, JournalError> {
        let within = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
        let counted = async {
            let session = Session::alone(&self.pool).await?;
            let connection = session.connection()?;
            let statement = connection.prepare_cached(ALIVE).await?;
            let idle = FORGOTTEN_AFTER_SECONDS * 1_000_000;
            let row = connection.query_one(&statement, &[&self.gateway, &within, &idle]).await?;
            Step::Ok(row.try_get::<_, i64>(0)?)
        };
        let counted = counted.await?;
        Ok(u32::try_from(counted).unwrap_or(u32::MAX).max(1))
    }
}
