//! The parties of a booking request or of shipping instructions as they go out.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{self as canonical, PartyId, PartyRole, Reference, TenderRemark};
use serde::de::DeserializeOwned;

use super::kept::kept;
use super::names::{some, values};
use super::parties::{BUYERS_ORDER, FUNCTIONS, ORDER, REFERENCE, REQUESTOR, part_of};
use super::tender::Lacks;
use super::wire::{Address, Contact, DocumentParties, IdentifyingCode, Open, OtherParty, Party, Rest, TaxReference};

/// Who keeps lists of parties' numbers, in DCSA's words.
const PROVIDERS: [&str; 23] = [
    "WAVE", "CARX", "ESSD", "IDT", "BOLE", "EDOX", "IQAX", "SECR", "TRGO", "ETEU", "TRAC", "BRIT", "COVA", "ETIT",
    "KTNE", "CRED", "BLOC", "GSBN", "WISE", "GLEIF", "W3C", "FMC", "DCSA",
];

/// Numbers that authorities give, whatever stands behind them for a country.
const AUTHORITIES: [&str; 12] =
    ["EORI", "VAT", "TIN", "EIN", "PAN", "GSTIN", "IEC", "RUC", "NIF", "CNPJ", "USCC", "IOSS"];

/// The provider of numbers that both sides know.
const MUTUAL: &str = "ZZZ";

/// Characters of a line of an address (`street`), and of those beside it.
const STREET_MAX: usize = 70;

/// The parties of a document, and those who are to be asked. `is_booking` says which document it is: parts differ.
pub(crate) fn written(
    parties: &[canonical::Party],
    references: &[Reference],
    remarks: &[TenderRemark],
    is_prepaid: bool,
    is_booking: bool,
    lacks: &mut Lacks,
) -> (DocumentParties, Vec<Contact>) {
    let mut all = DocumentParties::default();
    let mut requestors = Vec::new();
    let at = Pointer::root().index(0).key("parties");
    for (index, party) in parties.iter().enumerate() {
        let at = at.index(index);
        let part = part_of(party).map(str::to_owned).unwrap_or_else(|| part(party.role, &all, is_prepaid, is_booking));
        if part == REQUESTOR {
            requestors.extend(contact(party));
            continue;
        }
        let name = |name: &str| format!("documentParties.{name}.");
        let mut one = |prefix: &str| of(party, remarks, prefix, &at, lacks);
        match &*part {
            "bookingAgent" => all.booking_agent = Some(Box::new(one(&name(&part)))),
            "shipper" => all.shipper = Some(Box::new(one(&name(&part)))),
            "consignee" => all.consignee = Some(Box::new(one(&name(&part)))),
            "endorsee" => all.endorsee = Some(Box::new(one(&name(&part)))),
            "issueTo" => all.issue_to = Some(Box::new(one(&name(&part)))),
            "serviceContractOwner" if is_booking => all.service_contract_owner = Some(Box::new(one(&name(&part)))),
            "carrierBookingOffice" if is_booking => all.carrier_booking_office = Some(Box::new(one(&name(&part)))),
            "shippingInstructionsRequestor" => all.shipping_instructions_requestor = Some(Box::new(one(&name(&part)))),
            "seller" => all.seller = Some(Box::new(one(&name(&part)))),
            "buyer" => all.buyer = Some(Box::new(one(&name(&part)))),
            "notifyParties" => {
                let list = all.notify_parties.get_or_insert_default();
                list.push(one(&name(&format!("notifyParties.{}", list.len()))));
            }
            // A party for which there is no part is not told of: a carrier knows itself.
            "" => {}
            function => {
                let list = all.other.get_or_insert_default();
                let party = Some(one(&name(&format!("other.{}", list.len()))));
                let function = if function == "serviceContractOwner" { "SCO" } else { function };
                list.push(OtherParty { party, party_function: Some(function.to_owned()) });
            }
        }
    }
    let orders = |scheme| some(values(references, scheme));
    if let Some(shipper) = &mut all.shipper {
        shipper.purchase_order_references = orders(ORDER);
    }
    if let Some(consignee) = &mut all.consignee {
        consignee.purchase_order_references = orders(BUYERS_ORDER);
    }
    (all.with(kept(remarks, "documentParties.")), requestors)
}

/// The part of a party by its role: as each part is there once, a second one of a role gets another or none.
fn part(role: PartyRole, all: &DocumentParties, is_prepaid: bool, is_booking: bool) -> String {
    let others = |function: &str| {
        let known = all.other.iter().flatten().filter_map(|other| other.party_function.as_deref());
        known.filter(|known| *known == function).count()
    };
    let part = match role {
        PartyRole::Consignor | PartyRole::Exporter | PartyRole::ShipFrom if all.shipper.is_none() => "shipper",
        PartyRole::Consignee | PartyRole::Importer if all.consignee.is_none() => "consignee",
        PartyRole::Forwarder if is_booking && all.booking_agent.is_none() => "bookingAgent",
        PartyRole::Forwarder => "DDR",
        PartyRole::Notify if !is_booking => "notifyParties",
        PartyRole::Notify => match (others("N1"), others("N2")) {
            (0, _) => "N1",
            (_, 0) => "N2",
            _ => "NI",
        },
        PartyRole::FreightPayer | PartyRole::BillTo if is_prepaid => "COW",
        PartyRole::FreightPayer | PartyRole::BillTo => "COX",
        PartyRole::Seller if !is_booking && all.seller.is_none() => "seller",
        PartyRole::Buyer if !is_booking && all.buyer.is_none() => "buyer",
        role if !is_booking => {
            let known = FUNCTIONS.iter().find(|(_, known)| *known == role && role != PartyRole::Other);
            known.map_or("", |(function, _)| *function)
        }
        _ => "",
    };
    part.to_owned()
}

/// A party, with what was kept of it under this prefix.
fn of(party: &canonical::Party, remarks: &[TenderRemark], prefix: &str, at: &Pointer, lacks: &mut Lacks) -> Party {
    let mut rest = kept(remarks, prefix);
    let name = party.name.as_ref().map(ToString::to_string);
    let name = lacks.needed(name, at.key("name"), "Name the party.");
    let name = name.and_then(|name| lacks.fitting(name, 70, at.key("name")));
    let (mut identifying, mut taxes) = (Vec::new(), Vec::new());
    let mut reference = None;
    for id in &party.ids {
        let country = party.address.as_ref().and_then(|address| address.country.as_ref());
        match tax(id, country.map(|country| country.as_str())) {
            _ if &*id.scheme == REFERENCE => reference = Some(id.value.to_string()),
            Some(tax) => taxes.push(tax),
            None => identifying.push(identified(id)),
        }
    }
    identifying.extend(taken::<IdentifyingCode>(&mut rest, "identifyingCodes"));
    taxes.extend(taken::<TaxReference>(&mut rest, "taxLegalReferences"));
    let contacts: Vec<Contact> = contact(party).into_iter().chain(taken(&mut rest, "partyContactDetails")).collect();
    let address = party.address.as_ref();
    // An address that is in lines alone was so before, and has no street.
    let is_in_lines = address.is_some_and(|address| address.city.is_none() && address.country.is_none());
    let lines = |address: &canonical::Address| address.lines.iter().map(ToString::to_string).collect();
    let more = kept(remarks, &format!("{prefix}address."));
    let written = Party {
        party_name: name,
        address: address.filter(|_| !is_in_lines).map(|written| self::address(written).with(more)),
        address_lines: address.filter(|_| is_in_lines).map(lines),
        party_contact_details: some(contacts),
        identifying_codes: some(identifying),
        tax_legal_references: some(taxes),
        reference,
        purchase_order_references: None,
        rest: Rest::new(),
    };
    written.with(rest)
}

/// A list that was kept.
fn taken<T: DeserializeOwned>(rest: &mut Rest, name: &str) -> Vec<T> {
    rest.remove(name).and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default()
}

/// How a party is reached, where it is: a person alone is nobody whom one could ask.
pub(crate) fn contact(party: &canonical::Party) -> Option<Contact> {
    let (phone, email) = (party.phone.as_ref(), party.email.as_ref());
    let name = party.contact.as_ref().or(party.name.as_ref());
    (phone.is_some() || email.is_some()).then(|| Contact {
        name: name.map(|name| name.chars().take(35).collect::<String>().trim().to_owned()),
        phone: phone.map(ToString::to_string),
        email: email.map(ToString::to_string),
    })
}

/// An address: its lines are the street and, where that is too long, what stands beside it.
pub(crate) fn address(address: &canonical::Address) -> Address {
    let lines: Vec<String> = address.lines.iter().map(ToString::to_string).collect();
    let whole = lines.join(", ");
    let (street, number) = match lines.split_first() {
        Some((first, others)) if whole.chars().count() > STREET_MAX && !others.is_empty() => {
            (Some(first.clone()), Some(others.join(", ")))
        }
        Some(_) => (Some(whole), None),
        None => (None, None),
    };
    Address {
        street,
        street_number: number,
        floor: None,
        post_code: address.postcode.as_ref().map(ToString::to_string),
        po_box: None,
        city: address.city.as_ref().map(ToString::to_string),
        state_region: address.region.as_ref().map(ToString::to_string),
        country_code: address.country.as_ref().map(ToString::to_string),
        rest: Rest::new(),
    }
}

fn identified(id: &PartyId) -> IdentifyingCode {
    let (provider, list) = match &*id.scheme {
        "LEI" => ("GLEIF", Some("LEI")),
        "DUNS" => ("DNB", Some("DUNS")),
        scheme => match scheme.split_once(':') {
            Some((provider, list)) if PROVIDERS.contains(&provider) => (provider, Some(list)),
            Some((MUTUAL, list)) => (MUTUAL, Some(list)),
            _ if PROVIDERS.contains(&scheme) => (scheme, None),
            _ => (MUTUAL, Some(scheme).filter(|scheme| *scheme != MUTUAL)),
        },
    };
    IdentifyingCode {
        code_list_provider: Some(provider.to_owned()),
        party_code: Some(id.value.to_string()),
        code_list_name: list.map(str::to_owned),
    }
}

/// A number that an authority gave: of the country behind its kind, or at its own beginning, or that of the party.
fn tax(id: &PartyId, country: Option<&str>) -> Option<TaxReference> {
    let (kind, said) = match id.scheme.split_once(':') {
        Some((kind, country)) => (kind, Some(country)),
        None => (&*id.scheme, None),
    };
    let is_country = |code: &str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    let is_of_a_country = said.is_some_and(is_country) && !PROVIDERS.contains(&kind);
    if !is_of_a_country && !AUTHORITIES.contains(&kind) {
        return None;
    }
    let begins = id.value.get(..2).filter(|code| is_country(code) && matches!(kind, "EORI" | "VAT" | "IOSS"));
    Some(TaxReference {
        r#type: Some(kind.to_owned()),
        // `ZZ` is DCSA's word for a country that is not known.
        country_code: Some(said.filter(|code| is_country(code)).or(begins).or(country).unwrap_or("ZZ").to_owned()),
        value: Some(id.value.to_string()),
    })
}
