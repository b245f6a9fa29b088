//! The parties of a transport document, of endorsements and of requests.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{
    AuthorityReference, ContactPerson, DocumentParty, IdentifyingCode, Party, PartyId, PartyRole, Text,
};

use super::place::address;
use super::{PARTIES, PARTY_FUNCTIONS, model};
use crate::notes::Notes;

/// The most codes, numbers and persons of one party.
const OF_A_PARTY_MAX: usize = 64;

/// All parties of a document.
pub(super) fn parties(
    at: &Pointer,
    parties: Option<Box<model::DocumentParties>>,
    notes: &mut Notes,
) -> Vec<DocumentParty> {
    let (parties, at) = (parties.unwrap_or_default(), at.key("documentParties"));
    let single = [
        ("shipper", PartyRole::Consignor, parties.shipper),
        ("onBehalfOfShipper", PartyRole::Other, parties.on_behalf_of_shipper),
        ("consignee", PartyRole::Consignee, parties.consignee),
        ("onBehalfOfConsignee", PartyRole::Other, parties.on_behalf_of_consignee),
        ("endorsee", PartyRole::Other, parties.endorsee),
        ("issuingParty", PartyRole::Carrier, parties.issuing_party),
        ("issueTo", PartyRole::Other, parties.issue_to),
        ("seller", PartyRole::Seller, parties.seller),
        ("buyer", PartyRole::Buyer, parties.buyer),
        ("carriersAgentAtDestination", PartyRole::Other, parties.carriers_agent_at_destination),
    ];
    let mut found = Vec::new();
    for (field, role, written) in single {
        found.extend(party(&at, field, role, written, notes));
    }
    let list = at.key("notifyParties");
    for (index, written) in parties.notify_parties.into_iter().flatten().enumerate() {
        let mut notified = read(&list.index(index), PartyRole::Notify, written, notes);
        notified.party.role_code = notes.code(&at, "notifyParties", PARTIES, Some("notifyParty"));
        found.push(notified);
    }
    let list = at.key("other");
    for (index, other) in parties.other.into_iter().flatten().enumerate() {
        let at = list.index(index);
        let function = other.party_function.as_deref().map(str::trim);
        let role = match function {
            Some("DDR" | "DDS") => PartyRole::Forwarder,
            Some("COW" | "COX") => PartyRole::FreightPayer,
            _ => PartyRole::Other,
        };
        let mut party = read(&at.key("party"), role, *other.party.unwrap_or_default(), notes);
        party.party.role_code = notes.code(&at, "partyFunction", PARTY_FUNCTIONS, function);
        found.push(party);
    }
    notes.few(&at, found.len(), OF_A_PARTY_MAX);
    found
}

/// The party of a field, whose name says the part that it plays.
pub(super) fn party(
    at: &Pointer,
    field: &str,
    role: PartyRole,
    written: Option<Box<model::Party>>,
    notes: &mut Notes,
) -> Option<DocumentParty> {
    let mut party = read(&at.key(field), role, *written?, notes);
    party.party.role_code = notes.code(at, field, PARTIES, Some(field));
    Some(party)
}

fn read(at: &Pointer, role: PartyRole, written: model::Party, notes: &mut Notes) -> DocumentParty {
    let model::Party { address: structured, address_lines, identifying_codes, tax_legal_references, .. } = written;
    let mut party = Party { name: notes.words(at, "partyName", written.party_name.as_deref()), ..Party::new(role) };
    party.address = structured.and_then(|structured| address(&at.key("address"), structured, notes));
    let lines = notes.lines(at, "addressLines", address_lines, 8);
    if !lines.is_empty() {
        // Lines are what is said where there are no fields; where there are both they say the same.
        let address = party.address.get_or_insert_default();
        if address.lines.is_empty() || address.city.is_none() {
            address.lines = lines;
        }
    }
    let contacts = contacts(at, written.party_contact_details, notes);
    if let Some(first) = contacts.first() {
        party.contact = first.name.clone();
        party.phone = first.phone.clone();
        party.email = first.email.clone();
    }
    let identifying_codes = codes(at, identifying_codes, notes);
    let tax_references = taxes(at, tax_legal_references, notes);
    let ids = identifying_codes.iter().filter_map(known).chain(tax_references.iter().filter_map(known_to_customs));
    for id in ids.take(16) {
        if !party.ids.contains(&id) {
            party.ids.push(id);
        }
    }
    DocumentParty {
        ebl_platform: notes.id(at, "eblPlatform", written.ebl_platform.as_deref()),
        type_of_person: notes.id(at, "typeOfPerson", written.type_of_person.as_deref()),
        reference: notes.id(at, "reference", written.reference.as_deref()),
        is_notify_party: written.is_notify_party,
        identifying_codes,
        tax_references,
        purchase_orders: notes.ids(at, "purchaseOrderReferences", written.purchase_order_references, 500),
        displayed_address: notes.lines(at, "displayedAddress", written.displayed_address, 16),
        contacts,
        ..DocumentParty::new(party)
    }
}

/// Persons to speak with.
pub(super) fn contacts(at: &Pointer, contacts: Option<Vec<model::Contact>>, notes: &mut Notes) -> Vec<ContactPerson> {
    let (contacts, list) = (contacts.unwrap_or_default(), at.key("partyContactDetails"));
    notes.few(&list, contacts.len(), OF_A_PARTY_MAX);
    let person = |(index, contact): (usize, model::Contact)| {
        let at = list.index(index);
        ContactPerson {
            name: notes.words(&at, "name", contact.name.as_deref()),
            phone: notes.words(&at, "phone", contact.phone.as_deref()),
            email: notes.words(&at, "email", contact.email.as_deref()),
        }
    };
    contacts.into_iter().enumerate().map(person).collect()
}

fn codes(at: &Pointer, codes: Option<Vec<model::IdentifyingCode>>, notes: &mut Notes) -> Vec<IdentifyingCode> {
    let (codes, list) = (codes.unwrap_or_default(), at.key("identifyingCodes"));
    notes.few(&list, codes.len(), OF_A_PARTY_MAX);
    let code = |(index, code): (usize, model::IdentifyingCode)| {
        let at = list.index(index);
        let provider = notes.needed(&at, "codeListProvider", code.code_list_provider.as_deref())?;
        let value = notes.needed(&at, "partyCode", code.party_code.as_deref())?;
        let list = notes.id(&at, "codeListName", code.code_list_name.as_deref());
        Some(IdentifyingCode { list, ..IdentifyingCode::new(provider, value) })
    };
    codes.into_iter().enumerate().filter_map(code).collect()
}

fn taxes(at: &Pointer, taxes: Option<Vec<model::TaxLegalReference>>, notes: &mut Notes) -> Vec<AuthorityReference> {
    let (taxes, list) = (taxes.unwrap_or_default(), at.key("taxLegalReferences"));
    notes.few(&list, taxes.len(), OF_A_PARTY_MAX);
    let tax = |(index, tax): (usize, model::TaxLegalReference)| {
        let at = list.index(index);
        let kind = notes.needed(&at, "type", tax.r#type.as_deref())?;
        let value = notes.needed(&at, "value", tax.value.as_deref())?;
        let country = notes.country(&at, "countryCode", tax.country_code.as_deref());
        Some(AuthorityReference { country, ..AuthorityReference::new(kind, value) })
    };
    taxes.into_iter().enumerate().filter_map(tax).collect()
}

/// A code that everybody knows the party by.
fn known(code: &IdentifyingCode) -> Option<PartyId> {
    let scheme = match (&*code.provider, code.list.as_deref()) {
        ("GLEIF", _) => "LEI",
        ("DNB", _) => "DUNS",
        ("NMFTA", _) => "SCAC",
        ("SMDG", _) => "SMDG",
        ("EU", _) | (_, Some("EORI")) => "EORI",
        ("W3C", Some("DID")) => "DID",
        _ => return None,
    };
    id(scheme, &code.code)
}

fn known_to_customs(tax: &AuthorityReference) -> Option<PartyId> {
    matches!(&*tax.kind, "EORI" | "VAT").then(|| id(&tax.kind, &tax.value)).flatten()
}

/// An identifier, unless it is longer than one of a public list can be: it stands among all codes of the party in any case.
fn id(scheme: &str, value: &str) -> Option<PartyId> {
    Some(PartyId::new(Text::new(scheme).ok()?, Text::new(value).ok()?))
}
