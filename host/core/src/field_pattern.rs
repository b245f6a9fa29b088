//! Patterns of a document's fields: JSON Pointers (RFC 6901) with `*` for any element of a list or any key.

use std::fmt;

use crate::excerpt::pointer_token;

/// A pattern of fields, such as `/lines/*/itemRef`: the field that it names, with everything inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPattern {
    tokens: Vec<Token>,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// Any element of a list, and any key.
    Any,
    /// This key.
    Key(String),
}

impl FieldPattern {
    /// The whole document. No policy can write it: a kind that is read whole is one without patterns.
    pub const WHOLE: FieldPattern = FieldPattern { tokens: Vec::new() };

    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow the pattern.
    pub fn parse(text: &str) -> Result<FieldPattern, &'static str> {
        let path = text.strip_prefix('/').ok_or("must start with a slash")?;
        let token = |token: &str| match token {
            "" => Err("has an empty step"),
            "*" => Ok(Token::Any),
            token if token.contains('*') => Err("has a `*` inside a step; it stands for a whole one"),
            token if token.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) => {
                Err("has a `~` that is neither `~0` nor `~1`")
            }
            token => Ok(Token::Key(token.replace("~1", "/").replace("~0", "~"))),
        };
        Ok(FieldPattern { tokens: path.split('/').map(token).collect::<Result<_, _>>()? })
    }

    /// Whether every field that the other pattern names is one that this pattern names, or lies inside of one.
    pub fn covers(&self, other: &FieldPattern) -> bool {
        let same = |(own, other): (&Token, &Token)| *own == Token::Any || own == other;
        self.tokens.len() <= other.tokens.len() && self.tokens.iter().zip(&other.tokens).all(same)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }
}

impl fmt::Display for FieldPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Any => f.write_str("/*"),
            Token::Key(key) => write!(f, "/{}", pointer_token(key)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> FieldPattern {
        FieldPattern::parse(text).expect("a pattern")
    }

    #[test]
    fn a_pattern_is_written_as_it_was_read() {
        for text in ["/orderNumber", "/lines/*/itemRef", "/*", "/a~1b/c~0d"] {
            assert_eq!(pattern(text).to_string(), text);
        }
        assert_eq!(pattern("/a~1b").tokens(), [Token::Key("a/b".to_owned())]);
    }

    #[test]
    fn what_could_be_meant_in_two_ways_is_no_pattern() {
        for bad in ["", "orderNumber", "/", "/lines/", "/lines//itemRef", "/line*", "/**", "/a~2", "/a~"] {
            assert!(FieldPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_names_and_all_inside() {
        for (wide, narrow) in [
            ("/lines", "/lines"),
            ("/lines", "/lines/*/itemRef"),
            ("/*", "/lines"),
            ("/lines/*", "/lines/*/itemRef"),
            ("/*/code", "/incoterm/code"),
        ] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} {narrow}");
        }
        for (one, other) in [("/lines/*/itemRef", "/lines"), ("/lines", "/*"), ("/line", "/lines"), ("/a/b", "/a/*")] {
            assert!(!pattern(one).covers(&pattern(other)), "{one} {other}");
        }
        assert!(FieldPattern::WHOLE.covers(&pattern("/lines")) && !pattern("/*").covers(&FieldPattern::WHOLE));
    }
}
