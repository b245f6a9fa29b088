//! Values on their way into and out of the database, and what both engines have to agree on about them.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::sha256::{Sha256, sha256_hex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::JournalError;

/// A value for a statement.
#[derive(Clone, Debug)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    Id(Uuid),
    /// Values that a column is one of (see [`super::Sql::among`]).
    Many(Vec<Param<'a>>),
}

impl Param<'_> {
    /// Numbers that a column is one of.
    pub(crate) fn numbers(numbers: impl IntoIterator<Item = i64>) -> Param<'static> {
        Param::Many(numbers.into_iter().map(Param::Int).collect())
    }

    /// Identifiers that a column is one of.
    pub(crate) fn ids(ids: impl IntoIterator<Item = Uuid>) -> Param<'static> {
        Param::Many(ids.into_iter().map(Param::Id).collect())
    }

    pub(crate) fn time(time: Timestamp) -> Param<'static> {
        Param::Int(time.as_microsecond())
    }

    pub(crate) fn count(count: impl Into<u64>) -> Param<'static> {
        Param::Int(i64::try_from(count.into()).unwrap_or(i64::MAX))
    }

    /// As JSON; nothing where there is none.
    pub(crate) fn list<T: Serialize>(values: &[T]) -> Param<'static> {
        if values.is_empty() { Param::Null } else { Param::json(values) }
    }

    /// As JSON.
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Param<'static> {
        let text = serde_json::to_string(value).expect("lists of strings and findings are JSON");
        Param::Text(Cow::Owned(text))
    }
}

impl<'a> Param<'a> {
    /// Hashes that a column is one of.
    pub(crate) fn hashes(hashes: impl IntoIterator<Item = &'a [u8; 16]>) -> Param<'a> {
        Param::Many(hashes.into_iter().map(|hash| Param::Bytes(hash)).collect())
    }

    /// A text. PostgreSQL has no text with a NUL, so it becomes the replacement character in both engines.
    pub(crate) fn text(text: &'a str) -> Param<'a> {
        match text.contains('\0') {
            true => Param::Text(Cow::Owned(text.replace('\0', "\u{fffd}"))),
            false => Param::Text(Cow::Borrowed(text)),
        }
    }

    pub(crate) fn optional<T>(value: Option<T>, param: impl FnOnce(T) -> Param<'a>) -> Param<'a> {
        value.map_or(Param::Null, param)
    }
}

/// A value from the database.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
}

/// A row; its columns are taken in order.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

type Read<T> = Result<T, JournalError>;

fn unexpected<T>(wanted: &str, found: Option<Value>) -> Read<T> {
    let found = match found {
        None => "nothing",
        Some(Value::Null) => "NULL",
        Some(Value::Int(_)) => "a number",
        Some(Value::Text(_)) => "a text",
        Some(Value::Bytes(_)) => "bytes",
        Some(Value::Id(_)) => "an identifier",
    };
    Err(JournalError::Unreadable(format!("{found} where {wanted} was expected")))
}

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Row {
        Row(values.into_iter())
    }

    pub(crate) fn int(&mut self) -> Read<i64> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(number),
            other => unexpected("a number", other),
        }
    }

    pub(crate) fn count<T: TryFrom<i64>>(&mut self) -> Read<T> {
        let number = self.int()?;
        T::try_from(number).map_err(|_| JournalError::Unreadable(format!("{number} is out of range")))
    }

    pub(crate) fn text(&mut self) -> Read<String> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(text),
            other => unexpected("a text", other),
        }
    }

    pub(crate) fn bytes(&mut self) -> Read<Vec<u8>> {
        match self.0.next() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            other => unexpected("bytes", other),
        }
    }

    pub(crate) fn digest(&mut self) -> Read<[u8; 32]> {
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| JournalError::Unreadable("a digest has not 32 bytes".to_owned()))
    }

    pub(crate) fn hash(&mut self) -> Read<[u8; 16]> {
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| JournalError::Unreadable("a hash has not 16 bytes".to_owned()))
    }

    pub(crate) fn id(&mut self) -> Read<Uuid> {
        match self.0.next() {
            Some(Value::Id(id)) => Ok(id),
            Some(Value::Bytes(bytes)) => Uuid::from_slice(&bytes)
                .map_err(|_| JournalError::Unreadable("an identifier has not 16 bytes".to_owned())),
            other => unexpected("an identifier", other),
        }
    }

    pub(crate) fn time(&mut self) -> Read<Timestamp> {
        let microseconds = self.int()?;
        Timestamp::from_microsecond(microseconds)
            .map_err(|_| JournalError::Unreadable(format!("{microseconds} is no time")))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Read<T> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| JournalError::Unreadable(error.to_string()))
    }

    /// What `read` makes of the next column, unless that is NULL.
    pub(crate) fn optional<T>(&mut self, read: impl FnOnce(&mut Row) -> Read<T>) -> Read<Option<T>> {
        match self.0.as_slice().first() {
            Some(Value::Null) => {
                self.0.next();
                Ok(None)
            }
            _ => read(self).map(Some),
        }
    }
}

/// A new key from the system's source of randomness.
pub(crate) fn random_key() -> Read<[u8; 32]> {
    let mut key = [0; 32];
    let no_randomness = |_| JournalError::Refused("the system gives no random bytes".to_owned());
    aws_lc_rs::rand::fill(&mut key).map_err(no_randomness)?;
    Ok(key)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a key is found by: half a SHA-256 over its scope and itself, so that index entries are short. Each part goes in
/// with its length before it, so that no two scopes run into each other.
pub(crate) fn key_hash(purpose: &str, partner: &str, contract: &str, key: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [purpose, partner, contract, key] {
        hash.text(part);
    }
    hash.digest()[..16].try_into().expect("SHA-256 has more than 16 bytes")
}

/// A lane's name as it is kept: itself, or its digest where it would make an index entry too long.
pub(crate) fn lane_name(lane: &str) -> Cow<'_, str> {
    const BYTES_MAX: usize = 200;
    match lane.len() > BYTES_MAX || lane.contains('\0') {
        true => Cow::Owned(format!("sha256:{}", sha256_hex(lane.as_bytes()))),
        false => Cow::Borrowed(lane),
    }
}

/// A day as a number that is written like it, 20260301.
pub(crate) fn day(date: Date) -> Param<'static> {
    Param::Int(i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()))
}

pub(crate) fn read_day(row: &mut Row) -> Result<Date, JournalError> {
    let number = row.int()?;
    let unreadable = || JournalError::Unreadable(format!("{number} is no day"));
    let part = |number: i64| i8::try_from(number).map_err(|_| unreadable());
    let year = i16::try_from(number / 10_000).map_err(|_| unreadable())?;
    Date::new(year, part(number / 100 % 100)?, part(number % 100)?).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_keys_do_not_run_into_each_other() {
        let hashes = [
            key_hash("idempotency", "ab", "c", "d"),
            key_hash("idempotency", "a", "bc", "d"),
            key_hash("idempotency", "a", "b", "cd"),
            key_hash("business", "ab", "c", "d"),
        ];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn a_row_says_what_it_found_instead() {
        let mut row = Row::new(vec![Value::Text("x".to_owned()), Value::Null]);
        assert_eq!(row.int(), Err(JournalError::Unreadable("a text where a number was expected".to_owned())));
        assert_eq!(row.optional(Row::int), Ok(None));
        assert!(row.int().is_err());
    }
}
