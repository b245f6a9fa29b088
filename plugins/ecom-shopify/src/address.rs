//! The parties of an order: who buys, and who receives the goods.

use portgate_sdk::canonical::{Address, Country, Location, Party, PartyId, PartyRole, Text};
use serde::Deserialize;

use crate::fields::{Fields, number};
use crate::scalar::{Scalar, gid};

/// The list of the shop's own numbers of places.
const LOCATIONS: &str = "Shopify location";

/// `shipping_address` or `billing_address`.
#[derive(Deserialize)]
pub(crate) struct ShopAddress {
    first_name: Option<String>,
    last_name: Option<String>,
    company: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    city: Option<String>,
    province: Option<String>,
    zip: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

/// Where a shop keeps its goods: `assigned_location` of a fulfilment order.
#[derive(Deserialize)]
pub(crate) struct ShopLocation {
    location_id: Option<Scalar>,
    name: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    city: Option<String>,
    province: Option<String>,
    zip: Option<String>,
    country_code: Option<String>,
}

/// `customer`.
#[derive(Deserialize)]
pub(crate) struct Customer {
    id: Option<u64>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// The consignee of the address at `path`.
pub(crate) fn consignee(fields: &mut Fields<'_>, path: &str, address: ShopAddress) -> Party {
    let person = full_name(&address.first_name, &address.last_name);
    let (name, person) = company_or_person(&address, person);
    let contact = joined(", ", [person.as_deref(), address.phone.as_deref()]);
    let email = fields.free_text(&format!("{path}/email"), "e-mail", address.email.as_deref());
    let place = place(fields, path, address);
    Party { email, ..party(fields, path, PartyRole::Consignee, name, contact, place) }
}

/// The place of a location; none if the shop says neither which one it is nor where.
pub(crate) fn location(
    fields: &mut Fields<'_>,
    path: &str,
    id: Option<&Scalar>,
    location: Option<ShopLocation>,
) -> Option<Location> {
    let id =
        id.or(location.as_ref().and_then(|location| location.location_id.as_ref())).and_then(|id| gid(id, "Location"));
    let id: Option<Text<16>> = id.and_then(|id| Text::new(id.to_string()).ok());
    let mut found = Location {
        facility_code_list: id.as_ref().and(Text::new(LOCATIONS).ok()),
        facility_code: id,
        ..Location::default()
    };
    if let Some(location) = location {
        found.name = fields.free_text(&format!("{path}/name"), "name of the location", location.name.as_deref());
        let address = ShopAddress {
            first_name: None,
            last_name: None,
            company: None,
            address1: location.address1,
            address2: location.address2,
            city: location.city,
            province: location.province,
            zip: location.zip,
            country: None,
            country_code: location.country_code,
            phone: None,
            email: None,
        };
        found.address = place(fields, path, address);
        found.country = found.address.as_ref().and_then(|address| address.country.clone());
    }
    (found != Location::default()).then_some(found)
}

/// The place of an address alone, such as `origin_address` of a fulfilment.
pub(crate) fn origin(fields: &mut Fields<'_>, path: &str, address: ShopAddress) -> Option<Address> {
    place(fields, path, address)
}

/// The buyer of `billing_address`, `customer` and `email`; none if there is nothing of all that.
pub(crate) fn buyer(
    fields: &mut Fields<'_>,
    billing: Option<ShopAddress>,
    customer: Option<Customer>,
    email: Option<&str>,
) -> Option<Party> {
    let nameless = Customer { id: None, first_name: None, last_name: None, email: None, phone: None };
    let customer = customer.unwrap_or(nameless);
    let person = full_name(&customer.first_name, &customer.last_name);
    let (name, person, phone) = match &billing {
        Some(billing) => {
            let (name, person) =
                company_or_person(billing, full_name(&billing.first_name, &billing.last_name).or(person));
            (name, person, billing.phone.as_deref())
        }
        None => (person, None, None),
    };
    let contact =
        joined(", ", [person.as_deref(), email.or(customer.email.as_deref()), phone.or(customer.phone.as_deref())]);
    let at = if billing.is_some() { "billing_address" } else { "customer" };
    let address = billing.and_then(|billing| place(fields, at, billing));
    let mut buyer = party(fields, at, PartyRole::Buyer, name, contact, address);
    if let (Ok(scheme), Some(id)) = (Text::new("shopify-customer"), customer.id) {
        buyer.ids.push(PartyId { scheme, value: number(id) });
    }
    let known = buyer.name.is_some() || buyer.address.is_some() || buyer.contact.is_some() || !buyer.ids.is_empty();
    known.then_some(buyer)
}

/// The party's name, and the person to ask for when the name is that of a company.
fn company_or_person(address: &ShopAddress, person: Option<String>) -> (Option<String>, Option<String>) {
    match address.company.as_deref().map(str::trim) {
        Some(company) if !company.is_empty() => (Some(company.to_owned()), person),
        _ => (person, None),
    }
}

fn party(
    fields: &mut Fields<'_>,
    path: &str,
    role: PartyRole,
    name: Option<String>,
    contact: Option<String>,
    address: Option<Address>,
) -> Party {
    Party {
        name: fields.free_text(path, "name", name.as_deref()),
        address,
        contact: fields.free_text(path, "contact", contact.as_deref()),
        ..Party::new(role)
    }
}

/// The address that stands at `path`. A postcode says which place is meant, as a code does, and is not cut.
fn place(fields: &mut Fields<'_>, path: &str, address: ShopAddress) -> Option<Address> {
    let at = |field: &str| format!("{path}/{field}");
    let written_as_code = address.country.clone().filter(|country| Country::new(country.as_str()).is_ok());
    let country_code = address.country_code.or(written_as_code);
    if let (None, Some(country)) = (&country_code, &address.country) {
        let detail = format!("The country `{country}` has no code and is left out; give `country_code`.");
        fields.warning("COUNTRY-CODE-MISSING", &at("country_code"), detail);
    }
    let lines = [("address1", address.address1), ("address2", address.address2)];
    let place = Address {
        city: fields.free_text(&at("city"), "city", address.city.as_deref()),
        region: fields.free_text(&at("province"), "province", address.province.as_deref()),
        postcode: address.zip.and_then(|zip| fields.identifier(&at("zip"), "postcode", &zip)),
        country: fields.shaped(&at("country_code"), country_code, Country::new),
        lines: lines
            .into_iter()
            .filter_map(|(field, line)| fields.free_text(&at(field), "line of the address", line.as_deref()))
            .collect(),
    };
    let known = place.city.is_some()
        || place.region.is_some()
        || place.postcode.is_some()
        || place.country.is_some()
        || !place.lines.is_empty();
    known.then_some(place)
}

fn full_name(first: &Option<String>, last: &Option<String>) -> Option<String> {
    joined(" ", [first.as_deref(), last.as_deref()])
}

/// What there is of the parts, with something in between.
fn joined<const N: usize>(between: &str, parts: [Option<&str>; N]) -> Option<String> {
    let mut whole = String::new();
    for part in parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()) {
        if !whole.is_empty() {
            whole.push_str(between);
        }
        whole.push_str(part);
    }
    (!whole.is_empty()).then_some(whole)
}
