//! The shop's units of weight, in kilograms.

use portgate_sdk::canonical::Decimal;

use crate::fields::Fields;
use crate::scalar::Scalar;

/// Digits after the point of a canonical decimal.
const DIGITS_MAX: u32 = 10;

/// The weight at `path` in kilograms; none where it is nought, or its unit, at `weight_unit`, is not known.
pub(crate) fn read(fields: &mut Fields<'_>, path: &str, value: &Scalar, unit: &str) -> Option<Decimal> {
    let weight = fields.decimal(path, Some(value)).filter(|weight| !weight.is_zero())?;
    let kilograms = kilograms(weight, unit);
    if unit == "g" && is_rounded(weight) {
        fields.info("WEIGHT-ROUNDED", path, "The weight in kilograms is rounded to ten digits after the point.");
    }
    if kilograms.is_none() {
        let detail =
            format!("The unit `{unit}` is not known and the weight is left out; add the unit to the connector.");
        fields.warning("WEIGHT-UNIT-UNKNOWN", "weight_unit", detail);
    }
    kilograms
}

/// A weight in kilograms, or none if the unit is not one of the shop's four. Pounds and ounces are rounded to the
/// milligram, which is finer than any scale of theirs.
fn kilograms(weight: Decimal, unit: &str) -> Option<Decimal> {
    Some(match unit {
        "kg" => weight,
        "g" => weight.shifted(3).round(DIGITS_MAX),
        // The international avoirdupois pound is 0.45359237 kg exactly, an ounce a sixteenth of it.
        "lb" => (weight * Decimal::from(45_359_237).shifted(8)).round(6),
        "oz" => (weight * Decimal::from(28_349_523_125).shifted(12)).round(6),
        _ => return None,
    })
}

/// Whether grams are so fine that their kilograms do not fit a canonical decimal: those may come with ten digits after the
/// point as well.
fn is_rounded(grams: Decimal) -> bool {
    let kilograms = grams.shifted(3);
    kilograms != kilograms.round(DIGITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(weight: &str, unit: &str) -> Option<String> {
        kilograms(Decimal::parse(weight).unwrap(), unit).map(|kilograms| kilograms.to_string())
    }

    #[test]
    fn all_four_units_become_kilograms() {
        assert_eq!(convert("1.25", "kg").as_deref(), Some("1.25"));
        assert_eq!(convert("200", "g").as_deref(), Some("0.200"));
        assert_eq!(convert("2", "lb").as_deref(), Some("0.907185"));
        assert_eq!(convert("16", "oz").as_deref(), Some("0.453592"));
    }

    #[test]
    fn grams_that_are_too_fine_are_told_from_those_that_are_not() {
        let rounded = |grams: &str| is_rounded(Decimal::parse(grams).unwrap());
        assert_eq!([rounded("200"), rounded("0.0000001"), rounded("0.0000000")], [false; 3]);
        assert_eq!([rounded("0.00000001"), rounded("1.0000000001")], [true; 2]);
    }

    #[test]
    fn another_unit_is_not_guessed() {
        assert_eq!(convert("1", "st"), None);
    }
}
