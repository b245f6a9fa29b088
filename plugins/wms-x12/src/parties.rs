//! Parties: `N1` and what follows it, `N2` to `N4` and `PER`.

use portgate_sdk::canonical::{Address, Country, Party, PartyId, Text};
use portgate_sdk::x12::Segment;
use portgate_sdk::{Decoded, Finding};

use crate::codes::{self, code, party_scheme};
use crate::details::Details;
use crate::sets::text;

/// The parties of a set, or of a part of it.
#[derive(Default)]
pub(crate) struct Parties {
    pub(crate) list: Vec<Party>,
}

impl Parties {
    /// Takes a segment of a party; false where it is another one, or belongs to none.
    pub(crate) fn take(&mut self, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) -> bool {
        match (segment.tag(), self.list.last_mut()) {
            ("N1", _) => self.list.push(named(segment, details, decoded)),
            ("N2", Some(party)) => more_names(party, segment, decoded),
            ("N3", Some(party)) => streets(party, segment, decoded),
            ("N4", Some(party)) => place(party, segment, details, decoded),
            ("PER", Some(party)) => contact(party, segment, details, decoded),
            _ => return false,
        }
        true
    }
}

/// `N1`: the part that is played, the name, and an identifier with its qualifier.
fn named(segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) -> Party {
    let written = text(segment, 1).unwrap_or_default();
    let role = codes::role(&written);
    let name = text(segment, 2).and_then(|name| decoded.free_text(segment.at(2), "name", &name));
    let role_code = code(&written, "X12 98", None).filter(|_| !codes::is_plain_role(&written, role));
    let mut party = Party { name, role_code, ..Party::new(role) };
    if let Some(value) = text(segment, 4) {
        identify(&mut party, &party_scheme(text(segment, 3).as_deref()), &value, segment.at(4).to_string(), decoded);
    } else {
        details.keep_element(segment, 3, decoded);
    }
    details.keep_from(segment, 5, decoded);
    party
}

fn identify(party: &mut Party, scheme: &str, value: &str, at: String, decoded: &mut Decoded) {
    let scheme: Option<Text<32>> = decoded.identifier(&at, "kind of the identifier", scheme);
    let value = decoded.identifier(&at, "identifier of the party", value);
    if let (Some(scheme), Some(value)) = (scheme, value) {
        party.ids.push(PartyId::new(scheme, value));
    }
}

/// `N2`: what the name goes on with.
fn more_names(party: &mut Party, segment: Segment<'_>, decoded: &mut Decoded) {
    let names = [party.name.as_deref().map(str::to_owned), text(segment, 1), text(segment, 2)];
    let whole = names.into_iter().flatten().collect::<Vec<_>>().join(", ");
    party.name = decoded.free_text(segment.at(1), "name", &whole);
}

/// `N3`: street and house.
fn streets(party: &mut Party, segment: Segment<'_>, decoded: &mut Decoded) {
    for element in 1..=segment.element_count() {
        let Some(line) = text(segment, element) else { continue };
        let line = decoded.free_text(segment.at(element), "line of the address", &line);
        party.address.get_or_insert_default().lines.extend(line);
    }
}

/// `N4`: city, state, postal code, country, and another name of the place with its qualifier.
fn place(party: &mut Party, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
    let address: &mut Address = party.address.get_or_insert_default();
    address.city = text(segment, 1).and_then(|city| decoded.free_text(segment.at(1), "city", &city));
    address.region = text(segment, 2).and_then(|region| decoded.free_text(segment.at(2), "region", &region));
    address.postcode = text(segment, 3).and_then(|code| decoded.identifier(segment.at(3), "postcode", &code));
    if let Some(written) = text(segment, 4) {
        address.country = country(&written);
        if address.country.is_none() {
            let detail = "The country is none of ISO 3166-1's codes of two letters; it is kept as a note.";
            decoded.finding(Finding::warning("COUNTRY", segment.at(4), detail));
            details.keep_element(segment, 4, decoded);
        }
    }
    let Some(name) = text(segment, 6) else { return details.keep_element(segment, 5, decoded) };
    match text(segment, 5).as_deref() {
        Some("SP") if address.region.is_none() => {
            address.region = decoded.free_text(segment.at(6), "region", &name);
        }
        qualifier => {
            let scheme = format!("x12:{}", qualifier.unwrap_or("310"));
            identify(party, &scheme, &name, segment.at(6).to_string(), decoded);
        }
    }
}

/// The country of two letters; three letters are taken where they are the neighbours' that are written so most.
fn country(written: &str) -> Option<Country> {
    let code = match written {
        "USA" => "US",
        "CAN" => "CA",
        "MEX" => "MX",
        "GBR" => "GB",
        other => other,
    };
    Country::new(code).ok()
}

/// `PER`: who is to be asked, and how.
fn contact(party: &mut Party, segment: Segment<'_>, details: &mut Details, decoded: &mut Decoded) {
    // `IC` is whoever can be asked.
    if text(segment, 1).is_some_and(|function| function != "IC") {
        details.keep_element(segment, 1, decoded);
    }
    if let Some(name) = text(segment, 2) {
        match party.contact {
            None => party.contact = decoded.free_text(segment.at(2), "contact", &name),
            Some(_) => details.keep_element(segment, 2, decoded),
        }
    }
    for element in [3, 5, 7] {
        let Some(number) = text(segment, element + 1) else { continue };
        let at = segment.at(element + 1);
        match text(segment, element).as_deref() {
            Some("TE" | "HP" | "WP" | "CP") if party.phone.is_none() => {
                party.phone = decoded.free_text(at, "telephone number", &number);
            }
            Some("EM") if party.email.is_none() => {
                party.email = decoded.free_text(at, "address for electronic mail", &number);
            }
            kind => {
                details.words(&number, code(kind.unwrap_or("PER"), "X12 365", None), at.to_string(), decoded);
            }
        }
    }
    details.keep_from(segment, 9, decoded);
}
