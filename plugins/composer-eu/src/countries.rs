//! Which countries customs takes together.

use portgate_sdk::canonical::{Country, Location};

/// The members of the Union, and Northern Ireland, which is taken with it for goods.
const UNION: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// The other parties to the convention on a common transit procedure.
const COMMON_TRANSIT: [&str; 11] = ["CH", "GB", "GE", "IS", "MD", "ME", "MK", "NO", "RS", "TR", "UA"];

/// Countries that are in the Union's security area by agreement.
const SECURITY: [&str; 3] = ["CH", "LI", "NO"];

/// Whether a country is a party to the convention on common transit without being of the Union.
pub(crate) fn is_common_transit(country: &str) -> bool {
    COMMON_TRANSIT.contains(&country)
}

/// The customs territory that an office is of, by the country of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Territory {
    /// The Union, with Northern Ireland.
    Union,
    /// Another country, which is alone.
    Alone([u8; 2]),
}

impl Territory {
    /// The territory of an office's number, such as `NL000396`.
    pub(crate) fn of(office: &str) -> Option<Territory> {
        match office.as_bytes() {
            [first, second, ..] if !UNION.contains(&office.get(..2)?) => Some(Territory::Alone([*first, *second])),
            _ => office.get(..2).map(|_| Territory::Union),
        }
    }

    /// Whether customs here gave such a number to a trader (an EORI begins with the country that gave it).
    pub(crate) fn gave(self, eori: &str) -> bool {
        eori.get(..2).is_some_and(|country| self.has(country))
    }

    /// Whether a country is in it.
    pub(crate) fn has(self, country: &str) -> bool {
        match self {
            Territory::Union => UNION.contains(&country),
            Territory::Alone(own) => country.as_bytes() == own,
        }
    }

    /// Whether goods from there have entered already: of the Union, its security area as well.
    pub(crate) fn secures(self, country: &str) -> bool {
        self.has(country) || (self == Territory::Union && SECURITY.contains(&country))
    }
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
    fn offices_of_members_are_of_one_territory_and_others_alone() {
        let union = Territory::of("NL000396").expect("an office");
        assert_eq!(Territory::of("XI000081"), Some(union));
        assert!(union.gave("DE123456789") && union.gave("XI123456789000") && !union.gave("GB123456789000"));
        assert!(union.secures("NO") && !union.has("NO"));
        let uk = Territory::of("GB000060").expect("an office");
        assert!(uk.gave("GB123456789000") && !uk.gave("XI123456789000") && !uk.secures("NO"));
        assert_eq!(Territory::of("N"), None);
    }
}
