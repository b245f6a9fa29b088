//! A booking request (DCSA Booking 2.0), as a forwarder or shipper sends it: a `load-tender` of the kind `booking`.
//!
//! The places of the shipment are stops, the vessel and its voyage the leg, each requested equipment is one of the tender's, and each
//! of its commodities goods that say which equipment they are in.

use portgate_sdk::canonical::{
    Code, ContainerNumber, Currency, Leg, LoadTender, Money, Reference, StopActivity, TenderDocument, TenderEquipment,
    TenderGoods, TenderKind, TenderPurpose, TenderTime, Text, Timestamp, TransportMode, TransportRef,
};
use portgate_sdk::{Decoded, Message, Pointer, Rejection};

use super::kept::{DCSA, Remarks};
use super::measure::{celsius, count, kilograms};
use super::parties::Parties;
use super::wire::{BookingRequest, Commodity, RequestedEquipment, Vessel};
use super::{goods, names, places};
use crate::event::NO_JOURNEY;
use crate::notes::Notes;

/// Room for remarks on a tender, on equipment and on goods, and for other lists.
pub(crate) const REMARKS_MAX: usize = 200;
pub(crate) const EQUIPMENT_REMARKS_MAX: usize = 32;
const STOPS_MAX: usize = 200;
const EQUIPMENT_MAX: usize = 500;
const REFERENCES_MAX: usize = 64;

/// How a carrier receives and delivers: services, each under the name of its property.
pub(crate) const RECEIPT: &str = "DCSA receiptTypeAtOrigin";
pub(crate) const DELIVERY: &str = "DCSA deliveryTypeAtDestination";
pub(crate) const ORIGIN: &str = "DCSA cargoMovementTypeAtOrigin";
pub(crate) const DESTINATION: &str = "DCSA cargoMovementTypeAtDestination";

/// The schemes of contracts, and of what else a booking names.
pub(crate) const CONTRACT: &str = "service-contract";
pub(crate) const QUOTATION: &str = "quotation";
pub(crate) const EXPORT_DECLARATION: &str = "export-declaration";
pub(crate) const CHANNEL: &str = "booking-channel";

/// The names of days, where no stop or leg has a field for them.
pub(crate) const DEPARTURE: &str = "expectedDepartureDate";
pub(crate) const RECEIVED: &str = "expectedDepartureFromPlaceOfReceiptDate";
pub(crate) const DELIVERED_FROM: &str = "expectedArrivalAtPlaceOfDeliveryStartDate";
pub(crate) const DELIVERED_TO: &str = "expectedArrivalAtPlaceOfDeliveryEndDate";

/// The tender of a request.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let request: BookingRequest = message.json()?;
    let mut notes = Notes::default();
    if request.requested_equipments.is_none() {
        let detail =
            "This is no booking request, for it asks for no equipment. What calls a booking off does not say which.";
        notes.error("NO-REQUEST", Pointer::root().key("requestedEquipments"), detail);
        return notes.finish();
    }
    if let Some(tender) = read(request, message, &mut notes) {
        notes.document(&tender);
    }
    notes.finish()
}

fn read(request: BookingRequest, message: &Message, notes: &mut Notes) -> Option<LoadTender> {
    let root = Pointer::root();
    let mut references = names::named(request.references, &root.key("references"), notes);
    references.extend(names::of_customs(request.customs_references, &root.key("customsReferences"), notes));
    let one = [
        (super::BOOKING_REQUEST, "carrierBookingRequestReference", request.carrier_booking_request_reference),
        (super::BOOKING, "carrierBookingReference", request.carrier_booking_reference),
        (CONTRACT, "serviceContractReference", request.service_contract_reference),
        (QUOTATION, "contractQuotationReference", request.contract_quotation_reference),
        (EXPORT_DECLARATION, "exportDeclarationReference", request.export_declaration_reference),
        (CHANNEL, "bookingChannelReference", request.booking_channel_reference),
        (super::TRANSPORT_DOCUMENT, "transportDocumentReference", request.transport_document_reference),
    ];
    for (scheme, name, value) in one {
        references.extend(value.and_then(|value| notes.reference(root.key(name), scheme, &value)));
    }
    for value in request.transport_document_references.into_iter().flatten() {
        let at = root.key("transportDocumentReferences");
        references.extend(notes.reference(at, super::TRANSPORT_DOCUMENT, &value));
    }
    // Whoever changes a booking names it as the carrier does.
    let is_change = references.iter().any(|known| matches!(&*known.scheme, super::BOOKING | super::BOOKING_REQUEST));
    let number = number(&references, message, notes)?;
    let id = Text::new(format!("booking|{number}")).ok()?;
    let purpose = if is_change { TenderPurpose::Change } else { TenderPurpose::Original };
    let version = Text::new("1").ok()?;
    let mut tender = LoadTender::new(id, version, message.source(None, None), number, TenderKind::Booking, purpose);
    tender.mode = Some(TransportMode::Sea);
    let mut rest = request.rest;
    tender.carrier = super::carrier(request.carrier_code, request.carrier_code_list_provider, &mut rest, notes);
    tender.payment = super::payment(request.freight_payment_term_code, &mut rest);
    tender.incoterm = super::incoterm(request.inco_terms, &mut rest);
    tender.value = request.declared_value.and_then(|amount| {
        let currency = Currency::new(request.declared_value_currency.unwrap_or_default());
        if currency.is_err() {
            let detail = "The declared value has no currency; it is left out.";
            notes.warning("CURRENCY", root.key("declaredValueCurrency"), detail);
        }
        Some(Money { amount: amount.0, currency: currency.ok()? })
    });
    let services = [
        (RECEIPT, "receiptTypeAtOrigin", request.receipt_type_at_origin),
        (DELIVERY, "deliveryTypeAtDestination", request.delivery_type_at_destination),
        (ORIGIN, "cargoMovementTypeAtOrigin", request.cargo_movement_type_at_origin),
        (DESTINATION, "cargoMovementTypeAtDestination", request.cargo_movement_type_at_destination),
    ];
    for (list, name, code) in services {
        let code = notes.identifier(root.key(name), "code of the service", code.as_deref());
        let service = code.zip(Text::new(list).ok());
        tender.services.extend(service.map(|(code, code_list)| Code { code, code_list, source_code: None }));
    }
    let mut place = |place: Option<_>, name: &str| place.map(|place| places::read(place, &root.key(name), notes).0);
    let document = TenderDocument {
        r#type: request.transport_document_type_code.as_deref().and_then(super::kept::code),
        place_of_issue: place(request.place_of_bl_issue, "placeOfBLIssue"),
        payable_at: place(request.invoice_payable_at, "invoicePayableAt"),
        ..TenderDocument::default()
    };
    tender.transport_document = (document != TenderDocument::default()).then_some(document);
    let at = root.key("shipmentLocations");
    for (index, found) in request.shipment_locations.into_iter().flatten().take(STOPS_MAX).enumerate() {
        let at = at.index(index);
        let (location, more) = places::read(found.location.unwrap_or_default(), &at.key("location"), notes);
        let prefix = format!("shipmentLocations.{index}.location.");
        Remarks { list: &mut tender.remarks, most: REMARKS_MAX }.keep(more, &prefix, &at, notes);
        let code = found.location_type_code.unwrap_or_default();
        tender.stops.push(places::stop(index as u32 + 1, &code, location, &at, notes));
    }
    let journey = (request.vessel, request.carrier_service_code, request.carrier_export_voyage_number);
    leg(journey, &mut tender, notes);
    let days = [
        (DEPARTURE, request.expected_departure_date),
        (RECEIVED, request.expected_departure_from_place_of_receipt_date),
        (DELIVERED_FROM, request.expected_arrival_at_place_of_delivery_start_date),
        (DELIVERED_TO, request.expected_arrival_at_place_of_delivery_end_date),
    ];
    for (name, day) in days {
        expected(name, day, &mut tender, notes);
    }
    let mut parties = Parties {
        parties: &mut tender.parties,
        references: &mut references,
        remarks: &mut tender.remarks,
        remarks_max: REMARKS_MAX,
    };
    let requestors = request.party_contact_details.unwrap_or_default();
    parties.read(*request.document_parties.unwrap_or_default(), requestors, notes);
    for (index, asked) in request.requested_equipments.into_iter().flatten().take(EQUIPMENT_MAX).enumerate() {
        equipment(index, asked, &mut tender, notes);
    }
    Remarks { list: &mut tender.remarks, most: REMARKS_MAX }.keep(rest, "", &root, notes);
    if references.len() > REFERENCES_MAX {
        notes.error("TOO-MANY-REFERENCES", &root, "The booking has more than 64 references.");
    }
    tender.references = references;
    Some(tender)
}

/// What the booking is called by who asks for it: its one customer's reference, else the channel's number of it. Where there is
/// neither, it is told apart by what it says: a request that comes again is the same.
fn number(references: &[Reference], message: &Message, notes: &mut Notes) -> Option<Text<64>> {
    let all = |scheme: &str| references.iter().filter(|known| &*known.scheme == scheme).collect::<Vec<_>>();
    if let ([name], _) | (_, [name]) = (&*all("dcsa:CR"), &*all(CHANNEL)) {
        return notes.identifier(Pointer::root().key("references"), "number of the booking", Some(&name.value));
    }
    let detail = "The request has not one customer's reference (`CR`) or number of a channel; the beginning of its digest \
                  is taken for its number.";
    notes.info("NO-NUMBER", Pointer::root().key("references"), detail);
    Text::new(message.digest.get(..32)?).ok()
}

/// The main carriage, from the port of loading to that of discharge.
fn leg(
    (vessel, service, voyage): (Option<Vessel>, Option<String>, Option<String>),
    tender: &mut LoadTender,
    notes: &mut Notes,
) {
    let root = Pointer::root();
    let vessel = vessel.unwrap_or_default();
    let at = root.key("vessel");
    let transport = TransportRef {
        vessel_imo: notes.identifier(at.key("vesselIMONumber"), "IMO number", vessel.imo_number.as_deref()),
        vessel_name: notes.free_text(at.key("name"), "name of the ship", vessel.name.as_deref()),
        voyage: notes.identifier(root.key("carrierExportVoyageNumber"), "voyage", voyage.as_deref()),
        service: notes.identifier(root.key("carrierServiceCode"), "service", service.as_deref()),
        ..NO_JOURNEY
    };
    Remarks { list: &mut tender.remarks, most: REMARKS_MAX }.keep(vessel.rest, "vessel.", &at, notes);
    if transport == NO_JOURNEY {
        return;
    }
    let place = |activity| {
        let stop = tender.stops.iter().find(|stop| stop.activity == activity);
        stop.and_then(|stop| stop.location.clone())
    };
    let mut leg = Leg::new(1);
    leg.mode = Some(TransportMode::Sea);
    (leg.from, leg.to) = (place(StopActivity::Load), place(StopActivity::Unload));
    leg.transport = Some(transport);
    tender.legs.push(leg);
}

/// A day at which something is expected, where it belongs: departure at the leg, else among the times.
fn expected(name: &str, day: Option<String>, tender: &mut LoadTender, notes: &mut Notes) {
    let Some(day) = day.map(|day| day.trim().to_owned()).filter(|day| !day.is_empty()) else { return };
    let at = Pointer::root().key(name);
    // A day is its beginning, at the place.
    let time = if day.len() == 10 { format!("{day}T00:00:00") } else { day };
    let Ok(time) = Timestamp::new(time) else {
        notes.warning("DATE", at, "Expected a day such as 2026-03-01; it is left out.");
        return;
    };
    let activity = if name == RECEIVED { StopActivity::PickUp } else { StopActivity::DropOff };
    let stop = tender.stops.iter_mut().find(|stop| stop.activity == activity);
    let field = match name {
        DEPARTURE => tender.legs.first_mut().map(|leg| &mut leg.etd),
        RECEIVED => stop.map(|stop| &mut stop.requested_at),
        DELIVERED_FROM => stop.map(|stop| &mut stop.earliest),
        _ => stop.map(|stop| &mut stop.latest),
    };
    match field {
        Some(field) => *field = Some(time),
        None => tender.times.extend(super::kept::code(name).map(|what| TenderTime::new(what, time))),
    }
}

/// Containers of a kind, and what is in them.
fn equipment(index: usize, asked: RequestedEquipment, tender: &mut LoadTender, notes: &mut Notes) {
    let at = Pointer::root().key("requestedEquipments").index(index);
    let mut equipment = TenderEquipment {
        iso_type: notes.identifier(at.key("ISOEquipmentCode"), "size and type", asked.iso_equipment_code.as_deref()),
        count: count(asked.units, &at.key("units"), notes),
        shipper_owned: asked.is_shipper_owned,
        tare_kg: kilograms(asked.tare_weight, &at.key("tareWeight"), notes),
        gross_kg: kilograms(asked.cargo_gross_weight, &at.key("cargoGrossWeight"), notes),
        ..TenderEquipment::default()
    };
    let mut ids = asked.equipment_references.unwrap_or_default();
    if ids.len() == 1 {
        let id = ids.pop().map(|id| ContainerNumber::one_form(&id));
        equipment.id = notes.identifier(at.key("equipmentReferences"), "container number", id.as_deref());
    }
    for id in ids {
        equipment.references.extend(notes.reference(at.key("equipmentReferences"), Reference::CONTAINER, &id));
    }
    equipment.references.extend(names::named(asked.references, &at.key("references"), notes));
    equipment.references.extend(names::of_customs(asked.customs_references, &at.key("customsReferences"), notes));
    if let Some(settings) = asked.active_reefer_settings {
        let at = at.key("activeReeferSettings");
        equipment.temperature_c =
            celsius(settings.temperature_setpoint, settings.temperature_unit.as_deref(), &at, notes);
        let mut remarks = Remarks { list: &mut equipment.remarks, most: EQUIPMENT_REMARKS_MAX };
        remarks.keep(settings.rest, "activeReeferSettings.", &at, notes);
    }
    Remarks { list: &mut equipment.remarks, most: EQUIPMENT_REMARKS_MAX }.keep(asked.rest, "", &at, notes);
    tender.equipment.push(equipment);
    for (line, commodity) in asked.commodities.into_iter().flatten().enumerate() {
        let at = at.key("commodities").index(line);
        let mut found = commodity_of(commodity, &at, notes);
        found.line_no = Text::new((tender.goods.len() + 1).to_string()).ok();
        found.equipment_refs.extend(Text::new((index + 1).to_string()));
        super::push_goods(tender, found, &at, notes);
    }
}

/// Goods of a booking.
fn commodity_of(commodity: Commodity, at: &Pointer, notes: &mut Notes) -> TenderGoods {
    let mut found = TenderGoods::default();
    let mut rest = commodity.rest;
    // The description of a booking may be a little longer than a document has room for.
    found.description = notes.free_text(at.key("commodityType"), "description", commodity.commodity_type.as_deref());
    let lists = (commodity.hs_codes, commodity.extended_hs_codes);
    goods::codes(&mut found, lists, &mut rest, at, notes);
    let lists = (commodity.national_commodity_codes, commodity.extended_national_commodity_codes);
    goods::national(&mut found, lists, &mut rest);
    let weights = (commodity.cargo_gross_weight, commodity.cargo_net_weight, commodity.cargo_gross_volume);
    goods::weights(&mut found, weights, at, notes);
    goods::packaging(&mut found, commodity.outer_packaging, at, notes);
    found.references.extend(names::named(commodity.references, &at.key("references"), notes));
    found.references.extend(names::of_customs(commodity.customs_references, &at.key("customsReferences"), notes));
    Remarks { list: &mut found.remarks, most: goods::REMARKS_MAX }.keep(rest, "", at, notes);
    found
}

/// Whether a time is the one of this name.
pub(crate) fn is_named(time: &TenderTime, name: &str) -> bool {
    &*time.what.code_list == DCSA && &*time.what.code == name
}
