//! The parties of a booking request or of shipping instructions, read.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{self as canonical, Country, PartyId, PartyRole, Reference, TenderRemark, Text};

use super::kept::{DCSA, Remarks, code};
use super::wire::{Address, Contact, DocumentParties, IdentifyingCode, OtherParty, Party, Rest, TaxReference};
use crate::notes::Notes;

/// The code of the part of those who are to be asked.
pub(crate) const REQUESTOR: &str = "requestor";

/// The schemes of names that a party, or its buyer or seller, gives to what is carried.
pub(crate) const REFERENCE: &str = "reference";
pub(crate) const ORDER: &str = "order";
pub(crate) const BUYERS_ORDER: &str = "dcsa:CPO";

/// Parties and lines that there is room for.
const PARTIES_MAX: usize = 32;
const LINES_MAX: usize = 8;
const IDS_MAX: usize = 16;

/// Parts that have a code (`partyFunction`), and our role for each.
pub(crate) const FUNCTIONS: [(&str, PartyRole); 12] = [
    ("DDR", PartyRole::Forwarder),
    ("DDS", PartyRole::Forwarder),
    ("COW", PartyRole::FreightPayer),
    ("COX", PartyRole::FreightPayer),
    ("N1", PartyRole::Notify),
    ("N2", PartyRole::Notify),
    ("NI", PartyRole::Notify),
    ("MF", PartyRole::Manufacturer),
    ("WH", PartyRole::Warehouse),
    ("CS", PartyRole::Other),
    ("SCO", PartyRole::Other),
    ("NAC", PartyRole::Other),
];

/// What parties say: themselves, the orders that they name, and what is kept in words.
pub(crate) struct Parties<'p> {
    pub(crate) parties: &'p mut Vec<canonical::Party>,
    pub(crate) references: &'p mut Vec<Reference>,
    pub(crate) remarks: &'p mut Vec<TenderRemark>,
    pub(crate) remarks_max: usize,
}

impl Parties<'_> {
    /// All parties, and those who are to be asked.
    pub(crate) fn read(&mut self, parties: DocumentParties, requestors: Vec<Contact>, notes: &mut Notes) {
        let root = Pointer::root();
        let at = root.key("documentParties");
        let DocumentParties {
            booking_agent,
            shipper,
            consignee,
            endorsee,
            issue_to,
            service_contract_owner,
            carrier_booking_office,
            shipping_instructions_requestor,
            seller,
            buyer,
            notify_parties,
            other,
            rest,
        } = parties;
        let alone: [(&str, PartyRole, Option<Box<Party>>); 10] = [
            ("bookingAgent", PartyRole::Forwarder, booking_agent),
            ("shipper", PartyRole::Consignor, shipper),
            ("consignee", PartyRole::Consignee, consignee),
            ("endorsee", PartyRole::Other, endorsee),
            ("issueTo", PartyRole::Other, issue_to),
            ("serviceContractOwner", PartyRole::Other, service_contract_owner),
            ("carrierBookingOffice", PartyRole::Carrier, carrier_booking_office),
            ("shippingInstructionsRequestor", PartyRole::Other, shipping_instructions_requestor),
            ("seller", PartyRole::Seller, seller),
            ("buyer", PartyRole::Buyer, buyer),
        ];
        for (name, role, party) in alone {
            let Some(party) = party else { continue };
            // The role alone says who these are.
            let is_plain = matches!(name, "shipper" | "consignee" | "seller" | "buyer");
            let part = (!is_plain).then_some(name);
            self.add(role, part, *party, &format!("documentParties.{name}."), &at.key(name), notes);
        }
        for (index, party) in notify_parties.into_iter().flatten().enumerate() {
            let at = at.key("notifyParties").index(index);
            let prefix = format!("documentParties.notifyParties.{index}.");
            self.add(PartyRole::Notify, None, party, &prefix, &at, notes);
        }
        for (index, OtherParty { party, party_function }) in other.into_iter().flatten().enumerate() {
            let at = at.key("other").index(index);
            let function = party_function.unwrap_or_default().trim().to_owned();
            let role = FUNCTIONS.iter().find(|(known, _)| *known == function).map(|(_, role)| *role);
            if role.is_none() {
                let detail = "The part of this party is not known by its code; the code is kept.";
                notes.warning("UNKNOWN-PARTY", at.key("partyFunction"), detail);
            }
            let prefix = format!("documentParties.other.{index}.");
            let role = role.unwrap_or(PartyRole::Other);
            self.add(role, Some(&function), party.unwrap_or_default(), &prefix, &at.key("party"), notes);
        }
        self.keep(rest, "documentParties.", &at, notes);
        for (index, contact) in requestors.into_iter().enumerate() {
            let at = root.key("partyContactDetails").index(index);
            let mut party = canonical::Party::new(PartyRole::Other);
            party.role_code = code(REQUESTOR);
            reached(&mut party, contact, &at, notes);
            self.push(party, &at, notes);
        }
    }

    fn keep(&mut self, rest: Rest, prefix: &str, at: &Pointer, notes: &mut Notes) {
        Remarks { list: self.remarks, most: self.remarks_max }.keep(rest, prefix, at, notes);
    }

    fn push(&mut self, party: canonical::Party, at: &Pointer, notes: &mut Notes) {
        match self.parties.len() < PARTIES_MAX {
            true => self.parties.push(party),
            false => notes.error("TOO-MANY-PARTIES", at, "There are more than 32 parties."),
        }
    }

    fn add(
        &mut self,
        role: PartyRole,
        part: Option<&str>,
        written: Party,
        prefix: &str,
        at: &Pointer,
        notes: &mut Notes,
    ) {
        let Party {
            party_name,
            address,
            address_lines,
            party_contact_details,
            identifying_codes,
            tax_legal_references,
            reference,
            purchase_order_references,
            mut rest,
        } = written;
        let mut party = canonical::Party::new(role);
        party.role_code = part.and_then(code);
        party.name = notes.free_text(at.key("partyName"), "name of the party", party_name.as_deref());
        if let Some(mut written) = address {
            let more = std::mem::take(&mut written.rest);
            self.keep(more, &format!("{prefix}address."), &at.key("address"), notes);
            party.address = address_of(written, &at.key("address"), notes);
        }
        let lines = address_lines.unwrap_or_default();
        match (&mut party.address, lines.is_empty()) {
            (None, false) => {
                let lines = lines
                    .iter()
                    .filter_map(|line| notes.free_text(at.key("addressLines"), "line of the address", Some(line)));
                party.address = Some(canonical::Address { lines: lines.collect(), ..canonical::Address::default() });
            }
            (Some(_), false) => drop(rest.insert("addressLines".to_owned(), lines.into())),
            (_, true) => {}
        }
        let mut contacts = party_contact_details.unwrap_or_default().into_iter();
        if let Some(first) = contacts.next() {
            reached(&mut party, first, &at.key("partyContactDetails").index(0), notes);
        }
        keep_list(&mut rest, "partyContactDetails", contacts.collect::<Vec<_>>());
        let mut long = Vec::new();
        for identifying in identifying_codes.unwrap_or_default() {
            match (id_of(&identifying), party.ids.len() < IDS_MAX) {
                (Some(id), true) => party.ids.push(id),
                _ => long.push(identifying),
            }
        }
        keep_list(&mut rest, "identifyingCodes", long);
        let mut long = Vec::new();
        for tax in tax_legal_references.unwrap_or_default() {
            match (tax_id_of(&tax), party.ids.len() < IDS_MAX) {
                (Some(id), true) => party.ids.push(id),
                _ => long.push(tax),
            }
        }
        keep_list(&mut rest, "taxLegalReferences", long);
        let reference: Option<Text<64>> = notes.identifier(at.key(REFERENCE), "reference", reference.as_deref());
        let scheme = Text::new(REFERENCE).ok();
        party.ids.extend(scheme.zip(reference).map(|(scheme, value)| PartyId::new(scheme, value)));
        let orders = if role == PartyRole::Consignee { BUYERS_ORDER } else { ORDER };
        for (index, order) in purchase_order_references.into_iter().flatten().enumerate() {
            let at = at.key("purchaseOrderReferences").index(index);
            self.references.extend(notes.reference(at, orders, &order));
        }
        self.keep(rest, prefix, at, notes);
        self.push(party, at, notes);
    }
}

/// Puts what is left of a list back among the properties that are kept.
fn keep_list(rest: &mut Rest, name: &str, list: Vec<impl serde::Serialize>) {
    if let Some(list) = Some(list).filter(|list| !list.is_empty()).and_then(|list| serde_json::to_value(list).ok()) {
        rest.insert(name.to_owned(), list);
    }
}

fn reached(party: &mut canonical::Party, contact: Contact, at: &Pointer, notes: &mut Notes) {
    party.contact = notes.free_text(at.key("name"), "contact", contact.name.as_deref());
    party.phone = notes.free_text(at.key("phone"), "telephone number", contact.phone.as_deref());
    party.email = notes.free_text(at.key("email"), "address for mail", contact.email.as_deref());
}

/// An address: street with its number, floor and post box are its lines.
pub(crate) fn address_of(written: Address, at: &Pointer, notes: &mut Notes) -> Option<canonical::Address> {
    let Address { street, street_number, floor, post_code, po_box, city, state_region, country_code, rest: _ } =
        written;
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let street = [text(street), text(street_number)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let post_box = text(po_box).map(|number| format!("PO Box {number}"));
    let lines = [Some(street), text(floor), post_box].into_iter().flatten();
    let lines = lines.filter_map(|line| notes.free_text(at, "line of the address", Some(&line))).take(LINES_MAX);
    let lines = lines.collect();
    let country = text(country_code).and_then(|code| {
        let country = Country::new(code).ok();
        if country.is_none() {
            let detail = "The country is no code of two capital letters; it is left out.";
            notes.warning("COUNTRY", at.key("countryCode"), detail);
        }
        country
    });
    let address = canonical::Address {
        lines,
        city: notes.free_text(at.key("city"), "city", city.as_deref()),
        region: notes.free_text(at.key("stateRegion"), "state or region", state_region.as_deref()),
        postcode: notes.free_text(at.key("postCode"), "postal code", post_code.as_deref()),
        country,
    };
    (address != canonical::Address::default()).then_some(address)
}

/// The scheme and value of a number, where there is room for both: `LEI`, `DUNS`, or who keeps the list and its name.
fn id_of(code: &IdentifyingCode) -> Option<PartyId> {
    let provider = code.code_list_provider.as_deref().map(str::trim).unwrap_or_default();
    let scheme = match (provider, code.code_list_name.as_deref().map(str::trim).filter(|name| !name.is_empty())) {
        ("GLEIF", Some("LEI")) => "LEI".to_owned(),
        ("DNB", Some("DUNS")) => "DUNS".to_owned(),
        (provider, Some(name)) => format!("{provider}:{name}"),
        (provider, None) => provider.to_owned(),
    };
    let value = code.party_code.as_deref().map(str::trim).unwrap_or_default();
    Some(PartyId::new(Text::new(scheme).ok()?, Text::new(value).ok()?))
}

/// The same of a number with an authority: `EORI`, `VAT`, or its kind and country, such as `PAN:IN`.
fn tax_id_of(tax: &TaxReference) -> Option<PartyId> {
    let part = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let (kind, country, value) = (part(&tax.r#type), part(&tax.country_code), part(&tax.value));
    // Their numbers begin with the country.
    let says_it = matches!(&*kind, "EORI" | "VAT") && value.starts_with(&country);
    let scheme = if says_it || country.is_empty() { kind } else { format!("{kind}:{country}") };
    Some(PartyId::new(Text::new(scheme).ok()?, Text::new(value).ok()?))
}

/// Whether a code is one of DCSA's own for the part of a party.
pub(crate) fn part_of(party: &canonical::Party) -> Option<&str> {
    party.role_code.as_ref().filter(|code| &*code.code_list == DCSA).map(|code| &*code.code)
}
