//! One value: held to its length, put behind the separators that lead to it, and released character by character.

use portgate_readers::Anomaly;
use portgate_readers::edi::Separators;

use super::{Output, PARTS_MAX, Place, SEGMENT_BYTES_MAX, Syntax};
use crate::error::shown;
use crate::{Missing, Value};

impl Output {
    pub(super) fn value(&mut self, value: &dyn Value) {
        let text = value.text();
        if let Some(length) = value.length() {
            let characters = match value.is_number() {
                true => text.bytes().filter(u8::is_ascii_digit).count(),
                false => text.chars().count(),
            };
            if !length.contains(&characters) {
                let unit = if value.is_number() { "digits" } else { "characters" };
                let (least, most) = (length.start(), length.end());
                self.fault("edi-length", format!("it has {characters} {unit}, and {least} to {most} are allowed"));
            }
        }
        if text.is_empty() || self.is_full || self.go_on().is_none() {
            return;
        }
        if value.is_number() {
            return self.number(&text);
        }
        for c in text.chars() {
            self.character(c);
        }
        self.measure();
    }

    /// Writes the separators up to the next place.
    pub(super) fn go_on(&mut self) -> Option<()> {
        let open = self.open.as_mut().filter(|open| !open.is_too_long)?;
        let (last, next) = (open.last, open.next);
        if next.element > PARTS_MAX || next.repetition > PARTS_MAX || next.component > PARTS_MAX {
            open.is_too_long = true;
            self.fault("edi-segment-too-long", format!("a segment has at most {PARTS_MAX} elements or components"));
            return None;
        }
        open.last = next;
        let Separators { element, component, repetition, .. } = self.options.separators;
        let last = match last {
            Place { element, .. } if element < next.element => Place { element, repetition: 1, component: 1 },
            Place { element, repetition, .. } if repetition < next.repetition => {
                Place { element, repetition, component: 1 }
            }
            same => same,
        };
        let (elements, repetitions) = (next.element - last.element, next.repetition - last.repetition);
        let components = next.component - last.component;
        let runs = [(Some(element), elements), (repetition, repetitions), (component, components)];
        for (separator, count) in runs {
            let Some(separator) = separator else { continue };
            (0..count).for_each(|_| self.push_byte(separator));
        }
        Some(())
    }

    fn number(&mut self, text: &str) {
        if !is_number(text) {
            return self.fault("edi-number", "it is no number of digits with at most one point between them".into());
        }
        let decimal = char::from(self.options.separators.decimal);
        for c in text.chars() {
            match c {
                '.' if decimal != '.' => self.character(decimal),
                c => self.character(c),
            }
        }
        self.measure();
    }

    fn character(&mut self, c: char) {
        let release = self.options.separators.release;
        if self.separates(c) && release.is_none() {
            let detail = match self.options.syntax {
                Syntax::X12 => "X12 cannot release it: use other separators, or another text",
                Syntax::Edifact => "UNA announces no release character",
            };
            return self.fault("edi-separator-in-value", format!("{} is a separator here, and {detail}", shown(c)));
        }
        if self.options.repertoire.has(c) {
            return self.released(c);
        }
        let set = self.options.repertoire.name();
        let Missing::Replace(with) = self.options.missing else {
            return self.fault("edi-character", format!("{} is no character of {set}", shown(c)));
        };
        let capital = c.to_uppercase().next().filter(|capital| {
            c.to_uppercase().count() == 1 && self.options.repertoire.has(*capital) && !self.separates(*capital)
        });
        let with = capital.unwrap_or(with);
        let detail = format!("{} is no character of {set}; {} was written instead", shown(c), shown(with));
        let location = self.location();
        self.replaced.push(Anomaly { code: "edi-character", location, detail });
        self.released(with);
    }

    /// Writes a character of a value, released where it would cut.
    fn released(&mut self, c: char) {
        if let Some(release) = self.options.separators.release.filter(|_| self.separates(c)) {
            self.push_byte(release);
        }
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// Notices a segment that has become too long.
    fn measure(&mut self) {
        let length = self.text.len();
        let Some(open) = self.open.as_mut().filter(|open| !open.is_too_long) else { return };
        if length - open.start > SEGMENT_BYTES_MAX - 4 {
            open.is_too_long = true;
            let detail = format!("this segment is longer than {SEGMENT_BYTES_MAX} bytes, the most that is read");
            self.fault("edi-segment-too-long", detail);
        }
    }
}

/// Whether it is a number as it is displayed: digits, at most one point between them, a minus sign in front.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(digits),
    }
}
