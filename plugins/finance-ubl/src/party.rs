//! What the formats have in common on parties and items: how identifiers and schemes are called.

use portgate_sdk::canonical::{Address, Party, PartyId, Text};

/// The Harmonised System among the classifications of items (UNTDID 7143).
pub(crate) const HARMONISED_SYSTEM: &str = "HS";

/// The scheme of a party's identifier: `GLN` and `DUNS` for what the lists of codes call so, else the partner's own name for it.
/// `kind` says what the identifier is where that is more than a name: `legal`, `endpoint`.
pub(crate) fn scheme(kind: &str, scheme: Option<&str>) -> String {
    let scheme = scheme.map(str::trim).filter(|scheme| !scheme.is_empty());
    let known = match scheme {
        // ISO 6523, and what EDI calls the same.
        Some("0088" | "GLN") => Some("GLN"),
        Some("0060" | "DUNS") => Some("DUNS"),
        Some("0160" | "GTIN") => Some("GTIN"),
        _ => scheme,
    };
    match (kind, known) {
        ("", Some(known)) => known.to_owned(),
        ("", None) => "own".to_owned(),
        (kind, Some(known)) => format!("{kind}:{known}"),
        (kind, None) => kind.to_owned(),
    }
}

/// Adds an identifier to a party, unless it has it already.
pub(crate) fn identify(ids: &mut Vec<PartyId>, scheme: Option<Text<32>>, value: Option<Text<64>>) {
    if let (Some(scheme), Some(value)) = (scheme, value) {
        let id = PartyId { scheme, value };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}

/// An address, unless nothing is known of it.
pub(crate) fn known(address: Address) -> Option<Address> {
    (address != Address::default()).then_some(address)
}

/// Whether more is known of a party than the part it plays.
pub(crate) fn is_known(party: &Party) -> bool {
    *party != Party::new(party.role)
}

/// The code of a scheme (ISO 6523, EAS) by the name that it has in documents.
pub(crate) fn scheme_of(scheme: &str) -> String {
    let plain = scheme.split_once(':').map_or(scheme, |(_, plain)| plain);
    match plain {
        "GLN" => "0088",
        "DUNS" => "0060",
        plain => plain,
    }
    .to_owned()
}
