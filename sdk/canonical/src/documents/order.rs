//! An order: what a buyer asked a seller for (UBL 2.1 Order, X12 850, EDIFACT ORDERS).

use serde::{Deserialize, Serialize};

use crate::{
    Charge, Code, Country, Currency, Date, Decimal, HsCode, Incoterm, Money, Note, Party, Quantity, Text, Timestamp,
};

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
            /// How much the seller has promised.
            confirmed_quantity: Quantity,
            /// When the seller has promised it.
            confirmed_delivery_date: Date,
            /// What the unit price is for; one unit where it is left out.
            price_quantity: Quantity,
            /// The tax on the line.
            tax: Money,
            /// The buyer's own number of the item.
            buyer_item_ref: Text<64>,
            /// GTIN-8, -12, -13 or -14.
            gtin: Text<14>,
            /// Lot or batch.
            lot: Text<64>,
            /// Its commodity code: HS6, or what a country has beyond it.
            hs_code: HsCode,
            /// Where the goods were made.
            origin_country: Country,
            /// Gross weight of all of them, in kilograms.
            gross_kg: Decimal,
            /// Net weight of all of them, in kilograms.
            net_kg: Decimal,
            /// Why it is not wanted any more, or not sold.
            rejection: Code,
        }
        lists {
            /// What its price is made of: prices, discounts (with a negative amount), surcharges, taxes.
            charges: Charge, at most 100;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there: item category, plant, route.
            classifications: Code, at most 500;
            /// What is said of it in words.
            notes: Note, at most 100;
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
            /// Terms of delivery in words, where they are none of the Incoterms or say more.
            delivery_terms: Text<256>,
            /// When all of it is wanted, unless a line says something else.
            requested_delivery_date: Date,
            /// Why it must not be delivered.
            delivery_block: Code,
            /// Why it must not be invoiced.
            billing_block: Code,
        }
        lists {
            /// Its lines.
            lines: OrderLine, at most 5000;
            /// The parties that are none of the three above, such as who pays.
            parties: Party, at most 16;
            /// Prices, discounts (with a negative amount) and surcharges on the whole.
            charges: Charge, at most 100;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there: type, sales area, shipping condition.
            classifications: Code, at most 500;
            /// What is said of it in words.
            notes: Note, at most 100;
        }
    }
}
