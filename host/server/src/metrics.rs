//! What the gateway counts, for Prometheus (OpenMetrics text) on the operator listener.
//!
//! Labels come only from what is configured: a partner or contract that a caller makes up never becomes a series.

mod kpi;
mod quarantine;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use portgate_delivery::connectors::Attempted;
use portgate_runtime::Usage;
use portgate_store::{Awaited, Counted, DeadClass, ExceptionCount, GroupedBy, Settled, Waiting};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use kpi::KpiMetrics;
pub(crate) use quarantine::FailedCalls;
use quarantine::QuarantineMetrics;

use crate::refused::RefusedLabels;
use crate::shed::ShedLabels;
use crate::supervisor::TaskHealth;

/// The gateway's metrics and the registry that renders them.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<ContractLabels, Histogram, fn() -> Histogram>,
    plugin_seconds: Family<PluginLabels, Histogram, fn() -> Histogram>,
    plugin_cpu_seconds: Family<PluginLabels, Counter<f64, AtomicU64>>,
    plugin_memory_peak: Family<PluginLabels, Gauge>,
    reloads: Family<ReloadLabels, Counter>,
    commit_seconds: Histogram,
    attempts: Family<AttemptLabels, Counter>,
    attempt_seconds: Family<DestinationLabels, Histogram, fn() -> Histogram>,
    breaker_open: Family<DestinationLabels, Gauge>,
    waiting: Family<WaitingLabels, Gauge>,
    oldest_due_seconds: Family<DestinationLabels, Gauge>,
    codes_awaited: Family<PartnerLabels, Gauge>,
    kpis: KpiMetrics,
    exceptions: Family<ExceptionLabels, Gauge>,
    /// Plugins that misbehave, and what is parked because of them.
    pub(crate) quarantine: QuarantineMetrics,
    /// 1 while a change waits for people under the two-person rule.
    pub(crate) changes_waiting: Gauge,
    /// Requests being worked on.
    pub(crate) in_flight: Gauge,
    /// What made room that was for callers who were not proven.
    pub(crate) strangers_shed: Family<ShedLabels, Counter>,
    /// What became of messages that were refused.
    pub(crate) refused: Family<RefusedLabels, Counter>,
    /// Events that the message broker has acknowledged.
    pub(crate) events_published: Counter,
    /// Times that publishing to the message broker was broken off.
    pub(crate) events_unpublished: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    contract: String,
    partner: String,
    /// `ok`, or the slug of the problem.
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ContractLabels {
    contract: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PluginLabels {
    plugin: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReloadLabels {
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DestinationLabels {
    destination: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AttemptLabels {
    destination: String,
    /// `delivered`, `sent`, `retry`, `pending`, `dead-theirs` or `dead-ours`.
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PartnerLabels {
    partner: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ExceptionLabels {
    team: String,
    /// `open`, or `overdue` for those of them whose deadline has passed.
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WaitingLabels {
    destination: String,
    /// `pending`, `awaits-code`, `awaiting`, `sent`, `overdue` or `dead`.
    state: &'static str,
}

/// 50 µs to about 13 s, each bound four times the one before it.
fn seconds() -> Histogram {
    Histogram::new(prometheus_client::metrics::histogram::exponential_buckets(0.000_05, 4.0, 10))
}

impl Metrics {
    /// `audit_lost` counts what the audit log could not keep, `reload_overdue` is 1 while changed files are not taken up,
    /// `tasks` says how the tasks are that work beside the requests.
    pub(crate) fn new(audit_lost: Counter, reload_overdue: Gauge, tasks: &TaskHealth) -> Self {
        let mut registry = Registry::with_prefix("portgate");
        let requests = Family::default();
        let request_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        let plugin_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        let (plugin_cpu_seconds, plugin_memory_peak) = (Family::default(), Family::default());
        let (reloads, in_flight) = (Family::default(), Gauge::default());
        registry.register("requests", "Requests by contract, partner and outcome", Family::clone(&requests));
        registry.register_with_unit(
            "request",
            "Time from the head to the answer",
            Unit::Seconds,
            Family::clone(&request_seconds),
        );
        registry.register_with_unit(
            "plugin_call",
            "Time of plugin calls",
            Unit::Seconds,
            Family::clone(&plugin_seconds),
        );
        registry.register_with_unit(
            "plugin_cpu",
            "Processor time of plugin calls",
            Unit::Seconds,
            Family::clone(&plugin_cpu_seconds),
        );
        registry.register_with_unit(
            "plugin_memory_last",
            "Linear memory at the end of the last call",
            Unit::Bytes,
            Family::clone(&plugin_memory_peak),
        );
        registry.register("reloads", "Reloads of policies and plugins by result", Family::clone(&reloads));
        let (commit_seconds, attempts) = (seconds(), Family::default());
        let attempt_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        let (breaker_open, waiting, oldest_due_seconds) = (Family::default(), Family::default(), Family::default());
        let (codes_awaited, exceptions) = (Family::default(), Family::default());
        registry.register_with_unit(
            "journal_commit",
            "Time from an acceptance to its commit, fsync included",
            Unit::Seconds,
            commit_seconds.clone(),
        );
        registry.register("delivery_attempts", "Attempts by destination and outcome", Family::clone(&attempts));
        registry.register_with_unit(
            "delivery_attempt",
            "Time of attempts, from rendering to reading the answer",
            Unit::Seconds,
            Family::clone(&attempt_seconds),
        );
        registry.register(
            "delivery_breaker_open",
            "1 while nothing is sent to the destination because it fails",
            Family::clone(&breaker_open),
        );
        let (events_published, events_unpublished) = (Counter::default(), Counter::default());
        registry.register(
            "events_published",
            "Events that the message broker has acknowledged",
            Counter::clone(&events_published),
        );
        registry.register(
            "events_publishing_broken_off",
            "Times that publishing to the message broker was broken off",
            Counter::clone(&events_unpublished),
        );
        registry.register("deliveries_waiting", "Deliveries that are not settled, by state", Family::clone(&waiting));
        registry.register(
            "codes_awaited",
            "Codes that nobody has written down and something waits for, by partner",
            Family::clone(&codes_awaited),
        );
        registry.register("exceptions", "What waits for a person, by team and state", Family::clone(&exceptions));
        registry.register_with_unit(
            "delivery_oldest_due",
            "For how long the oldest of those to be sent has been due",
            Unit::Seconds,
            Family::clone(&oldest_due_seconds),
        );
        let kpis = KpiMetrics::new(&mut registry);
        let changes_waiting = Gauge::default();
        registry.register(
            "changes_waiting",
            "1 while changed policies or plugins are not taken up because they wait for two persons",
            changes_waiting.clone(),
        );
        registry.register(
            "reload_overdue",
            "1 while changed files are not taken up, because their file system does not answer or compiling takes long",
            reload_overdue,
        );
        registry.register(
            "task_restarts",
            "Times that a task of the gateway has panicked or ended and was begun again",
            tasks.restarts.clone(),
        );
        registry.register(
            "task_failing",
            "1 from such an end until the task has run for a while",
            tasks.is_failing.clone(),
        );
        registry.register("audit_entries_lost", "Audit entries that the journal did not take", audit_lost);
        registry.register("requests_in_flight", "Requests being worked on", in_flight.clone());
        let refused = Family::default();
        registry.register(
            "refused_messages",
            "Messages that were refused, by what is kept of them",
            Family::clone(&refused),
        );
        let strangers_shed = Family::default();
        registry.register(
            "strangers_shed",
            "Connections, requests, bodies and signatures of callers who were not proven that made room for others",
            Family::clone(&strangers_shed),
        );
        let quarantine = QuarantineMetrics::new(&mut registry);
        Metrics {
            registry,
            requests,
            request_seconds,
            plugin_seconds,
            plugin_cpu_seconds,
            plugin_memory_peak,
            reloads,
            commit_seconds,
            attempts,
            attempt_seconds,
            breaker_open,
            waiting,
            oldest_due_seconds,
            codes_awaited,
            kpis,
            exceptions,
            quarantine,
            changes_waiting,
            in_flight,
            strangers_shed,
            refused,
            events_published,
            events_unpublished,
        }
    }

    /// Counts one request. `contract` and `partner` are configured names, or empty where none was established.
    pub(crate) fn request(&self, contract: &str, partner: &str, outcome: &'static str, seconds: f64) {
        let labels = RequestLabels { contract: contract.to_owned(), partner: partner.to_owned(), outcome };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&ContractLabels { contract: contract.to_owned() }).observe(seconds);
    }

    /// Counts one plugin call.
    pub(crate) fn plugin_call(&self, plugin: &str, usage: &Usage) {
        let labels = PluginLabels { plugin: plugin.to_owned() };
        self.plugin_seconds.get_or_create(&labels).observe(usage.wall.as_secs_f64());
        self.plugin_cpu_seconds.get_or_create(&labels).inc_by(usage.cpu.as_secs_f64());
        let bytes = i64::try_from(usage.memory_bytes_peak).unwrap_or(i64::MAX);
        self.plugin_memory_peak.get_or_create(&labels).set(bytes);
    }

    /// Counts one acceptance that the journal has committed.
    pub(crate) fn commit(&self, took: Duration) {
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// Counts one attempt at a delivery.
    pub(crate) fn attempt(&self, attempt: &Attempted<'_>) {
        let outcome = match attempt.settled {
            Settled::Delivered { .. } => "delivered",
            Settled::Sent { .. } => "sent",
            Settled::Retry { .. } => "retry",
            Settled::Pending { .. } => "pending",
            Settled::AwaitsCodes { .. } => "awaits-code",
            Settled::Dead { class: DeadClass::Theirs, .. } => "dead-theirs",
            Settled::Dead { class: DeadClass::Ours, .. } => "dead-ours",
        };
        let destination = DestinationLabels { destination: attempt.destination.to_owned() };
        self.attempts.get_or_create(&AttemptLabels { destination: attempt.destination.to_owned(), outcome }).inc();
        self.attempt_seconds.get_or_create(&destination).observe(attempt.took.as_secs_f64());
        self.breaker_open.get_or_create(&destination).set(i64::from(attempt.breaker_is_open));
    }

    /// Takes over the codes that something waits for now.
    pub(crate) fn codes_awaited(&self, awaited: &[Awaited]) {
        self.codes_awaited.clear();
        for one in awaited {
            self.codes_awaited.get_or_create(&PartnerLabels { partner: one.table.partner.clone() }).inc();
        }
    }

    /// Takes over what waits for people now.
    pub(crate) fn exceptions(&self, counts: &[ExceptionCount]) {
        self.exceptions.clear();
        for ExceptionCount { team, open, overdue } in counts {
            for (state, count) in [("open", open), ("overdue", overdue)] {
                let labels = ExceptionLabels { team: team.clone(), state };
                self.exceptions.get_or_create(&labels).set(i64::try_from(*count).unwrap_or(i64::MAX));
            }
        }
    }

    /// Takes over how well things went within a day, grouped so.
    pub(crate) fn kpis(&self, by: GroupedBy, counted: &Counted) {
        self.kpis.set(by, counted);
    }

    /// Takes over what waits now. A destination for which nothing waits any more is not listed.
    pub(crate) fn waiting(&self, waiting: &[Waiting], now: Timestamp) {
        self.waiting.clear();
        self.oldest_due_seconds.clear();
        for one in waiting {
            let states = [
                ("pending", one.pending),
                ("awaits-code", one.awaits_code),
                ("awaiting", one.awaiting),
                ("sent", one.sent),
                ("overdue", one.overdue),
                ("dead", one.dead),
            ];
            for (state, count) in states {
                let labels = WaitingLabels { destination: one.destination.clone(), state };
                self.waiting.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
            }
            let overdue = one.oldest_due.map_or(0, |due| now.duration_since(due).as_secs().max(0));
            let destination = DestinationLabels { destination: one.destination.clone() };
            self.oldest_due_seconds.get_or_create(&destination).set(overdue);
        }
    }

    /// Counts one attempt to take up changed files.
    pub(crate) fn reload(&self, succeeded: bool) {
        let result = if succeeded { "taken" } else { "refused" };
        self.reloads.get_or_create(&ReloadLabels { result }).inc();
    }

    /// All of it as OpenMetrics text.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}
