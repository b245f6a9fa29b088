//! Takes up changed files without a restart.
//!
//! Once a second the files that the configuration was made from are looked at; a change is taken up once it has stood
//! still for one look, so that a half-copied file is not read. What does not load is refused as a whole and the last
//! good configuration stays; a plugin that cannot be admitted is refused by itself and its last good form stays. What has
//! to wait for people is tried again when they, or another gateway, have changed something about it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use portgate_core::policy::Mistake;
use portgate_http::tls::{TlsError, TlsFiles};
use tokio::sync::oneshot;

use crate::approval::{Ruling, Waiting, judge, unjudged};
use crate::configuration::{Fingerprint, Folder, Loaded, RefusedPlugin, SharedResources, depended_on, load, to_keep};
use crate::journal;
use crate::state::State;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long taking files up may last before it is said that it does.
const LONG: Duration = Duration::from_secs(15);

/// What is looked at, and how far it is taken up.
pub(crate) struct Watched {
    pub(crate) folder: Folder,
    pub(crate) shared: Arc<SharedResources>,
    pub(crate) tls: Option<Arc<TlsFiles>>,
    /// The state of the files from before the configuration was made.
    pub(crate) taken: Fingerprint,
    /// What was not taken up then, because it waits for people.
    pub(crate) waiting: Option<Waiting>,
}

/// Watches until it is dropped.
pub(crate) async fn watch(state: &Arc<State>, watched: &mut Watched) {
    let Watched { folder, shared, tls, taken, waiting } = watched;
    let mut last_seen = Fingerprint::new();
    let mut tls_problem = String::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(tls) = &*tls {
            let files = Arc::clone(tls);
            tell_of_certificates(on_a_thread(move || files.reload()).await, &mut tls_problem);
        }
        let depended_on = depended_on(folder, &state.configuration.load().policies);
        let seen = match folder.fingerprint(depended_on).await {
            Ok(seen) => seen,
            Err(unanswered) => {
                state.overdue.begin(&unanswered.to_string());
                continue;
            }
        };
        let is_over = match &*waiting {
            Some(waiting) => waiting.is_over(&*state.journal).await,
            None => false,
        };
        if (seen == last_seen && seen != *taken) || is_over {
            let waits = take_up_patiently(state, folder, shared).await;
            let waited = std::mem::replace(waiting, waits);
            if let Some(waited) = waited.filter(|waited| !waiting.as_ref().is_some_and(|now| now.is(waited))) {
                waited.withdraw(&*state.journal).await;
            }
            state.metrics.changes_waiting.set(i64::from(waiting.is_some()));
            // Whether or not it was taken: the same files are not tried twice.
            *taken = seen;
        } else {
            last_seen = seen;
        }
        state.overdue.end();
    }
}

fn tell_of_certificates(reloaded: Option<Result<bool, TlsError>>, problem: &mut String) {
    match reloaded {
        Some(Ok(changed)) => {
            problem.clear();
            if changed {
                tracing::info!("certificates reloaded");
            }
        }
        Some(Err(error)) if error.to_string() == *problem => {}
        Some(Err(error)) => {
            *problem = error.to_string();
            tracing::error!("certificates not taken up, the last good ones stay: {error}");
        }
        None => tracing::error!("certificates not taken up, the last good ones stay: reading them panicked"),
    }
}

/// Has work done that can take long, or for ever where a file system hangs: on a thread of its own, for which nobody waits
/// when the gateway stops. Nothing where it panicked.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let run = move || drop(tell.send(work()));
    std::thread::Builder::new().name("reload".to_owned()).spawn(run).ok()?;
    told.await.ok()
}

/// Takes files up, and says so when it lasts long.
async fn take_up_patiently(state: &Arc<State>, folder: &Folder, shared: &Arc<SharedResources>) -> Option<Waiting> {
    let (began, mut taking_up) = (Instant::now(), std::pin::pin!(take_up(state, folder, shared)));
    loop {
        match tokio::time::timeout(LONG, &mut taking_up).await {
            Ok(waiting) => return waiting,
            Err(_) => state.overdue.begin(&format!("taking them up has lasted {} s", began.elapsed().as_secs())),
        }
    }
}

/// Gives back what has to wait.
async fn take_up(state: &Arc<State>, folder: &Folder, shared: &Arc<SharedResources>) -> Option<Waiting> {
    let mut refused = Vec::new();
    match renewed(state, folder, shared, &mut refused).await {
        Ok((_, Ruling::Waits(waiting))) => {
            waiting.tell();
            return Some(waiting);
        }
        Ok((Loaded { configuration, kept }, Ruling::Taken)) => {
            for mistake in &kept {
                tracing::error!("plugin not taken up, its last good form stays: {mistake}");
            }
            state.metrics.reload(kept.is_empty());
            state.configuration.store(Arc::new(configuration));
            tracing::info!("configuration reloaded");
        }
        Err(mistakes) => {
            state.metrics.reload(false);
            state.audit.not_taken_up(&mistakes, &refused).await;
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
    state: &State,
    folder: &Folder,
    shared: &Arc<SharedResources>,
    refused: &mut Vec<RefusedPlugin>,
) -> Result<(Loaded, Ruling), Vec<Mistake>> {
    let before = state.journal.admissions().await.map_err(journal::failed)?;
    let last = state.configuration.load_full();
    let (folder, shared, from) = (folder.clone(), Arc::clone(shared), Arc::clone(&last));
    // Reading files and compiling components takes time that the request threads should not give.
    let loaded = on_a_thread(move || {
        let mut refused = Vec::new();
        let loaded = folder
            .as_it_is()
            .and_then(|folder| Ok((load(&folder, &shared, Some(&from), &before, &mut refused)?, folder)));
        (loaded, refused)
    });
    let panicked = || vec![Mistake::whole_file("policies", "loading them panicked", None)];
    let (loaded, not_admitted) = loaded.await.ok_or_else(panicked)?;
    refused.extend(not_admitted);
    let (loaded, folder) = loaded?;
    let ruling = judge(&*state.journal, &folder, &loaded.configuration).await.map_err(unjudged)?;
    if matches!(ruling, Ruling::Taken) {
        let plugins = to_keep(&loaded.configuration.plugins, Timestamp::now());
        state.journal.admit(&plugins).await.map_err(journal::failed)?;
        state.audit.taken_up(&last, &loaded.configuration, refused).await.map_err(journal::failed)?;
    }
    Ok((loaded, ruling))
}
