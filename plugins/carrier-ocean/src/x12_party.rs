//! The parties of an X12 set: `N1` with the `N2`, `N3`, `N4`, `G61` and `PER` behind it.

use portgate_sdk::canonical::{Address, Country, Party, PartyId, PartyRole, Text};
use portgate_sdk::x12::{Message as Set, Segment};

use crate::notes::Notes;

/// Most parties that a document has room for.
const PARTIES_MAX: usize = 16;

/// Most lines of an address, and most identifiers.
const LINES_MAX: usize = 8;
const IDS_MAX: usize = 16;

/// The parties of a set whose part is known, and in words those that documents have no part for.
pub(crate) fn parties(set: Set<'_>, notes: &mut Notes) -> (Vec<Party>, Vec<String>) {
    let mut found: Vec<(Segment<'_>, Party, Vec<String>)> = Vec::new();
    for segment in set.segments() {
        let Some((_, party, names)) = found.last_mut().filter(|_| segment.tag() != "N1") else {
            if segment.tag() == "N1" {
                let role = segment.element(1).and_then(|code| role(&code));
                let mut party = Party::new(role.unwrap_or(PartyRole::Notify));
                party.ids.extend(id(segment, 3, 4, notes));
                found.push((segment, party, segment.element(2).map(|name| name.into_owned()).into_iter().collect()));
            }
            continue;
        };
        match segment.tag() {
            "N2" => names.extend((1..=2).filter_map(|number| segment.element(number)).map(|name| name.into_owned())),
            "N3" => address(party).lines.extend(lines(segment, notes)),
            "N4" => town(segment, party, notes),
            "G61" | "PER" => contact(segment, party, notes),
            "R4" | "LX" => break,
            _ => {}
        }
    }
    let (mut parties, mut others) = (Vec::new(), Vec::new());
    for (segment, mut party, names) in found {
        party.name = notes.free_text(segment.at(2), "name of the party", Some(&names.join(" ")));
        if let Some(address) = &mut party.address {
            address.lines.truncate(LINES_MAX);
        }
        party.ids.truncate(IDS_MAX);
        let code = segment.element(1).unwrap_or_default();
        if role(&code).is_none() || parties.len() >= PARTIES_MAX {
            let code: String = code.chars().take(8).collect();
            let detail = format!("A party `{code}` has no place in the document; what is said of it is a remark.");
            notes.warning("UNKNOWN-PARTY", segment.at(1), detail);
            others.push(words(&code, &party));
            continue;
        }
        parties.push(party);
    }
    (parties, others)
}

/// The part of a party, by element 98.
fn role(code: &str) -> Option<PartyRole> {
    Some(match code {
        "SH" => PartyRole::Consignor,
        "CN" | "UC" => PartyRole::Consignee,
        "N1" | "N2" | "NP" | "PF" => PartyRole::Notify,
        "FW" | "FF" => PartyRole::Forwarder,
        "CA" | "MC" | "RR" => PartyRole::Carrier,
        "EX" => PartyRole::Exporter,
        "IM" => PartyRole::Importer,
        "SE" => PartyRole::Seller,
        "BY" => PartyRole::Buyer,
        "BT" => PartyRole::BillTo,
        "PR" => PartyRole::FreightPayer,
        "CB" | "BK" => PartyRole::Broker,
        "SF" => PartyRole::ShipFrom,
        "ST" => PartyRole::ShipTo,
        "WH" => PartyRole::Warehouse,
        _ => return None,
    })
}

/// An identifier with its scheme, by element 66.
fn id(segment: Segment<'_>, qualifier: usize, value: usize, notes: &mut Notes) -> Option<PartyId> {
    let (scheme, value_at) = (segment.element(qualifier).unwrap_or_default(), segment.at(value));
    let value = segment.element(value)?;
    let scheme = match &*scheme {
        "1" | "9" => "DUNS".to_owned(),
        "2" => "SCAC".to_owned(),
        "UL" => "GLN".to_owned(),
        other => format!("x12:{other}"),
    };
    let scheme = notes.identifier(value_at, "kind of the party's number", Some(&scheme))?;
    Some(PartyId::new(scheme, notes.identifier(value_at, "number of the party", Some(&value))?))
}

fn address(party: &mut Party) -> &mut Address {
    party.address.get_or_insert_with(Address::default)
}

fn lines(segment: Segment<'_>, notes: &mut Notes) -> Vec<Text<256>> {
    let written = (1..=2).filter_map(|number| segment.element(number));
    written.filter_map(|line| notes.free_text(segment.location(), "line of the address", Some(&line))).collect()
}

fn town(segment: Segment<'_>, party: &mut Party, notes: &mut Notes) {
    let text = |number| segment.element(number).map(|text| text.into_owned());
    let at = segment.location();
    let country = text(4).map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let country = country.and_then(|code| match Country::new(code) {
        Ok(country) => Some(country),
        Err(_) => {
            notes.warning("COUNTRY", segment.at(4), "The country is no code of two capital letters; it is left out.");
            None
        }
    });
    let address = address(party);
    address.city = notes.free_text(&at, "city", text(1).as_deref());
    address.region = notes.free_text(&at, "state", text(2).as_deref());
    address.postcode = notes.identifier(&at, "postal code", text(3).as_deref());
    address.country = country;
}

/// `G61` and `PER`: whom to ask, and how: telephone (`TE`), mail (`EM`), and what else there is in words.
fn contact(segment: Segment<'_>, party: &mut Party, notes: &mut Notes) {
    let text = |number| segment.element(number).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut words: Vec<String> = party.contact.take().map(|known| known.to_string()).into_iter().collect();
    words.extend(text(2).filter(|name| !words.contains(name)));
    for number in [3, 5, 7] {
        let at = segment.at(number + 1);
        match (text(number).as_deref(), text(number + 1).as_deref()) {
            (Some("TE"), Some(phone)) if party.phone.is_none() => {
                party.phone = notes.free_text(at, "telephone number", Some(phone));
            }
            (Some("EM"), Some(mail)) if party.email.is_none() => {
                party.email = notes.free_text(at, "address for mail", Some(mail));
            }
            (Some(kind), Some(number)) => words.push(format!("{kind} {number}")),
            (Some(word), None) | (None, Some(word)) if word.len() > 2 => words.push(word.to_owned()),
            _ => {}
        }
    }
    party.contact = notes.free_text(segment.location(), "contact", Some(&words.join(", ")));
}

/// A party that has no place in a document, in one line.
fn words(code: &str, party: &Party) -> String {
    let address = party.address.as_ref();
    let lines = address.map(|address| address.lines.iter().map(|line| line.to_string()).collect::<Vec<_>>());
    let town = address.map(|address| {
        let country = address.country.as_ref().map(|country| country.to_string());
        let parts = [
            address.city.as_deref().map(str::to_owned),
            address.region.as_deref().map(str::to_owned),
            address.postcode.as_deref().map(str::to_owned),
            country,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>()
    });
    let name = party.name.as_deref().map(str::to_owned);
    let reached = [party.contact.as_deref(), party.phone.as_deref(), party.email.as_deref()];
    let reached = reached.into_iter().flatten().map(str::to_owned);
    let ids = party.ids.iter().map(|id| format!("{} {}", &*id.scheme, &*id.value));
    let parts = name.into_iter().chain(lines.unwrap_or_default()).chain(town.unwrap_or_default());
    let parts: Vec<String> = parts.chain(reached).chain(ids).collect();
    format!("{code}: {}", parts.join(", "))
}
