//! Days of the calendar, reckoned.

use portgate_sdk::canonical::Date;

const MONTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The day that comes so many days after another, `YYYY-MM-DD`.
pub(crate) fn later(day: &str, days: u32) -> Option<Date> {
    let mut parts = day.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (mut year, mut month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut left = day.checked_add(days)?;
    loop {
        let length = length(year, month)?;
        if left <= length {
            return Date::new(format!("{year:04}-{month:02}-{left:02}")).ok();
        }
        left -= length;
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
}

fn length(year: u32, month: u32) -> Option<u32> {
    let leaps = month == 2 && year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    Some(MONTHS.get(usize::try_from(month.checked_sub(1)?).ok()?)? + u32::from(leaps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_on_over_months_and_years() {
        let later = |day, days| later(day, days).map(|day| day.to_string());
        assert_eq!(later("2026-02-27", 3).as_deref(), Some("2026-03-02"));
        assert_eq!(later("2028-02-27", 3).as_deref(), Some("2028-03-01"));
        assert_eq!(later("2100-02-28", 1).as_deref(), Some("2100-03-01"));
        assert_eq!(later("2026-12-31", 1).as_deref(), Some("2027-01-01"));
        assert_eq!(later("2026-03-01", 0).as_deref(), Some("2026-03-01"));
        assert_eq!(later("2026-13-01", 1), None);
        assert_eq!(later("tomorrow", 1), None);
    }
}
