//! How well things went within a day: as a whole, by partner and by lane.
//!
//! Lanes come from documents, so how many of them become series is bounded: those that most was counted of, the others together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;

use portgate_store::{Counted, FigureCount, GroupedBy};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// Partners or lanes that have series of their own, at most.
const GROUPS_MAX: usize = 50;
/// What all others are called. No partner's name has a bracket, and no lane.
const OTHERS: &str = "(others)";

/// Names of labels and their values.
type Labels = Vec<(&'static str, String)>;

/// The gauges of one way to group.
#[derive(Default)]
struct Gauges {
    count: Family<Labels, Gauge>,
    mean: Family<Labels, Gauge<f64, AtomicU64>>,
    good: Family<Labels, Gauge<f64, AtomicU64>>,
    off: Family<Labels, Gauge<f64, AtomicU64>>,
    cut: Gauge,
}

/// All of them.
pub(super) struct KpiMetrics {
    whole: Gauges,
    by_partner: Gauges,
    by_lane: Gauges,
}

impl KpiMetrics {
    /// All of them, without any series.
    pub(super) fn new(registry: &mut Registry) -> Self {
        KpiMetrics {
            whole: Gauges::new(registry, "kpi", "figure"),
            by_partner: Gauges::new(registry, "kpi_by_partner", "figure and partner"),
            by_lane: Gauges::new(registry, "kpi_by_lane", "figure and lane"),
        }
    }

    /// Takes over what was counted, grouped so.
    pub(super) fn set(&self, by: GroupedBy, counted: &Counted) {
        match by {
            GroupedBy::Partner => self.by_partner.set(Some("partner"), counted),
            GroupedBy::Lane => self.by_lane.set(Some("lane"), counted),
            GroupedBy::Nothing | GroupedBy::Day | GroupedBy::Week | GroupedBy::Month => self.whole.set(None, counted),
        }
    }
}

impl Gauges {
    fn new(registry: &mut Registry, name: &str, by: &str) -> Self {
        let gauges = Gauges::default();
        let help = |what: &str| format!("{what} within a day, by {by}");
        registry.register(format!("{name}_last_day"), help("What ended"), Family::clone(&gauges.count));
        let (mean, good) = (format!("{name}_last_day_mean"), format!("{name}_last_day_good"));
        registry.register_with_unit(
            mean,
            help("How long it took on average"),
            Unit::Seconds,
            Family::clone(&gauges.mean),
        );
        registry.register_with_unit(
            good,
            help("The share of what went well"),
            Unit::Ratios,
            Family::clone(&gauges.good),
        );
        let cut = help("Whether more messages or deliveries were there than were looked at, 1 or 0,");
        registry.register(format!("{name}_last_day_cut"), cut, gauges.cut.clone());
        let off = help("By how much costs were off, as a share of what customs assessed");
        let name = format!("{name}_last_day_deviation");
        registry.register_with_unit(name, off, Unit::Ratios, Family::clone(&gauges.off));
        gauges
    }

    /// What is not there any more is not listed.
    fn set(&self, label: Option<&'static str>, counted: &Counted) {
        self.count.clear();
        self.mean.clear();
        self.good.clear();
        self.off.clear();
        self.cut.set(i64::from(counted.is_cut));
        let named = named(&counted.counts);
        // Several currencies of a figure are one count.
        let mut sums: BTreeMap<Labels, Sum> = BTreeMap::new();
        for one in &counted.counts {
            let mut labels: Labels = vec![("figure", one.figure.as_str().to_owned())];
            if let Some(label) = label {
                let group = if named.contains(one.group.as_str()) { one.group.as_str() } else { OTHERS };
                labels.push((label, group.to_owned()));
            }
            if let Some(amounts) = &one.sums {
                let mut of_currency = labels.clone();
                of_currency.push(("currency", amounts.currency.clone()));
                let sum = sums.entry(of_currency).or_default();
                sum.off += amounts.deviation;
                sum.of += amounts.assessed;
            }
            sums.entry(labels).or_default().add(one);
        }
        for (labels, sum) in sums {
            sum.show(self, &labels);
        }
    }
}

/// What counts of one series.
#[derive(Default)]
struct Sum {
    count: u64,
    time: Option<i64>,
    judged: u64,
    good: u64,
    off: i128,
    of: i128,
}

impl Sum {
    fn add(&mut self, one: &FigureCount) {
        self.count += one.count;
        self.judged += one.judged;
        self.good += one.good;
        if one.figure.takes_time() {
            self.time = Some(self.time.unwrap_or_default().saturating_add(one.total_ms));
        }
    }

    fn show(&self, gauges: &Gauges, labels: &Labels) {
        // One of a currency has no count of its own.
        if self.count > 0 {
            gauges.count.get_or_create(labels).set(i64::try_from(self.count).unwrap_or(i64::MAX));
        }
        if let Some(time) = self.time.filter(|_| self.count > 0) {
            gauges.mean.get_or_create(labels).set(time as f64 / 1_000.0 / self.count as f64);
        }
        if self.judged > 0 {
            gauges.good.get_or_create(labels).set(self.good as f64 / self.judged as f64);
        }
        if self.of != 0 {
            gauges.off.get_or_create(labels).set(self.off as f64 / (self.of as f64).abs());
        }
    }
}

/// The groups that most was counted of, of all figures together.
fn named(counts: &[FigureCount]) -> BTreeSet<&str> {
    let mut of_group: BTreeMap<&str, u64> = BTreeMap::new();
    for count in counts {
        *of_group.entry(&count.group).or_default() += count.count;
    }
    let mut groups: Vec<(&str, u64)> = of_group.into_iter().collect();
    groups.sort_by_key(|(_, count)| Reverse(*count));
    groups.into_iter().take(GROUPS_MAX).map(|(group, _)| group).collect()
}

#[cfg(test)]
mod tests {
    use portgate_store::{Figure, Sums};

    use super::*;

    fn count(figure: Figure, group: &str, count: u64, sums: Option<(&str, i128, i128)>) -> FigureCount {
        let sums = sums.map(|(currency, assessed, deviation)| Sums {
            currency: currency.to_owned(),
            reckoned: 0,
            assessed,
            deviation,
        });
        let group = group.to_owned();
        FigureCount { figure, group, count, total_ms: 3_000, longest_ms: 0, judged: 4, good: 1, sums }
    }

    fn shown(by: GroupedBy, counts: Vec<FigureCount>) -> Vec<String> {
        let mut registry = Registry::default();
        let metrics = KpiMetrics::new(&mut registry);
        // What was there before is there no more.
        metrics.set(by, &Counted { counts: vec![count(Figure::Touches, "gone", 1, None)], is_cut: false });
        metrics.set(by, &Counted { counts, is_cut: false });
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("it is written");
        let mut lines: Vec<String> = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        lines.sort();
        lines.retain(|line| !line.ends_with("_cut 0"));
        lines
    }

    #[test]
    fn a_day_that_was_not_looked_at_as_a_whole_says_so() {
        let mut registry = Registry::default();
        let metrics = KpiMetrics::new(&mut registry);
        metrics.set(GroupedBy::Lane, &Counted { counts: Vec::new(), is_cut: true });
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("it is written");
        for line in ["kpi_by_lane_last_day_cut 1", "kpi_last_day_cut 0"] {
            assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_figure_has_its_count_mean_and_share_and_costs_how_much_they_were_off_by_currency() {
        let lines = shown(
            GroupedBy::Lane,
            vec![
                count(Figure::Clearance, "VN-GB", 2, None),
                count(Figure::LandedCost, "VN-GB", 1, Some(("EUR", 0, 5))),
                count(Figure::LandedCost, "VN-GB", 3, Some(("GBP", 200, 50))),
            ],
        );
        let expected = [
            r#"kpi_by_lane_last_day_deviation_ratios{figure="landed-cost",lane="VN-GB",currency="GBP"} 0.25"#,
            r#"kpi_by_lane_last_day_good_ratios{figure="clearance",lane="VN-GB"} 0.25"#,
            r#"kpi_by_lane_last_day_good_ratios{figure="landed-cost",lane="VN-GB"} 0.25"#,
            r#"kpi_by_lane_last_day_mean_seconds{figure="clearance",lane="VN-GB"} 1.5"#,
            r#"kpi_by_lane_last_day{figure="clearance",lane="VN-GB"} 2"#,
            r#"kpi_by_lane_last_day{figure="landed-cost",lane="VN-GB"} 4"#,
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn however_many_lanes_documents_name_there_are_so_many_series_and_no_more() {
        let lanes = (0..1_000).map(|lane| count(Figure::Milestone, &format!("lane-{lane:03}"), 1 + lane % 7, None));
        let lines = shown(GroupedBy::Lane, lanes.collect());
        let counts: Vec<&String> = lines.iter().filter(|line| line.starts_with("kpi_by_lane_last_day{")).collect();
        assert_eq!(counts.len(), GROUPS_MAX + 1);
        let total: u64 = counts.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
        assert_eq!(total, (0..1_000).map(|lane| 1 + lane % 7).sum::<u64>(), "the others are counted together");
        assert!(counts.iter().any(|line| line.contains(OTHERS)));
        let whole = shown(GroupedBy::Nothing, vec![count(Figure::Touches, "", 9, None)]);
        assert_eq!(whole[1], r#"kpi_last_day{figure="touches"} 9"#);
    }
}
