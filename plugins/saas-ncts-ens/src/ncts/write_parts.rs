//! The groups that messages of NCTS are made of, each written the same wherever it stands. Lists are numbered from 1.

use portgate_sdk::canonical::{
    AdditionalInformation, Address, CustomsDocument, GoodsLocation, Guarantee, Location, MeansOfTransport, Party,
    PartyRole, PreviousDocument, SupplyChainActor, TransportEquipment,
};
use portgate_sdk::edi::{Value, number};
use portgate_sdk::xml::ElementWriter;

use super::parts::{EORI, TIR_HOLDER};
use crate::out::{self, Missing};

/// A party, where there is one that plays the part. `path` leads to the list that it stands in.
pub(crate) fn party(
    parent: &mut ElementWriter<'_>,
    name: &str,
    parties: &[Party],
    role: PartyRole,
    path: &str,
    missing: &mut Missing,
) {
    let Some((index, party)) = out::party(parties, role) else { return };
    let mut element = parent.group(name);
    element.leaf("identificationNumber", out::id(party, EORI).map(|id| id.within(1..=17)));
    if role == PartyRole::HolderOfTransitProcedure {
        element.leaf("TIRHolderIdentificationNumber", out::id(party, TIR_HOLDER).map(|id| id.within(1..=17)));
    }
    // A representative is known by its number, and a carrier too: their schemas have no room for more.
    if role == PartyRole::Representative {
        element.leaf("status", party.representation_status.as_deref().unwrap_or("2"));
    } else if role != PartyRole::Carrier {
        element.leaf("name", party.name.as_deref().map(|name| name.within(1..=70)));
        if let Some(address) = &party.address {
            self::address(&mut element, address, &format!("{path}/{index}/address"), missing);
        }
    }
    // Of a consignee the schema has no contact.
    if role != PartyRole::Consignee {
        contact(&mut element, party.contact.as_deref(), party.phone.as_deref(), party.email.as_deref());
    }
}

fn contact(parent: &mut ElementWriter<'_>, name: Option<&str>, phone: Option<&str>, email: Option<&str>) {
    // Customs calls a person: without a name and a number there is nobody to call.
    if let (Some(name), Some(phone)) = (name, phone) {
        let mut element = parent.group("ContactPerson");
        element.leaf("name", name.within(1..=70));
        element.leaf("phoneNumber", phone.within(1..=35));
        element.leaf("eMailAddress", email.map(|email| email.within(1..=256)));
    }
}

fn address(parent: &mut ElementWriter<'_>, address: &Address, path: &str, missing: &mut Missing) {
    let mut element = parent.group("Address");
    let lines: Vec<&str> = address.lines.iter().map(|line| &**line).collect();
    missing.leaf(&mut element, "streetAndNumber", lines.join(", ").within(0..=70), &format!("{path}/lines"));
    element.leaf("postcode", address.postcode.as_deref().map(|code| code.within(1..=17)));
    missing.leaf(
        &mut element,
        "city",
        address.city.as_deref().map(|city| city.within(1..=35)),
        &format!("{path}/city"),
    );
    let country = address.country.as_ref().map(|country| country.as_str());
    missing.leaf(&mut element, "country", country, &format!("{path}/country"));
}

/// Others in the supply chain.
pub(crate) fn actors(parent: &mut ElementWriter<'_>, actors: &[SupplyChainActor]) {
    for (number, actor) in (1..).zip(actors) {
        let mut element = numbered(parent, "AdditionalSupplyChainActor", number);
        element.leaf("role", &*actor.role);
        element.leaf("identificationNumber", (&*actor.id).within(3..=17));
    }
}

/// Guarantees. What is written of their access codes is shown nowhere else.
pub(crate) fn guarantees(root: &mut ElementWriter<'_>, guarantees: &[Guarantee], missing: &mut Missing) {
    if guarantees.is_empty() {
        missing.note("guarantees", "A transit declaration has a guarantee, or says by its type that none is needed.");
    }
    for (index, guarantee) in guarantees.iter().enumerate() {
        let mut element = numbered(root, "Guarantee", index + 1);
        element.leaf("guaranteeType", (&*guarantee.r#type).within(1..=1));
        element.leaf("otherGuaranteeReference", guarantee.other_reference.as_deref().map(|other| other.within(1..=35)));
        for (place, reference) in guarantee.references.iter().enumerate() {
            let mut element = numbered(&mut element, "GuaranteeReference", place + 1);
            element.leaf("GRN", reference.grn.as_deref().map(|grn| grn.within(17..=24)));
            element.leaf("accessCode", reference.access_code.as_ref().map(|code| (&*code.0).within(4..=4)));
            let path = format!("guarantees/{index}/references/{place}/amount");
            let amount = reference.amount.as_ref();
            missing.leaf(&mut element, "amountToBeCovered", amount.map(|money| number(money.amount)), &path);
            element.leaf("currency", amount.map(|money| money.currency.as_str()));
        }
    }
}

/// Containers and seals.
pub(crate) fn equipment(parent: &mut ElementWriter<'_>, equipment: &[TransportEquipment]) {
    for (index, equipment) in (1..).zip(equipment) {
        let mut element = numbered(parent, "TransportEquipment", index);
        element.leaf("containerIdentificationNumber", equipment.container.as_deref());
        let seals = equipment.seal_count.unwrap_or(equipment.seals.len() as u32);
        element.leaf("numberOfSeals", seals.to_string());
        for (number, seal) in (1..).zip(&equipment.seals) {
            numbered(&mut element, "Seal", number).leaf("identifier", (&**seal).within(1..=20));
        }
        for (number, item) in (1..).zip(&equipment.items) {
            numbered(&mut element, "GoodsReference", number).leaf("declarationGoodsItemNumber", item.to_string());
        }
    }
}

/// Where the goods are, by what the qualifier says that the code is.
pub(crate) fn location_of_goods(parent: &mut ElementWriter<'_>, location: &GoodsLocation, missing: &mut Missing) {
    let mut element = parent.group("LocationOfGoods");
    missing.leaf(&mut element, "typeOfLocation", location.r#type.as_deref(), "locationOfGoods/type");
    missing.leaf(&mut element, "qualifierOfIdentification", location.qualifier.as_deref(), "locationOfGoods/qualifier");
    let of =
        |letter: &str| location.qualifier.as_deref().filter(|qualifier| *qualifier == letter).map(|_| &*location.code);
    element.leaf("authorisationNumber", of("Y").map(|code| code.within(1..=35)));
    element.leaf("additionalIdentifier", location.additional_id.as_deref().map(|id| id.within(1..=4)));
    element.leaf("UNLocode", of("U").map(|code| code.within(1..=17)));
    element.group("CustomsOffice").leaf("referenceNumber", of("V"));
    let mut gnss = element.group("GNSS");
    gnss.leaf("latitude", location.latitude.as_deref());
    gnss.leaf("longitude", location.longitude.as_deref());
    drop(gnss);
    element.group("EconomicOperator").leaf("identificationNumber", of("X").map(|code| code.within(1..=17)));
    match &location.address {
        Some(address) if of("T").is_some() => {
            let mut element = element.group("PostcodeAddress");
            element.leaf("houseNumber", address.lines.first().map(|line| (&**line).within(1..=17)));
            element.leaf("postcode", address.postcode.as_deref().unwrap_or(&location.code).within(1..=17));
            element.leaf("country", address.country.as_ref().map(|country| country.as_str()));
        }
        Some(address) => self::address(&mut element, address, "locationOfGoods/address", missing),
        None => {}
    }
    contact(&mut element, location.contact.as_deref(), location.phone.as_deref(), location.email.as_deref());
}

/// Means of transport at departure; `with_office` those at the border, which have an office and a conveyance.
pub(crate) fn means(
    parent: &mut ElementWriter<'_>,
    name: &str,
    means: &[MeansOfTransport],
    at_border: bool,
    path: &str,
    missing: &mut Missing,
) {
    for (index, means) in means.iter().enumerate() {
        let path = |field: &str| format!("{path}/{index}/{field}");
        let mut element = numbered(parent, name, index + 1);
        if at_border {
            missing.leaf(
                &mut element,
                "customsOfficeAtBorderReferenceNumber",
                means.office.as_deref(),
                &path("office"),
            );
        }
        missing.leaf(&mut element, "typeOfIdentification", means.id_type.as_deref(), &path("idType"));
        missing.leaf(&mut element, "identificationNumber", means.id.as_deref(), &path("id"));
        let nationality = means.nationality.as_ref().map(|country| country.as_str());
        missing.leaf(&mut element, "nationality", nationality, &path("nationality"));
        if at_border {
            element.leaf("conveyanceReferenceNumber", means.conveyance_ref.as_deref().map(|trip| trip.within(1..=17)));
        }
    }
}

/// A place of loading or unloading.
pub(crate) fn place(parent: &mut ElementWriter<'_>, name: &str, place: Option<&Location>) {
    let Some(place) = place else { return };
    let mut element = parent.group(name);
    element.leaf("UNLocode", place.un_locode.as_ref().map(|code| code.as_str()).or(place.facility_code.as_deref()));
    element.leaf("country", place.country.as_ref().map(|country| country.as_str()));
    element.leaf("location", place.name.as_deref().map(|name| name.within(1..=35)));
}

/// Previous documents; those of an item say how much of them is taken.
pub(crate) fn previous_documents(parent: &mut ElementWriter<'_>, documents: &[PreviousDocument], of_item: bool) {
    for (index, document) in (1..).zip(documents) {
        let mut element = numbered(parent, "PreviousDocument", index);
        element.leaf("type", (&*document.r#type).within(4..=4));
        element.leaf("referenceNumber", &*document.id);
        if of_item {
            element.leaf("goodsItemNumber", document.line.map(|line| line.to_string()));
            element.leaf("typeOfPackages", document.package_type.as_deref());
            element.leaf("numberOfPackages", document.package_count.map(|count| count.to_string()));
            element
                .leaf("measurementUnitAndQualifier", document.quantity_unit.as_deref().map(|unit| unit.within(1..=4)));
            element.leaf("quantity", document.quantity.map(number));
        }
        element.leaf("complementOfInformation", document.information.as_deref().map(|text| text.within(1..=35)));
    }
}

/// Supporting and transport documents, and additional references.
pub(crate) fn documents(parent: &mut ElementWriter<'_>, name: &str, documents: &[CustomsDocument]) {
    for (index, document) in (1..).zip(documents) {
        let mut element = numbered(parent, name, index);
        element.leaf("type", (&*document.r#type).within(4..=4));
        element.leaf("referenceNumber", document.id.as_deref());
        if name == "SupportingDocument" {
            element.leaf("documentLineItemNumber", document.line.map(|line| line.to_string()));
            element.leaf("complementOfInformation", document.information.as_deref().map(|text| text.within(1..=35)));
        }
    }
}

/// Statements in a code.
pub(crate) fn information(parent: &mut ElementWriter<'_>, information: &[AdditionalInformation]) {
    for (index, information) in (1..).zip(information) {
        let mut element = numbered(parent, "AdditionalInformation", index);
        element.leaf("code", (&*information.code).within(5..=5));
        element.leaf("text", information.text.as_deref());
    }
}

/// An element of a list, with its number.
pub(crate) fn numbered<'w>(parent: &'w mut ElementWriter<'_>, name: &str, number: usize) -> ElementWriter<'w> {
    let mut element = parent.child(name);
    element.leaf("sequenceNumber", number.to_string());
    element
}
