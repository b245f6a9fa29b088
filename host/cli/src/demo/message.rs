//! What the demo's partners send: messages in their real formats, with numbers that no demo before has used.

use std::time::{SystemTime, UNIX_EPOCH};

use super::credentials::Auth;

pub(super) const JSON: &str = "application/json";
pub(super) const XML: &str = "application/xml";
pub(super) const X12: &str = "application/edi-x12";
pub(super) const EDIFACT: &str = "application/edifact";

/// One message. In its payload `{NUM}` stands for nine digits (`{NUM+1}` for the next ones) and `{RUN}` for six letters or
/// digits of this run.
pub(super) struct Message {
    /// Who sends it, and how that is proven.
    pub(super) from: Auth,
    /// What it is, in a person's words.
    pub(super) what: &'static str,
    /// The contract with its version, as the address has it.
    pub(super) contract: &'static str,
    pub(super) media_type: &'static str,
    /// The payload's name in `data/`.
    pub(super) file: &'static str,
    pub(super) payload: &'static str,
}

/// A message whose payload is this file of `data/`.
macro_rules! message {
    ($from:expr, $what:literal, $contract:literal, $media_type:expr, $file:literal) => {
        $crate::demo::message::Message {
            from: $from,
            what: $what,
            contract: $contract,
            media_type: $media_type,
            file: $file,
            payload: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/data/", $file)),
        }
    };
}
pub(super) use message;

impl Message {
    /// Where it is posted to.
    pub(super) fn path(&self) -> String {
        format!("/v1/messages/{}", self.contract)
    }
}

/// The numbers of one run: what was sent before is still in the journal, under numbers of its own.
#[derive(Clone, Copy)]
pub(super) struct Run(u64);

impl Run {
    /// Numbers of now: tenths of a second, which come again after three years.
    pub(super) fn fresh() -> Run {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Run((since.as_millis() / 100 % 1_000_000_000) as u64)
    }

    /// The payload with the numbers in it.
    pub(super) fn fill(self, payload: &str) -> String {
        let number = |number: u64| format!("{:09}", number % 1_000_000_000);
        payload
            .replace("{NUM}", &number(self.0))
            .replace("{NUM+1}", &number(self.0 + 1))
            .replace("{NUM+2}", &number(self.0 + 2))
            .replace("{RUN}", &self.letters())
    }

    /// The number in six digits to the base of 36.
    fn letters(self) -> String {
        const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let digit = |place: u32| char::from(DIGITS[usize::try_from(self.0 / 36_u64.pow(place) % 36).unwrap_or(0)]);
        (0..6).rev().map(digit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_numbers_in_every_payload() {
        let run = Run(7_000_035);
        assert_eq!(run.fill("<{NUM}|{NUM+1}|{RUN}>"), "<007000035|007000036|04619F>");
    }
}
