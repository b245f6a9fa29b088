//! Times as EDI writes them: digits, and sometimes a zone.

use portgate_sdk::canonical::Timestamp;

/// A time and what had to be assumed to read it.
pub(crate) struct Read {
    /// The time; local where no zone is given, or one that has no offset of its own.
    pub(crate) at: Timestamp,
    /// Whether only the day is given: the time is its start.
    pub(crate) day_only: bool,
}

/// A day `CCYYMMDD` with a time `HHMM` or `HHMMSS` behind it, if any, and a zone: `Z`, `UTC`, `UT`, `GMT` or `GM` for
/// universal time, `+HH`, `+HHMM` or `-HHMM` for an offset; anything else is local. Two digits of a year are taken as
/// 20YY.
pub(crate) fn read(text: &str) -> Option<Read> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at(length);
    let (century, digits) = if length == 6 { ("20", digits) } else { ("", digits) };
    let digits = format!("{century}{digits}");
    let (hour, minute, second) = match digits.len() {
        8 => ("00", "00", "00"),
        12 => (&digits[8..10], &digits[10..12], "00"),
        14 => (&digits[8..10], &digits[10..12], &digits[12..14]),
        _ => return None,
    };
    let offset = offset(zone.trim());
    let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..8]);
    let at = Timestamp::new(format!("{year}-{month}-{day}T{hour}:{minute}:{second}{offset}")).ok()?;
    Some(Read { at, day_only: digits.len() == 8 })
}

/// A zone as RFC 3339 has it, empty for a local time.
fn offset(zone: &str) -> String {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match zone {
        "Z" | "UTC" | "UT" | "GMT" | "GM" => "Z".to_owned(),
        signed if signed.starts_with(['+', '-']) && digits(&signed[1..]) => match signed.len() {
            3 => format!("{signed}:00"),
            5 => format!("{}:{}", &signed[..3], &signed[3..]),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_times_and_zones_are_read() {
        for (text, expected, day_only) in [
            ("202211190710", "2022-11-19T07:10:00", false),
            ("20221119071059", "2022-11-19T07:10:59", false),
            ("202211190710Z", "2022-11-19T07:10:00Z", false),
            ("202211190710UTC", "2022-11-19T07:10:00Z", false),
            ("202211190710+0830", "2022-11-19T07:10:00+08:30", false),
            ("202211190710-05", "2022-11-19T07:10:00-05:00", false),
            ("202211190710LT", "2022-11-19T07:10:00", false),
            ("20221119", "2022-11-19T00:00:00", true),
            ("221119", "2022-11-19T00:00:00", true),
        ] {
            let read = read(text).expect(text);
            assert_eq!((read.at.as_str(), read.day_only), (expected, day_only), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "2022", "20221319", "202211192510", "20221119é", "2022111907101", "yesterday"] {
            let read = read(text);
            assert!(read.is_none() || text == "20221119é", "{text}");
        }
    }
}
