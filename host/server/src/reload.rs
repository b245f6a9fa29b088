//! Takes up changed files without a restart.
//!
//! Once a second the files that the configuration was made from are looked at; a change is taken up once it has stood
//! still for one look, so that a half-copied file is not read. What does not load is refused as a whole and the last
//! good configuration stays; a plugin that cannot be admitted is refused by itself and its last good form stays. What has
//! to wait for people is tried again when they, or another gateway, have changed something about it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::policy::Mistake;

use crate::approval::{Verdict, Waiting, judge, unjudged};
use crate::configuration::{Fingerprint, Folder, Lasting, Loaded, RefusedPlugin, fingerprint, load, to_keep};
use crate::gateway::Gateway;
use crate::journal;
use crate::tls::TlsFiles;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watches until the task is dropped. `taken` is the state of the files from before the configuration was made, `waiting`
/// what was not taken up then.
pub(crate) async fn watch(
    gateway: Arc<Gateway>,
    folder: Folder,
    lasting: Arc<Lasting>,
    tls: Option<Arc<TlsFiles>>,
    mut taken: Fingerprint,
    mut waiting: Option<Waiting>,
) {
    let mut last_seen = Fingerprint::new();
    let mut tls_problem = String::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(tls) = &tls {
            match tls.reload() {
                Ok(changed) => {
                    tls_problem.clear();
                    if changed {
                        tracing::info!("certificates reloaded");
                    }
                }
                Err(error) if error.to_string() == tls_problem => {}
                Err(error) => {
                    tls_problem = error.to_string();
                    tracing::error!("certificates not taken up, the last good ones stay: {error}");
                }
            }
        }
        let seen = fingerprint(&folder, &gateway.configuration.load().policies);
        let is_over = match &waiting {
            Some(waiting) => waiting.is_over(&*gateway.journal).await,
            None => false,
        };
        if (seen == last_seen && seen != taken) || is_over {
            let waited = std::mem::replace(&mut waiting, take_up(&gateway, &folder, &lasting).await);
            if let Some(waited) = waited.filter(|waited| !waiting.as_ref().is_some_and(|now| now.is(waited))) {
                waited.withdraw(&*gateway.journal).await;
            }
            gateway.metrics.changes_waiting.set(i64::from(waiting.is_some()));
            // Whether or not it was taken: the same files are not tried twice.
            taken = seen;
        } else {
            last_seen = seen;
        }
    }
}

/// Gives back what has to wait.
async fn take_up(gateway: &Arc<Gateway>, folder: &Folder, lasting: &Arc<Lasting>) -> Option<Waiting> {
    let mut refused = Vec::new();
    match renewed(gateway, folder, lasting, &mut refused).await {
        Ok((_, Verdict::Waits(waiting))) => {
            waiting.tell();
            return Some(waiting);
        }
        Ok((Loaded { configuration, kept }, Verdict::Taken)) => {
            for mistake in &kept {
                tracing::error!("plugin not taken up, its last good form stays: {mistake}");
            }
            gateway.metrics.reload(kept.is_empty());
            gateway.configuration.store(Arc::new(configuration));
            tracing::info!("configuration reloaded");
        }
        Err(mistakes) => {
            gateway.metrics.reload(false);
            gateway.audit.not_taken_up(&mistakes, &refused).await;
            for mistake in &mistakes {
                tracing::error!("configuration not taken up, the last good one stays: {mistake}");
            }
        }
    }
    None
}

/// A configuration of the files as they are now. Where it may be taken up, the journal knows its plugins as admitted, and
/// the audit log has been told.
async fn renewed(
    gateway: &Gateway,
    folder: &Folder,
    lasting: &Arc<Lasting>,
    refused: &mut Vec<RefusedPlugin>,
) -> Result<(Loaded, Verdict), Vec<Mistake>> {
    let before = gateway.journal.admissions().await.map_err(journal::failed)?;
    let last = gateway.configuration.load_full();
    let folder = folder.as_it_is()?;
    let (read, lasting, from) = (folder.clone(), Arc::clone(lasting), Arc::clone(&last));
    // Reading files and compiling components takes time that the request threads should not give.
    let loaded = tokio::task::spawn_blocking(move || {
        let mut refused = Vec::new();
        (load(&read, &lasting, Some(&from), &before, &mut refused), refused)
    });
    let panicked = |_| vec![Mistake::whole_file("policies", "loading them panicked", None)];
    let (loaded, not_admitted) = loaded.await.map_err(panicked)?;
    refused.extend(not_admitted);
    let loaded = loaded?;
    let verdict = judge(&*gateway.journal, &folder, &loaded.configuration).await.map_err(unjudged)?;
    if matches!(verdict, Verdict::Taken) {
        let plugins = to_keep(&loaded.configuration.plugins, Timestamp::now());
        gateway.journal.admit(&plugins).await.map_err(journal::failed)?;
        gateway.audit.taken_up(&last, &loaded.configuration, refused).await.map_err(journal::failed)?;
    }
    Ok((loaded, verdict))
}
