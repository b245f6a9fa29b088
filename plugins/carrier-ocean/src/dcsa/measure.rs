//! Weights, volumes and temperatures of DCSA in the units of documents, and back. What is in other units is reckoned exactly, and
//! then rounded to a gram, a cubic centimetre, or a hundredth of a degree.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Decimal, Quantity, Unit};

use super::wire::{Exact, Measured};
use crate::notes::Notes;

/// A weight in kilograms.
pub(crate) fn kilograms(weight: Option<Measured>, at: &Pointer, notes: &mut Notes) -> Option<Decimal> {
    let Measured { value, unit, .. } = weight?;
    let value = value?.0;
    match unit.as_deref().map(str::trim) {
        Some("KGM") => Some(value),
        Some("LBR") => Some(times(value, 45_359_237, 8).round(3).normalised()),
        _ => unknown_unit("weight", at, notes),
    }
}

/// A volume in cubic metres.
pub(crate) fn cubic_metres(volume: Option<Measured>, at: &Pointer, notes: &mut Notes) -> Option<Decimal> {
    let Measured { value, unit, .. } = volume?;
    let value = value?.0;
    match unit.as_deref().map(str::trim) {
        Some("MTQ") => Some(value),
        Some("FTQ") => Some(times(value, 28_316_846_592, 12).round(6).normalised()),
        Some("LTR") => Some(value.shifted(3)),
        _ => unknown_unit("volume", at, notes),
    }
}

/// A quantity in its own unit, which is one of Recommendation 20.
pub(crate) fn quantity(measured: Option<Measured>, at: &Pointer, notes: &mut Notes) -> Option<Quantity> {
    let Measured { value, unit, .. } = measured?;
    let value = value?.0;
    match Unit::new(unit.unwrap_or_default()) {
        Ok(unit) => Some(Quantity { value, unit }),
        Err(_) => unknown_unit("quantity", at, notes),
    }
}

/// A temperature in degrees Celsius.
pub(crate) fn celsius(degrees: Option<Exact>, unit: Option<&str>, at: &Pointer, notes: &mut Notes) -> Option<Decimal> {
    let degrees = degrees?.0;
    match unit.map(str::trim) {
        Some("CEL") => Some(degrees),
        Some("FAH") => {
            let ninths = (degrees - Decimal::from(32)) * Decimal::from(5);
            ninths.divided_by(Decimal::from(9)).map(|degrees| degrees.round(2).normalised())
        }
        _ => unknown_unit("temperature", at, notes),
    }
}

/// A whole number.
pub(crate) fn count(number: Option<Exact>, at: &Pointer, notes: &mut Notes) -> Option<u32> {
    let read = number?.0.to_string().parse().ok();
    if read.is_none() {
        notes.warning("NUMBER", at, "Expected a whole number; it is left out.");
    }
    read
}

/// A measure as it goes out; one of nought is none, for DCSA has nothing that weighs nothing.
pub(crate) fn measured(value: Option<Decimal>, unit: &str) -> Option<Measured> {
    let value = value.filter(|value| !value.is_zero() && !value.is_negative())?;
    Some(Measured { value: Some(Exact(value)), unit: Some(unit.to_owned()) })
}

/// The number times a factor, whose last digits are behind the point.
fn times(number: Decimal, factor: i64, digits: u32) -> Decimal {
    (number * Decimal::from(factor)).shifted(digits)
}

fn unknown_unit<T>(what: &str, at: &Pointer, notes: &mut Notes) -> Option<T> {
    let detail = format!("The unit of the {what} is missing or not known; the {what} is left out.");
    notes.warning("UNKNOWN-UNIT", at.key("unit"), detail);
    None
}
