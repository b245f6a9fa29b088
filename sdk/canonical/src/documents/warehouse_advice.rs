//! What a warehouse has done: goods that it shipped or received, and stock that it put right (X12 945, 944 and 947).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Date, Decimal, Equipment, ItemId, Measure, Note, OrderSplit, Package, Party, Purpose, Quantity, Reference,
    StatedTime, Text, TransportMode, TransportRef,
};

/// What the warehouse has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WarehouseEvent {
    /// Goods went out.
    Shipped,
    /// Goods came in.
    Received,
    /// Stock was put right, by a count or for a reason such as damage.
    Adjusted,
}

/// What became of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LineOutcome {
    /// All of it was done, and no more.
    Complete,
    /// Less was done, and whether the rest follows is not said.
    Short,
    /// Less was done, and the rest follows.
    Backordered,
    /// Less was done, and the rest does not follow.
    ShortClosed,
    /// Nothing was done, and nothing follows.
    Cancelled,
    /// More was done.
    Over,
    /// Another item took its place.
    Substituted,
}

record! {
    /// Goods that are not as they should be.
    StockException {
        required {
            /// How much of the line it is.
            quantity: Quantity,
            /// What is wrong, such as damaged, short or over.
            condition: Code,
        }
        optional {
            /// Why.
            reason: Code,
            /// Lot or batch.
            lot: Text<64>,
        }
        lists {
            /// What names it.
            references: Reference, at most 16;
        }
    }
}

record! {
    /// What was done with one item.
    WarehouseAdviceLine {
        required {
            /// The line's number, unique in the document.
            line_no: Text<64>,
        }
        optional {
            /// How much was shipped or received; of an adjustment by how much stock changed, less than nought where there is less.
            quantity: Quantity,
            /// How much was ordered, or announced.
            ordered_quantity: Quantity,
            /// How much less was done than ordered; less than nought where it was more.
            difference: Quantity,
            /// What became of what was ordered.
            outcome: LineOutcome,
            /// The same in the partner's code.
            status: Code,
            /// Why there is a difference, or why stock was adjusted.
            reason: Code,
            /// The item, by its owner's SKU.
            sku: Text<64>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// What the line calls it.
            description: Text<512>,
            /// Lot or batch.
            lot: Text<64>,
            /// The line of the order.
            order_line: Text<64>,
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
            /// Names of the item that was ordered, where another took its place.
            ordered_ids: ItemId, at most 16;
            /// The packages it is in, by their SSCC or their number in `packages`, from 1.
            package_refs: Text<32>, at most 500;
            /// What of it is damaged, short, over or held.
            exceptions: StockException, at most 50;
            /// Measures as they were stated.
            measures: Measure, at most 32;
            /// What the line is tied to.
            references: Reference, at most 250;
            /// Days and times of the line.
            times: StatedTime, at most 16;
            /// What is said in words.
            notes: Note, at most 100;
        }
    }
}

document! {
    /// What a warehouse has done.
    WarehouseAdvice = "warehouse-advice" {
        required {
            /// What it has done.
            event: WarehouseEvent,
        }
        optional {
            /// Whether it is new, takes the place of what was said before, or takes that back; new where it is left out.
            purpose: Purpose,
            /// The day on which it was done, as far as the partner says.
            occurred_on: Date,
            /// What the partner calls this report: all lines, exceptions alone, a correction.
            report_type: Code,
            /// The number by which the owner of the goods and the warehouse call the order.
            order_ref: Text<64>,
            /// The customer's order.
            purchase_order_ref: Text<64>,
            /// The shipment.
            shipment_id: Text<64>,
            /// The warehouse's own number of it, such as that of a receipt or an adjustment.
            warehouse_ref: Text<64>,
            /// Which part of a split order it is.
            split: OrderSplit,
            /// Whether less was done than ordered in one of its lines, or in all of it.
            is_short: bool,
            /// By what goods went or came.
            mode: TransportMode,
            /// Who carried them.
            transport: TransportRef,
            /// Who pays the freight.
            freight_terms: Code,
            /// How many packages there are in all, as the partner counts.
            package_count: u32,
            /// How many pallets there are.
            pallet_count: u32,
            /// How much there is of all lines, as the partner counts, whatever the units are.
            total_quantity: Decimal,
            /// Gross weight of all of it, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of it, in kilograms.
            net_kg: Decimal,
            /// Volume of all of it, in cubic metres.
            volume_m3: Decimal,
        }
        lists {
            /// The parties.
            parties: Party, at most 32;
            /// Days and times.
            times: StatedTime, at most 32;
            /// Containers and trailers, with their seals.
            equipment: Equipment, at most 50;
            /// The packages.
            packages: Package, at most 2000;
            /// What was done.
            lines: WarehouseAdviceLine, at most 5000;
            /// Measures as they were stated.
            measures: Measure, at most 32;
            /// What else is said of it in codes, such as how it was handled.
            classifications: Code, at most 64;
            /// What is said in words.
            notes: Note, at most 100;
        }
    }
}
