//! Brings the write-ahead log into the file, beside the commits.
//!
//! Copying thousands of pages and waiting for the disk takes as long as dozens of commits, so a thread of its own does
//! it while the writer goes on. What the writer adds meanwhile is copied in a next round, and the last few pages by the
//! writer itself, between two transactions: only when all are in the file can the log begin anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::status::{Status, said};
use crate::error::{Health, JournalError};

/// Length of the write-ahead log, in pages, at which it is brought into the file.
const BEGIN_PAGES: u32 = 4000;
/// When so few pages are left, the writer copies them itself.
const REST_PAGES: u32 = 250;
/// Rounds of the thread at most: where the writer is faster than the copying, more would not help either.
const ROUNDS_MAX: u32 = 5;

/// Decides when the log is brought into the file, and has a thread do it.
pub(super) struct Checkpoints {
    /// Pages in the log that are not in the file yet, as far as the writer knows.
    pages: Arc<AtomicU32>,
    ask: mpsc::Sender<()>,
    thread: JoinHandle<()>,
    running: Arc<AtomicBool>,
    /// The thread has left little to do.
    rest: Arc<AtomicBool>,
    status: Arc<Status>,
}

impl Checkpoints {
    /// `writer` counts the pages; `connection` is the thread's own.
    pub(super) fn start(writer: &mut Connection, connection: Connection, status: Arc<Status>) -> Checkpoints {
        let pages = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&pages);
        let count = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            counted.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(count)).expect("a hook that does nothing but count can be set");
        let (ask, asked) = mpsc::channel();
        let (running, rest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let work = {
            let (running, rest) = (Arc::clone(&running), Arc::clone(&rest));
            let (pages, status) = (Arc::clone(&pages), Arc::clone(&status));
            move || {
                for () in asked {
                    if copy_most(&connection, &pages, &status) {
                        rest.store(true, Ordering::Release);
                    }
                    running.store(false, Ordering::Release);
                }
                if status.poisoned().is_some() {
                    // Closing would write once more.
                    std::mem::forget(connection);
                }
            }
        };
        let named = std::thread::Builder::new().name("checkpoints".to_owned());
        let thread = named.spawn(work).expect("the system has room for one more thread when the gateway starts");
        Checkpoints { pages, ask, thread, running, rest, status }
    }

    /// Called by the writer between two transactions.
    pub(super) fn look(&self, writer: &Connection) {
        if self.status.poisoned().is_some() || self.pages.load(Ordering::Relaxed) < BEGIN_PAGES {
            return;
        }
        if self.rest.swap(false, Ordering::AcqRel) {
            copy(writer, &self.status);
            // The next transaction counts anew, from the beginning of the log or from where it could not begin anew.
            self.pages.store(0, Ordering::Relaxed);
        } else if !self.running.swap(true, Ordering::AcqRel) {
            // The thread listens as long as this struct lives.
            let _ = self.ask.send(());
        }
    }

    /// Waits until the thread has closed its connection.
    pub(super) fn end(self) {
        drop(self.ask);
        // The status says already what went wrong in the thread.
        let _ = self.thread.join();
    }
}

/// Whether the rest can be left to the writer.
fn copy_most(connection: &Connection, pages: &AtomicU32, status: &Status) -> bool {
    for _ in 0..ROUNDS_MAX {
        match copy(connection, status) {
            Some(copied) if pages.load(Ordering::Relaxed).saturating_sub(copied) <= REST_PAGES => return true,
            Some(_) => {}
            None => return false,
        }
    }
    true
}

/// Copies what is in the log now; gives back how many pages of it are in the file. A failed fsync here poisons like any other.
fn copy(connection: &Connection, status: &Status) -> Option<u32> {
    let copied = |row: &rusqlite::Row<'_>| row.get(2);
    let run = || connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], copied);
    match run().map_err(|error: rusqlite::Error| said(&error, connection)) {
        Ok(copied) => Some(copied),
        // Somebody reads, or holds a lock, so the copy is tried again later.
        Err(JournalError::Refused(_) | JournalError::Blocked(_)) => None,
        // The log stays as it is; commits will say so themselves.
        Err(JournalError::Full) => {
            status.set(Health::Full);
            None
        }
        Err(error) => {
            tracing::error!(%error, "the journal's log could not be brought into its file; it takes nothing more until a restart");
            status.set(Health::Poisoned(error.to_string()));
            None
        }
    }
}
