//! Partners' codes beside ours, as they were read last: what plugins are given to look up in.
//!
//! They are in memory, whole and immutable, so that no call waits for the journal. What is added is looked for twice a second;
//! what this gateway adds itself is read at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use portgate_core::agreement::Agreement;
use portgate_core::codes::{CodePair, CodeTable, CodeTables};
use portgate_store::{Codes, JournalError, KeptCode};
use tokio::sync::Notify;

/// How many additions and ends are read at once.
const STEP: u32 = 1_000;

/// The tables of each agreement, by partner and name.
type ByAgreement = BTreeMap<(String, String), Arc<CodeTables>>;

/// All codes that are known.
#[derive(Default)]
pub(crate) struct KnownCodes {
    tables: ArcSwap<ByAgreement>,
    rows: Mutex<Rows>,
    /// Something was added here.
    added: Notify,
}

/// What the tables are made of.
#[derive(Default)]
struct Rows {
    revision: u64,
    /// The rows of each table by their numbers, by partner, agreement and table.
    of: BTreeMap<(String, String, String), BTreeMap<u64, CodePair>>,
}

impl KnownCodes {
    /// An agreement with its tables as they are now.
    pub(crate) fn given(&self, partner: &str, agreement: Agreement) -> Agreement {
        let tables = self.tables.load().get(&(partner.to_owned(), agreement.name.clone())).map(Arc::clone);
        let codes = agreement.codes.with(tables);
        Agreement { codes, ..agreement }
    }

    /// Reads what was added or ended since it was read last.
    ///
    /// # Errors
    ///
    /// The journal cannot be read.
    pub(crate) async fn refresh(&self, journal: &(impl Codes + ?Sized)) -> Result<(), JournalError> {
        loop {
            let revision = self.rows.lock().unwrap_or_else(PoisonError::into_inner).revision;
            let new = journal.codes_since(revision, STEP).await?;
            if new.is_empty() {
                return Ok(());
            }
            self.take(new);
        }
    }

    /// Takes rows up. The same rows may come twice, and in any order.
    fn take(&self, new: Vec<KeptCode>) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for KeptCode { number, table: name, pair, revision, .. } in new {
            rows.revision = rows.revision.max(revision);
            let tables = changed.entry((name.partner.clone(), name.agreement.clone())).or_default();
            if !tables.contains(&name.table) {
                tables.push(name.table.clone());
            }
            let kept = rows.of.entry((name.partner, name.agreement, name.table)).or_default();
            // A row that was ended is not to begin anew because an older reading of it comes later.
            let is_older =
                kept.get(&number).is_some_and(|kept| kept.to.is_some() && (pair.to.is_none() || pair.to > kept.to));
            if !is_older {
                kept.insert(number, pair);
            }
        }
        let mut all = ByAgreement::clone(&self.tables.load());
        for ((partner, agreement), tables) in changed {
            let of = all.entry((partner.clone(), agreement.clone())).or_default();
            let mut made = CodeTables::clone(of);
            for table in tables {
                let pairs = rows.of.get(&(partner.clone(), agreement.clone(), table.clone()));
                let pairs: Vec<&CodePair> = pairs.into_iter().flat_map(BTreeMap::values).collect();
                made.insert(table, Arc::new(CodeTable::new(pairs)));
            }
            *of = Arc::new(made);
        }
        self.tables.store(Arc::new(all));
    }

    /// Says that something was added here, so that what waited for it goes on at once.
    pub(crate) fn has_added(&self) {
        self.added.notify_one();
    }

    /// Waits until something was added here.
    pub(crate) async fn addition(&self) {
        self.added.notified().await;
    }
}
