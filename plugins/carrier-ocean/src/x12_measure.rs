//! Weights, volumes, counts and temperatures of X12 in the units of documents. What is in other units is reckoned exactly, and then
//! rounded to a gram, a cubic centimetre, or a hundredth of a degree.

use portgate_sdk::canonical::Decimal;
use portgate_sdk::x12::Segment;

use crate::notes::Notes;

/// The number that stands in an element; a warning where it is none.
pub(crate) fn number(segment: Segment<'_>, element: usize, notes: &mut Notes) -> Option<Decimal> {
    let text = segment.element(element)?;
    let text = Some(text.trim()).filter(|text| !text.is_empty())?;
    let read = Decimal::from_partner(text);
    if read.is_err() {
        notes.warning("NUMBER", segment.at(element), "Expected a number; it is left out.");
    }
    read.ok()
}

/// The count that stands in an element; a warning where it is no whole number.
pub(crate) fn count(segment: Segment<'_>, element: usize, notes: &mut Notes) -> Option<u32> {
    let number = number(segment, element, notes)?;
    let read = number.normalised().to_string().parse().ok();
    if read.is_none() {
        notes.warning("NUMBER", segment.at(element), "Expected a whole number; it is left out.");
    }
    read
}

/// A weight in kilograms, by its unit (element 188).
pub(crate) fn kilograms(segment: Segment<'_>, weight: usize, unit: usize, notes: &mut Notes) -> Option<Decimal> {
    let number = number(segment, weight, notes)?;
    let (factor, digits) = match segment.element(unit).as_deref().map(str::trim) {
        Some("K") => return Some(number.normalised()),
        Some("L") => (45_359_237, 8),
        Some("E") => (1_000, 0),
        Some("G") => (1, 3),
        Some("S") => (90_718_474, 5),
        Some("T") => (10_160_469_088, 7),
        Some("O") => (28_349_523_125, 12),
        _ => return unknown_unit("weight", segment, unit, notes),
    };
    Some(times(number, factor, digits).round(3).normalised())
}

/// A volume in cubic metres, by its unit (element 184).
pub(crate) fn cubic_metres(segment: Segment<'_>, volume: usize, unit: usize, notes: &mut Notes) -> Option<Decimal> {
    let number = number(segment, volume, notes)?;
    let (factor, digits) = match segment.element(unit).as_deref().map(str::trim) {
        Some("X") => return Some(number.normalised()),
        Some("E") => (28_316_846_592, 12),
        Some("N") => (16_387_064, 12),
        Some("C") => (1, 6),
        Some("L" | "V") => (1, 3),
        Some("G") => (3_785_411_784, 12),
        _ => return unknown_unit("volume", segment, unit, notes),
    };
    Some(times(number, factor, digits).round(6).normalised())
}

/// The number times a factor, whose last digits are behind the point.
fn times(number: Decimal, factor: i64, digits: u32) -> Decimal {
    (number * Decimal::from(factor)).shifted(digits)
}

fn unknown_unit<T>(what: &str, segment: Segment<'_>, unit: usize, notes: &mut Notes) -> Option<T> {
    let detail = format!("The unit of the {what} is missing or not known; the {what} is left out.");
    notes.warning("UNKNOWN-UNIT", segment.at(unit), detail);
    None
}

/// A temperature in degrees Celsius (`CE`), which may be written in Fahrenheit (`FA`).
pub(crate) fn celsius(segment: Segment<'_>, degrees: usize, unit: usize, notes: &mut Notes) -> Option<Decimal> {
    let number = number(segment, degrees, notes)?;
    match segment.element(unit).as_deref().map(str::trim) {
        Some("CE") => Some(number.normalised()),
        Some("FA") => {
            let ninths = (number - Decimal::from(32)) * Decimal::from(5);
            ninths.divided_by(Decimal::from(9)).map(|degrees| degrees.round(2).normalised())
        }
        _ => unknown_unit("temperature", segment, unit, notes),
    }
}
