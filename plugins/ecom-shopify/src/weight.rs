//! The shop's units of weight, in kilograms.

use portgate_sdk::canonical::Decimal;

/// A weight in kilograms, or none if the unit is not one of the shop's four. Pounds and ounces are rounded to the
/// milligram, which is finer than any scale of theirs.
pub(crate) fn kilograms(weight: Decimal, unit: &str) -> Option<Decimal> {
    Some(match unit {
        "kg" => weight,
        // A canonical decimal has ten digits after the point; grams may come with more than seven.
        "g" => weight.shifted(3).round(10),
        // The international avoirdupois pound is 0.45359237 kg exactly, an ounce a sixteenth of it.
        "lb" => (weight * Decimal::from(45_359_237).shifted(8)).round(6),
        "oz" => (weight * Decimal::from(28_349_523_125).shifted(12)).round(6),
        _ => return None,
    })
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
    fn another_unit_is_not_guessed() {
        assert_eq!(convert("1", "st"), None);
    }
}
