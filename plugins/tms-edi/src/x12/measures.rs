//! Weights, volumes and lengths of X12 as kilograms, cubic metres and centimetres, and amounts with their implied decimal places.

use portgate_sdk::canonical::{Currency, Decimal, Money, Quantity, Unit};
use portgate_sdk::x12::Segment;

use crate::notes::Notes;

/// The setting of an agreement with the currency of amounts where a set names none.
const CURRENCY: &str = "currency";

/// Decimal places of a weight in kilograms and of a volume in cubic metres that was converted: to the gram, and as exact as X12 has room for.
const PLACES: u32 = 3;
const VOLUME_PLACES: u32 = 4;

/// A weight in kilograms by its unit (188). Without a unit it is of `usual`, which is what the set says elsewhere, or pounds.
pub(crate) fn weight(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    element: usize,
    unit: Option<&str>,
) -> Option<Decimal> {
    let weight = notes.number(segment.at(element), "weight", segment.decimal(element, 1))?;
    let factor = match unit.unwrap_or("L") {
        "K" | "KG" => return Some(weight),
        "L" | "LB" => "0.45359237",
        "G" => "0.001",
        "E" => "1000",
        "S" => "907.18474",
        "T" => "1016.0469088",
        other => {
            notes.unknown(segment.at(element), "X12 188", other, "the weight is left out");
            return None;
        }
    };
    converted(weight, factor, PLACES)
}

/// A volume in cubic metres by its unit (184).
pub(crate) fn volume(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    element: usize,
    unit: Option<&str>,
) -> Option<Decimal> {
    let volume = notes.number(segment.at(element), "volume", segment.decimal(element, 1))?;
    let factor = match unit {
        Some("X" | "CR") => return Some(volume),
        Some("E" | "CF") | None => "0.0283168466",
        Some("N" | "CI") => "0.0000163871",
        Some("G" | "GA") => "0.0037854118",
        Some("L" | "V" | "U") => return zero_is_nothing(notes, segment, element, volume),
        Some(other) => {
            notes.unknown(segment.at(element), "X12 184", other, "the volume is left out");
            return None;
        }
    };
    converted(volume, factor, VOLUME_PLACES)
}

/// Loads and vehicles are no volume.
fn zero_is_nothing(notes: &mut Notes<'_>, segment: Segment<'_>, element: usize, volume: Decimal) -> Option<Decimal> {
    if !volume.is_zero() {
        notes.info("NO-VOLUME", segment.at(element), "The volume is given in loads or vehicles, and is left out.");
    }
    None
}

/// The factors have ten decimal places at most, which is as exact as a decimal is.
fn converted(value: Decimal, factor: &str, places: u32) -> Option<Decimal> {
    let factor = Decimal::from_partner(factor).ok()?;
    Some((value * factor).round(places).normalised())
}

/// A length of equipment (567) in centimetres: feet, and inches in the last two digits.
pub(crate) fn feet_and_inches(notes: &mut Notes<'_>, segment: Segment<'_>, element: usize) -> Option<Decimal> {
    let written = notes.count(segment.at(element), "length", segment.element(element))?;
    let inches = (written / 100) * 12 + written % 100;
    if inches == 0 {
        return None;
    }
    converted(Decimal::from_partner(&inches.to_string()).ok()?, "2.54", 2)
}

/// What becomes of a unit (355) in Recommendation 20, where both have another code for it.
const UNITS: [(&str, &str); 8] = [
    ("LB", "LBR"),
    ("KG", "KGM"),
    ("PC", "H87"),
    ("GA", "GLL"),
    ("LT", "LTR"),
    ("CF", "FTQ"),
    ("CR", "MTQ"),
    ("UN", "C62"),
];

/// A quantity with its unit (355).
pub(crate) fn quantity(notes: &mut Notes<'_>, segment: Segment<'_>, element: usize, unit: usize) -> Option<Quantity> {
    let value = notes.number(segment.at(element), "quantity", segment.decimal(element, 1))?;
    let written = segment.element(unit).unwrap_or_default();
    Some(Quantity { value, unit: rec20(notes, segment, unit, written.trim()) })
}

fn rec20(notes: &mut Notes<'_>, segment: Segment<'_>, at: usize, written: &str) -> Unit {
    let ours = UNITS.iter().find(|(theirs, _)| *theirs == written).map_or(written, |(_, ours)| ours);
    let one = || Unit::new("C62").expect("C62 has a unit's shape");
    match ours {
        "" => one(),
        ours => Unit::new(ours).unwrap_or_else(|_| {
            notes.unknown(segment.at(at), "X12 355", written, "the quantity is taken as pieces");
            one()
        }),
    }
}

/// The unit (355) for one of Recommendation 20; nothing where it has more characters than X12 has room for.
pub(crate) fn unit_355(unit: &Unit) -> Option<&str> {
    let theirs = UNITS.iter().find(|(_, ours)| *ours == unit.as_str()).map(|(theirs, _)| *theirs);
    theirs.or(Some(unit.as_str())).filter(|unit| unit.len() == 2)
}

/// The currency of the amounts of a set: that of its `C3`, of the agreement, or US dollars, which a warning says.
pub(crate) fn currency(notes: &mut Notes<'_>, c3: Option<Segment<'_>>, at: &str) -> Currency {
    let named = c3.and_then(|c3| notes.currency(c3.at(1), c3.element(1)));
    let agreed = notes.setting(CURRENCY);
    named.or_else(|| agreed.and_then(|code| notes.currency(at, Some(code)))).unwrap_or_else(|| {
        let detail = format!(
            "The set has amounts and no currency (`C3`); they are taken as US dollars. Name the currency in the agreement's \
             setting `{CURRENCY}`."
        );
        notes.warning("CURRENCY-ASSUMED", at, detail);
        Currency::new("USD").expect("USD has a currency's shape")
    })
}

/// An amount whose last two digits are behind the point that nobody writes (N2); where somebody writes it all the same, it counts.
pub(crate) fn amount(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    element: usize,
    currency: &Currency,
) -> Option<Money> {
    let written = segment.element(element)?;
    let number = notes.number(segment.at(element), "amount", Some(&written))?;
    let amount = if written.contains('.') { number } else { number.shifted(2) };
    Some(Money { amount, currency: currency.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_by_factors_that_are_decimals() {
        let found = |value: &str, factor, places| {
            converted(Decimal::from_partner(value).expect("a number"), factor, places).map(|number| number.to_string())
        };
        assert_eq!(found("5472", "0.45359237", PLACES).as_deref(), Some("2482.057"));
        assert_eq!(found("1200", "0.0283168466", VOLUME_PLACES).as_deref(), Some("33.9802"));
        assert_eq!(found("1000", "0.0000163871", VOLUME_PLACES).as_deref(), Some("0.0164"));
        assert_eq!(found("10", "0.0037854118", VOLUME_PLACES).as_deref(), Some("0.0379"));
    }
}
