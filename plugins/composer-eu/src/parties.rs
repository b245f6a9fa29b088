//! Who takes part, in the form that customs wants: by the number that its customs gave, or by name and whole address.

use portgate_compose::Gaps;
use portgate_sdk::Placed;
use portgate_sdk::canonical::{Address, Party, PartyId, PartyRole, Text, TransportDocument};
use portgate_sdk::territory::Territory;

use crate::case::Case;
use crate::rules;
use crate::written::cut;

/// The scheme of a trader's number.
pub(crate) const EORI: &str = "EORI";

/// Who hands the goods over, by the parts that documents have for it.
pub(crate) const CONSIGNOR: &[PartyRole] = &[PartyRole::Consignor, PartyRole::Exporter, PartyRole::Seller];

/// Who receives them.
pub(crate) const CONSIGNEE: &[PartyRole] = &[PartyRole::Consignee, PartyRole::Importer, PartyRole::Buyer];

/// A party of the context, with its place.
pub(crate) struct Found<'f> {
    pub(crate) at: String,
    pub(crate) party: &'f Party,
}

/// The party that plays the first of these parts that anybody plays: in the transport document, in any other of them, in the
/// shipments, and in invoices and orders.
pub(crate) fn find<'f>(
    case: &'f Case<'_>,
    bill: Option<&'f Placed<TransportDocument>>,
    roles: &[PartyRole],
) -> Option<Found<'f>> {
    let bills = bill.into_iter().chain(&case.facts.transport_documents);
    let of_bills = bills.flat_map(|bill| {
        let parties = bill.document.parties.iter().enumerate();
        parties.map(|(index, party)| Found { at: bill.at(&format!("/parties/{index}/party")), party: &party.party })
    });
    let of_shipments = case.facts.shipments.iter().flat_map(|shipment| {
        let parties = shipment.document.parties.iter().enumerate();
        parties.map(|(index, party)| Found { at: shipment.at(&format!("/parties/{index}")), party })
    });
    let carried: Vec<Found<'f>> = of_bills.chain(of_shipments).collect();
    let of_carriage = |role: &PartyRole| carried.iter().position(|found| found.party.role == *role);
    if let Some(index) = roles.iter().find_map(of_carriage) {
        return carried.into_iter().nth(index);
    }
    case.facts.party(roles).map(|(at, party)| Found { at, party })
}

/// Who takes part in one carriage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traders {
    pub(crate) consignor: Option<Party>,
    pub(crate) consignee: Option<Party>,
    pub(crate) notify: Option<Party>,
}

/// How customs has a party: whose numbers it knows, and how much room it has for what.
pub(crate) struct Form {
    /// The territory whose numbers stand alone.
    pub(crate) territory: Territory,
    /// Another one whose numbers do, as of the countries that a transit is between.
    pub(crate) also: Option<Territory>,
    pub(crate) name: usize,
    pub(crate) street: usize,
    pub(crate) postcode: usize,
    /// Whether customs is told whom to call.
    pub(crate) with_contact: bool,
}

const CITY: usize = 35;

impl Form {
    /// Whether customs here knows a party by this number alone.
    pub(crate) fn stands_alone(&self, eori: &str) -> bool {
        self.territory.gave(eori) || self.also.is_some_and(|also| also.gave(eori))
    }

    /// The party as customs wants it. What is missing for that is said, each at its place.
    pub(crate) fn party(&self, role: PartyRole, found: &Found<'_>, gaps: &mut Gaps) -> Option<Party> {
        let Found { at, party } = found;
        let eori = party.ids.iter().find(|id| &*id.scheme == EORI);
        let mut formed = Party::new(role);
        formed.ids.extend(eori.cloned());
        if self.with_contact {
            formed.contact = party.contact.as_deref().and_then(|contact| cut(contact, 70));
            formed.phone.clone_from(&party.phone);
            formed.email.clone_from(&party.email);
        }
        if eori.is_some_and(|eori| self.stands_alone(&eori.value)) {
            return Some(formed);
        }
        // A number that is not this customs' does not stand alone, and one of the UK not beside an address either.
        formed.ids.retain(|id| !id.value.starts_with("GB"));
        let address = party.address.clone().unwrap_or_default();
        let lines: Vec<&str> = address.lines.iter().map(|line| &**line).collect();
        let street: Option<Text<256>> = cut(&lines.join(", "), self.street);
        formed.name = party.name.as_deref().and_then(|name| cut(name, self.name));
        let postcode = address.postcode.as_deref().map(|code| self.postcode(code));
        let fits = postcode.as_ref().is_none_or(|code| code.chars().count() <= self.postcode);
        let needed = [
            ("name", "a name", formed.name.is_some()),
            ("address/lines", "a street", street.is_some()),
            ("address/city", "a city", address.city.is_some()),
            ("address/postcode", "a postcode", postcode.is_some()),
            ("address/postcode", "a postcode that is not longer than customs has room for", fits),
            ("address/country", "a country", address.country.is_some()),
        ];
        let missing: Vec<(&str, &str)> =
            needed.iter().filter(|(.., is)| !is).map(|(field, what, _)| (*field, *what)).collect();
        if !missing.is_empty() {
            let whose = party.name.as_deref().map_or_else(|| "The party".to_owned(), str::to_owned);
            let what: Vec<&str> = missing.iter().map(|(_, what)| *what).collect();
            let detail = format!(
                "{whose} is the {}, has no number of this customs (EORI), and lacks {} to be declared without one.",
                part(role),
                what.join(", ")
            );
            let fields = missing.iter().map(|(field, _)| format!("{at}/{field}"));
            let remedy = "Who keeps the party's master data adds its EORI number, or its whole address.";
            gaps.add(rules::PARTY, fields, detail, remedy);
            return None;
        }
        formed.address = Some(Address {
            lines: street.into_iter().collect(),
            postcode: postcode.and_then(|code| Text::new(code).ok()),
            city: address.city.as_deref().and_then(|city| cut(city, CITY)),
            country: address.country,
            ..Address::default()
        });
        Some(formed)
    }

    /// A postcode as there is room for it: a blank in it says nothing.
    fn postcode(&self, code: &str) -> String {
        match code.chars().count() > self.postcode {
            true => code.chars().filter(|c| !c.is_whitespace()).collect(),
            false => code.to_owned(),
        }
    }

    /// The party that plays one of these parts, where anybody does.
    pub(crate) fn wanted(
        &self,
        case: &Case<'_>,
        bill: Option<&Placed<TransportDocument>>,
        (role, roles): (PartyRole, &[PartyRole]),
        gaps: &mut Gaps,
    ) -> Option<Party> {
        self.party(role, &find(case, bill, roles)?, gaps)
    }

    /// The same, and where nobody plays it that is said.
    pub(crate) fn needed(
        &self,
        case: &Case<'_>,
        bill: Option<&Placed<TransportDocument>>,
        (role, roles): (PartyRole, &[PartyRole]),
        gaps: &mut Gaps,
    ) -> Option<Party> {
        let Some(found) = find(case, bill, roles) else {
            let place = bill.map(|bill| bill.at("/parties"));
            let of_shipments = || case.facts.shipments.first().map(|shipment| shipment.at("/parties"));
            let detail = format!("Nobody is said to be the {}.", part(role));
            let remedy = "Who keeps the shipment names the party; the carrier does in the transport document.";
            gaps.add(rules::PARTY, place.or_else(of_shipments), detail, remedy);
            return None;
        };
        self.party(role, &found, gaps)
    }
}

/// What a part is called in a sentence.
fn part(role: PartyRole) -> &'static str {
    match role {
        PartyRole::Consignor => "consignor",
        PartyRole::Consignee => "consignee",
        PartyRole::Notify => "party to notify",
        PartyRole::Carrier => "carrier",
        PartyRole::HolderOfTransitProcedure => "holder of the transit procedure",
        _ => "party",
    }
}

/// A party that policy has by its number alone.
pub(crate) fn settled(case: &Case<'_>, role: PartyRole, setting: &str, gaps: &mut Gaps) -> Option<Party> {
    let number: Text<17> = case.settings.text(setting, gaps)?;
    Some(Party { ids: vec![eori(number)?], ..Party::new(role) })
}

pub(crate) fn eori(number: Text<17>) -> Option<PartyId> {
    Some(PartyId::new(Text::new(EORI).ok()?, number.widened()))
}

/// The number of a party.
pub(crate) fn number(party: &Party) -> Option<&str> {
    party.ids.iter().find(|id| &*id.scheme == EORI).map(|id| &*id.value)
}
