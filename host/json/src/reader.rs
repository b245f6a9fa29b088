//! The strict reader.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::excerpt::{bounded_pointer, excerpt, pointer_token};
use crate::tree::{Gathering, Tree};

/// The deepest nesting that any limit can allow, a little less than where `serde_json` itself gives up.
pub const DEPTH_MAX: u32 = 100;
/// The most values (objects, arrays, strings, numbers, …) in one text: each costs memory far beyond its bytes.
pub const VALUES_MAX: u32 = 500_000;
/// The most digits in one number.
pub const DIGITS_MAX: usize = 64;
/// The largest exponent of ten in one number, either way.
pub const EXPONENT_MAX: u32 = 400;

/// With exact numbers on, `serde_json` hands a number beyond 64 bits over as a map with this key; sent, it is a forgery.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";
/// The same for unparsed JSON.
pub(crate) const RAW_KEY: &str = "$serde_json::private::RawValue";

/// How much JSON is taken, and how much is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Nesting of arrays and objects; at most [`DEPTH_MAX`] whatever is written here.
    pub depth_max: u32,
    /// Findings listed for one payload; the rest is counted.
    pub findings_max: u32,
}

/// Why a text is not taken as JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {detail}")]
pub struct JsonError {
    /// A stable code: `json-syntax`, `json-encoding`, `json-duplicate-key`, `json-too-deep`, `json-too-many-values`,
    /// `json-number`, `json-reserved-key`.
    pub code: &'static str,
    /// Counted from 1; 0 where the text ends before its first byte.
    pub line: usize,
    /// In bytes, counted from 1.
    pub column: usize,
    /// JSON Pointer (RFC 6901) to the innermost value that was being read.
    pub pointer: String,
    /// One sentence without the place.
    pub detail: String,
}

/// Reads one JSON text.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(bytes: &[u8], limits: &JsonLimits) -> Result<Value, JsonError> {
    read(bytes, limits).map(|tree| tree.to_value())
}

/// Reads one JSON text and makes nothing of it.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn check(bytes: &[u8], limits: &JsonLimits) -> Result<(), JsonError> {
    read(bytes, limits).map(drop)
}

/// Reads one JSON text without copying what it says.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(crate) fn read<'t>(bytes: &'t [u8], limits: &JsonLimits) -> Result<Tree<'t>, JsonError> {
    let text = utf8(bytes)?;
    let reading = Reading::new(text, limits);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = AnyValue { reading: &reading, depth: 0 };
    let value = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| reading.into_error(&error))
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, JsonError> {
    let refuse = |at: usize, detail: &str| {
        let before = &bytes[..at];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        JsonError {
            code: "json-encoding",
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: at - line_start + 1,
            pointer: String::new(),
            detail: detail.to_owned(),
        }
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(refuse(0, "the text starts with a byte order mark; send UTF-8 without it"));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let detail = match bytes[at..] {
            // A surrogate written like a character (CESU-8), or one that stands alone.
            [0xED, 0xA0..=0xBF, ..] => {
                "these bytes are half a character, such as half an emoji; send the whole in UTF-8"
            }
            // The first bytes of a character whose last ones are missing. One byte alone is rather of another encoding.
            _ if error.error_len().unwrap_or(bytes.len() - at) > 1 => {
                "a character, such as an emoji, is cut off in its middle; send the whole in UTF-8"
            }
            _ => "this byte is not UTF-8",
        };
        refuse(at, detail)
    })
}

/// What all parts of one reading share.
pub(crate) struct Reading<'a> {
    text: &'a str,
    depth_max: u32,
    values: Cell<u32>,
    failure: RefCell<Failure>,
}

#[derive(Default)]
struct Failure {
    /// What this module refuses, as opposed to what `serde_json` does.
    refused: Option<(&'static str, String)>,
    /// The path to the failure, innermost first: written only while a failure unwinds, so good input pays nothing.
    path: Vec<String>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(text: &'a str, limits: &JsonLimits) -> Self {
        let depth_max = limits.depth_max.min(DEPTH_MAX);
        Reading { text, depth_max, values: Cell::new(0), failure: RefCell::default() }
    }

    fn count_value<E: de::Error>(&self) -> Result<(), E> {
        let values = self.values.get() + 1;
        self.values.set(values);
        if values > VALUES_MAX {
            let detail = format!("more than {VALUES_MAX} values in one text; send it in parts");
            return Err(self.refuse("json-too-many-values", detail));
        }
        Ok(())
    }

    fn refuse<E: de::Error>(&self, code: &'static str, detail: String) -> E {
        self.failure.borrow_mut().refused = Some((code, detail));
        E::custom("refused")
    }

    fn failed_in(&self, token: impl fmt::Display) {
        self.failure.borrow_mut().path.push(pointer_token(&token.to_string()));
    }

    fn into_error(self, error: &serde_json::Error) -> JsonError {
        let failure = self.failure.into_inner();
        let mut pointer = String::new();
        for token in failure.path.iter().rev() {
            pointer.push('/');
            pointer.push_str(token);
        }
        let (code, detail) = failure.refused.unwrap_or_else(|| ("json-syntax", syntax_detail(error)));
        let (line, column) = (error.line(), error.column());
        JsonError { code, line, column, pointer: bounded_pointer(&pointer), detail }
    }
}

/// The parser's own words without their place; they never quote the input.
fn syntax_detail(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    match message.strip_prefix("EOF while parsing ") {
        Some(what) => format!("the text ends in the middle of {what}"),
        // The parser's words for an escape of one surrogate without the other (RFC 8259 §7).
        None if matches!(message, "lone leading surrogate in hex escape" | "unexpected end of hex escape") => {
            "a string holds half a character, such as half an emoji: one \\u escape of a pair without the other; send \
             both, or the character itself"
                .to_owned()
        }
        None => format!("not JSON: {message}"),
    }
}

/// Reads any value. `depth` counts the arrays and objects around it.
#[derive(Clone, Copy)]
pub(crate) struct AnyValue<'a> {
    pub(crate) reading: &'a Reading<'a>,
    pub(crate) depth: u32,
}

impl AnyValue<'_> {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= self.reading.depth_max {
            let detail = format!("nested deeper than {} levels", self.reading.depth_max);
            return Err(self.reading.refuse("json-too-deep", detail));
        }
        Ok(AnyValue { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        self.reading.count_value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree<'de>, A::Error> {
        let element = self.inside()?;
        let mut array = Vec::new();
        loop {
            match elements.next_element_seed(element) {
                Ok(Some(value)) => array.push(value),
                Ok(None) => return Ok(Tree::Array(array)),
                Err(error) => {
                    self.reading.failed_in(array.len());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree<'de>, A::Error> {
        let mut member = None;
        let mut object = Gathering::default();
        while let Some(key) = members.next_key_seed(MemberKey(self.reading))? {
            let key = match key {
                Key::Member(key) => key,
                Key::ThisIsANumber => return number(self.reading, &members.next_value::<String>()?),
            };
            // A number comes as a map too, so only now is it known that this is one level more.
            let member = match member {
                Some(member) => member,
                None => *member.insert(self.inside()?),
            };
            if object.has(&key) {
                let detail = format!("the key {} occurs twice in this object", excerpt(&key));
                self.reading.failed_in(key);
                return Err(self.reading.refuse("json-duplicate-key", detail));
            }
            match members.next_value_seed(member) {
                Ok(value) => object.push(key, value),
                Err(error) => {
                    self.reading.failed_in(key);
                    return Err(error);
                }
            }
        }
        if member.is_none() {
            self.inside::<A::Error>()?;
        }
        Ok(Tree::Object(object.done()))
    }
}

fn number<'t, E: de::Error>(reading: &Reading<'_>, text: &str) -> Result<Tree<'t>, E> {
    match out_of_bounds(text) {
        Some(detail) => Err(reading.refuse("json-number", detail)),
        None => text.parse::<Number>().map(Tree::Number).map_err(E::custom),
    }
}

/// Why a number is not taken, if it is not.
pub(crate) fn out_of_bounds(number: &str) -> Option<String> {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    if digits.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX {
        return Some(format!("a number of more than {DIGITS_MAX} digits"));
    }
    let exponent = exponent.trim_start_matches(['+', '-']).trim_start_matches('0');
    (exponent.len() > 3 || exponent.parse().unwrap_or(0) > EXPONENT_MAX)
        .then(|| format!("a number with an exponent beyond {EXPONENT_MAX}"))
}

pub(crate) fn is_reserved(key: &str) -> bool {
    // Nearly every key is known to be none of them by its first letter.
    key.starts_with('$') && (key == NUMBER_KEY || key == RAW_KEY)
}

enum Key<'t> {
    Member(Cow<'t, str>),
    ThisIsANumber,
}

/// Reads a key and tells the parser's own number key from one that somebody has sent.
struct MemberKey<'a>(&'a Reading<'a>);

impl MemberKey<'_> {
    fn member<'t, E: de::Error>(&self, key: Cow<'t, str>) -> Result<Key<'t>, E> {
        match is_reserved(&key) {
            true => Err(self.0.refuse("json-reserved-key", format!("the key {} is reserved", excerpt(&key)))),
            false => Ok(Key::Member(key)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for MemberKey<'_> {
    type Value = Key<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Key<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for MemberKey<'_> {
    type Value = Key<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Key<'de>, E> {
        // A key that was sent lies inside the text (or, if it had escapes, is not borrowed); the parser's own does not.
        let sent = self.0.text.as_bytes().as_ptr_range().contains(&key.as_ptr());
        match key {
            NUMBER_KEY if !sent => Ok(Key::ThisIsANumber),
            _ => self.member(Cow::Borrowed(key)),
        }
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Key<'de>, E> {
        self.member(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests;
