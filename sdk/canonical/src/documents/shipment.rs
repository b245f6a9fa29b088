//! A shipment: goods on their way (UBL Despatch Advice, WCO Consignment, DCSA booking and transport document).

use crate::{Country, Decimal, Incoterm, Location, Party, Quantity, Text, Timestamp, TransportMode, TransportRef};

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
