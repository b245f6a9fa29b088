//! A JSON object of a token or a key set, read strictly: each member once, each of the type it should have.
//!
//! serde_json lets the last of two equal members win, and two readers that disagree on which one counts are how a
//! checked claim and a used claim come apart. Values stay text until somebody asks for them, so what nobody asks for
//! is checked for syntax only and can mean nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, by name.
pub(super) struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    /// Reads one object and nothing after it. The error says what is wrong, and nothing of the content.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(json).map_err(|_| "is not UTF-8")?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let (members, repeated) = reader.deserialize_map(MembersVisitor).map_err(|_| "is not a JSON object")?;
        reader.end().map_err(|_| "has something after its JSON object")?;
        match repeated {
            true => Err("has a member twice"),
            false => Ok(Members(members)),
        }
    }

    /// The value of a member, as text.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    /// Whether there is such a member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A member that is a string, or absent.
    pub(super) fn string(&self, name: &str) -> Result<Option<String>, NotThatType> {
        self.get(name).map(string).transpose()
    }

    /// A member that is a string or an array of strings, or absent.
    pub(super) fn strings(&self, name: &str) -> Result<Option<Vec<String>>, NotThatType> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.get().starts_with('[') {
            true => serde_json::from_str(value.get()).map(Some).map_err(|_| NotThatType),
            false => string(value).map(|one| Some(vec![one])),
        }
    }

    /// A member that is a date in seconds since 1970 (RFC 7519 §2, NumericDate), or absent. It is any number of JSON, so
    /// it may have a fraction, which is cut off, and an exponent, as some libraries write every number.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, NotThatType> {
        self.get(name).map(|value| whole_seconds(value.get()).ok_or(NotThatType)).transpose()
    }

    /// Whether a member is this text, a list with it, or a number or boolean that is written so.
    pub(super) fn says(&self, name: &str, wanted: &str) -> bool {
        let Some(value) = self.get(name) else {
            return false;
        };
        match self.strings(name) {
            Ok(texts) => texts.is_some_and(|texts| texts.iter().any(|text| text == wanted)),
            Err(NotThatType) => !value.get().starts_with(['[', '{', '"']) && value.get() == wanted,
        }
    }
}

/// The end of the year 9999, after which no date is meant.
const LAST_SECOND: i64 = 253_402_300_799;
/// The largest exponent of ten that a date is written with, either way.
const EXPONENT_MAX: i32 = 20;

/// The whole seconds of a JSON number, worked out digit by digit: a float would round.
fn whole_seconds(number: &str) -> Option<i64> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.parse().ok().filter(|exponent| (-EXPONENT_MAX..=EXPONENT_MAX).contains(exponent))?;
    let before_point = whole.len().saturating_add_signed(isize::try_from(exponent).ok()?);
    let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat(b'0')).take(before_point);
    digits.map(|digit| i64::from(digit - b'0')).try_fold(0, |seconds, digit| {
        let seconds = seconds * 10 + digit;
        (seconds <= LAST_SECOND).then_some(seconds)
    })
}

/// A member has another type than it should.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotThatType;

fn string(value: &RawValue) -> Result<String, NotThatType> {
    serde_json::from_str::<Cow<'_, str>>(value.get()).map(Cow::into_owned).map_err(|_| NotThatType)
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = (BTreeMap<String, &'de RawValue>, bool);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut members, mut repeated) = (BTreeMap::new(), false);
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            repeated |= members.insert(name, value).is_some();
        }
        Ok((members, repeated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> Option<&'static str> {
        Members::read(json.as_bytes()).err()
    }

    #[test]
    fn only_one_whole_object_is_read() {
        assert_eq!(problem(r#" {"a": [1, {"b": null}]} "#), None);
        for json in [
            "",
            "null",
            "[]",
            r#""a""#,
            "1",
            "{",
            r#"{"a":1,}"#,
            "{'a':1}",
            r#"{"a":01}"#,
            "{} {}",
            "{}x",
            "\u{feff}{}",
        ] {
            assert!(problem(json).is_some(), "{json}");
        }
        assert_eq!(Members::read(b"{\"a\":\"\xff\"}").err(), Some("is not UTF-8"));
    }

    #[test]
    fn a_member_that_comes_twice_is_refused_however_it_is_written() {
        assert_eq!(problem(r#"{"alg":"ES256","alg":"none"}"#), Some("has a member twice"));
        assert_eq!(problem(r#"{"alg":"ES256","\u0061lg":"none"}"#), Some("has a member twice"));
    }

    #[test]
    fn a_member_of_another_type_is_refused() {
        let members = Members::read(br#"{"s":"a","n":1,"l":["a","b"],"m":["a",1],"z":null,"o":{}}"#).unwrap();
        assert_eq!(members.string("s"), Ok(Some("a".to_owned())));
        assert_eq!(members.string("absent"), Ok(None));
        assert_eq!(members.strings("s"), Ok(Some(vec!["a".to_owned()])));
        assert_eq!(members.strings("l"), Ok(Some(vec!["a".to_owned(), "b".to_owned()])));
        for name in ["n", "l", "z", "o"] {
            assert_eq!(members.string(name), Err(NotThatType), "{name}");
        }
        for name in ["n", "m", "z", "o"] {
            assert_eq!(members.strings(name), Err(NotThatType), "{name}");
        }
    }

    #[test]
    fn a_member_says_a_text_alone_or_in_a_list_or_as_it_is_written() {
        let members = Members::read(br#"{"s":"a","l":["x","a"],"b":true,"n":1,"m":["a",1],"o":{},"z":null}"#).unwrap();
        for (name, wanted) in [("s", "a"), ("l", "a"), ("b", "true"), ("n", "1"), ("z", "null")] {
            assert!(members.says(name, wanted), "{name}");
        }
        for (name, wanted) in
            [("s", "\"a\""), ("l", "[\"x\",\"a\"]"), ("m", "a"), ("o", "{}"), ("absent", "a"), ("absent", "")]
        {
            assert!(!members.says(name, wanted), "{name}");
        }
    }

    #[test]
    fn a_date_is_a_sane_number_of_seconds() {
        let date = |json: &str| Members::read(format!(r#"{{"exp":{json}}}"#).as_bytes()).unwrap().seconds("exp");
        assert_eq!(date("1700000000"), Ok(Some(1_700_000_000)));
        assert_eq!(date("1700000000.987"), Ok(Some(1_700_000_000)));
        for written in ["1.7e9", "1.7E+9", "1700000000e0", "17000000009e-1", "1.7000000009999e9", "0.0017e12"] {
            assert_eq!(date(written), Ok(Some(1_700_000_000)), "{written}");
        }
        for (written, seconds) in [("0", 0), ("0.9", 0), ("9e-1", 0), ("12e-20", 0), ("0e20", 0)] {
            assert_eq!(date(written), Ok(Some(seconds)), "{written}");
        }
        for json in [
            "-1",
            "-1e9",
            "1e12",
            "1e999999999",
            "0e21",
            "1e-21",
            "1e99999999999999999999",
            "\"1700000000\"",
            "\"1.7e9\"",
            "null",
            "99999999999999",
            "9223372036854775808",
            "true",
            "[1]",
        ] {
            assert_eq!(date(json), Err(NotThatType), "{json}");
        }
        let magic = r#"{"$serde_json::private::Number":"1700000000"}"#;
        assert_eq!(date(magic), Err(NotThatType));
    }
}
