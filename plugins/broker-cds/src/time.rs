//! Times as CDS writes them: format code 304 of UN/EDIFACT list 2379, `yyyyMMddHHmmss` with a zone that is `Z`, `+01` or
//! `+0100`. Known by its shape, for the format code is sometimes left out.

use portgate_sdk::canonical::Timestamp;

/// The time of a text: 304, the same without seconds (205) or zone (204, 203: local), or RFC 3339. A day alone is none,
/// for an hour would have to be made up.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at(length);
    let seconds = match length {
        14 => &digits[12..],
        12 => "00",
        _ => return Timestamp::new(text).ok(),
    };
    let zone = zone_of(zone)?;
    let [year, month, day] = [&digits[..4], &digits[4..6], &digits[6..8]];
    let [hour, minute] = [&digits[8..10], &digits[10..12]];
    Timestamp::new(format!("{year}-{month}-{day}T{hour}:{minute}:{seconds}{zone}")).ok()
}

/// A zone as RFC 3339 has it. Only digits and colons come behind the sign; whether they are hours is checked by the
/// timestamp.
fn zone_of(zone: &str) -> Option<String> {
    match (zone.as_bytes(), zone) {
        ([] | [b'Z'], _) => Some(zone.to_owned()),
        ([b'+' | b'-', _, _], hours) if hours.is_ascii() => Some(format!("{hours}:00")),
        ([b'+' | b'-', _, _, _, _], whole) if whole.is_ascii() => Some(format!("{}:{}", &whole[..3], &whole[3..])),
        ([b'+' | b'-', _, _, b':', _, _], whole) => Some(whole.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_304_is_read_with_every_zone_that_is_seen() {
        for (text, expected) in [
            ("20260301081500Z", "2026-03-01T08:15:00Z"),
            ("20260601081500+01", "2026-06-01T08:15:00+01:00"),
            ("20260601081500+0100", "2026-06-01T08:15:00+01:00"),
            ("20260601081500+01:00", "2026-06-01T08:15:00+01:00"),
            ("202603010815Z", "2026-03-01T08:15:00Z"),
            ("2026-03-01T08:15:00Z", "2026-03-01T08:15:00Z"),
        ] {
            assert_eq!(read(text).expect(text).as_str(), expected);
        }
    }

    #[test]
    fn a_time_without_a_zone_is_local() {
        assert!(read("20260301081500").expect("a time").is_local());
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "20260301", "20261301081500Z", "Sun Mar 01 00:00:00 UTC 2026", "20260301081500é1", "20260301081500+é"]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
