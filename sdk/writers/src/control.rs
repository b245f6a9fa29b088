//! Control numbers: what a trailer repeats and an acknowledgement names.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::output::Output;

/// The number of an interchange, a group or a message, as the gateway allots it, or the text that a partner chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlNumber(String);

impl ControlNumber {
    /// The number as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With zeros in front, up to this length, where it is a number.
    pub(crate) fn padded(&self, length: usize) -> String {
        match self.0.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("{:0>length$}", self.0),
            false => self.0.clone(),
        }
    }
}

impl From<u64> for ControlNumber {
    fn from(number: u64) -> Self {
        ControlNumber(number.to_string())
    }
}

impl From<&str> for ControlNumber {
    fn from(text: &str) -> Self {
        ControlNumber(text.to_owned())
    }
}

impl From<String> for ControlNumber {
    fn from(text: String) -> Self {
        ControlNumber(text)
    }
}

/// The control numbers of one level that were written already.
#[derive(Debug, Default)]
pub(crate) struct Numbers(BTreeSet<String>);

impl Numbers {
    /// Takes one more, which must be of that length and another than all before.
    pub(crate) fn take(&mut self, output: &mut Output, number: &str, length: RangeInclusive<usize>, digits: bool) {
        let characters = number.chars().count();
        if !length.contains(&characters) || (digits && !number.bytes().all(|byte| byte.is_ascii_digit())) {
            let unit = if digits { "digits" } else { "characters" };
            let (least, most) = (length.start(), length.end());
            let detail =
                format!("the control number has {characters} characters, and {least} to {most} {unit} are allowed");
            output.fault("edi-control-number", detail);
        } else if !self.0.insert(number.to_owned()) {
            output.fault("edi-control-number", "the control number is that of another before it".to_owned());
        }
    }
}
