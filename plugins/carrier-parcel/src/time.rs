//! Times as the providers hand them on from carriers: RFC 3339, with a zone or without, and days without a time of day.

use portgate_sdk::canonical::Timestamp;

/// A time, and whether it is only a day.
pub(crate) struct Read {
    pub(crate) time: Timestamp,
    pub(crate) is_day: bool,
}

/// The time that a text says; none where it says none. A day is its first moment, in the time of the place. A blank instead of
/// the `T`, a time without seconds, and an offset without a colon or without minutes are read as what they are meant for.
pub(crate) fn read(text: &str) -> Option<Read> {
    let text = text.trim();
    if !text.is_ascii() || text.len() < 10 || text.len() > 40 {
        return None;
    }
    let (day, rest) = text.split_at(10);
    let clock = match rest.as_bytes() {
        [] => return Some(Read { time: Timestamp::new(format!("{day}T00:00:00")).ok()?, is_day: true }),
        [b'T' | b't' | b' ', ..] => &rest[1..],
        _ => return None,
    };
    let zone_at = clock.find(['Z', 'z', '+', '-', ' ']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let clock = match clock.split_once('.') {
        Some((clock, fraction)) => format!("{clock}.{}", &fraction[..fraction.len().min(9)]),
        None if clock.len() == 5 => format!("{clock}:00"),
        None => clock.to_owned(),
    };
    let zone = match zone.trim() {
        "UTC" | "GMT" => "Z".to_owned(),
        zone if zone.len() == 3 => format!("{zone}:00"),
        zone if zone.len() == 5 => format!("{}:{}", &zone[..3], &zone[3..]),
        zone => zone.to_owned(),
    };
    Some(Read { time: Timestamp::new(format!("{day}T{clock}{zone}")).ok()?, is_day: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_carriers_write_them_and_no_zone_is_made_up() {
        for (written, value) in [
            ("2025-02-06T19:48:26Z", "2025-02-06T19:48:26Z"),
            ("2025-02-06T19:48:26.1234567891Z", "2025-02-06T19:48:26.123456789Z"),
            ("2018-07-29T16:44:42.586", "2018-07-29T16:44:42.586"),
            ("2025-02-06T19:48:26-0800", "2025-02-06T19:48:26-08:00"),
            ("2025-02-06T19:48-08", "2025-02-06T19:48:00-08:00"),
            ("2025-02-06 19:48:26 UTC", "2025-02-06T19:48:26Z"),
            ("2025-02-06t19:48:26+00:00", "2025-02-06T19:48:26+00:00"),
            ("2025-02-06", "2025-02-06T00:00:00"),
        ] {
            let read = read(written).expect(written);
            assert_eq!((read.time.as_str(), read.is_day), (value, written.len() == 10), "{written}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "soon", "2025-02-30", "2025-02-06T25:00:00Z", "2025-02-06X10:00:00", "2025-02-06T", "06/02/2025 10:00"]
        {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read(&"2025-02-06T10:00:00Ä".repeat(3)).is_none());
    }
}
