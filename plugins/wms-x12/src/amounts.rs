//! Numbers of X12 made canonical: quantities, weights, volumes and lengths, exactly, with what was written beside.

use portgate_sdk::canonical::{Code, Decimal, Measure, Quantity, Text, Unit};
use portgate_sdk::x12::Segment;
use portgate_sdk::{Decoded, Finding};

use crate::codes;
use crate::sets::text;
use crate::units::{self, Factor, PIECES, REC_20, UNKNOWN};

/// The most digits after the point that a decimal of a document has.
const DIGITS: u32 = 10;

/// A number; one that is none refuses the set, for nobody knows how much is meant.
pub(crate) fn decimal(segment: Segment<'_>, element: usize, decoded: &mut Decoded) -> Option<Decimal> {
    text(segment, element)?;
    let written = segment.decimal(element, 1)?;
    match Decimal::from_partner(&written) {
        Ok(number) => Some(number),
        Err(invalid) => {
            let detail = format!("This is no number; expected {}.", invalid.expected);
            decoded.finding(Finding::error("NUMBER", segment.at(element), detail));
            None
        }
    }
}

/// A count; one that is no whole number is said, and kept as a measure of this kind.
pub(crate) fn count(
    segment: Segment<'_>,
    element: usize,
    kind: &str,
    measures: &mut Vec<Measure>,
    decoded: &mut Decoded,
) -> Option<u32> {
    let number = decimal(segment, element, decoded)?;
    let count = number.normalised().to_string().parse().ok();
    if count.is_none() {
        let detail = "This counts something, and is no whole number from 0 to 4294967295; it is kept as a measure.";
        decoded.finding(Finding::warning("COUNT", segment.at(element), detail));
        measures.extend(measure(kind, number, None, None));
    }
    count
}

/// A unit as documents have it, and the same beside what was written.
pub(crate) fn unit(segment: Segment<'_>, element: usize, decoded: &mut Decoded) -> Option<(Unit, Code)> {
    let written = text(segment, element)?;
    let known = units::from_x12(&written.to_ascii_uppercase());
    if known.is_none() {
        let shown: String = written.chars().take(16).collect();
        let detail =
            format!("The unit `{shown}` (X12 355) is not known; it is kept as it is. Add it to the connector.");
        let finding = Finding::warning("UNKNOWN-UNIT", segment.at(element), detail);
        if !decoded.noticed().contains(&finding) {
            decoded.finding(finding);
        }
    }
    let unit = Unit::new(known.unwrap_or(UNKNOWN)).ok()?;
    let code = codes::code(unit.as_str(), REC_20, Some(&written))?;
    Some((unit, code))
}

/// So much of a unit; where the unit is not said, pieces.
pub(crate) fn quantity(
    segment: Segment<'_>,
    (value, unit_at): (usize, usize),
    measures: &mut Vec<Measure>,
    decoded: &mut Decoded,
) -> Option<Quantity> {
    let number = decimal(segment, value, decoded)?;
    match unit(segment, unit_at, decoded) {
        Some((unit, code)) => {
            if unit.as_str() == UNKNOWN {
                measures.extend(measure("quantity", number, Some(code), None));
            }
            Some(Quantity { value: number, unit })
        }
        None => {
            let detail = "The quantity has no unit; it is taken to count pieces.";
            decoded.finding(Finding::info("NO-UNIT", segment.at(unit_at), detail));
            Unit::new(PIECES).ok().map(|unit| Quantity { value: number, unit })
        }
    }
}

/// A measure as it was written.
pub(crate) fn measure(kind: &str, value: Decimal, unit: Option<Code>, qualifier: Option<Code>) -> Option<Measure> {
    let kind = Text::cut(kind)?.text;
    Some(Measure { unit, qualifier, ..Measure::new(kind, value) })
}

/// A number of one unit in another, exactly as far as a decimal has room for it; nothing where it is too large.
pub(crate) fn converted(value: Decimal, factor: Option<Factor>) -> Option<Decimal> {
    let (factor, digits) = factor?;
    let product = value * Decimal::parse(factor).ok()?;
    let product = product.shifted(digits).round(DIGITS).normalised();
    Decimal::parse(&product.to_string()).ok()
}

/// Weights and volume of something, with what was written in other units.
#[derive(Default)]
pub(crate) struct Weights {
    pub(crate) gross_kg: Option<Decimal>,
    pub(crate) net_kg: Option<Decimal>,
    pub(crate) volume_m3: Option<Decimal>,
    pub(crate) measures: Vec<Measure>,
}

impl Weights {
    /// The weight whose value, qualifier (187) and unit (188 or 355) stand in these elements; without a qualifier it is gross.
    pub(crate) fn weight(
        &mut self,
        segment: Segment<'_>,
        value: usize,
        qualifier: Option<usize>,
        unit_at: usize,
        decoded: &mut Decoded,
    ) {
        let qualifier = qualifier.and_then(|element| text(segment, element));
        let Some(number) = decimal(segment, value, decoded) else { return };
        self.weigh(segment, number, qualifier.as_deref(), "X12 187", unit_at, decoded);
    }

    /// The same of a number that is read already.
    pub(crate) fn weigh(
        &mut self,
        segment: Segment<'_>,
        number: Decimal,
        qualifier: Option<&str>,
        list: &str,
        unit_at: usize,
        decoded: &mut Decoded,
    ) {
        let unit = unit(segment, unit_at, decoded);
        let kg = unit.as_ref().and_then(|(unit, _)| converted(number, units::kilograms(unit.as_str())));
        let (kind, field) = match qualifier {
            // What the shipper says it weighs is what it weighs with its package.
            None | Some("G" | "A3" | "FR" | "WT") => ("gross-weight", Some(&mut self.gross_kg)),
            Some("N" | "A1" | "E") => ("net-weight", Some(&mut self.net_kg)),
            Some("T") => ("tare-weight", None),
            Some(_) => ("weight", None),
        };
        let in_kilograms = unit.as_ref().is_some_and(|(unit, _)| unit.as_str() == "KGM");
        let is_taken = match (field, kg) {
            (Some(field), Some(kg)) if field.is_none_or(|known| known == kg) => {
                *field = Some(kg);
                true
            }
            _ => false,
        };
        let is_plain = matches!(qualifier, None | Some("G" | "N"));
        if !(is_taken && in_kilograms && is_plain) {
            let qualifier = qualifier.and_then(|code| codes::code(code, list, None));
            self.measures.extend(measure(kind, number, unit.map(|(_, code)| code), qualifier));
        }
    }

    /// The volume whose value and unit stand in these elements.
    pub(crate) fn volume(&mut self, segment: Segment<'_>, value: usize, unit_at: usize, decoded: &mut Decoded) {
        let Some(number) = decimal(segment, value, decoded) else { return };
        let unit = unit(segment, unit_at, decoded);
        let cubic = unit.as_ref().and_then(|(unit, _)| converted(number, units::cubic_metres(unit.as_str())));
        let in_cubic_metres = unit.as_ref().is_some_and(|(unit, _)| unit.as_str() == "MTQ");
        let is_taken = cubic.is_some() && self.volume_m3.is_none_or(|known| Some(known) == cubic);
        if is_taken {
            self.volume_m3 = cubic;
        }
        if !(is_taken && in_cubic_metres) {
            self.measures.extend(measure("volume", number, unit.map(|(_, code)| code), None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kilograms(value: &str, unit: &str) -> Option<String> {
        let value = Decimal::parse(value).expect("a decimal");
        converted(value, units::kilograms(unit)).map(|kg| kg.to_string())
    }

    #[test]
    fn weights_are_converted_exactly() {
        assert_eq!(kilograms("45582", "LBR").as_deref(), Some("20675.64740934"));
        assert_eq!(kilograms("15360", "LBR").as_deref(), Some("6967.1788032"));
        assert_eq!(kilograms("1", "ONZ").as_deref(), Some("0.0283495231"), "as far as there is room");
        assert_eq!(kilograms("16", "ONZ").as_deref(), Some("0.45359237"));
        assert_eq!(kilograms("2.50", "KGM").as_deref(), Some("2.5"));
        assert_eq!(kilograms("1", "MTR"), None);
        assert_eq!(kilograms("999999999999999999", "LTN"), None, "it has no room");
    }
}
