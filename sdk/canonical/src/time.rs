//! Days and instants, as text with a checked shape.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{Invalid, Text, shaped};

shaped! {
    /// A day that there is, `YYYY-MM-DD`.
    Date, "a day such as 2026-03-01",
    r"^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$", 10,
    is_date
}

shaped! {
    /// RFC 3339 with seconds; an offset, or none where the partner gave no zone.
    Instant, "a time such as 2026-03-01T08:15:00Z",
    r"^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$", 35,
    is_instant
}

/// When something happened.
///
/// `value` is RFC 3339. Where the partner gave no zone (EDIFACT format 203), or one that has no offset of its own (X12
/// `LT`) or none that can be told, it has no offset and `localOnly` is true: the time is that of the place where it
/// happened, and nothing is made up. `zone` keeps the letters that the partner wrote. An offset beside `localOnly`, or
/// neither of the two, contradicts itself and is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = only_one_of_offset_and_local_only))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timestamp {
    /// RFC 3339, with an offset unless `localOnly`.
    value: Instant,
    /// Whether the offset is not known.
    #[serde(default, skip_serializing_if = "is_false")]
    local_only: bool,
    /// The zone in the partner's letters, where it wrote some: `ET`, `CET`, `LT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<Text<16>>,
}

impl Timestamp {
    /// A time with seconds, such as `2026-03-01T08:15:00+01:00`; local where the text has no offset. `t` and `z` may be
    /// small letters, as RFC 3339 §5.6 allows, and become capitals.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the text has not this shape, or there is no such day.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let mut text = text.into();
        text.make_ascii_uppercase();
        let value = Instant::new(text)?;
        let local_only = !has_offset(value.as_str());
        Ok(Timestamp { value, local_only, zone: None })
    }

    /// The parts of a time that a partner gave without a zone.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if there is no such day or time.
    pub fn local(year: &str, month: &str, day: &str, hour: &str, minute: &str, second: &str) -> Result<Self, Invalid> {
        Timestamp::new(format!("{year}-{month}-{day}T{hour}:{minute}:{second}"))
    }

    /// The same time with the letters in which the partner wrote its zone.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if they are none, or more than 16.
    pub fn in_zone(self, letters: impl Into<String>) -> Result<Self, Invalid> {
        Ok(Timestamp { zone: Some(Text::new(letters)?), ..self })
    }

    /// The time as RFC 3339, without an offset if it is local.
    pub fn as_str(&self) -> &str {
        self.value.as_str()
    }

    /// The time as the version of a document, for partners who count by when they changed something: as it is written or,
    /// where that is longer than a version may be, without the signs between its digits, which says the same.
    pub fn to_version(&self) -> Text<32> {
        let written = self.as_str();
        let version = Text::new(written).or_else(|_| {
            let (day, clock) = written.split_at(10);
            Text::new(format!("{}{}", day.replace('-', ""), clock.replace(':', "")))
        });
        version.expect("30 characters at most: 8 of the day, 17 of the clock, 5 of the offset")
    }

    /// Seconds since 1970, and nanoseconds, by which times can be put into their order; a local one counts as UTC.
    pub fn instant(&self) -> (i64, u32) {
        let written = self.as_str();
        let part = |range: std::ops::Range<usize>| written.get(range).map_or(0, |digits| i64::from(number(digits)));
        // Days of the civil calendar, from March on, so that a leap day is the last of a year.
        let (year, month) = match part(5..7) {
            month if month > 2 => (part(0..4), month - 3),
            month => (part(0..4) - 1, month + 9),
        };
        let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = year * 365 + leaps + (month * 153 + 2) / 5 + part(8..10) - 719_469;
        let rest = written.get(19..).unwrap_or_default();
        let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let (fraction, zone) = rest.split_at(zone);
        let nanoseconds = fraction.strip_prefix('.').map_or(0, |digits| number(&format!("{digits:0<9}")));
        let offset = zone
            .get(1..6)
            .map_or(0, |offset| i64::from(number(&offset[..2])) * 3_600 + i64::from(number(&offset[3..])) * 60);
        let offset = if zone.starts_with('-') { -offset } else { offset };
        (days * 86_400 + part(11..13) * 3_600 + part(14..16) * 60 + part(17..19) - offset, nanoseconds)
    }

    /// Whether the offset is not known.
    pub fn is_local(&self) -> bool {
        self.local_only
    }

    /// The zone in the partner's letters, where it wrote some.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Parts {
            value: Instant,
            #[serde(default)]
            local_only: bool,
            #[serde(default)]
            zone: Option<Text<16>>,
        }
        let Parts { value, local_only, zone } = Parts::deserialize(deserializer)?;
        match has_offset(value.as_str()) {
            offset if offset != local_only => Ok(Timestamp { value, local_only, zone }),
            _ => Err(D::Error::custom("expected a time with an offset, or one without it and `localOnly`: true")),
        }
    }
}

/// The last check of [`Timestamp`] in the schema's words. The pattern of `value` has settled the rest.
#[cfg(feature = "schema")]
fn only_one_of_offset_and_local_only(schema: &mut schemars::Schema) {
    let value = |pattern: &str| serde_json::json!({ "properties": { "value": { "pattern": pattern } } });
    let local = serde_json::json!({ "properties": { "localOnly": { "const": true } }, "required": ["localOnly"] });
    schema.insert("if".to_owned(), local);
    schema.insert("then".to_owned(), value(r"^.{19}(\.[0-9]+)?$"));
    schema.insert("else".to_owned(), value(r"(Z|[+-][0-9]{2}:[0-9]{2})$"));
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
        && (1..=month_length(number(&text[..4]), number(&text[5..7]))).contains(&number(&text[8..10]))
}

/// Days of a month; none where there is no such month.
fn month_length(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

fn is_instant(text: &str) -> bool {
    if !text.is_ascii() || text.len() < 19 || !is_date(&text[..10]) || text.as_bytes()[10] != b'T' {
        return false;
    }
    let (clock, rest) = text[11..].split_at(8);
    let separated = clock.as_bytes()[2] == b':' && clock.as_bytes()[5] == b':';
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = [&clock[..2], &clock[3..5], &clock[6..]];
    if !separated || !parts.iter().all(|part| digits(part)) {
        return false;
    }
    if number(parts[0]) > 23 || number(parts[1]) > 59 || number(parts[2]) > 60 {
        return false;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&length) {
                return false;
            }
            &fraction[length..]
        }
        None => rest,
    };
    match zone.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', _, _, b':', _, _] => {
            digits(&zone[1..3]) && digits(&zone[4..6]) && number(&zone[1..3]) < 24 && number(&zone[4..6]) < 60
        }
        _ => false,
    }
}

fn has_offset(instant: &str) -> bool {
    instant.ends_with('Z') || instant.get(19..).is_some_and(|rest| rest.contains(['+', '-']))
}

fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_any_length_is_a_version_and_loses_nothing() {
        for (written, version) in [
            ("2026-03-01T08:15:00Z", "2026-03-01T08:15:00Z"),
            ("2026-03-01T08:15:00.123456+01:00", "2026-03-01T08:15:00.123456+01:00"),
            ("2026-03-01T08:15:00.123456789-01:30", "20260301T081500.123456789-0130"),
        ] {
            assert_eq!(&*Timestamp::new(written).unwrap().to_version(), version);
        }
    }

    #[test]
    fn a_time_without_a_zone_is_local_and_nothing_is_made_up() {
        let local = Timestamp::local("2022", "11", "19", "07", "10", "00").unwrap();
        assert_eq!((local.as_str(), local.is_local()), ("2022-11-19T07:10:00", true));
        assert_eq!(serde_json::to_string(&local).unwrap(), r#"{"value":"2022-11-19T07:10:00","localOnly":true}"#);
        assert!(!Timestamp::new("2022-11-19T07:10:00+08:30").unwrap().is_local());
    }

    #[test]
    fn a_time_that_contradicts_itself_is_refused() {
        let read = |json: &str| serde_json::from_str::<Timestamp>(json);
        assert!(read(r#"{"value":"2026-03-01T08:15:00.5","localOnly":true}"#).is_ok());
        assert!(read(r#"{"value":"2026-03-01T08:15:00.5-05:00","localOnly":false}"#).is_ok());
        assert!(read(r#"{"value":"2026-03-01T08:15:00Z","localOnly":true}"#).is_err());
        assert!(read(r#"{"value":"2026-03-01T08:15:00"}"#).is_err());
    }

    #[test]
    fn small_letters_of_rfc_3339_are_taken_and_become_capitals() {
        for text in ["2026-03-01t08:15:00z", "2026-03-01T08:15:00z", "2026-03-01t08:15:00Z"] {
            let time = Timestamp::new(text).unwrap();
            assert_eq!((time.as_str(), time.is_local()), ("2026-03-01T08:15:00Z", false));
        }
        assert_eq!(Timestamp::new("2028-02-29t08:15:00.5+01:00").unwrap().as_str(), "2028-02-29T08:15:00.5+01:00");
    }

    #[test]
    fn the_letters_of_a_zone_stay_beside_the_time() {
        let eastern = Timestamp::new("2026-03-01T08:15:00-05:00").unwrap().in_zone("ET").unwrap();
        let text = r#"{"value":"2026-03-01T08:15:00-05:00","zone":"ET"}"#;
        assert_eq!(serde_json::to_string(&eastern).unwrap(), text);
        assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap(), eastern);
        let local = Timestamp::new("2026-03-01T08:15:00").unwrap().in_zone("LT").unwrap();
        assert_eq!((local.is_local(), local.zone()), (true, Some("LT")));
        assert!(local.in_zone("").is_err());
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-13-01T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00Z",
        ] {
            assert!(Timestamp::new(text).is_err(), "{text}");
        }
    }
}
