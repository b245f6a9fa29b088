//! How a shipment was packed (X12 856, 945, despatch advice).

use crate::{Decimal, Package, Quantity, Text};

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
            /// Gross weight, in kilograms.
            gross_kg: Decimal,
            /// Net weight, in kilograms.
            net_kg: Decimal,
        }
        lists {
            /// The packages.
            packages: Package, at most 2000;
            /// What is in them.
            lines: PackedLine, at most 5000;
        }
    }
}
