//! Parties and addresses.

use portgate_sdk::canonical::{Address, Party, PartyRole, Text};
use portgate_sdk::xml::Element;

use crate::notes::{At, Notes};
use crate::party::{identify, is_known, known, scheme};

/// A party, unless nothing is known of it.
pub(super) fn of(element: Option<Element<'_>>, role: PartyRole, notes: &mut Notes) -> Option<Party> {
    let element = element?;
    let mut party = Party::new(role);
    let legal = element.child("PartyLegalEntity");
    party.name = notes.words(legal.and_then(|legal| legal.child("RegistrationName")));
    let trading_name: Option<Text<256>> = notes.words(element.path("PartyName/Name"));
    match &party.name {
        None => party.name = trading_name,
        Some(name) => party.trading_name = trading_name.filter(|trading| trading != name),
    }
    party.legal_information = notes.words(legal.and_then(|legal| legal.child("CompanyLegalForm")));
    let address = element.child("PostalAddress").or_else(|| legal.and_then(|legal| legal.child("RegistrationAddress")));
    party.address = address.and_then(|address| self::address(address, notes));
    contact(element, &mut party, notes);
    identifiers(element, &mut party, notes);
    Some(party).filter(is_known)
}

fn contact(element: Element<'_>, party: &mut Party, notes: &mut Notes) {
    let person = element.child("Person").map(|person| {
        let names = ["FirstName", "MiddleName", "FamilyName"].into_iter().filter_map(|name| person.text_at(name));
        let name = names.collect::<Vec<_>>().join(" ");
        [Some(name), person.text_at("JobTitle").map(|title| title.into_owned())]
    });
    let contact = element.child("Contact");
    let name = contact.and_then(|contact| contact.text_at("Name")).map(|name| name.into_owned());
    let parts = [Some([name, None]), person].into_iter().flatten().flatten().flatten();
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    party.contact = notes.free_text(At(contact.unwrap_or(element)), "contact", &parts.join(", "));
    party.phone = notes.words(contact.and_then(|contact| contact.child("Telephone")));
    party.email = notes.words(contact.and_then(|contact| contact.child("ElectronicMail")));
}

fn identifiers(element: Element<'_>, party: &mut Party, notes: &mut Notes) {
    for (path, kind) in [
        ("PartyIdentification/ID", ""),
        ("PartyLegalEntity/CompanyID", "legal"),
        ("EndpointID", "endpoint"),
        ("PostalAddress/ID", "address"),
    ] {
        for id in element.all(path) {
            let scheme = notes.identifier(At(id), "scheme", &scheme(kind, id.attribute("schemeID")));
            identify(&mut party.ids, scheme, notes.id(Some(id)));
        }
    }
    for tax in element.children("PartyTaxScheme") {
        let scheme = tax.text_at("TaxScheme/ID").map(|id| id.to_ascii_uppercase());
        let scheme = notes.identifier(At(tax), "tax scheme", scheme.as_deref().unwrap_or("VAT"));
        identify(&mut party.ids, scheme, notes.id(tax.child("CompanyID")));
    }
}

/// Who gets the goods, and where.
pub(super) fn delivered_to(delivery: Element<'_>, notes: &mut Notes) -> Party {
    let receiver = delivery.child("DeliveryParty");
    let mut party = of(receiver, PartyRole::ShipTo, notes).unwrap_or_else(|| Party::new(PartyRole::ShipTo));
    let location = delivery.child("DeliveryLocation");
    if party.name.is_none() {
        party.name = notes.words(location.and_then(|location| location.child("Name")));
    }
    let address = location.and_then(|location| location.child("Address")).or_else(|| delivery.child("DeliveryAddress"));
    party.address = address.and_then(|address| self::address(address, notes)).or(party.address);
    if let Some(id) = location.and_then(|location| location.child("ID")) {
        let scheme = notes.identifier(At(id), "scheme", &scheme("", id.attribute("schemeID")));
        identify(&mut party.ids, scheme, notes.id(Some(id)));
    }
    party
}

fn address(element: Element<'_>, notes: &mut Notes) -> Option<Address> {
    let street = ["StreetName", "BuildingNumber"].into_iter().filter_map(|name| element.text_at(name));
    let street = street.collect::<Vec<_>>().join(" ");
    let mut lines: Vec<Text<256>> = notes.free_text(At(element), "street", &street).into_iter().collect();
    for name in ["AdditionalStreetName", "BuildingName", "Department", "Postbox", "Room", "Floor", "District"] {
        lines.extend(notes.words::<256>(element.child(name)));
    }
    for line in element.all("AddressLine/Line") {
        lines.extend(notes.words::<256>(Some(line)));
    }
    if lines.len() > 8 {
        notes.warning("ADDRESS-CUT", At(element), "The address has more than eight lines; the last are left out.");
        lines.truncate(8);
    }
    let region = ["CountrySubentity", "CountrySubentityCode"].into_iter().find_map(|name| element.child(name));
    known(Address {
        city: notes.words(element.child("CityName")),
        region: notes.words(region),
        postcode: notes.id(element.child("PostalZone")),
        country: notes.country(element.path("Country/IdentificationCode")),
        lines,
    })
}
