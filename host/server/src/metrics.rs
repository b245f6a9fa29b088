//! What the gateway counts, for Prometheus (OpenMetrics text) on the operator listener.
//!
//! Labels come only from what is configured: a partner or contract that a caller makes up never becomes a series.

use std::sync::atomic::AtomicU64;

use portgate_runtime::Usage;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The gateway's metrics and the registry that renders them.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<ContractLabels, Histogram, fn() -> Histogram>,
    plugin_seconds: Family<PluginLabels, Histogram, fn() -> Histogram>,
    plugin_cpu_seconds: Family<PluginLabels, Counter<f64, AtomicU64>>,
    plugin_memory_peak: Family<PluginLabels, Gauge>,
    reloads: Family<ReloadLabels, Counter>,
    /// Requests being worked on.
    pub(crate) in_flight: Gauge,
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

/// 50 µs to about 13 s, each bound four times the one before it.
fn seconds() -> Histogram {
    Histogram::new(prometheus_client::metrics::histogram::exponential_buckets(0.000_05, 4.0, 10))
}

impl Metrics {
    pub(crate) fn new() -> Self {
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
        registry.register("requests_in_flight", "Requests being worked on", in_flight.clone());
        Metrics {
            registry,
            requests,
            request_seconds,
            plugin_seconds,
            plugin_cpu_seconds,
            plugin_memory_peak,
            reloads,
            in_flight,
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
