//! The gateway's journal: opened as the policies say, and kept from growing for ever.

use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use portgate_core::policy::{Database, Mistake};
use portgate_store::{FiguresQuery, GroupedBy, Journal, JournalError, JournalSettings};

use crate::configuration::Folder;
use crate::state::State;

/// Connections to a PostgreSQL database.
const CONNECTIONS_MAX: u32 = 16;

/// How often what is past its time is removed.
const CLEAN_EVERY: Duration = Duration::from_secs(60);

/// How many at once, so that nobody waits for it.
const CLEAN_STEP: u32 = 500;

/// Opens the journal that `[journal]` of `gateway.toml` names.
///
/// # Errors
///
/// Why it cannot be used, with the key.
pub(crate) async fn open(
    folder: &Folder,
    settings: &portgate_core::policy::Gateway,
) -> Result<Arc<dyn Journal>, Vec<Mistake>> {
    let mistake = |problem: String| {
        let hint = Some("see [journal] in the manual of policies".to_owned());
        vec![Mistake::whole_file("gateway.toml", format!("journal.database: {problem}"), hint)]
    };
    let database = match settings.journal.place() {
        Some(Database::Sqlite(path)) => JournalSettings::Sqlite { path: folder.resolve(path) },
        Some(Database::Postgres(reference)) => {
            let secret = folder.secrets(&settings.paths).resolve(reference);
            let secret = secret.map_err(|error| mistake(error.to_string()))?;
            let url = secret.text().ok_or_else(|| mistake("the secret is no text".to_owned()))?.to_owned();
            JournalSettings::Postgres { url, connections_max: CONNECTIONS_MAX }
        }
        None => return Err(mistake("names neither a file nor a secret".to_owned())),
    };
    portgate_store::open(&database).await.map_err(|error| mistake(error.to_string()))
}

/// A journal that does not do what it is asked while the gateway starts.
pub(crate) fn failed(error: JournalError) -> Vec<Mistake> {
    vec![Mistake::whole_file("gateway.toml", format!("journal.database: {error}"), None)]
}

/// How often it is looked whether there is enough for a pack of names.
const PACK_EVERY: Duration = Duration::from_secs(1);
/// The pause between two packs, so that others have the journal in between.
const PACK_PAUSE: Duration = Duration::from_millis(20);

/// Packs what exchanges are found by, again and again, until the task is dropped.
pub(crate) async fn pack(state: &State) {
    loop {
        let more = state.journal.pack_names().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what exchanges are found by could not be packed");
            false
        });
        tokio::time::sleep(if more { PACK_PAUSE } else { PACK_EVERY }).await;
    }
}

/// How often it is counted how well things go.
const COUNT_EVERY: Duration = Duration::from_secs(300);

/// Counts for the metrics how well things went within the last day, again and again, until the task is dropped.
pub(crate) async fn count(state: &State) {
    loop {
        tokio::time::sleep(COUNT_EVERY).await;
        let until = Timestamp::now();
        let from = until.saturating_sub(24.hours()).unwrap_or(Timestamp::MIN);
        for by in [GroupedBy::Nothing, GroupedBy::Partner, GroupedBy::Lane] {
            let query = FiguresQuery { from, until, partner: None, lane: None, by };
            match state.journal.figures(query).await {
                Ok(counted) => state.metrics.kpis(by, &counted),
                Err(error) => tracing::warn!(%error, "how well things go could not be counted"),
            }
        }
    }
}

/// Removes what is past its time, again and again, until the task is dropped.
pub(crate) async fn clean(state: &State) {
    loop {
        tokio::time::sleep(CLEAN_EVERY).await;
        if let Err(error) = clean_once(state).await {
            tracing::warn!(%error, "the journal could not be cleaned");
        }
    }
}

async fn clean_once(state: &State) -> Result<(), JournalError> {
    let settings = state.configuration.load().policies.gateway.journal.clone();
    let (journal, now) = (&state.journal, Timestamp::now());
    let before = |days: u32| now.saturating_sub((i64::from(days) * 24).hours()).unwrap_or(Timestamp::MIN);
    while journal.forget_keys(now, CLEAN_STEP).await? > 0 {}
    while journal.forget_transcripts(before(settings.answer_days), CLEAN_STEP).await? > 0 {}
    while journal.redact(before(settings.raw_days), now, CLEAN_STEP).await? > 0 {}
    while journal.forget_refused(before(settings.refused_days), CLEAN_STEP).await? > 0 {}
    while journal.purge(before(settings.exchange_days), CLEAN_STEP).await? > 0 {}
    while journal.forget_decided(before(settings.exchange_days), CLEAN_STEP).await? > 0 {}
    Ok(())
}
