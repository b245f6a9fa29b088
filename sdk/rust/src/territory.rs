//! Which countries customs takes together: within a territory nothing is declared, and who got a number (EORI) in one is known in all
//! of it.
//!
//! ```
//! use portgate_sdk::territory::Territory;
//!
//! let of_rotterdam = Territory::of("NL000396").expect("an office says its country");
//! assert!(of_rotterdam.has("DE") && of_rotterdam.gave("FR123456789"));
//! assert!(!of_rotterdam.has("GB"));
//! ```

/// The members of the Union, and Northern Ireland, which is taken with it for goods (Windsor Framework, article 5).
const UNION: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// A customs territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Territory {
    /// The Union, with Northern Ireland.
    Union,
    /// Another country, which is alone.
    Alone([u8; 2]),
}

impl Territory {
    /// The territory of a country (ISO 3166-1 alpha-2, and `XI`), or of what begins with one: an office's number, such as `NL000396`,
    /// or an EORI. Nothing where there are not two characters.
    #[must_use]
    pub fn of(country: &str) -> Option<Territory> {
        let country = country.get(..2)?;
        match country.as_bytes() {
            [first, second] if !UNION.contains(&country) => Some(Territory::Alone([*first, *second])),
            _ => Some(Territory::Union),
        }
    }

    /// Whether customs here gave such a number to a trader: an EORI begins with the country that gave it.
    #[must_use]
    pub fn gave(self, eori: &str) -> bool {
        eori.get(..2).is_some_and(|country| self.has(country))
    }

    /// Whether a country is in it.
    #[must_use]
    pub fn has(self, country: &str) -> bool {
        match self {
            Territory::Union => UNION.contains(&country),
            Territory::Alone(own) => country.as_bytes() == own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_of_members_are_of_one_territory_and_others_alone() {
        let union = Territory::of("NL000396").expect("an office");
        assert_eq!(Territory::of("XI000081"), Some(union));
        assert!(union.gave("DE123456789") && union.gave("XI123456789000") && !union.gave("GB123456789000"));
        assert!(!union.has("NO"));
        let uk = Territory::of("GB000060").expect("an office");
        assert!(uk.gave("GB123456789000") && !uk.gave("XI123456789000") && uk.has("GB"));
        assert_eq!(Territory::of("N"), None);
        // Two bytes, and no two characters.
        assert_eq!(Territory::of("é1"), Some(Territory::Alone(*"é".as_bytes().first_chunk().expect("two bytes"))));
        assert_eq!(Territory::of("aé"), None);
    }
}
