//! The one place where entering and leaving quarantine is announced: to the log, to the metrics, to the audit log, and as
//! events for operators.
//!
//! | event | when |
//! |---|---|
//! | `portgate.quarantine.entered` | a plugin is taken out for a partner |
//! | `portgate.quarantine.left` | it is called for the partner again, and why: `recovered`, `replaced`, `lifted` |
//!
//! It is done beside the calls, so that none waits for it.

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_store::{EventData, EventId, FOR_OPERATORS, Journal, NewEvent, Operator};
use serde_json::json;
use tokio::sync::mpsc;

use crate::audit::Audit;
use crate::metrics::Metrics;

/// A change in a plugin's standing with a partner.
pub(super) struct Announcement {
    pub(super) plugin: String,
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) partner: String,
    /// What it failed with last.
    pub(super) failure: String,
    pub(super) announced: Announced,
    pub(super) at: Timestamp,
}

/// What has changed.
pub(super) enum Announced {
    /// It was taken out.
    Entered { until: Timestamp, relapses: u32 },
    /// It failed again when it was tried.
    Stayed { until: Timestamp, relapses: u32 },
    /// It is called again.
    Left(Left),
}

/// Why it is called again.
pub(super) enum Left {
    /// It did well when it was tried.
    Recovered,
    /// It is another build.
    Replaced,
    /// An operator wants it.
    Lifted(Operator),
}

impl Left {
    fn as_str(&self) -> &'static str {
        match self {
            Left::Recovered => "recovered",
            Left::Replaced => "replaced",
            Left::Lifted(_) => "lifted",
        }
    }
}

/// What is still to be announced.
pub(crate) struct Announcements(pub(super) mpsc::UnboundedReceiver<Announcement>);

/// Announces until the task is dropped.
pub(crate) async fn announce(
    metrics: &Metrics,
    audit: &Audit,
    journal: &dyn Journal,
    announcements: &mut Announcements,
) {
    while let Some(announcement) = announcements.0.recv().await {
        announcement.log();
        let Announcement { plugin, partner, announced, .. } = &announcement;
        match announced {
            Announced::Entered { .. } => metrics.quarantine.entered(plugin, partner),
            Announced::Stayed { .. } => {}
            Announced::Left(_) => metrics.quarantine.left(plugin, partner),
        }
        audit.note(announcement.entry().into_iter().collect()).await;
        let events: Vec<NewEvent> = announcement.event().into_iter().collect();
        if !events.is_empty()
            && let Err(error) = journal.tell(events).await
        {
            tracing::warn!(%error, plugin, partner, "operators are not told of a quarantine by an event");
        }
    }
}

impl Announcement {
    fn log(&self) {
        let Announcement { plugin, version, digest, partner, failure, announced, .. } = self;
        match announced {
            Announced::Entered { until, relapses } => tracing::error!(
                plugin, version, digest, partner, failure, %until, relapses,
                "a plugin is in quarantine for a partner: it has failed more often than its policy tolerates, and what \
                 the partner sends it is parked"
            ),
            Announced::Stayed { until, relapses } => tracing::warn!(
                plugin, version, digest, partner, failure, %until, relapses,
                "a plugin stays in quarantine for a partner: it failed when it was tried"
            ),
            Announced::Left(left) => {
                let (operator, reason) = match left {
                    Left::Lifted(operator) => (Some(&operator.name), Some(&operator.reason)),
                    Left::Recovered | Left::Replaced => (None, None),
                };
                let why = left.as_str();
                tracing::info!(
                    plugin,
                    version,
                    digest,
                    partner,
                    why,
                    operator,
                    reason,
                    "a plugin has left quarantine for a partner"
                );
            }
        }
    }

    /// What the audit log is told: not what the plugin failed with, since that can be the plugin's own words.
    fn entry(&self) -> Option<Entry> {
        let Announcement { plugin, version, digest, partner, announced, at, .. } = self;
        let entry = |kind, actor| {
            let entry = Entry::new(*at, kind, actor, Subject::plugin(plugin));
            entry.text("partner", partner).text("version", version).text("sha256", digest)
        };
        match announced {
            Announced::Entered { until, relapses } => {
                let entry = entry(Kind::PluginQuarantined, Actor::gateway());
                Some(entry.text("until", &until.to_string()).number("relapses", u64::from(*relapses)))
            }
            Announced::Stayed { .. } => None,
            Announced::Left(left) => {
                let (actor, reason) = match left {
                    Left::Lifted(operator) => (Actor::operator(&operator.name), Some(operator.reason.as_str())),
                    Left::Recovered | Left::Replaced => (Actor::gateway(), None),
                };
                Some(entry(Kind::PluginRestored, actor).text("why", left.as_str()).optional("reason", reason))
            }
        }
    }

    fn event(&self) -> Option<NewEvent> {
        let Announcement { plugin, version, digest, partner, failure, announced, at } = self;
        let mut data = json!({ "plugin": plugin, "version": version, "sha256": digest, "partner": partner });
        let kind = match announced {
            Announced::Entered { until, relapses } => {
                data["failure"] = json!(failure);
                data["until"] = json!(until.to_string());
                data["relapses"] = json!(relapses);
                "portgate.quarantine.entered"
            }
            Announced::Stayed { .. } => return None,
            Announced::Left(left) => {
                data["why"] = json!(left.as_str());
                if let Left::Lifted(operator) = left {
                    data["operator"] = json!(operator.name);
                }
                "portgate.quarantine.left"
            }
        };
        Some(NewEvent {
            id: EventId::new(*at),
            kind: kind.to_owned(),
            subject: format!("{plugin}/{partner}"),
            partner: FOR_OPERATORS.to_owned(),
            at: *at,
            data: EventData::Own(data.to_string()),
        })
    }
}
