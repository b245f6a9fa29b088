//! Money and quantities.

use serde::{Deserialize, Serialize};

use crate::code::{Currency, Unit};
use crate::decimal::Decimal;

/// An amount in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Money {
    /// The amount, exact.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

/// So much of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quantity {
    /// How much, exact.
    pub value: Decimal,
    /// UNECE Recommendation 20; `C62` counts pieces.
    pub unit: Unit,
}

impl Quantity {
    /// A number of pieces (`C62`).
    pub fn pieces(value: Decimal) -> Self {
        Quantity { value, unit: Unit::new("C62").expect("C62 has a unit's shape") }
    }
}
