//! The units of North America, reckoned exactly: a pound is 0.45359237 kg and an inch 2.54 cm by definition, and an ounce the
//! sixteenth of a pound. What comes out has six digits after the point, rounded to the nearest: what is below them is left over
//! from somebody's conversion the other way, and would be rounded up to a tenth. The caller rounds the rest, and says which way.

use portgate_sdk::canonical::Decimal;

/// Kilograms of a pound.
const POUND: &str = "0.45359237";
/// Centimetres of an inch.
const INCH: &str = "2.54";
/// Ounces of a pound.
const OUNCES: i64 = 16;
/// Digits after the point of a conversion.
const DIGITS: u32 = 6;

/// Kilograms in ounces.
pub(crate) fn ounces(kilograms: Decimal) -> Decimal {
    times(kilograms * Decimal::from(OUNCES), POUND)
}

/// Centimetres in inches.
pub(crate) fn inches(centimetres: Decimal) -> Decimal {
    times(centimetres, INCH)
}

/// How often a unit of this size is in the measure.
fn times(measure: Decimal, unit: &str) -> Decimal {
    unit.parse().ok().and_then(|unit| measure.divided_by(unit)).unwrap_or_default().round(DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect("a decimal")
    }

    #[test]
    fn what_is_whole_comes_out_whole_and_what_a_conversion_left_over_is_nothing() {
        for (kilograms, written) in [("0.45359237", "16"), ("45.359237", "1600"), ("0", "0")] {
            assert_eq!(ounces(decimal(kilograms)).round_up(1).normalised().to_string(), written, "{kilograms}");
        }
        assert_eq!(inches(decimal("25.4")).round_up(1).to_string(), "10");
        assert_eq!(ounces(decimal("1")).to_string(), "35.273962");
        for kilograms in ["0.4365826561", "0.4365826562"] {
            assert_eq!(ounces(decimal(kilograms)).round_up(1).normalised().to_string(), "15.4", "{kilograms}");
        }
    }

    #[test]
    fn a_weight_beyond_all_parcels_is_no_panic() {
        assert!(ounces(decimal("999999999999999999.0000000001")) > decimal("999999999999999999"));
    }
}
