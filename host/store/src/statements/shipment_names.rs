//! What the names of shipments are found by.

use super::value::key_hash;

/// Whose names do not mix: those of tests and all others.
fn mode(is_test: bool) -> &'static str {
    if is_test { "test" } else { "" }
}

/// What a name is found by, with its scheme.
pub(super) fn name_hash(is_test: bool, scheme: &str, value: &str) -> [u8; 16] {
    key_hash("shipment-name", mode(is_test), scheme, value)
}

/// The schemes of which most names are. A name of one of these is kept with its scheme alone: each way to find it lies on a page
/// of its own among many shipments, and whoever looks for a value in whatever scheme can look in each of these. None may ever be
/// taken out: names of it that are kept would no longer be found by their values.
pub(super) const COMMON_SCHEMES: [&str; 14] = [
    "booking",
    "container",
    "invoice",
    "lrn",
    "mrn",
    "mucr",
    "order",
    "sap-delivery",
    "sap-order",
    "shipment",
    "shopify-order",
    "tracking-number",
    "transport-document",
    "ucr",
];

/// What a document's key is found by, and a name of any but the common schemes where nobody says its scheme.
pub(super) fn value_hash(is_test: bool, value: &str) -> [u8; 16] {
    key_hash("shipment-value", mode(is_test), "", value)
}

/// What names of this value are found by: in a scheme, or in whatever scheme, and documents of which it is the key.
pub(super) fn hashes(is_test: bool, scheme: Option<&str>, value: &str) -> Vec<[u8; 16]> {
    match scheme {
        Some(scheme) => vec![name_hash(is_test, scheme, value)],
        None => {
            let common = COMMON_SCHEMES.iter().map(|scheme| name_hash(is_test, scheme, value));
            common.chain([value_hash(is_test, value)]).collect()
        }
    }
}

/// What a party is found by that documents name.
pub(super) fn party_hash(is_test: bool, scheme: &str, value: &str) -> [u8; 16] {
    key_hash("shipment-party", mode(is_test), scheme, value)
}

/// What an article is found by, where a document says what is known of it.
pub(super) fn catalogue_hash(is_test: bool, sku: &str) -> [u8; 16] {
    key_hash("shipment-catalogue", mode(is_test), "", sku)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Journals that were filled before some schemes were common keep those names alone as well, under what keys have.
    #[test]
    fn a_value_is_looked_for_in_each_common_scheme_and_as_it_is_kept_of_all_others_and_was_of_all() {
        let wanted = hashes(false, None, "O1");
        assert_eq!(wanted.len(), COMMON_SCHEMES.len() + 1);
        assert!(wanted.contains(&value_hash(false, "O1")));
        assert!(COMMON_SCHEMES.iter().all(|scheme| wanted.contains(&name_hash(false, scheme, "O1"))));
        assert_eq!(hashes(true, Some("seal"), "O1"), [name_hash(true, "seal", "O1")]);
    }
}
