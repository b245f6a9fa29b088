//! The code lists that conditions of NCTS rest on, as customs publishes them, by their numbers.

/// CL010: where the Union's customs territory is, Northern Ireland with it.
pub(crate) const UNION: [&str; 36] = [
    "AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MC", "MF", "MQ", "MT", "NL", "PL", "PT", "RE", "RO", "SE", "SI", "SK", "XI", "YT",
];
/// CL112: the other parties of the convention on a common transit procedure.
pub(crate) const COMMON: [&str; 8] = ["CH", "GB", "IS", "MK", "NO", "RS", "TR", "UA"];
/// What CL009 has beside those: countries of the common transit procedure without a customs of their own in it.
const OF_COMMON_TRANSIT: [&str; 9] = ["AD", "GG", "IM", "JE", "LI", "SJ", "SM", "XS", "XI"];
/// What CL147 has beside the Union: countries that share its security area.
const OF_SECURITY_AREA: [&str; 4] = ["AD", "CH", "NO", "SM"];
/// CL178: previous documents that prove the status of Union goods.
pub(crate) const UNION_STATUS: [&str; 4] = ["C612", "C620", "N822", "N825"];
/// CL181: goods in bulk, which nobody counts.
pub(crate) const BULK: [&str; 7] = ["VG", "VL", "VO", "VQ", "VR", "VS", "VY"];
/// CL182: goods that are not packed, whose pieces are counted.
pub(crate) const UNPACKED: [&str; 3] = ["NE", "NF", "NG"];
/// CL286: guarantees that have a reference number (GRN).
pub(crate) const WITH_NUMBER: [&str; 5] = ["0", "1", "2", "4", "9"];
/// Guarantees without any reference. Of types 3 and 5 national administrations differ.
pub(crate) const WITHOUT_REFERENCE: [&str; 5] = ["8", "A", "B", "J", "R"];

/// CL009: a country of the common transit procedure.
pub(crate) fn is_of_common_transit(country: &str) -> bool {
    UNION.contains(&country) || COMMON.contains(&country) || OF_COMMON_TRANSIT.contains(&country)
}

/// CL147: a country of the Union's security area.
pub(crate) fn is_of_security_area(country: &str) -> bool {
    UNION.contains(&country) || OF_SECURITY_AREA.contains(&country)
}
