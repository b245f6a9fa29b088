//! Which countries customs takes together.

use portgate_sdk::canonical::{Country, Location};
use portgate_sdk::territory::Territory;

/// The other parties to the convention on a common transit procedure.
const COMMON_TRANSIT: [&str; 11] = ["CH", "GB", "GE", "IS", "MD", "ME", "MK", "NO", "RS", "TR", "UA"];

/// Countries that are in the Union's security area by agreement.
const SECURITY: [&str; 3] = ["CH", "LI", "NO"];

/// Whether a country is a party to the convention on common transit without being of the Union.
pub(crate) fn is_common_transit(country: &str) -> bool {
    COMMON_TRANSIT.contains(&country)
}

/// Whether goods from there have entered a territory already: of the Union, its security area as well.
pub(crate) fn secures(territory: Territory, country: &str) -> bool {
    territory.has(country) || (territory == Territory::Union && SECURITY.contains(&country))
}

/// The country of a place: that of its UN/LOCODE, or the one that is said.
pub(crate) fn country(place: &Location) -> Option<Country> {
    let coded = place.un_locode.as_ref().and_then(|code| code.as_str().get(..2));
    let of_address = || place.address.as_ref().and_then(|address| address.country.clone());
    coded.and_then(|code| Country::new(code).ok()).or_else(|| place.country.clone()).or_else(of_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_of_the_security_area_have_entered_the_union_and_nothing_else() {
        let union = Territory::of("NL000396").expect("an office");
        assert!(secures(union, "NO") && secures(union, "DE") && !union.has("NO") && !secures(union, "GB"));
        let uk = Territory::of("GB000060").expect("an office");
        assert!(secures(uk, "GB") && !secures(uk, "NO"));
    }
}
