//! `portgate kpi`: how well things go.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use portgate_operator::{Kpi, KpiBy, KpiQuery, KpiSums, Kpis};

use crate::ended::ended;
use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::printable::printable;
use crate::table::table;

/// What `portgate kpi` can be told.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// What ended at this time or later; the last 30 days where it is left out
    #[arg(long)]
    from: Option<Timestamp>,
    /// What ended before this time; until now where it is left out
    #[arg(long)]
    until: Option<Timestamp>,
    /// A row for each partner, lane, day, week or month
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Only of this partner
    #[arg(long)]
    partner: Option<String>,
    /// Only on this lane, such as `VN-DE`
    #[arg(long)]
    lane: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Partner,
    Lane,
    Day,
    Week,
    Month,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> ExitCode {
    ended(show(options))
}

fn show(options: &Options) -> Result<(), OperatorError> {
    let Options { connection, from, until, by, partner, lane, json } = options;
    let by = by.map(|by| match by {
        By::Partner => KpiBy::Partner,
        By::Lane => KpiBy::Lane,
        By::Day => KpiBy::Day,
        By::Week => KpiBy::Week,
        By::Month => KpiBy::Month,
    });
    let query = KpiQuery { from: *from, until: *until, by, partner: partner.clone(), lane: lane.clone() };
    let found: Kpis = OperatorClient::new(connection)?.get("/v1/kpi", &query)?;
    if *json {
        print_json(&found);
        return Ok(());
    }
    if found.items.is_empty() {
        println!("Nothing ended within this time.");
        return Ok(());
    }
    let group = match by {
        None => "",
        Some(KpiBy::Partner) => "partner",
        Some(KpiBy::Lane) => "lane",
        Some(KpiBy::Day) => "day",
        Some(KpiBy::Week) => "week",
        Some(KpiBy::Month) => "month",
    };
    let headings = ["figure", group, "count", "mean", "longest", "good"];
    print!("{}", table(&headings, found.items.iter().map(row).collect()));
    let of_costs: Vec<Vec<String>> = found.items.iter().filter_map(costs).collect();
    if !of_costs.is_empty() {
        let headings = ["figure", group, "currency", "reckoned", "assessed", "difference", "deviation", "percent"];
        print!("\n{}", table(&headings, of_costs));
    }
    if found.cut {
        println!("\nThere are more deliveries or messages in this time than are looked at: these are the latest.");
    }
    Ok(())
}

/// What cannot be said, for want of what it would be a share or a mean of.
const NOTHING: &str = "-";

fn row(kpi: &Kpi) -> Vec<String> {
    let time = |milliseconds: Option<i64>| milliseconds.map_or_else(|| NOTHING.to_owned(), duration);
    let Kpi { figure, group, count, mean_ms, longest_ms, good_share, sums: _ } = kpi;
    let good = good_share.clone().unwrap_or_else(|| NOTHING.to_owned());
    vec![figure.clone(), printable(group), count.to_string(), time(*mean_ms), time(*longest_ms), good]
}

/// What was reckoned of costs, where that is what was counted.
fn costs(kpi: &Kpi) -> Option<Vec<String>> {
    let KpiSums { currency, reckoned, assessed, difference, deviation, deviation_percent } = kpi.sums.clone()?;
    let percent = deviation_percent.unwrap_or_else(|| NOTHING.to_owned());
    let group = printable(&kpi.group);
    Some(vec![kpi.figure.clone(), group, printable(&currency), reckoned, assessed, difference, deviation, percent])
}

/// A time as people say it: in the largest unit of which it is one, with one digit behind the point.
fn duration(milliseconds: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    let sign = if milliseconds < 0 { "-" } else { "" };
    let size = milliseconds.unsigned_abs();
    match units.into_iter().find(|(unit, _)| size >= *unit) {
        Some((unit, name)) => format!("{sign}{}.{} {name}", size / unit, size % unit * 10 / unit),
        None => format!("{sign}{size} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_mean_or_share_is_a_dash_and_costs_have_a_row_of_their_own() {
        let kpi = |figure: &str, sums| Kpi {
            figure: figure.to_owned(),
            group: "VN-GB".to_owned(),
            count: 2,
            mean_ms: None,
            longest_ms: None,
            good_share: None,
            sums,
        };
        let touches = kpi("touches", None);
        assert_eq!(row(&touches), ["touches", "VN-GB", "2", "-", "-", "-"]);
        assert_eq!(costs(&touches), None);
        let [currency, reckoned, assessed, difference, deviation] =
            ["GBP", "0.01", "0.00", "0.01", "0.01"].map(str::to_owned);
        let sums = KpiSums { currency, reckoned, assessed, difference, deviation, deviation_percent: None };
        let shown = costs(&kpi("landed-cost", Some(sums))).expect("costs");
        assert_eq!(shown, ["landed-cost", "VN-GB", "GBP", "0.01", "0.00", "0.01", "0.01", "-"]);
    }

    #[test]
    fn a_time_is_said_in_the_largest_unit_that_it_fills() {
        let said = [0, 999, 1_500, -90_000, 7_200_000, 129_600_000].map(duration);
        assert_eq!(said, ["0 ms", "999 ms", "1.5 s", "-1.5 min", "2.0 h", "1.5 d"]);
    }
}
