//! The interchange header, whose bytes announce the separators of everything behind it.

use crate::edi::{Announcement, Fault, Separators, excerpt};

/// The fixed widths of `ISA01` to `ISA15`; `ISA16` is the one character behind them.
const WIDTHS: [usize; 15] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1];

/// Reads the separators off an `ISA`. Elements are found by their separator and only then held against their width, so
/// that an `ISA` whose padding somebody trimmed can be read, and one that is cut short says where.
pub(super) fn announcement(rest: &[u8]) -> Result<Announcement, Fault> {
    let Some(&element) = rest.get(3) else {
        return Err(Fault::new("edi-isa", 0, "the input ends behind the tag ISA"));
    };
    let mut start = 4;
    let mut elements: [&[u8]; 15] = [&[]; 15];
    let mut narrow = Vec::new();
    for (index, width) in WIDTHS.into_iter().enumerate() {
        let number = index + 1;
        // In UTF-8 a character is one byte that does not go on with another.
        let counts = |byte: &&u8| !matches!(**byte, b'\r' | b'\n' | 0x80..=0xBF);
        let Some(length) = memchr::memchr(element, &rest[start..]) else {
            let detail =
                format!("ISA breaks off in ISA{number:02}: it has sixteen elements, the first {index} are here");
            return Err(Fault::new("edi-isa", start, detail));
        };
        let found = &rest[start..start + length];
        let characters = found.iter().filter(counts).count();
        if characters > width {
            let detail = format!(
                "ISA{number:02} is {characters} characters long where the standard says {width}: \
                 is a separator missing in it or an element before it?"
            );
            return Err(Fault::new("edi-isa", start, detail));
        }
        if characters < width && found.contains(&b'~') {
            let detail = format!("ISA breaks off in ISA{number:02}, where a tilde stands: it has sixteen elements");
            return Err(Fault::new("edi-isa", start, detail));
        }
        if characters < width {
            narrow.push(format!("ISA{number:02}"));
        }
        elements[index] = found;
        start += length + 1;
    }

    let Last { component, terminator, differs, end } = last(rest, start)?;
    let version = elements[11];
    let repetition = match elements[10] {
        [byte] if version >= b"00402".as_slice() && !byte.is_ascii_alphanumeric() && *byte != b' ' => Some(*byte),
        _ => None,
    };
    let separators =
        Separators { element, component: Some(component), repetition, release: None, terminator, decimal: b'.' };
    let separators = separators.announced()?;
    let mut anomalies = Vec::new();
    if !narrow.is_empty() {
        let detail = format!("ISA has fixed widths, but {} is narrower than the standard says", narrow.join(", "));
        anomalies.push(("edi-isa-width", detail));
    }
    anomalies.extend(differs.map(|detail| ("edi-isa-terminator", detail)));
    Ok(Announcement { segment_length: end, anomalies, ..Announcement::plain(separators, 0) })
}

/// The end of `ISA`.
struct Last {
    component: u8,
    terminator: u8,
    /// How the terminator that is announced differs from the one that ends the segments.
    differs: Option<String>,
    /// Where `ISA` ends, if not at the terminator that ends the segments.
    end: Option<usize>,
}

/// `ISA16`, the component separator, and the terminator behind it. What ends `ISA` must also end what comes next: where it
/// does not, the segments show what does.
fn last(rest: &[u8], start: usize) -> Result<Last, Fault> {
    let missing = || {
        let detail = "ISA16, the component separator, is missing: the segment ends right behind ISA15";
        Err(Fault::new("edi-isa", start, detail))
    };
    let (component, announced, behind) = match *rest.get(start..).unwrap_or_default() {
        [b'\r' | b'\n', ..] | [_, b'G', b'S', ..] | [] => return missing(),
        [_] => {
            return Err(Fault::new(
                "edi-isa",
                start + 1,
                "the input ends behind ISA16, where the segment terminator stands",
            ));
        }
        // A tilde and a line end can be both separators or a terminator alone: the next line shows which.
        [b'~', b'\r' | b'\n', ref lines @ ..] if is_group_ended_by_tilde(lines) => return missing(),
        [component, b'\r', b'\n', ref behind @ ..] => (component, b'\n', behind),
        [component, terminator, ref behind @ ..] => (component, terminator, behind),
    };
    let last = |terminator, differs| Ok(Last { component, terminator, differs, end: None });
    match announced {
        b' ' | b'\t' => match behind.trim_ascii_start() {
            // Blanks between ISA16 and the terminator: somebody padded the segment.
            [terminator @ (b'~' | b'\'' | b'|' | b'!' | b'^' | 0x1C..=0x1F), ..] => {
                let detail = format!(
                    "ISA is followed by a blank, where its terminator stands, and then by {}, which ends the segments; \
                     the blank was passed over",
                    excerpt(&[*terminator])
                );
                last(*terminator, Some(detail))
            }
            _ if behind.iter().take_while(|byte| byte.is_ascii_whitespace()).any(|byte| *byte == b'\n') => {
                let detail = "ISA is followed by a blank, where its terminator stands, and then by a line end, which ends \
                              the segments; the blank was passed over";
                last(b'\n', Some(detail.to_owned()))
            }
            _ => last(announced, None),
        },
        // A line end, or a line end behind a tilde: the first segment behind it shows which of them ends segments.
        b'\n' | b'\r' if is_group_ended_by_tilde(behind) => {
            let detail = "ISA ends with a line end, but the segments behind it with ~, which is taken as terminator";
            Ok(Last { component, terminator: b'~', differs: Some(detail.to_owned()), end: Some(start + 1) })
        }
        b'~' if is_group_ended_by_line(behind) => {
            let detail = "ISA ends with ~, but the segments behind it with a line end, which is taken as terminator";
            Ok(Last { component, terminator: b'\n', differs: Some(detail.to_owned()), end: None })
        }
        _ => last(announced, None),
    }
}

/// Whether a `GS` comes next and ends with its line, and there is no tilde at all.
fn is_group_ended_by_line(behind: &[u8]) -> bool {
    let next = behind.trim_ascii_start();
    next.starts_with(b"GS") && memchr::memchr(b'~', next).is_none() && memchr::memmem::find(next, b"\nST").is_some()
}

/// Whether a `GS` comes next and ends with a tilde, which it would not if that were the component separator.
fn is_group_ended_by_tilde(lines: &[u8]) -> bool {
    let line = lines.trim_ascii_start().split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    line.starts_with(b"GS") && line.trim_ascii_end().ends_with(b"~")
}
