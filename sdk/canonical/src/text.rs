//! Bounded text, and how the checked strings of this crate are made.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

/// Why a value was not accepted. Says what was expected, never the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What would be accepted.
    pub expected: String,
}

impl Invalid {
    pub(crate) fn new(expected: impl Into<String>) -> Self {
        Invalid { expected: expected.into() }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for Invalid {}

/// Text of 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// The text, if it is neither empty nor too long.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the bounds.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        // Fewer bytes than MAX are fewer characters than MAX; counting is only needed for long text.
        let fits = text.len() <= MAX || text.chars().count() <= MAX;
        match !text.is_empty() && fits {
            true => Ok(Text(text)),
            false => Err(Invalid::new(format!("1 to {MAX} characters"))),
        }
    }

    /// The text without outer white space, cut to `MAX` characters; none if nothing is left. For free text, where the
    /// end matters less than having it.
    pub fn cut(text: &str) -> Option<Self> {
        let text = text.trim();
        let kept: String = if text.len() <= MAX { text.to_owned() } else { text.chars().take(MAX).collect() };
        (!kept.is_empty()).then_some(Text(kept))
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl<const MAX: usize> schemars::JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }
}

/// A string with a shape: the check in Rust and the pattern of the schema stand side by side, and a test holds them
/// together.
macro_rules! shaped {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $pattern:literal, $max:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The value, if it has the shape.
            ///
            /// # Errors
            ///
            /// [`Invalid`](crate::Invalid) with the shape.
            pub fn new(text: impl Into<String>) -> Result<Self, crate::Invalid> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                match text.len() <= $max && check(&text) {
                    true => Ok($name(text)),
                    false => Err(crate::Invalid::new($expected)),
                }
            }

            /// The value as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                $name::new(text).map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "maxLength": $max, "pattern": $pattern })
            }
        }
    };
}
pub(crate) use shaped;

/// Whether every byte of a text passes.
pub(crate) fn all(text: &str, byte: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_in_characters_not_bytes() {
        assert!(Text::<3>::new("äöü").is_ok());
        assert!(Text::<3>::new("abcd").is_err());
        assert!(Text::<3>::new("").is_err());
        assert_eq!(&*Text::<3>::cut("  abcdef ").unwrap(), "abc");
        assert!(Text::<3>::cut("   ").is_none());
    }
}
