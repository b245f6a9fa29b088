//! A load tender: goods that a carrier is asked to carry, with the stops of the way and what is loaded and unloaded at each
//! (X12 204, EDIFACT IFTMBF and IFTMIN, DCSA booking requests and shipping instructions).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Decimal, HsCode, Incoterm, Leg, Location, Money, Party, Quantity, Reference, Text, Timestamp, TransportMode,
};

/// How far the carrier and the other party have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TenderKind {
    /// The load is offered, and the carrier may decline it.
    Tender,
    /// Room is booked for it.
    Booking,
    /// The carrier is told how to carry what was agreed.
    Instruction,
}

/// What the message does to the tender of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TenderPurpose {
    /// It is the first.
    Original,
    /// It changes it; what it says stands for all of it.
    Change,
    /// It calls it off.
    Cancellation,
    /// It confirms what is known.
    Confirmation,
    /// It says the same again.
    Duplicate,
    /// It is for information.
    Copy,
    /// No purpose was found for the partner's code: a person should look.
    Unmapped,
}

/// What is done at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StopActivity {
    /// Goods are loaded.
    Load,
    /// Goods are unloaded.
    Unload,
    /// Equipment is fetched, loaded or empty.
    PickUp,
    /// Equipment is left.
    DropOff,
    /// Goods change from one means of transport to another.
    Transload,
    /// Anything else; the partner's code says what.
    Other,
}

record! {
    /// A time with what it is the time of.
    TenderTime {
        required {
            /// What it is the time of, such as `200` of UNTDID 2005 for the collection.
            what: Code,
            /// When.
            at: Timestamp,
        }
    }
}

record! {
    /// Something said in words.
    TenderRemark {
        required {
            /// The words.
            text: Text<512>,
        }
        optional {
            /// What they are about.
            subject: Code,
        }
    }
}

record! {
    /// What makes goods dangerous to carry, as transport documents have to say it.
    DangerousCargo {
        optional {
            /// UN number, four digits.
            un_number: Text<8>,
            /// Class or division.
            class: Text<8>,
            /// I, II or III.
            packing_group: Text<4>,
            /// The rules that it is declared by: `ADR`, `IMD`, `RID`, `49CFR`, …
            regulation: Text<16>,
            /// Proper shipping name.
            proper_shipping_name: Text<256>,
            /// Technical or chemical name.
            technical_name: Text<256>,
            /// Schedules for fire and spillage on ships.
            ems: Text<16>,
            /// Flashpoint, in degrees Celsius.
            flashpoint_c: Decimal,
            /// Transport category or tunnel restriction code.
            tunnel_code: Text<16>,
            /// Whom to call in an emergency.
            emergency_contact: Text<256>,
            /// The telephone number for it.
            emergency_phone: Text<64>,
            /// How many packages.
            packages: u32,
            /// The kind of the packages, in the partner's code.
            package_type: Code,
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
            /// Another quantity, such as litres.
            quantity: Quantity,
            /// Whether it is a marine pollutant.
            marine_pollutant: bool,
            /// Whether it is carried in limited quantities.
            limited_quantity: bool,
            /// Whether it is carried in excepted quantities.
            excepted_quantity: bool,
            /// Whether there is so much of it that a spill has to be reported.
            reportable_quantity: bool,
            /// Whether it is waste.
            waste: bool,
            /// Whether it is carried at an elevated temperature.
            hot: bool,
            /// Whether it is in salvage packagings.
            salvage_packaging: bool,
            /// Whether the packagings are empty and not cleaned, so that a residue is all there is.
            residue: bool,
        }
        lists {
            /// Subsidiary risks.
            subsidiary_classes: Text<8>, at most 4;
            /// What else is said of the danger.
            remarks: TenderRemark, at most 32;
        }
    }
}

record! {
    /// Goods that are carried together: a line of the load.
    TenderGoods {
        optional {
            /// The line's number.
            line_no: Text<64>,
            /// What the goods are.
            description: Text<512>,
            /// The item, by the shipper's number.
            sku: Text<64>,
            /// Its commodity code: HS6, or what a country has beyond it.
            hs_code: HsCode,
            /// A commodity code or class of another list, such as the National Motor Freight Classification.
            commodity: Code,
            /// How many packages.
            packages: u32,
            /// The kind of the packages, in the partner's code.
            package_type: Code,
            /// How much is in them.
            quantity: Quantity,
            /// Gross weight of all of them, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of them, in kilograms.
            net_kg: Decimal,
            /// Volume of all of them, in cubic metres.
            volume_m3: Decimal,
            /// Loading metres.
            loading_m: Decimal,
            /// Length of one of them, in centimetres.
            length_cm: Decimal,
            /// Width of one of them, in centimetres.
            width_cm: Decimal,
            /// Height of one of them, in centimetres.
            height_cm: Decimal,
            /// Marks and numbers.
            marks: Text<512>,
            /// The temperature to keep, in degrees Celsius.
            temperature_c: Decimal,
            /// The lowest temperature that is allowed.
            temperature_min_c: Decimal,
            /// The highest.
            temperature_max_c: Decimal,
            /// What they are worth.
            value: Money,
        }
        lists {
            /// The numbers of single packages, such as Serial Shipping Container Codes.
            package_ids: Text<64>, at most 2000;
            /// The equipment that they are in, by its number or its place in `equipment`, from 1.
            equipment_refs: Text<32>, at most 500;
            /// Orders, contracts and the like that they are for.
            references: Reference, at most 64;
            /// What makes them dangerous.
            dangerous: DangerousCargo, at most 64;
            /// What is said in words.
            remarks: TenderRemark, at most 64;
        }
    }
}

record! {
    /// One stop of the way.
    TenderStop {
        required {
            /// Its place in the order, as the partner counts.
            seq: u32,
            /// What is done there.
            activity: StopActivity,
        }
        optional {
            /// The partner's code for it.
            activity_code: Code,
            /// The first moment at which the carrier may come.
            earliest: Timestamp,
            /// The last one.
            latest: Timestamp,
            /// When it is asked to come.
            requested_at: Timestamp,
            /// When it has an appointment.
            scheduled_at: Timestamp,
            /// Where, as far as the parties' addresses do not say it.
            location: Location,
            /// Gross weight of what is loaded or unloaded, in kilograms.
            gross_kg: Decimal,
            /// Its net weight, in kilograms.
            net_kg: Decimal,
            /// Its volume, in cubic metres.
            volume_m3: Decimal,
            /// How many packages it is.
            packages: u32,
            /// How many pieces it is, or another quantity.
            quantity: Quantity,
        }
        lists {
            /// Who is there.
            parties: Party, at most 16;
            /// Other times.
            times: TenderTime, at most 32;
            /// What the stop is tied to.
            references: Reference, at most 64;
            /// What is loaded or unloaded.
            goods: TenderGoods, at most 2000;
            /// What is asked for besides.
            services: Code, at most 32;
            /// What is said in words.
            remarks: TenderRemark, at most 64;
        }
    }
}

record! {
    /// A trailer, container, wagon or other equipment that the load is carried in, or that is asked for.
    TenderEquipment {
        optional {
            /// Its number, in the one form where it is one of ISO 6346.
            id: Text<32>,
            /// ISO 6346 size and type.
            iso_type: Text<8>,
            /// What it is, in the partner's code, such as `TL` or `CN`.
            description: Code,
            /// How many of the kind.
            count: u32,
            /// Who owns it: SCAC, or the partner's code.
            owner: Text<16>,
            /// Whether it is empty.
            empty: bool,
            /// Whether it is the shipper's own, and not the carrier's.
            shipper_owned: bool,
            /// Gross weight of the goods in it, in kilograms.
            gross_kg: Decimal,
            /// Net weight of the goods in it, in kilograms.
            net_kg: Decimal,
            /// Its own weight, in kilograms.
            tare_kg: Decimal,
            /// Verified gross mass, in kilograms.
            vgm_kg: Decimal,
            /// Volume of the goods in it, in cubic metres.
            volume_m3: Decimal,
            /// Its length, in centimetres.
            length_cm: Decimal,
            /// The temperature to keep, in degrees Celsius.
            temperature_c: Decimal,
            /// The lowest temperature that is allowed.
            temperature_min_c: Decimal,
            /// The highest.
            temperature_max_c: Decimal,
        }
        lists {
            /// Seal numbers.
            seals: Text<32>, at most 16;
            /// What it is tied to.
            references: Reference, at most 64;
            /// What is said in words.
            remarks: TenderRemark, at most 32;
        }
    }
}

record! {
    /// What the carriage costs, or another amount that the carrier has to know.
    TenderCharge {
        required {
            /// What it is for.
            code: Code,
            /// How much.
            amount: Money,
        }
        optional {
            /// The rate that it was reckoned with.
            rate: Decimal,
            /// What the rate is for, in the partner's code.
            rate_basis: Code,
            /// In words.
            description: Text<256>,
        }
    }
}

record! {
    /// The bill of lading or waybill that is to be issued.
    TenderDocument {
        optional {
            /// Which of them, such as `BOL` or `SWB` of DCSA.
            r#type: Code,
            /// Whether it is to order, and so can be traded.
            to_order: bool,
            /// Whether it is an electronic one.
            electronic: bool,
            /// Whether it says that the goods are on board, and not that they were received for shipment.
            shipped_on_board: bool,
            /// Where it is to be issued.
            place_of_issue: Location,
            /// Where the freight is paid.
            payable_at: Location,
        }
    }
}

document! {
    /// A load that a carrier is asked to carry.
    LoadTender = "load-tender" {
        required {
            /// The number that the other party gives to the load.
            tender_number: Text<64>,
            /// How far both have come.
            kind: TenderKind,
            /// What the message does to the tender of this number.
            purpose: TenderPurpose,
        }
        optional {
            /// The partner's code for the purpose.
            purpose_code: Code,
            /// What document it is, in the partner's code.
            document_type: Code,
            /// Who is to carry: SCAC, or the partner's code.
            carrier: Text<16>,
            /// When it was written.
            issued_at: Timestamp,
            /// When the carrier has to have answered.
            respond_by: Timestamp,
            /// Main mode of transport.
            mode: TransportMode,
            /// Who pays the carriage, and when: UNTDID 4215, such as `PP` for prepaid.
            payment: Code,
            /// Terms of delivery.
            incoterm: Incoterm,
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
            /// Volume, in cubic metres.
            volume_m3: Decimal,
            /// Loading metres.
            loading_m: Decimal,
            /// How many packages.
            packages: u32,
            /// How many pieces, or another quantity.
            quantity: Quantity,
            /// How far it is, in kilometres.
            distance_km: Decimal,
            /// What the goods are worth.
            value: Money,
            /// What is to be collected from the receiver.
            cash_on_delivery: Money,
            /// The transport document that is to be issued.
            transport_document: TenderDocument,
        }
        lists {
            /// The parties that are not at a stop alone.
            parties: Party, at most 32;
            /// Times that are of no stop.
            times: TenderTime, at most 32;
            /// The stops, in order.
            stops: TenderStop, at most 200;
            /// The legs, in order.
            legs: Leg, at most 32;
            /// Equipment.
            equipment: TenderEquipment, at most 500;
            /// Goods that are not said of a stop.
            goods: TenderGoods, at most 2000;
            /// What the carriage costs.
            charges: TenderCharge, at most 64;
            /// What is asked for besides: levels of service, special handling.
            services: Code, at most 64;
            /// What is said in words.
            remarks: TenderRemark, at most 200;
        }
    }
}
