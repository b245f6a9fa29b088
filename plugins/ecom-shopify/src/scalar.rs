//! A value that the shop writes as a string on one day and as a number on another: prices, weights, commodity codes.

use std::fmt;

use portgate_sdk::canonical::{Decimal, Invalid};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// A string or a number, as it was written: a number keeps every digit (only its exponent is written in one way).
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
            Scalar::Text(text) => text,
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
            Scalar::Text(text) => Decimal::from_partner(text),
            Scalar::Number(number) => Decimal::from_json_number(number),
        }
    }
}

/// The number of a thing of this kind, which the shop writes alone or at the end of a global id:
/// `gid://shopify/FulfillmentOrder/1`. None where the id is that of another kind.
pub(crate) fn gid(id: &Scalar, kind: &str) -> Option<u64> {
    number_of(id.as_str(), kind)
}

/// The same of a text.
pub(crate) fn number_of(id: &str, kind: &str) -> Option<u64> {
    let id = id.trim();
    let Some((of, number)) = id.strip_prefix("gid://shopify/").and_then(|rest| rest.split_once('/')) else {
        return id.parse().ok();
    };
    number.split('?').next().filter(|_| of == kind)?.parse().ok()
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
        f.write_str("a string or a number")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_are_read_to_the_digit() {
        for (json, text, decimal) in
            [("\"10.50\"", "10.50", "10.50"), ("10.50", "10.50", "10.50"), ("1.5e+2", "1.5e+2", "150"), ("7", "7", "7")]
        {
            let scalar: Scalar = serde_json::from_str(json).unwrap();
            assert_eq!((scalar.as_str(), scalar.decimal().unwrap().to_string().as_str()), (text, decimal), "{json}");
        }
    }

    #[test]
    fn a_thing_has_one_number_however_the_shop_writes_it() {
        let number = |json: &str| gid(&serde_json::from_str(json).unwrap(), "Order");
        assert_eq!([number("7"), number("\"7\""), number("\"gid://shopify/Order/7\"")], [Some(7); 3]);
        assert_eq!(number("\"gid://shopify/Order/7?key=1\""), Some(7));
        assert_eq!(number("\"gid://shopify/DraftOrder/7\""), None, "a thing of another kind");
        assert_eq!([number("\"\""), number("\"seven\""), number("-7"), number("7.5")], [None; 4]);
    }

    #[test]
    fn anything_else_is_refused_without_a_panic() {
        for json in ["true", "[1]", "{}", "{\"a\": 1}"] {
            assert!(serde_json::from_str::<Scalar>(json).is_err(), "{json}");
        }
    }
}
