//! Holds the two-person rule over what was loaded, before it is taken up.
//!
//! The rule itself is in [`portgate_core::approval`], and the journal keeps what is accepted, so that several gateways
//! measure by the same. What is judged is the configuration as it would run: the policy texts that were read and the
//! components that were admitted, not the files, which could be others by now. A plugin that waits has been looked into
//! and compiled; nothing of it is called.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use portgate_core::approval::{Decision, PERSONS, State, decide, told};
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::{Mistake, Source};
use portgate_core::review::{Change, Component, Surface, difference};
use portgate_runtime::Plugin;
use portgate_store::{AcceptedState, Approval, Journal, JournalError};

use crate::configuration::{Configuration, Folder};

/// How often it is judged anew when another gateway accepts something at the same time.
const TRIES: u32 = 8;

/// What becomes of a configuration.
pub(crate) enum Ruling {
    /// It may be taken up.
    Taken,
    /// It waits for people.
    Waits(Waiting),
}

/// A change that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    digest: [u8; 32],
    /// The digest of what is accepted.
    against: [u8; 32],
    changes: Vec<Change>,
}

/// Why nothing can be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unjudged {
    #[error("the journal does not say what is accepted: {0}")]
    Journal(#[from] JournalError),
    #[error(
        "what is accepted under the two-person rule cannot be read any more ({0}); with the program that accepted it, have \
         two persons approve that ceiling.toml asks for no approval, and turn it on again after the change of programs"
    )]
    Unreadable(String),
    #[error("other gateways accept one thing after the other; have all of them read the same policies")]
    Unsettled,
}

/// It cannot be decided whether the configuration needs people.
pub(crate) fn unjudged(error: Unjudged) -> Vec<Mistake> {
    vec![Mistake::whole_file("ceiling.toml", format!("approval.required: {error}"), None)]
}

/// Judges a configuration that was loaded from this folder, and keeps what comes of it.
///
/// # Errors
///
/// When that cannot be said; then the configuration must not be taken up.
pub(crate) async fn judge(
    journal: &dyn Journal,
    folder: &Folder,
    configuration: &Configuration,
) -> Result<Ruling, Unjudged> {
    let asked = configuration.policies.ceiling.approval.required;
    let surface = surface(configuration);
    for _ in 0..TRIES {
        let kept = journal.accepted_state().await?;
        let measure = match &kept {
            Some(kept) if kept.required => Some(accepted_surface(folder, kept)?),
            _ => None,
        };
        let before = kept.as_ref().map(|kept| kept.digest);
        let now = Timestamp::now();
        let next = |approvals: Vec<Approval>| {
            let (digest, policies) = (surface.digest(), folder.given_texts().to_vec());
            let state = json(&State { policies, components: components(configuration) });
            AcceptedState { digest, required: asked, state, approvals, at: now }
        };
        let entry = |kind| Entry::new(now, kind, Actor::gateway(), Subject::change(&hex::encode(surface.digest())));
        let accepted = |why: &str| entry(Kind::ChangeAccepted).text("because", why);
        let (state, entry) = match decide(measure.as_ref(), &surface, asked) {
            Decision::Free | Decision::Same => return Ok(Ruling::Taken),
            Decision::Begins => {
                tracing::warn!(
                    digest = hex::encode(surface.digest()),
                    "the two-person rule begins: what is loaded now is accepted, and what comes is measured by it"
                );
                (next(Vec::new()), accepted("the two-person rule begins"))
            }
            Decision::AtOnce(changes) => (next(Vec::new()), told(accepted("nothing is widened"), &changes)),
            Decision::Widens(changes) => {
                let Some(against) = before else { continue };
                let waiting = Waiting { digest: surface.digest(), against, changes };
                let approvals = waiting.approvals(journal).await?;
                if approvals.len() < PERSONS {
                    let text = json(&waiting.changes);
                    let entries = vec![told(entry(Kind::ChangeWaits), &waiting.changes)];
                    journal.keep_pending(waiting.digest, against, text, now, entries).await?;
                    return Ok(Ruling::Waits(waiting));
                }
                let names: Vec<&str> = approvals.iter().map(|approval| approval.operator.as_str()).collect();
                let entry =
                    told(accepted("two persons have approved it").texts("approved_by", names), &waiting.changes);
                (next(approvals), entry)
            }
        };
        let (digest, by) = (hex::encode(state.digest), names(&state.approvals));
        if journal.accept_state(state, before, vec![entry]).await? {
            tracing::info!(digest, by, "accepted under the two-person rule");
            return Ok(Ruling::Taken);
        }
    }
    Err(Unjudged::Unsettled)
}

/// What these plugins and policies allow.
fn surface(configuration: &Configuration) -> Surface {
    Surface::new(&configuration.policies, &components(configuration))
}

fn components(configuration: &Configuration) -> BTreeMap<String, Component> {
    let plugins = configuration.plugins.iter();
    let component = |plugin: &Plugin| Component {
        manifest: plugin.manifest().clone(),
        imports: plugin.imports().to_vec(),
        digest: plugin.digest().to_owned(),
    };
    plugins.map(|(name, plugin)| (name.clone(), component(plugin))).collect()
}

fn accepted_surface(folder: &Folder, kept: &AcceptedState) -> Result<Surface, Unjudged> {
    let state = state(kept)?;
    let policies =
        folder.with(state.policies).policies().map_err(|mistakes| Unjudged::Unreadable(joined(&mistakes)))?;
    Ok(Surface::new(&policies, &state.components))
}

fn state(kept: &AcceptedState) -> Result<State, Unjudged> {
    serde_json::from_str(&kept.state).map_err(|error| Unjudged::Unreadable(error.to_string()))
}

/// The policy files as they were accepted.
///
/// # Errors
///
/// When the journal does not give them.
pub(crate) async fn accepted_policies(journal: &dyn Journal) -> Result<Vec<Source>, Unjudged> {
    match journal.accepted_state().await? {
        Some(kept) => Ok(state(&kept)?.policies),
        None => Err(Unjudged::Unsettled),
    }
}

/// What a configuration of accepted policies allows beyond what is accepted: its components can be others by now.
///
/// # Errors
///
/// When the journal does not say what is accepted.
pub(crate) async fn excess(
    journal: &dyn Journal,
    folder: &Folder,
    configuration: &Configuration,
) -> Result<Vec<Change>, Unjudged> {
    let kept = journal.accepted_state().await?.ok_or(Unjudged::Unsettled)?;
    let mut changes = difference(&accepted_surface(folder, &kept)?, &surface(configuration));
    changes.retain(Change::widens);
    Ok(changes)
}

impl Waiting {
    async fn approvals(&self, journal: &dyn Journal) -> Result<Vec<Approval>, JournalError> {
        let pending = journal.pending_changes().await?;
        let own = pending.into_iter().find(|pending| pending.digest == self.digest);
        Ok(own.map(|own| own.approvals).unwrap_or_default())
    }

    /// Whether it is worth judging anew: people have approved it, or something else was accepted or has forgotten it.
    pub(crate) async fn is_over(&self, journal: &dyn Journal) -> bool {
        // A journal that does not answer changes nothing; the next look asks again.
        let (Ok(accepted), Ok(pending)) = (journal.accepted_state().await, journal.pending_changes().await) else {
            return false;
        };
        let own = pending.iter().find(|pending| pending.digest == self.digest);
        accepted.is_none_or(|accepted| accepted.digest != self.against)
            || own.is_none_or(|own| own.approvals.len() >= PERSONS)
    }

    /// Whether both are the same change.
    pub(crate) fn is(&self, other: &Waiting) -> bool {
        self.digest == other.digest
    }

    /// Tells the journal that the files of this change are gone.
    pub(crate) async fn withdraw(&self, journal: &dyn Journal) {
        let subject = Subject::change(&hex::encode(self.digest));
        let entry = Entry::new(Timestamp::now(), Kind::ChangeRejected, Actor::gateway(), subject);
        let entry = entry.text("because", "its files are gone");
        match journal.withdraw_change(self.digest, vec![entry]).await {
            Ok(true) => tracing::info!(change = hex::encode(self.digest), "a change that waited is withdrawn"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a change that waits no longer is still listed"),
        }
    }

    /// Tells operators, who are the ones that can do something about it.
    pub(crate) fn tell(&self) {
        let widens = self.changes.iter().filter(|change| change.widens()).count();
        tracing::warn!(change = hex::encode(self.digest), widens, "not taken up, the accepted state stays: {self}");
    }

    /// Why a gateway does not start that can load neither what waits nor what is accepted.
    pub(crate) fn refusal(&self, why: &str) -> Vec<Mistake> {
        let hint = "put the files back as they were accepted, or start a gateway with them and have two persons approve \
                    the new ones while it runs (`portgate approve`)";
        let problem = format!("{self}; and what is accepted cannot be loaded instead: {why}");
        let mistake =
            Mistake::whole_file("ceiling.toml", format!("approval.required: {problem}"), Some(hint.to_owned()));
        vec![mistake]
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {} waits until {PERSONS} persons have approved it: ", hex::encode(self.digest))?;
        f.write_str(&sentences(&self.changes))
    }
}

/// What is widened, in words.
pub(crate) fn sentences(changes: &[Change]) -> String {
    let widening = changes.iter().filter(|change| change.widens());
    widening.map(|change| change.sentence.as_str()).collect::<Vec<_>>().join("; ")
}

/// Mistakes in one line.
pub(crate) fn joined(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn names(approvals: &[Approval]) -> String {
    approvals.iter().map(|approval| approval.operator.as_str()).collect::<Vec<_>>().join(", ")
}

fn json<T: serde::Serialize>(value: &T) -> String {
    // Policies, manifests and sentences have no key that is not a text.
    serde_json::to_string(value).unwrap_or_default()
}
