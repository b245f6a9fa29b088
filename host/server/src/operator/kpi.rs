//! How well things go.

use jiff::{SignedDuration, Timestamp};
use portgate_operator::{Kpi, KpiBy, KpiQuery, Kpis};
use portgate_store::{FigureCount, FiguresQuery, GroupedBy};

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
    };
    let asked = FiguresQuery { from, until, partner: query.partner, lane: query.lane, by };
    let counted = call.state.journal.figures(asked).await?;
    let items = counted.counts.into_iter().map(shown).collect();
    Ok(Json(Kpis { from, until, items, cut: counted.is_cut }))
}

fn shown(counted: FigureCount) -> Kpi {
    let FigureCount { figure, group, count, total_ms, longest_ms, judged, good } = counted;
    let takes_time = figure.takes_time() && count > 0;
    Kpi {
        figure: figure.as_str().to_owned(),
        group,
        count,
        mean_ms: takes_time.then(|| total_ms.div_euclid(i64::try_from(count).unwrap_or(i64::MAX))),
        longest_ms: takes_time.then_some(longest_ms),
        good_share: (judged > 0).then(|| share(good, judged)),
    }
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
    fn a_share_is_one_where_it_is_all_and_never_before() {
        let shares = [(0, 3), (1, 3), (2, 3), (3, 3), (99_999, 100_000)].map(|(part, of)| share(part, of));
        assert_eq!(shares, ["0.0000", "0.3333", "0.6666", "1.0000", "0.9999"]);
    }
}
