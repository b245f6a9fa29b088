//! Texts that others have chosen, on a terminal.

/// A text without what a terminal would obey: control characters become the replacement character.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|one| if one.is_control() && one != '\t' { '\u{fffd}' } else { one }).collect()
}
