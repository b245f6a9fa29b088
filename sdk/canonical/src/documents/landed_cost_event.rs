//! One cost of bringing goods in: duty, tax, freight, brokerage.

use serde::{Deserialize, Serialize};

use crate::{Code, Decimal, Money, Text, Timestamp};

/// What a cost is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CostType {
    /// Customs duty (A00 and its like).
    Duty,
    /// Import value added tax (B00, B05).
    Vat,
    /// Anti-dumping and countervailing duty (A30 to A45).
    Antidumping,
    /// Excise.
    Excise,
    /// Freight.
    Freight,
    /// Insurance.
    Insurance,
    /// Brokerage.
    Brokerage,
    /// Storage.
    Storage,
    /// Anything else; its code is kept.
    Other,
}

/// How firm a cost is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CostKind {
    /// Reckoned beforehand.
    Estimate,
    /// Reckoned by customs, before it is final.
    Provisional,
    /// Assessed by customs.
    Assessed,
    /// Invoiced.
    Invoiced,
    /// A correction.
    Adjustment,
}

/// What a rate is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RateType {
    /// Percent of a value.
    AdValorem,
    /// So much for a unit.
    Specific,
}

/// What a cost is spread over items by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AllocationKey {
    /// The items' value.
    Value,
    /// Their weight.
    Weight,
    /// Their number.
    Quantity,
}

record! {
    /// How a cost was reckoned.
    CostBasis {
        required {
            /// What the rate is of.
            rate_type: RateType,
        }
        optional {
            /// The value it was reckoned on.
            tax_base: Money,
            /// The quantity it was reckoned on.
            quantity: Decimal,
            /// The rate: percent, or money for a unit.
            rate: Decimal,
        }
    }
}

record! {
    /// An earlier reckoning of a cost.
    ReplacedCost {
        required {
            /// Its name for good.
            source_ref: Text<128>,
            /// How firm it was.
            kind: CostKind,
            /// How much it was.
            amount: Money,
        }
    }
}

document! {
    /// One cost, of one item where that is known.
    LandedCostEvent = "landed-cost-event" {
        required {
            /// What it is for.
            cost_type: CostType,
            /// The code it was mapped from, such as `A00`.
            code: Code,
            /// How firm it is.
            kind: CostKind,
            /// How much.
            amount: Money,
            /// When it arose.
            occurred_at: Timestamp,
            /// Names this cost for good: posting it twice must change nothing.
            source_ref: Text<128>,
        }
        optional {
            /// The shipment.
            shipment_id: Text<64>,
            /// The declaration.
            declaration_mrn: Text<35>,
            /// The declaration's goods item.
            item_no: u32,
            /// The item.
            sku: Text<64>,
            /// How it was reckoned.
            basis: CostBasis,
            /// How it is spread over items.
            allocation_key: AllocationKey,
        }
        lists {
            /// The earlier reckonings that it takes the place of: what was posted of them is to be taken back.
            replaces: ReplacedCost, at most 16;
        }
    }
}
