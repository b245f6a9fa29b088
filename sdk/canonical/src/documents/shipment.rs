//! A shipment: goods on their way (UBL Despatch Advice, WCO Consignment, DCSA booking and transport document).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Country, Date, Decimal, HsCode, Incoterm, Location, Measure, Money, Note, Party, Purpose, Quantity,
    Reference, Text, Timestamp, TransportMode, TransportRef,
};

record! {
    /// One leg of the way.
    Leg {
        required {
            /// The leg's place in the order, from 1.
            seq: u32,
        }
        optional {
            /// By what.
            mode: TransportMode,
            /// On which journey.
            transport: TransportRef,
            /// From where.
            from: Location,
            /// To where.
            to: Location,
            /// Estimated departure.
            etd: Timestamp,
            /// Estimated arrival.
            eta: Timestamp,
            /// Actual departure.
            atd: Timestamp,
            /// Actual arrival.
            ata: Timestamp,
        }
    }
}

record! {
    /// A container or another piece of equipment.
    Equipment {
        required {
            /// ISO 6346, as the partner writes it.
            id: Text<16>,
        }
        optional {
            /// ISO 6346 size and type.
            iso_type: Text<8>,
            /// Verified gross mass, in kilograms.
            vgm_kg: Decimal,
        }
        lists {
            /// Seal numbers.
            seals: Text<32>, at most 16;
        }
    }
}

record! {
    /// The outer measures of one package, in centimetres.
    Dimensions {
        required {
            /// Its longest side.
            length_cm: Decimal,
            /// Its width.
            width_cm: Decimal,
            /// Its height.
            height_cm: Decimal,
        }
    }
}

record! {
    /// Packages of one kind.
    Package {
        required {
            /// UNECE Recommendation 21, such as `CT`.
            r#type: Text<4>,
            /// How many; nought for goods in bulk, and for what is packed with another line.
            count: u32,
        }
        optional {
            /// Whether nobody says how many, so that the count is nought.
            uncounted: bool,
            /// Pieces, where the goods are not packed.
            pieces: u32,
            /// Marks and numbers.
            marks: Text<512>,
            /// Serial Shipping Container Code.
            sscc: Text<18>,
            /// Gross weight of all of them, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of them, in kilograms.
            net_kg: Decimal,
            /// Volume of all of them, in cubic metres.
            volume_m3: Decimal,
            /// The outer measures of one of them.
            dimensions: Dimensions,
            /// The number that its carrier tracks it by.
            tracking_number: Text<64>,
            /// The package that it stands in or on, by its SSCC or its number in the list, from 1.
            packed_in: Text<32>,
            /// Its kind as the partner writes it, where that is another code: `CTN25`.
            written_type: Text<32>,
        }
        lists {
            /// Weights and measures as they were stated, where that is in other units.
            measures: Measure, at most 32;
            /// What else names it.
            references: Reference, at most 32;
        }
    }
}

record! {
    /// Goods of one item in the shipment.
    ShipmentLine {
        required {
            /// The line's number.
            line_no: Text<64>,
            /// How much.
            quantity: Quantity,
        }
        optional {
            /// The item.
            sku: Text<64>,
            /// The order it fulfils.
            order_ref: Text<64>,
            /// The line of that order.
            order_line: Text<64>,
            /// How much was ordered, where that is not what is sent.
            ordered_quantity: Quantity,
            /// What the line calls the goods.
            description: Text<512>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// Lot or batch.
            lot: Text<64>,
            /// Its commodity code: HS6, or what the country of export or of import has beyond it.
            hs_code: HsCode,
            /// Where the goods were made.
            origin_country: Country,
            /// What all of them are worth.
            value: Money,
            /// Gross weight of all of them, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of them, in kilograms.
            net_kg: Decimal,
            /// Volume of all of them, in cubic metres.
            volume_m3: Decimal,
            /// The same quantity in the unit that the item is counted in, where that is another one.
            base_quantity: Quantity,
            /// The buyer's own number of the item.
            buyer_item_ref: Text<64>,
            /// The last day of their use.
            expires_on: Date,
        }
        lists {
            /// The packages it is in, by their SSCC or their number in `packages`, from 1.
            package_refs: Text<32>, at most 500;
            /// The goods' serial numbers.
            serial_numbers: Text<64>, at most 1000;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there: item category, plant, storage location.
            classifications: Code, at most 500;
            /// What is said of it in words.
            notes: Note, at most 100;
        }
    }
}

record! {
    /// When something is to be done with a shipment, and when it was: picking, loading, goods issue, delivery.
    ShipmentTime {
        required {
            /// What is done: a code of its system.
            activity: Code,
        }
        optional {
            /// When it is planned to begin.
            planned: Timestamp,
            /// When it is planned to end.
            planned_end: Timestamp,
            /// When it began.
            actual: Timestamp,
            /// When it ended.
            actual_end: Timestamp,
        }
    }
}

/// What the goods of a postal item or parcel are to customs: the category of UPU's forms CN22 and CN23.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ContentsType {
    /// Goods that were sold.
    Merchandise,
    /// A gift from one person to another.
    Gift,
    /// Documents.
    Documents,
    /// A commercial sample.
    Sample,
    /// Goods that go back.
    ReturnedGoods,
    /// Help for people in need.
    HumanitarianDonation,
    /// Dangerous goods.
    DangerousGoods,
    /// Anything else; the explanation says what.
    Other,
}

/// Whether the goods are subject to a restriction at the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ContentsRestriction {
    /// They are not.
    None,
    /// Quarantine.
    Quarantine,
    /// Inspection by the sanitary or the plant health service.
    SanitaryPhytosanitaryInspection,
    /// Another one; the explanation says which.
    Other,
}

/// What the carrier does with what cannot be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NonDelivery {
    /// It goes back to its sender.
    Return,
    /// It is given up.
    Abandon,
}

record! {
    /// What the sender tells customs of a postal item or parcel as a whole; of the goods the lines tell.
    CustomsParticulars {
        optional {
            /// What kind of goods they are.
            contents_type: ContentsType,
            /// The same in words.
            contents_explanation: Text<256>,
            /// Whether they are restricted.
            restriction: ContentsRestriction,
            /// Which restriction it is, in words.
            restriction_explanation: Text<256>,
            /// What is done with it where it cannot be delivered.
            non_delivery: NonDelivery,
            /// Why no export declaration is needed: the citation, such as `NOEEI 30.37(a)`.
            export_exemption: Text<64>,
            /// The number of the export declaration: an ITN of AES, an MRN.
            export_declaration: Text<64>,
            /// The person who answers for what is told.
            signer: Text<128>,
            /// Whether that person certifies that it is true.
            certified: bool,
        }
    }
}

document! {
    /// A shipment.
    Shipment = "shipment" {
        required {
            /// The shipment's id.
            shipment_id: Text<64>,
        }
        optional {
            /// Unique consignment reference (DUCR).
            ucr: Text<64>,
            /// Master bill of lading or air waybill.
            master_transport_doc: Text<64>,
            /// House bill of lading or air waybill.
            house_transport_doc: Text<64>,
            /// The carrier's booking.
            booking_ref: Text<64>,
            /// Main mode of transport.
            mode: TransportMode,
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
            /// Volume, in cubic metres.
            volume_m3: Decimal,
            /// Where it is loaded.
            place_of_loading: Location,
            /// Where it is discharged.
            place_of_discharge: Location,
            /// Where it is dispatched from.
            country_of_dispatch: Country,
            /// Where it goes.
            country_of_destination: Country,
            /// Terms of delivery.
            incoterm: Incoterm,
            /// What customs is told of a parcel, where it goes by post or parcel carrier.
            customs_particulars: CustomsParticulars,
            /// Terms of delivery in words, where they are none of the Incoterms or say more.
            delivery_terms: Text<256>,
            /// Whether the goods go back to where they came from.
            is_return: bool,
            /// Why it must not leave.
            delivery_block: Code,
            /// Whether it is new, takes the place of what was said before, or takes that back; new where it is left out.
            purpose: Purpose,
            /// Who pays the freight.
            freight_terms: Code,
            /// How many packages there are in all, as the partner counts.
            package_count: u32,
        }
        lists {
            /// The parties.
            parties: Party, at most 16;
            /// What is to be done with it and when.
            times: ShipmentTime, at most 64;
            /// How its system classes it, where it stands there, and what else it says that has no field here, each value under
            /// the name that it has there: type, route, statuses.
            classifications: Code, at most 500;
            /// What is said of it in words.
            notes: Note, at most 100;
            /// The legs, in order.
            legs: Leg, at most 32;
            /// Containers and other equipment.
            equipment: Equipment, at most 500;
            /// Packages.
            packages: Package, at most 2000;
            /// What is in it.
            lines: ShipmentLine, at most 5000;
        }
    }
}
