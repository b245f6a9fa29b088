//! What the gateway's tasks share: the configuration of the moment, the journal and the audit log, and what this process
//! counts and remembers.

mod overdue;

use std::sync::Arc;

use arc_swap::ArcSwap;
use portgate_http::connection::Shutdown;
use portgate_store::{Intake, Journal};

use crate::audit::Audit;
use crate::certificates::Certificates;
use crate::codes::KnownCodes;
use crate::configuration::Configuration;
use crate::events::EventIds;
use crate::metrics::Metrics;
use crate::numbering::Turns;
use crate::observed::Observed;
use crate::quarantine::{Announcements, Quarantines};
use crate::refused::{RefusedMessages, Unwritten};
use crate::shed::Sheds;
use crate::supervisor::TaskHealth;
use overdue::Overdue;

/// Everything that more than one task of the gateway works with.
pub(crate) struct State {
    /// A reload puts another one in its place.
    pub(crate) configuration: Arc<ArcSwap<Configuration>>,
    pub(crate) metrics: Metrics,
    pub(crate) observed: Observed,
    pub(crate) journal: Arc<dyn Journal>,
    /// The journal's, or something around it.
    pub(crate) intake: Arc<dyn Intake>,
    /// Keeps what is refused.
    pub(crate) refused: RefusedMessages,
    pub(crate) audit: Audit,
    pub(crate) quarantines: Quarantines,
    pub(crate) event_ids: EventIds,
    /// Whether changed files are taken up.
    pub(crate) overdue: Overdue,
    /// How the tasks are that work beside the requests.
    pub(crate) tasks: Arc<TaskHealth>,
    /// The certificates that this gateway shows, trusts and sends.
    pub(crate) certificates: Certificates,
    /// Begins when no more requests are taken.
    pub(crate) stopping: Shutdown,
    pub(crate) sheds: Arc<Sheds>,
    /// Whose turn it is to use the next control numbers of an agreement.
    pub(crate) numbering: Turns,
    /// Partners' codes beside ours, as they were read last.
    pub(crate) codes: KnownCodes,
}

impl State {
    /// The state that a gateway begins with, what is to be announced of its quarantines, and what is refused and to be
    /// written.
    pub(crate) fn new(
        configuration: Configuration,
        journal: Arc<dyn Journal>,
        intake: Arc<dyn Intake>,
        audit: Audit,
        event_ids: EventIds,
        certificates: Certificates,
    ) -> (Self, Announcements, Unwritten) {
        let overdue = Overdue::default();
        let tasks = Arc::new(TaskHealth::default());
        let metrics = Metrics::new(audit.lost(), overdue.gauge.clone(), &tasks);
        let sheds = Arc::new(Sheds::new(metrics.strangers_shed.clone()));
        let (quarantines, announcements) = Quarantines::new(metrics.quarantine.failed_calls());
        let (refused, unwritten) = RefusedMessages::new(metrics.refused.clone());
        let state = State {
            configuration: Arc::new(ArcSwap::from_pointee(configuration)),
            metrics,
            observed: Observed::new(),
            journal,
            intake,
            refused,
            audit,
            quarantines,
            event_ids,
            overdue,
            tasks,
            certificates,
            stopping: Shutdown::new(),
            sheds,
            numbering: Turns::default(),
            codes: KnownCodes::default(),
        };
        (state, announcements, unwritten)
    }
}
