//! Parties and addresses.

use portgate_sdk::canonical::{Address, Party, PartyRole};
use portgate_sdk::xml::Element;

use super::all;
use crate::notes::{At, Notes};
use crate::party::{identify, is_known, known, scheme};

/// A party, unless nothing is known of it.
pub(super) fn of(element: Option<Element<'_>>, role: PartyRole, notes: &mut Notes) -> Option<Party> {
    let element = element?;
    let mut party = Party::new(role);
    party.name = notes.words(element.child("Name"));
    party.trading_name = notes.words(element.path("SpecifiedLegalOrganization/TradingBusinessName"));
    party.trading_name = party.trading_name.filter(|trading| party.name.as_ref() != Some(trading));
    party.legal_information = notes.words(element.child("Description"));
    party.address = element.child("PostalTradeAddress").and_then(|address| self::address(address, notes));
    let contacts = all(element, "DefinedTradeContact");
    let names = contacts.iter().flat_map(|contact| all(*contact, "PersonName|DepartmentName"));
    let names: Vec<_> = names.filter_map(|name| name.text()).collect();
    party.contact = notes.free_text(At(element), "contact", &names.join(", "));
    party.phone = notes.words(element.path("DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber"));
    party.email = notes.words(element.path("DefinedTradeContact/EmailURIUniversalCommunication/URIID"));
    for (path, kind) in [
        ("ID", ""),
        ("GlobalID", ""),
        ("SpecifiedLegalOrganization/ID", "legal"),
        ("URIUniversalCommunication/URIID", "endpoint"),
    ] {
        for id in element.all(path) {
            let scheme = notes.identifier(At(id), "scheme", &scheme(kind, id.attribute("schemeID")));
            identify(&mut party.ids, scheme, notes.id(Some(id)));
        }
    }
    for id in element.all("SpecifiedTaxRegistration/ID") {
        let tax = match id.attribute("schemeID") {
            Some("VA") | None => "VAT",
            Some(other) => other,
        };
        let scheme = notes.identifier(At(id), "tax scheme", tax);
        identify(&mut party.ids, scheme, notes.id(Some(id)));
    }
    Some(party).filter(is_known)
}

fn address(element: Element<'_>, notes: &mut Notes) -> Option<Address> {
    let lines = ["LineOne", "LineTwo", "LineThree", "LineFour", "LineFive"];
    known(Address {
        city: notes.words(element.child("CityName")),
        region: notes.words(element.child("CountrySubDivisionName")),
        postcode: notes.id(element.child("PostcodeCode")),
        country: notes.country(element.child("CountryID")),
        lines: lines.into_iter().filter_map(|name| notes.words(element.child(name))).collect(),
    })
}
