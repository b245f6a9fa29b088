//! What the journal does, in SQL that both engines understand.
//!
//! The logic is here once. An engine brings [`Sql`]: how a statement runs, and the few words that differ. Parameters are
//! numbered `$1`, `$2`, … and appear in this order, which is what makes the texts fit both.

/// A place where a test can let a transaction fail, or hold it.
macro_rules! failpoint {
    ($name:literal) => {
        fail::fail_point!($name, |_| Err($crate::statements::injected($name)))
    };
}

pub(crate) use failpoint;

pub(crate) mod about;
pub(crate) mod accept;
pub(crate) mod acknowledgement;
pub(crate) mod act;
pub(crate) mod admission;
pub(crate) mod approval;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod claim;
pub(crate) mod codes;
pub(crate) mod delivery;
pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod exceptions;
pub(crate) mod exchange;
pub(crate) mod figures;
pub(crate) mod filings;
pub(crate) mod filter;
pub(crate) mod found;
pub(crate) mod key;
pub(crate) mod lane;
pub(crate) mod list;
pub(crate) mod lookups;
pub(crate) mod names;
pub(crate) mod numbers;
pub(crate) mod parked;
pub(crate) mod plugin_use;
pub(crate) mod record;
pub(crate) mod refused;
pub(crate) mod request;
pub(crate) mod request_key;
pub(crate) mod rerun;
pub(crate) mod resend;
pub(crate) mod retention;
pub(crate) mod rows;
pub(crate) mod settle;
pub(crate) mod shipment_names;
pub(crate) mod shipments;
pub(crate) mod state;
pub(crate) mod table;
pub(crate) mod transcript;
pub(crate) mod trouble;
pub(crate) mod value;
pub(crate) mod waiting;

use std::future::Future;

use crate::error::JournalError;
use table::Insert;
use value::{Param, Row};

/// Why a step of a transaction did not work. The transaction is rolled back in any case.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another transaction was in its way, such as one that took a key in the meantime, so it is worth trying again.
    /// This is the answer if it is not tried again.
    Passing(JournalError),
    /// The journal's answer.
    Final(JournalError),
}

/// The failure that a test asked for.
#[cfg_attr(not(feature = "failpoints"), allow(dead_code))]
pub(crate) fn injected(point: &str) -> Failure {
    Failure::Final(JournalError::Refused(format!("failpoint {point}")))
}

/// What a step of a transaction gives.
pub(crate) type Step<T> = Result<T, Failure>;

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Failure::Final(error)
    }
}

impl From<Failure> for JournalError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Passing(error) | Failure::Final(error) => error,
        }
    }
}

/// How an engine runs statements, one after the other, within a transaction where it matters.
pub(crate) trait Sql: Send + 'static {
    /// Keeps others from working on the rows that a `SELECT` finds; it waits for those that do.
    const LOCK: &'static str;
    /// The same, but leaves out rows that others work on.
    const LOCK_FREE_ONES: &'static str;
    /// The order of events.
    const EVENTS_ORDER: &'static str;
    /// Holds for events after the place `$1`, `$2`, before which nothing can appear any more.
    const EVENTS_AFTER: &'static str;
    /// Holds for events before which nothing can appear any more.
    const EVENTS_CERTAIN: &'static str;
    /// The order of events, the newest first.
    const EVENTS_NEWEST_FIRST: &'static str;

    /// Holds for events that may be removed without a place being given twice.
    const EVENTS_FORGETTABLE: &'static str;

    /// Runs a statement and gives its rows.
    fn query(&mut self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<Vec<Row>>> + Send;

    /// Runs a statement and gives the number of rows that it changed.
    fn execute(&mut self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<u64>> + Send;

    /// Holds for what is one of [`Param::Many`] at a place, behind the name of a column.
    fn among(place: usize) -> String;

    /// Inserts rows in their order, all at once; such as are there already stay as they are.
    fn add<R: Insert + Sync>(&mut self, rows: &[R]) -> impl Future<Output = Step<()>> + Send {
        self.put(rows, "ON CONFLICT DO NOTHING")
    }

    /// Inserts rows in their order, all at once; `known` says what becomes of such as are there already.
    fn put<R: Insert + Sync>(&mut self, rows: &[R], known: &str) -> impl Future<Output = Step<()>> + Send;

    /// Changes rows, each to values of its own, all at once: `set` and `which` say what is changed and of which row, by the
    /// columns of what is `given`. Gives the number of rows that were changed.
    fn change<R: Insert + Sync>(
        &mut self,
        rows: &[R],
        set: &str,
        which: &str,
    ) -> impl Future<Output = Step<u64>> + Send;

    /// Keeps others out of these lanes (destination, lane) until the transaction ends.
    fn lock_lanes(&mut self, lanes: &[(&str, &str)]) -> impl Future<Output = Step<()>> + Send;

    /// Keeps what exchanges are found by, as [`names::entries`], when the transaction is committed.
    fn gather(&mut self, entries: &[u8]) -> impl Future<Output = Step<()>> + Send;
}

/// Most rows that one call gives or changes.
pub(crate) const LIMIT_MAX: u32 = 1_000;

/// A limit as a parameter.
pub(crate) fn limited(limit: u32) -> Param<'static> {
    Param::Int(i64::from(limit.min(LIMIT_MAX)))
}
