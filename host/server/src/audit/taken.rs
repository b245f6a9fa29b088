//! What is told at the beginning, at the end, and whenever files have changed.

use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Mistake;
use portgate_store::JournalError;

use super::{Audit, changes, seal_all};
use crate::clock::now;
use crate::configuration::{Configuration, RefusedPlugin};

impl Audit {
    /// Tells that a gateway begins to serve under this configuration, and what has changed since the log was last told.
    ///
    /// # Errors
    /// The journal does not take it; then the gateway must not serve.
    pub(crate) async fn started(&self, configuration: &Configuration) -> Result<(), JournalError> {
        // What the last run left behind must be found.
        seal_all(self).await?;
        let changed = self.journal.audit_latest(Kind::PolicyChanged).await?;
        let admitted = self.journal.audit_latest(Kind::PluginAdmitted).await?;
        let removed = self.journal.audit_latest(Kind::PluginRemoved).await?;
        let mut entries = vec![self.gateway(Kind::GatewayStarted)];
        entries.extend(changes::since_the_last_run(&changed, &admitted, &removed, configuration, now()));
        self.keep(entries).await
    }

    /// Tells that a gateway ends in good order, and seals everything.
    pub(crate) async fn stopped(&self) {
        self.note(vec![self.gateway(Kind::GatewayStopped)]).await;
        if let Err(error) = seal_all(self).await {
            tracing::error!(%error, "the last audit entries are not sealed; the next start does it");
        }
    }

    fn gateway(&self, kind: Kind) -> Entry {
        let public = self.key.public();
        Entry::new(now(), kind, Actor::gateway(), Subject::gateway())
            .text("version", env!("CARGO_PKG_VERSION"))
            .text("engine", &crate::bom::engine())
            .text("audit_key", &public.id())
            .text("public_key", public.to_pem().trim_end())
            .number("process", u64::from(std::process::id()))
    }

    /// Tells what another configuration changes, and which plugins it could not take along.
    ///
    /// # Errors
    /// The journal does not take it; then the configuration must not be taken up.
    pub(crate) async fn taken_up(
        &self,
        before: &Configuration,
        new: &Configuration,
        refused: &[RefusedPlugin],
    ) -> Result<(), JournalError> {
        let mut entries = changes::changes(before, new, now());
        entries.extend(refused.iter().map(|plugin| changes::refused(plugin, now())));
        self.keep(entries).await
    }

    /// Tells that files were not taken up.
    pub(crate) async fn not_taken_up(&self, mistakes: &[Mistake], refused: &[RefusedPlugin]) {
        let mut entries: Vec<Entry> = refused.iter().map(|plugin| changes::refused(plugin, now())).collect();
        entries.push(changes::policies_refused(mistakes, now()));
        self.note(entries).await;
    }
}
