//! The objects of DCSA's Bill of Lading 3.0 as they are written. Everything may be left out: what must be there the contract's schema
//! and the mapping say. What is large and seldom there stands in a box: a document would else take so much of a plugin's stack that
//! every plugin call pays for it.

use serde::Deserialize;
use serde_json::Number;

/// A transport document, or the shipping instructions that it is drawn up by, which are of the same shape.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransportDocument {
    pub transport_document_reference: Option<String>,
    pub transport_document_sub_reference: Option<String>,
    pub shipping_instructions_reference: Option<String>,
    pub shipping_instructions_status: Option<String>,
    pub updated_shipping_instructions_status: Option<String>,
    pub transport_document_status: Option<String>,
    pub transport_document_type_code: Option<String>,
    pub is_shipped_on_board_type: Option<bool>,
    pub freight_payment_term_code: Option<String>,
    pub is_electronic: Option<bool>,
    pub is_to_order: Option<bool>,
    pub number_of_copies_with_charges: Option<Number>,
    pub number_of_copies_without_charges: Option<Number>,
    pub number_of_originals_with_charges: Option<Number>,
    pub number_of_originals_without_charges: Option<Number>,
    pub displayed_name_for_place_of_receipt: Option<Vec<String>>,
    pub displayed_name_for_port_of_load: Option<Vec<String>>,
    pub displayed_name_for_port_of_discharge: Option<Vec<String>>,
    pub displayed_name_for_place_of_delivery: Option<Vec<String>>,
    pub shipped_on_board_date: Option<String>,
    pub displayed_shipped_on_board_received_for_shipment: Option<String>,
    pub terms_and_conditions: Option<String>,
    pub receipt_type_at_origin: Option<String>,
    pub delivery_type_at_destination: Option<String>,
    pub cargo_movement_type_at_origin: Option<String>,
    pub cargo_movement_type_at_destination: Option<String>,
    pub issue_date: Option<String>,
    pub received_for_shipment_date: Option<String>,
    pub service_contract_reference: Option<String>,
    pub contract_quotation_reference: Option<String>,
    pub extended_contract_quotation_reference: Option<String>,
    pub declared_value: Option<Number>,
    pub declared_value_currency: Option<String>,
    pub carrier_code: Option<String>,
    pub carrier_code_list_provider: Option<String>,
    pub carrier_clauses: Option<Vec<String>>,
    pub number_of_rider_pages: Option<Number>,
    pub transports: Option<Box<Transports>>,
    pub charges: Option<Vec<Charge>>,
    pub place_of_issue: Option<Box<Location>>,
    pub invoice_payable_at: Option<Box<Location>>,
    pub party_contact_details: Option<Vec<Contact>>,
    pub document_parties: Option<Box<DocumentParties>>,
    pub consignment_items: Option<Vec<ConsignmentItem>>,
    pub utilized_transport_equipments: Option<Vec<Equipment>>,
    pub export_license: Option<License>,
    pub import_license: Option<License>,
    pub references: Option<Vec<Reference>>,
    pub customs_references: Option<Vec<CustomsReference>>,
    // What only shipping instructions have.
    #[serde(rename = "isCargoDeliveredInICS2Zone")]
    pub is_cargo_delivered_in_ics2_zone: Option<bool>,
    pub is_house_bill_of_ladings_issued: Option<bool>,
    pub is_carriers_agent_at_destination_required: Option<bool>,
    pub requested_carrier_clauses: Option<Vec<String>>,
    pub requested_carrier_certificates: Option<Vec<String>>,
    #[serde(alias = "advancedManifestFilings")]
    pub advance_manifest_filings: Option<Vec<ManifestFiling>>,
    pub house_bill_of_ladings: Option<Vec<serde::de::IgnoredAny>>,
    pub feedbacks: Option<Vec<Feedback>>,
    /// Of dangerous goods; some write it here.
    #[serde(rename = "NANumber")]
    pub na_number: Option<String>,
}

/// A filing of a manifest before the goods come, and who does it for the houses' bills of lading.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestFiling {
    pub identification_number: Option<String>,
    pub manifest_type_code: Option<String>,
    pub country_code: Option<String>,
    pub advance_manifest_filings_performed_by: Option<String>,
    #[serde(rename = "advanceManifestFilingsHouseBLPerformedBy")]
    pub house_bl_performed_by: Option<String>,
    pub self_filer_code: Option<String>,
}

/// What the carrier has to say of a field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub severity: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub json_path: Option<String>,
    pub property: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transports {
    pub planned_arrival_date: Option<String>,
    pub planned_departure_date: Option<String>,
    pub pre_carriage_by: Option<String>,
    pub on_carriage_by: Option<String>,
    pub place_of_receipt: Option<Box<Location>>,
    pub port_of_loading: Option<Box<Location>>,
    pub port_of_discharge: Option<Box<Location>>,
    pub place_of_delivery: Option<Box<Location>>,
    pub onward_inland_routing: Option<Box<Location>>,
    pub vessel_voyages: Option<Vec<VesselVoyage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VesselVoyage {
    pub vessel_name: Option<String>,
    #[serde(rename = "vesselIMONumber")]
    pub vessel_imo_number: Option<String>,
    pub carrier_export_voyage_number: Option<String>,
    pub universal_export_voyage_reference: Option<String>,
    pub role: Option<String>,
}

/// A place in any of the ways that one can be said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub location_name: Option<String>,
    pub facility_name: Option<String>,
    pub free_text: Option<String>,
    pub address: Option<Address>,
    pub address_lines: Option<Vec<String>>,
    pub city: Option<City>,
    pub facility: Option<Facility>,
    #[serde(rename = "UNLocationCode")]
    pub un_location_code: Option<String>,
    pub country_code: Option<String>,
    pub geo_coordinate: Option<GeoCoordinate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct City {
    pub city: Option<String>,
    pub state_region: Option<String>,
    pub country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facility {
    pub facility_code: Option<String>,
    pub facility_code_list_provider: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct GeoCoordinate {
    pub latitude: Option<String>,
    pub longitude: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    pub street: Option<String>,
    pub street_number: Option<String>,
    pub floor: Option<String>,
    pub post_code: Option<String>,
    #[serde(rename = "POBox")]
    pub po_box: Option<String>,
    pub city: Option<String>,
    #[serde(rename = "UNLocationCode")]
    pub un_location_code: Option<String>,
    pub state_region: Option<String>,
    pub country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Charge {
    pub charge_name: Option<String>,
    pub extended_charge_name: Option<String>,
    pub currency_amount: Option<Number>,
    pub currency_code: Option<String>,
    pub payment_term_code: Option<String>,
    pub calculation_basis: Option<String>,
    pub unit_price: Option<Number>,
    pub quantity: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contact {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentParties {
    pub shipper: Option<Box<Party>>,
    pub on_behalf_of_shipper: Option<Box<Party>>,
    pub consignee: Option<Box<Party>>,
    pub on_behalf_of_consignee: Option<Box<Party>>,
    pub endorsee: Option<Box<Party>>,
    pub issuing_party: Option<Box<Party>>,
    pub issue_to: Option<Box<Party>>,
    pub seller: Option<Box<Party>>,
    pub buyer: Option<Box<Party>>,
    pub carriers_agent_at_destination: Option<Box<Party>>,
    pub notify_parties: Option<Vec<Party>>,
    pub other: Option<Vec<OtherParty>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OtherParty {
    pub party: Option<Box<Party>>,
    pub party_function: Option<String>,
}

/// A party of whatever part: what only some of them have is left out of the others.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Party {
    pub party_name: Option<String>,
    #[serde(alias = "sendToPlatform")]
    pub ebl_platform: Option<String>,
    pub type_of_person: Option<String>,
    pub address: Option<Address>,
    pub address_lines: Option<Vec<String>>,
    pub displayed_address: Option<Vec<String>>,
    pub identifying_codes: Option<Vec<IdentifyingCode>>,
    pub tax_legal_references: Option<Vec<TaxLegalReference>>,
    pub party_contact_details: Option<Vec<Contact>>,
    pub reference: Option<String>,
    pub purchase_order_references: Option<Vec<String>>,
    pub is_notify_party: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdentifyingCode {
    pub code_list_provider: Option<String>,
    pub party_code: Option<String>,
    pub code_list_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaxLegalReference {
    pub r#type: Option<String>,
    pub country_code: Option<String>,
    pub value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsignmentItem {
    pub carrier_booking_reference: Option<String>,
    pub commodity_sub_reference: Option<String>,
    pub description_of_goods: Option<Vec<String>>,
    #[serde(rename = "HSCodes")]
    pub hs_codes: Option<Vec<String>>,
    #[serde(rename = "extendedHSCodes")]
    pub extended_hs_codes: Option<Vec<String>>,
    pub national_commodity_codes: Option<Vec<NationalCode>>,
    pub extended_national_commodity_codes: Option<Vec<NationalCode>>,
    pub shipping_marks: Option<Vec<String>>,
    pub cargo_items: Option<Vec<CargoItem>>,
    pub export_license: Option<License>,
    pub import_license: Option<License>,
    pub references: Option<Vec<Reference>>,
    pub customs_references: Option<Vec<CustomsReference>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NationalCode {
    pub r#type: Option<String>,
    pub country_code: Option<String>,
    pub values: Option<Vec<String>>,
}

/// A reference; a consignment item's has several values.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub r#type: Option<String>,
    pub value: Option<String>,
    pub values: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomsReference {
    pub r#type: Option<String>,
    pub country_code: Option<String>,
    pub values: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct License {
    pub is_required: Option<bool>,
    pub reference: Option<String>,
    pub issue_date: Option<String>,
    pub expiry_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CargoItem {
    pub equipment_reference: Option<String>,
    pub cargo_gross_weight: Option<Measured>,
    pub cargo_gross_volume: Option<Measured>,
    pub cargo_net_weight: Option<Measured>,
    pub cargo_net_volume: Option<Measured>,
    pub export_license: Option<License>,
    pub import_license: Option<License>,
    pub outer_packaging: Option<OuterPackaging>,
    pub national_commodity_codes: Option<Vec<NationalCode>>,
    pub extended_national_commodity_codes: Option<Vec<NationalCode>>,
    pub customs_references: Option<Vec<CustomsReference>>,
}

/// A number with its unit.
#[derive(Deserialize)]
pub(super) struct Measured {
    pub value: Option<Number>,
    pub unit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OuterPackaging {
    pub package_code: Option<String>,
    pub imo_packaging_code: Option<String>,
    pub number_of_packages: Option<Number>,
    pub description: Option<String>,
    pub wood_declaration: Option<String>,
    pub dangerous_goods: Option<Vec<DangerousGoods>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DangerousGoods {
    #[serde(rename = "UNNumber")]
    pub un_number: Option<String>,
    #[serde(rename = "NANumber")]
    pub na_number: Option<String>,
    pub coded_variant_list: Option<String>,
    pub proper_shipping_name: Option<String>,
    pub technical_name: Option<String>,
    pub imo_class: Option<String>,
    pub subsidiary_risk1: Option<String>,
    pub subsidiary_risk2: Option<String>,
    pub is_marine_pollutant: Option<bool>,
    pub packing_group: Option<Number>,
    pub is_limited_quantity: Option<bool>,
    pub is_excepted_quantity: Option<bool>,
    pub is_salvage_packings: Option<bool>,
    pub is_empty_uncleaned_residue: Option<bool>,
    pub is_waste: Option<bool>,
    pub is_hot: Option<bool>,
    pub is_competent_authority_approval_required: Option<bool>,
    pub competent_authority_approval: Option<String>,
    pub segregation_groups: Option<Vec<String>>,
    pub inner_packagings: Option<Vec<InnerPackaging>>,
    pub emergency_contact_details: Option<EmergencyContact>,
    #[serde(rename = "EMSNumber")]
    pub ems_number: Option<String>,
    pub end_of_holding_time: Option<String>,
    pub fumigation_date_time: Option<String>,
    pub is_reportable_quantity: Option<bool>,
    pub inhalation_zone: Option<String>,
    pub gross_weight: Option<Measured>,
    pub net_weight: Option<Measured>,
    pub net_explosive_content: Option<Measured>,
    pub net_volume: Option<Measured>,
    pub limits: Option<Limits>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InnerPackaging {
    pub quantity: Option<Number>,
    pub material: Option<String>,
    pub description: Option<String>,
    pub inner_packagings: Option<Vec<InnerPackaging>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EmergencyContact {
    pub contact: Option<String>,
    pub provider: Option<String>,
    pub phone: Option<String>,
    pub reference_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Limits {
    pub temperature_unit: Option<String>,
    pub flash_point: Option<Number>,
    pub transport_control_temperature: Option<Number>,
    pub transport_emergency_temperature: Option<Number>,
    #[serde(rename = "SADT")]
    pub sadt: Option<Number>,
    #[serde(rename = "SAPT")]
    pub sapt: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Equipment {
    pub equipment: Option<Container>,
    /// Shipping instructions name a carrier's container here.
    pub equipment_reference: Option<String>,
    pub is_shipper_owned: Option<bool>,
    pub is_non_operating_reefer: Option<bool>,
    pub active_reefer_settings: Option<ReeferSettings>,
    pub shipping_marks: Option<Vec<String>>,
    pub seals: Option<Vec<Seal>>,
    pub references: Option<Vec<Reference>>,
    pub customs_references: Option<Vec<CustomsReference>>,
    pub cargo_gross_weight: Option<Number>,
    pub cargo_gross_weight_unit: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub equipment_reference: Option<String>,
    #[serde(rename = "ISOEquipmentCode")]
    pub iso_equipment_code: Option<String>,
    pub tare_weight: Option<Measured>,
}

#[derive(Deserialize)]
pub(super) struct Seal {
    pub number: Option<String>,
    pub source: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReeferSettings {
    pub temperature_setpoint: Option<Number>,
    pub temperature_unit: Option<String>,
    pub o2_setpoint: Option<Number>,
    pub co2_setpoint: Option<Number>,
    pub humidity_setpoint: Option<Number>,
    pub air_exchange_setpoint: Option<Number>,
    pub air_exchange_unit: Option<String>,
    pub is_ventilation_open: Option<bool>,
    pub is_drainholes_open: Option<bool>,
    pub is_bulb_mode: Option<bool>,
    pub is_cold_treatment_required: Option<bool>,
    pub is_controlled_atmosphere_required: Option<bool>,
}
