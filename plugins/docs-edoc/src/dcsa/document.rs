//! A transport document as a carrier issues it, and the shipping instructions that it is drawn up by.

use portgate_sdk::canonical::{
    Code, DisplayedPlace, DocumentCharge, DocumentVoyage, Money, Note, Reference, Text, TransportDocument,
    TransportDocumentStatus, TransportDocumentType, TransportRef,
};
use portgate_sdk::{Message, Pointer};

use super::goods::{consignment_items, customs_references, equipment, licences, references};
use super::party::{contacts, parties};
use super::place::{location, note};
use super::{MODES, PAYMENT, model};
use crate::notes::Notes;

/// The list of kinds.
const TYPES: &str = "DCSA transport document type";

/// The list of statuses.
const STATUSES: &str = "DCSA transport document status";

/// The list of statuses of shipping instructions.
const INSTRUCTION_STATUSES: &str = "DCSA shipping instructions status";

/// How many characters of a message's digest name instructions that nobody has named yet.
const DIGEST_CHARACTERS: usize = 32;

/// What names a document among all transport documents: its carrier and its number.
pub(super) fn key(carrier: Option<&Code>, number: &str) -> String {
    match carrier {
        Some(carrier) => format!("{}|{number}", carrier.code),
        None => number.to_owned(),
    }
}

/// A transport document; none where it has no number, which is an error.
pub(super) fn issued(
    at: &Pointer,
    written: model::TransportDocument,
    message: &Message,
    notes: &mut Notes,
) -> Option<TransportDocument> {
    let number: Option<Text<64>> =
        notes.needed(at, "transportDocumentReference", written.transport_document_reference.as_deref());
    let carrier = carrier(at, &written, notes);
    let id = key(carrier.as_ref(), &number?);
    document(at, written, &id, message, notes)
}

/// Shipping instructions: named by the carrier where it has them already, else by what the message is.
pub(super) fn instructed(
    at: &Pointer,
    written: model::TransportDocument,
    message: &Message,
    notes: &mut Notes,
) -> Option<TransportDocument> {
    let named = written.shipping_instructions_reference.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = named.or_else(|| message.digest.get(..DIGEST_CHARACTERS))?;
    let id = format!("instructions|{name}");
    let statuses = [
        ("updatedShippingInstructionsStatus", &written.updated_shipping_instructions_status),
        ("shippingInstructionsStatus", &written.shipping_instructions_status),
    ];
    let said =
        |(field, status): (&str, &Option<String>)| notes.code(at, field, INSTRUCTION_STATUSES, status.as_deref());
    let mut statuses: Vec<Code> = statuses.into_iter().filter_map(said).collect();
    let mut document = document(at, written, &id, message, notes)?;
    if document.status_code.is_none() {
        document.status = TransportDocumentStatus::Instructed;
        document.status_code = (!statuses.is_empty()).then(|| statuses.remove(0));
    }
    document.classifications.extend(statuses);
    Some(document)
}

fn carrier(at: &Pointer, written: &model::TransportDocument, notes: &mut Notes) -> Option<Code> {
    let provider = written.carrier_code_list_provider.as_deref().map(str::trim);
    let list = match provider {
        Some("NMFTA") => "SCAC",
        Some(other) if !other.is_empty() => other,
        _ => "carrierCode",
    };
    notes.code(at, "carrierCode", list, written.carrier_code.as_deref())
}

fn document(
    at: &Pointer,
    written: model::TransportDocument,
    id: &str,
    message: &Message,
    notes: &mut Notes,
) -> Option<TransportDocument> {
    let id: Option<Text<128>> = notes.id(at, "transportDocumentReference", Some(id));
    let sub_number: Option<Text<128>> =
        notes.id(at, "transportDocumentSubReference", written.transport_document_sub_reference.as_deref());
    let version = sub_number.as_deref().and_then(|number| Text::new(number).ok()).or_else(|| Text::new("1").ok())?;
    let type_code = notes.code(at, "transportDocumentTypeCode", TYPES, written.transport_document_type_code.as_deref());
    let document_type = match type_code.as_ref().map(|code| &*code.code) {
        Some("BOL") => TransportDocumentType::BillOfLading,
        Some("SWB") => TransportDocumentType::SeaWaybill,
        _ => {
            let detail = "The kind is neither BOL nor SWB; it is kept unmapped. Add it to the connector.";
            notes.warning("UNKNOWN-TYPE", at.key("transportDocumentTypeCode"), detail);
            TransportDocumentType::Unmapped
        }
    };
    let status_code = notes.code(at, "transportDocumentStatus", STATUSES, written.transport_document_status.as_deref());
    let status = status_code.as_ref().map_or(TransportDocumentStatus::Unmapped, |code| status(at, code, notes));
    let source = message
        .source(written.transport_document_reference.as_deref().and_then(|number| Text::new(number.trim()).ok()), None);
    let mut document = TransportDocument::new(id?, version, source, document_type, status);
    let mut said = Vec::new();
    document.carrier = carrier(at, &written, notes);
    document.number = notes.id(at, "transportDocumentReference", written.transport_document_reference.as_deref());
    document.shipping_instruction =
        notes.id(at, "shippingInstructionsReference", written.shipping_instructions_reference.as_deref());
    (document.sub_number, document.type_code, document.status_code) = (sub_number, type_code, status_code);
    document.electronic = written.is_electronic;
    document.to_order = written.is_to_order;
    document.shipped_on_board = written.is_shipped_on_board_type;
    document.issue_date = notes.day(at, "issueDate", written.issue_date.as_deref());
    document.shipped_on_board_date = notes.day(at, "shippedOnBoardDate", written.shipped_on_board_date.as_deref());
    document.received_for_shipment_date =
        notes.day(at, "receivedForShipmentDate", written.received_for_shipment_date.as_deref());
    let on_board = written.displayed_shipped_on_board_received_for_shipment.as_deref();
    document.on_board_text = notes.words(at, "displayedShippedOnBoardReceivedForShipment", on_board);
    document.freight_payment =
        notes.code(at, "freightPaymentTermCode", PAYMENT, written.freight_payment_term_code.as_deref());
    document.originals_with_charges =
        notes.count(at, "numberOfOriginalsWithCharges", written.number_of_originals_with_charges.as_ref());
    document.originals_without_charges =
        notes.count(at, "numberOfOriginalsWithoutCharges", written.number_of_originals_without_charges.as_ref());
    document.copies_with_charges =
        notes.count(at, "numberOfCopiesWithCharges", written.number_of_copies_with_charges.as_ref());
    document.copies_without_charges =
        notes.count(at, "numberOfCopiesWithoutCharges", written.number_of_copies_without_charges.as_ref());
    document.rider_pages = notes.count(at, "numberOfRiderPages", written.number_of_rider_pages.as_ref());
    let value = notes.number(at, "declaredValue", written.declared_value.as_ref());
    let currency = notes.currency(at, "declaredValueCurrency", written.declared_value_currency.as_deref());
    document.declared_value = match (value, currency) {
        (Some(amount), Some(currency)) => Some(Money { amount, currency }),
        (Some(amount), None) => {
            let detail = "The declared value has no currency; it stands among the notes.";
            notes.warning("NO-CURRENCY", at.key("declaredValue"), detail);
            said.extend(note("declaredValue", &amount.to_string()));
            None
        }
        (None, _) => None,
    };
    document.service_contract = notes.id(at, "serviceContractReference", written.service_contract_reference.as_deref());
    // The longer field takes the place of the older one.
    let quotation = written.extended_contract_quotation_reference.or(written.contract_quotation_reference);
    document.quotation = notes.id(at, "contractQuotationReference", quotation.as_deref());
    document.terms_and_conditions = notes.words(at, "termsAndConditions", written.terms_and_conditions.as_deref());
    document.clauses = notes.lines(at, "carrierClauses", written.carrier_clauses, 200);
    document.place_of_issue = location(at, "placeOfIssue", written.place_of_issue, &mut said, notes);
    document.invoice_payable_at = location(at, "invoicePayableAt", written.invoice_payable_at, &mut said, notes);
    transports(at, *written.transports.unwrap_or_default(), &mut document, &mut said, notes);
    let charges = written.charges.into_iter().flatten().enumerate();
    let list = at.key("charges");
    document.charges = charges.filter_map(|(index, one)| charge(&list.index(index), one, notes)).collect();
    notes.few(&list, document.charges.len(), 200);
    for (place, field, lines) in [
        ("place-of-receipt", "displayedNameForPlaceOfReceipt", written.displayed_name_for_place_of_receipt),
        ("port-of-loading", "displayedNameForPortOfLoad", written.displayed_name_for_port_of_load),
        ("port-of-discharge", "displayedNameForPortOfDischarge", written.displayed_name_for_port_of_discharge),
        ("place-of-delivery", "displayedNameForPlaceOfDelivery", written.displayed_name_for_place_of_delivery),
    ] {
        let lines = notes.lines(at, field, lines, 16);
        if !lines.is_empty() {
            document
                .displayed_places
                .extend(Text::new(place).ok().map(|place| DisplayedPlace { lines, ..DisplayedPlace::new(place) }));
        }
    }
    document.contacts = contacts(at, written.party_contact_details, notes);
    document.parties = parties(at, written.document_parties, notes);
    document.goods = consignment_items(at, written.consignment_items, notes);
    document.equipment = equipment(at, written.utilized_transport_equipments, notes);
    document.customs_references = customs_references(at, written.customs_references, notes);
    document.licences = licences(at, written.export_license, written.import_license, notes);
    for (field, value) in [
        ("receiptTypeAtOrigin", &written.receipt_type_at_origin),
        ("deliveryTypeAtDestination", &written.delivery_type_at_destination),
        ("cargoMovementTypeAtOrigin", &written.cargo_movement_type_at_origin),
        ("cargoMovementTypeAtDestination", &written.cargo_movement_type_at_destination),
        ("NANumber", &written.na_number),
    ] {
        document.classifications.extend(notes.kept(at, field, value.as_deref()));
    }
    for (field, is_so) in [
        ("isCargoDeliveredInICS2Zone", written.is_cargo_delivered_in_ics2_zone),
        ("isHouseBillOfLadingsIssued", written.is_house_bill_of_ladings_issued),
        ("isCarriersAgentAtDestinationRequired", written.is_carriers_agent_at_destination_required),
    ] {
        document.classifications.extend(notes.kept(at, field, is_so));
    }
    for (field, values) in [
        ("requestedCarrierClauses", written.requested_carrier_clauses),
        ("requestedCarrierCertificates", written.requested_carrier_certificates),
    ] {
        document
            .classifications
            .extend(values.into_iter().flatten().filter_map(|value| notes.kept(at, field, Some(value))));
    }
    let filings = written.advance_manifest_filings.into_iter().flatten();
    said.extend(filings.filter_map(|one| note("advanceManifestFilings", &filing(one))));
    let feedbacks = written.feedbacks.into_iter().flatten();
    said.extend(feedbacks.filter_map(|one| note("feedbacks", &feedback(one))));
    let houses = written.house_bill_of_ladings.map_or(0, |list| list.len());
    if houses > 0 {
        let detail = format!("{houses} bills of lading of houses stand in it, which the document has no room for.");
        notes.warning("HOUSE-BILLS", at.key("houseBillOfLadings"), detail);
    }
    let own = references(at, written.references, 64, notes);
    document.references = names(at, &document, own, notes);
    notes.few(&at.key("notes"), said.len(), 100);
    notes.few(&at.key("classifications"), document.classifications.len(), 200);
    document.notes = said;
    Some(document)
}

fn status(at: &Pointer, code: &Code, notes: &mut Notes) -> TransportDocumentStatus {
    match &*code.code {
        "DRAFT" => TransportDocumentStatus::Draft,
        "APPROVED" => TransportDocumentStatus::Approved,
        "ISSUED" => TransportDocumentStatus::Issued,
        "PENDING_SURRENDER_FOR_AMENDMENT" => TransportDocumentStatus::PendingSurrenderForAmendment,
        "SURRENDERED_FOR_AMENDMENT" => TransportDocumentStatus::SurrenderedForAmendment,
        "PENDING_SURRENDER_FOR_DELIVERY" => TransportDocumentStatus::PendingSurrenderForDelivery,
        "SURRENDERED_FOR_DELIVERY" => TransportDocumentStatus::SurrenderedForDelivery,
        "VOIDED" => TransportDocumentStatus::Voided,
        _ => {
            let detail = "The status is not known; it is kept unmapped. Add it to the connector.";
            notes.warning("UNKNOWN-STATUS", at.key("transportDocumentStatus"), detail);
            TransportDocumentStatus::Unmapped
        }
    }
}

/// The way: places, days, ships.
fn transports(
    at: &Pointer,
    way: model::Transports,
    document: &mut TransportDocument,
    said: &mut Vec<Note>,
    notes: &mut Notes,
) {
    let at = at.key("transports");
    document.planned_departure = notes.day(&at, "plannedDepartureDate", way.planned_departure_date.as_deref());
    document.planned_arrival = notes.day(&at, "plannedArrivalDate", way.planned_arrival_date.as_deref());
    document.pre_carriage = notes.code(&at, "preCarriageBy", MODES, way.pre_carriage_by.as_deref());
    document.on_carriage = notes.code(&at, "onCarriageBy", MODES, way.on_carriage_by.as_deref());
    document.place_of_receipt = location(&at, "placeOfReceipt", way.place_of_receipt, said, notes);
    document.port_of_loading = location(&at, "portOfLoading", way.port_of_loading, said, notes);
    document.port_of_discharge = location(&at, "portOfDischarge", way.port_of_discharge, said, notes);
    document.place_of_delivery = location(&at, "placeOfDelivery", way.place_of_delivery, said, notes);
    document.onward_inland_routing = location(&at, "onwardInlandRouting", way.onward_inland_routing, said, notes);
    let (voyages, list) = (way.vessel_voyages.unwrap_or_default(), at.key("vesselVoyages"));
    notes.few(&list, voyages.len(), 16);
    let voyage = |(index, one): (usize, model::VesselVoyage)| {
        let at = list.index(index);
        let transport = TransportRef {
            vessel_imo: notes.id(&at, "vesselIMONumber", one.vessel_imo_number.as_deref()),
            vessel_name: notes.words(&at, "vesselName", one.vessel_name.as_deref()),
            voyage: notes.id(&at, "carrierExportVoyageNumber", one.carrier_export_voyage_number.as_deref()),
            ..TransportRef::default()
        };
        DocumentVoyage {
            universal_voyage: notes.id(
                &at,
                "universalExportVoyageReference",
                one.universal_export_voyage_reference.as_deref(),
            ),
            role: notes.id(&at, "role", one.role.as_deref()),
            ..DocumentVoyage::new(transport)
        }
    };
    document.voyages = voyages.into_iter().enumerate().map(voyage).collect();
}

fn charge(at: &Pointer, charge: model::Charge, notes: &mut Notes) -> Option<DocumentCharge> {
    let name = charge.extended_charge_name.or(charge.charge_name);
    let name = notes.words(at, "chargeName", name.as_deref());
    let amount = notes.number(at, "currencyAmount", charge.currency_amount.as_ref());
    let currency = notes.currency(at, "currencyCode", charge.currency_code.as_deref());
    let (Some(name), Some(amount), Some(currency)) = (name, amount, currency) else {
        notes.warning("CHARGE", at, "The charge has no name, amount or currency; it is left out.");
        return None;
    };
    Some(DocumentCharge {
        payment: notes.code(at, "paymentTermCode", PAYMENT, charge.payment_term_code.as_deref()),
        basis: notes.words(at, "calculationBasis", charge.calculation_basis.as_deref()),
        unit_price: notes.number(at, "unitPrice", charge.unit_price.as_ref()),
        quantity: notes.number(at, "quantity", charge.quantity.as_ref()),
        ..DocumentCharge::new(name, Money { amount, currency })
    })
}

/// By what others find the document: its number, bookings, containers, numbers of customs.
fn names(at: &Pointer, document: &TransportDocument, own: Vec<Reference>, notes: &mut Notes) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut name =
        |scheme: &str, value: Option<&str>| found.extend(value.and_then(|value| notes.reference(at, scheme, value)));
    name("transport-document", document.number.as_deref());
    name("shipping-instruction", document.shipping_instruction.as_deref());
    document.goods.iter().for_each(|goods| name("booking", goods.booking.as_deref()));
    document.equipment.iter().for_each(|equipment| name("container", equipment.id.as_deref()));
    let customs =
        document.customs_references.iter().chain(document.goods.iter().flat_map(|goods| &goods.customs_references));
    for reference in customs.filter(|reference| matches!(&*reference.kind, "UCR" | "MRN")) {
        name(&reference.kind.to_ascii_lowercase(), Some(&*reference.value));
    }
    let of_goods = document.goods.iter().flat_map(|goods| goods.references.iter().cloned());
    found.extend(own.into_iter().chain(of_goods));
    notes.joined(found)
}

fn filing(filing: model::ManifestFiling) -> String {
    let parts = [
        ("manifestTypeCode", filing.manifest_type_code),
        ("countryCode", filing.country_code),
        ("identificationNumber", filing.identification_number),
        ("advanceManifestFilingsPerformedBy", filing.advance_manifest_filings_performed_by),
        ("advanceManifestFilingsHouseBLPerformedBy", filing.house_bl_performed_by),
        ("selfFilerCode", filing.self_filer_code),
    ];
    let parts = parts.into_iter().filter_map(|(field, value)| Some(format!("{field}: {}", value?)));
    parts.collect::<Vec<_>>().join("\n")
}

fn feedback(feedback: model::Feedback) -> String {
    let parts = [feedback.severity, feedback.code, feedback.message, feedback.json_path, feedback.property];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}
