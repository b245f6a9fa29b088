//! What all formats have in common of an invoice: its key, its references, and whether it adds up.

use std::fmt::Display;

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, CommercialInvoice, Currency, Date, Decimal, InvoiceTotals, Money, Party, Reference, Text,
};

use crate::notes::{Notes, code, text};

/// The list of type codes.
pub(crate) const TYPES: &str = "UNTDID 1001";

/// The lists of codes of what charges and allowances are for.
pub(crate) const CHARGES: &str = "UNTDID 7161";
pub(crate) const ALLOWANCES: &str = "UNTDID 5189";

/// Whose numbers are looked at first, for an invoice's number is one of its seller alone.
const SELLER_SCHEMES: [&str; 5] = ["VAT", "legal", "GLN", "DUNS", "endpoint"];

/// What every invoice must say.
pub(crate) struct Head {
    pub(crate) number: Option<Text<64>>,
    pub(crate) issue_date: Option<Date>,
    pub(crate) type_code: Option<Code>,
    pub(crate) currency: Option<Currency>,
    pub(crate) payable: Option<Money>,
    pub(crate) seller: Option<Party>,
}

impl Head {
    /// The invoice, with its key and the reference that it is found by; nothing where something is missing, which is said.
    pub(crate) fn invoice(self, message: &Message, at: impl Display, notes: &mut Notes) -> Option<CommercialInvoice> {
        let Head { number, issue_date, type_code, currency, payable, seller } = self;
        let missing: Vec<&str> = [
            (number.is_none(), "number"),
            (issue_date.is_none(), "day of issue"),
            (type_code.is_none(), "type"),
            (currency.is_none(), "currency"),
            (payable.is_none(), "amount to be paid"),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect();
        let at = at.to_string();
        if !missing.is_empty() {
            let detail = format!("The invoice has no {}, or none that can be read.", missing.join(", no "));
            notes.error("MISSING", &at, detail);
        }
        let (number, issue_date, type_code) = (number?, issue_date?, type_code?);
        let totals = InvoiceTotals::new(payable?);
        let issuer = seller.as_ref().and_then(issuer).unwrap_or_else(|| message.partner.clone());
        // Some begin anew with their numbers, each year or in each shop; with its day an invoice is told from others of its number.
        let key = format!("{issuer}|{}|{issue_date}|{number}", type_code.code);
        let id = notes.identifier(&at, "seller and number of the invoice together", &key)?;
        let references = Reference::new("invoice", &number).into_iter().collect();
        Some(CommercialInvoice {
            id,
            version: text("1"),
            source: message.source(Some(number.widened()), None),
            references,
            number,
            issue_date,
            type_code,
            currency: currency?,
            totals,
            revision: None,
            seller,
            buyer: None,
            fx_rate: None,
            incoterm: None,
            title: None,
            specification: None,
            process: None,
            tax_currency: None,
            due_date: None,
            tax_point_date: None,
            tax_point: None,
            buyer_reference: None,
            buyer_account: None,
            period: None,
            delivery_date: None,
            lines: Vec::new(),
            charges: Vec::new(),
            taxes: Vec::new(),
            parties: Vec::new(),
            notes: Vec::new(),
            preceding: Vec::new(),
            payment_terms: Vec::new(),
            payment_means: Vec::new(),
            documents: Vec::new(),
            classifications: Vec::new(),
        })
    }
}

/// What the seller is called by: its identifier, or else as much of its name as a key has room for.
fn issuer(seller: &Party) -> Option<String> {
    let is_of = |wanted: &str, scheme: &str| scheme == wanted || scheme.split(':').next() == Some(wanted);
    let known = SELLER_SCHEMES.iter().find_map(|wanted| seller.ids.iter().find(|id| is_of(wanted, &id.scheme)));
    match known.or(seller.ids.first()) {
        Some(id) => Some(id.value.to_string()),
        None => seller.name.as_deref().map(|name| name.chars().take(32).collect()),
    }
}

/// An amount the other way round: an allowance is written as what it is, and lowers the sum.
pub(crate) fn negated(money: Money) -> Money {
    Money { amount: Decimal::ZERO - money.amount, ..money }
}

/// The code of what only words say.
pub(crate) fn unmapped(list: &str) -> Code {
    code(text("UNMAPPED"), list)
}

/// Adds a reference, unless it is there already.
pub(crate) fn refer(references: &mut Vec<Reference>, reference: Option<Reference>) {
    references.extend(reference.filter(|reference| !references.contains(reference)));
}

/// Holds the sums of an invoice of EDI, for which no rules of a standard are there, against each other: lines, charges and taxes
/// together, less what is paid, are what is to be paid, or a warning says what they are.
pub(crate) fn check_sum(invoice: &CommercialInvoice, taxes: Decimal, at: impl Display, notes: &mut Notes) {
    let lines: Decimal = invoice.lines.iter().map(|line| line.line_net.amount).sum();
    let charges = invoice.charges.iter().filter(|charge| charge.included_in_price != Some(true));
    let charges: Decimal = charges.map(|charge| charge.amount.amount).sum();
    let payable = invoice.totals.payable.amount;
    let paid = invoice.totals.prepaid.as_ref().map_or(Decimal::ZERO, |paid| paid.amount);
    let sum = lines + charges + taxes - paid;
    if sum.round(2) != payable.round(2) {
        let detail = format!(
            "Lines ({lines}), charges and allowances ({charges}) and taxes ({taxes}), less what is paid ({paid}), make {sum}, and \
             {payable} is to be paid; look which is meant."
        );
        notes.warning("SUM", at, detail);
    }
}
