//! What is not well: with this gateway, and with what the journal holds for all of its gateways.

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use portgate_core::approval::PERSONS;
use portgate_core::policy::Policies;
use portgate_core::quarantine::Standing;
use portgate_core::sender::is_test;
use portgate_core::state::{DeadClass, ExchangeState};
use portgate_operator::{NoQuery, Status, Trouble, TroubleKind, TroubleSource};
use portgate_store::{self as store, Health, JournalError};

use super::answer::Json;
use super::route::Call;
use crate::certificates::CertificateFile;
use crate::clock::now;
use crate::configuration::Configuration;
use crate::refusal::Refusal;
use crate::state::State;

/// For operators, with every name and reason.
pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<Status>, Refusal> {
    Ok(Json(of(&call.state).await))
}

/// Everything that is not well.
pub(super) async fn of(state: &State) -> Status {
    let at = now();
    let configuration = state.configuration.load_full();
    let mut troubles = of_the_gateway(state, at);
    troubles.extend(of_certificates(&state.certificates.of(&configuration).await, &configuration.policies, at));
    match of_the_journal(state, &configuration, at).await {
        Ok(found) => troubles.extend(found),
        Err(why) => troubles.push(trouble(TroubleKind::Journal, "journal", 1, None, why)),
    }
    troubles.sort_by(|one, other| (one.kind, &one.subject).cmp(&(other.kind, &other.subject)));
    Status { well: troubles.is_empty(), at, version: env!("CARGO_PKG_VERSION").to_owned(), troubles }
}

/// A line for each kind of trouble with how many there are: no name of a partner or a file, since whoever reaches the
/// listener may read it.
pub(super) fn lines(status: &Status) -> String {
    let mut counts: BTreeMap<TroubleKind, u64> = BTreeMap::new();
    for trouble in &status.troubles {
        let count = counts.entry(trouble.kind).or_default();
        *count = count.saturating_add(trouble.count);
    }
    let is_told = counts.contains_key(&TroubleKind::Journal);
    let line = |kind: &TroubleKind| match (counts.get(kind), kind.source()) {
        (Some(count), _) => format!("[-] {}: {count}\n", kind.as_str()),
        (None, TroubleSource::Journal) if is_told => format!("[?] {}: the journal does not say\n", kind.as_str()),
        (None, _) => format!("[+] {}\n", kind.as_str()),
    };
    TroubleKind::ALL.iter().map(line).collect()
}

fn of_the_gateway(state: &State, at: Timestamp) -> Vec<Trouble> {
    let files = state
        .overdue
        .why()
        .map(|why| trouble(TroubleKind::Files, "policies", 1, None, format!("Changed files are not taken up: {why}.")));
    let tasks = state.tasks.failing_now().into_iter().map(|(task, times)| {
        let detail = format!("It is begun again, and has failed {times} times in a row; the log says why.");
        trouble(TroubleKind::Task, task, 1, None, detail)
    });
    let quarantines = state.quarantines.list(at).into_iter().map(|listed| {
        let (since, until) = match listed.standing {
            Standing::Open { since, until } => (Some(since), format!("is not called until {until}")),
            Standing::HalfOpen { since, .. } => (Some(since), "is tried with one call at a time".to_owned()),
            Standing::Closed => (None, "is called".to_owned()),
        };
        let detail = format!("It {until} for `{}`, and has failed last with: {}.", listed.partner, listed.last_failure);
        trouble(TroubleKind::Quarantine, &listed.plugin, 1, since, detail)
    });
    files.into_iter().chain(tasks).chain(quarantines).collect()
}

/// Certificates and signers that have ended or end soon, and those that cannot be read.
fn of_certificates(files: &[CertificateFile], policies: &Policies, at: Timestamp) -> Vec<Trouble> {
    let days = policies.gateway.status.certificate_days;
    let soon = at.saturating_add((i64::from(days) * 24).hours()).unwrap_or(Timestamp::MAX);
    let ending = |name: &str, what: &str, end: Timestamp| {
        let detail = match end < at {
            true => format!("{what} has ended."),
            false => format!("{what} ends in {} days.", end.duration_since(at).as_hours() / 24),
        };
        (end < soon).then(|| trouble(TroubleKind::Certificate, name, 1, Some(end), detail))
    };
    let mut found = Vec::new();
    for CertificateFile { name, certificates } in files {
        match certificates {
            Err(why) => found.push(trouble(TroubleKind::Certificate, name, 1, None, format!("{why}."))),
            Ok(certificates) => found.extend(certificates.iter().filter_map(|certificate| {
                ending(name, &format!("The certificate of `{}`", certificate.subject), certificate.not_after)
            })),
        }
    }
    for (name, signer) in &policies.signers {
        let end = signer.expires_on.and_then(|day| TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok());
        found.extend(end.and_then(|end| ending(&format!("signers/{name}.toml"), "The signer", end)));
    }
    found
}

/// What the journal knows.
///
/// # Errors
///
/// Why it does not say.
async fn of_the_journal(state: &State, configuration: &Configuration, at: Timestamp) -> Result<Vec<Trouble>, String> {
    if let Some(why) = takes_nothing(&state.journal.health().await) {
        return Err(why);
    }
    let unread = |error: JournalError| format!("the journal cannot be read: {error}");
    let minutes = configuration.policies.gateway.status.stalled_minutes;
    let due_before = at.saturating_sub(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MIN);
    let mut found: Vec<Trouble> =
        state.journal.pending_changes().await.map_err(unread)?.iter().map(of_a_change).collect();
    found.extend(state.journal.parked_counts().await.map_err(unread)?.into_iter().map(of_parked));
    let left_out = state.journal.left_out_counts().await.map_err(unread)?;
    found.extend(left_out.into_iter().filter(|one| !is_test(&one.sender)).map(of_left_out));
    let deliveries = state.journal.delivery_troubles(due_before).await.map_err(unread)?;
    found.extend(deliveries.into_iter().filter_map(|one| of_deliveries(one, configuration)));
    Ok(found)
}

/// Why the journal takes nothing; nothing where it takes what it is given.
pub(super) fn takes_nothing(health: &Health) -> Option<String> {
    match health {
        Health::Ready => None,
        Health::Full => Some("the journal's disk is full".to_owned()),
        Health::Blocked(problem) => Some(format!("the journal takes nothing now: {problem}")),
        Health::Poisoned(problem) => Some(format!("the journal must be reopened; restart: {problem}")),
        Health::Unreachable(problem) => Some(format!("the journal cannot be reached: {problem}")),
    }
}

fn of_a_change(change: &store::PendingChange) -> Trouble {
    let detail = format!(
        "{} of {PERSONS} persons have approved it; `portgate approve --list` shows it.",
        change.approvals.len().min(PERSONS)
    );
    trouble(TroubleKind::Change, &hex::encode(change.digest), 1, Some(change.first_seen), detail)
}

fn of_parked(parked: store::ParkedCount) -> Trouble {
    let store::ParkedCount { partner, contract, version, state, count, oldest } = parked;
    let (kind, becomes) = match state {
        ExchangeState::Failed => (TroubleKind::Failed, "have failed; a person must retry or discard them"),
        _ => (TroubleKind::Parked, "wait until the plugin can be called"),
    };
    trouble(kind, &partner, count, Some(oldest), format!("Exchanges of `{contract}/{version}` {becomes}."))
}

fn of_left_out(found: store::LeftOutCount) -> Trouble {
    let store::LeftOutCount { sender, count, since } = found;
    let detail = "They are tied to more documents than `things_max` of `shipments.toml` lets a shipment have; `portgate exception list` \
                  has what they are left out of."
        .to_owned();
    trouble(TroubleKind::LeftOut, &sender, count, Some(since), detail)
}

fn of_deliveries(found: store::DeliveryTrouble, configuration: &Configuration) -> Option<Trouble> {
    let store::DeliveryTrouble { destination, trouble: what, count, since } = found;
    let policy = configuration.destinations.get(&destination);
    let (kind, detail) = match what {
        store::Trouble::Dead(DeadClass::Ours) => {
            (TroubleKind::Dead, "Dead through our fault: a plugin, a policy or a secret.".to_owned())
        }
        store::Trouble::Dead(DeadClass::Theirs) => (
            TroubleKind::Dead,
            "Dead through the destination's fault: it refused, or was away for too long.".to_owned(),
        ),
        // It was switched off so that they wait.
        store::Trouble::Stalled if policy.is_some_and(|policy| !policy.delivery.enabled) => return None,
        store::Trouble::Stalled if policy.is_none() => {
            (TroubleKind::Stalled, "Due, and the policies have no such destination any more.".to_owned())
        }
        store::Trouble::Stalled => (TroubleKind::Stalled, "Due, and nobody works on them.".to_owned()),
        store::Trouble::Unacknowledged => {
            (TroubleKind::Unacknowledged, "The partner has them, and has not acknowledged them in time.".to_owned())
        }
        store::Trouble::TriedAgain(met) => (TroubleKind::TriedAgain, format!("For a reason of ours: {met}.")),
    };
    Some(trouble(kind, &destination, count, Some(since), detail))
}

fn trouble(kind: TroubleKind, subject: &str, count: u64, since: Option<Timestamp>, detail: String) -> Trouble {
    Trouble { kind, subject: subject.to_owned(), count, since, detail }
}
