//! A transport document of sea carriage: a bill of lading or a sea waybill, from the instructions that it is drawn up by to the one
//! that is surrendered (DCSA Bill of Lading 3.0).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Country, DangerousCargo, Date, Decimal, Location, Measure, Money, Note, Party, Reference, Seal, Text,
    TransportRef,
};

/// What kind of transport document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TransportDocumentType {
    /// A bill of lading.
    BillOfLading,
    /// A sea waybill.
    SeaWaybill,
    /// None was found for the partner's code, which `typeCode` keeps: a person should look.
    Unmapped,
}

/// How far the document has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TransportDocumentStatus {
    /// The carrier is told what it is to say: shipping instructions.
    Instructed,
    /// The carrier has drawn it up.
    Draft,
    /// The shipper has approved the draft.
    Approved,
    /// It is issued.
    Issued,
    /// Its surrender is asked for, so that it can be amended.
    PendingSurrenderForAmendment,
    /// It is surrendered, so that it can be amended.
    SurrenderedForAmendment,
    /// Its surrender is asked for, so that the goods can be delivered.
    PendingSurrenderForDelivery,
    /// It is surrendered, so that the goods can be delivered.
    SurrenderedForDelivery,
    /// It holds no longer.
    Voided,
    /// No status was found for the partner's code, which `statusCode` keeps: a person should look.
    Unmapped,
}

record! {
    /// A person to speak with.
    ContactPerson {
        optional {
            /// The name.
            name: Text<256>,
            /// The telephone number.
            phone: Text<64>,
            /// The address for electronic mail.
            email: Text<256>,
        }
    }
}

record! {
    /// A code that identifies a party, with whose code it is.
    IdentifyingCode {
        required {
            /// Who keeps the list: `GLEIF`, `W3C`, `SMDG`, an eBL platform.
            provider: Text<128>,
            /// The code.
            code: Text<256>,
        }
        optional {
            /// The list: `LEI`, `DID`, `LCL`.
            list: Text<128>,
        }
    }
}

record! {
    /// A number that an authority gave: of a party for taxes, of goods for customs.
    AuthorityReference {
        required {
            /// What kind of number it is: `EORI`, `PAN`, `ACID`.
            kind: Text<64>,
            /// The number.
            value: Text<128>,
        }
        optional {
            /// Whose authority it is.
            country: Country,
        }
    }
}

record! {
    /// A party of an electronic transport document.
    DocumentParty {
        required {
            /// Who it is; its `roleCode` says the part that the document has for it.
            party: Party,
        }
        optional {
            /// The eBL platform that it is on: `BOLE`, `CARX`, `WAVE`, …
            ebl_platform: Text<32>,
            /// Whether it is a person in law, as the partner codes it.
            type_of_person: Text<64>,
            /// The reference that it wants to see.
            reference: Text<128>,
            /// Whether it is to be notified as well.
            is_notify_party: bool,
        }
        lists {
            /// The codes that identify it, all of them.
            identifying_codes: IdentifyingCode, at most 64;
            /// Its numbers with tax authorities and other authorities.
            tax_references: AuthorityReference, at most 64;
            /// Its purchase orders.
            purchase_orders: Text<64>, at most 500;
            /// Its address as the document shows it, line by line.
            displayed_address: Text<256>, at most 16;
            /// Whom to speak with there.
            contacts: ContactPerson, at most 64;
        }
    }
}

record! {
    /// A voyage on the way, in the order of the document.
    DocumentVoyage {
        required {
            /// The ship and the carrier's number of the voyage.
            transport: TransportRef,
        }
        optional {
            /// The number of the voyage that all carriers share.
            universal_voyage: Text<16>,
            /// Which ship it is, as the partner codes it: `FIRST_SEA_GOING`, `MOTHER`.
            role: Text<32>,
        }
    }
}

record! {
    /// A licence to export or import.
    DocumentLicence {
        required {
            /// `export` or `import`.
            kind: Text<16>,
        }
        optional {
            /// Whether one is needed.
            required: bool,
            /// Its number.
            number: Text<64>,
            /// The day of its issue.
            issue_date: Date,
            /// The last day on which it holds.
            expiry_date: Date,
        }
    }
}

record! {
    /// Goods that are packed together in one container: the smallest part of a consignment.
    CargoItem {
        optional {
            /// The container, in the one form of its number.
            equipment_id: Text<32>,
            /// How many outer packages.
            packages: u32,
            /// Their kind: UNECE Recommendation 21, or the code of the IMDG Code.
            package_type: Code,
            /// Their kind in words.
            package_description: Text<256>,
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
            /// Volume, in cubic metres.
            volume_m3: Decimal,
            /// Volume without packages, in cubic metres.
            net_volume_m3: Decimal,
            /// Whether there is wood in it, and whether it is treated, as the partner codes it.
            wood: Text<32>,
        }
        lists {
            /// Weights and volumes as the partner states them, where that is in other units.
            measures: Measure, at most 16;
            /// Its codes in national tariffs; `codeList` is the tariff, with its country: `NCM BR`.
            national_codes: Code, at most 64;
            /// What makes it dangerous.
            dangerous: DangerousCargo, at most 64;
            /// Numbers that customs gave.
            customs_references: AuthorityReference, at most 64;
            /// Licences.
            licences: DocumentLicence, at most 2;
        }
    }
}

record! {
    /// Goods of one booking that are described together.
    ConsignmentItem {
        optional {
            /// The carrier's booking.
            booking: Text<64>,
            /// A reference that tells goods of one booking apart.
            sub_reference: Text<128>,
        }
        lists {
            /// What the goods are, line by line as the document shows it.
            description: Text<512>, at most 300;
            /// Their codes of the Harmonised System, and what goes beyond them.
            hs_codes: Text<16>, at most 100;
            /// Their codes in national tariffs; `codeList` is the tariff, with its country: `NCM BR`.
            national_codes: Code, at most 500;
            /// Marks, line by line.
            marks: Text<512>, at most 100;
            /// The goods by container.
            cargo: CargoItem, at most 2000;
            /// References: orders, vehicles.
            references: Reference, at most 500;
            /// Numbers that customs gave.
            customs_references: AuthorityReference, at most 64;
            /// Licences.
            licences: DocumentLicence, at most 2;
        }
    }
}

record! {
    /// A container or other equipment with what the document says of it.
    DocumentEquipment {
        optional {
            /// Its number, in the one form where it is one of ISO 6346.
            id: Text<32>,
            /// ISO 6346 size and type.
            iso_type: Text<8>,
            /// Whether it is the shipper's.
            shipper_owned: bool,
            /// Whether it is a refrigerated container that does not cool.
            non_operating_reefer: bool,
            /// The temperature to keep, in degrees Celsius.
            temperature_c: Decimal,
            /// Its own weight, in kilograms.
            tare_kg: Decimal,
            /// Gross weight of the goods in it, in kilograms.
            gross_kg: Decimal,
        }
        lists {
            /// Its seals.
            seals: Seal, at most 64;
            /// Marks, line by line.
            marks: Text<512>, at most 100;
            /// What is measured or to be kept besides, as the partner states it: humidity, air exchange, weights in other units.
            measures: Measure, at most 32;
            /// What else it says that has no field here, each value under the name that it has there.
            classifications: Code, at most 64;
            /// References.
            references: Reference, at most 64;
            /// Numbers that customs gave.
            customs_references: AuthorityReference, at most 64;
        }
    }
}

record! {
    /// A charge that the document shows.
    DocumentCharge {
        required {
            /// What it is for, in words.
            name: Text<256>,
            /// How much.
            amount: Money,
        }
        optional {
            /// Who pays it and when: `PRE` prepaid, `COL` collect.
            payment: Code,
            /// What it is reckoned by: per day, per container.
            basis: Text<128>,
            /// The price of one unit of that, in the charge's currency.
            unit_price: Decimal,
            /// How many units.
            quantity: Decimal,
        }
    }
}

record! {
    /// A name for a place as the document shows it, line by line.
    DisplayedPlace {
        required {
            /// Which place: `place-of-receipt`, `port-of-loading`, `port-of-discharge`, `place-of-delivery`.
            place: Text<32>,
        }
        lists {
            /// The lines.
            lines: Text<256>, at most 16;
        }
    }
}

record! {
    /// Another transport document that this one comes from, or that comes of it.
    RelatedTransportDocument {
        required {
            /// Its number.
            number: Text<64>,
        }
        optional {
            /// Its version, as the carrier calls it.
            sub_number: Text<128>,
        }
    }
}

document! {
    /// A bill of lading or a sea waybill.
    TransportDocument = "transport-document" {
        required {
            /// What kind it is.
            document_type: TransportDocumentType,
            /// How far it has come.
            status: TransportDocumentStatus,
        }
        optional {
            /// Its number; none as long as the carrier has given none.
            number: Text<64>,
            /// Its version, as the carrier calls it.
            sub_number: Text<128>,
            /// The kind in the partner's code.
            type_code: Code,
            /// The status in the partner's code.
            status_code: Code,
            /// The shipping instructions that it is drawn up by, as the carrier calls them.
            shipping_instruction: Text<128>,
            /// Who carries: SCAC or SMDG code, with its list.
            carrier: Code,
            /// Whether it is electronic.
            electronic: bool,
            /// Whether it is made out to order, and so negotiable.
            to_order: bool,
            /// Whether it says that the goods are on board, and not only received.
            shipped_on_board: bool,
            /// The day of its issue.
            issue_date: Date,
            /// The day on which the last container was on board.
            shipped_on_board_date: Date,
            /// The day on which the last container was received.
            received_for_shipment_date: Date,
            /// What it shows of either, in words.
            on_board_text: Text<512>,
            /// Who pays the freight and when: `PRE` prepaid, `COL` collect.
            freight_payment: Code,
            /// How many originals show charges.
            originals_with_charges: u32,
            /// How many originals do not.
            originals_without_charges: u32,
            /// How many copies show charges.
            copies_with_charges: u32,
            /// How many copies do not.
            copies_without_charges: u32,
            /// How many pages are attached to it.
            rider_pages: u32,
            /// What the shipper declares the goods to be worth.
            declared_value: Money,
            /// The contract of carriage.
            service_contract: Text<64>,
            /// The contract or quotation that the price is of.
            quotation: Text<128>,
            /// What has to be kept in mind of the carrier's terms.
            terms_and_conditions: Text<50000>,
            /// Where it is issued.
            place_of_issue: Location,
            /// Where the freight is paid.
            invoice_payable_at: Location,
            /// Where the carrier takes the goods.
            place_of_receipt: Location,
            /// Where they are loaded.
            port_of_loading: Location,
            /// Where they are discharged.
            port_of_discharge: Location,
            /// Where the carrier hands them over.
            place_of_delivery: Location,
            /// Where they go from there, at the merchant's account.
            onward_inland_routing: Location,
            /// The day of departure as it is planned.
            planned_departure: Date,
            /// The day of arrival as it is planned.
            planned_arrival: Date,
            /// By what the carrier brings the goods to the port, in the partner's code.
            pre_carriage: Code,
            /// By what it takes them from the port, in the partner's code.
            on_carriage: Code,
        }
        lists {
            /// The ships and voyages.
            voyages: DocumentVoyage, at most 16;
            /// The parties.
            parties: DocumentParty, at most 64;
            /// Whom to speak with about the document.
            contacts: ContactPerson, at most 64;
            /// The goods.
            goods: ConsignmentItem, at most 2000;
            /// The containers.
            equipment: DocumentEquipment, at most 2000;
            /// The charges.
            charges: DocumentCharge, at most 200;
            /// Clauses that the carrier adds.
            clauses: Text<20000>, at most 200;
            /// What places are called on it.
            displayed_places: DisplayedPlace, at most 8;
            /// Numbers that customs gave.
            customs_references: AuthorityReference, at most 64;
            /// Licences.
            licences: DocumentLicence, at most 2;
            /// The documents that it takes the place of.
            replaces: RelatedTransportDocument, at most 200;
            /// All documents that those became, where they were split.
            replaced_by: RelatedTransportDocument, at most 200;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there.
            classifications: Code, at most 200;
            /// What is said of it in words.
            notes: Note, at most 100;
        }
    }
}
