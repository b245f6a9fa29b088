//! `A_BusinessPartner` with its addresses, tax numbers, identifications, roles, and what it is as a customer and a supplier: a
//! `business-partner`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    BusinessPartner, Country, PartnerAddress, PartnerBlock, PartnerCategory, PartnerRole, PartyId, TaxNumber, Text,
};

use super::{Changed, Entity};
use crate::number::{self, PARTNER};
use crate::parties::{self, joined};
use crate::reader::{Others, Reader, listed};
use crate::record::Record;

pub(crate) const BUSINESS_PARTNER: Entity = Entity {
    title: "business partner",
    key: &["BusinessPartner"],
    parts: &[
        "AddressID",
        "BPTaxType",
        "BusinessPartnerRole",
        "BPIdentificationType",
        "BankIdentification",
        "RelationshipNumber",
    ],
    read,
};

/// The names of a partner, where SAP does not put them together itself.
const NAMES: [&str; 6] = [
    "OrganizationBPName1",
    "OrganizationBPName2",
    "OrganizationBPName3",
    "OrganizationBPName4",
    "FirstName",
    "LastName",
];

/// What is blocked for whom: the property, and what it blocks.
const BLOCKS: [(&str, &str); 10] = [
    ("BusinessPartnerIsBlocked", "all"),
    ("OrderIsBlockedForCustomer", "order"),
    ("DeliveryIsBlocked", "delivery"),
    ("DeliveryIsBlockedForCustomer", "delivery"),
    ("BillingIsBlockedForCustomer", "billing"),
    ("PostingIsBlocked", "posting"),
    ("SupplierIsBlockedForPosting", "posting"),
    ("PurchasingIsBlocked", "purchasing"),
    ("PurchasingIsBlockedForSupplier", "purchasing"),
    ("PaymentIsBlockedForSupplier", "payment"),
];

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let changed = Changed::read(entity);
    let Some(partner_number) = reader.required::<64>(entity, "BusinessPartner") else { return };
    let mut references = number::references(PARTNER, &entity.text("BusinessPartner").unwrap_or_default());
    let full =
        ["BusinessPartnerFullName", "BusinessPartnerName"].into_iter().find_map(|name| reader.words(entity, name));
    let Some(name) = full.or_else(|| joined(reader, entity, &NAMES, " ")) else {
        reader.error(entity, "", "MISSING", "Give `BusinessPartnerFullName`.");
        return;
    };
    let source = message.source(Text::new(&*partner_number).ok(), changed.at);
    let mut partner =
        BusinessPartner::new(partner_number.widened(), changed.version, source, partner_number.clone(), name);
    entity.skip(&["BusinessPartnerName"]);
    partner.trade_name = joined(reader, entity, &["SearchTerm1", "SearchTerm2"], " ");
    partner.category = match entity.text("BusinessPartnerCategory").as_deref() {
        Some("1") => Some(PartnerCategory::Person),
        Some("2") => Some(PartnerCategory::Organisation),
        Some("3") => Some(PartnerCategory::Group),
        Some(other) => {
            reader.other(entity, &mut others, "SAP BusinessPartnerCategory", other);
            None
        }
        None => None,
    };
    let language = entity.first(&["CorrespondenceLanguage", "Language"]).unwrap_or_default().to_lowercase();
    partner.language = Text::new(language).ok();
    partner.group = reader.code(entity, "BusinessPartnerGrouping");
    partner.created_on = reader.day(entity, "CreationDate");
    partner.to_be_deleted = entity.flag("IsMarkedForArchiving").then_some(true);
    for (name, scheme) in [("Customer", "SAP customer"), ("Supplier", "SAP supplier")] {
        let number: Option<Text<64>> = reader.number(entity, name);
        if let Some(number) = number.filter(|number| *number != partner_number) {
            reader.refer(entity, &mut references, number::references(PARTNER, &number));
            partner.ids.push(PartyId { scheme: Text::new(scheme).expect("a name"), value: number });
        }
    }
    partner.ids.extend(gln(entity));
    for id in entity.records("to_BuPaIdentification") {
        let scheme = id.text("BPIdentificationType").and_then(|scheme| Text::new(&*scheme).ok());
        let value = reader.identifier(&id, "BPIdentificationNumber");
        partner.ids.extend(scheme.zip(value).map(|(scheme, value)| PartyId { scheme, value }));
        id.skip(&["BusinessPartner"]);
        reader.rest(&id, &mut others);
    }
    for tax in entity.records("to_BusinessPartnerTax") {
        partner.tax_numbers.extend(tax_number(reader, &tax));
        reader.rest(&tax, &mut others);
    }
    for place in entity.records("to_BusinessPartnerAddress") {
        partner.addresses.extend(address(reader, &place, &mut others));
    }
    partner.country = partner.addresses.first().and_then(|first| first.address.country.clone());
    for role in entity.records("to_BusinessPartnerRole") {
        role.skip(&["BusinessPartner"]);
        if let Some(code) = reader.code(&role, "BusinessPartnerRole") {
            let (from, to) = (reader.day(&role, "ValidFrom"), reader.day(&role, "ValidTo"));
            partner.roles.push(PartnerRole { valid_from: from, valid_to: to, ..PartnerRole::new(code) });
        }
        reader.rest(&role, &mut others);
    }
    blocks(reader, entity, None, &mut partner);
    for (name, areas) in [
        ("to_Customer", ["to_CustomerCompany", "to_CustomerSalesArea"]),
        ("to_Supplier", ["to_SupplierCompany", "to_SupplierPurchasingOrg"]),
    ] {
        for side in entity.records(name) {
            blocks(reader, &side, None, &mut partner);
            for area in areas.iter().flat_map(|name| side.records(name)) {
                let of = area.first(&["CompanyCode", "SalesOrganization", "PurchasingOrganization"]);
                blocks(reader, &area, of.as_deref(), &mut partner);
                reader.rest(&area, &mut others);
            }
            if let Some(number) = reader.identifier::<64>(&side, "VATRegistration") {
                let known = partner.tax_numbers.iter().any(|tax| tax.value == number);
                let scheme = Text::new("VAT").expect("a name");
                partner.tax_numbers.extend((!known).then(|| TaxNumber::new(scheme, number)));
            }
            reader.rest(&side, &mut others);
        }
    }
    reader.rest(entity, &mut others);
    partner.classifications = others.codes;
    partner.references = references;
    reader.decoded.document(&partner);
}

/// The GLN, which SAP keeps in three parts.
fn gln(entity: &Record<'_>) -> Option<PartyId> {
    let parts = ["1", "2", "3"].map(|part| entity.text(&format!("InternationalLocationNumber{part}")));
    let [Some(first), Some(second), Some(check)] = parts else { return None };
    let gln = format!("{first:0>7}{second:0>5}{check}");
    let is_gln =
        gln.len() == 13 && gln.bytes().all(|byte| byte.is_ascii_digit()) && gln.bytes().any(|byte| byte != b'0');
    let value = Text::new(gln).ok().filter(|_| is_gln)?;
    Some(PartyId { scheme: Text::new("GLN").ok()?, value })
}

/// A tax number. SAP's type begins with the country; the one that ends in 0 is that of value added tax.
fn tax_number(reader: &mut Reader<'_>, tax: &Record<'_>) -> Option<TaxNumber> {
    tax.skip(&["BusinessPartner"]);
    let kind = tax.text("BPTaxType").unwrap_or_default();
    let name = if tax.text("BPTaxLongNumber").is_some() { "BPTaxLongNumber" } else { "BPTaxNumber" };
    let value = reader.identifier(tax, name)?;
    let country = kind.get(..2).and_then(|country| Country::new(country).ok());
    let scheme = match kind.len() == 3 && kind.ends_with('0') && country.is_some() {
        true => "VAT",
        false => &*kind,
    };
    let scheme = Text::new(if scheme.is_empty() { "TIN" } else { scheme }).ok()?;
    Some(TaxNumber { country, ..TaxNumber::new(scheme, value) })
}

fn address(reader: &mut Reader<'_>, place: &Record<'_>, others: &mut Others) -> Option<PartnerAddress> {
    place.skip(&["BusinessPartner"]);
    let number = reader.number(place, "AddressID");
    let found = parties::address(reader, place, &parties::ENTITY);
    let mut made = PartnerAddress::new(found.unwrap_or_default());
    made.number = number;
    made.name = reader.words(place, "FullName");
    made.valid_from = reader.day(place, "ValidityStartDate");
    made.valid_to = reader.day(place, "ValidityEndDate");
    for usage in place.records("to_AddressUsage") {
        usage.skip(&["BusinessPartner", "AddressID"]);
        made.usages.extend(reader.code(&usage, "AddressUsage"));
        reader.rest(&usage, others);
    }
    made.usages.truncate(16);
    for phone in place.records("to_PhoneNumber") {
        phone.skip(&["AddressID", "Person", "OrdinalNumber"]);
        let number =
            ["InternationalPhoneNumber", "PhoneNumber"].into_iter().find_map(|name| reader.words(&phone, name));
        made.phone = made.phone.take().or(number);
        reader.rest(&phone, others);
    }
    for mail in place.records("to_EmailAddress") {
        mail.skip(&["AddressID", "Person", "OrdinalNumber"]);
        let address = reader.words(&mail, "EmailAddress");
        made.email = made.email.take().or(address);
        reader.rest(&mail, others);
    }
    let number = made.number.as_deref().unwrap_or_default().to_owned();
    for rest in place.rest() {
        reader.other(place, others, &format!("SAP address {number} {}", rest.name), &rest.value);
    }
    (made.address != Default::default() || made.number.is_some()).then_some(made)
}

/// What must not be done, where a property says so: yes alone, or why.
fn blocks(reader: &mut Reader<'_>, record: &Record<'_>, of: Option<&str>, partner: &mut BusinessPartner) {
    for (name, scope) in BLOCKS {
        let Some(value) = record.text(name).filter(|value| value != "false") else { continue };
        let mut block = PartnerBlock::new(Text::new(scope).expect("a word"));
        block.reason = (value != "true" && value != "X").then(|| listed(&format!("SAP {name}"), &value));
        block.organisation = of.and_then(|of| Text::new(of).ok());
        if partner.blocks.len() < 64 && !partner.blocks.contains(&block) {
            partner.blocks.push(block);
        }
        let detail = format!("The partner is blocked: {scope}.");
        reader.warning(record, name, "BLOCKED", detail);
    }
}
