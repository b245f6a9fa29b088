//! Whether bytes that are announced in a set of one byte for each character are UTF-8 in truth.
//!
//! The announcement is often a template's and the bytes are what the program writes. Longer texts in such a set are
//! hardly ever valid UTF-8, but short ones can be: `ТА` in ISO-8859-5 is the degree sign in UTF-8, `PÓŁ` in ISO-8859-2
//! is a letter of Abkhaz. So the question is which of the two readings a person would have written.

use crate::charset::Charset;

/// Whether valid UTF-8 with at least one character beyond ASCII really is UTF-8. It is not if the other reading is
/// possible and looks like words, and if UTF-8 gives characters that a partner with that set would not write.
pub(crate) fn is_utf_8(text: &str, announced: Charset) -> bool {
    let Some(other) = announced.read_as_announced(text.as_bytes()) else {
        return true;
    };
    let repertoire = announced.repertoire();
    let mut other = other.chars();
    let mut is_expected = true;
    for c in text.chars() {
        if c.is_ascii() {
            other.next();
            continue;
        }
        // One character in UTF-8 is several in the other set: as many as it has bytes.
        let mut before = None;
        for next in other.by_ref().take(c.len_utf8()) {
            if !may_follow(before, next) {
                return true;
            }
            before = Some(next);
        }
        is_expected = is_expected && is_expected_of(c, announced, &repertoire);
    }
    is_expected
}

/// Where UTF-8 stands in a text that is otherwise in a set for Western Europe: `Ã` or `Â` and a sign behind it are no
/// letters of any word, unless the sign closes the word.
pub(crate) fn utf_8_inside(bytes: &[u8]) -> Option<usize> {
    const NO_BREAK_SPACE: u8 = 0xA0;
    // In ISO-8859-1 or Windows-1252: » › ’ ” “ … – —.
    const CLOSING: [u8; 8] = [0xBB, 0x9B, 0x92, 0x94, 0x93, 0x85, 0x96, 0x97];
    memchr::memchr2_iter(0xC2, 0xC3, bytes).find(|at| match (bytes.get(at + 1), bytes.get(at + 2)) {
        (Some(&NO_BREAK_SPACE), _) => false,
        (Some(sign), next) if CLOSING.contains(sign) => next.is_some_and(u8::is_ascii_alphabetic),
        (Some(sign), _) => (0x80..=0xBF).contains(sign),
        (None, _) => false,
    })
}

/// Whether a word can go on so: a letter behind a letter, not a capital behind a small one, or what closes a word.
fn may_follow(before: Option<char>, next: char) -> bool {
    const CLOSING: &str = "\u{A0}»›’”“…–—";
    let is_letter = next.is_alphabetic() && !"ªºµ".contains(next);
    match before {
        None => is_letter,
        Some(before) => CLOSING.contains(next) || (is_letter && !(before.is_lowercase() && next.is_uppercase())),
    }
}

/// Whether a partner who announces this set would write this character: it is in the set, or at least as usual as those
/// in it.
fn is_expected_of(c: char, announced: Charset, repertoire: &str) -> bool {
    let is_punctuation = ('\u{2010}'..='\u{20AC}').contains(&c) || c == '\u{A0}';
    is_punctuation || repertoire.contains(c) || (announced.is_western() && is_western(c))
}

/// The letters of Europe's languages in Latin script, and the signs of ISO-8859-1.
fn is_western(c: char) -> bool {
    ('\u{A0}'..='\u{17F}').contains(&c)
}
