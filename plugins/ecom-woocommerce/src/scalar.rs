//! A value that the shop writes as text in one place and as a number in another: amounts, ids.

use std::fmt;

use portgate_sdk::canonical::{Decimal, Invalid};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Text or a number, as it was written: a number keeps every digit.
pub(crate) enum Scalar {
    /// What stood between quotation marks.
    Text(String),
    /// What stood without.
    Number(Number),
}

impl Scalar {
    /// The value as text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Scalar::Text(text) => text.trim(),
            Scalar::Number(number) => number.as_str(),
        }
    }

    /// The value as an exact decimal.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is none.
    pub(crate) fn decimal(&self) -> Result<Decimal, Invalid> {
        match self {
            Scalar::Text(text) => Decimal::from_partner(text.trim()),
            Scalar::Number(number) => Decimal::from_json_number(number),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number.into()))
    }

    /// With exact numbers serde_json hands any other number over as a map of its own making, which only it can read.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
        Number::deserialize(MapAccessDeserializer::new(map)).map(Scalar::Number)
    }
}
