//! What the price holds: charges and allowances on a whole invoice, and what is added for the carriage to the border (DE 4/9).

use std::collections::BTreeSet;

use portgate_compose::{Goods, apportion};
use portgate_sdk::Placed;
use portgate_sdk::canonical::{
    Charge, CommercialInvoice, CostKind, CostType, Currency, Decimal, Incoterm, Money, Text, ValuationAdjustment,
};

use crate::data_set::DataSet;
use crate::terms::{self, Carriage};
use crate::work::Work;

const RULE: &str = "C-UK-09";
const CURRENCY: &str = "C-UK-08";

/// Transport, loading, handling and insurance up to the place where the goods come in (DE 4/9).
const CARRIAGE: &str = "AK";

/// Currencies without a minor unit (ISO 4217).
const WHOLE: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XPF"];

/// What a charge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Freight,
    Insurance,
    Other,
}

/// What a charge is for, by its code (UNTDID 7161: `FC` freight), or by its words where the code says nothing.
fn purpose(charge: &Charge) -> Purpose {
    let says = |word: &str| charge.reason.as_deref().is_some_and(|reason| reason.to_ascii_lowercase().contains(word));
    match &*charge.code.code {
        "FC" => Purpose::Freight,
        "INS" => Purpose::Insurance,
        "UNMAPPED" if says("freight") => Purpose::Freight,
        "UNMAPPED" if says("insurance") => Purpose::Insurance,
        _ => Purpose::Other,
    }
}

/// Whether a charge is part of what the goods cost, by the terms.
fn is_price(purpose: Purpose, carriage: Carriage) -> bool {
    match purpose {
        Purpose::Other => true,
        Purpose::Freight => carriage != Carriage::Apart,
        Purpose::Insurance => carriage == Carriage::InPrice,
    }
}

/// Charges of an invoice that are not in the prices of its lines.
fn open(invoice: &Placed<CommercialInvoice>) -> impl Iterator<Item = (usize, &Charge)> {
    invoice.document.charges.iter().enumerate().filter(|(_, charge)| charge.included_in_price != Some(true))
}

/// The goods with their prices (DE 4/14): what an invoice takes off or puts on as a whole is apportioned to its lines by their
/// value, but for a carriage that the terms leave to the buyer.
pub(crate) fn priced(work: &mut Work<'_>, mut goods: Vec<Goods>) -> Vec<Goods> {
    let carriage = match work.set {
        DataSet::H1 => terms::terms(work).map_or(Carriage::InPrice, terms::carriage),
        // Without a customs value the price is that of the goods.
        DataSet::I1 | DataSet::B1 => Carriage::Apart,
    };
    for invoice in &work.facts.invoices {
        let mut whole = Decimal::ZERO;
        for (index, charge) in open(invoice).filter(|(_, charge)| is_price(purpose(charge), carriage)) {
            if charge.amount.currency == invoice.document.currency {
                whole = whole + charge.amount.amount;
                continue;
            }
            let place = invoice.at(&format!("/charges/{index}/amount/currency"));
            let detail = format!(
                "A charge of invoice {} is in {}, and its lines in {}.",
                &*invoice.document.number, charge.amount.currency, invoice.document.currency
            );
            work.gaps.add(CURRENCY, [place], detail, "Who sells issues the invoice in one currency.");
        }
        if !whole.is_zero() {
            spread(whole, invoice, &mut goods);
        }
    }
    one_currency(work, &goods);
    goods
}

/// Spreads an amount over the lines of an invoice, to the last minor unit.
fn spread(whole: Decimal, invoice: &Placed<CommercialInvoice>, goods: &mut [Goods]) {
    let digits = if WHOLE.contains(&invoice.document.currency.as_str()) { 0 } else { 2 };
    let lines = format!("{}/", invoice.at("/lines"));
    let mut of_invoice: Vec<&mut Goods> = goods.iter_mut().filter(|line| line.place.starts_with(&lines)).collect();
    let prices: Vec<Decimal> =
        of_invoice.iter().map(|line| line.price.as_ref().map_or(Decimal::ZERO, |price| price.amount)).collect();
    for (line, part) in of_invoice.iter_mut().zip(apportion(whole, &prices, digits).into_iter().flatten()) {
        if let Some(price) = &mut line.price {
            price.amount = price.amount + part;
            line.price_reckoned = true;
        }
    }
}

/// A declaration is in one currency (DE 4/10).
fn one_currency(work: &mut Work<'_>, goods: &[Goods]) {
    let prices = goods.iter().filter_map(|line| Some((line, line.price.as_ref()?)));
    let mut known: Vec<(&Currency, &Goods)> = Vec::new();
    for (line, price) in prices {
        if known.iter().all(|(currency, _)| **currency != price.currency) {
            known.push((&price.currency, line));
        }
    }
    if known.len() > 1 {
        let currencies: Vec<&str> = known.iter().map(|(currency, _)| currency.as_str()).collect();
        let detail = format!("The goods are invoiced in {}; a declaration has one currency.", currencies.join(" and "));
        let remedy = "The shipment is split by invoice currency, or who sells invoices it in one.";
        let places: Vec<String> = known.iter().map(|(_, line)| line.at("lineNet/currency")).collect();
        work.gaps.add(CURRENCY, places, detail, remedy);
    }
}

/// What is added to the price by the terms (DE 4/9): freight and insurance that the buyer pays. The invoices' word counts, else
/// what carriers and insurers have told.
pub(crate) fn additions(work: &mut Work<'_>, terms: &Incoterm) -> Vec<ValuationAdjustment> {
    let carriage = terms::carriage(terms.code);
    let freight = match carriage {
        Carriage::Apart => paid(work, Purpose::Freight, CostType::Freight),
        Carriage::WithoutInsurance | Carriage::InPrice => Vec::new(),
    };
    let insurance = match carriage {
        Carriage::InPrice => Vec::new(),
        Carriage::Apart | Carriage::WithoutInsurance => paid(work, Purpose::Insurance, CostType::Insurance),
    };
    let is_included = work.facts.invoices.iter().flat_map(|invoice| &invoice.document.charges);
    let is_included = is_included
        .filter(|charge| charge.included_in_price == Some(true))
        .any(|charge| purpose(charge) == Purpose::Freight);
    if carriage == Carriage::Apart && freight.is_empty() && !is_included {
        let code = terms::written(terms.code);
        let detail = format!(
            "Under {code} the price has no carriage in it, and nothing says what it costs to the border (DE 4/9)."
        );
        let remedy = "The carrier or who plans the shipment tells the freight, or the invoice has it as a charge (FC).";
        let place = work.facts.invoices.first().map(|invoice| invoice.at("/charges"));
        work.gaps.add(RULE, place, detail, remedy);
    }
    let code = work.settings.text("freight-code", &mut work.gaps).or_else(|| Text::new(CARRIAGE).ok());
    let mut sums: Vec<Money> = Vec::new();
    for amount in freight.into_iter().chain(insurance) {
        match sums.iter_mut().find(|sum| sum.currency == amount.currency) {
            Some(sum) => sum.amount = sum.amount + amount.amount,
            None => sums.push(amount),
        }
    }
    sums.retain(|sum| !sum.amount.is_zero());
    sums.into_iter().filter_map(|sum| Some(ValuationAdjustment::new(code.clone()?, sum))).collect()
}

/// What is paid for freight or insurance.
fn paid(work: &Work<'_>, what: Purpose, cost: CostType) -> Vec<Money> {
    let invoiced = work.facts.invoices.iter().flat_map(open).filter(|(_, charge)| purpose(charge) == what);
    let invoiced: Vec<Money> = invoiced.map(|(_, charge)| charge.amount.clone()).collect();
    if !invoiced.is_empty() {
        return invoiced;
    }
    let replaced: BTreeSet<&str> = work
        .facts
        .costs
        .iter()
        .flat_map(|cost| &cost.document.replaces)
        .map(|replaced| &*replaced.source_ref)
        .collect();
    let costs = work.facts.costs.iter().map(|cost| &cost.document);
    let costs: Vec<_> =
        costs.filter(|known| known.cost_type == cost && !replaced.contains(&*known.source_ref)).collect();
    let is_final = costs.iter().any(|cost| cost.kind == CostKind::Invoiced);
    costs
        .into_iter()
        .filter(|cost| !is_final || matches!(cost.kind, CostKind::Invoiced | CostKind::Adjustment))
        .map(|cost| cost.amount.clone())
        .collect()
}
