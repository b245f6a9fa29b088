//! Booking requests (DCSA Booking 2.0) and shipping instructions (DCSA Bill of Lading 3.0) as they are written.
//!
//! Both ways go over these structs. What has no field of its own here, because no document has a place for it or because a later
//! version of the standard has added it, is in `rest`, from where [`super::kept`] takes it.

use portgate_sdk::canonical::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

/// Properties by their names.
pub(crate) type Rest = Map<String, Value>;

/// A number, exactly as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exact(pub(crate) Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let decimal = match Value::deserialize(from)? {
            Value::Number(number) => Decimal::from_json_number(&number),
            Value::String(text) => Decimal::from_partner(&text),
            _ => return Err(serde::de::Error::custom("expected a number")),
        };
        decimal.map(|decimal| Exact(decimal.normalised())).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let number: Result<Number, _> = serde_json::from_str(&self.0.normalised().to_string());
        number.map_err(serde::ser::Error::custom)?.serialize(to)
    }
}

/// What may have more properties than it has fields.
pub(crate) trait Open: Serialize + Sized {
    /// The properties that have no field.
    fn rest(&mut self) -> &mut Rest;

    /// The same with these properties besides, as far as it does not have them already.
    fn with(mut self, more: Rest) -> Self {
        let own = serde_json::to_value(&self).unwrap_or_default();
        self.rest().extend(more.into_iter().filter(|(name, _)| own.get(name).is_none()));
        self
    }
}

/// A struct whose properties may all be left out, with the rest of them.
macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $name {
            $(
                $(#[$attribute])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub(crate) $field: Option<$kind>,
            )*
            /// The properties that have no field here.
            #[serde(flatten)]
            pub(crate) rest: Rest,
        }

        impl Open for $name {
            fn rest(&mut self) -> &mut Rest {
                &mut self.rest
            }
        }
    )*};
}

/// A struct whose properties may all be left out, and that has no others.
macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $name {
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub(crate) $field: Option<$kind>,
            )*
        }
    )*};
}

wire! {
    /// A request for a booking, or a change to one.
    BookingRequest {
        carrier_booking_request_reference: String,
        carrier_booking_reference: String,
        receipt_type_at_origin: String,
        delivery_type_at_destination: String,
        cargo_movement_type_at_origin: String,
        cargo_movement_type_at_destination: String,
        service_contract_reference: String,
        contract_quotation_reference: String,
        freight_payment_term_code: String,
        vessel: Vessel,
        carrier_service_code: String,
        carrier_export_voyage_number: String,
        declared_value: Exact,
        declared_value_currency: String,
        carrier_code: String,
        carrier_code_list_provider: String,
        export_declaration_reference: String,
        expected_departure_date: String,
        expected_departure_from_place_of_receipt_date: String,
        expected_arrival_at_place_of_delivery_start_date: String,
        expected_arrival_at_place_of_delivery_end_date: String,
        transport_document_type_code: String,
        transport_document_reference: String,
        transport_document_references: Vec<String>,
        booking_channel_reference: String,
        inco_terms: String,
        invoice_payable_at: Location,
        #[serde(rename = "placeOfBLIssue")]
        place_of_bl_issue: Location,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
        document_parties: Box<DocumentParties>,
        party_contact_details: Vec<Contact>,
        shipment_locations: Vec<ShipmentLocation>,
        requested_equipments: Vec<RequestedEquipment>,
    }

    /// Shipping instructions, or a change to them.
    ShippingInstructions {
        shipping_instructions_reference: String,
        shipping_instructions_revision_number: Exact,
        transport_document_reference: String,
        transport_document_type_code: String,
        is_shipped_on_board_type: bool,
        is_electronic: bool,
        is_to_order: bool,
        freight_payment_term_code: String,
        carrier_code: String,
        carrier_code_list_provider: String,
        place_of_issue: Location,
        invoice_payable_at: Location,
        party_contact_details: Vec<Contact>,
        document_parties: Box<DocumentParties>,
        consignment_items: Vec<ConsignmentItem>,
        utilized_transport_equipments: Vec<UtilizedEquipment>,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
    }

    /// The ship of the main carriage.
    Vessel {
        name: String,
        #[serde(rename = "vesselIMONumber")]
        imo_number: String,
    }

    /// The parties by their parts; each stands by itself, for a call has little room on its stack.
    DocumentParties {
        booking_agent: Box<Party>,
        shipper: Box<Party>,
        consignee: Box<Party>,
        endorsee: Box<Party>,
        issue_to: Box<Party>,
        service_contract_owner: Box<Party>,
        carrier_booking_office: Box<Party>,
        shipping_instructions_requestor: Box<Party>,
        seller: Box<Party>,
        buyer: Box<Party>,
        notify_parties: Vec<Party>,
        other: Vec<OtherParty>,
    }

    /// A party.
    Party {
        party_name: String,
        address: Address,
        address_lines: Vec<String>,
        party_contact_details: Vec<Contact>,
        identifying_codes: Vec<IdentifyingCode>,
        tax_legal_references: Vec<TaxReference>,
        reference: String,
        purchase_order_references: Vec<String>,
    }

    /// A postal address.
    Address {
        street: String,
        street_number: String,
        floor: String,
        post_code: String,
        #[serde(rename = "POBox")]
        po_box: String,
        city: String,
        state_region: String,
        country_code: String,
    }

    /// A place.
    Location {
        location_name: String,
        #[serde(rename = "UNLocationCode")]
        un_location_code: String,
        country_code: String,
        facility: Facility,
        address: Address,
    }

    /// Containers of one kind that are asked for.
    RequestedEquipment {
        #[serde(rename = "ISOEquipmentCode")]
        iso_equipment_code: String,
        units: Exact,
        equipment_references: Vec<String>,
        tare_weight: Measured,
        cargo_gross_weight: Measured,
        is_shipper_owned: bool,
        active_reefer_settings: ReeferSettings,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
        commodities: Vec<Commodity>,
    }

    /// How cold a container is kept.
    ReeferSettings {
        temperature_setpoint: Exact,
        temperature_unit: String,
    }

    /// Goods of a booking.
    Commodity {
        commodity_type: String,
        #[serde(rename = "HSCodes")]
        hs_codes: Vec<String>,
        #[serde(rename = "extendedHSCodes")]
        extended_hs_codes: Vec<String>,
        national_commodity_codes: Vec<NationalCode>,
        extended_national_commodity_codes: Vec<NationalCode>,
        cargo_gross_weight: Measured,
        cargo_gross_volume: Measured,
        cargo_net_weight: Measured,
        outer_packaging: OuterPackaging,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
    }

    /// Packages.
    OuterPackaging {
        package_code: String,
        imo_packaging_code: String,
        number_of_packages: Exact,
        description: String,
        dangerous_goods: Vec<DangerousGoods>,
    }

    /// What makes goods dangerous.
    DangerousGoods {
        #[serde(rename = "UNNumber")]
        un_number: String,
        proper_shipping_name: String,
        technical_name: String,
        imo_class: String,
        #[serde(rename = "subsidiaryRisk1")]
        subsidiary_risk_1: String,
        #[serde(rename = "subsidiaryRisk2")]
        subsidiary_risk_2: String,
        packing_group: Exact,
        is_marine_pollutant: bool,
        is_limited_quantity: bool,
        is_excepted_quantity: bool,
        is_reportable_quantity: bool,
        is_waste: bool,
        is_hot: bool,
        is_salvage_packings: bool,
        is_empty_uncleaned_residue: bool,
        is_competent_authority_approval_required: bool,
        emergency_contact_details: EmergencyContact,
        #[serde(rename = "EMSNumber")]
        ems_number: String,
        gross_weight: Measured,
        net_weight: Measured,
        net_volume: Measured,
        limits: Limits,
    }

    /// Whom to call in an emergency.
    EmergencyContact {
        contact: String,
        phone: String,
    }

    /// Temperatures that matter to dangerous goods.
    Limits {
        temperature_unit: String,
        flash_point: Exact,
    }

    /// Goods of shipping instructions, in one container or in several.
    ConsignmentItem {
        carrier_booking_reference: String,
        commodity_sub_reference: String,
        description_of_goods: Vec<String>,
        #[serde(rename = "HSCodes")]
        hs_codes: Vec<String>,
        #[serde(rename = "extendedHSCodes")]
        extended_hs_codes: Vec<String>,
        national_commodity_codes: Vec<NationalCode>,
        extended_national_commodity_codes: Vec<NationalCode>,
        shipping_marks: Vec<String>,
        cargo_items: Vec<CargoItem>,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
    }

    /// What of them is in one container.
    CargoItem {
        equipment_reference: String,
        cargo_gross_weight: Measured,
        cargo_gross_volume: Measured,
        cargo_net_weight: Measured,
        outer_packaging: OuterPackaging,
        house_bill_of_lading_reference: String,
    }

    /// A container that was stuffed.
    UtilizedEquipment {
        is_shipper_owned: bool,
        equipment_reference: String,
        equipment: Equipment,
        empty_indicator_code: String,
        shipping_marks: Vec<String>,
        seals: Vec<Seal>,
        references: Vec<Named>,
        customs_references: Vec<CustomsReference>,
    }

    /// The shipper's own container.
    Equipment {
        equipment_reference: String,
        #[serde(rename = "ISOEquipmentCode")]
        iso_equipment_code: String,
        tare_weight: Measured,
    }

    /// A seal.
    Seal {
        number: String,
    }
}

plain! {
    /// Names of one kind: one in `value`, or several in `values`.
    Named {
        r#type: String,
        value: String,
        values: Vec<String>,
    }

    /// Names that a customs authority has given.
    CustomsReference {
        r#type: String,
        country_code: String,
        values: Vec<String>,
    }

    /// A party whose part is a code.
    OtherParty {
        party: Party,
        party_function: String,
    }

    /// How a party is reached.
    Contact {
        name: String,
        phone: String,
        email: String,
    }

    /// A number of a party, by who keeps the list.
    IdentifyingCode {
        code_list_provider: String,
        party_code: String,
        code_list_name: String,
    }

    /// A number of a party with an authority.
    TaxReference {
        r#type: String,
        country_code: String,
        value: String,
    }

    /// A terminal or depot.
    Facility {
        facility_code: String,
        facility_code_list_provider: String,
    }

    /// A weight or volume in its unit.
    Measured {
        value: Exact,
        unit: String,
    }

    /// Codes of goods in a national list.
    NationalCode {
        r#type: String,
        country_code: String,
        values: Vec<String>,
    }

    /// A place and what it is.
    ShipmentLocation {
        location: Location,
        location_type_code: String,
    }
}
