//! The set of one order on its way: how values are written, and what is wrong with them.

use portgate_sdk::canonical::{Date, Decimal, Reference, Text, Unit};
use portgate_sdk::x12::SetWriter;
use portgate_sdk::{Finding, Pointer};

use crate::units;

/// A set on its way.
pub(super) struct Set<'w> {
    pub(super) out: SetWriter<'w>,
    pub(super) at: Pointer,
    pub(super) findings: &'w mut Vec<Finding>,
    pub(super) item_qualifier: &'w str,
    /// Whether a character of what is said in words was left out.
    pub(super) blanked: bool,
}

impl Set<'_> {
    /// What identifies something, as it is; nothing where it cannot be written so, with a finding that says why.
    pub(super) fn identifier(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
        let characters = text.chars().count();
        if characters > most {
            self.findings.push(Finding::too_long(at, what, characters, most));
            return None;
        }
        if !self.out.can_write(text) {
            let detail = format!("The {what} has a character that X12 cannot write, such as a separator.");
            self.findings.push(Finding::error("CHARACTERS", at, detail));
            return None;
        }
        Some(text.to_owned())
    }

    /// The same of a field that may be left out.
    pub(super) fn given<const MAX: usize>(
        &mut self,
        at: Pointer,
        what: &str,
        text: Option<&Text<MAX>>,
        most: usize,
    ) -> Option<String> {
        text.and_then(|text| self.identifier(at, what, text, most))
    }

    /// The same of a field that a set cannot be without.
    pub(super) fn needed<const MAX: usize>(
        &mut self,
        at: Pointer,
        what: &str,
        text: Option<&Text<MAX>>,
        most: usize,
    ) -> Option<String> {
        if text.is_none() {
            self.wrong("MISSING", at.clone(), format!("The order has no {what}, which the set cannot be without."));
        }
        self.given(at, what, text, most)
    }

    pub(super) fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.findings.push(Finding::error(code, at, detail));
    }

    /// Words in lines of so many characters, broken between words where that can be, with a blank in the place of each character
    /// that cannot be written.
    pub(super) fn words(&mut self, words: &str, most: usize) -> Vec<String> {
        let mut bytes = [0; 4];
        let writable: String = words
            .chars()
            .map(|c| match c.is_whitespace() || self.out.can_write(c.encode_utf8(&mut bytes)) {
                true => c,
                false => {
                    self.blanked = true;
                    ' '
                }
            })
            .collect();
        lines(&writable, most)
    }

    /// A quantity that can be written, and the unit of X12 that means the same.
    pub(super) fn counted(&mut self, at: Pointer, value: Decimal, unit: &Unit) -> Option<(String, &'static str)> {
        let number = value.normalised();
        if number.is_negative() || number.to_string().bytes().filter(u8::is_ascii_digit).count() > 9 {
            let detail = "A quantity that X12 can write is not negative, and has up to 9 digits.";
            self.wrong("QUANTITY", at.key("value"), detail);
            return None;
        }
        let Some(x12) = units::to_x12(unit.as_str()) else {
            let detail = format!("X12 has no unit here for `{unit}`; count the goods in another, such as `C62`.");
            self.wrong("UNIT", at.key("unit"), detail);
            return None;
        };
        Some((number.to_string(), x12))
    }

    /// A weight or volume, rounded to as many digits as there is room for: to the gram, or to a tenth of a litre.
    pub(super) fn measured(&mut self, at: Pointer, value: Decimal, (digits, most): (u32, usize)) -> Option<String> {
        let number = value.round(digits).normalised().to_string();
        if number.bytes().filter(u8::is_ascii_digit).count() > most || value.is_negative() {
            self.wrong("MEASURE", at, format!("X12 has room for a measure of {most} digits that is not negative."));
            return None;
        }
        Some(number)
    }

    /// `N9`: a name with its qualifier; one whose kind X12 does not know is `ZZ`, with its kind in words.
    pub(super) fn reference(&mut self, at: Pointer, Reference { scheme, value, .. }: &Reference) {
        let Some(value) = self.identifier(at.key("value"), "reference", value, 30) else { return };
        match crate::codes::qualifier(scheme) {
            Some(qualifier) => drop(self.out.segment("N9").elements((qualifier, value))),
            None => {
                let Some(scheme) = self.identifier(at.key("scheme"), "kind of the reference", scheme, 45) else {
                    return;
                };
                self.out.segment("N9").elements(("ZZ", value, scheme));
            }
        }
    }

    /// `N9` `ZZ`: something that the set has no field for, with what it is in words.
    pub(super) fn named(&mut self, value: &str, what: &str) {
        self.out.segment("N9").elements(("ZZ", value, what));
    }
}

/// A day as X12 writes it.
pub(super) fn day(date: &Date) -> String {
    date.as_str().replace('-', "")
}

/// Words in lines of at most so many characters, broken between words where that can be; `\n` ends a line.
pub(super) fn lines(words: &str, most: usize) -> Vec<String> {
    let mut all = Vec::new();
    for paragraph in words.split('\n') {
        let mut lines: Vec<String> = Vec::new();
        for word in paragraph.split_whitespace() {
            let letters: Vec<char> = word.chars().collect();
            for piece in letters.chunks(most) {
                let piece: String = piece.iter().collect();
                match lines.last_mut() {
                    Some(line) if line.chars().count() + 1 + piece.chars().count() <= most => {
                        line.push(' ');
                        line.push_str(&piece);
                    }
                    _ => lines.push(piece),
                }
            }
        }
        all.extend(lines);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_into_lines_between_words_and_long_ones_within() {
        assert_eq!(lines("Load on slip\nsheets only", 9), ["Load on", "slip", "sheets", "only"]);
        assert_eq!(lines(&"x".repeat(21), 10).iter().map(String::len).collect::<Vec<_>>(), [10, 10, 1]);
        assert_eq!(lines(" \n ", 9), Vec::<String>::new());
    }
}
