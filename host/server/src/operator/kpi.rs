//! How well things go.

use jiff::{SignedDuration, Timestamp};
use portgate_cost::minor_digits;
use portgate_operator::{Kpi, KpiBy, KpiQuery, KpiSums, Kpis};
use portgate_store::{FigureCount, FiguresQuery, GroupedBy, Sums};

use super::answer::Json;
use super::asked::invalid;
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// The time that is looked at where none is asked for.
const USUALLY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest time that can be asked for: a year and a day.
const LONGEST: SignedDuration = SignedDuration::from_hours(367 * 24);

pub(super) async fn show(call: Call, query: KpiQuery) -> Result<Json<Kpis>, Refusal> {
    let until = query.until.unwrap_or_else(now);
    let from = query.from.unwrap_or_else(|| until.checked_sub(USUALLY).unwrap_or(Timestamp::MIN));
    if from >= until {
        return Err(invalid("/from", "must be before `until`"));
    }
    if until.duration_since(from) > LONGEST {
        return Err(invalid("/from", "must be at most 367 days before `until`"));
    }
    let by = match query.by {
        None => GroupedBy::Nothing,
        Some(KpiBy::Partner) => GroupedBy::Partner,
        Some(KpiBy::Lane) => GroupedBy::Lane,
        Some(KpiBy::Day) => GroupedBy::Day,
        Some(KpiBy::Week) => GroupedBy::Week,
        Some(KpiBy::Month) => GroupedBy::Month,
    };
    let asked = FiguresQuery { from, until, partner: query.partner, lane: query.lane, by };
    let counted = call.state.journal.figures(asked).await?;
    let items = counted.counts.into_iter().map(shown).collect();
    Ok(Json(Kpis { from, until, items, cut: counted.is_cut }))
}

fn shown(counted: FigureCount) -> Kpi {
    let FigureCount { figure, group, count, total_ms, longest_ms, judged, good, sums } = counted;
    let takes_time = figure.takes_time() && count > 0;
    Kpi {
        figure: figure.as_str().to_owned(),
        group,
        count,
        mean_ms: takes_time.then(|| total_ms.div_euclid(i64::try_from(count).unwrap_or(i64::MAX))),
        longest_ms: takes_time.then_some(longest_ms),
        good_share: (judged > 0).then(|| share(good, judged)),
        sums: sums.map(summed),
    }
}

fn summed(sums: Sums) -> KpiSums {
    let Sums { currency, reckoned, assessed, deviation } = sums;
    let digits = minor_digits(&currency);
    KpiSums {
        reckoned: written(reckoned, digits),
        assessed: written(assessed, digits),
        difference: written(reckoned - assessed, digits),
        deviation: written(deviation, digits),
        deviation_percent: percent(deviation, assessed),
        currency,
    }
}

/// Thousandths as an amount with the digits of its currency, or with all that it has.
fn written(thousandths: i128, digits: u32) -> String {
    let size = thousandths.unsigned_abs();
    let sign = if thousandths < 0 { "-" } else { "" };
    let all = format!("{:03}", size % 1_000);
    let digits = (digits as usize).max(all.trim_end_matches('0').len());
    match all.get(..digits) {
        None | Some("") => format!("{sign}{}", size / 1_000),
        Some(fraction) => format!("{sign}{}.{fraction}", size / 1_000),
    }
}

/// What a part is in percent, to two digits, halves up; nothing of nothing.
fn percent(part: i128, of: i128) -> Option<String> {
    let (part, of) = (part.unsigned_abs(), of.unsigned_abs());
    let hundredths = part.saturating_mul(20_000).saturating_add(of).checked_div(of.saturating_mul(2))?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// A share with four digits behind the point, rounded down: only what is all is 1.
fn share(part: u64, of: u64) -> String {
    let parts = u128::from(part) * 10_000 / u128::from(of.max(1));
    format!("{}.{:04}", parts / 10_000, parts % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_to_the_coin_and_nothing_has_no_percent() {
        let sums = |currency: &str, reckoned, assessed, deviation| {
            let summed = summed(Sums { currency: currency.to_owned(), reckoned, assessed, deviation });
            let KpiSums { reckoned, assessed, difference, deviation, deviation_percent, .. } = summed;
            [reckoned, assessed, difference, deviation, deviation_percent.unwrap_or_default()]
        };
        // 102.40 of 326.40 are 31.3725 percent.
        let pounds = sums("GBP", 424_000, 326_400, 102_400);
        assert_eq!(pounds, ["424.00", "326.40", "97.60", "102.40", "31.37"]);
        assert_eq!(sums("KWD", 10_005, 10_000, 5), ["10.005", "10.000", "0.005", "0.005", "0.05"]);
        assert_eq!(sums("JPY", 1_000, 3_000, 2_000), ["1", "3", "-2", "2", "66.67"]);
        assert_eq!(sums("GBP", 10, 0, 10), ["0.01", "0.00", "0.01", "0.01", ""], "nothing was assessed");
        let large = 12_000_000_000_000_000_006;
        assert_eq!(sums("VND", large, -large, 2 * large)[4], "200.00");
    }

    #[test]
    fn a_share_is_one_where_it_is_all_and_never_before() {
        let shares = [(0, 3), (1, 3), (2, 3), (3, 3), (99_999, 100_000)].map(|(part, of)| share(part, of));
        assert_eq!(shares, ["0.0000", "0.3333", "0.6666", "1.0000", "0.9999"]);
    }
}
