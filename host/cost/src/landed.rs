//! All that a shipment's goods cost, by article and in sum.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use portgate_canonical::{CostKind, CostType, Decimal, Money, ShipmentContext};
use portgate_core::policy::Costs;

use crate::Tables;
use crate::accuracy::Accuracy;
use crate::cost::{Cost, Reckoning, Unknown, firmness};
use crate::estimate::estimate;
use crate::exchange::{Conversion, Exchange};
use crate::goods::{Article, Goods};
use crate::spread::{in_coins, minor_digits, spread};
use crate::stated::{settled, stated};

/// What a shipment's goods cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// The currency of sums.
    pub currency: String,
    /// The country that the goods go to, where it is known.
    pub destination: Option<String>,
    /// The day of the tariff and of the rates, where it is known.
    pub day: Option<Date>,
    /// The articles, in the order in which shares are.
    pub articles: Vec<Article>,
    /// Each cost, whether it counts or gave way to a firmer one.
    pub costs: Vec<Cost>,
    /// The costs of each article, in the currency of sums.
    pub by_article: Vec<ArticleCost>,
    /// The costs of the shipment, by what they are for.
    pub totals: Vec<Total>,
    /// What counts, of all costs together.
    pub total: Decimal,
    /// What the goods themselves are invoiced at, where it can be converted.
    pub goods_value: Option<Decimal>,
    /// How near the estimate came to what customs has assessed, of the articles of which both are known; nothing as long as there is
    /// none.
    pub accuracy: Option<Accuracy>,
    /// How near what customs reckoned provisionally came to what it has assessed, of the declarations of which it has said both.
    pub settled: Option<Accuracy>,
    /// What could not be estimated, and why.
    pub unknown: Vec<Unknown>,
    /// What was reckoned with a reservation.
    pub notes: Vec<String>,
    /// The rates of exchange that were reckoned with.
    pub conversions: Vec<Conversion>,
}

/// What an article costs to bring in, in the currency of sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleCost {
    /// The article's name.
    pub name: String,
    /// Whether that is a SKU.
    pub is_sku: bool,
    /// By what each cost is for.
    pub costs: Vec<Total>,
    /// What counts.
    pub total: Decimal,
    /// How near the estimate came.
    pub accuracy: Option<Accuracy>,
}

/// Costs that are for the same thing, by how firm they are, in the currency of sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// What they are for.
    pub cost_type: CostType,
    /// Reckoned beforehand.
    pub estimate: Option<Decimal>,
    /// Reckoned by customs.
    pub provisional: Option<Decimal>,
    /// Assessed by customs.
    pub assessed: Option<Decimal>,
    /// Invoiced.
    pub invoiced: Option<Decimal>,
    /// What counts of these.
    pub counts: Decimal,
}

/// Reckons what a shipment's goods cost, out of its context. What is declared under the local reference numbers that are `withdrawn`
/// does not count, nor does what customs has levied on it; so it is of what customs itself has refused or cancelled. Of goods on invoices
/// that are `untold`, since others have them as well and nobody can say which part is whose, nothing is estimated.
pub fn landed(
    context: &ShipmentContext,
    withdrawn: &BTreeSet<String>,
    untold: &[String],
    rules: &Costs,
    tables: &dyn Tables,
) -> Landed {
    let goods = Goods::of(context, withdrawn, rules);
    let mut exchange = Exchange::new(rules, tables);
    let (unknown, mut notes) = (Vec::new(), Vec::new());
    let values = goods.articles.iter().map(|article| {
        let on = goods.day.unwrap_or_default();
        exchange.convert(&article.value, &rules.currency, on).unwrap_or_else(|why| {
            notes.push(format!("{}: its value is taken as it is invoiced, {why}.", article.name));
            article.value.amount
        })
    });
    let values: Vec<Decimal> = values.collect();
    let is_converted = notes.is_empty();
    let mut reckoning = Reckoning { goods: &goods, rules, exchange, unknown, notes, values };
    let mut costs = stated(&mut reckoning, context);
    match untold {
        [] => {
            let estimates = estimate(&mut reckoning, tables, &costs);
            costs.extend(estimates);
        }
        [first, ..] => {
            reckoning.unknown(
                &[],
                format!("invoice {first} is of several shipments, and nobody can say which part is whose"),
            );
        }
    }
    give_way(&mut costs);
    costs.sort_by_key(order);
    let sums = Sums::of(&mut reckoning, &costs);
    let settled = settled(&mut reckoning, context);
    let digits = minor_digits(&rules.currency);
    let goods_value = is_converted.then(|| in_coins(reckoning.values.iter().copied().sum(), digits));
    let Reckoning { exchange, mut unknown, mut notes, .. } = reckoning;
    unknown.sort();
    unknown.dedup();
    notes.sort();
    notes.dedup();
    let conversions = exchange.conversions();
    let Goods { articles, destination, day, .. } = goods;
    let Sums { by_article, totals, total, accuracy } = sums;
    let currency = rules.currency.clone();
    Landed {
        currency,
        destination,
        day,
        articles,
        costs,
        by_article,
        totals,
        total,
        goods_value,
        accuracy,
        settled,
        unknown,
        notes,
        conversions,
    }
}

fn order(cost: &Cost) -> impl Ord + use<> {
    let kind = firmness(cost.kind);
    (
        cost.class,
        kind,
        cost.code.clone(),
        cost.item_no,
        cost.source_ref.clone(),
        cost.shares.first().map(|share| share.article),
    )
}

/// What customs reckons of an article takes the place of all that was estimated of it.
fn give_way(costs: &mut [Cost]) {
    let by_customs = costs.iter().filter(|cost| matches!(cost.kind, CostKind::Provisional | CostKind::Assessed));
    let said: BTreeSet<usize> = by_customs.flat_map(|cost| cost.shares.iter().map(|share| share.article)).collect();
    for cost in costs.iter_mut().filter(|cost| cost.kind == CostKind::Estimate) {
        for share in cost.shares.iter_mut().filter(|share| said.contains(&share.article)) {
            share.counts = false;
        }
    }
}

/// Sums in one currency.
struct Sums {
    by_article: Vec<ArticleCost>,
    totals: Vec<Total>,
    total: Decimal,
    accuracy: Option<Accuracy>,
}

/// Costs by what they are for.
type ByType = BTreeMap<u8, Total>;

impl Sums {
    fn of(reckoning: &mut Reckoning<'_>, costs: &[Cost]) -> Sums {
        let currency = reckoning.rules.currency.clone();
        let digits = minor_digits(&currency);
        let mut articles: BTreeMap<(String, bool), ByType> = BTreeMap::new();
        for article in &reckoning.goods.articles {
            articles.entry((article.name.clone(), article.is_sku)).or_default();
        }
        let mut totals = ByType::new();
        let mut compared = vec![Compared::default(); reckoning.goods.articles.len()];
        for cost in costs {
            let converted = match reckoning.in_sums(&cost.amount, cost.occurred_at.as_deref().unwrap_or_default()) {
                Ok(amount) => amount,
                Err(why) => {
                    let Money { amount, currency } = &cost.amount;
                    // What is not all known cannot be compared.
                    cost.shares.iter().for_each(|share| compared[share.article].lacks |= is_compared(cost.kind));
                    reckoning.notes.push(format!("Not in the sums are {amount} {currency} ({}): {why}.", cost.code));
                    continue;
                }
            };
            // The parts of a converted sum are that sum as well.
            let parts: Vec<Decimal> = cost.shares.iter().map(|share| magnitude(share.amount)).collect();
            let parts = match cost.amount.currency.as_str() == currency {
                true => cost.shares.iter().map(|share| share.amount).collect(),
                false => spread(converted, &parts, digits),
            };
            // Without any article it is the shipment's alone.
            if cost.shares.is_empty() {
                add(&mut totals, cost, converted, true);
            }
            for (share, part) in cost.shares.iter().zip(parts) {
                let article = &reckoning.goods.articles[share.article];
                let by_type = articles.entry((article.name.clone(), article.is_sku)).or_default();
                add(by_type, cost, part, share.counts);
                compared[share.article].add(cost.kind, part);
                add(&mut totals, cost, part, share.counts);
            }
        }
        let total = |by_type: &ByType| by_type.values().map(|total| total.counts).sum::<Decimal>();
        let goods = reckoning.goods;
        let compared = || goods.articles.iter().zip(&compared);
        let by_article = articles.iter().map(|((name, is_sku), by_type)| ArticleCost {
            name: name.clone(),
            is_sku: *is_sku,
            total: total(by_type),
            accuracy: accuracy(compared().filter(|(article, _)| article.name == *name && article.is_sku == *is_sku)),
            costs: by_type.values().cloned().collect(),
        });
        Sums {
            by_article: by_article.collect(),
            total: total(&totals),
            accuracy: accuracy(compared()),
            totals: totals.into_values().collect(),
        }
    }
}

fn magnitude(amount: Decimal) -> Decimal {
    if amount.is_negative() { Decimal::ZERO - amount } else { amount }
}

fn add(by_type: &mut ByType, cost: &Cost, amount: Decimal, counts: bool) {
    let total = by_type.entry(cost.class as u8).or_insert_with(|| Total {
        cost_type: cost.cost_type,
        estimate: None,
        provisional: None,
        assessed: None,
        invoiced: None,
        counts: Decimal::ZERO,
    });
    let field = match cost.kind {
        CostKind::Estimate => &mut total.estimate,
        CostKind::Provisional => &mut total.provisional,
        CostKind::Assessed => &mut total.assessed,
        CostKind::Invoiced | CostKind::Adjustment => &mut total.invoiced,
    };
    *field = Some(field.unwrap_or(Decimal::ZERO) + amount);
    if counts {
        total.counts = total.counts + amount;
    }
}

fn is_compared(kind: CostKind) -> bool {
    matches!(kind, CostKind::Estimate | CostKind::Assessed)
}

/// What customs levies on one article: the estimate, and what was assessed.
#[derive(Clone, Default)]
struct Compared {
    estimate: Option<Decimal>,
    assessed: Option<Decimal>,
    /// Whether some of it could not be converted.
    lacks: bool,
}

impl Compared {
    fn add(&mut self, kind: CostKind, amount: Decimal) {
        let sum = match kind {
            CostKind::Estimate => &mut self.estimate,
            CostKind::Assessed => &mut self.assessed,
            CostKind::Provisional | CostKind::Invoiced | CostKind::Adjustment => return,
        };
        *sum = Some(sum.unwrap_or(Decimal::ZERO) + amount);
    }
}

/// The estimate beside what was assessed, of the articles of which both are known: what is not assessed yet, and what could not be
/// estimated, would make a difference that is none.
fn accuracy<'c>(articles: impl Iterator<Item = (&'c Article, &'c Compared)>) -> Option<Accuracy> {
    let both = articles.filter(|(_, one)| !one.lacks).filter_map(|(_, one)| Some((one.estimate?, one.assessed?)));
    let sums = both.reduce(|sums, one| (sums.0 + one.0, sums.1 + one.1));
    sums.map(|(estimate, assessed)| Accuracy::of(estimate, assessed))
}
