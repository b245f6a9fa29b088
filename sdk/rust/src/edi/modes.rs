//! Modes of transport as X12 has them, element 91.

use portgate_canonical::TransportMode;
use portgate_canonical::TransportMode::{Air, Fixed, Inland, Mail, Rail, Road, Sea};

/// Each mode with the codes that say it; the first of them is written.
const MODES: [(TransportMode, &[&str]); 7] = [
    // Motor, of whatever carrier, trailer or group of stops; customers and suppliers come with trucks.
    (
        Road,
        &[
            "M", "J", "BU", "CE", "DA", "DW", "E", "FL", "GG", "GR", "GS", "H", "HH", "I", "K", "L", "LD", "LT", "MB",
            "MP", "P", "PC", "PT", "SC", "SR", "TA", "TC", "TL", "TT", "VA",
        ],
    ),
    // Rail, with piggyback, stack trains and trailers that run on it.
    (Rail, &["R", "PG", "PR", "RC", "RR", "ST", "X"]),
    (Sea, &["S", "BB", "CC", "MS", "N", "O", "Q", "RO", "SS", "VE", "Y1", "Y2"]),
    (Air, &["A", "AC", "AE", "AF", "AH", "AP", "ED", "FA", "LA", "PA", "Y"]),
    (Inland, &["W", "B", "VL"]),
    // Mail and parcels.
    (Mail, &["U", "6", "7", "BP", "D"]),
    (Fixed, &["PL"]),
];

/// The mode of a code of element 91; nothing where it leaves the mode open, such as `T`, the best way.
pub fn transport_mode(code: &str) -> Option<TransportMode> {
    MODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(mode, _)| *mode)
}

/// The code of element 91 that a mode is written as.
pub fn transport_method(mode: TransportMode) -> &'static str {
    MODES.iter().find(|(known, _)| *known == mode).and_then(|(_, codes)| codes.first()).copied().unwrap_or("ZZ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_written_as_it_is_read_and_no_code_says_two() {
        for (mode, _) in MODES {
            assert_eq!(transport_mode(transport_method(mode)), Some(mode));
        }
        let mut codes: Vec<_> = MODES.iter().flat_map(|(_, codes)| codes.iter()).collect();
        let all = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn what_leaves_the_mode_open_has_none() {
        for open in ["T", "C", "G", "PP", "SB", "SE", "WP", "ZZ", ""] {
            assert_eq!(transport_mode(open), None, "{open}");
        }
    }
}
