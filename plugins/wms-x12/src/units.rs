//! Units of X12 (elements 355 and 188) and those of UNECE Recommendation 20 that mean the same.

/// The list of the units that documents are written in.
pub(crate) const REC_20: &str = "UNECE Rec 20";

/// A unit that no table here has: mutually defined.
pub(crate) const UNKNOWN: &str = "ZZ";

/// Pieces.
pub(crate) const PIECES: &str = "C62";

/// What X12 calls a unit, and what Recommendation 20 does. Where several of X12 mean the same, the first is written. Packages are
/// counted by Recommendation 21, whose codes have an `X` before them there.
const UNITS: &[(&str, &str)] = &[
    ("EA", PIECES),
    ("PC", PIECES),
    ("PCS", PIECES),
    ("UN", PIECES),
    ("CA", "XCS"),
    ("CS", "XCS"),
    ("CT", "XCT"),
    ("CTN", "XCT"),
    ("BX", "XBX"),
    ("PK", "XPK"),
    ("PL", "XPX"),
    ("PF", "XPX"),
    ("BG", "XBG"),
    ("BO", "XBO"),
    ("DR", "XDR"),
    ("JR", "XJR"),
    ("PA", "XPA"),
    ("RL", "XRO"),
    ("TB", "XTU"),
    ("TY", "XPU"),
    ("BE", "XBE"),
    ("CN", "XCA"),
    ("SV", "XSI"),
    ("SJ", "XSA"),
    ("KE", "XKG"),
    ("JU", "XJG"),
    ("LR", "LR"),
    ("DZ", "DZN"),
    ("PR", "PR"),
    ("ST", "SET"),
    ("KT", "KT"),
    ("HU", "CEN"),
    ("HC", "CEN"),
    ("TH", "MIL"),
    ("GS", "GRO"),
    ("LB", "LBR"),
    ("L", "LBR"),
    ("01", "LBR"),
    ("24", "LBR"),
    ("KG", "KGM"),
    ("K", "KGM"),
    ("50", "KGM"),
    ("53", "KGM"),
    ("GR", "GRM"),
    ("G", "GRM"),
    ("OZ", "ONZ"),
    ("O", "ONZ"),
    ("MP", "TNE"),
    ("E", "TNE"),
    ("TN", "STN"),
    ("NS", "STN"),
    ("S", "STN"),
    ("LG", "LTN"),
    ("T", "LTN"),
    ("IN", "INH"),
    ("FT", "FOT"),
    ("LF", "FOT"),
    ("YD", "YRD"),
    ("LY", "YRD"),
    ("MR", "MTR"),
    ("LM", "MTR"),
    ("CM", "CMT"),
    ("MM", "MMT"),
    ("CF", "FTQ"),
    ("CI", "INQ"),
    ("CY", "YDQ"),
    ("CR", "MTQ"),
    ("CC", "CMQ"),
    ("LT", "LTR"),
    ("ML", "MLT"),
    ("GA", "GLL"),
    ("SF", "FTK"),
    ("SY", "YDK"),
    ("SM", "MTK"),
    ("FA", "FAH"),
    ("CE", "CEL"),
    ("P1", "P1"),
];

/// The unit that X12 writes so.
pub(crate) fn from_x12(code: &str) -> Option<&'static str> {
    UNITS.iter().find(|(x12, _)| *x12 == code).map(|(_, unit)| *unit)
}

/// How X12 writes a unit.
pub(crate) fn to_x12(unit: &str) -> Option<&'static str> {
    UNITS.iter().find(|(x12, known)| *known == unit && x12.len() == 2).map(|(x12, _)| *x12)
}

/// What one of a unit is in another: a decimal, and by how many digits its point is to be moved to the left.
pub(crate) type Factor = (&'static str, u32);

/// How many kilograms one of the unit is; each is exact.
pub(crate) fn kilograms(unit: &str) -> Option<Factor> {
    Some(match unit {
        "KGM" => ("1", 0),
        "LBR" => ("0.45359237", 0),
        "GRM" => ("1", 3),
        "ONZ" => ("28.349523125", 3),
        "TNE" => ("1000", 0),
        "STN" => ("907.18474", 0),
        "LTN" => ("1016.0469088", 0),
        _ => return None,
    })
}

/// How many cubic metres one of the unit is; each is exact.
pub(crate) fn cubic_metres(unit: &str) -> Option<Factor> {
    Some(match unit {
        "MTQ" => ("1", 0),
        "FTQ" => ("28.316846592", 3),
        "INQ" => ("16.387064", 6),
        "YDQ" => ("764.554857984", 3),
        "CMQ" | "MLT" => ("1", 6),
        "LTR" => ("1", 3),
        "GLL" => ("3.785411784", 3),
        _ => return None,
    })
}

/// How many centimetres one of the unit is; each is exact.
pub(crate) fn centimetres(unit: &str) -> Option<Factor> {
    Some(match unit {
        "CMT" => ("1", 0),
        "MMT" => ("1", 1),
        "MTR" => ("100", 0),
        "INH" => ("2.54", 0),
        "FOT" => ("30.48", 0),
        "YRD" => ("91.44", 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_is_written_is_read_as_what_it_was() {
        for (_, unit) in UNITS {
            let written = to_x12(unit).expect(unit);
            assert_eq!(from_x12(written), Some(*unit));
        }
    }

    #[test]
    fn no_unit_is_named_twice() {
        for (index, (x12, _)) in UNITS.iter().enumerate() {
            assert!(UNITS[index + 1..].iter().all(|(other, _)| other != x12), "{x12}");
        }
    }
}
