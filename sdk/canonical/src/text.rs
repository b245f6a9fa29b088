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

    /// The text without outer white space, cut to `MAX` characters where it is longer; none if nothing is left. For free
    /// text alone, where the end matters less than having it: what identifies something is another thing once it is cut.
    ///
    /// Whoever cuts says so: [`Cut::lost`] has both lengths.
    pub fn cut(text: &str) -> Option<Cut<MAX>> {
        let text = text.trim();
        // Fewer bytes than MAX are fewer characters than MAX; counting is only needed for long text.
        let end = if text.len() <= MAX { None } else { text.char_indices().nth(MAX) };
        let (kept, lost) = match end {
            Some((end, _)) => (&text[..end], Some(Lost { characters: text.chars().count(), kept: MAX })),
            None => (text, None),
        };
        (!kept.is_empty()).then(|| Cut { text: Text(kept.to_owned()), lost })
    }

    /// The same text in a field that has room for as much, or for more.
    #[must_use]
    pub fn widened<const MORE: usize>(&self) -> Text<MORE> {
        const { assert!(MORE >= MAX, "the other field has less room") };
        Text(self.0.clone())
    }
}

/// Free text as it fits: whole, or cut.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Cut<const MAX: usize> {
    /// What is kept.
    pub text: Text<MAX>,
    /// What that cost; nothing where all of it is kept.
    pub lost: Option<Lost>,
}

/// How much a text was shortened, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// How long it was.
    pub characters: usize,
    /// How much of it is kept.
    pub kept: usize,
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
    }

    #[test]
    fn text_that_is_cut_says_how_much_of_it_is_gone() {
        let cut = |text: &str| Text::<3>::cut(text).map(|cut| (cut.text.to_string(), cut.lost));
        assert_eq!(cut("  abcdef "), Some(("abc".to_owned(), Some(Lost { characters: 6, kept: 3 }))));
        assert_eq!(cut("äöüß"), Some(("äöü".to_owned(), Some(Lost { characters: 4, kept: 3 }))));
        assert_eq!(cut(" äöü "), Some(("äöü".to_owned(), None)));
        assert_eq!(cut("   "), None);
    }

    #[test]
    fn a_field_with_more_room_takes_the_same_text() {
        assert_eq!(&*Text::<3>::new("äöü").unwrap().widened::<5>(), "äöü");
    }
}
