//! JSON Pointers (RFC 6901) for the places that findings name.

use std::fmt;

/// A place in a JSON document, built step by step: `Pointer::root().key("lines").index(2).key("sku")` is
/// `/lines/2/sku`. Keys are escaped as RFC 6901 §3 asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub fn root() -> Self {
        Pointer::default()
    }

    /// One step down to a member of an object.
    pub fn key(&self, key: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + key.len());
        text.push_str(&self.0);
        text.push('/');
        for character in key.chars() {
            match character {
                '~' => text.push_str("~0"),
                '/' => text.push_str("~1"),
                other => text.push(other),
            }
        }
        Pointer(text)
    }

    /// One step down to an element of an array, counted from 0.
    pub fn index(&self, index: usize) -> Self {
        Pointer(format!("{}/{index}", self.0))
    }

    /// The pointer as text; empty for the whole document.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_joined_and_keys_escaped() {
        let pointer = Pointer::root().key("lines").index(2).key("a/b~c");
        assert_eq!(pointer.as_str(), "/lines/2/a~1b~0c");
        assert_eq!(Pointer::root().as_str(), "");
    }
}
