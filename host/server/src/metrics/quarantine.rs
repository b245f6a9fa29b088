//! What is counted of plugins that misbehave, and of what is parked because of them.

use portgate_store::ParkedCount;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Calls in which a plugin misbehaved.
#[derive(Clone, Default)]
pub(crate) struct FailedCalls(Family<PairLabels, Counter>);

/// The rest.
#[derive(Default)]
pub(crate) struct QuarantineMetrics {
    failed_calls: FailedCalls,
    quarantined: Family<PairLabels, Gauge>,
    quarantines: Family<PairLabels, Counter>,
    parked: Family<ParkedLabels, Gauge>,
    taken_up: Family<TakenUpLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PairLabels {
    plugin: String,
    partner: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ParkedLabels {
    partner: String,
    contract: String,
    /// `parked` or `failed`.
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TakenUpLabels {
    partner: String,
    /// `accepted`, `rejected`, `again` or `failed`.
    outcome: &'static str,
}

impl PairLabels {
    fn new(plugin: &str, partner: &str) -> Self {
        PairLabels { plugin: plugin.to_owned(), partner: partner.to_owned() }
    }
}

impl FailedCalls {
    /// Counts one.
    pub(crate) fn count(&self, plugin: &str, partner: &str) {
        self.0.get_or_create(&PairLabels::new(plugin, partner)).inc();
    }
}

impl QuarantineMetrics {
    /// All of them at zero.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = QuarantineMetrics::default();
        registry.register(
            "plugin_calls_failed",
            "Calls in which the plugin misbehaved, by the partner that they were for",
            Family::clone(&metrics.failed_calls.0),
        );
        registry.register(
            "plugin_quarantined",
            "1 while the plugin is in quarantine for the partner",
            Family::clone(&metrics.quarantined),
        );
        registry.register(
            "plugin_quarantines",
            "How often the plugin was taken out for the partner",
            Family::clone(&metrics.quarantines),
        );
        registry.register(
            "exchanges_parked",
            "Exchanges that are acknowledged and not decoded, by state",
            Family::clone(&metrics.parked),
        );
        registry.register(
            "exchanges_taken_up",
            "How parked exchanges ended when they were taken up",
            Family::clone(&metrics.taken_up),
        );
        metrics
    }

    /// What counts the calls in which a plugin misbehaves.
    pub(crate) fn failed_calls(&self) -> FailedCalls {
        self.failed_calls.clone()
    }

    /// A plugin was taken out for a partner.
    pub(crate) fn entered(&self, plugin: &str, partner: &str) {
        let labels = PairLabels::new(plugin, partner);
        self.quarantines.get_or_create(&labels).inc();
        self.quarantined.get_or_create(&labels).set(1);
    }

    /// A plugin is called for a partner again.
    pub(crate) fn left(&self, plugin: &str, partner: &str) {
        self.quarantined.get_or_create(&PairLabels::new(plugin, partner)).set(0);
    }

    /// Counts one parked exchange that was taken up.
    pub(crate) fn taken_up(&self, partner: &str, outcome: &'static str) {
        self.taken_up.get_or_create(&TakenUpLabels { partner: partner.to_owned(), outcome }).inc();
    }

    /// Takes over what is parked now, the versions of a contract together. A contract of which nothing is parked any more
    /// is not listed.
    pub(crate) fn parked(&self, counts: &[ParkedCount]) {
        self.parked.clear();
        for count in counts {
            let labels = ParkedLabels {
                partner: count.partner.clone(),
                contract: count.contract.clone(),
                state: count.state.as_str(),
            };
            self.parked.get_or_create(&labels).inc_by(i64::try_from(count.count).unwrap_or(i64::MAX));
        }
    }
}
