//! The interchange header, whose bytes announce the separators of everything behind it.

use crate::edi::{Announcement, Fault, Separators};

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
        let line_ends = |bytes: &[u8]| bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
        let Some(length) = memchr::memchr(element, &rest[start..]) else {
            let detail =
                format!("ISA breaks off in ISA{number:02}: it has sixteen elements, the first {index} are here");
            return Err(Fault::new("edi-isa", start, detail));
        };
        let found = &rest[start..start + length];
        let characters = length - line_ends(found);
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

    let (component, terminator) = last(rest, start)?;
    let version = elements[11];
    let repetition = match elements[10] {
        [byte] if version >= b"00402".as_slice() && !byte.is_ascii_alphanumeric() && *byte != b' ' => Some(*byte),
        _ => None,
    };
    let separators =
        Separators { element, component: Some(component), repetition, release: None, terminator, decimal: b'.' };
    separators.check()?;
    let anomaly = (!narrow.is_empty()).then(|| {
        let detail = format!("ISA has fixed widths, but {} is narrower than the standard says", narrow.join(", "));
        ("edi-isa-width", detail)
    });
    Ok(Announcement { separators, length: 0, anomaly })
}

/// `ISA16`, the component separator, and the terminator behind it.
fn last(rest: &[u8], start: usize) -> Result<(u8, u8), Fault> {
    let missing = || {
        let detail = "ISA16, the component separator, is missing: the segment ends right behind ISA15";
        Err(Fault::new("edi-isa", start, detail))
    };
    match *rest.get(start..).unwrap_or_default() {
        [b'\r' | b'\n', ..] | [_, b'G', b'S', ..] | [] => missing(),
        [_] => {
            Err(Fault::new("edi-isa", start + 1, "the input ends behind ISA16, where the segment terminator stands"))
        }
        // A tilde and a line end can be both separators or a terminator alone: the next line shows which.
        [b'~', b'\r' | b'\n', ref lines @ ..] if is_group_ended_by_tilde(lines) => missing(),
        [component, b'\r', b'\n', ..] => Ok((component, b'\n')),
        [component, terminator, ..] => Ok((component, terminator)),
    }
}

/// Whether a `GS` comes next and ends with a tilde, which it would not if that were the component separator.
fn is_group_ended_by_tilde(lines: &[u8]) -> bool {
    let line = lines.trim_ascii_start().split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    line.starts_with(b"GS") && line.ends_with(b"~")
}
