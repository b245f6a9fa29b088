//! A tariff classification: which code an item has, where, and from when to when.

use crate::{Date, Hs6, HsCode, Text, Timestamp};

document! {
    /// The classification of an item in one jurisdiction for one span of time.
    ItemClassification = "item-classification" {
        required {
            /// The item.
            sku: Text<64>,
            /// A country, `EU` or `XI`.
            jurisdiction: Text<8>,
            /// `HS2022`, `CN8`, `TARIC10`, `HTSUS10`, `UKGT10`, `NCM8`, or another nomenclature's name.
            nomenclature: Text<16>,
            /// The code in that nomenclature.
            code: HsCode,
        }
        optional {
            /// The first six digits.
            hs6: Hs6,
            /// The first day on which it holds.
            valid_from: Date,
            /// The last day on which it holds.
            valid_to: Date,
            /// A binding ruling that it rests on.
            ruling_ref: Text<64>,
            /// How sure the decision is: `high`, `medium`, `low`.
            confidence: Text<16>,
            /// Who decided.
            decided_by: Text<128>,
            /// When.
            decided_at: Timestamp,
        }
        lists {
            /// TARIC and national additional codes.
            additional_codes: Text<8>, at most 16;
        }
    }
}
