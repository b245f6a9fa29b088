//! The key sets of all issuers, kept current: from a file of the secrets folder, or from the issuer's own URL.
//!
//! A set from a URL counts as current for ten minutes; after that the next token starts a fetch in the background and
//! is judged by the set at hand, which may serve for a day while fetches fail. A token with an unknown `kid` has the set
//! fetched at once. Whatever asks, at most one fetch of a set is under way, and at least 30 seconds lie between two: a
//! flood of made-up `kid`s costs the issuer nothing. A file is looked at once a second from its first token on, and read
//! when it changed, so that tokens wait for no look; where its file system does not answer, the set at hand serves on.
//!
//! A set that is fetched again without a change stays the same object, so whoever remembers a verified token can ask
//! "is the very set that verified it still current?". No fetch begins before a token asks for one.

use std::collections::HashMap;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use http::Uri;
use jiff::Timestamp;
use portgate_files::{Kind, apart, apart_later};
use tokio::sync::watch;

use super::AuthError;
use super::key_set::KeySet;
use super::key_set_fetch::{Fetcher, checked_address};
use crate::secrets::{SecretError, Secrets};

/// For how long a fetched set is current.
const CURRENT_SECONDS: i64 = 10 * 60;
/// Between two fetches of a set.
const COOLDOWN_SECONDS: i64 = 30;
/// Between two looks at a file.
const FILE_LOOK_SECONDS: i64 = 1;
/// For how long after a look nobody waits for the next one.
const FILE_RECENT_SECONDS: i64 = 3;
/// How long a look at a file may take.
const FILE_LOOK_WAIT: Duration = Duration::from_secs(1);
/// For how long a set serves that could not be confirmed.
const STALE_SECONDS_MAX: i64 = 24 * 60 * 60;

/// All key sets, which outlive a reload of the policies.
pub struct KeySets {
    secrets: Secrets,
    fetcher: Fetcher,
    sources: Mutex<HashMap<String, Weak<Source>>>,
}

impl KeySets {
    /// No key sets yet; `file:` references will be looked up in these secrets.
    pub fn new(secrets: Secrets) -> Self {
        KeySets::with_fetcher(secrets, Fetcher::default())
    }

    pub(super) fn with_fetcher(secrets: Secrets, fetcher: Fetcher) -> Self {
        KeySets { secrets, fetcher, sources: Mutex::default() }
    }

    /// The source of this reference, shared by all who name it. A file is read now, so that a mistake in it is found
    /// when policies are checked; a URL is not fetched before a token needs it.
    pub(super) fn source(&self, reference: &str) -> Result<Arc<Source>, SourceError> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let source = match sources.get(reference).and_then(Weak::upgrade) {
            Some(source) => source,
            None => {
                let origin = match self.secrets.file(reference)? {
                    Some(path) => Origin::File(path),
                    None => Origin::Url(checked_address(reference).map_err(SourceError::Address)?),
                };
                Arc::new(Source {
                    reference: reference.to_owned(),
                    origin,
                    secrets: self.secrets.clone(),
                    fetcher: self.fetcher.clone(),
                    state: Mutex::default(),
                })
            }
        };
        if let Origin::File(path) = &source.origin {
            // Looked at before it is read: a change in between is then seen at the next look.
            let (place, at) = (path.parent().unwrap_or(path).to_owned(), path.clone());
            let seen = apart(&place, Kind::Secret.wait(), move || Seen::of(&at).ok()).unwrap_or_default();
            let document = self.secrets.resolve(reference)?;
            let set = KeySet::read(document.bytes()).map_err(|error| SourceError::Content(error.to_string()))?;
            let mut state = source.lock();
            state.take(reference, set, seen);
            state.confirmed_at = Some(Timestamp::now());
        }
        sources.retain(|_, source| source.strong_count() > 0);
        sources.insert(reference.to_owned(), Arc::downgrade(&source));
        Ok(source)
    }
}

impl fmt::Debug for KeySets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeySets").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}

/// Why a reference is no source of keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SourceError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("a key set is named by `https://…`, by `http://…` on loopback, or by `file:NAME`: {0}")]
    Address(&'static str),
    #[error("{0}")]
    Content(String),
}

/// One key set: where it comes from, and what is known of it.
pub(super) struct Source {
    reference: String,
    origin: Origin,
    secrets: Secrets,
    fetcher: Fetcher,
    state: Mutex<State>,
}

enum Origin {
    File(PathBuf),
    Url(Uri),
}

#[derive(Default)]
struct State {
    set: Option<Arc<KeySet>>,
    /// When the set was last known to be what the origin says.
    confirmed_at: Option<Timestamp>,
    /// When the origin was last asked.
    asked_at: Option<Timestamp>,
    /// The fetch that is under way, or the last one: its sender is dropped when it ends, however it ends.
    fetch: Option<watch::Receiver<()>>,
    /// The file as it was when it was last read well.
    seen: Option<Seen>,
    /// Why the origin could not be read last time; empty after a success.
    failure: String,
    /// Whether a file is looked at without being asked for.
    is_watched: bool,
}

/// What tells that a file is not the one that was read.
#[derive(PartialEq, Eq)]
struct Seen(SystemTime, u64, u64);

impl Seen {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Seen(metadata.modified()?, metadata.len(), metadata.ino()))
    }
}

impl State {
    /// Takes a set that was just read. An unchanged one stays the object that it is.
    fn take(&mut self, reference: &str, set: KeySet, seen: Option<Seen>) {
        if self.set.as_ref().is_none_or(|old| !old.is_same(&set)) {
            if !set.left_out.is_empty() {
                tracing::warn!(key_set = reference, left_out = set.left_out.join("; "), "keys were left out");
            }
            self.set = Some(Arc::new(set));
        }
        self.seen = seen;
        self.failure.clear();
    }

    /// Takes what the origin said, or keeps what there is. Each new trouble is logged once.
    fn learn(&mut self, reference: &str, said: Result<Vec<u8>, String>, seen: Option<Seen>, now: Timestamp) {
        match said.and_then(|document| KeySet::read(&document).map_err(|error| error.to_string())) {
            Ok(set) => {
                self.take(reference, set, seen);
                self.confirmed_at = Some(now);
            }
            Err(failure) => {
                if failure != self.failure {
                    tracing::warn!(key_set = reference, failure, "the key set could not be refreshed");
                }
                self.failure = failure;
            }
        }
    }

    fn fetching(&self) -> Option<watch::Receiver<()>> {
        self.fetch.clone().filter(|fetch| fetch.has_changed().is_ok())
    }

    fn may_ask(&self, now: Timestamp, pause_seconds: i64) -> bool {
        older(self.asked_at, now, pause_seconds)
    }

    /// The set, if it may still serve.
    fn set(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        self.set.clone().filter(|_| !older(self.confirmed_at, now, STALE_SECONDS_MAX))
    }
}

/// Whether a moment lies at least so many seconds back. What never was counts as long ago, and so does a moment well
/// ahead, because then the clock was set back. A moment just ahead is another request's, which looked at the clock later.
fn older(moment: Option<Timestamp>, now: Timestamp, seconds: i64) -> bool {
    moment.is_none_or(|moment| !(-60..seconds).contains(&(now.as_second() - moment.as_second())))
}

impl Source {
    /// The set to judge by now. Waits only where there is none to judge by and it is being fetched, or for a look at a file
    /// that nobody has looked at of late.
    pub(super) async fn current(self: &Arc<Self>, now: Timestamp) -> Result<Arc<KeySet>, AuthError> {
        let asked = {
            let mut state = self.lock();
            match &self.origin {
                Origin::File(_) => {
                    self.watch(&mut state);
                    let is_recent = !older(state.confirmed_at, now, FILE_RECENT_SECONDS);
                    self.ask(&mut state, now).filter(|_| !is_recent || state.set(now).is_none())
                }
                Origin::Url(_) if !older(state.confirmed_at, now, CURRENT_SECONDS) => None,
                // With a set at hand nobody waits for its refreshment.
                Origin::Url(_) => self.ask(&mut state, now).filter(|_| state.set(now).is_none()),
            }
        };
        self.after(asked, now).await
    }

    /// Has the file looked at every second from now on, for as long as this source is in use.
    fn watch(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.is_watched, true) {
            return;
        }
        let source = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let Some(source) = source.upgrade() else { return };
                let now = Timestamp::now();
                let asked = source.ask(&mut source.lock(), now);
                // The look itself logs what it finds.
                let _ = source.after(asked, now).await;
            }
        });
    }

    /// The set after a token named a key that it does not have: fetched anew, unless that was done just now.
    pub(super) async fn renewed(self: &Arc<Self>, now: Timestamp) -> Result<Arc<KeySet>, AuthError> {
        let asked = match &self.origin {
            Origin::File(_) => None,
            Origin::Url(_) => self.ask(&mut self.lock(), now),
        };
        self.after(asked, now).await
    }

    /// The question to the origin that is under way; begins one if none is and the last one is long enough ago.
    fn ask(self: &Arc<Self>, state: &mut State, now: Timestamp) -> Option<watch::Receiver<()>> {
        if let Some(asked) = state.fetching() {
            return Some(asked);
        }
        let pause_seconds = match &self.origin {
            Origin::File(_) => FILE_LOOK_SECONDS,
            Origin::Url(_) => COOLDOWN_SECONDS,
        };
        if !state.may_ask(now, pause_seconds) {
            return None;
        }
        let (running, asked) = watch::channel(());
        state.asked_at = Some(now);
        state.fetch = Some(asked.clone());
        // A task of its own: the caller who happened to start it may go away, the others who wait must not suffer.
        let source = Arc::clone(self);
        tokio::spawn(async move {
            match &source.origin {
                Origin::File(path) => source.look_at(path, now).await,
                Origin::Url(url) => {
                    let fetched = source.fetcher.get(url).await.map_err(|error| error.to_string());
                    source.lock().learn(&source.reference, fetched, None, now);
                }
            }
            drop(running);
        });
        Some(asked)
    }

    async fn after(&self, fetch: Option<watch::Receiver<()>>, now: Timestamp) -> Result<Arc<KeySet>, AuthError> {
        if let Some(mut fetch) = fetch {
            // Nothing is ever sent: this ends when the fetch's end drops the sender.
            let _ = fetch.changed().await;
        }
        let state = self.lock();
        state.set(now).ok_or_else(|| AuthError::KeySetUnavailable {
            reference: self.reference.clone(),
            reason: match state.failure.as_str() {
                "" => "it was not confirmed for a day".to_owned(),
                failure => failure.to_owned(),
            },
        })
    }

    /// Reads the file if it is not the one that was read last.
    async fn look_at(&self, path: &Path, now: Timestamp) {
        let (place, at) = (path.parent().unwrap_or(path), path.to_owned());
        let seen = apart_later(place, FILE_LOOK_WAIT, move || Seen::of(&at).map_err(|error| error.to_string())).await;
        let seen = match seen.unwrap_or_else(|unanswered| Err(unanswered.to_string())) {
            Ok(seen) => seen,
            Err(failure) => return self.lock().learn(&self.reference, Err(failure), None, now),
        };
        {
            let mut state = self.lock();
            if state.seen.as_ref() == Some(&seen) {
                state.confirmed_at = Some(now);
                return;
            }
        }
        let (secrets, reference) = (self.secrets.clone(), self.reference.clone());
        let read = move || {
            let document = secrets.resolve(&reference).map_err(|error| error.to_string())?;
            Ok(document.bytes().to_vec())
        };
        let read = apart_later(place, FILE_LOOK_WAIT, read).await;
        let read = read.unwrap_or_else(|unanswered| Err(unanswered.to_string()));
        self.lock().learn(&self.reference, read, Some(seen), now);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
