//! Who buys, and where it goes.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Address, Country, Party, PartyRole, Text};
use serde::Deserialize;

use crate::reader::Reader;

/// An address of the shop.
#[derive(Default, Deserialize)]
pub(crate) struct ShopAddress {
    first_name: Option<String>,
    last_name: Option<String>,
    company: Option<String>,
    address_1: Option<String>,
    address_2: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postcode: Option<String>,
    country: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// The party of an address; none where it says nothing.
pub(crate) fn party(reader: &mut Reader<'_>, at: &Pointer, role: PartyRole, from: ShopAddress) -> Option<Party> {
    let person = [&from.first_name, &from.last_name].into_iter().flatten().map(|name| name.trim());
    let person = person.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let person = Some(&*person).filter(|person| !person.is_empty());
    let company: Option<Text<256>> = reader.words(at.key("company"), "company", from.company.as_deref());
    let contact = company.as_ref().and(person);
    let mut party = Party {
        contact: reader.words(at.key("last_name"), "name", contact),
        name: match company {
            Some(company) => reader.words(at.key("company"), "company", Some(&*company)),
            None => reader.words(at.key("last_name"), "name", person),
        },
        email: reader.words(at.key("email"), "address", from.email.as_deref()),
        phone: reader.words(at.key("phone"), "number", from.phone.as_deref()),
        ..Party::new(role)
    };
    let lines = [("address_1", &from.address_1), ("address_2", &from.address_2)];
    let address = Address {
        lines: lines
            .into_iter()
            .filter_map(|(name, line)| reader.words(at.key(name), "line", line.as_deref()))
            .collect(),
        city: reader.words(at.key("city"), "city", from.city.as_deref()),
        region: reader.words(at.key("state"), "state", from.state.as_deref()),
        postcode: reader.words(at.key("postcode"), "postcode", from.postcode.as_deref()),
        country: country(reader, at, from.country.as_deref()),
    };
    if address != Address::default() {
        party.address = Some(address);
    }
    (party != Party::new(role)).then_some(party)
}

fn country(reader: &mut Reader<'_>, at: &Pointer, code: Option<&str>) -> Option<Country> {
    let code = code.map(str::trim).filter(|code| !code.is_empty())?;
    let country = Country::new(code.to_ascii_uppercase());
    if country.is_err() {
        reader.warning("INVALID", at.key("country"), "This is no country of two letters; it is left out.");
    }
    country.ok()
}
