//! What is remembered of plugins.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::admission::Admitted;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::plugin_use::KeptUse;
use crate::statements::{admission, plugin_use};

/// Keeps which plugins were admitted, and what they used.
#[async_trait]
pub trait Plugins: Send + Sync {
    /// The highest version of each plugin that was ever admitted, by the plugin's name.
    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError>;

    /// Keeps that these plugins were admitted. Where a higher version of one was, that stays; where this very build was,
    /// the time of its first admission stays.
    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError>;

    /// Keeps what plugins used; each takes the place of what the same gateway said of the same component and day.
    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError>;

    /// What a plugin used since this day, the latest days first, at most 1,000.
    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError>;
}

#[async_trait]
impl<E: Engine> Plugins for E {
    async fn admissions(&self) -> Result<BTreeMap<String, Admitted>, JournalError> {
        self.read((), |sql, ()| Box::pin(admission::admissions(sql))).await
    }

    async fn admit(&self, admitted: &BTreeMap<String, Admitted>) -> Result<(), JournalError> {
        self.write(admitted.clone(), |sql, admitted| Box::pin(admission::admit(sql, admitted))).await
    }

    async fn keep_uses(&self, uses: Vec<KeptUse>) -> Result<(), JournalError> {
        self.write(uses, |sql, uses| Box::pin(plugin_use::keep(sql, uses))).await
    }

    async fn uses(&self, plugin: &str, since: Timestamp) -> Result<Vec<KeptUse>, JournalError> {
        self.read((plugin.to_owned(), since), |sql, (plugin, since)| Box::pin(plugin_use::uses(sql, plugin, *since)))
            .await
    }
}
