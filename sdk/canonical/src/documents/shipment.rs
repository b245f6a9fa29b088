//! A shipment: goods on their way (UBL Despatch Advice, WCO Consignment, DCSA booking and transport document).

use crate::{
    Country, Decimal, HsCode, Incoterm, Location, Money, Party, Quantity, Text, Timestamp, TransportMode, TransportRef,
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
            /// How many.
            count: u32,
        }
        optional {
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
        }
        lists {
            /// The packages it is in, by their SSCC or their number in `packages`, from 1.
            package_refs: Text<32>, at most 500;
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
        }
        lists {
            /// The parties.
            parties: Party, at most 16;
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
