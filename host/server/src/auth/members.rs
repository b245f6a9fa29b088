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

    /// A member that is a date in seconds since 1970 (RFC 7519 §2, NumericDate), or absent. A fraction is cut off; an
    /// exponent is refused, because nobody writes dates so and it can say anything.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<i64>, NotThatType> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let (whole, fraction) = value.get().split_once('.').unwrap_or((value.get(), ""));
        let seconds: i64 = whole.parse().map_err(|_| NotThatType)?;
        let sane = (0..=LAST_SECOND).contains(&seconds) && fraction.bytes().all(|byte| byte.is_ascii_digit());
        if sane { Ok(Some(seconds)) } else { Err(NotThatType) }
    }
}

/// The end of the year 9999, after which no date is meant.
const LAST_SECOND: i64 = 253_402_300_799;

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
    fn a_date_is_a_sane_number_of_seconds() {
        let date = |json: &str| Members::read(format!(r#"{{"exp":{json}}}"#).as_bytes()).unwrap().seconds("exp");
        assert_eq!(date("1700000000"), Ok(Some(1_700_000_000)));
        assert_eq!(date("1700000000.987"), Ok(Some(1_700_000_000)));
        for json in
            ["-1", "1e9", "1.5e9", "\"1700000000\"", "null", "99999999999999", "9223372036854775808", "true", "[1]"]
        {
            assert_eq!(date(json), Err(NotThatType), "{json}");
        }
        let magic = r#"{"$serde_json::private::Number":"1700000000"}"#;
        assert_eq!(date(magic), Err(NotThatType));
    }
}
