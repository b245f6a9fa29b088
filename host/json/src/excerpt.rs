//! Shows a little of what somebody sent: never more than a person needs to find it, never raw control characters.

/// The most characters of a payload that one message shows.
pub const EXCERPT_CHARS_MAX: usize = 64;

/// The first characters of `text` between backquotes, control characters and backquotes replaced, `…` where cut.
pub fn excerpt(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(EXCERPT_CHARS_MAX) + 6);
    shown.push('`');
    for (count, character) in text.chars().enumerate() {
        if count == EXCERPT_CHARS_MAX {
            shown.push('…');
            break;
        }
        shown.push(if character.is_control() || character == '`' { '\u{fffd}' } else { character });
    }
    shown.push('`');
    shown
}

/// A JSON Pointer (RFC 6901), cut in its middle where a hostile payload makes it long.
pub fn bounded_pointer(pointer: &str) -> String {
    const HALF_CHARS: usize = 120;
    let chars = pointer.chars().count();
    if chars <= 2 * HALF_CHARS + 1 {
        return pointer.to_owned();
    }
    let head: String = pointer.chars().take(HALF_CHARS).collect();
    let tail: String = pointer.chars().skip(chars - HALF_CHARS).collect();
    format!("{head}…{tail}")
}

/// One reference token of a JSON Pointer, escaped as RFC 6901 §3 says.
pub fn pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_bounded_and_shows_no_control_character() {
        assert_eq!(excerpt("GB"), "`GB`");
        assert_eq!(excerpt("a\u{1b}[31m`"), "`a\u{fffd}[31m\u{fffd}`");
        let long = excerpt(&"é".repeat(1000));
        assert_eq!(long.chars().count(), EXCERPT_CHARS_MAX + 3);
        assert!(long.ends_with("…`"));
    }

    #[test]
    fn a_long_pointer_keeps_its_start_and_its_end() {
        let pointer = format!("/order/{}/amount", "x".repeat(5000));
        let shown = bounded_pointer(&pointer);
        assert!(shown.len() < 300 && shown.starts_with("/order/") && shown.ends_with("/amount"));
        assert_eq!(bounded_pointer("/a/0"), "/a/0");
    }
}
