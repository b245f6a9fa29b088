//! UK24: the day that a supplementary declaration counts from (DE 5/31).

use portgate_cds::{Declared, Stage};
use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;

/// How many days back a declaration can count from.
const DAYS_MAX: i64 = 180;

/// `now` is an RFC 3339 instant in UTC.
pub(crate) fn judge(declared: &Declared, now: &str, judge: &mut Judge) {
    if !matches!(declared.stage, Some(Stage::Supplementary | Stage::AfterRecords)) {
        return;
    }
    let Some(accepted) = &declared.says().accepted_at else {
        let detail = format!(
            "A declaration of type {} counts from a day, and names none (DE 5/31; CDS10001).",
            declared.type_code()
        );
        let fields = [declared.at("/acceptedAt"), declared.at("/typeCode")];
        judge.found("UK24", Error, fields, detail, "Declare the day of the tax point.");
        return;
    };
    // What has a movement reference number was accepted: then it was early enough.
    if declared.says().mrn.is_some() {
        return;
    }
    let (Some(then), Some(today)) = (day_number(accepted.as_str()), day_number(now)) else { return };
    // A day ahead, it may be that day in another zone.
    if then > today + 1 || then < today - DAYS_MAX {
        let day = accepted.as_str().get(..10).unwrap_or_default();
        let detail = format!(
            "The declaration counts from {day}, which is still to come or more than {DAYS_MAX} days back (DE 5/31; CDS12016)."
        );
        judge.found("UK24", Error, [declared.at("/acceptedAt")], detail, "Declare the day of the tax point.");
    }
}

/// The number of a day, `YYYY-MM-DD` and what follows, so that two can be subtracted. Days of the civil calendar, from March on,
/// so that a leap day is the last of a year.
fn day_number(day: &str) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| day.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_months_and_leap_years() {
        let between = |one: &str, other: &str| day_number(other).zip(day_number(one)).map(|(other, one)| other - one);
        assert_eq!(between("2024-02-28", "2024-03-01"), Some(2));
        assert_eq!(between("2026-02-28T23:00:00Z", "2026-03-01"), Some(1));
        assert_eq!(between("2025-12-31", "2026-01-01"), Some(1));
        assert_eq!(between("2025-09-02", "2026-03-01"), Some(180));
        assert_eq!(between("no day", "2026-03-01"), None);
    }
}
