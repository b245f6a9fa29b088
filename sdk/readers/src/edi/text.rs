//! From the bytes of a value to its text: released characters become themselves, line ends that only wrap the text go
//! away, and bytes that are not UTF-8 are ISO-8859-1. Nothing is copied when nothing has to change.

use std::borrow::Cow;

use super::table::Separators;

/// The text of a piece between two separators.
pub(crate) fn decode<'d>(bytes: &'d [u8], separators: &Separators, latin_1: bool) -> Cow<'d, str> {
    let release = separators.release.unwrap_or(b'\r');
    if memchr::memchr3(release, b'\r', b'\n', bytes).is_none() {
        return match std::str::from_utf8(bytes) {
            Ok(text) if !latin_1 || bytes.is_ascii() => Cow::Borrowed(text),
            _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        };
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut released = false;
    for &byte in bytes {
        if separators.wraps(byte) {
            continue;
        }
        if !released && Some(byte) == separators.release {
            released = true;
            continue;
        }
        released = false;
        plain.push(byte);
    }
    match latin_1 {
        true => Cow::Owned(plain.iter().copied().map(char::from).collect()),
        false => Cow::Owned(
            String::from_utf8(plain).unwrap_or_else(|e| e.as_bytes().iter().copied().map(char::from).collect()),
        ),
    }
}

/// The pieces between the unreleased occurrences of one separator; without a separator, one piece.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<'d> {
    rest: Option<&'d [u8]>,
    separator: Option<u8>,
    separators: Separators,
}

impl<'d> Pieces<'d> {
    pub(crate) fn new(bytes: &'d [u8], separator: Option<u8>, separators: &Separators) -> Self {
        Pieces { rest: Some(bytes), separator, separators: *separators }
    }
}

impl<'d> Iterator for Pieces<'d> {
    type Item = &'d [u8];

    fn next(&mut self) -> Option<&'d [u8]> {
        let rest = self.rest?;
        let cut = self.separator.and_then(|separator| match self.separators.release {
            None => memchr::memchr(separator, rest),
            Some(release) => {
                let mut from = 0;
                loop {
                    let at = from + memchr::memchr2(separator, release, &rest[from..])?;
                    if rest[at] == separator {
                        break Some(at);
                    }
                    from = after_released(rest, at, &self.separators)?;
                }
            }
        });
        match cut {
            Some(at) => {
                self.rest = Some(&rest[at + 1..]);
                Some(&rest[..at])
            }
            None => self.rest.take(),
        }
    }
}

/// Where reading goes on behind a release character and the character it releases, which may be on the next line of
/// wrapped text; nothing when the input ends before it.
pub(crate) fn after_released(bytes: &[u8], release_at: usize, separators: &Separators) -> Option<usize> {
    let mut at = release_at + 1;
    while separators.wraps(*bytes.get(at)?) {
        at += 1;
    }
    Some(at + 1)
}
