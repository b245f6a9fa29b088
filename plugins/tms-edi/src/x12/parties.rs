//! Parties: the loop of `N1`, with `N2`, `N3`, `N4`, `G61` and `PER` behind it.

use portgate_sdk::canonical::{Address, Location, Party, PartyId, PartyRole, Text, UnLocode};
use portgate_sdk::x12::Segment;

use crate::notes::Notes;

/// The list of parts: data element 98.
pub(crate) const PARTS: &str = "X12 98";

/// The codes of parts (98) with our role, each role's usual code first.
const ROLES: [(&str, PartyRole); 28] = [
    ("SH", PartyRole::Consignor),
    ("CN", PartyRole::Consignee),
    ("SF", PartyRole::ShipFrom),
    ("PW", PartyRole::ShipFrom),
    ("PU", PartyRole::ShipFrom),
    ("ST", PartyRole::ShipTo),
    ("DA", PartyRole::ShipTo),
    ("BT", PartyRole::BillTo),
    ("CA", PartyRole::Carrier),
    ("SE", PartyRole::Seller),
    ("VN", PartyRole::Seller),
    ("SU", PartyRole::Seller),
    ("BY", PartyRole::Buyer),
    ("SO", PartyRole::Buyer),
    ("NP", PartyRole::Notify),
    ("N1", PartyRole::Notify),
    ("BR", PartyRole::Broker),
    ("CB", PartyRole::Broker),
    ("FW", PartyRole::Forwarder),
    ("EX", PartyRole::Exporter),
    ("IM", PartyRole::Importer),
    ("MF", PartyRole::Manufacturer),
    ("WH", PartyRole::Warehouse),
    ("PE", PartyRole::Payee),
    ("RI", PartyRole::Payee),
    ("RE", PartyRole::Payee),
    ("PR", PartyRole::FreightPayer),
    ("PF", PartyRole::FreightPayer),
];

/// The qualifiers of identifiers (66) with our scheme.
const SCHEMES: [(&str, &str); 7] =
    [("1", "DUNS"), ("9", "DUNS+4"), ("2", "SCAC"), ("UL", "GLN"), ("24", "TIN"), ("92", "buyer"), ("91", "seller")];

/// The code for a role, and whether reading it gives the role back.
pub(crate) fn code_of(party: &Party) -> Option<&str> {
    let own = party.role_code.as_ref().filter(|code| &*code.code_list == PARTS).map(|code| &*code.code);
    own.or_else(|| ROLES.iter().find(|(_, role)| *role == party.role).map(|(code, _)| *code))
}

/// The qualifier of an identifier's scheme; nothing where X12 has none.
pub(crate) fn qualifier_of(scheme: &str) -> Option<&str> {
    let known = SCHEMES.iter().find(|(_, ours)| *ours == scheme).map(|(code, _)| *code);
    known.or_else(|| scheme.strip_prefix("x12:66:"))
}

/// The party that a `N1` begins.
pub(crate) fn begin(notes: &mut Notes<'_>, n1: Segment<'_>) -> Party {
    let code = n1.element(1).unwrap_or_default().trim().to_owned();
    let role = ROLES.iter().find(|(theirs, _)| *theirs == code).map_or(PartyRole::Other, |(_, role)| *role);
    let mut party = Party::new(role);
    party.name = notes.text(n1.at(2), "name", n1.element(2));
    let usual = code_of(&party) == Some(&code);
    if !usual && !code.is_empty() {
        party.role_code = notes.code(n1.at(1), PARTS, Some(&code));
    }
    if let Some(id) = n1.element(4) {
        let qualifier = n1.element(3).unwrap_or_default();
        let scheme = SCHEMES.iter().find(|(theirs, _)| *theirs == qualifier).map(|(_, ours)| (*ours).to_owned());
        let scheme = scheme.unwrap_or_else(|| format!("x12:66:{qualifier}"));
        party.ids.extend(party_id(notes, n1, 4, &scheme, &id));
    }
    party
}

fn party_id(notes: &mut Notes<'_>, segment: Segment<'_>, element: usize, scheme: &str, value: &str) -> Option<PartyId> {
    let scheme: Option<Text<32>> = notes.id(segment.at(element), "scheme of the identifier", Some(scheme));
    let value: Option<Text<64>> = notes.id(segment.at(element), "identifier", Some(value));
    Some(PartyId::new(scheme?, value?))
}

/// What stands behind `N1` and says more of the party; whether the segment is one of those.
pub(crate) fn more(notes: &mut Notes<'_>, segment: Segment<'_>, party: &mut Party) -> bool {
    match segment.tag() {
        "N2" => {
            let names = [segment.element(1), segment.element(2)].into_iter().flatten();
            for name in names.collect::<Vec<_>>() {
                let name = notes.text(segment.location(), "name", Some(name));
                match &party.name {
                    // The law's name and the one that it trades under, or a name in two lines.
                    Some(_) if party.trading_name.is_none() => party.trading_name = name,
                    None => party.name = name,
                    Some(_) => address(party).lines.extend(name.and_then(|name| Text::new(name.to_string()).ok())),
                }
            }
        }
        "N3" => {
            for number in [1, 2] {
                let line = notes.text(segment.at(number), "line of the address", segment.element(number));
                notes.push(segment.at(number), "lines of the address", 8, &mut address(party).lines, line);
            }
            // Some write postal code and country here (`N3*ADDRESS**78572*US`).
            let (postcode, country) = (segment.element(3), segment.element(4));
            let address = address(party);
            address.postcode = address.postcode.take().or(notes.text(segment.at(3), "postal code", postcode));
            address.country = address.country.take().or(notes.country(segment.at(4), country));
        }
        "N4" => {
            let (city, region) = (segment.element(1), segment.element(2));
            let (postcode, country) = (segment.element(3), segment.element(4));
            let address = address(party);
            address.city = notes.text(segment.at(1), "city", city).or(address.city.take());
            address.region = notes.text(segment.at(2), "state", region).or(address.region.take());
            address.postcode = notes.text(segment.at(3), "postal code", postcode).or(address.postcode.take());
            address.country = notes.country(segment.at(4), country).or(address.country.take());
        }
        "G61" => contact(notes, segment, party, &[3]),
        "PER" => contact(notes, segment, party, &[3, 5, 7]),
        _ => return false,
    }
    true
}

/// A contact's name, telephone and mail: the qualifiers (365) at these elements, each with its number behind it.
fn contact(notes: &mut Notes<'_>, segment: Segment<'_>, party: &mut Party, qualifiers: &[usize]) {
    party.contact = party.contact.take().or(notes.text(segment.at(2), "contact", segment.element(2)));
    for at in qualifiers {
        let number = segment.element(at + 1);
        match segment.element(*at).as_deref() {
            Some("EM") => party.email = party.email.take().or(notes.text(segment.at(at + 1), "mail", number)),
            _ => party.phone = party.phone.take().or(notes.text(segment.at(at + 1), "telephone number", number)),
        }
    }
}

/// The place that `N4-05` and `N4-06` name by its code, where they do.
pub(crate) fn place(notes: &mut Notes<'_>, n4: Segment<'_>) -> Option<Location> {
    let code = n4.element(6)?;
    let code = code.trim();
    let list = n4.element(5).unwrap_or_default();
    let mut place = Location::default();
    match (&*list, UnLocode::new(code)) {
        ("UN", Ok(code)) => place.un_locode = Some(code),
        _ => {
            place.facility_code = notes.id(n4.at(6), "code of the place", Some(code));
            place.facility_code_list = notes.id(n4.at(5), "list of the place", Some(format!("x12:{list}")));
        }
    }
    (place != Location::default()).then_some(place)
}

fn address(party: &mut Party) -> &mut Address {
    party.address.get_or_insert_default()
}

/// The parties of a run of segments, each `N1` with what stands directly behind it, and the places that they name.
#[derive(Default)]
pub(crate) struct Parties {
    pub(crate) list: Vec<Party>,
    pub(crate) place: Option<Location>,
    open: bool,
}

impl Parties {
    /// Takes a segment, where it is one of a party's.
    pub(crate) fn take(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>, most: usize) -> bool {
        if segment.tag() == "N1" {
            let party = begin(notes, segment);
            notes.push(segment.location(), "parties", most, &mut self.list, party);
            self.open = true;
            return true;
        }
        let Some(party) = self.list.last_mut().filter(|_| self.open) else { return false };
        if !more(notes, segment, party) {
            self.open = false;
            return false;
        }
        if segment.tag() == "N4" && self.place.is_none() {
            self.place = place(notes, segment);
        }
        // An address of which nothing is said is none.
        party.address.take_if(|address| *address == Address::default());
        true
    }
}
