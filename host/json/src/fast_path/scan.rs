//! The tokens of a JSON text, found without making anything of them. A text that is no JSON gives nothing, not even a
//! reason: whoever needs the reason reads the text with [`crate::parse`], whose parser takes exactly the same.

use std::borrow::Cow;

use crate::reader::{DIGITS_MAX, out_of_bounds};

/// A value without parts.
#[derive(Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    /// As the text has it, within the bounds of numbers.
    Number(&'t str),
    String(Cow<'t, str>),
}

/// A text, and how far it was read.
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

/// One byte in each byte of a word.
const EACH: u64 = u64::from_le_bytes([1; 8]);
const HIGHEST_BITS: u64 = EACH << 7;

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The next byte that is no white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Moves behind the next byte that is no white space, if it is this one.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Option<()> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        found.then_some(())
    }

    /// Whether only white space is left.
    pub(super) fn ended(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Where the next token begins.
    pub(super) fn place(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// The text from a place on, as far as it was read.
    pub(super) fn since(&self, place: usize) -> Option<&'t str> {
        self.text.get(place..self.at)
    }

    /// The next token, which begins with what was peeked and is to be a value without parts.
    #[inline]
    pub(super) fn scalar(&mut self, peeked: u8) -> Option<Scalar<'t>> {
        match peeked {
            b'"' => self.quoted().map(Scalar::String),
            b'n' => self.word("null").map(|()| Scalar::Null),
            b't' => self.word("true").map(|()| Scalar::Bool(true)),
            b'f' => self.word("false").map(|()| Scalar::Bool(false)),
            _ => self.number().map(Scalar::Number),
        }
    }

    /// The next token, which is to be a string. It is copied only where it was escaped.
    #[inline]
    pub(super) fn string(&mut self) -> Option<Cow<'t, str>> {
        if self.peek()? == b'"' { self.quoted() } else { None }
    }

    /// The string whose first quote is here.
    #[inline]
    fn quoted(&mut self) -> Option<Cow<'t, str>> {
        self.at += 1;
        let start = self.at;
        loop {
            self.skip_plain();
            match self.byte()? {
                b'"' => break,
                b'\\' => return self.escaped(start),
                // Control characters have to be escaped.
                ..0x20 => return None,
                _ => self.at += 1,
            }
        }
        let string = self.since(start)?;
        self.at += 1;
        Some(Cow::Borrowed(string))
    }

    /// The rest of a string that has an escape at `self.at`.
    #[cold]
    fn escaped(&mut self, start: usize) -> Option<Cow<'t, str>> {
        loop {
            match self.byte()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let quoted = self.text.get(start - 1..self.at)?;
        serde_json::from_str(quoted).ok().map(Cow::Owned)
    }

    /// Moves on eight bytes at a time, as long as there is no quote, backslash or control character among them.
    #[inline]
    fn skip_plain(&mut self) {
        while let Some(bytes) = self.text.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*bytes);
            let zero = |word: u64| word.wrapping_sub(EACH) & !word;
            let control = word.wrapping_sub(EACH * 0x20) & !word;
            let special = zero(word ^ (EACH * u64::from(b'"'))) | zero(word ^ (EACH * u64::from(b'\\'))) | control;
            // A borrow can only mark bytes behind one that is special, so the first mark is right.
            match special & HIGHEST_BITS {
                0 => self.at += 8,
                marks => {
                    self.at += (marks.trailing_zeros() / 8) as usize;
                    return;
                }
            }
        }
    }

    fn number(&mut self) -> Option<&'t str> {
        let start = self.at;
        self.skip(b'-');
        let whole = self.at;
        match self.digits()? {
            1 => {}
            // No other number begins with a zero.
            _ if self.text.as_bytes().get(whole) == Some(&b'0') => return None,
            _ => {}
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        let exponent = self.skip(b'e') || self.skip(b'E');
        if exponent {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        let number = self.since(start)?;
        (!exponent && number.len() <= DIGITS_MAX || out_of_bounds(number).is_none()).then_some(number)
    }

    /// How many digits there are, which is at least one.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Some(self.at - start).filter(|count| *count > 0)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.text.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
