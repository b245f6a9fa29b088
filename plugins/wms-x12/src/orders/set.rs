//! The set of one order on its way: how values are written, and what is wrong with them.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Date, Decimal, Reference, Text, Unit};
use portgate_sdk::x12::Pen;

use crate::units;

/// A set on its way.
pub(super) struct Set<'p, 'w> {
    pub(super) pen: &'p mut Pen<'w>,
}

impl Set<'_, '_> {
    /// What identifies something, as it is, of a field that may be left out.
    pub(super) fn given<const MAX: usize>(
        &mut self,
        at: Pointer,
        what: &str,
        text: Option<&Text<MAX>>,
        most: usize,
    ) -> Option<String> {
        text.and_then(|text| self.pen.id(at, what, text, most))
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
            self.pen.wrong("MISSING", at.clone(), format!("The order has no {what}, which the set cannot be without."));
        }
        self.given(at, what, text, most)
    }

    /// A quantity that can be written, and the unit of X12 that means the same.
    pub(super) fn counted(&mut self, at: Pointer, value: Decimal, unit: &Unit) -> Option<(String, &'static str)> {
        let number = value.normalised();
        if number.is_negative() || number.to_string().bytes().filter(u8::is_ascii_digit).count() > 9 {
            let detail = "A quantity that X12 can write is not negative, and has up to 9 digits.";
            self.pen.wrong("QUANTITY", at.key("value"), detail);
            return None;
        }
        let Some(x12) = units::to_x12(unit.as_str()) else {
            let detail = format!("X12 has no unit here for `{unit}`; count the goods in another, such as `C62`.");
            self.pen.wrong("UNIT", at.key("unit"), detail);
            return None;
        };
        Some((number.to_string(), x12))
    }

    /// A weight or volume, rounded to as many digits as there is room for: to the gram, or to a tenth of a litre.
    pub(super) fn measured(&mut self, at: Pointer, value: Decimal, (digits, most): (u32, usize)) -> Option<String> {
        let number = value.round(digits).normalised().to_string();
        if number.bytes().filter(u8::is_ascii_digit).count() > most || value.is_negative() {
            self.pen.wrong("MEASURE", at, format!("X12 has room for a measure of {most} digits that is not negative."));
            return None;
        }
        Some(number)
    }

    /// `N9`: a name with its qualifier; one whose kind X12 does not know is `ZZ`, with its kind in words.
    pub(super) fn reference(&mut self, at: Pointer, Reference { scheme, value, .. }: &Reference) {
        let Some(value) = self.pen.id(at.key("value"), "reference", value, 30) else { return };
        match crate::codes::qualifier(scheme) {
            Some(qualifier) => drop(self.pen.out.segment("N9").elements((qualifier, value))),
            None => {
                let Some(scheme) = self.pen.id(at.key("scheme"), "kind of the reference", scheme, 45) else {
                    return;
                };
                self.pen.out.segment("N9").elements(("ZZ", value, scheme));
            }
        }
    }

    /// `N9` `ZZ`: something that the set has no field for, with what it is in words.
    pub(super) fn named(&mut self, value: &str, what: &str) {
        self.pen.out.segment("N9").elements(("ZZ", value, what));
    }
}

/// A day as X12 writes it.
pub(super) fn day(date: &Date) -> String {
    date.as_str().replace('-', "")
}
