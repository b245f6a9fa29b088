//! A commercial invoice (UBL 2.1 Invoice, EN 16931, UN/CEFACT CII).

use crate::{Code, Country, Currency, Date, Decimal, Hs6, Incoterm, Money, Party, PartyId, Quantity, Text};

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
    /// A tax: of a line or a charge, or, on the whole, what the invoice has of one category and rate (BG-23).
    InvoiceTax {
        optional {
            /// Which tax it is, UNTDID 5153; value added tax (`VAT`) where it is left out.
            tax_type: Code,
            /// Its category, UNTDID 5305: `S` standard rate, `Z` zero rated, `E` exempt, `AE` reverse charge, `K` supply within
            /// the Community, `G` export, `O` outside the scope of tax, …
            category: Code,
            /// Its rate, in percent.
            rate: Decimal,
            /// What it is reckoned on.
            basis: Money,
            /// How much it is.
            amount: Money,
            /// Why it is not due, in words.
            exemption_reason: Text<1024>,
            /// The same as a code, such as one of VATEX.
            exemption_code: Code,
        }
    }
}

record! {
    /// From one day to another, both included.
    InvoicePeriod {
        optional {
            /// The first day.
            start: Date,
            /// The last day.
            end: Date,
        }
    }
}

record! {
    /// A remark on an invoice.
    InvoiceNote {
        required {
            /// Its words.
            text: Text<4096>,
        }
        optional {
            /// What it is about, UNTDID 4451.
            subject: Text<16>,
        }
    }
}

record! {
    /// An earlier invoice that this one corrects or credits.
    PrecedingInvoice {
        required {
            /// Its number.
            number: Text<64>,
        }
        optional {
            /// The day of its issue.
            issue_date: Date,
            /// What it is, UNTDID 1001.
            type_code: Code,
        }
    }
}

record! {
    /// A document that belongs to an invoice or to a line of it: a supporting document, or the object that is invoiced.
    InvoiceDocument {
        required {
            /// Its number.
            number: Text<128>,
        }
        optional {
            /// What it is, UNTDID 1001; `130` is the object that is invoiced, such as a meter or a subscription.
            type_code: Code,
            /// Which scheme its number is of, UNTDID 1153.
            scheme: Text<32>,
            /// What it is called.
            description: Text<512>,
            /// The day of its issue.
            issue_date: Date,
            /// Where it is to be found.
            uri: Text<1024>,
            /// The name of the file that is attached; its content stays in the partner's message.
            file_name: Text<256>,
            /// The media type of that file.
            media_type: Text<128>,
        }
    }
}

record! {
    /// What was agreed on when to pay.
    PaymentTerm {
        optional {
            /// In words.
            text: Text<2048>,
            /// What kind of terms, X12 333 or UNTDID 4279.
            kind: Code,
            /// By which day.
            due_date: Date,
            /// Within how many days.
            days: u32,
            /// What may be taken off, in percent.
            discount_percent: Decimal,
            /// What may be taken off.
            discount_amount: Money,
            /// What the discount is reckoned on.
            discount_basis: Money,
            /// By which day it must be paid for the discount.
            discount_date: Date,
            /// Within how many days it must be paid for the discount.
            discount_days: u32,
        }
    }
}

record! {
    /// How it is to be paid (BG-16).
    PaymentMeans {
        optional {
            /// By what, UNTDID 4461: `30` credit transfer, `58` SEPA credit transfer, `59` SEPA direct debit, …
            code: Code,
            /// The same in words.
            text: Text<256>,
            /// What the payer writes on the payment (BT-83).
            payment_reference: Text<128>,
            /// The account that is paid to (BT-84): an IBAN or another number.
            account: Text<64>,
            /// Whose account it is.
            account_name: Text<256>,
            /// Who keeps it: a BIC or another code.
            bank: Text<64>,
            /// The last digits of the card that was used.
            card_number: Text<16>,
            /// Whose card it is.
            card_holder: Text<256>,
            /// The network of the card.
            card_network: Text<64>,
            /// The mandate of a direct debit (BT-89).
            mandate: Text<64>,
            /// The creditor's identifier for direct debits (BT-90).
            creditor: Text<64>,
            /// The account that is debited (BT-91).
            debited_account: Text<64>,
        }
    }
}

record! {
    /// Something that an item has: its colour, its size (BG-32).
    ItemProperty {
        required {
            /// What it is called.
            name: Text<256>,
            /// What it is.
            value: Text<1024>,
        }
    }
}

record! {
    /// One of the items that an item is put together from.
    ItemComponent {
        required {
            /// What it is called.
            name: Text<512>,
        }
        optional {
            /// How many of it are in one item.
            quantity: Quantity,
        }
        lists {
            /// What it is known by.
            ids: PartyId, at most 16;
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
            /// What the item is like, in more words.
            details: Text<4096>,
            /// A remark on the line.
            note: Text<4096>,
            /// When what the line is for was done.
            period: InvoicePeriod,
            /// The order it is of, where that is said of each line.
            order_number: Text<64>,
            /// Its line of the order.
            order_line: Text<64>,
            /// Where the buyer books it.
            buyer_account: Text<256>,
            /// The unit price before what was taken off it.
            gross_price: Money,
            /// In how many packages it comes.
            packages: Quantity,
        }
        lists {
            /// What the item is known by beside `sku`: `GTIN`, `UPC`, `seller`, `buyer`, or the scheme's own name.
            item_ids: PartyId, at most 16;
            /// What the item is classified as; `codeList` says in which classification, UNTDID 7143.
            classifications: Code, at most 16;
            /// What the item has.
            properties: ItemProperty, at most 128;
            /// What the item is put together from.
            components: ItemComponent, at most 128;
            /// Taxes on the line.
            taxes: InvoiceTax, at most 16;
            /// Charges and allowances on the line, which `lineNet` includes.
            charges: Charge, at most 64;
            /// Charges and allowances on the gross price, which the unit price includes.
            price_charges: Charge, at most 16;
            /// Documents that belong to the line, and the object that it is for.
            documents: InvoiceDocument, at most 32;
            /// Who else has to do with the line: where its goods are brought.
            parties: Party, at most 8;
        }
    }
}

record! {
    /// Freight, insurance and the like, or an allowance with a negative amount.
    Charge {
        required {
            /// UNTDID 7161, such as `FC` for freight, or, of an allowance, UNTDID 5189; `UNMAPPED` where only `reason` says
            /// what it is.
            code: Code,
            /// How much.
            amount: Money,
        }
        optional {
            /// Whether the lines' prices include it already.
            included_in_price: bool,
            /// What it is for, in words.
            reason: Text<1024>,
            /// How many percent of `basis` it is; of an allowance as well a positive number.
            percent: Decimal,
            /// What it was reckoned on.
            basis: Money,
        }
        lists {
            /// Taxes on it.
            taxes: InvoiceTax, at most 16;
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
            /// The tax in the currency that it is accounted in.
            tax_accounted: Money,
            /// All of it without tax.
            without_tax: Money,
            /// All of it with tax.
            with_tax: Money,
            /// What was paid before.
            prepaid: Money,
            /// What was put on to make a round sum.
            rounding: Money,
        }
    }
}

document! {
    /// A commercial invoice in one revision, or a credit note.
    ///
    /// Amounts have the sign that their issuer gave them. Of an invoice (380, 384, …) the buyer owes what is positive; of a
    /// credit note (381, and what else UNTDID 1001 calls one) the seller owes it. A negative invoice gives back as well. No sign is turned
    /// round, but that of an allowance, which is below zero where it lowers the sum.
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
            /// What the issuer calls the document.
            title: Text<256>,
            /// The specification that it claims to keep (BT-24).
            specification: Text<512>,
            /// The business process that it is of (BT-23).
            process: Text<512>,
            /// The currency that its tax is accounted in (BT-6).
            tax_currency: Currency,
            /// By which day it is to be paid (BT-9).
            due_date: Date,
            /// When the tax becomes due (BT-7).
            tax_point_date: Date,
            /// What makes the tax due, UNTDID 2005 or 2475 (BT-8).
            tax_point: Code,
            /// What the buyer routes it by (BT-10).
            buyer_reference: Text<256>,
            /// Where the buyer books it (BT-19).
            buyer_account: Text<256>,
            /// When what it is for was done (BG-14).
            period: InvoicePeriod,
            /// When the goods were delivered (BT-72).
            delivery_date: Date,
        }
        lists {
            /// Its lines.
            lines: InvoiceLine, at most 5000;
            /// Charges and allowances on the whole.
            charges: Charge, at most 64;
            /// Its taxes, by category and rate.
            taxes: InvoiceTax, at most 64;
            /// Others than seller and buyer: payee, tax representative, who gets the bill, where goods are brought.
            parties: Party, at most 16;
            /// Remarks.
            notes: InvoiceNote, at most 64;
            /// The invoices that it corrects or credits.
            preceding: PrecedingInvoice, at most 64;
            /// When to pay, and what for paying early.
            payment_terms: PaymentTerm, at most 16;
            /// How to pay.
            payment_means: PaymentMeans, at most 16;
            /// Documents that belong to it.
            documents: InvoiceDocument, at most 64;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there.
            classifications: Code, at most 500;
        }
    }
}

impl CommercialInvoice {
    /// Whether it gives money back (UNTDID 1001).
    pub fn is_credit(&self) -> bool {
        matches!(&*self.type_code.code, "81" | "83" | "261" | "381" | "396" | "532")
    }

    /// Whether carriers or forwarders charge with it, and nobody for goods (UNTDID 1001).
    pub fn is_of_carriage(&self) -> bool {
        matches!(&*self.type_code.code, "532" | "623" | "780")
    }
}

/// The invoices of a shipment that charge for goods, or give back what was charged for them: of those of the same goods the one that
/// counts. A corrected one (384) counts in the place of those that it names as preceding, and a pro forma one (325) as long as there is
/// no other.
pub fn invoiced<'i, T>(
    all: impl IntoIterator<Item = &'i T>,
    read: impl Fn(&'i T) -> &'i CommercialInvoice,
) -> Vec<&'i T> {
    let mut goods: Vec<&T> = all.into_iter().filter(|one| !read(one).is_of_carriage()).collect();
    let is = |one: &'i T, type_code: &str| *read(one).type_code.code == *type_code;
    let corrections: Vec<&CommercialInvoice> = goods.iter().filter(|one| is(one, "384")).map(|one| read(one)).collect();
    let corrects = |correction: &&CommercialInvoice, one: &CommercialInvoice| {
        // Who corrects often uses the number again: then it names itself.
        let is_itself = *one.type_code.code == *"384" && one.number == correction.number;
        !is_itself && correction.preceding.iter().any(|preceding| preceding.number == one.number)
    };
    goods.retain(|one| !corrections.iter().any(|correction| corrects(correction, read(one))));
    if goods.iter().any(|one| !is(one, "325")) {
        goods.retain(|one| !is(one, "325"));
    }
    goods
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(number: &str, type_code: &str, preceding: &[&str]) -> CommercialInvoice {
        serde_json::from_value(serde_json::json!({
            "id": number, "version": "1", "number": number, "issueDate": "2026-03-03", "currency": "EUR",
            "source": { "system": "erp", "recordedAt": { "value": "2026-03-03T08:00:00Z" }, "rawRef": "0".repeat(64) },
            "typeCode": { "code": type_code, "codeList": "UNTDID 1001" },
            "totals": { "payable": { "amount": "1.00", "currency": "EUR" } },
            "preceding": preceding.iter().map(|number| serde_json::json!({ "number": number })).collect::<Vec<_>>(),
        }))
        .expect("an invoice")
    }

    #[test]
    fn goods_are_invoiced_once_whatever_was_sent_before_and_by_nobody_who_only_carried_them() {
        let said = |all: &[(&str, &str, &[&str])]| -> Vec<String> {
            let all: Vec<_> = all.iter().map(|(number, code, preceding)| invoice(number, code, preceding)).collect();
            invoiced(&all, |one| one).into_iter().map(|one| one.number.to_string()).collect()
        };
        assert_eq!(said(&[("P", "325", &[])]), ["P"], "as long as there is no other");
        assert_eq!(said(&[("P", "325", &[]), ("A", "380", &[]), ("B", "380", &[])]), ["A", "B"]);
        assert_eq!(said(&[("A", "380", &[]), ("C", "384", &["A"]), ("B", "380", &[])]), ["C", "B"]);
        assert_eq!(said(&[("A", "380", &[]), ("C", "384", &["A"]), ("D", "384", &["C"])]), ["D"]);
        assert_eq!(said(&[("A", "384", &["A"])]), ["A"], "its number was used again");
        assert_eq!(said(&[("F", "780", &[]), ("W", "623", &[]), ("P", "325", &[]), ("K", "532", &[])]), ["P"]);
        assert_eq!(said(&[("A", "380", &[]), ("G", "381", &["A"])]), ["A", "G"], "what is given back is said apart");
    }
}
