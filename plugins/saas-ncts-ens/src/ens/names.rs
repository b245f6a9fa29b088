//! The element names of ICS. The same group has other names wherever it stands, so they are tables: of parties, and of offices.

use portgate_sdk::canonical::{Address, OfficeRole, Party, PartyId, PartyRole, Text};
use portgate_sdk::edi::Value;
use portgate_sdk::xml::{Element, ElementWriter};

use crate::notes::{Notes, constant};
use crate::out;

/// The scheme of a trader's identification number (TIN).
pub(crate) const EORI: &str = "EORI";

/// A party's element, and those in it, in the order of the schema.
pub(crate) struct PartyNames {
    pub(crate) role: PartyRole,
    pub(crate) element: &'static str,
    name: &'static str,
    street: &'static str,
    postcode: &'static str,
    city: &'static str,
    country: &'static str,
    tin: &'static str,
}

const fn names(role: PartyRole, element: &'static str, inner: [&'static str; 6]) -> PartyNames {
    let [name, street, postcode, city, country, tin] = inner;
    PartyNames { role, element, name, street, postcode, city, country, tin }
}

pub(crate) const CONSIGNOR: PartyNames = names(
    PartyRole::Consignor,
    "TRACONCO1",
    ["NamCO17", "StrAndNumCO122", "PosCodCO123", "CitCO124", "CouCO125", "TINCO159"],
);
pub(crate) const CONSIGNEE: PartyNames = names(
    PartyRole::Consignee,
    "TRACONCE1",
    ["NamCE17", "StrAndNumCE122", "PosCodCE123", "CitCE124", "CouCE125", "TINCE159"],
);
pub(crate) const NOTIFY: PartyNames = names(
    PartyRole::Notify,
    "NOTPAR670",
    ["NamNOTPAR672", "StrNumNOTPAR673", "PosCodNOTPAR676", "CitNOTPAR674", "CouCodNOTPAR675", "TINNOTPAR671"],
);
pub(crate) const REPRESENTATIVE: PartyNames = names(
    PartyRole::Representative,
    "TRAREP",
    ["NamTRE1", "StrAndNumTRE1", "PosCodTRE1", "CitTRE1", "CouCodTRE1", "TINTRE1"],
);
pub(crate) const DECLARANT: PartyNames = names(
    PartyRole::Declarant,
    "PERLODSUMDEC",
    ["NamPLD1", "StrAndNumPLD1", "PosCodPLD1", "CitPLD1", "CouCodPLD1", "TINPLD1"],
);
pub(crate) const CARRIER: PartyNames = names(
    PartyRole::Carrier,
    "TRACARENT601",
    [
        "NamTRACARENT604",
        "StrNumTRACARENT607",
        "PstCodTRACARENT606",
        "CtyTRACARENT603",
        "CouCodTRACARENT605",
        "TINTRACARENT602",
    ],
);

/// The parties of a whole declaration, in the order of the schema.
pub(crate) const PARTIES: [PartyNames; 6] = [CONSIGNOR, CONSIGNEE, NOTIFY, REPRESENTATIVE, DECLARANT, CARRIER];

pub(crate) const ITEM_CONSIGNOR: PartyNames = names(
    PartyRole::Consignor,
    "TRACONCO2",
    ["NamCO27", "StrAndNumCO222", "PosCodCO223", "CitCO224", "CouCO225", "TINCO259"],
);
pub(crate) const ITEM_CONSIGNEE: PartyNames = names(
    PartyRole::Consignee,
    "TRACONCE2",
    ["NamCE27", "StrAndNumCE222", "PosCodCE223", "CitCE224", "CouCE225", "TINCE259"],
);
pub(crate) const ITEM_NOTIFY: PartyNames = names(
    PartyRole::Notify,
    "PRTNOT640",
    ["NamPRTNOT642", "StrNumPRTNOT646", "PstCodPRTNOT644", "CtyPRTNOT643", "CouCodGINOT647", "TINPRTNOT641"],
);

/// The parties of a goods item.
pub(crate) const ITEM_PARTIES: [PartyNames; 3] = [ITEM_CONSIGNOR, ITEM_CONSIGNEE, ITEM_NOTIFY];

/// The elements of offices, the number in each, and what it is.
pub(crate) const OFFICES: [(&str, &str, OfficeRole); 3] = [
    ("CUSOFFLON", "RefNumCOL1", OfficeRole::Lodgement),
    ("CUSOFFFENT730", "RefNumCUSOFFFENT731", OfficeRole::FirstEntry),
    ("CUSOFFSENT740", "RefNumSUBENR909", OfficeRole::SubsequentEntry),
];

/// The party of these names, where there is one.
pub(crate) fn party(parent: Element<'_>, of: &PartyNames, notes: &mut Notes) -> Option<Party> {
    let element = parent.child(of.element)?;
    let address = Address {
        lines: notes.words(element, of.street).into_iter().collect(),
        postcode: notes.words(element, of.postcode),
        city: notes.words(element, of.city),
        country: notes.country(element, of.country),
        ..Address::default()
    };
    let tin: Option<Text<64>> = notes.text(element, of.tin);
    Some(Party {
        name: notes.words(element, of.name),
        address: Some(address).filter(|address| *address != Address::default()),
        ids: tin.into_iter().map(|tin| PartyId::new(constant(EORI), tin)).collect(),
        ..Party::new(of.role)
    })
}

/// Writes the party of these names, where the declaration has one.
pub(crate) fn write(parent: &mut ElementWriter<'_>, of: &PartyNames, parties: &[Party]) {
    let Some((_, party)) = out::party(parties, of.role) else { return };
    let mut element = parent.group(of.element);
    element.leaf(of.name, party.name.as_deref().map(|name| name.within(1..=35)));
    if let Some(address) = &party.address {
        let lines: Vec<&str> = address.lines.iter().map(|line| &**line).collect();
        element.leaf(of.street, lines.join(", ").within(0..=35));
        element.leaf(of.postcode, address.postcode.as_deref().map(|code| code.within(1..=9)));
        element.leaf(of.city, address.city.as_deref().map(|city| city.within(1..=35)));
        element.leaf(of.country, address.country.as_ref().map(|country| country.as_str()));
    }
    element.leaf(of.tin, out::id(party, EORI).map(|tin| tin.within(3..=17)));
}
