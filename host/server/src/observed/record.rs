//! Counters and histograms of what one component used.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use jiff::Timestamp;
use portgate_core::review::{BUDGETS, BudgetUse, ObservedUse, RequestUse, Unit};
use portgate_delivery::connectors::Sent;
use portgate_runtime::{CallError, Usage};
use serde::{Deserialize, Serialize};

use super::Ended;

/// Two digits of a value are kept: enough for a budget, and a few kilobytes for each.
const DIGITS: u8 = 2;

type Counts = BTreeMap<String, u64>;

/// What one component used from one time to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    since: Timestamp,
    until: Timestamp,
    pub(super) calls: u64,
    functions: Counts,
    ended: Counts,
    contracts: Counts,
    tables: Counts,
    emitted: Counts,
    read: Counts,
    query: Counts,
    requests: Vec<RequestUse>,
    measures: Measures,
}

impl Record {
    /// Nothing yet, from now on.
    pub(super) fn new() -> Self {
        let now = now();
        Record {
            since: now,
            until: now,
            calls: 0,
            functions: Counts::new(),
            ended: Counts::new(),
            contracts: Counts::new(),
            tables: Counts::new(),
            emitted: Counts::new(),
            read: Counts::new(),
            query: Counts::new(),
            requests: Vec::new(),
            measures: Measures::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls == 0 && self.requests.is_empty()
    }

    /// Takes what has come together and begins anew.
    pub(super) fn take(&mut self) -> Record {
        let mut taken = std::mem::replace(self, Record::new());
        taken.until = self.since;
        taken
    }

    /// The same as it stands at this moment.
    pub(super) fn until_now(&self) -> Record {
        Record { until: now(), ..self.clone() }
    }

    pub(super) fn call(&mut self, ended: &Ended<'_>) {
        let Ended { function, contract, usage, error, emitted, read } = ended;
        self.calls += 1;
        count(&mut self.functions, function.name(), 1);
        if let Some((name, version)) = contract {
            count_contract(&mut self.contracts, name, version);
        }
        usage.lookups_by_table.iter().for_each(|(table, lookups)| count(&mut self.tables, table, *lookups));
        emitted.iter().for_each(|document| count(&mut self.emitted, &document.kind, 1));
        read.iter().for_each(|kind| count(&mut self.read, kind, 1));
        if let Some(error) = error {
            count(&mut self.ended, what_ended(error), 1);
        }
        // A call that never entered the sandbox does not show what a call needs.
        if usage.calls_in_flight > 0 {
            self.measures.record(usage);
        }
    }

    pub(super) fn sent(&mut self, sent: &Sent<'_>) {
        sent.query.iter().for_each(|name| count(&mut self.query, name, 1));
        let request = RequestUse {
            method: sent.method.name().to_owned(),
            base_url: sent.base_url.to_owned(),
            path: sent.pattern.to_owned(),
            count: 1,
        };
        self.request(&request);
    }

    fn request(&mut self, request: &RequestUse) {
        let same = |known: &&mut RequestUse| {
            (&known.method, &known.base_url, &known.path) == (&request.method, &request.base_url, &request.path)
        };
        match self.requests.iter_mut().find(same) {
            Some(known) => known.count += request.count,
            None => self.requests.push(request.clone()),
        }
    }

    /// Adds what was used at another time or seen by another gateway.
    pub(super) fn merge(&mut self, other: &Record) {
        self.since = self.since.min(other.since);
        self.until = self.until.max(other.until);
        self.calls += other.calls;
        for (own, other) in [
            (&mut self.functions, &other.functions),
            (&mut self.ended, &other.ended),
            (&mut self.contracts, &other.contracts),
            (&mut self.tables, &other.tables),
            (&mut self.emitted, &other.emitted),
            (&mut self.read, &other.read),
            (&mut self.query, &other.query),
        ] {
            other.iter().for_each(|(name, more)| count(own, name, *more));
        }
        other.requests.iter().for_each(|request| self.request(request));
        self.measures.merge(&other.measures);
    }

    /// As operators see it.
    pub(super) fn shown(self, current: bool, sha256: String) -> ObservedUse {
        let Record {
            since,
            until,
            calls,
            functions,
            ended,
            contracts,
            tables,
            emitted,
            read,
            query,
            requests,
            measures,
        } = self;
        let budgets = measures.shown();
        ObservedUse {
            sha256,
            current,
            since,
            until,
            calls,
            functions,
            ended,
            contracts,
            tables,
            emitted,
            read,
            requests,
            query,
            budgets,
        }
    }
}

/// The time in seconds: what is watched for days is not told by the microsecond.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn count(counts: &mut Counts, name: &str, more: u64) {
    match counts.get_mut(name) {
        Some(count) => *count += more,
        None => drop(counts.insert(name.to_owned(), more)),
    }
}

/// The same for `name/version`, which is only put together when it is new.
fn count_contract(counts: &mut Counts, name: &str, version: &str) {
    let is_meant = |known: &str| known.strip_prefix(name).and_then(|rest| rest.strip_prefix('/')) == Some(version);
    match counts.iter_mut().find(|(known, _)| is_meant(known)) {
        Some((_, count)) => *count += 1,
        None => drop(counts.insert(format!("{name}/{version}"), 1)),
    }
}

/// The limit that ended a call, or what it did instead of returning.
fn what_ended(error: &CallError) -> &'static str {
    match error {
        CallError::Overloaded => "calls_in_flight_max",
        CallError::CpuExceeded => "cpu_ms_max",
        CallError::WallExceeded => "wall_ms_max",
        CallError::MemoryExceeded => "memory_bytes_max",
        CallError::TableExceeded => "table_elements_max",
        CallError::OutputExceeded => "output_bytes_max",
        CallError::DocumentsExceeded => "documents_max",
        CallError::LogExceeded => "log_lines_max",
        CallError::LookupExceeded => "lookups_max",
        CallError::LookupDenied { .. } => "lookup-denied",
        CallError::EmitDenied { .. } => "emit-denied",
        CallError::ReadDenied { .. } => "read-denied",
        CallError::ReadImpossible { .. } => "read-impossible",
        CallError::StackOverflow => "stack-overflow",
        CallError::Panicked { .. } => "panic",
        CallError::Trapped { .. } => "trap",
        CallError::InvalidOutput { .. } => "invalid-output",
    }
}

/// What single calls used, one measure for each of [`BUDGETS`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Kept>", into = "BTreeMap<String, Kept>")]
struct Measures([Measure; BUDGETS.len()]);

impl Measures {
    fn record(&mut self, usage: &Usage) {
        let micros = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let values = [
            usage.memory_bytes_peak,
            usage.table_elements,
            micros(usage.cpu),
            micros(usage.wall),
            usage.output_bytes,
            usage.documents,
            usage.log_lines,
            usage.log_bytes,
            usage.lookups,
            usage.calls_in_flight,
        ];
        self.0.iter_mut().zip(values).for_each(|(measure, value)| measure.record(value, 1));
    }

    fn merge(&mut self, other: &Measures) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| own.merge(other));
    }

    fn shown(&self) -> BTreeMap<String, BudgetUse> {
        let shown = |((key, unit), measure): (&(&str, Unit), &Measure)| {
            let at = |quantile: f64| measure.values.value_at_quantile(quantile).min(measure.max);
            let used = BudgetUse { unit: *unit, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: measure.max };
            ((*key).to_owned(), used)
        };
        BUDGETS.iter().zip(&self.0).map(shown).collect()
    }
}

/// What calls used of one budget.
#[derive(Clone, Debug)]
struct Measure {
    /// Exact, unlike the histogram's own.
    max: u64,
    values: Histogram<u32>,
}

impl Default for Measure {
    fn default() -> Self {
        Measure { max: 0, values: Histogram::new(DIGITS).expect("a histogram can keep two digits") }
    }
}

impl Measure {
    fn record(&mut self, value: u64, times: u32) {
        self.max = self.max.max(value);
        // The histogram grows with its values; a value that it cannot hold counts as its largest.
        if self.values.record_n(value, times).is_err() {
            self.values.saturating_record_n(value, times);
        }
    }

    fn merge(&mut self, other: &Measure) {
        let max = self.max.max(other.max);
        other.values.iter_recorded().for_each(|step| self.record(step.value_iterated_to(), step.count_at_value()));
        // The histogram's own values are rounded up.
        self.max = max;
    }
}

/// A measure as the journal has it: the values that occurred, with how often.
#[derive(Serialize, Deserialize)]
struct Kept {
    max: u64,
    values: Vec<(u64, u32)>,
}

impl From<Measures> for BTreeMap<String, Kept> {
    fn from(measures: Measures) -> Self {
        let kept = |((key, _), measure): (&(&str, Unit), &Measure)| {
            let steps = measure.values.iter_recorded();
            let values = steps.map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
            ((*key).to_owned(), Kept { max: measure.max, values })
        };
        BUDGETS.iter().zip(&measures.0).map(kept).collect()
    }
}

impl From<BTreeMap<String, Kept>> for Measures {
    fn from(mut kept: BTreeMap<String, Kept>) -> Self {
        let mut measures = Measures::default();
        for ((key, _), measure) in BUDGETS.iter().zip(&mut measures.0) {
            if let Some(Kept { max, values }) = kept.remove(*key) {
                values.into_iter().for_each(|(value, times)| measure.record(value, times));
                measure.max = max;
            }
        }
        measures
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portgate_core::document::Document;
    use portgate_core::policy::Method;

    use super::super::Function;
    use super::*;

    fn usage(cpu_us: u64) -> Usage {
        Usage {
            cpu: Duration::from_micros(cpu_us),
            memory_bytes_peak: 17 << 20,
            lookups: 3,
            lookups_by_table: [("codes".to_owned(), 3)].into(),
            calls_in_flight: 1,
            ..Usage::default()
        }
    }

    fn decode(record: &mut Record, usage: &Usage, error: Option<&CallError>) {
        let document =
            Document { kind: "milestone".to_owned(), key: String::new(), refs: Vec::new(), body: Vec::new() };
        record.call(&Ended {
            function: Function::Decode,
            contract: Some(("events", "2.2")),
            usage,
            error,
            emitted: &[document],
            read: &["order".to_owned()],
        });
    }

    fn sent(record: &mut Record) {
        record.sent(&Sent {
            plugin: "acme",
            method: Method::Put,
            base_url: "https://a.example",
            pattern: "/a/*",
            query: &["key".to_owned()],
        });
    }

    fn shown(record: &Record) -> ObservedUse {
        record.clone().shown(true, "5f".repeat(32))
    }

    #[test]
    fn calls_are_counted_by_all_that_they_used() {
        let mut record = Record::new();
        decode(&mut record, &usage(100), None);
        decode(&mut record, &usage(100), Some(&CallError::CpuExceeded));
        sent(&mut record);
        sent(&mut record);
        let used = shown(&record);
        let is =
            |counts: &Counts, name: &str, count: u64| assert_eq!(counts, &Counts::from([(name.to_owned(), count)]));
        assert_eq!(used.calls, 2);
        is(&used.functions, "decode", 2);
        is(&used.contracts, "events/2.2", 2);
        is(&used.tables, "codes", 6);
        is(&used.emitted, "milestone", 2);
        is(&used.read, "order", 2);
        is(&used.ended, "cpu_ms_max", 1);
        is(&used.query, "key", 2);
        assert_eq!((used.requests.len(), used.requests[0].count, used.requests[0].path.as_str()), (1, 2, "/a/*"));
        assert_eq!(used.budgets["memory_bytes_max"].max, 17 << 20);
    }

    #[test]
    fn one_call_in_a_thousand_shows_in_the_last_quantile_alone() {
        let mut record = Record::new();
        (0..9_980).for_each(|_| decode(&mut record, &usage(100), None));
        (0..20).for_each(|_| decode(&mut record, &usage(50_123), None));
        let BudgetUse { p50, p99, p999, max, .. } = shown(&record).budgets["cpu_ms_max"];
        let near = |value: u64, wanted: u64| value.abs_diff(wanted) * 100 <= wanted;
        assert!(near(p50, 100) && near(p99, 100) && near(p999, 50_123), "{p50} {p99} {p999}");
        assert_eq!(max, 50_123);
    }

    #[test]
    fn a_record_that_was_kept_is_the_record_that_comes_back_and_records_add_up() {
        let mut record = Record::new();
        (1..2_000).for_each(|cpu| decode(&mut record, &usage(cpu * 7), None));
        sent(&mut record);
        let kept = serde_json::to_string(&record).expect("JSON");
        let mut back: Record = serde_json::from_str(&kept).expect("a record");
        assert_eq!(shown(&back), shown(&record));
        assert!(kept.len() < 40_000, "a day's record has {} bytes", kept.len());
        back.merge(&record);
        let (twice, once) = (shown(&back), shown(&record));
        assert_eq!((twice.calls, twice.contracts["events/2.2"]), (2 * once.calls, 2 * once.calls));
        assert_eq!(twice.budgets, once.budgets, "twice the same calls have the same quantiles");
        assert_eq!(twice.requests[0].count, 2);
    }

    #[test]
    fn what_never_got_into_the_sandbox_is_no_measure() {
        let mut record = Record::new();
        decode(&mut record, &Usage { wall: Duration::from_secs(1), ..Usage::default() }, Some(&CallError::Overloaded));
        let used = shown(&record);
        assert_eq!((used.calls, used.ended["calls_in_flight_max"], used.budgets["wall_ms_max"].max), (1, 1, 0));
    }

    #[test]
    fn taking_begins_anew_where_it_ended() {
        let mut record = Record::new();
        decode(&mut record, &usage(1), None);
        let taken = record.take();
        assert_eq!((taken.calls, record.calls, taken.until), (1, 0, record.since));
        assert!(record.is_empty() && !taken.is_empty());
    }
}
