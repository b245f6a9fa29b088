//! What plugins really use, call by call: kept in the journal, shown to operators, and held against what policies grant.
//!
//! A call costs a look into a map and a few additions under the plugin's own lock, which is never held across an await.
//! Once a minute what has come together since is added to the day's record of this gateway, and the record takes the place
//! of the one before in the journal; whoever reads adds up the days and the gateways. What one call used is not kept.

mod keep;
mod record;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::review::ObservedUse;
use portgate_delivery::connectors::Sent;
use portgate_runtime::{CallError, Plugin, Usage};
use portgate_store::{Journal, JournalError};
use uuid::Uuid;

use crate::configuration::Configuration;
use keep::Days;
pub(crate) use keep::{keep, keep_once};
use record::Record;

/// Everything that is watched in this process.
pub(crate) struct Observed {
    /// This process among all gateways that share the journal.
    gateway: Uuid,
    /// By the component's digest: a component is one plugin, which its manifest names.
    plugins: RwLock<HashMap<String, Arc<Watched>>>,
    days: Mutex<Days>,
}

/// One component, and what it used since that was last added to the day's record.
struct Watched {
    plugin: String,
    latest: Mutex<Record>,
}

/// A function of a plugin.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Function {
    Decode,
    Encode,
    Interpret,
    Inspect,
    Compose,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Function::Decode => "decode",
            Function::Encode => "encode",
            Function::Interpret => "interpret",
            Function::Inspect => "inspect",
            Function::Compose => "compose",
        }
    }
}

/// One call that has ended.
pub(crate) struct Ended<'a> {
    pub(crate) function: Function,
    /// The contract's name and version, where the call was for one.
    pub(crate) contract: Option<(&'a str, &'a str)>,
    pub(crate) usage: &'a Usage,
    /// What ended it, where it did not return.
    pub(crate) error: Option<&'a CallError>,
    /// The documents that it returned.
    pub(crate) emitted: &'a [Document],
    /// The kinds of the documents that it was given.
    pub(crate) read: &'a [String],
}

impl Observed {
    pub(crate) fn new() -> Self {
        Observed { gateway: Uuid::now_v7(), plugins: RwLock::default(), days: Mutex::default() }
    }

    /// Counts one call.
    pub(crate) fn call(&self, plugin: &Plugin, ended: &Ended<'_>) {
        lock(&self.watched(&plugin.manifest().name, plugin.digest()).latest).call(ended);
    }

    /// Counts one request that the policy of the plugin permitted.
    pub(crate) fn sent(&self, plugin: &Plugin, sent: &Sent<'_>) {
        lock(&self.watched(sent.plugin, plugin.digest()).latest).sent(sent);
    }

    fn watched(&self, plugin: &str, digest: &str) -> Arc<Watched> {
        if let Some(known) = self.plugins.read().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Arc::clone(known);
        }
        let mut plugins = self.plugins.write().unwrap_or_else(PoisonError::into_inner);
        let watched = || Arc::new(Watched { plugin: plugin.to_owned(), latest: Mutex::new(Record::new()) });
        Arc::clone(plugins.entry(digest.to_owned()).or_insert_with(watched))
    }

    /// What each component of a plugin used since this time, over all gateways; the one that is called now first.
    pub(crate) async fn of(
        &self,
        plugin: &str,
        since: Timestamp,
        configuration: &Configuration,
        journal: &dyn Journal,
    ) -> Result<Vec<ObservedUse>, JournalError> {
        let mut records: HashMap<String, Record> = HashMap::new();
        let mut add = |digest: String, record: Record| match records.get_mut(&digest) {
            Some(known) => known.merge(&record),
            None => drop(records.insert(digest, record)),
        };
        for kept in journal.uses(plugin, since).await? {
            match serde_json::from_str(&kept.record) {
                Ok(record) => add(hex::encode(kept.sha256), record),
                Err(error) => tracing::warn!(plugin, %error, "what the journal has of a plugin's use cannot be read"),
            }
        }
        let current = configuration.plugins.get(plugin).map(Plugin::digest);
        if let Some(digest) = current {
            self.watched(plugin, digest);
        }
        for (digest, watched) in self.plugins.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if watched.plugin == plugin {
                add(digest.clone(), lock(&watched.latest).until_now());
            }
        }
        let used = |(digest, record): (String, Record)| record.shown(current == Some(digest.as_str()), digest);
        let mut uses: Vec<ObservedUse> = records.into_iter().map(used).collect();
        uses.sort_by_key(|one| std::cmp::Reverse((one.current, one.until)));
        Ok(uses)
    }
}

/// A record is a few counters: none of its methods leaves it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
