//! What has changed of an order since it was placed: lines that were taken out, reduced or taken back.
//!
//! The shop never changes a line's `quantity`. What is wanted now is `current_quantity`; shops of older versions do not
//! send that, and there it is what is left when everything in `refunds` is taken off.

use std::collections::BTreeMap;

use portgate_sdk::canonical::Decimal;
use serde::{Deserialize, Deserializer};

use crate::fields::{Fields, list};
use crate::scalar::Scalar;

/// A field that may be absent, or there and null, which are two things.
pub(crate) type Said<T> = Option<Option<T>>;

/// Reads a field that is there.
pub(crate) fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Said<T>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A member of `refunds`: lines that were taken out of the order, or goods that came back.
#[derive(Deserialize)]
pub(crate) struct Refund {
    refund_line_items: Option<Vec<RefundLine>>,
}

#[derive(Deserialize)]
struct RefundLine {
    line_item_id: Option<u64>,
    quantity: Option<i64>,
    subtotal: Option<Scalar>,
    total_tax: Option<Scalar>,
}

/// The part of one line that was taken back.
#[derive(Clone, Copy)]
pub(crate) struct Returned {
    pieces: i64,
    /// What they were worth after discounts, with tax where the shop's prices are with tax; none if the shop does not say.
    goods: Option<Decimal>,
    tax: Option<Decimal>,
}

/// Everything that was taken back, by the id of its line.
pub(crate) fn returned(fields: &mut Fields<'_>, refunds: Vec<Refund>) -> BTreeMap<u64, Returned> {
    let mut returned = BTreeMap::new();
    for line in refunds.into_iter().flat_map(|refund| list(refund.refund_line_items)) {
        let (Some(id), Some(pieces)) = (line.line_item_id, line.quantity.filter(|pieces| *pieces >= 0)) else {
            let detail = "A line that was taken back does not say which, or how much of it.";
            fields.warning("REFUND-INCOMPLETE", "refunds", detail);
            continue;
        };
        let goods = fields.decimal("refunds", line.subtotal.as_ref());
        let tax = fields.decimal("refunds", line.total_tax.as_ref());
        let nothing = Returned { pieces: 0, goods: Some(Decimal::ZERO), tax: Some(Decimal::ZERO) };
        let sum: &mut Returned = returned.entry(id).or_insert(nothing);
        sum.pieces = sum.pieces.saturating_add(pieces);
        sum.goods = sum.goods.zip(goods).map(|(sum, goods)| sum + goods);
        sum.tax = sum.tax.zip(tax).map(|(sum, tax)| sum + tax);
    }
    returned
}

/// How much of a line is wanted now: what the shop says, else what was not taken back.
pub(crate) fn left(fields: &mut Fields<'_>, quantity: i64, said: Option<i64>, returned: Option<&Returned>) -> i64 {
    let not_returned = returned.map(|returned| quantity.saturating_sub(returned.pieces));
    if let Some(counted) = not_returned.filter(|counted| *counted < 0 || said.is_some_and(|said| said != *counted)) {
        let left = said.map_or_else(|| "nothing".to_owned(), |said| format!("{said} pieces"));
        let detail = format!("Of {quantity} pieces, `refunds` leave {counted} and the shop says that {left} are left.");
        fields.warning("QUANTITY-DIFFERS", "current_quantity", detail);
    }
    said.or(not_returned).unwrap_or(quantity).max(0)
}

/// What a line is worth: its goods as the shop sums them, and the tax in that.
#[derive(Clone, Copy)]
pub(crate) struct Worth {
    pub(crate) goods: Decimal,
    pub(crate) tax: Decimal,
}

impl Worth {
    /// The same for the pieces that are left: less what the shop says that the others were worth, or piece by piece
    /// where neither discount nor tax has to be shared out. None where it cannot be told.
    pub(crate) fn of_what_is_left(
        self,
        price: Decimal,
        quantity: i64,
        left: i64,
        discount: Decimal,
        returned: Option<&Returned>,
    ) -> Option<Worth> {
        if left == 0 {
            return Some(Worth { goods: Decimal::ZERO, tax: Decimal::ZERO });
        }
        let all = returned.filter(|returned| returned.pieces == quantity - left);
        let less = all.and_then(|returned| {
            Some((returned.goods?, returned.tax.or(self.tax.is_zero().then_some(Decimal::ZERO))?))
        });
        if let Some((goods, tax)) = less {
            // The tax of a price without tax is no part of it.
            let tax = if self.tax.is_zero() { Decimal::ZERO } else { self.tax - tax };
            return Some(Worth { goods: self.goods - goods, tax });
        }
        let whole = discount.is_zero() && self.tax.is_zero();
        whole.then(|| Worth { goods: price * Decimal::from(left), tax: Decimal::ZERO })
    }
}
