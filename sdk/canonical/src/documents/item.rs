//! An item: what is known of a thing that is sold (item master).

use crate::{Country, Decimal, Text, Unit};

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
        }
    }
}
