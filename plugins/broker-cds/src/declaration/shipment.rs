//! The shipment of a declaration, in the order of the schema: `GoodsShipment` and its `Consignment`.

use portgate_sdk::canonical::{
    Address, CustomsDeclaration, CustomsWarehouse, GoodsLocation, Incoterm, IncotermCode, Location, MeansOfTransport,
    PartyRole, Regime, Text, TradeTerms, TransportEquipment, UnLocode,
};

use super::side::Side;
use super::{item, parts, party};

/// Everything in `GoodsShipment`.
pub(super) fn walk(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    side.time("ExitDateTime", &mut d.exit_at, &mut None);
    side.text("TransactionNatureCode", 2, &mut d.transaction_nature);
    party::actors(side, &mut d.actors);
    party::party(side, "Buyer", PartyRole::Buyer, &mut d.parties);
    party::party(side, "Consignee", PartyRole::Consignee, &mut d.parties);
    side.group("Consignment", |side| consignment(side, d));
    party::party(side, "Consignor", PartyRole::Consignor, &mut d.parties);
    side.group("CustomsValuation", |side| {
        side.leaf("FreightChargeAmount", &mut d.freight);
        parts::adjustments(side, &mut d.adjustments);
    });
    side.group("Destination", |side| {
        side.leaf("CountryCode", &mut d.destination_country);
        side.text("RegionID", 9, &mut d.destination_region);
    });
    party::fiscal_references(side, &mut d.fiscal_references);
    side.group("ExportCountry", |side| side.leaf("ID", &mut d.dispatch_country));
    side.list("GovernmentAgencyGoodsItem", &mut d.items, item::walk);
    party::party(side, "Importer", PartyRole::Importer, &mut d.parties);
    side.group("Invoice", |side| {
        side.text("ID", 70, &mut d.invoice_number);
        side.day("IssueDateTime", &mut d.invoice_date);
    });
    party::party(side, "Payer", PartyRole::Payer, &mut d.parties);
    parts::previous_documents(side, &mut d.previous_documents);
    party::party(side, "Seller", PartyRole::Seller, &mut d.parties);
    party::party(side, "Surety", PartyRole::Guarantor, &mut d.parties);
    trade_terms(side, d);
    side.group("UCR", |side| {
        side.text("ID", 35, &mut d.ucr);
        side.text("TraderAssignedReferenceID", 35, &mut d.trader_reference);
    });
    let mut warehouse = d.warehouse.take().unwrap_or_default();
    side.group("Warehouse", |side| {
        side.text("ID", 35, &mut warehouse.id);
        side.text("TypeCode", 3, &mut warehouse.r#type);
    });
    d.warehouse = Some(warehouse).filter(|warehouse| *warehouse != CustomsWarehouse::default());
}

fn consignment(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    side.leaf("ContainerCode", &mut d.containerised);
    // The mode inland stands beside the means that the goods arrive with, of an export beside those that they leave with.
    let is_departing = d.regime == Regime::Export || !d.departure_means.is_empty();
    side.group("ArrivalTransportMeans", |side| {
        side.text("ID", 35, &mut d.arrival_means_id);
        side.text("IdentificationTypeCode", 17, &mut d.arrival_means_type);
        if side.is_reading() || !is_departing {
            parts::mode(side, "ModeCode", &mut d.inland_mode, &mut d.inland_mode_code);
        }
    });
    let mut means = d.departure_means.first().cloned().unwrap_or_default();
    side.group("DepartureTransportMeans", |side| {
        side.text("ID", 35, &mut means.id);
        side.text("IdentificationTypeCode", 17, &mut means.id_type);
        if side.is_reading() || is_departing {
            parts::mode(side, "ModeCode", &mut d.inland_mode, &mut d.inland_mode_code);
        }
    });
    if side.is_reading() && means != MeansOfTransport::default() {
        d.departure_means.push(means);
    }
    location_of_goods(side, d);
    let mut place = d.place_of_loading.take().unwrap_or_default();
    side.group("LoadingLocation", |side| {
        side.text("Name", 256, &mut place.name);
        code_of_place(side, "ID", &mut place);
    });
    d.place_of_loading = Some(place).filter(|place| *place != Location::default());
    equipment(side, d);
}

/// Where the goods can be examined (DE 5/23): by the name of a place that customs knows, or by an identifier.
fn location_of_goods(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let was = d.location_of_goods.take();
    let mut id = was.as_ref().and_then(|location| location.id.clone());
    let code = was.as_ref().map(|location| location.code.clone());
    let mut name = code.filter(|code| id.as_deref() != Some(&**code));
    let mut location = was.clone();
    let (mut kind, mut qualifier, mut country, mut address) = match &mut location {
        Some(location) => {
            (location.r#type.take(), location.qualifier.take(), location.country.take(), location.address.take())
        }
        None => (None, None, None, None),
    };
    let mut within = address.take().unwrap_or_default();
    side.group("GoodsLocation", |side| {
        side.text("Name", 256, &mut name);
        side.text("ID", 17, &mut id);
        side.text("TypeCode", 3, &mut kind);
        side.group("Address", |side| {
            side.text("TypeCode", 3, &mut qualifier);
            side.text("CityName", 35, &mut within.city);
            side.leaf("CountryCode", &mut country);
            party::line(side, &mut within);
            side.text("PostcodeID", 9, &mut within.postcode);
        });
    });
    if !side.is_reading() {
        d.location_of_goods = was;
        return;
    }
    let address = Some(within).filter(|address| *address != Address::default());
    let by_address =
        || address.as_ref().and_then(|address| address.postcode.clone()).and_then(|code| Text::new(&*code).ok());
    let code = name.or_else(|| id.as_ref().map(|id| id.widened())).or_else(by_address);
    d.location_of_goods =
        code.map(|code| GoodsLocation { id, r#type: kind, qualifier, country, address, ..GoodsLocation::new(code) });
}

/// A place by its UN/LOCODE, or by another code.
fn code_of_place(side: &mut Side<'_>, name: &'static str, place: &mut Location) {
    let locode = place.un_locode.as_ref().and_then(|code| Text::new(code.as_str()).ok());
    let mut code: Option<Text<16>> = locode.or_else(|| place.facility_code.clone());
    side.text(name, 17, &mut code);
    if let Some(code) = code.filter(|_| side.is_reading()) {
        match UnLocode::new(&*code) {
            Ok(code) => place.un_locode = Some(code),
            Err(_) => place.facility_code = Some(code),
        }
    }
}

/// Containers and the seals on them (DE 7/10, 7/18).
fn equipment(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let named = |id: &Text<17>| TransportEquipment { container: Some(id.clone()), ..TransportEquipment::default() };
    let mut all = match d.transport_equipment.is_empty() {
        true => d.equipment.iter().map(named).collect(),
        false => std::mem::take(&mut d.transport_equipment),
    };
    let mut number = 0;
    side.list("TransportEquipment", &mut all, |side, equipment| {
        number += 1;
        let mut equipment = equipment.cloned().unwrap_or_default();
        let mut no = equipment.no.or(Some(number));
        side.leaf("SequenceNumeric", &mut no);
        side.text("ID", 17, &mut equipment.container);
        equipment.no = no.filter(|no| *no != number);
        let mut seal_number = 0;
        side.list("Seal", &mut equipment.seals, |side, seal| {
            seal_number += 1;
            let mut seal = seal.cloned();
            side.leaf("SequenceNumeric", &mut Some(seal_number));
            side.text("ID", 35, &mut seal);
            seal
        });
        Some(equipment)
    });
    if side.is_reading() {
        d.equipment = all.iter().filter_map(|equipment| equipment.container.clone()).collect();
    }
    d.transport_equipment = all;
}

/// The codes that are Incoterms.
const INCOTERMS: [IncotermCode; 13] = {
    use IncotermCode::{Cfr, Cif, Cip, Cpt, Dap, Dat, Ddp, Ddu, Dpu, Exw, Fas, Fca, Fob};
    [Exw, Fca, Cpt, Cip, Dap, Dpu, Ddp, Fas, Fob, Cfr, Cif, Dat, Ddu]
};

/// Terms of delivery (DE 4/1): an Incoterm with its place, or whatever was agreed on.
fn trade_terms(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let mut terms = d.trade_terms.clone().unwrap_or_default();
    let incoterm = d.incoterm.as_ref();
    let mut code = incoterm.map(|incoterm| code_of(incoterm.code)).or_else(|| terms.code.clone());
    let mut place = incoterm.and_then(|incoterm| incoterm.place.clone()).or(terms.place.take()).unwrap_or_default();
    let found = side.group("TradeTerms", |side| {
        side.text("ConditionCode", 3, &mut code);
        side.text("CountryRelationshipCode", 3, &mut terms.country_relationship);
        side.text("Description", 70, &mut terms.description);
        code_of_place(side, "LocationID", &mut place);
        side.text("LocationName", 256, &mut place.name);
    });
    if !found {
        return;
    }
    let place = Some(place).filter(|place| *place != Location::default());
    let known = INCOTERMS.into_iter().find(|known| code.as_ref() == Some(&code_of(*known)));
    match known {
        Some(code) => d.incoterm = Some(Incoterm { place, ..Incoterm::new(code) }),
        None => (terms.code, terms.place) = (code, place),
    }
    d.trade_terms = Some(terms).filter(|terms| *terms != TradeTerms::default());
}

fn code_of(code: IncotermCode) -> Text<4> {
    Text::new(format!("{code:?}").to_ascii_uppercase()).expect("three letters")
}
