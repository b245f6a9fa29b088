//! An item: what is known of a thing that is sold (item master).

use crate::{Code, Country, Decimal, Dimensions, Text, Unit};

record! {
    /// What makes an item dangerous to carry.
    DangerousGoods {
        required {
            /// UN number, four digits.
            un_number: Text<8>,
            /// Class or division.
            class: Text<8>,
        }
        optional {
            /// I, II or III.
            packing_group: Text<4>,
        }
    }
}

record! {
    /// A unit that the item is packed or counted in beside its base unit.
    ItemUnit {
        required {
            /// The unit.
            unit: Code,
            /// So many base units …
            base_units: Decimal,
            /// … are so many of this unit.
            units: Decimal,
        }
        optional {
            /// The number that is printed on one of it: GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// Gross weight of one of it, in kilograms.
            gross_kg: Decimal,
            /// Volume of one of it, in cubic metres.
            volume_m3: Decimal,
            /// The outer measures of one of it.
            dimensions: Dimensions,
        }
    }
}

record! {
    /// What an item is called in one language.
    ItemName {
        required {
            /// The language: ISO 639-1, or what its system calls it.
            language: Text<8>,
            /// The name.
            text: Text<512>,
        }
    }
}

document! {
    /// An item of the catalogue.
    Item = "item" {
        required {
            /// The seller's stock keeping unit.
            sku: Text<64>,
        }
        optional {
            /// What the catalogue calls it.
            description: Text<512>,
            /// What a customs officer would call it.
            description_for_customs: Text<512>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// The unit it is counted in.
            base_unit: Unit,
            /// Net weight of one unit, in kilograms.
            net_weight_kg: Decimal,
            /// Gross weight of one unit, in kilograms.
            gross_weight_kg: Decimal,
            /// Where it was made.
            origin_country: Country,
            /// The region of origin.
            origin_region: Text<64>,
            /// What makes it dangerous.
            dangerous_goods: DangerousGoods,
            /// What it is made of.
            material_composition: Text<512>,
            /// Volume of one unit, in cubic metres.
            volume_m3: Decimal,
            /// The outer measures of one unit.
            dimensions: Dimensions,
            /// Its number at who makes it.
            manufacturer_item_ref: Text<64>,
            /// Whether it is only kept for the records and is to be deleted.
            to_be_deleted: bool,
        }
        lists {
            /// What it is called in other languages.
            names: ItemName, at most 64;
            /// Other units that it is packed or counted in.
            units: ItemUnit, at most 64;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there: type, group, hierarchy.
            classifications: Code, at most 500;
        }
    }
}
