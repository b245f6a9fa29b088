//! A booking request (DCSA Booking 2.0) of a `load-tender`: `POST /v2/bookings`; one that changes a booking is a `PUT` to it, and one
//! that calls it off a `PATCH`.

use portgate_sdk::canonical::{
    Leg, Reference, TenderEquipment, TenderGoods, TenderKind, TenderPurpose, TenderStop, Timestamp, TransportMode,
};
use portgate_sdk::{Document, Pointer, Rejection, Request};
use serde_json::json;

use super::booking::{
    CHANNEL, CONTRACT, DELIVERED_FROM, DELIVERED_TO, DELIVERY, DEPARTURE, DESTINATION, EXPORT_DECLARATION, ORIGIN,
    QUOTATION, RECEIPT, RECEIVED, is_named,
};
use super::kept::kept;
use super::measure::measured;
use super::names::{self, some, values};
use super::tender::{Lacks, Tender, segment};
use super::wire::{
    BookingRequest, Commodity, Exact, Open, ReeferSettings, RequestedEquipment, Rest, ShipmentLocation, Vessel,
};
use super::{BOOKING, BOOKING_REQUEST, TRANSPORT_DOCUMENT, danger, goods, parties_out, places};

/// Where bookings are asked for.
pub(crate) const PATH: &str = "/v2/bookings";

/// Characters of a carrier's code for a service; a longer one is its name.
const SERVICE_CODE_MAX: usize = 11;

/// References to contracts, whoever wrote them.
const CONTRACTS: [&str; 3] = [CONTRACT, "edifact:CT", "x12:CT"];

/// The request that a tender becomes.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    let tender = Tender::of(documents, &[TenderKind::Booking, TenderKind::Tender], "a booking request")?;
    let at = Pointer::root().index(0);
    let mut lacks = Lacks::default();
    let ours = [BOOKING, BOOKING_REQUEST].into_iter();
    let theirs =
        ours.filter_map(|scheme| Some((scheme, values(&tender.references, scheme).into_iter().next()?))).next();
    let purpose = tender.purpose.unwrap_or(TenderPurpose::Original);
    if matches!(purpose, TenderPurpose::Change | TenderPurpose::Cancellation) && theirs.is_none() {
        let detail = "Say by the carrier's number (`booking`, `booking-request`) which booking it is.";
        lacks.missing(at.key("references"), detail);
    }
    match (purpose, theirs) {
        (TenderPurpose::Original, _) => {
            let body = crate::json(&written(&tender, &mut lacks))?;
            Ok(Request::post(PATH, "application/json", lacks.unless_any(body)?))
        }
        (TenderPurpose::Change, theirs) => {
            let mut request = written(&tender, &mut lacks);
            let name = theirs.map(|(_, name)| name).unwrap_or_default();
            request.carrier_booking_reference = values(&tender.references, BOOKING).into_iter().next();
            request.carrier_booking_request_reference = values(&tender.references, BOOKING_REQUEST).into_iter().next();
            let body = lacks.unless_any(crate::json(&request)?)?;
            Ok(Request { method: "PUT".into(), ..Request::post(below(&name), "application/json", body) })
        }
        (TenderPurpose::Cancellation, theirs) => {
            // What is confirmed can only be asked to be called off.
            let (scheme, name) = lacks.unless_any(theirs)?.unwrap_or_default();
            let body = match scheme {
                BOOKING => json!({ "bookingCancellationStatus": "CANCELLATION_RECEIVED" }),
                _ => json!({ "bookingStatus": "CANCELLED" }),
            };
            let body = crate::json(&body)?;
            Ok(Request { method: "PATCH".into(), ..Request::post(below(&name), "application/json", body) })
        }
        _ => {
            let detail = "Only what books, changes or calls off is told to a carrier: nothing is booked twice.";
            lacks.wrong("PURPOSE", at.key("purpose"), detail);
            lacks.unless_any(Request::post(PATH, "application/json", Vec::new()))
        }
    }
}

fn below(name: &str) -> String {
    format!("{PATH}/{}", segment(name))
}

/// The body of a request.
fn written(tender: &Tender, lacks: &mut Lacks) -> BookingRequest {
    let at = Pointer::root().index(0);
    let references = &tender.references;
    let others = kept(&tender.remarks, "");
    let is_prepaid = tender.is_prepaid();
    let (mut parties, mut requestors) =
        parties_out::written(&tender.parties, references, &tender.remarks, is_prepaid.unwrap_or(true), true, lacks);
    if parties.booking_agent.is_none() {
        // A shipper that nobody books for books for itself.
        let shipper = parties.shipper.clone().map(|mut shipper| {
            shipper.purchase_order_references = None;
            shipper
        });
        let detail = "Name who books: a forwarder, or the consignor that books for itself.";
        parties.booking_agent = lacks.needed(shipper, at.key("parties"), detail);
    }
    requestors.truncate(50);
    let receipt = service(tender, RECEIPT, "UNTDID 4065", &[("27", "SD"), ("28", "SD"), ("29", "CY"), ("30", "CY")]);
    let delivery = service(tender, DELIVERY, "UNTDID 4065", &[("27", "SD"), ("28", "CY"), ("29", "SD"), ("30", "CY")]);
    let loads = [("2", "FCL"), ("3", "LCL")];
    let origin = service(tender, ORIGIN, "UNTDID 7273", &loads);
    let destination = service(tender, DESTINATION, "UNTDID 7273", &loads);
    let services = at.key("services");
    let leg = main_leg(&tender.legs);
    let transport = leg.and_then(|leg| leg.transport.as_ref());
    let vessel = Vessel {
        name: transport.and_then(|transport| transport.vessel_name.as_ref()).map(ToString::to_string),
        imo_number: transport.and_then(|transport| transport.vessel_imo.as_ref()).map(ToString::to_string),
        rest: Rest::new(),
    };
    let vessel = vessel.with(kept(&tender.remarks, "vessel."));
    let service = transport.and_then(|transport| transport.service.as_ref()).map(ToString::to_string);
    let is_code = service.as_deref().is_some_and(|service| service.chars().count() <= SERVICE_CODE_MAX);
    let contract = CONTRACTS.iter().find_map(|scheme| values(references, scheme).into_iter().next());
    let quotation = values(references, QUOTATION).into_iter().next();
    let documents = values(references, TRANSPORT_DOCUMENT);
    let document = tender.transport_document.as_ref();
    let (carrier, carrier_list) = tender.carrier(&others);
    let stop = |kind: &str| {
        let is_it = |stop: &&TenderStop| {
            places::type_of(stop.activity, stop.activity_code.as_ref()).is_some_and(|found| found == kind)
        };
        tender.stops.iter().find(is_it)
    };
    let named = |name| tender.times.iter().find(|time| is_named(time, name)).map(|time| &time.at);
    // Where nothing is said of a place of delivery, it is the port of discharge.
    let unload = stop("PDE").or(stop("POD"));
    let mut request = BookingRequest {
        receipt_type_at_origin: lacks.needed(receipt, services.clone(), "Say how the carrier receives the goods."),
        delivery_type_at_destination: lacks.needed(delivery, services.clone(), "Say how the carrier delivers them."),
        cargo_movement_type_at_origin: lacks.needed(origin, services.clone(), "Say whether containers come full."),
        cargo_movement_type_at_destination: lacks.needed(destination, services, "Say whether containers go full."),
        service_contract_reference: contract,
        contract_quotation_reference: quotation,
        freight_payment_term_code: is_prepaid.map(|prepaid| if prepaid { "PRE" } else { "COL" }.to_owned()),
        vessel: (vessel != Vessel::default()).then_some(vessel),
        carrier_service_code: service.clone().filter(|_| is_code),
        carrier_export_voyage_number: transport
            .and_then(|transport| transport.voyage.as_ref())
            .map(ToString::to_string),
        declared_value: tender.value.as_ref().map(|value| Exact(value.amount)),
        declared_value_currency: tender.value.as_ref().map(|value| value.currency.as_str().to_owned()),
        carrier_code: carrier,
        carrier_code_list_provider: carrier_list,
        export_declaration_reference: values(references, EXPORT_DECLARATION).into_iter().next(),
        expected_departure_date: day(leg.and_then(|leg| leg.etd.as_ref()).or(named(DEPARTURE))),
        expected_departure_from_place_of_receipt_date: day(stop("PRE")
            .and_then(|stop| stop.requested_at.as_ref().or(stop.earliest.as_ref()))
            .or(named(RECEIVED))),
        expected_arrival_at_place_of_delivery_start_date: day(unload
            .and_then(|stop| stop.earliest.as_ref())
            .or(named(DELIVERED_FROM))),
        expected_arrival_at_place_of_delivery_end_date: day(unload
            .and_then(|stop| stop.latest.as_ref())
            .or(named(DELIVERED_TO))),
        transport_document_type_code: tender.transport_document_type(),
        transport_document_references: some(documents),
        booking_channel_reference: values(references, CHANNEL).into_iter().next(),
        inco_terms: super::written_incoterm(tender.incoterm.as_ref()),
        invoice_payable_at: document.and_then(|document| document.payable_at.as_ref()).and_then(places::coded),
        place_of_bl_issue: document.and_then(|document| document.place_of_issue.as_ref()).and_then(places::coded),
        references: some(tender.customers()),
        customs_references: some(names::to_customs(references)),
        document_parties: Some(Box::new(parties)),
        party_contact_details: some(requestors),
        shipment_locations: some(locations(tender, lacks)),
        requested_equipments: some(equipment(tender, lacks)),
        ..BookingRequest::default()
    };
    if request.shipment_locations.is_none() {
        lacks.missing(at.key("stops"), "Say from where to where the goods go.");
    }
    if request.requested_equipments.is_none() {
        lacks.missing(at.key("equipment"), "Say which containers are asked for.");
    }
    if let (Some(name), false) = (service, is_code) {
        request.rest.insert("carrierServiceName".to_owned(), name.into());
    }
    let mut others = others;
    // Another container than was asked for is given where that is said, and not otherwise.
    others.entry("isEquipmentSubstitutionAllowed").or_insert(false.into());
    request.with(others)
}

/// A service that the tender asks for under DCSA's name, or under another list's code in DCSA's words.
fn service(tender: &Tender, name: &str, list: &str, words: &[(&str, &str)]) -> Option<String> {
    let own = tender.services.iter().find(|code| &*code.code_list == name).map(|code| code.code.to_string());
    let theirs = tender.services.iter().filter(|code| &*code.code_list == list);
    let mut theirs = theirs.filter_map(|code| words.iter().find(|(known, _)| *known == &*code.code));
    own.or_else(|| theirs.next().map(|(_, word)| (*word).to_owned()))
}

/// The carriage by sea, else the first.
fn main_leg(legs: &[Leg]) -> Option<&Leg> {
    legs.iter().find(|leg| leg.mode == Some(TransportMode::Sea)).or(legs.first())
}

/// The day of a time.
fn day(time: Option<&Timestamp>) -> Option<String> {
    time.and_then(|time| time.as_str().get(..10)).map(str::to_owned)
}

/// The places of the shipment. One that is said in no way but by who is there has the address of that party.
fn locations(tender: &Tender, lacks: &mut Lacks) -> Vec<ShipmentLocation> {
    let at = Pointer::root().index(0).key("stops");
    let mut found = Vec::new();
    for (index, stop) in tender.stops.iter().enumerate() {
        let at = at.index(index);
        let who = stop.parties.iter().find(|party| party.address.is_some());
        let location = stop.location.as_ref().map(places::written).or_else(|| {
            let who = who?;
            Some(super::wire::Location {
                location_name: who.name.as_ref().map(ToString::to_string),
                address: who.address.as_ref().map(parties_out::address),
                ..Default::default()
            })
        });
        // A stop without a place says when, and that is told elsewhere.
        let Some(location) = location else { continue };
        let Some(code) = places::type_of(stop.activity, stop.activity_code.as_ref()) else {
            lacks.wrong("NO-WORD", at.key("activityCode"), "DCSA has no word for what is done at this stop.");
            continue;
        };
        let more = kept(&tender.remarks, &format!("shipmentLocations.{index}.location."));
        found.push(ShipmentLocation { location: Some(location.with(more)), location_type_code: Some(code) });
    }
    let leg = main_leg(&tender.legs);
    for (code, place) in [("POL", leg.and_then(|leg| leg.from.as_ref())), ("POD", leg.and_then(|leg| leg.to.as_ref()))]
    {
        let is_known = found.iter().any(|known| known.location_type_code.as_deref() == Some(code));
        if let (false, Some(place)) = (is_known, place) {
            let location = Some(places::written(place));
            found.push(ShipmentLocation { location, location_type_code: Some(code.to_owned()) });
        }
    }
    found
}

/// The equipment that is asked for, each with the goods in it.
fn equipment(tender: &Tender, lacks: &mut Lacks) -> Vec<RequestedEquipment> {
    let at = Pointer::root().index(0);
    let mut asked: Vec<RequestedEquipment> = Vec::new();
    for (index, equipment) in tender.equipment.iter().enumerate() {
        asked.push(one(equipment, &at.key("equipment").index(index), lacks));
    }
    for (index, found) in tender.goods.iter().enumerate() {
        let at = at.key("goods").index(index);
        let Some(place) = place_of(found, tender) else {
            if !asked.is_empty() {
                let detail = "Say in which equipment the goods are (`equipmentRefs`): there are several.";
                lacks.wrong("WHICH-EQUIPMENT", at.key("equipmentRefs"), detail);
            }
            continue;
        };
        let commodity = commodity(found, &at, lacks);
        asked[place].commodities.get_or_insert_default().push(commodity);
        // A container is as cold as its goods have to be, where it does not say so itself.
        if asked[place].active_reefer_settings.is_none() {
            asked[place].active_reefer_settings = found.temperature_c.map(settings);
        }
    }
    asked
}

/// The place of goods among the equipment: by what they say, by the container's number among their references, or the only one.
fn place_of(goods: &TenderGoods, tender: &Tender) -> Option<usize> {
    let numbers = goods.references.iter().filter(|known| &*known.scheme == Reference::CONTAINER);
    let mut names = goods.equipment_refs.iter().map(|name| &**name).chain(numbers.map(|known| &*known.value));
    let by_name = |name: &str| {
        let number = tender.equipment.iter().position(|known| known.id.as_deref() == Some(name));
        number.or_else(|| name.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < tender.equipment.len()))
    };
    names.find_map(by_name).or_else(|| (tender.equipment.len() == 1).then_some(0))
}

fn settings(celsius: portgate_sdk::canonical::Decimal) -> ReeferSettings {
    ReeferSettings {
        temperature_setpoint: Some(Exact(celsius)),
        temperature_unit: Some("CEL".to_owned()),
        rest: Rest::new(),
    }
}

fn one(equipment: &TenderEquipment, at: &Pointer, lacks: &mut Lacks) -> RequestedEquipment {
    let kind = equipment.iso_type.as_ref().map(ToString::to_string);
    let kind = lacks.needed(kind, at.key("isoType"), "Give size and type of the container, such as 22G1.");
    let is_range = equipment.temperature_min_c.is_some() || equipment.temperature_max_c.is_some();
    if equipment.temperature_c.is_none() && is_range {
        lacks.wrong("NO-WORD", at.key("temperatureMinC"), "DCSA asks for one temperature, and not for a range.");
    }
    let numbers = equipment.id.iter().map(ToString::to_string);
    let numbers: Vec<String> = numbers.chain(values(&equipment.references, Reference::CONTAINER)).collect();
    let count = equipment.count.unwrap_or(numbers.len().max(1) as u32);
    let asked = RequestedEquipment {
        iso_equipment_code: kind,
        units: Some(Exact(i64::from(count).into())),
        equipment_references: some(numbers),
        tare_weight: measured(equipment.tare_kg, "KGM"),
        cargo_gross_weight: measured(equipment.gross_kg, "KGM"),
        is_shipper_owned: Some(equipment.shipper_owned.unwrap_or(false)),
        active_reefer_settings: equipment
            .temperature_c
            .map(|celsius| settings(celsius).with(kept(&equipment.remarks, "activeReeferSettings."))),
        references: some(names::to_named(&equipment.references)),
        customs_references: some(names::to_customs(&equipment.references)),
        commodities: None,
        rest: Rest::new(),
    };
    asked.with(kept(&equipment.remarks, ""))
}

fn commodity(found: &TenderGoods, at: &Pointer, lacks: &mut Lacks) -> Commodity {
    let others = kept(&found.remarks, "");
    let description = found.description.as_ref().map(ToString::to_string);
    let (hs_codes, extended_hs_codes) = goods::written_codes(found, &others, at, lacks);
    let [gross, net, volume] = goods::written_weights(found);
    let dangers = found.dangerous.iter().enumerate();
    let dangers =
        dangers.map(|(index, danger)| danger::written(danger, &at.key("dangerous").index(index), lacks)).collect();
    let commodity = Commodity {
        commodity_type: lacks.needed(description, at.key("description"), "Say what the goods are."),
        hs_codes,
        extended_hs_codes,
        national_commodity_codes: None,
        extended_national_commodity_codes: goods::written_national(found),
        cargo_gross_weight: gross,
        cargo_gross_volume: volume,
        cargo_net_weight: net,
        outer_packaging: goods::written_packaging(found, dangers),
        references: some(names::to_named(&found.references)),
        customs_references: some(names::to_customs(&found.references)),
        rest: Rest::new(),
    };
    commodity.with(others)
}
