//! XML: which of its announcements counts (RFC 7303 §3, XML 1.0 appendix F).

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::charset::{Charset, Why, Wrong};
use crate::text::{Note, Part, Text, UTF_8_MARK, Undecodable, Width};

const UTF_16_LE: Charset = Charset::Other(UTF_16LE);
const UTF_16_BE: Charset = Charset::Other(UTF_16BE);

/// Decodes an XML document. `charset` is that of the `Content-Type`, where there is one.
///
/// A byte order mark counts before it, which counts before the XML declaration; without any of them it is UTF-8. A
/// contradiction that cannot be (a mark or a first `<` in another set than is announced) is a note.
///
/// # Errors
/// An unknown or unsupported set, or the first byte that is no text in the set that counts.
pub fn xml<'i>(bytes: &'i [u8], charset: Option<&str>) -> Result<Text<'i>, Undecodable> {
    let (mark_length, seen) = first_bytes(bytes)?;
    let body = &bytes[mark_length..];
    let announced = charset.map(|name| named(name, "the Content-Type")).transpose()?;
    let declared = declared(body);
    let (charset, by, at, contradicted) = match (seen, announced, declared) {
        (Some(seen), announced, _) => {
            let wrong =
                announced.filter(|announced| *announced != seen && !(seen.is_utf_16() && announced.is_utf_16()));
            let by = if mark_length > 0 { "the byte order mark" } else { "the first character" };
            (seen, by, 0, wrong.map(|announced| ("the Content-Type", announced)))
        }
        (None, Some(announced), _) if announced.is_utf_16() => {
            let detail = format!("the Content-Type says {}, and the first character is not in it", announced.name());
            return Err(Undecodable::behind(String::new(), 0, detail));
        }
        (None, Some(announced), _) => (announced, "the Content-Type", 0, None),
        (None, None, Some((name, at))) => {
            let declared = named(name, "the XML declaration").map_err(|wrong| Undecodable { offset: at, ..wrong })?;
            match declared.is_utf_16() {
                // `<?xml` can be read byte by byte, so this is not UTF-16. Programs that keep their text in UTF-16
                // write this.
                true => (Charset::Utf8, "the bytes", at, Some(("the XML declaration", declared))),
                false => (declared, "the XML declaration", at, None),
            }
        }
        (None, None, None) => (Charset::Utf8, "", 0, None),
    };
    let decoded = charset.decode(body).map_err(|wrong| refused(wrong, body, mark_length, charset, by))?;
    let mut notes = Vec::new();
    if let Some((who, wrong)) = contradicted {
        let detail = format!("{who} says {}; it was read as {}, which {by} shows", wrong.name(), charset.name());
        notes.push(Note::at(&decoded.text, at.min(decoded.text.len()), detail));
    }
    if let Some((name, at)) = self::declared_in(&decoded.text).filter(|_| mark_length > 0 || seen.is_some()) {
        let fits =
            Charset::named(name).is_some_and(|named| named == charset || named.is_utf_16() && charset.is_utf_16());
        if !fits {
            let detail = format!("{by} says {} and the declaration {}; {by} is believed", charset.name(), shown(name));
            notes.push(Note::at(&decoded.text, at, detail));
        }
    }
    if let Some((from, instead)) = decoded.instead {
        let detail = format!("{by} says {}, and the bytes are {instead}; they were read as {instead}", charset.name());
        notes.push(Note::at(&decoded.text, from, detail));
    }
    let parts = vec![Part { text_from: 0, input_from: mark_length, width: decoded.width }];
    Ok(Text { text: decoded.text, notes, parts })
}

/// Decodes an XML document that is UTF-8 by agreement, as that of an interface which names no other set. Who decodes by this
/// alone carries no tables of other sets, which are two thirds of what a small plugin would have in its memory.
///
/// `charset` is that of the `Content-Type`, where there is one. Another set than UTF-8 that is announced, there or in the XML
/// declaration, is a note: bytes that are UTF-8 are no text of another set that anybody would have meant.
///
/// # Errors
/// The first byte that is not UTF-8.
pub fn xml_in_utf_8<'i>(bytes: &'i [u8], charset: Option<&str>) -> Result<Text<'i>, Undecodable> {
    let body = crate::without_mark(bytes);
    let mark_length = bytes.len() - body.len();
    let text = std::str::from_utf8(body).map_err(|wrong| {
        let (before, offset) =
            (String::from_utf8_lossy(&body[..wrong.valid_up_to()]).into_owned(), wrong.valid_up_to());
        let byte = body.get(offset).copied().unwrap_or_default();
        let detail = format!("the byte 0x{byte:02X} is not UTF-8, and no other encoding is read here; send UTF-8");
        Undecodable::behind(before, mark_length + offset, detail)
    })?;
    let announced = charset.map(|name| ("the Content-Type", name, 0));
    let declared = declared_in(text).map(|(name, at)| ("the XML declaration", name, at));
    let other =
        |name: &str| !["utf-8", "utf8", "us-ascii", "ascii"].contains(&name.trim().to_ascii_lowercase().as_str());
    // What is ASCII is the same text in nearly all of them.
    let notes = [announced, declared].into_iter().flatten().filter(|(_, name, _)| !text.is_ascii() && other(name));
    let notes = notes.map(|(who, name, at)| {
        Note::at(text, at, format!("{who} says {}, and the bytes are UTF-8; they were read as UTF-8", shown(name)))
    });
    let parts = vec![Part { text_from: 0, input_from: mark_length, width: Width::Utf8 }];
    Ok(Text { text: text.into(), notes: notes.collect(), parts })
}

/// What a byte order mark or the bytes of the first `<` show, and how long the mark is.
fn first_bytes(bytes: &[u8]) -> Result<(usize, Option<Charset>), Undecodable> {
    let unsupported =
        |name: &str| Err(Undecodable::behind(String::new(), 0, format!("the encoding {name} is not read; send UTF-8")));
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            unsupported("UTF-32")
        }
        [0x4C, 0x6F, 0xA7, 0x94, ..] => unsupported("EBCDIC"),
        _ if bytes.starts_with(UTF_8_MARK) => Ok((UTF_8_MARK.len(), Some(Charset::Utf8))),
        [0xFF, 0xFE, ..] => Ok((2, Some(UTF_16_LE))),
        [0xFE, 0xFF, ..] => Ok((2, Some(UTF_16_BE))),
        [b'<', 0, ..] => Ok((0, Some(UTF_16_LE))),
        [0, b'<', ..] => Ok((0, Some(UTF_16_BE))),
        _ => Ok((0, None)),
    }
}

fn named(name: &str, who: &str) -> Result<Charset, Undecodable> {
    Charset::named(name).ok_or_else(|| {
        let detail = format!("{who} names the encoding {}, which is not read; send UTF-8", shown(name));
        Undecodable::behind(String::new(), 0, detail)
    })
}

fn refused(wrong: Wrong, bytes: &[u8], mark_length: usize, charset: Charset, by: &str) -> Undecodable {
    let Wrong { offset, before, why } = wrong;
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let name = charset.name();
    let detail = match (by, why) {
        ("", _) => {
            format!(
                "the byte 0x{byte:02X} is not {name}; declare ISO-8859-1 in the XML declaration if that is what you send"
            )
        }
        (_, Why::NoCharacter) => {
            format!("the byte 0x{byte:02X} is not {name}, as {by} says; declare the encoding that you send")
        }
        (_, Why::Mixed) => {
            format!(
                "the byte 0x{byte:02X} begins a character in UTF-8, and others are in {name}, as {by} says; send one of them"
            )
        }
        (_, Why::Control) => {
            format!(
                "the byte 0x{byte:02X} is a control character in {name}, as {by} says; declare the encoding that you send"
            )
        }
    };
    Undecodable::behind(before, mark_length + offset, detail)
}

/// A name from the input for a sentence: short, and without characters that would break a log line.
fn shown(name: &str) -> String {
    name.chars().take(40).flat_map(char::escape_default).collect()
}

/// The name in `encoding="…"` of the XML declaration, with its offset. Every set that is not seen by its first bytes
/// writes the declaration in ASCII, so it can be looked at before the set is known.
fn declared(bytes: &[u8]) -> Option<(&str, usize)> {
    let head = &bytes[..bytes.len().min(1024)];
    let end = memchr::memmem::find(head, b"?>")?;
    match std::str::from_utf8(&head[..end]) {
        Ok(head) => declared_in(head),
        // A name with other characters is none that is known.
        Err(_) if head.starts_with(b"<?xml") => Some(("that is not ASCII", 0)),
        Err(_) => None,
    }
}

fn declared_in(text: &str) -> Option<(&str, usize)> {
    let head = text.strip_prefix("<?xml")?;
    let declaration = &text[..text.len() - head.len() + head.find("?>").unwrap_or(head.len())];
    let label = declaration.find("encoding")? + "encoding".len();
    let quote_at = label + declaration[label..].find(['"', '\''])?;
    if declaration[label..quote_at].trim() != "=" {
        return None;
    }
    let name_at = quote_at + 1;
    let length = declaration[name_at..].find(char::from(declaration.as_bytes()[quote_at]))?;
    Some((&declaration[name_at..name_at + length], name_at))
}
