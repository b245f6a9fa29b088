//! What a warehouse is to do: ship goods, or expect them (X12 940 and 943).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Date, Decimal, Equipment, ItemId, Note, Package, Party, Purpose, Quantity, StatedTime, Text, TransportMode,
    TransportRef,
};

/// What the warehouse is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WarehouseTask {
    /// Goods are to go out.
    Ship,
    /// Goods will come in.
    Receive,
}

record! {
    /// Which of the shipments of a split order it is.
    OrderSplit {
        required {
            /// What all of them have in common, such as the number of the order before it was split.
            master_ref: Text<64>,
            /// Which of them it is, from 1.
            part: u32,
        }
        optional {
            /// How many there are.
            parts: u32,
        }
    }
}

record! {
    /// Goods of one item that are to go out or will come in.
    WarehouseOrderLine {
        required {
            /// The line's number, unique in the order.
            line_no: Text<64>,
            /// How much is to go out or will come in now.
            quantity: Quantity,
        }
        optional {
            /// How much was ordered, where the rest goes another way or at another time.
            ordered_quantity: Quantity,
            /// The item, by its owner's SKU.
            sku: Text<64>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// What the line calls it.
            description: Text<512>,
            /// The lot or batch that it has to be of.
            lot: Text<64>,
            /// The last day of its shelf life, at the earliest.
            expires_on: Date,
            /// The line of the order that it fulfils.
            order_line: Text<64>,
            /// How many packages it is in.
            package_count: u32,
            /// How much of it is in one package.
            units_per_package: u32,
            /// Gross weight of all of it, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of it, in kilograms.
            net_kg: Decimal,
            /// Volume of all of it, in cubic metres.
            volume_m3: Decimal,
        }
        lists {
            /// Other names of the item.
            ids: ItemId, at most 16;
            /// What else the warehouse has to heed.
            notes: Note, at most 100;
        }
    }
}

document! {
    /// What a warehouse is to do.
    WarehouseOrder = "warehouse-order" {
        required {
            /// What it is to do.
            task: WarehouseTask,
            /// Whether it is new, takes the place of what was said before, or takes that back.
            purpose: Purpose,
            /// The number by which the owner of the goods and the warehouse call it.
            order_ref: Text<64>,
        }
        optional {
            /// The customer's order.
            purchase_order_ref: Text<64>,
            /// The shipment with which goods go or come.
            shipment_id: Text<64>,
            /// Which part of a split order it is.
            split: OrderSplit,
            /// When it was written.
            ordered_on: Date,
            /// When the goods are to leave, or have left.
            ship_on: Date,
            /// When they are to be there.
            deliver_on: Date,
            /// By what they go.
            mode: TransportMode,
            /// Who carries them, and by which service.
            transport: TransportRef,
            /// Who pays the freight: `prepaid`, `collect`, `third-party`, or the partner's code.
            freight_terms: Code,
            /// How many packages there are in all.
            package_count: u32,
            /// Gross weight of all of it, in kilograms.
            gross_kg: Decimal,
            /// Volume of all of it, in cubic metres.
            volume_m3: Decimal,
        }
        lists {
            /// The parties.
            parties: Party, at most 16;
            /// Other days and times.
            times: StatedTime, at most 16;
            /// Containers and trailers that goods come in, with their seals.
            equipment: Equipment, at most 50;
            /// The packages that goods come in.
            packages: Package, at most 2000;
            /// What is to be done.
            lines: WarehouseOrderLine, at most 5000;
            /// What else the warehouse has to heed.
            notes: Note, at most 100;
        }
    }
}
