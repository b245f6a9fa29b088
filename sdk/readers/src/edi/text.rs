//! From a piece of the input to the value that is meant: released characters become themselves, and line ends that only
//! wrap the text go away. Nothing is copied when nothing has to change.

use std::borrow::Cow;

use super::table::Separators;

/// The value that a piece between two separators says.
pub(crate) fn plain<'d>(text: &'d str, separators: &Separators) -> Cow<'d, str> {
    let release = separators.release.unwrap_or(b'\r');
    if memchr::memchr3(release, b'\r', b'\n', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut released = false;
    for c in text.chars() {
        let is = |byte: Option<u8>| byte.is_some_and(|byte| char::from(byte) == c);
        if matches!(c, '\r' | '\n') && !is(Some(separators.terminator)) {
            continue;
        }
        if !released && is(separators.release) {
            released = true;
            continue;
        }
        released = false;
        plain.push(c);
    }
    Cow::Owned(plain)
}

/// The pieces between the unreleased occurrences of one separator; without a separator, one piece.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<'d> {
    rest: Option<&'d str>,
    separator: Option<u8>,
    separators: Separators,
}

impl<'d> Pieces<'d> {
    pub(crate) fn new(text: &'d str, separator: Option<u8>, separators: &Separators) -> Self {
        Pieces { rest: Some(text), separator, separators: *separators }
    }
}

impl<'d> Iterator for Pieces<'d> {
    type Item = &'d str;

    fn next(&mut self) -> Option<&'d str> {
        let text = self.rest?;
        let rest = text.as_bytes();
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
                self.rest = Some(&text[at + 1..]);
                Some(&text[..at])
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
