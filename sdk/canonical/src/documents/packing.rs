//! How a shipment was packed (X12 856, 945, despatch advice).

use crate::{Code, Decimal, ItemId, Measure, Note, Package, Party, Purpose, Quantity, Reference, StatedTime, Text};

record! {
    /// Goods of one item in one package.
    PackedLine {
        required {
            /// How much.
            quantity: Quantity,
        }
        optional {
            /// The item.
            sku: Text<64>,
            /// The order it fulfils.
            order_ref: Text<64>,
            /// The package, by its SSCC or its number in the list.
            package_ref: Text<32>,
            /// Lot or batch.
            lot: Text<64>,
            /// The line's number.
            line_no: Text<64>,
            /// The line of the order.
            order_line: Text<64>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// What the line calls it.
            description: Text<512>,
            /// How much was ordered.
            ordered_quantity: Quantity,
            /// How much was sent of it so far, with this.
            shipped_to_date: Decimal,
            /// What became of what was ordered, in the partner's code.
            status: Code,
        }
        lists {
            /// The packages it is in, where it is in several and nothing is said of how much is in which.
            package_refs: Text<32>, at most 500;
            /// Other names of the item.
            ids: ItemId, at most 32;
            /// Measures as they were stated.
            measures: Measure, at most 64;
            /// What the line is tied to.
            references: Reference, at most 64;
            /// Days and times of the line.
            times: StatedTime, at most 16;
            /// Its marks, features and what else is said of it.
            notes: Note, at most 100;
        }
    }
}

record! {
    /// What is said of one order of a shipment.
    PackedOrder {
        required {
            /// The order.
            order_ref: Text<64>,
        }
        optional {
            /// How many packages it is in, as the partner counts.
            package_count: u32,
        }
        lists {
            /// The parties of the order.
            parties: Party, at most 16;
            /// What the order is tied to.
            references: Reference, at most 64;
            /// Measures as they were stated.
            measures: Measure, at most 32;
            /// Days and times of the order.
            times: StatedTime, at most 16;
            /// What else is said of it.
            notes: Note, at most 100;
        }
    }
}

document! {
    /// The packing list of a shipment.
    Packing = "packing" {
        required {
            /// The shipment.
            shipment_id: Text<64>,
        }
        optional {
            /// Whether it is new, takes the place of what was said before, or takes that back; new where it is left out.
            purpose: Purpose,
            /// How many packages there are in all, as the partner counts.
            package_count: u32,
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
            /// Volume, in cubic metres.
            volume_m3: Decimal,
        }
        lists {
            /// The packages.
            packages: Package, at most 2000;
            /// What is in them.
            lines: PackedLine, at most 5000;
            /// The orders that it fulfils, where there is more to say of them.
            orders: PackedOrder, at most 500;
            /// Measures as they were stated.
            measures: Measure, at most 32;
            /// Days and times.
            times: StatedTime, at most 32;
            /// What else is said of it in codes, such as how it is to be handled.
            classifications: Code, at most 64;
            /// What is said in words.
            notes: Note, at most 100;
        }
    }
}
