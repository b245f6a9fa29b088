//! What goes out: a canonical shipment as both providers need it, with a finding for each thing that a parcel cannot go
//! without. Places are those of the documents, such as `/0/parties/1/address/city`.

use portgate_sdk::canonical::{
    Address, ContentsRestriction, ContentsType, Country, CustomsParticulars, Decimal, HsCode, Incoterm, IncotermCode,
    Money, Package, Party, PartyId, PartyRole, Quantity, ShipmentLine, Text,
};
use portgate_sdk::territory::Territory;
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, log};
use serde::{Deserialize, Serialize};

use crate::lacks::Lacks;
use crate::packing::{Packing, Parcel};

/// The only kind of documents that a parcel is made of.
const KIND: &str = "shipment";

/// Who sends and who receives: the first of these that the shipment names.
const SENDERS: [PartyRole; 4] = [PartyRole::ShipFrom, PartyRole::Consignor, PartyRole::Seller, PartyRole::Exporter];
const RECEIVERS: [PartyRole; 4] = [PartyRole::ShipTo, PartyRole::Consignee, PartyRole::Buyer, PartyRole::Importer];

/// Countries whose carriers ask for the state.
const WITH_STATES: [&str; 3] = ["US", "CA", "AU"];

/// Units of pieces (UNECE Recommendation 20).
const PIECES: [&str; 5] = ["C62", "H87", "EA", "PCE", "NAR"];

/// As much of a shipment as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipment {
    shipment_id: Option<Text<64>>,
    gross_kg: Option<Decimal>,
    net_kg: Option<Decimal>,
    country_of_dispatch: Option<Country>,
    country_of_destination: Option<Country>,
    incoterm: Option<Incoterm>,
    customs_particulars: Option<CustomsParticulars>,
    #[serde(default)]
    parties: Vec<Party>,
    #[serde(default)]
    packages: Vec<Package>,
    #[serde(default)]
    lines: Vec<ShipmentLine>,
}

/// A shipment that can go out.
pub(crate) struct Consignment {
    /// Our own name for it.
    pub(crate) reference: Option<String>,
    /// Who sends it.
    pub(crate) from: Side,
    /// Who receives it.
    pub(crate) to: Side,
    /// Its parcels, each by itself.
    pub(crate) parcels: Vec<Parcel>,
    /// Terms of delivery, with their place in the document.
    pub(crate) incoterm: Option<(IncotermCode, Pointer)>,
    /// The invoice that it is sold by.
    pub(crate) invoice: Option<String>,
    /// What customs is told; always there where it crosses a border of customs.
    pub(crate) customs: Option<Customs>,
    /// Whether it crosses such a border.
    pub(crate) is_international: bool,
}

/// One side of a shipment.
pub(crate) struct Side {
    /// Where it stands.
    pub(crate) at: Pointer,
    /// The person; the party's own name where it names none.
    pub(crate) name: Option<String>,
    /// The company, where a person is named beside it.
    pub(crate) company: Option<String>,
    /// Lines of its street.
    pub(crate) lines: Vec<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) zip: Option<String>,
    pub(crate) country: String,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    /// What authorities know it by.
    pub(crate) ids: Vec<PartyId>,
}

/// What customs is told.
pub(crate) struct Customs {
    /// Where the particulars stand.
    pub(crate) at: Pointer,
    /// Those of the whole.
    pub(crate) particulars: CustomsParticulars,
    /// What kind of goods they are.
    pub(crate) contents_type: ContentsType,
    /// Whether the signer certifies them.
    pub(crate) certified: bool,
    /// The goods.
    pub(crate) goods: Vec<Goods>,
}

/// Goods of one line.
pub(crate) struct Goods {
    /// Where its line stands.
    pub(crate) at: Pointer,
    /// The parcel that it is in, by its place among them; none where that is not one alone.
    pub(crate) parcel: Option<usize>,
    pub(crate) description: String,
    pub(crate) pieces: Decimal,
    /// What all of them weigh, in kilograms.
    pub(crate) kilograms: Decimal,
    /// What all of them are worth.
    pub(crate) value: Money,
    pub(crate) origin: Country,
    pub(crate) hs_code: Option<HsCode>,
    pub(crate) sku: Option<String>,
    pub(crate) gtin: Option<String>,
}

/// The request that creates the shipment of a document: what `write` makes of it, and the path that it is sent to.
pub(crate) fn request<Body: Serialize>(
    documents: &[Document],
    write: impl FnOnce(Consignment, &mut Lacks) -> Option<(&'static str, Body)>,
) -> Result<Request, Rejection> {
    let mut lacks = Lacks::default();
    let consignment = Consignment::of(documents, &mut lacks)?;
    let written = consignment.and_then(|consignment| write(consignment, &mut lacks));
    let (path, body) = lacks.unless_any(written)?;
    Ok(Request::post(path, "application/json", crate::json(&body)?))
}

impl Consignment {
    /// The shipment of a document, as far as it can be told; what is missing or wrong is in `lacks`.
    fn of(documents: &[Document], lacks: &mut Lacks) -> Result<Option<Consignment>, Rejection> {
        let [document] = documents else {
            let detail = format!("The provider takes one shipment a request, not {}.", documents.len());
            return Err(Finding::error("NOT-ONE-DOCUMENT", "", detail).into());
        };
        let at = Pointer::root().index(0);
        if document.kind != KIND {
            let detail = format!("A parcel is made of a shipment alone, not of a `{}`.", document.kind);
            return Err(Finding::error("NOT-A-SHIPMENT", at, detail).into());
        }
        let shipment: Shipment = document.read()?;
        let invoice = document.refs.iter().find(|name| &*name.scheme == "invoice").map(|name| name.value.to_string());
        Ok(shipment.into_consignment(&at, invoice, lacks))
    }
}

impl Shipment {
    fn into_consignment(self, at: &Pointer, invoice: Option<String>, lacks: &mut Lacks) -> Option<Consignment> {
        let from = self.side("sender", &SENDERS, self.country_of_dispatch.as_ref(), at, lacks);
        let to = self.side("receiver", &RECEIVERS, self.country_of_destination.as_ref(), at, lacks);
        let packing = Packing::of(&self.packages, self.gross_kg, at, lacks);
        let is_international = match (&from, &to) {
            (Some(from), Some(to)) => crosses(&from.country, &to.country),
            _ => false,
        };
        let customs = self.customs(is_international, from.as_ref(), packing.as_ref(), at, lacks);
        Some(Consignment {
            reference: self.shipment_id.map(|id| id.to_string()),
            parcels: packing?.parcels,
            incoterm: self.incoterm.map(|incoterm| (incoterm.code, at.key("incoterm").key("code"))),
            invoice,
            customs,
            is_international,
            from: from?,
            to: to?,
        })
    }

    /// The party that plays the first of these parts, as a side of the shipment.
    fn side(
        &self,
        what: &str,
        roles: &[PartyRole],
        country: Option<&Country>,
        at: &Pointer,
        lacks: &mut Lacks,
    ) -> Option<Side> {
        let list = at.key("parties");
        let of = |role| self.parties.iter().position(|party| party.role == role);
        let Some(index) = roles.iter().find_map(|role| of(*role)) else {
            lacks.missing(list, format!("Name the {what}, with an address."));
            return None;
        };
        let (party, at) = (&self.parties[index], list.index(index));
        let address = party.address.clone().unwrap_or_default();
        Side::new(party, address, country, what, at, lacks)
    }

    /// What customs is told. It must be there where a border of customs is crossed, and is complete wherever it is there.
    fn customs(
        &self,
        is_needed: bool,
        from: Option<&Side>,
        packing: Option<&Packing<'_>>,
        at: &Pointer,
        lacks: &mut Lacks,
    ) -> Option<Customs> {
        let place = at.key("customsParticulars");
        let Some(particulars) = self.customs_particulars.clone() else {
            if is_needed {
                let detail = "The parcel crosses a border of customs: say what customs is told of it.";
                lacks.missing(place, detail);
            }
            return None;
        };
        if particulars.contents_explanation.is_none() && particulars.contents_type == Some(ContentsType::Other) {
            lacks.missing(place.key("contentsExplanation"), "Goods of another type need an explanation.");
        }
        let is_restricted = particulars.restriction.is_some_and(|restriction| restriction != ContentsRestriction::None);
        if is_restricted && particulars.restriction_explanation.is_none() {
            lacks.missing(place.key("restrictionExplanation"), "Say in words which restriction it is.");
        }
        if particulars.certified == Some(true) && particulars.signer.is_none() {
            lacks.missing(place.key("signer"), "Name the person who certifies what customs is told.");
        }
        let from_the_states = from.is_some_and(|from| from.country == "US") && is_needed;
        if from_the_states && particulars.export_exemption.is_none() && particulars.export_declaration.is_none() {
            let detail = "Exports of the United States need the exemption (such as `NOEEI 30.37(a)`) or the ITN.";
            lacks.missing(place.key("exportExemption"), detail);
        }
        let contents = particulars.contents_type;
        let contents_type = lacks.needed(contents, place.key("contentsType"), "Say what kind of goods they are.");
        let certified = particulars.certified;
        let certified = lacks.needed(certified, place.key("certified"), "Say whether the signer certifies it.");
        let list = at.key("lines");
        if self.lines.is_empty() {
            lacks.missing(list.clone(), "Customs needs the goods, line by line.");
        }
        let goods = self.lines.iter().enumerate().filter_map(|(index, line)| {
            let net = self.net_kg.filter(|_| self.lines.len() == 1);
            let parcel = packing.and_then(|packing| packing.parcel_of(&line.package_refs));
            Goods::of(line, parcel, net, &list.index(index), lacks)
        });
        let goods = goods.collect();
        Some(Customs { at: place, particulars, contents_type: contents_type?, certified: certified?, goods })
    }
}

impl Side {
    fn new(
        party: &Party,
        address: Address,
        country: Option<&Country>,
        what: &str,
        at: Pointer,
        lacks: &mut Lacks,
    ) -> Option<Side> {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let place = at.key("address");
        let name = text(party.name.as_ref().map(ToString::to_string));
        let contact = text(party.contact.as_ref().map(ToString::to_string));
        if name.is_none() && contact.is_none() {
            lacks.missing(at.key("name"), format!("Name the {what}."));
        }
        if address.lines.is_empty() {
            lacks.missing(place.key("lines"), format!("Give the street of the {what}."));
        }
        if address.city.is_none() {
            lacks.missing(place.key("city"), format!("Give the city of the {what}."));
        }
        let country = address.country.as_ref().or(country).map(|country| country.as_str().to_owned());
        let with_states = country.as_ref().is_some_and(|country| WITH_STATES.contains(&country.as_str()));
        if with_states && address.region.is_none() {
            lacks.missing(place.key("region"), format!("Give the state or province of the {what}."));
        }
        let country = lacks.needed(country, place.key("country"), &format!("Give the country of the {what}."))?;
        let (name, company) = match (contact, name) {
            (Some(person), company) => (Some(person), company),
            (None, name) => (name, None),
        };
        Some(Side {
            at,
            name,
            company,
            lines: address.lines.iter().map(ToString::to_string).collect(),
            city: text(address.city.map(|city| city.to_string())),
            state: text(address.region.map(|region| region.to_string())),
            zip: text(address.postcode.map(|postcode| postcode.to_string())),
            country,
            phone: text(party.phone.as_ref().map(ToString::to_string)),
            email: text(party.email.as_ref().map(ToString::to_string)),
            ids: party.ids.clone(),
        })
    }

    /// A line of its street; the last one that there is room for has all that are left.
    pub(crate) fn street(&self, line: usize, room: usize) -> Option<String> {
        let rest = self.lines.get(line..).filter(|rest| !rest.is_empty())?;
        Some(if line + 1 == room { rest.join(", ") } else { rest[0].clone() })
    }
}

impl Goods {
    /// The goods of a line; none of a line of which nothing is sent. `net` is what the shipment weighs without packing, where it
    /// has this line alone.
    fn of(
        line: &ShipmentLine,
        parcel: Option<usize>,
        net: Option<Decimal>,
        at: &Pointer,
        lacks: &mut Lacks,
    ) -> Option<Goods> {
        if line.quantity.value.is_zero() {
            log::info(format!("Nothing of the line at {at} is sent; customs is not told of it."));
            return None;
        }
        let pieces = pieces(&line.quantity, at, lacks);
        let description = line.description.as_ref().map(ToString::to_string);
        let description = lacks.needed(description, at.key("description"), "Say in words what the goods are.");
        let kilograms = line.net_kg.or(net).or(line.gross_kg).filter(|kilograms| !kilograms.is_zero());
        let kilograms = lacks.needed(kilograms, at.key("netKg"), "Say what all of the goods weigh.");
        let value = line.value.clone().filter(|value| !value.amount.is_zero() && !value.amount.is_negative());
        let value =
            lacks.needed(value, at.key("value"), "Say what all of the goods are worth; customs takes no nought.");
        let origin = line.origin_country.clone();
        let origin = lacks.needed(origin, at.key("originCountry"), "Say where the goods were made.");
        Some(Goods {
            at: at.clone(),
            parcel,
            description: description?,
            pieces: pieces?,
            kilograms: kilograms?,
            value: value?,
            origin: origin?,
            hs_code: line.hs_code.clone(),
            sku: line.sku.as_ref().map(ToString::to_string),
            gtin: line.gtin.as_ref().map(ToString::to_string),
        })
    }
}

/// A whole number of pieces.
fn pieces(quantity: &Quantity, at: &Pointer, lacks: &mut Lacks) -> Option<Decimal> {
    let Quantity { value, unit } = quantity;
    let is_whole = value.round(0) == *value && !value.is_negative();
    if is_whole && PIECES.contains(&unit.as_str()) {
        return Some(value.round(0));
    }
    let detail = format!("A parcel's goods are counted in whole pieces (`C62`), not as {value} {}.", unit.as_str());
    lacks.wrong("NOT-PIECES", at.key("quantity"), detail);
    None
}

/// Whether customs lies between two countries.
fn crosses(from: &str, to: &str) -> bool {
    Territory::of(from) != Territory::of(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customs_lies_between_countries_but_not_within_the_union() {
        assert!(crosses("US", "GB") && crosses("DE", "CH") && crosses("GB", "IE"));
        assert!(!crosses("US", "US") && !crosses("DE", "FR"));
    }
}
