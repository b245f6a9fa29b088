//! Packages: what identifies them (`MAN`), what they measure (`PAL`, `PO4`), and how lines name them.

use portgate_sdk::canonical::{Dimensions, Package, Reference, Text};
use portgate_sdk::x12::Segment;
use portgate_sdk::{Decoded, Finding};

use crate::amounts::{self, Weights, converted, decimal, measure};
use crate::codes;
use crate::details::Details;
use crate::sets::text;
use crate::units;

/// A package of which nothing is known but that it is one, and a pallet, by UNECE Recommendation 21.
pub(crate) const PACKAGE: &str = "PK";
pub(crate) const PALLET: &str = "PX";

/// A package of this kind.
pub(crate) fn one(kind: &str) -> Package {
    Package::new(Text::new(kind).expect("a code of two letters"), 1)
}

/// How lines name a package: by its SSCC, or by its number in the list.
pub(crate) fn name(package: &Package, index: usize) -> Text<32> {
    let number = || Text::new((index + 1).to_string()).expect("a number is short");
    package.sscc.as_ref().map_or_else(number, Text::widened)
}

/// A Serial Shipping Container Code: 18 digits, before which labels have the application identifier `00`.
pub(crate) fn sscc(written: &str) -> Option<Text<18>> {
    let digits = match written.len() {
        20 => written.strip_prefix("00")?,
        _ => written,
    };
    let is_one = digits.len() == 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { Text::new(digits).ok() } else { None }
}

/// `MAN`: up to two marks, each with its qualifier (88) and, of a range, its end. True where it names a package that has a name
/// of this kind already, so that it must be another one.
pub(crate) fn is_another(package: &Package, segment: Segment<'_>) -> bool {
    match text(segment, 1).as_deref() {
        Some("GM" | "AA" | "AI") => package.sscc.is_some(),
        Some("CP") => package.tracking_number.is_some(),
        _ => false,
    }
}

/// Gives a package the marks of a `MAN`.
pub(crate) fn mark(package: &mut Package, segment: Segment<'_>, decoded: &mut Decoded) {
    for (qualifier, from, to) in [(1, 2, 3), (4, 5, 6)] {
        let Some(number) = text(segment, from) else { continue };
        let kind = text(segment, qualifier).unwrap_or_default();
        let at = segment.at(from);
        match kind.as_str() {
            "GM" | "AA" | "AI" | "W" if package.sscc.is_none() && sscc(&number).is_some() => {
                package.sscc = sscc(&number)
            }
            "CP" if package.tracking_number.is_none() => {
                package.tracking_number = decoded.identifier(at, "tracking number", &number);
            }
            _ => {
                if matches!(kind.as_str(), "GM" | "AA") {
                    let detail =
                        "An SSCC has 18 digits, with `00` before them or without; this is kept as a reference.";
                    decoded.finding(Finding::warning("SSCC", at, detail));
                }
                refer(package, &format!("x12-88:{kind}"), &number, at.to_string(), decoded);
            }
        }
        if let Some(end) = text(segment, to) {
            let marks = [package.marks.as_deref().map(str::to_owned), Some(format!("{number} - {end}"))];
            let marks = marks.into_iter().flatten().collect::<Vec<_>>().join("; ");
            package.marks = decoded.free_text(segment.at(to), "marks", &marks);
        }
    }
}

/// Another name of a package.
pub(crate) fn refer(package: &mut Package, scheme: &str, value: &str, at: String, decoded: &mut Decoded) {
    let reference: Option<Reference> = decoded.reference(at, scheme, value);
    if let Some(reference) = reference
        && !package.references.contains(&reference)
    {
        package.references.push(reference);
    }
}

/// What kind of package a code of element 103 is; one that is not known is a package, and a warning says so.
pub(crate) fn kind(written: &str, at: String, decoded: &mut Decoded) -> &'static str {
    match codes::packaging(written) {
        Some(kind) => kind,
        None => {
            let shown: String = written.chars().take(16).collect();
            let detail = format!("The packaging `{shown}` (X12 103) is not known; it stands beside `PK`, a package.");
            decoded.finding(Finding::warning("UNKNOWN-PACKAGING", at, detail));
            PACKAGE
        }
    }
}

/// Gives a package its kind, as the code of element 103 at this place says, and keeps the code.
pub(crate) fn pack_as(package: &mut Package, segment: Segment<'_>, element: usize, decoded: &mut Decoded) {
    let Some(written) = text(segment, element) else { return };
    let kind = kind(&written, segment.at(element).to_string(), decoded);
    package.r#type = Text::new(kind).expect("a code of two letters");
    package.written_type = decoded.identifier(segment.at(element), "packaging code", &written);
}

/// Gives a package what was weighed of it.
pub(crate) fn weigh(package: &mut Package, weights: Weights) {
    package.gross_kg = package.gross_kg.or(weights.gross_kg);
    package.net_kg = package.net_kg.or(weights.net_kg);
    package.volume_m3 = package.volume_m3.or(weights.volume_m3);
    package.measures.extend(weights.measures);
}

/// `PAL`: pallet, its load, weight, volume and measures.
pub(crate) fn pallet(package: &mut Package, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
    package.r#type = Text::new(PALLET).expect("a code of two letters");
    for (element, kind) in [(2, "pallet-tiers"), (3, "pallet-blocks"), (4, "pack"), (16, "inner-pack")] {
        let number = decimal(segment, element, decoded);
        package.measures.extend(number.and_then(|number| measure(kind, number, None, None)));
    }
    if let Some(number) = decimal(segment, 5, decoded) {
        let unit = amounts::unit(segment, 6, decoded).map(|(_, code)| code);
        package.measures.extend(measure("unit-weight", number, unit, None));
    }
    let mut weights = Weights::default();
    weights.weight(segment, 11, None, 12, decoded);
    weights.volume(segment, 13, 14, decoded);
    weigh(package, weights);
    measured(package, segment, (7, 8, 9, 10), decoded);
    details.classify(segment, 1, "X12 883");
    details.classify(segment, 15, "X12 399");
    details.keep_from(segment, 17, decoded);
}

/// Length, width, height and their unit. The measures of a package are all three of them; what is less, or in another unit than
/// centimetres, stands as it was stated.
pub(crate) fn measured(
    package: &mut Package,
    segment: Segment<'_>,
    (length, width, height, unit): (usize, usize, usize, usize),
    decoded: &mut Decoded,
) {
    let stated = [length, width, height].map(|element| decimal(segment, element, decoded));
    if stated.iter().all(Option::is_none) {
        return;
    }
    let unit = amounts::unit(segment, unit, decoded);
    let factor = unit.as_ref().and_then(|(unit, _)| units::centimetres(unit.as_str()));
    let centimetres = stated.map(|number| number.and_then(|number| converted(number, factor)));
    if let [Some(length), Some(width), Some(height)] = centimetres {
        package.dimensions = Some(Dimensions::new(length, width, height));
        if unit.as_ref().is_some_and(|(unit, _)| unit.as_str() == "CMT") {
            return;
        }
    }
    let code = unit.map(|(_, code)| code);
    for (kind, number) in ["length", "width", "height"].into_iter().zip(stated) {
        package.measures.extend(number.and_then(|number| measure(kind, number, code.clone(), None)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sscc_has_18_digits_and_its_label_two_more() {
        assert_eq!(sscc("00007121610006156802").as_deref(), Some("007121610006156802"));
        assert_eq!(sscc("050000000000000012").as_deref(), Some("050000000000000012"));
        for other in ["01234567891011121314", "1234567890123456", "LPN6569", ""] {
            assert_eq!(sscc(other), None, "{other}");
        }
    }
}
