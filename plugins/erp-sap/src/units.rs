//! SAP's units, the internal ones of its tables and the ISO codes that it sends, in UNECE Recommendation 20; and what is
//! weighed and measured in the units of canonical documents.

use portgate_sdk::canonical::{Decimal, Unit};

/// A unit of Recommendation 20, and whether the table knows it. Pieces are `C62`, whatever SAP calls them; packages are those
/// of Recommendation 21 behind an `X`, as Recommendation 20 has it. A unit that is in no table and could be one of the
/// Recommendation's own is left as it is; of any other nothing is known (`ZZ`, mutually defined).
pub(crate) fn unit(written: &str) -> (Unit, bool) {
    let known = known(written);
    let code = known.unwrap_or(written);
    let made = Unit::new(code).ok();
    let is_known = known.is_some() || is_of_recommendation_20(written);
    match made {
        Some(unit) => (unit, is_known),
        None => (Unit::new("ZZ").expect("two capitals"), false),
    }
}

fn known(written: &str) -> Option<&'static str> {
    Some(match written {
        "ST" | "PC" | "PCE" | "STK" | "EA" | "H87" | "C62" | "NAR" | "UN" => "C62",
        "KG" | "KGM" => "KGM",
        "G" | "GRM" => "GRM",
        "MG" | "MGM" => "MGM",
        "TO" | "T" | "TNE" => "TNE",
        "LB" | "LBR" => "LBR",
        "OZ" | "ONZ" => "ONZ",
        "TON" | "STN" => "STN",
        "L" | "LTR" => "LTR",
        "ML" | "MLT" => "MLT",
        "CL" | "CLT" => "CLT",
        "HL" | "HLT" => "HLT",
        "M3" | "MTQ" => "MTQ",
        "DM3" | "CDM" | "CD3" | "DMQ" => "DMQ",
        "CCM" | "CM3" | "CMQ" => "CMQ",
        "FT3" | "FTQ" => "FTQ",
        "\"3" | "IN3" | "INQ" => "INQ",
        "M2" | "MTK" => "MTK",
        "FT2" | "FTK" => "FTK",
        "M" | "MTR" => "MTR",
        "DM" | "DMT" => "DMT",
        "CM" | "CMT" => "CMT",
        "MM" | "MMT" => "MMT",
        "KM" | "KMT" => "KMT",
        "FT" | "FOT" => "FOT",
        "\"" | "IN" | "INH" => "INH",
        "YD" | "YRD" => "YRD",
        "GAL" | "GLL" => "GLL",
        "PT" | "PTL" => "PTL",
        "QT" | "QTL" => "QTL",
        "DZ" | "DZN" => "DZN",
        "GRO" => "GRO",
        "PAA" | "PR" => "PR",
        "SET" => "SET",
        "TS" | "TH" | "MIL" => "MIL",
        "H" | "STD" | "HR" | "HUR" => "HUR",
        "MIN" => "MIN",
        "S" | "SEC" => "SEC",
        "D" | "TAG" | "DAY" => "DAY",
        "WCH" | "WK" | "WEE" => "WEE",
        "MON" => "MON",
        "JHR" | "YR" | "ANN" => "ANN",
        "KWH" => "KWH",
        "%" | "P1" => "P1",
        "LE" | "AU" | "E48" => "E48",
        "KAR" | "CAR" | "CT" => "XCT",
        "KI" | "CR" => "XCR",
        "CS" | "CV" => "XCS",
        "BOX" | "BX" => "XBX",
        "PAL" | "PF" => "XPF",
        "PX" => "XPX",
        "PAK" | "PAC" | "PK" => "XPK",
        "BT" | "FL" | "BO" => "XBO",
        "BAG" | "BG" => "XBG",
        "CAN" | "DS" | "CA" => "XCA",
        "DR" | "DRM" | "FAS" => "XDR",
        "ROL" | "RL" | "RO" => "XRO",
        "TBE" | "TU" => "XTU",
        "BDL" | "BE" => "XBE",
        _ => return None,
    })
}

/// Whether it has the form of the codes that Recommendation 20 made itself: a capital and two digits, or three capitals.
fn is_of_recommendation_20(written: &str) -> bool {
    matches!(written.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'] | [b'A'..=b'Z', b'A'..=b'Z', b'A'..=b'Z'])
}

/// Digits after the point of a canonical decimal.
const DIGITS_MAX: u32 = 10;

/// `value` times a factor that is written as an integer with so many digits after the point.
fn times(value: Decimal, factor: i64, digits: u32) -> Decimal {
    (value * Decimal::from(factor).shifted(digits)).round(DIGITS_MAX)
}

/// A weight in kilograms; none in a unit that is none of weight.
pub(crate) fn kilograms(weight: Decimal, unit: &str) -> Option<Decimal> {
    Some(match known(unit)? {
        "KGM" => weight,
        "GRM" => times(weight, 1, 3),
        "MGM" => times(weight, 1, 6),
        "TNE" => times(weight, 1_000, 0),
        "LBR" => times(weight, 45_359_237, 8),
        "ONZ" => times(weight, 28_349_523_125, 12),
        "STN" => times(weight, 90_718_474, 5),
        _ => return None,
    })
}

/// A volume in cubic metres; none in a unit that is none of volume.
pub(crate) fn cubic_metres(volume: Decimal, unit: &str) -> Option<Decimal> {
    Some(match known(unit)? {
        "MTQ" => volume,
        "DMQ" | "LTR" => times(volume, 1, 3),
        "CMQ" | "MLT" => times(volume, 1, 6),
        "CLT" => times(volume, 1, 5),
        "HLT" => times(volume, 1, 1),
        "FTQ" => times(volume, 28_316_846_592, 12),
        "INQ" => times(volume, 16_387_064, 12),
        _ => return None,
    })
}

/// A length in centimetres; none in a unit that is none of length.
pub(crate) fn centimetres(length: Decimal, unit: &str) -> Option<Decimal> {
    Some(match known(unit)? {
        "CMT" => length,
        "MMT" => times(length, 1, 1),
        "DMT" => times(length, 10, 0),
        "MTR" => times(length, 100, 0),
        "FOT" => times(length, 3_048, 2),
        "INH" => times(length, 254, 2),
        "YRD" => times(length, 9_144, 2),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_units_and_iso_codes_become_the_same() {
        for (written, expected, known) in [
            ("ST", "C62", true),
            ("PCE", "C62", true),
            ("H87", "C62", true),
            ("EA", "C62", true),
            ("KG", "KGM", true),
            ("KAR", "XCT", true),
            ("CD3", "DMQ", true),
            ("A12", "A12", true),
            ("201", "201", false),
            ("UC", "UC", false),
            ("kg?", "ZZ", false),
            ("", "ZZ", false),
        ] {
            let (unit, is_known) = unit(written);
            assert_eq!((unit.as_str(), is_known), (expected, known), "{written}");
        }
    }

    #[test]
    fn weights_volumes_and_lengths_are_exact() {
        let decimal = |text: &str| Decimal::parse(text).expect("a decimal");
        let shown = |value: Option<Decimal>| value.map(|value| value.normalised().to_string());
        assert_eq!(shown(kilograms(decimal("500"), "G")).as_deref(), Some("0.5"));
        assert_eq!(shown(kilograms(decimal("1"), "LB")).as_deref(), Some("0.45359237"));
        assert_eq!(shown(kilograms(decimal("2"), "TO")).as_deref(), Some("2000"));
        assert_eq!(shown(kilograms(decimal("2"), "ST")), None);
        assert_eq!(shown(cubic_metres(decimal("145.774"), "DMQ")).as_deref(), Some("0.145774"));
        assert_eq!(shown(cubic_metres(decimal("1"), "FT3")).as_deref(), Some("0.0283168466"));
        assert_eq!(shown(centimetres(decimal("1"), "\"")).as_deref(), Some("2.54"));
        assert_eq!(shown(centimetres(decimal("215"), "MM")).as_deref(), Some("21.5"));
    }
}
