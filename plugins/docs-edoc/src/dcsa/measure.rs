//! Weights, volumes and temperatures of DCSA in the units of documents. What is in other units is reckoned exactly and rounded to a
//! gram, a cubic centimetre or a hundredth of a degree; what was written stands beside it.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Decimal, Measure, Text};
use serde_json::Number;

use super::model::Measured;
use crate::notes::Notes;

/// The list of units.
const UNITS: &str = "UNECE Recommendation 20";

/// Digits behind the point of a kilogram.
const KILOGRAM_DIGITS: u32 = 3;

/// Digits behind the point of a cubic metre.
const CUBIC_METRE_DIGITS: u32 = 6;

/// A weight in kilograms; what is written in another unit is added to `stated`.
pub(super) fn kilograms(
    at: &Pointer,
    field: &str,
    weight: Option<Measured>,
    stated: &mut Vec<Measure>,
    notes: &mut Notes,
) -> Option<Decimal> {
    let (value, unit) = said(at, field, weight, notes)?;
    // The international pound is 0.45359237 kg, an ounce its sixteenth.
    let factor = match unit.as_str() {
        "KGM" => return Some(value),
        "LBR" => (45_359_237, 8),
        "ONZ" => (28_349_523_125, 12),
        "GRM" => (1, 3),
        _ => (0, 0),
    };
    let kilograms = reckoned(value, factor, KILOGRAM_DIGITS);
    state(at, field, value, &unit, kilograms.is_some(), stated, notes);
    kilograms
}

/// A volume in cubic metres; what is written in another unit is added to `stated`.
pub(super) fn cubic_metres(
    at: &Pointer,
    field: &str,
    volume: Option<Measured>,
    stated: &mut Vec<Measure>,
    notes: &mut Notes,
) -> Option<Decimal> {
    let (value, unit) = said(at, field, volume, notes)?;
    let factor = match unit.as_str() {
        "MTQ" => return Some(value),
        "FTQ" => (28_316_846_592, 12),
        "LTR" => (1, 3),
        _ => (0, 0),
    };
    let metres = reckoned(value, factor, CUBIC_METRE_DIGITS);
    state(at, field, value, &unit, metres.is_some(), stated, notes);
    metres
}

/// A temperature in degrees Celsius; what is written in Fahrenheit is added to `stated`.
pub(super) fn celsius(
    at: &Pointer,
    field: &str,
    degrees: Option<&Number>,
    unit: Option<&str>,
    stated: &mut Vec<Measure>,
    notes: &mut Notes,
) -> Option<Decimal> {
    let value = notes.number(at, field, degrees)?;
    let unit = unit.unwrap_or_default().trim();
    let celsius = match unit {
        "CEL" => return Some(value),
        "FAH" => {
            let ninths = (value - Decimal::from(32)) * Decimal::from(5);
            ninths.divided_by(Decimal::from(9)).map(|degrees| degrees.round(2).normalised())
        }
        _ => None,
    };
    state(at, field, value, unit, celsius.is_some(), stated, notes);
    celsius
}

/// A number under the name of its field.
pub(super) fn measure(
    at: &Pointer,
    field: &str,
    number: Option<&Number>,
    unit: Option<&str>,
    notes: &mut Notes,
) -> Option<Measure> {
    let value = notes.number(at, field, number)?;
    let unit = unit.map(str::trim).filter(|unit| !unit.is_empty());
    let unit = unit.and_then(|unit| notes.code(at, field, UNITS, Some(unit)));
    Some(Measure { unit, ..Measure::new(Text::new(field).ok()?, value) })
}

fn said(at: &Pointer, field: &str, measured: Option<Measured>, notes: &mut Notes) -> Option<(Decimal, String)> {
    let Measured { value, unit } = measured?;
    let value = notes.number(&at.key(field), "value", value.as_ref())?;
    Some((value, unit.unwrap_or_default().trim().to_owned()))
}

/// The number times a factor, whose last digits are behind the point; none where the factor is none.
fn reckoned(value: Decimal, (factor, digits): (i64, u32), places: u32) -> Option<Decimal> {
    (factor != 0).then(|| (value * Decimal::from(factor)).shifted(digits).round(places).normalised())
}

/// Keeps a value as it is written, with a warning where nothing could be reckoned of it.
fn state(
    at: &Pointer,
    field: &str,
    value: Decimal,
    unit: &str,
    is_known: bool,
    stated: &mut Vec<Measure>,
    notes: &mut Notes,
) {
    if !is_known {
        let detail = "Its unit is missing or not known; the value stands as it is written.";
        notes.warning("UNKNOWN-UNIT", at.key(field), detail);
    }
    let unit = Some(unit).filter(|unit| !unit.is_empty()).and_then(|unit| notes.code(at, field, UNITS, Some(unit)));
    stated.extend(Text::new(field).ok().map(|kind: Text<64>| Measure { unit, ..Measure::new(kind, value) }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(value: &str, unit: &str) -> Option<Measured> {
        Some(Measured { value: Some(value.parse().expect("a number")), unit: Some(unit.to_owned()) })
    }

    #[test]
    fn other_units_are_reckoned_and_kept_as_they_are_written() {
        let (root, mut notes, mut stated) = (Pointer::root(), Notes::default(), Vec::new());
        let mut weight = |value, unit| {
            let found = kilograms(&root, "cargoGrossWeight", measured(value, unit), &mut stated, &mut notes);
            found.map(|found| found.to_string())
        };
        assert_eq!(weight("12000.50", "KGM").as_deref(), Some("12000.50"));
        assert_eq!(weight("100", "LBR").as_deref(), Some("45.359"));
        assert_eq!(weight("1", "STN"), None);
        let shown: Vec<_> = stated.iter().map(|measure| (measure.value.to_string(), &*measure.kind)).collect();
        assert_eq!(shown, [("100".to_owned(), "cargoGrossWeight"), ("1".to_owned(), "cargoGrossWeight")]);
        let volume = cubic_metres(&root, "cargoGrossVolume", measured("10", "FTQ"), &mut Vec::new(), &mut notes);
        assert_eq!(volume.expect("a volume").to_string(), "0.283168");
        let degrees = Some("-4".parse().expect("a number"));
        let cold = celsius(&root, "temperatureSetpoint", degrees.as_ref(), Some("FAH"), &mut Vec::new(), &mut notes);
        assert_eq!(cold.expect("a temperature").to_string(), "-20");
    }
}
