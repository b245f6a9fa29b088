//! Numbers as ICS wants them written. What is written otherwise is read all the same, with a warning under which number customs
//! rejects it: once it is read, nobody can tell any more.

use portgate_sdk::canonical::Decimal;
use portgate_sdk::xml::Element;

use crate::notes::Notes;

const CODE: &str = "NOT-PLAIN";
/// The most digits of a weight, and the most of them behind the point.
const DIGITS_MAX: usize = 11;
const FRACTION_MAX: usize = 3;

/// A number that counts; customs rejects one that begins with a nought with this error.
pub(crate) fn number(parent: Element<'_>, name: &str, error: u16, notes: &mut Notes) -> Option<u32> {
    check_leading(parent, name, error, notes);
    notes.number(parent, name)
}

/// A number must not begin with a nought, unless it is one.
pub(crate) fn check_leading(parent: Element<'_>, name: &str, error: u16, notes: &mut Notes) {
    let Some(element) = parent.path(name) else { return };
    let text = element.text().unwrap_or_default();
    if text.trim().len() > 1 && text.trim().starts_with('0') {
        told(element, &text, "without noughts before it", error, notes);
    }
}

/// A weight in kilograms; customs rejects one with a sign with this error.
pub(crate) fn weight(parent: Element<'_>, name: &str, signed: u16, notes: &mut Notes) -> Option<Decimal> {
    let element = parent.path(name)?;
    let text = element.text().unwrap_or_default();
    let unsigned = text.trim().trim_start_matches(['+', '-']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let complaints = [
        (text.contains(['+', '-']), "without a sign", signed),
        (whole.len() > 1 && whole.starts_with('0'), "without noughts before it", 8674),
        (digits > DIGITS_MAX, "with 11 digits at most", 8675),
        (fraction.len() > FRACTION_MAX, "with 3 digits at most behind the point", 8676),
        (whole.is_empty() || fraction.is_empty(), "with digits on both sides of the point", 8677),
    ];
    for (_, expected, error) in complaints.into_iter().filter(|(broken, ..)| *broken) {
        told(element, &text, expected, error, notes);
    }
    notes.decimal(parent, name)
}

fn told(element: Element<'_>, text: &str, expected: &str, error: u16, notes: &mut Notes) {
    let shown: String = text.trim().chars().take(32).collect();
    let detail = format!(
        "`{}` is `{shown}`; customs wants it {expected}, and rejects the declaration with error {error}.",
        element.name()
    );
    notes.warning(CODE, element, detail);
}
