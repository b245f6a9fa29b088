//! Exact decimals: money, weights, rates. Written as strings, since JSON's numbers are floats to most readers.

use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::Invalid;

/// A decimal number of up to 28 significant digits, as it was written: `10.50` keeps its zero.
///
/// On the wire a string such as `"-1204.50"`: an optional minus, digits without leading zeros, optionally a point and
/// digits; no exponent, no plus, no grouping. At most 18 digits stand before the point and 10 after it. Arithmetic can
/// make more of them: [`round`](Self::round) the outcome before it goes into a document, or its schema refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(rust_decimal::Decimal);

/// The same shape for the schema; the length keeps it within 28 digits.
#[cfg(feature = "schema")]
const PATTERN: &str = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,10})?$";

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal(rust_decimal::Decimal::ZERO);

    /// The decimal that a text writes in the form of the wire.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the form.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let whole = whole.strip_prefix('-').unwrap_or(whole);
        let digits =
            |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let plain = digits(whole, 18) && digits(fraction, 10) && (whole.len() == 1 || !whole.starts_with('0'));
        match rust_decimal::Decimal::from_str_exact(text) {
            Ok(decimal) if plain => Ok(Decimal(decimal)),
            _ => Err(Invalid::new("a decimal such as `1204.50`: up to 18 digits, up to 10 after the point")),
        }
    }

    /// The decimal that a partner wrote, forgiving a plus sign, leading zeros, a missing digit beside the point, and
    /// zeros after the tenth decimal place.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is no number or not exactly a decimal of 18 and 10 digits.
    pub fn from_partner(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (sign, rest) = match text.as_bytes().first() {
            Some(b'-') => ("-", &text[1..]),
            Some(b'+') => ("", &text[1..]),
            _ => ("", text),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let whole = whole.trim_start_matches('0');
        // A lone point, or nothing, is no number.
        if !rest.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::new("a number"));
        }
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = match fraction.split_at_checked(10) {
            Some((kept, zeros)) if zeros.bytes().all(|byte| byte == b'0') => kept,
            _ => fraction,
        };
        match fraction {
            "" => Decimal::parse(&format!("{sign}{whole}")),
            _ => Decimal::parse(&format!("{sign}{whole}.{fraction}")),
        }
    }

    /// The decimal that a JSON number of a partner writes, exactly: nothing passes through a float.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is not exactly a decimal of 18 and 10 digits.
    pub fn from_json_number(number: &serde_json::Number) -> Result<Self, Invalid> {
        let text = number.as_str();
        match text.split_once(['e', 'E']) {
            None => Decimal::from_partner(text),
            Some((number, exponent)) => {
                let plain = exponent.parse().ok().and_then(|exponent| without_exponent(number, exponent));
                plain.map_or_else(
                    || Err(Invalid::new("a number that is exactly a decimal")),
                    |text| Decimal::from_partner(&text),
                )
            }
        }
    }

    /// The number rounded to so many digits after the point, halves away from zero, as customs debts are.
    #[must_use]
    pub fn round(self, digits: u32) -> Self {
        Decimal(self.0.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    }

    /// Rounded to that many digits after the point, away from nought: nothing is made less than it is.
    #[must_use]
    pub fn round_up(self, digits: u32) -> Self {
        Decimal(self.0.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::AwayFromZero))
    }

    /// Rounded to that many digits after the point, towards nought: nothing is made more than it is.
    #[must_use]
    pub fn round_down(self, digits: u32) -> Self {
        Decimal(self.0.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::ToZero))
    }

    /// How often `divisor` is in it, to more digits than a document has room for, so round it; none where that is nought.
    #[must_use]
    pub fn divided_by(self, divisor: Decimal) -> Option<Self> {
        self.0.checked_div(divisor.0).map(Decimal)
    }

    /// Without the noughts at the end of its fraction.
    #[must_use]
    pub fn normalised(self) -> Self {
        Decimal(self.0.normalize())
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The number times 10 to the power of `-digits`: for partners who imply their decimal point.
    #[must_use]
    pub fn shifted(self, digits: u32) -> Self {
        let mut shifted = self.0;
        // A scale of at most 28 always fits; more digits than that never came in.
        let _ = shifted.set_scale((shifted.scale() + digits).min(28));
        Decimal(shifted)
    }
}

/// A number with its point moved by an exponent, digit by digit, so that none is lost; none where it has more digits or a
/// larger exponent than any number that fits.
fn without_exponent(number: &str, exponent: i32) -> Option<String> {
    const DIGITS_MAX: usize = 64;
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // The number is 0.SIGNIFICANT × 10^point.
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + i64::from(exponent);
    if significant.len() > DIGITS_MAX || point.unsigned_abs() > DIGITS_MAX as u64 {
        return None;
    }
    let zeros = usize::try_from(point.unsigned_abs()).ok()?;
    Some(match usize::try_from(point) {
        Ok(before) if before >= significant.len() => format!("{sign}{significant:0<before$}"),
        Ok(before) => format!("{sign}{}.{}", &significant[..before], &significant[before..]),
        Err(_) => format!("{sign}0.{}{significant}", "0".repeat(zeros)),
    })
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Decimal(whole.into())
    }
}

impl FromStr for Decimal {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Decimal::parse(text)
    }
}

impl Add for Decimal {
    type Output = Decimal;

    /// The sum, held at the largest decimal where it would not fit: a sum that large is no money.
    fn add(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_add(other.0))
    }
}

impl Sub for Decimal {
    type Output = Decimal;

    fn sub(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_sub(other.0))
    }
}

impl Mul for Decimal {
    type Output = Decimal;

    fn mul(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_mul(other.0))
    }
}

impl std::iter::Sum for Decimal {
    fn sum<I: Iterator<Item = Decimal>>(terms: I) -> Decimal {
        terms.fold(Decimal::ZERO, Add::add)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": 30, "pattern": PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept_to_the_digit() {
        for text in ["0", "10.50", "-0.1", "999999999999999999.0000000001", "1204.50"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
            assert_eq!(serde_json::to_string(&Decimal::parse(text).unwrap()).unwrap(), format!("\"{text}\""));
        }
    }

    #[test]
    fn other_ways_to_write_a_number_are_refused_on_the_wire() {
        for text in ["", "1e3", "+1", "01", ".5", "5.", "1,5", "NaN", " 1", "1000000000000000000"] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Decimal>("1.5").is_err(), "a JSON number is no canonical decimal");
    }

    #[test]
    fn a_partner_s_number_is_read_exactly() {
        let read = |text: &str| Decimal::from_partner(text).unwrap().to_string();
        assert_eq!([read("+0012.30"), read(".5"), read("5."), read(" 7 ")], ["12.30", "0.5", "5", "7"]);
        assert_eq!([read("1.000000000000"), read("0.12345678900000")], ["1.0000000000", "0.1234567890"]);
        assert!(Decimal::from_partner("1.00000000001").is_err(), "nothing is rounded away in silence");
        assert!(Decimal::from_partner(".").is_err() && Decimal::from_partner("1e2").is_err());
        let number = |text: &str| serde_json::from_str::<serde_json::Number>(text).unwrap();
        assert_eq!(Decimal::from_json_number(&number("0.1000000001")).unwrap().to_string(), "0.1000000001");
        assert_eq!(Decimal::from_json_number(&number("1.5e2")).unwrap().to_string(), "150");
        assert!(Decimal::from_json_number(&number("1e-20")).is_err(), "nothing is rounded away in silence");
        for (written, expected) in [
            ("1.5e-3", "0.0015"),
            ("15e-1", "1.5"),
            ("-0.0125E+3", "-12.5"),
            ("100e-2", "1"),
            ("0e99999", "0"),
            ("0.000e-5", "0"),
            ("999999999999999999e0", "999999999999999999"),
            ("1e17", "100000000000000000"),
            ("1e-10", "0.0000000001"),
        ] {
            assert_eq!(Decimal::from_json_number(&number(written)).unwrap().to_string(), expected, "{written}");
        }
        for lost in
            ["1.00000000000000000000000000000000001e0", "1e18", "1e-11", "1e999999999", "1e-2147483649", "1.5e-10"]
        {
            assert!(Decimal::from_json_number(&number(lost)).is_err(), "{lost} is not exactly such a decimal");
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        let round = |text: &str| Decimal::parse(text).unwrap().round(2).to_string();
        assert_eq!([round("2.345"), round("-2.345"), round("2.3449")], ["2.35", "-2.35", "2.34"]);
    }

    #[test]
    fn a_quotient_is_rounded_the_way_that_is_asked_for() {
        let kilograms = |text: &str| Decimal::parse(text).unwrap();
        let ounces = |text: &str| kilograms(text).divided_by(kilograms("0.0283495231")).unwrap();
        assert_eq!(ounces("1").round_up(1).to_string(), "35.3");
        assert_eq!(ounces("1").round_down(1).to_string(), "35.2");
        assert_eq!(kilograms("0.45359237").divided_by(kilograms("0.45359237")).unwrap().round_up(1).to_string(), "1");
        assert!(kilograms("1").divided_by(Decimal::ZERO).is_none());
        assert_eq!(kilograms("10.500").normalised().to_string(), "10.5");
    }

    #[test]
    fn implied_decimals_are_put_back() {
        assert_eq!(Decimal::parse("12345").unwrap().shifted(2).to_string(), "123.45");
    }
}
