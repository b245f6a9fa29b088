//! A commercial invoice (UBL 2.1 Invoice, EN 16931, UN/CEFACT CII).

use crate::{Code, Country, Currency, Date, Decimal, Hs6, Incoterm, Money, Party, Quantity, Text};

record! {
    /// A rate of exchange that the invoice was reckoned with.
    ExchangeRate {
        required {
            /// The currency it converts to.
            to: Currency,
            /// Units of that currency for one of the invoice's.
            rate: Decimal,
        }
        optional {
            /// The day of the rate.
            date: Date,
            /// Who published it.
            source: Text<64>,
        }
    }
}

record! {
    /// One line of an invoice.
    InvoiceLine {
        required {
            /// The line's number.
            line_no: Text<64>,
            /// How much.
            quantity: Quantity,
            /// Price of the line, without tax.
            line_net: Money,
        }
        optional {
            /// The item.
            sku: Text<64>,
            /// What the line calls it.
            description: Text<512>,
            /// Price of `base_quantity`.
            unit_price: Money,
            /// What the unit price is for; one unit where it is left out.
            base_quantity: Decimal,
            /// Where it was made.
            origin_country: Country,
            /// Its subheading of the Harmonised System.
            hs6: Hs6,
            /// Whether a preference is claimed for it.
            preference_claimed: bool,
            /// Net weight, in kilograms.
            net_kg: Decimal,
        }
    }
}

record! {
    /// Freight, insurance and the like, or an allowance with a negative amount.
    Charge {
        required {
            /// UNTDID 7161, such as `FC` for freight.
            code: Code,
            /// How much.
            amount: Money,
        }
        optional {
            /// Whether the lines' prices include it already.
            included_in_price: bool,
        }
    }
}

record! {
    /// The sums of an invoice.
    InvoiceTotals {
        required {
            /// What is to be paid.
            payable: Money,
        }
        optional {
            /// The lines.
            lines_net: Money,
            /// What was taken off.
            allowances: Money,
            /// What was put on.
            charges: Money,
            /// The tax.
            tax: Money,
        }
    }
}

document! {
    /// A commercial invoice in one revision.
    CommercialInvoice = "commercial-invoice" {
        required {
            /// The invoice's number.
            number: Text<64>,
            /// The day of issue.
            issue_date: Date,
            /// UNTDID 1001: 380 invoice, 381 credit note, 325 pro forma, …
            type_code: Code,
            /// The currency of its amounts.
            currency: Currency,
            /// Its sums.
            totals: InvoiceTotals,
        }
        optional {
            /// The issuer's count of changes.
            revision: Text<32>,
            /// Who sells.
            seller: Party,
            /// Who buys.
            buyer: Party,
            /// The rate it was reckoned with.
            fx_rate: ExchangeRate,
            /// Terms of delivery.
            incoterm: Incoterm,
        }
        lists {
            /// Its lines.
            lines: InvoiceLine, at most 5000;
            /// Charges and allowances on the whole.
            charges: Charge, at most 64;
        }
    }
}
