//! Removing what has been kept long enough.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::statements::{plugin_use, refused, request_key, retention, transcript};

/// Removes what has been kept long enough, a bounded amount at once, so that nobody waits for it.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Removes payloads, documents, rendered requests and what was said in attempts, of exchanges from before this time that are neither parked nor
    /// failed and whose deliveries are all delivered or discarded; digests stay. At most `limit` exchanges at once; gives
    /// back how many. Events from before this time go as well, as many at once.
    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Removes exchanges from before this time that are neither parked nor failed and whose deliveries are all delivered or
    /// discarded, with everything of theirs. At most `limit` at once; gives back how many.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Removes what was decided of shipments that were closed before this time: exceptions that are closed, with what people did,
    /// overrides, expectations, and filings that want nobody. At most `limit` of each at once; gives back how many rows.
    async fn forget_decided(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Removes what was said in attempts before this time at deliveries that are delivered or discarded. At most `limit` at
    /// once; gives back how many.
    async fn forget_transcripts(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Forgets keys of requests that have expired. At most `limit` at once; gives back how many.
    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Removes what was refused on days before this time and is not run again. At most `limit` at once; gives back how many.
    async fn forget_refused(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError>;

    /// Forgets what plugins used before this day. Gives back how many were removed.
    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError>;
}

#[async_trait]
impl<E: Engine> Retention for E {
    async fn redact(&self, before: Timestamp, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, now, limit), |sql, (before, now, limit)| {
            Box::pin(retention::redact(sql, *before, *now, *limit))
        })
        .await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, limit), |sql, (before, limit)| Box::pin(retention::purge(sql, *before, *limit))).await
    }

    async fn forget_decided(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, limit), |sql, (before, limit)| Box::pin(retention::forget_decided(sql, *before, *limit)))
            .await
    }

    async fn forget_transcripts(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, limit), |sql, (before, limit)| Box::pin(transcript::forget(sql, *before, *limit))).await
    }

    async fn forget_keys(&self, now: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((now, limit), |sql, (now, limit)| Box::pin(request_key::forget(sql, *now, *limit))).await
    }

    async fn forget_refused(&self, before: Timestamp, limit: u32) -> Result<u64, JournalError> {
        self.write((before, limit), |sql, (before, limit)| Box::pin(refused::forget(sql, *before, *limit))).await
    }

    async fn forget_uses(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.write(before, |sql, before| Box::pin(plugin_use::forget(sql, *before))).await
    }
}
