//! Parties of documents: SAP's partner functions and what is said of who plays them.

use portgate_sdk::canonical::{Address, Party, PartyId, PartyRole, Text};

use crate::number;
use crate::reader::{Others, Reader, listed};
use crate::record::Record;

/// The most parties that a document has room for, and identifiers that a party has.
const PARTIES_MAX: usize = 16;
const IDS_MAX: usize = 16;

/// Where a function comes from: IDocs write it as SAP keeps it, OData in the language of who asks. `SP` is the forwarding agent
/// in the one and who the goods are sold to in the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Idoc,
    OData,
}

/// The part that a function plays here. Many have none: their code says who they are.
fn role(function: &str, form: Form) -> PartyRole {
    match (function, form) {
        ("SP", Form::OData) => PartyRole::Buyer,
        ("SP", Form::Idoc) | ("CR", Form::OData) => PartyRole::Forwarder,
        ("SH", Form::OData) => PartyRole::ShipTo,
        ("BP" | "PY", Form::OData) => PartyRole::BillTo,
        ("VN", Form::OData) => PartyRole::Seller,
        ("AG", _) => PartyRole::Buyer,
        ("WE", _) => PartyRole::ShipTo,
        ("RE" | "RG", _) => PartyRole::BillTo,
        ("LF" | "OSO", _) => PartyRole::Seller,
        ("RS", _) => PartyRole::Payee,
        ("OSP" | "WL", _) => PartyRole::ShipFrom,
        ("HE", _) => PartyRole::Manufacturer,
        _ => PartyRole::Other,
    }
}

/// The parties of a document, and what is said of them beside.
#[derive(Default)]
pub(crate) struct Parties {
    pub(crate) all: Vec<Party>,
}

impl Parties {
    /// Takes out the first that plays a part.
    pub(crate) fn take(&mut self, role: PartyRole) -> Option<Party> {
        let at = self.all.iter().position(|party| party.role == role)?;
        Some(self.all.remove(at))
    }

    /// Adds a party of an IDoc: of `E1EDKA1` or `E1EDPA1`, or of `E1ADRM1`.
    pub(crate) fn add_segment(&mut self, reader: &mut Reader<'_>, segment: &Record<'_>, others: &mut Others) {
        let function = segment.first(&["PARVW", "PARTNER_Q"]).unwrap_or_default().into_owned();
        if function.is_empty() || self.all.len() == PARTIES_MAX {
            return rest_of_party(reader, segment, &function, others);
        }
        let mut party = Party::new(role(&function, Form::Idoc));
        party.role_code = Some(listed("SAP PARVW", &function));
        party.name = joined(reader, segment, &["NAME1", "NAME2", "NAME3", "NAME4"], ", ");
        party.contact = reader.words(segment, "BNAME");
        party.phone = reader.words(segment, "TELF1").or_else(|| reader.words(segment, "TELEPHONE1"));
        party.email = reader.words(segment, "E_MAIL");
        party.address = address(reader, segment, &SEGMENT);
        for (name, scheme) in
            [("PARTN", "SAP"), ("PARTNER_ID", "SAP"), ("LIFNR", "SAP LIFNR"), ("ILNNR", "GLN"), ("STCEG", "VAT")]
        {
            let written = segment.text(name).unwrap_or_default();
            id(&mut party, scheme, if scheme == "GLN" { &written } else { number::shown(&written) });
        }
        for more in segment.records("E1ADRE1") {
            let (scheme, value) =
                (more.text("EXTEND_Q").unwrap_or_default(), more.text("EXTEND_D").unwrap_or_default());
            let scheme =
                if value.len() == 13 && scheme == "100" { "GLN".to_owned() } else { format!("SAP EXTEND {scheme}") };
            id(&mut party, &scheme, &value);
            reader.rest(&more, others);
        }
        rest_of_party(reader, segment, &function, others);
        self.all.push(party);
    }

    /// Adds a party of an entity with its address, where that was read with it.
    pub(crate) fn add_entity(&mut self, reader: &mut Reader<'_>, entity: &Record<'_>, others: &mut Others) {
        entity.skip(&["SDDocument", "SalesOrder", "BillingDocument", "DeliveryDocument"]);
        let function = entity.text("PartnerFunction").unwrap_or_default().into_owned();
        if function.is_empty() || self.all.len() == PARTIES_MAX {
            return rest_of_party(reader, entity, &function, others);
        }
        let mut party = Party::new(role(&function, Form::OData));
        party.role_code = Some(listed("SAP PartnerFunction", &function));
        for name in ["Customer", "Supplier", "ContactPerson", "Personnel"] {
            let written = entity.set(name).unwrap_or_default();
            let scheme = if matches!(name, "Customer" | "Supplier") { "SAP".to_owned() } else { format!("SAP {name}") };
            id(&mut party, &scheme, number::shown(&written));
        }
        let addresses = ["to_Address", "to_Address2"].into_iter().flat_map(|name| entity.records(name));
        for address in addresses {
            place(reader, &address, &mut party);
            reader.rest(&address, others);
        }
        rest_of_party(reader, entity, &function, others);
        self.all.push(party);
    }
}

/// Name, address and telephone of an address of OData.
fn place(reader: &mut Reader<'_>, entity: &Record<'_>, party: &mut Party) {
    entity.skip(&["DeliveryDocument", "SDDocument", "SalesOrder", "PartnerFunction", "AddressID"]);
    let names = [
        "BusinessPartnerName1",
        "BusinessPartnerName2",
        "BusinessPartnerName3",
        "BusinessPartnerName4",
        "OrganizationName1",
        "FullName",
    ];
    party.name = party.name.take().or(joined(reader, entity, &names, ", "));
    party.phone = reader.words(entity, "PhoneNumber");
    party.email = reader.words(entity, "EmailAddress");
    party.address = address(reader, entity, &ENTITY);
}

/// What the fields of an address are called.
pub(crate) struct Names {
    lines: &'static [&'static str],
    city: &'static [&'static str],
    region: &'static [&'static str],
    postcode: &'static [&'static str],
    country: &'static [&'static str],
}

/// In `E1EDKA1` and `E1ADRM1`.
const SEGMENT: Names = Names {
    lines: &["STRAS", "STREET1", "HAUSN", "HOUSE_SUPL", "STRS2", "STREET2", "ORT02", "CITY2"],
    city: &["ORT01", "CITY1"],
    region: &["REGIO", "REGION"],
    postcode: &["PSTLZ", "POSTL_COD1"],
    country: &["LAND1", "COUNTRY1"],
};

/// In OData.
pub(crate) const ENTITY: Names = Names {
    lines: &["StreetName", "HouseNumber", "StreetPrefixName", "StreetSuffixName", "District"],
    city: &["CityName"],
    region: &["Region"],
    postcode: &["PostalCode"],
    country: &["Country"],
};

/// An address, if there is anything in it.
pub(crate) fn address(reader: &mut Reader<'_>, record: &Record<'_>, names: &Names) -> Option<Address> {
    let mut address = Address::default();
    for name in names.lines {
        if record.set(name).is_some() {
            address.lines.extend(reader.words(record, name));
        }
    }
    // Filled with a number apart from its street it reads as one line: `Dock Street` `12`.
    let street = names.lines.iter().take(2).find_map(|name| record.set(name));
    let house = ["HAUSN", "HouseNumber"].into_iter().find_map(|name| record.set(name));
    if let (Some(street), Some(house)) = (street, house) {
        let line = Text::cut(&format!("{street} {house}")).map(|cut| cut.text);
        address.lines.retain(|line| **line != *street && **line != *house);
        address.lines.splice(0..0, line);
    }
    address.lines.dedup();
    let one = |names: &[&'static str]| {
        let name = names.iter().copied().find(|name| record.text(name).is_some());
        names.iter().for_each(|name| record.skip(&[name]));
        name
    };
    let (city, region, postcode, country) =
        (one(names.city), one(names.region), one(names.postcode), one(names.country));
    address.city = city.and_then(|name| reader.words(record, name));
    address.region = region.and_then(|name| reader.words(record, name));
    address.postcode = postcode.and_then(|name| reader.words(record, name));
    address.country = country.and_then(|name| reader.country(record, name));
    (address != Address::default()).then_some(address)
}

/// Several fields in one.
pub(crate) fn joined<const MAX: usize>(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    names: &[&'static str],
    with: &str,
) -> Option<Text<MAX>> {
    let parts: Vec<_> = names.iter().filter_map(|name| record.text(name)).collect();
    let first = names.first().copied().unwrap_or_default();
    reader.decoded.free_text(record.at(first), "name", &parts.join(with))
}

fn id(party: &mut Party, scheme: &str, value: &str) {
    let made = Text::new(scheme).ok().zip(Text::new(value).ok()).map(|(scheme, value)| PartyId { scheme, value });
    if let Some(made) = made.filter(|made| party.ids.len() < IDS_MAX && !party.ids.contains(made)) {
        party.ids.push(made);
    }
}

/// What is said of a party beside: under its function, so that nobody takes it for another's.
fn rest_of_party(reader: &mut Reader<'_>, record: &Record<'_>, function: &str, others: &mut Others) {
    for rest in record.rest() {
        reader.other(record, others, &format!("SAP {function} {}", rest.name), &rest.value);
    }
}
