//! What a value without parts may be, as far as that is told without a schema validator.

use regex_automata::Input;
use regex_automata::dfa::Automaton;
use regex_automata::dfa::dense::DFA;

use super::scan::Scalar;

/// The values that are certainly right. By default none is.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    /// Null is.
    pub(crate) null: bool,
    /// `true` and `false` are right.
    pub(crate) boolean: bool,
    /// Numbers that keep this rule are right.
    pub(crate) number: Option<NumberRule>,
    /// Strings that keep this rule are right.
    pub(crate) string: Option<StringRule>,
}

/// What a number keeps.
#[derive(Debug)]
pub(crate) struct NumberRule {
    /// Whether it has to be whole.
    pub(crate) whole: bool,
    /// The least and the largest that will do.
    pub(crate) least: Option<i128>,
    pub(crate) most: Option<i128>,
}

/// What a string keeps.
#[derive(Debug)]
pub(crate) struct StringRule {
    /// How many characters (Unicode code points) at least and at most.
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// The only ones that will do, where there are some.
    pub(crate) one_of: Option<Box<[Box<str>]>>,
    /// What it matches.
    pub(crate) pattern: Option<Box<DFA<Vec<u32>>>>,
}

impl Rule {
    /// Whether this is certainly right. A no says nothing.
    #[inline]
    pub(super) fn takes(&self, scalar: &Scalar<'_>) -> bool {
        match scalar {
            Scalar::Null => self.null,
            Scalar::Bool(_) => self.boolean,
            Scalar::Number(digits) => self.number.as_ref().is_some_and(|rule| rule.takes(digits)),
            Scalar::String(text) => self.string.as_ref().is_some_and(|rule| rule.takes(text)),
        }
    }
}

impl NumberRule {
    /// Only of decimals without an exponent something is certain; those below zero have to be whole.
    fn takes(&self, digits: &str) -> bool {
        let (whole, fraction) = digits.split_once('.').map_or((digits, false), |(whole, _)| (whole, true));
        let Ok(number) = whole.parse::<i128>() else { return false };
        if digits.contains(['e', 'E']) || fraction && (self.whole || whole.starts_with('-')) {
            return false;
        }
        let above = if fraction { number + 1 } else { number };
        self.least.is_none_or(|least| number >= least) && self.most.is_none_or(|most| above <= most)
    }
}

impl StringRule {
    fn takes(&self, text: &str) -> bool {
        // A character takes a byte or more.
        let long_enough = self.least <= 1 && text.len() >= self.least || text.chars().count() >= self.least;
        let short_enough = text.len() <= self.most || text.chars().count() <= self.most;
        let known = self.one_of.as_ref().is_none_or(|known| known.iter().any(|one| **one == *text));
        let matches = |pattern: &DFA<Vec<u32>>| {
            pattern.try_search_fwd(&Input::new(text).earliest(true)).is_ok_and(|found| found.is_some())
        };
        long_enough && short_enough && known && self.pattern.as_deref().is_none_or(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_certain_only_where_its_digits_say_so() {
        let rule = |whole, least, most| NumberRule { whole, least, most };
        let zero_to_ten = rule(false, Some(0), Some(10));
        let certain = ["0", "-0", "10", "9.99", "0.0"];
        let not_certain = ["-1", "11", "10.0", "-0.5", "1e1", "0.1e2"];
        assert_eq!(certain.map(|digits| zero_to_ten.takes(digits)), [true; 5]);
        assert_eq!(not_certain.map(|digits| zero_to_ten.takes(digits)), [false; 6]);
        assert!(!rule(true, None, None).takes("1.0"));
        assert!(rule(true, None, None).takes("-18446744073709551616"));
        assert!(!rule(true, None, None).takes(&"9".repeat(64)));
    }

    #[test]
    fn the_length_of_a_string_is_counted_in_characters() {
        let rule = StringRule { least: 2, most: 3, one_of: None, pattern: None };
        let long_enough = ["", "a", "\u{1f4e6}", "ab", "\u{1f4e6}\u{1f4e6}\u{1f4e6}", "abcd"];
        assert_eq!(long_enough.map(|text| rule.takes(text)), [false, false, false, true, true, false]);
        let not_empty = StringRule { least: 1, most: usize::MAX, one_of: None, pattern: None };
        assert_eq!(["", "a"].map(|text| not_empty.takes(text)), [false, true]);
    }

    #[test]
    fn the_rule_that_nobody_wrote_takes_nothing() {
        let scalars = [Scalar::Null, Scalar::Bool(true), Scalar::Number("0"), Scalar::String("".into())];
        assert_eq!(scalars.map(|scalar| Rule::default().takes(&scalar)), [false; 4]);
    }
}
