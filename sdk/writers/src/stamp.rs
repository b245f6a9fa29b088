//! When an interchange was made.

use crate::WriteError;

/// A date and a time of day, as envelopes have them: to the second and without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Stamp {
    /// The date and the time of day that a text of RFC 3339 shows, such as the gateway's `2026-03-01T08:15:00Z`; its
    /// offset is left out.
    ///
    /// # Errors
    /// `edi-envelope`: it is none.
    pub fn rfc3339(text: &str) -> Result<Self, WriteError> {
        Stamp::read(text).ok_or_else(|| {
            let detail = "a date and time of RFC 3339 is expected, such as 2026-03-01T08:15:00Z";
            WriteError::one("edi-envelope", "", detail)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes().get(..19)?;
        let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        if !marks.iter().all(|(at, mark)| bytes[*at] == *mark) || !matches!(bytes[10], b'T' | b't' | b' ') {
            return None;
        }
        Stamp::digits(
            &[&bytes[..4], &bytes[5..7], &bytes[8..10], &bytes[11..13], &bytes[14..16], &bytes[17..19]].concat(),
        )
    }

    /// What digits say: `CCYYMMDDHHMMSS`.
    fn digits(digits: &[u8]) -> Option<Self> {
        if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |at: usize| 10 * (digits[at] - b'0') + digits[at + 1] - b'0';
        let year = 100 * u16::from(two(0)) + u16::from(two(2));
        let stamp = Stamp { year, month: two(4), day: two(6), hour: two(8), minute: two(10), second: two(12) };
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match stamp.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(is_leap),
            _ => 0,
        };
        let is_day = (1..=days).contains(&stamp.day);
        (is_day && stamp.hour < 24 && stamp.minute < 60 && stamp.second < 61).then_some(stamp)
    }

    /// What an envelope says: a date of six or eight digits and a time of four or six. Years of two digits are those from
    /// 1970 to 2069.
    pub(crate) fn of_envelope(date: &str, time: &str) -> Option<Self> {
        let century = match date.get(..2)? {
            _ if date.len() != 6 => "",
            year if year < "70" => "20",
            _ => "19",
        };
        let seconds = if time.len() == 4 { "00" } else { "" };
        Stamp::digits(format!("{century}{date}{time}{seconds}").as_bytes())
    }

    /// `YYMMDD`.
    pub(crate) fn short_date(self) -> String {
        format!("{:02}{:02}{:02}", self.year % 100, self.month, self.day)
    }

    /// `CCYYMMDD`.
    pub(crate) fn long_date(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// `HHMM`.
    pub(crate) fn time(self) -> String {
        format!("{:02}{:02}", self.hour, self.minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_and_written_in_each_form() {
        let stamp = Stamp::rfc3339("2028-02-29T23:59:07.123+01:00").unwrap();
        assert_eq!(
            (stamp.short_date(), stamp.long_date(), stamp.time()),
            ("280229".into(), "20280229".into(), "2359".into())
        );
        let read = Stamp::of_envelope("280229", "2359").unwrap();
        assert_eq!((read.long_date(), read.time()), ("20280229".into(), "2359".into()));
        assert_eq!(Stamp::of_envelope("19991231", "000000").unwrap().long_date(), "19991231");
        for wrong in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "2026-01-01T24:00:00Z",
            "é026-01-01T00:00:00Z",
        ] {
            assert_eq!(Stamp::rfc3339(wrong).unwrap_err().faults[0].code, "edi-envelope", "{wrong}");
        }
        assert_eq!(Stamp::of_envelope("é1231", "0000"), None);
        assert_eq!(Stamp::of_envelope("", ""), None);
    }
}
