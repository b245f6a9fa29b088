//! Amounts, allowances, charges and taxes.

use portgate_sdk::canonical::{Charge, Currency, Decimal, InvoiceNote, InvoiceTax, Money, Text};
use portgate_sdk::edifact::{Message as Paper, Segment};

use super::untdid;
use crate::edi::{Sums, remark, text};
use crate::invoice::{ALLOWANCES, CHARGES, unmapped};
use crate::notes::{Notes, code};

/// The currency of the invoice: what `CUX` says (the reference currency, 2, or the one that is invoiced in), or else the first that
/// an amount names.
pub(super) fn currency(paper: Paper<'_>, notes: &mut Notes) -> Option<Currency> {
    let mut named = None;
    for segment in paper.segments().filter(|segment| segment.tag() == "CUX") {
        for element in 1..=2 {
            let (usage, currency, kind) =
                (text(segment, element, 1), text(segment, element, 2), text(segment, element, 3));
            let is_meant = matches!(usage.as_deref(), Some("2" | "1")) || matches!(kind.as_deref(), Some("4"));
            let is_named = named.is_none() && is_meant;
            named = named.or(currency.filter(|_| is_named).map(|currency| (segment, currency)));
        }
    }
    let of_amount = |segment: Segment<'_>| text(segment, 1, 3).filter(|currency| Currency::new(&**currency).is_ok());
    let amounts = || paper.segments().filter(|segment| segment.tag() == "MOA");
    let named = named.or_else(|| amounts().find_map(|segment| Some((segment, of_amount(segment)?))));
    let (segment, currency) = named?;
    notes.valid(segment.at(1), Currency::new(currency))
}

/// `MOA`: its qualifier (5025) and the amount. A currency that is none is told, and the invoice's is taken.
pub(super) fn amount(segment: Segment<'_>, notes: &mut Notes) -> Option<(String, Money)> {
    let qualifier = text(segment, 1, 1)?;
    let amount = notes.number(segment.at(1).component(2), &segment.decimal(1, 2)?)?;
    let currency = text(segment, 1, 3).and_then(|currency| match Currency::new(currency) {
        Ok(currency) => Some(currency),
        Err(_) => {
            let detail = "The amount names no currency of ISO 4217; the invoice's is taken.";
            notes.warning("CURRENCY", segment.at(1).component(3), detail);
            None
        }
    });
    Some((qualifier, notes.amount(segment.at(1), amount, currency)?))
}

/// `MOA` of the whole. What is to be paid is said in several ways, of which the plainest counts; what has no field is a remark.
pub(super) fn of_the_whole(qualifier: &str, amount: Money, sums: &mut Sums) -> Option<InvoiceNote> {
    let words = format!("UNTDID 5025 {qualifier}: {} {}", amount.amount, amount.currency);
    match qualifier {
        "9" | "139" => sums.payable = Some(amount),
        "77" | "39" | "388" => sums.with_tax = Some(amount),
        "79" => sums.lines = Some(amount),
        "125" => sums.without_tax = Some(amount),
        "124" | "176" | "150" => sums.tax = Some(amount),
        "113" => sums.prepaid = Some(amount),
        "131" if amount.amount.is_negative() => sums.allowances = Some(amount),
        "131" => sums.charges = Some(amount),
        "260" => sums.allowances = Some(amount),
        "259" => sums.charges = Some(amount),
        "86" | "128" if sums.with_tax.is_none() => sums.with_tax = Some(amount),
        _ => return remark(&words),
    }
    None
}

/// What is to be paid is the whole with tax where nothing else says so.
pub(super) fn choose(sums: &mut Sums) {
    if sums.payable.is_none() {
        sums.payable.clone_from(&sums.with_tax);
    }
}

/// `TAX`: a tax; its amounts follow.
pub(super) fn tax(segment: Segment<'_>, notes: &mut Notes) -> InvoiceTax {
    let mut part = |element: usize, component: usize, what: &str| -> Option<Text<64>> {
        let value = text(segment, element, component)?;
        notes.identifier(segment.at(element).component(component), what, &value)
    };
    let tax_type = part(2, 1, "kind of tax").filter(|of| &**of != "VAT");
    let category = part(6, 1, "category of the tax");
    let rate = segment.decimal(5, 4).and_then(|rate| notes.number(segment.at(5).component(4), &rate));
    let basis = segment.decimal(4, 1).and_then(|basis| notes.number(segment.at(4), &basis));
    let basis = basis.and_then(|basis| notes.amount(segment.at(4), basis, None));
    InvoiceTax {
        tax_type: untdid(tax_type, "UNTDID 5153"),
        category: untdid(category, "UNTDID 5305"),
        rate,
        basis,
        ..InvoiceTax::default()
    }
}

/// An allowance or charge while its segments come.
pub(super) struct Deduction {
    is_charge: bool,
    /// Whether the price has it already, or it is only told.
    included: bool,
    code: Option<Text<64>>,
    reason: Option<Text<1024>>,
    amount: Option<Money>,
    basis: Option<Money>,
    at: String,
    pub(super) percent: Option<Decimal>,
    pub(super) taxes: Vec<InvoiceTax>,
}

impl Deduction {
    /// `ALC`: whether it is an allowance (A) or a charge (C), and what for.
    pub(super) fn begin(segment: Segment<'_>, notes: &mut Notes) -> Self {
        let kind = text(segment, 1, 1).unwrap_or_default();
        let named = text(segment, 5, 1).map(|code| (5, code)).or_else(|| text(segment, 2, 1).map(|code| (2, code)));
        let words = [text(segment, 5, 4), text(segment, 5, 5)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Deduction {
            is_charge: kind != "A" && kind != "Q",
            included: matches!(&*kind, "N" | "O" | "P" | "Q"),
            code: named.and_then(|(element, code)| notes.identifier(segment.at(element), "code", &code)),
            reason: notes.free_text(segment.at(5), "reason", &words),
            amount: None,
            basis: None,
            at: segment.location(),
            percent: None,
            taxes: Vec::new(),
        }
    }

    /// Takes an amount that is of it.
    pub(super) fn amount(&mut self, qualifier: &str, amount: &Money) -> bool {
        match qualifier {
            "8" | "23" | "204" if self.amount.is_none() => self.amount = Some(amount.clone()),
            "25" => self.basis = Some(amount.clone()),
            "124" if self.taxes.last().is_some_and(|tax| tax.amount.is_none()) => {
                if let Some(tax) = self.taxes.last_mut() {
                    tax.amount = Some(amount.clone());
                }
            }
            _ => return false,
        }
        true
    }

    /// The allowance or charge; nothing where it has no amount, which is told.
    pub(super) fn finish(self, notes: &mut Notes) -> Option<Charge> {
        let Some(amount) = self.amount else {
            notes.warning(
                "NO-AMOUNT",
                &self.at,
                "The allowance or charge has no amount (`MOA` 8, 23 or 204); it is left out.",
            );
            return None;
        };
        let list = if self.is_charge { CHARGES } else { ALLOWANCES };
        let known = self.code.map(|known| code(known, list)).unwrap_or_else(|| unmapped(list));
        let amount = match self.is_charge {
            true => amount,
            false => Money { amount: Decimal::ZERO - amount.amount, ..amount },
        };
        Some(Charge {
            included_in_price: self.included.then_some(true),
            reason: self.reason,
            percent: self.percent,
            basis: self.basis,
            taxes: self.taxes,
            ..Charge::new(known, amount)
        })
    }
}
