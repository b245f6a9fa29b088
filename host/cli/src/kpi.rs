//! `portgate kpi`: how well things go.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use portgate_operator::{Kpi, KpiBy, KpiQuery, Kpis};

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
    /// A row for each partner, lane or day
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
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> ExitCode {
    match show(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show(options: &Options) -> Result<(), OperatorError> {
    let Options { connection, from, until, by, partner, lane, json } = options;
    let by = by.map(|by| match by {
        By::Partner => KpiBy::Partner,
        By::Lane => KpiBy::Lane,
        By::Day => KpiBy::Day,
    });
    let query = KpiQuery { from: *from, until: *until, by, partner: partner.clone(), lane: lane.clone() };
    let found: Kpis = OperatorClient::new(connection)?.get("/v1/kpi", &query)?;
    if *json {
        print_json(&found);
        return Ok(());
    }
    let time = |milliseconds: Option<i64>| milliseconds.map(duration).unwrap_or_default();
    let row = |kpi: &Kpi| {
        let Kpi { figure, group, count, mean_ms, longest_ms, good_share } = kpi;
        let shown = [count.to_string(), time(*mean_ms), time(*longest_ms), good_share.clone().unwrap_or_default()];
        [vec![figure.clone(), printable(group)], shown.to_vec()].concat()
    };
    let group = match by {
        None => "",
        Some(KpiBy::Partner) => "partner",
        Some(KpiBy::Lane) => "lane",
        Some(KpiBy::Day) => "day",
    };
    let headings = ["figure", group, "count", "mean", "longest", "good"];
    print!("{}", table(&headings, found.items.iter().map(row).collect()));
    if found.cut {
        println!("\nThere are more deliveries in this time than are looked at: these are the latest.");
    }
    Ok(())
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
    fn a_time_is_said_in_the_largest_unit_that_it_fills() {
        let said = [0, 999, 1_500, -90_000, 7_200_000, 129_600_000].map(duration);
        assert_eq!(said, ["0 ms", "999 ms", "1.5 s", "-1.5 min", "2.0 h", "1.5 d"]);
    }
}
