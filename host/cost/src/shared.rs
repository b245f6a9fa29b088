//! Costs that several shipments have: each bears its part, by gross weight.

use std::collections::BTreeMap;

use portgate_canonical::{CanonicalDocument, Decimal, LandedCostEvent, Money, Packing, Shipment, ShipmentContext};
use serde_json::Value;

use crate::read::documents;
use crate::spread::{minor_digits, spread};

/// Whose a cost is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The gross weight of each shipment that has it, where that is known; in an order that is the same for all of them.
    pub weights: Vec<Option<Decimal>>,
    /// Which of them this one is.
    pub own: usize,
}

/// The costs that a shipment has with others, by the ids of their documents.
pub type Shared = BTreeMap<String, Sharing>;

impl Sharing {
    /// This shipment's part of an amount; nothing as long as some weight is not known. The parts of all are the amount to the coin.
    pub fn part(&self, amount: &Money) -> Option<Decimal> {
        let weights: Vec<Decimal> = self.weights.iter().copied().collect::<Option<_>>()?;
        if weights.iter().any(|weight| weight.is_zero() || weight.is_negative()) {
            return None;
        }
        spread(amount.amount, &weights, minor_digits(amount.currency.as_str())).get(self.own).copied()
    }
}

/// A shipment as it bears costs: of those that it has with others its own part. What cannot be told apart is left out, and named.
pub fn apportioned(context: &ShipmentContext, shared: &Shared) -> (ShipmentContext, Vec<String>) {
    let (mut context, mut unknown) = (context.clone(), Vec::new());
    context.documents.retain_mut(|one| {
        let sharing = shared.get(&*one.id).filter(|_| &*one.kind == LandedCostEvent::KIND);
        let Some(sharing) = sharing else { return true };
        let amount = one.document.0.get("amount").cloned().and_then(|amount| serde_json::from_value(amount).ok());
        let Some(part) = amount.and_then(|amount: Money| sharing.part(&amount)) else {
            unknown.push(one.id.to_string());
            return false;
        };
        if let Some(amount) = one.document.0.get_mut("amount").and_then(|amount| amount.get_mut("amount")) {
            *amount = Value::String(part.to_string());
        }
        true
    });
    (context, unknown)
}

/// What a shipment weighs, gross, in kilograms: the most that a document of it says, since one is about all of it and others may be
/// about parts; where none says it, what was packed.
pub fn gross_kg(context: &ShipmentContext) -> Option<Decimal> {
    let shipments: Vec<Shipment> = documents(&context.documents, Shipment::KIND);
    let packed = || {
        let packings: Vec<Packing> = documents(&context.documents, Packing::KIND);
        packings.iter().filter_map(|packing| packing.gross_kg).max()
    };
    shipments.iter().filter_map(|shipment| shipment.gross_kg).max().or_else(packed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn money(amount: &str) -> Money {
        Money { amount: decimal(amount), currency: portgate_canonical::Currency::new("GBP").unwrap() }
    }

    fn parts(amount: &str, weights: &[Option<&str>]) -> Vec<Option<String>> {
        let weights: Vec<Option<Decimal>> = weights.iter().map(|weight| weight.map(decimal)).collect();
        let of = |own| Sharing { weights: weights.clone(), own }.part(&money(amount)).map(|part| part.to_string());
        (0..weights.len()).map(of).collect()
    }

    #[test]
    fn each_bears_its_part_by_weight_and_nobody_anything_as_long_as_one_weight_is_not_known() {
        let said = |all: &[&str]| all.iter().map(|part| Some((*part).to_owned())).collect::<Vec<_>>();
        assert_eq!(parts("100.00", &[Some("1"), Some("2")]), said(&["33.33", "66.67"]));
        assert_eq!(parts("-100.00", &[Some("1"), Some("1"), Some("1")]), said(&["-33.34", "-33.33", "-33.33"]));
        assert_eq!(parts("100.00", &[Some("1"), None]), [None, None]);
        assert_eq!(parts("100.00", &[Some("1"), Some("0")]), [None, None], "nothing weighs nothing");
    }

    proptest! {
        #[test]
        fn the_parts_of_all_are_the_bill_to_the_penny(
            pence in -10_000_000_i64..10_000_000,
            grams in prop::collection::vec(1_i64..50_000_000, 1..30),
        ) {
            let amount = Money { amount: Decimal::from(pence).shifted(2), ..money("0") };
            let weights: Vec<_> = grams.into_iter().map(|grams| Some(Decimal::from(grams).shifted(3))).collect();
            let part = |own| Sharing { weights: weights.clone(), own }.part(&amount).expect("all are known");
            prop_assert_eq!((0..weights.len()).map(part).sum::<Decimal>(), amount.amount);
        }
    }
}
