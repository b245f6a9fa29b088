//! What the two formats of EDI have in common: an invoice as its segments come, and the party that segments speak of.

use std::fmt::Display;

use portgate_sdk::canonical::{
    Charge, Code, CommercialInvoice, Currency, Date, Decimal, Incoterm, InvoiceDocument, InvoiceLine, InvoiceNote,
    InvoicePeriod, InvoiceTax, Money, Party, PartyRole, PaymentMeans, PaymentTerm, PrecedingInvoice, Reference, Text,
};
use portgate_sdk::edifact::Segment;
use portgate_sdk::{Finding, Message, Mistake};

use crate::invoice::{Head, check_sum, refer};
use crate::notes::{Notes, code, short};

/// An invoice as far as its segments have been read.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) number: Option<Text<64>>,
    pub(crate) issue_date: Option<Date>,
    pub(crate) type_code: Option<Code>,
    pub(crate) currency: Option<Currency>,
    pub(crate) tax_currency: Option<Currency>,
    pub(crate) title: Option<Text<256>>,
    pub(crate) buyer_reference: Option<Text<256>>,
    pub(crate) due_date: Option<Date>,
    pub(crate) delivery_date: Option<Date>,
    pub(crate) period: InvoicePeriod,
    pub(crate) tax_point_date: Option<Date>,
    pub(crate) incoterm: Option<Incoterm>,
    pub(crate) sums: Sums,
    pub(crate) parties: Vec<Party>,
    pub(crate) lines: Vec<InvoiceLine>,
    pub(crate) charges: Vec<Charge>,
    pub(crate) taxes: Vec<InvoiceTax>,
    pub(crate) notes: Vec<InvoiceNote>,
    pub(crate) references: Vec<Reference>,
    pub(crate) preceding: Vec<PrecedingInvoice>,
    pub(crate) terms: Vec<PaymentTerm>,
    pub(crate) means: Vec<PaymentMeans>,
    pub(crate) documents: Vec<InvoiceDocument>,
}

/// The sums that an invoice states.
#[derive(Default)]
pub(crate) struct Sums {
    pub(crate) payable: Option<Money>,
    pub(crate) lines: Option<Money>,
    pub(crate) allowances: Option<Money>,
    pub(crate) charges: Option<Money>,
    pub(crate) without_tax: Option<Money>,
    pub(crate) with_tax: Option<Money>,
    pub(crate) tax: Option<Money>,
    pub(crate) prepaid: Option<Money>,
}

impl Draft {
    /// The invoice, unless something is missing that every invoice must say.
    pub(crate) fn finish(
        mut self,
        message: &Message,
        at: impl Display,
        notes: &mut Notes,
    ) -> Option<CommercialInvoice> {
        let at = at.to_string();
        // Who is paid stands for a seller that is not named, and who pays for a buyer.
        let seller = self.take(PartyRole::Seller).or_else(|| self.take(PartyRole::Payee));
        let buyer = self.take(PartyRole::Buyer).or_else(|| self.take(PartyRole::BillTo));
        let head = Head {
            number: self.number,
            issue_date: self.issue_date,
            type_code: self.type_code,
            currency: self.currency,
            payable: self.sums.payable,
            seller,
        };
        let mut invoice = head.invoice(message, &at, notes)?;
        invoice.buyer = buyer;
        invoice.totals.lines_net = self.sums.lines;
        invoice.totals.allowances = self.sums.allowances;
        invoice.totals.charges = self.sums.charges;
        invoice.totals.without_tax = self.sums.without_tax;
        invoice.totals.with_tax = self.sums.with_tax;
        invoice.totals.tax = self.sums.tax;
        invoice.totals.prepaid = self.sums.prepaid;
        invoice.tax_currency = self.tax_currency;
        invoice.title = self.title;
        invoice.buyer_reference = self.buyer_reference;
        invoice.due_date = self.due_date;
        invoice.delivery_date = self.delivery_date;
        invoice.period = Some(self.period).filter(|period| *period != InvoicePeriod::default());
        invoice.tax_point_date = self.tax_point_date;
        invoice.incoterm = self.incoterm;
        invoice.parties = self.parties;
        invoice.lines = self.lines;
        invoice.charges = self.charges;
        invoice.taxes = self.taxes;
        invoice.notes = self.notes;
        for reference in self.references {
            refer(&mut invoice.references, Some(reference));
        }
        invoice.preceding = self.preceding;
        invoice.payment_terms = self.terms;
        invoice.payment_means = self.means;
        invoice.documents = self.documents;
        check_sum(&invoice, taxes(&invoice), &at, notes);
        Some(invoice)
    }

    /// The first party of a role, which has a field of its own.
    fn take(&mut self, role: PartyRole) -> Option<Party> {
        let index = self.parties.iter().position(|party| party.role == role)?;
        Some(self.parties.remove(index))
    }
}

/// The taxes of an invoice: their sum as it is stated, or else what they are of each category, or else of each line.
fn taxes(invoice: &CommercialInvoice) -> Decimal {
    let sum = |taxes: &mut dyn Iterator<Item = &InvoiceTax>| {
        taxes.filter_map(|tax| tax.amount.as_ref()).map(|amount| amount.amount).sum::<Decimal>()
    };
    match &invoice.totals.tax {
        Some(tax) => tax.amount,
        None if invoice.taxes.iter().any(|tax| tax.amount.is_some()) => sum(&mut invoice.taxes.iter()),
        None => sum(&mut invoice.lines.iter().flat_map(|line| &line.taxes)),
    }
}

/// The text of an element, or of its first component, without outer white space.
pub(crate) fn text(segment: Segment<'_>, element: usize, component: usize) -> Option<String> {
    let text = segment.component(element, component)?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Wants an element of a segment; where it is missing, that is an error with its place.
pub(crate) fn required(segment: Segment<'_>, element: usize, what: &str, notes: &mut Notes) -> Option<String> {
    let found = text(segment, element, 1);
    if found.is_none() {
        notes.error("MISSING", segment.at(element), format!("The {what} is missing."));
    }
    found
}

/// Refuses a message for a segment that it does not have.
pub(crate) fn no_segment(tag: &'static str, at: String, says: &str, notes: &mut Notes) {
    let detail = format!("There is no `{tag}`, which {says}.");
    notes.finding(Finding::error("MISSING", at, detail).because(Mistake::MissingSegment(tag)));
}

/// A remark on the invoice in words of ours.
pub(crate) fn remark(words: &str) -> Option<InvoiceNote> {
    Text::cut(words).map(|cut| InvoiceNote::new(cut.text))
}

/// A party whose part is in no table: it is another one, with the partner's code, and a warning.
pub(crate) fn other_party(own: &str, list: &str, at: impl Display + Copy, notes: &mut Notes) -> Party {
    let detail =
        format!("The part `{}` of the party is in no table; it is kept as it is. Add it to the connector.", short(own));
    notes.warning("UNKNOWN-PARTY", at, detail);
    let role_code = notes.identifier(at, "part of the party", own).map(|own| code(own, list));
    Party { role_code, ..Party::new(PartyRole::Other) }
}
