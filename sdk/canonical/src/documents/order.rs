//! An order: what a buyer asked a seller for (UBL 2.1 Order, X12 850, EDIFACT ORDERS).

use serde::{Deserialize, Serialize};

use crate::{Code, Currency, Date, Incoterm, Money, Party, Quantity, Text, Timestamp};

/// Where an order was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SalesChannel {
    /// A web shop.
    Ecommerce,
    /// An ERP system.
    Erp,
}

record! {
    /// One line of an order.
    OrderLine {
        required {
            /// The line's number or id, unique in the order.
            line_no: Text<64>,
            /// How much is wanted now; nought where the line was taken out of the order.
            quantity: Quantity,
        }
        optional {
            /// How much was ordered first, where that is not what is wanted now.
            ordered_quantity: Quantity,
            /// How much of what is wanted is still to be sent, where the partner says so.
            open_quantity: Quantity,
            /// The item, by the seller's SKU.
            item_ref: Text<64>,
            /// What the line calls the item.
            description: Text<512>,
            /// Price of one unit, without tax.
            unit_price: Money,
            /// Price of what is wanted now, after the line's discounts, without tax.
            line_net: Money,
            /// When it is wanted.
            requested_delivery_date: Date,
        }
    }
}

record! {
    /// The sums of an order.
    OrderTotals {
        required {
            /// What is to be paid for what is wanted now.
            gross: Money,
        }
        optional {
            /// What was to be paid when it was placed, where that is another sum.
            ordered_gross: Money,
            /// Without tax.
            net: Money,
            /// The tax.
            tax: Money,
        }
    }
}

document! {
    /// An order in one revision.
    Order = "order" {
        required {
            /// The order's number, as the partner writes it.
            order_number: Text<64>,
            /// When it was placed.
            issued_at: Timestamp,
            /// The currency of its prices.
            currency: Currency,
            /// Where it was placed.
            channel: SalesChannel,
            /// Its sums.
            totals: OrderTotals,
        }
        optional {
            /// The partner's count of changes, where it counts.
            order_revision: Text<32>,
            /// Who buys.
            buyer: Party,
            /// Who sells.
            seller: Party,
            /// Where it goes.
            ship_to: Party,
            /// Terms of delivery.
            incoterm: Incoterm,
            /// Terms of payment.
            payment_terms: Text<256>,
            /// Whether it is paid, in the words of its system.
            payment_status: Code,
            /// Whether it is sent, in the words of its system.
            fulfilment_status: Code,
            /// When it was cancelled: nothing of it is wanted any more.
            cancelled_at: Timestamp,
        }
        lists {
            /// Its lines.
            lines: OrderLine, at most 5000;
        }
    }
}
