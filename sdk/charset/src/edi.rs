//! EDI: each interchange says its character set in `UNB` (ISO 9735-1, data elements 0001 and 0133); X12 says none.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{
    EUC_KR, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8,
    ISO_8859_15, UTF_16BE, UTF_16LE, WINDOWS_1254,
};

use crate::charset::{Charset, Why, Wrong};
use crate::text::{Note, Part, Text, UTF_8_MARK, Undecodable, Width};

const ESCAPE: u8 = 0x1B;

/// The most interchanges in one input: as many as the readers take.
const INTERCHANGES_MAX: usize = 65_536;
/// The most notes on one input; more would say the same.
const NOTES_MAX: usize = 16;

/// What the syntax identifiers of `UNB` stand for. `UNOW` is UTF-8 and `UNOY` is UTF-16 where the bytes are, else UTF-8;
/// `UNOX` is ISO 2022 with the sets of ISO-2022-JP. ISO-8859-9 is a part of Windows-1254.
const IDENTIFIERS: [(&str, Charset); 16] = [
    ("UNOA", Charset::Ascii),
    ("UNOB", Charset::Ascii),
    ("UNOC", Charset::Latin1),
    ("UNOD", Charset::Other(ISO_8859_2)),
    ("UNOE", Charset::Other(ISO_8859_5)),
    ("UNOF", Charset::Other(ISO_8859_7)),
    ("UNOG", Charset::Other(ISO_8859_3)),
    ("UNOH", Charset::Other(ISO_8859_4)),
    ("UNOI", Charset::Other(ISO_8859_6)),
    ("UNOJ", Charset::Other(ISO_8859_8)),
    ("UNOK", Charset::Other(WINDOWS_1254)),
    ("UNOL", Charset::Other(ISO_8859_15)),
    ("UNOW", Charset::Utf8),
    ("UNOX", Charset::Other(ISO_2022_JP)),
    ("UNOY", Charset::Utf8),
    ("KECA", Charset::Other(EUC_KR)),
];

/// Decodes EDIFACT and X12: one interchange, several one after another, or bare segments.
///
/// Every interchange is read by the syntax identifier of its own `UNB`. A byte order mark counts before that, and so do
/// bytes that are plainly UTF-16. Bare segments and X12 announce nothing: they are UTF-8, and X12 that is not is read as
/// ISO-8859-1, the letters of its extended character set.
///
/// # Errors
/// The first byte that is no text in the set that counts, or an unknown set where it matters.
pub fn edi(bytes: &[u8]) -> Result<Text<'_>, Undecodable> {
    if let Some(body) = bytes.strip_prefix(UTF_8_MARK) {
        return whole(body, UTF_8_MARK.len(), Charset::Utf8);
    }
    match bytes {
        [0xFF, 0xFE, body @ ..] => return whole(body, 2, Charset::Other(UTF_16LE)),
        [0xFE, 0xFF, body @ ..] => return whole(body, 2, Charset::Other(UTF_16BE)),
        [first, 0, ..] if first.is_ascii_alphabetic() => return whole(bytes, 0, Charset::Other(UTF_16LE)),
        [0, second, ..] if second.is_ascii_alphabetic() => return whole(bytes, 0, Charset::Other(UTF_16BE)),
        // `UN` and `ISA` in EBCDIC.
        [0xE4, 0xD5, ..] | [0xC9, 0xE2, 0xC1, ..] => {
            let detail = "this is EBCDIC, which is not read; send one of the sets that UNB can announce".to_owned();
            return Err(Undecodable::behind(String::new(), 0, detail));
        }
        _ => {}
    }
    if bytes.is_ascii() && memchr::memchr(ESCAPE, bytes).is_none() {
        let text = String::from_utf8_lossy(bytes);
        return Ok(Text { text, notes: Vec::new(), parts: Vec::new() });
    }
    let interchanges = interchanges(bytes);
    if interchanges.len() > INTERCHANGES_MAX {
        let detail = format!("more than {INTERCHANGES_MAX} interchanges in one input");
        return Err(Undecodable::behind(String::new(), 0, detail));
    }
    let mut whole = Text { text: Cow::Borrowed(""), notes: Vec::new(), parts: Vec::new() };
    for interchange in &interchanges {
        let part = decoded(bytes, interchange, &whole.text)?;
        let text_from = whole.text.len();
        // What goes on in the same way needs no part of its own.
        if whole.parts.last().is_none_or(|last| last.width != part.width || part.width == Width::Varies) {
            whole.parts.push(Part { text_from, input_from: interchange.range.start, width: part.width });
        }
        match whole.text.is_empty() {
            true => whole.text = part.text,
            false => whole.text.to_mut().push_str(&part.text),
        }
        if let Some((from, detail)) = part.note.filter(|_| whole.notes.len() < NOTES_MAX) {
            whole.notes.push(Note::at(&whole.text, text_from + from, detail));
        }
    }
    Ok(whole)
}

/// SUB, the character of ASCII that stands where something could not be read (ISO 646).
pub const SUBSTITUTE: u8 = 0x1A;

/// The most places that are passed over in one input. Each costs another decoding, and more are no slips of a partner.
const GAPS_MAX: usize = 16;

/// The same, past single bytes that are no text: what a sender slips into one message says nothing of the others. In the place
/// of each stands a [`SUBSTITUTE`], which must be taken for nothing that was sent: whoever reads on refuses what is
/// around it. The gaps are in their order, and without the text before them.
///
/// # Errors
/// As for [`edi`], where more than a few bytes are no text, or what is wrong is no single byte.
pub fn edi_past_gaps(bytes: &[u8]) -> Result<(Text<'_>, Vec<Undecodable>), Undecodable> {
    let first = match edi(bytes) {
        Ok(text) => return Ok((text, Vec::new())),
        Err(wrong) => wrong,
    };
    let is_utf_16 = bytes.iter().take(2).any(|byte| matches!(byte, 0 | 0xFE | 0xFF));
    let mut filled = bytes.to_vec();
    let mut gaps = vec![Undecodable { before: String::new(), ..first.clone() }];
    while gaps.len() <= GAPS_MAX && !is_utf_16 {
        let at = gaps.last().map_or(0, |gap| gap.offset);
        let Some(byte) = filled.get_mut(at).filter(|byte| !byte.is_ascii() || **byte == ESCAPE) else { break };
        *byte = SUBSTITUTE;
        match edi(&filled) {
            Ok(Text { text, notes, parts }) => {
                return Ok((Text { text: Cow::Owned(text.into_owned()), notes, parts }, gaps));
            }
            Err(wrong) => gaps.push(Undecodable { before: String::new(), ..wrong }),
        }
    }
    Err(first)
}

/// All of it in one set, whatever `UNB` says.
fn whole(body: &[u8], mark_length: usize, charset: Charset) -> Result<Text<'_>, Undecodable> {
    let shown = if mark_length > 0 { "the byte order mark shows" } else { "the bytes show" };
    let decoded = charset.decode(body).map_err(|Wrong { offset, before, why: _ }| {
        let byte = body.get(offset).copied().unwrap_or_default();
        let detail = format!("the byte 0x{byte:02X} is not {}, which {shown}", charset.name());
        Undecodable::behind(before, mark_length + offset, detail)
    })?;
    let text = decoded.text;
    let mut notes = Vec::new();
    // What is ASCII alone is right under any identifier, so a mark in front of it contradicts nothing.
    let contradicted = announced(text.as_bytes()).filter(|name| {
        let is_free = charset == Charset::Utf8 && text.is_ascii();
        !is_free && !["UNOW", "UNOX", "UNOY"].contains(&name.to_ascii_uppercase().as_str())
    });
    if let Some(name) = contradicted {
        let detail = format!("UNB announces {name}, and {shown} {}; it was read as that", charset.name());
        let from = memchr::memmem::find(text.as_bytes(), b"UNB").unwrap_or_default();
        notes.push(Note::at(&text, from, detail));
    }
    let parts = vec![Part { text_from: 0, input_from: mark_length, width: decoded.width }];
    Ok(Text { text, notes, parts })
}

/// The syntax identifier of the first `UNB` of a text.
fn announced(text: &[u8]) -> Option<String> {
    interchanges(text).into_iter().find_map(|interchange| interchange.identifier).map(name_of)
}

/// One part of the text, and from where on it is not what is announced.
struct Decoding<'i> {
    text: Cow<'i, str>,
    width: Width,
    note: Option<(usize, String)>,
}

fn decoded<'i>(bytes: &'i [u8], interchange: &Interchange<'_>, before: &str) -> Result<Decoding<'i>, Undecodable> {
    let part = &bytes[interchange.range.clone()];
    let refuse = |Wrong { offset, before: inside, why: _ }: Wrong, detail: String| {
        Undecodable::behind(format!("{before}{inside}"), interchange.range.start + offset, detail)
    };
    let byte = |offset: usize| part.get(offset).copied().unwrap_or_default();
    let Some(name) = interchange.identifier.map(name_of) else {
        // Nothing announces a set, so only UTF-8 can be recognised. For X12 its standard names the letters.
        let decoded = Charset::Utf8.decode(part).or_else(|wrong| match interchange.is_x12 {
            true => Charset::Latin1.decode(part),
            false => Err(wrong),
        });
        let decoded = decoded.map_err(|wrong| {
            let name = if interchange.is_x12 { "ISO-8859-1 or Windows-1252" } else { "UTF-8" };
            let detail =
                format!("the byte 0x{:02X} is not {name}, and nothing announces another set", byte(wrong.offset));
            refuse(wrong, detail)
        })?;
        return Ok(Decoding { text: decoded.text, width: decoded.width, note: None });
    };
    let charset = charset(&name, interchange.encoding.map(name_of).as_deref());
    if let Some(at) = memchr::memchr(ESCAPE, part).filter(|_| charset != Some(Charset::Other(ISO_2022_JP))) {
        let inside = String::from_utf8_lossy(&part[..at]).into_owned();
        let detail = format!("an escape sequence begins here, which only UNOX has, and UNB announces {name}");
        return Err(refuse(Wrong { offset: at, before: inside, why: Why::Control }, detail));
    }
    let (charset, known) = (charset.unwrap_or(Charset::Ascii), charset.is_some());
    let decoded = charset.decode(part).map_err(|wrong| {
        let is = match (known, wrong.why) {
            (false, _) => "stands under a character set that is not known here".to_owned(),
            (true, Why::NoCharacter) => format!("is not {}", charset.name()),
            (true, Why::Control) => format!("is a control character in {}", charset.name()),
            (true, Why::Mixed) => format!("begins a character in UTF-8, and others are in {}", charset.name()),
        };
        let detail =
            format!("the byte 0x{:02X} {is}; UNB announces {name}: announce what you send", byte(wrong.offset));
        refuse(wrong, detail)
    })?;
    let set = if known { charset.name() } else { "which is not known here" };
    let note = decoded.instead.map(|(from, instead)| {
        (from, format!("UNB announces {name} ({set}), and the bytes are {instead}; they were read as {instead}"))
    });
    Ok(Decoding { text: decoded.text, width: decoded.width, note })
}

/// The set of a syntax identifier and, from syntax 4 on, a character encoding (data element 0133).
pub(crate) fn charset(identifier: &str, encoding: Option<&str>) -> Option<Charset> {
    match encoding {
        // ASCII in 7 or 8 bits: the identifier says the rest.
        None | Some("" | "1" | "2") => {
            let known = IDENTIFIERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(identifier));
            known.map(|(_, charset)| *charset)
        }
        Some("7") => Some(Charset::Utf8),
        // Code pages of mainframes, and sets whose bytes would have shown themselves.
        Some(_) => None,
    }
}

/// One interchange of the input, or bare segments.
struct Interchange<'b> {
    range: Range<usize>,
    /// The syntax identifier of its `UNB`.
    identifier: Option<&'b [u8]>,
    /// How it is encoded, by code (data element 0133).
    encoding: Option<&'b [u8]>,
    is_x12: bool,
}

/// The four separators that tell where a segment begins and what `UNB` says.
#[derive(Clone, Copy)]
struct Separators {
    component: u8,
    element: u8,
    release: u8,
    terminator: u8,
}

const DEFAULT: Separators = Separators { component: b':', element: b'+', release: b'?', terminator: b'\'' };

/// Cuts the input where a `UNB`, or the `UNA` before it, begins a segment.
fn interchanges(bytes: &[u8]) -> Vec<Interchange<'_>> {
    let start = start_of_segment(bytes, 0);
    let is_x12 = [&b"ISA"[..], b"GS", b"ST"].iter().any(|tag| bytes[start..].starts_with(tag));
    let mut interchanges = Vec::new();
    let mut separators = DEFAULT;
    let mut current = Interchange { range: 0..bytes.len(), identifier: None, encoding: None, is_x12 };
    // An interchange that has no UNB yet: its UNA belongs to it.
    let mut is_open = true;
    for at in memchr::memmem::find_iter(bytes, b"UN") {
        if at != start && !begins_segment(bytes, at, separators) {
            continue;
        }
        let rest = &bytes[at..];
        let begins = match rest {
            [b'U', b'N', b'A', component, element, _, release, _, terminator, ..] => {
                let announced =
                    Separators { component: *component, element: *element, release: *release, terminator: *terminator };
                Some((announced, None))
            }
            [b'U', b'N', b'B', element, ..] if *element == separators.element || *element == DEFAULT.element => {
                let separators = if *element == separators.element { separators } else { DEFAULT };
                Some((separators, Some(syntax(&rest[4..], separators))))
            }
            _ => None,
        };
        let Some((announced, unb)) = begins else { continue };
        separators = announced;
        if !is_open {
            let next = Interchange { range: at..bytes.len(), identifier: None, encoding: None, is_x12 };
            let mut done = std::mem::replace(&mut current, next);
            done.range.end = at;
            interchanges.push(done);
        }
        is_open = unb.is_none();
        if let Some((identifier, encoding)) = unb {
            (current.identifier, current.encoding) = (Some(identifier), encoding);
        }
    }
    interchanges.push(current);
    interchanges
}

/// Components 1 and 4 of `UNB`'s first element.
fn syntax(element: &[u8], separators: Separators) -> (&[u8], Option<&[u8]>) {
    let element = &element[..element.len().min(64)];
    let end = element.iter().position(|byte| [separators.element, separators.terminator].contains(byte));
    let mut components = element[..end.unwrap_or(element.len())].split(|byte| *byte == separators.component);
    (components.next().unwrap_or_default(), components.nth(2))
}

/// A name from the input: without the line ends of wrapped text and what else is no name.
fn name_of(component: &[u8]) -> String {
    component.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect()
}

/// Where the first segment begins.
fn start_of_segment(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|byte| is_between(**byte)).count()
}

/// What may stand between segments.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A)
}

/// Whether a terminator that no release character stands before ends the segment before this place.
fn begins_segment(bytes: &[u8], at: usize, separators: Separators) -> bool {
    let before = &bytes[..at];
    let end = before.iter().rposition(|byte| !is_between(*byte) || *byte == separators.terminator);
    end.is_some_and(|end| {
        let releases = before[..end].iter().rev().take_while(|byte| **byte == separators.release).count();
        before[end] == separators.terminator && releases % 2 == 0
    })
}
