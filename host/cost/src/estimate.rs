//! What goods will cost at the border, before customs has said so.
//!
//! The customs value is the price with what the terms of delivery leave out of it; duty is reckoned on that, and value added tax on both
//! and on further costs, each rounded half up to the smallest coin. It is reckoned as customs does it, for goods of one commodity,
//! origin and preference together, and then spread over their articles.

use portgate_canonical::{
    CommercialInvoice, CostBasis, CostKind, CostType, Currency, Decimal, IncotermCode, Money, RateType,
};
use portgate_core::policy::{CostClass, Jurisdiction, Valued};

use crate::Tables;
use crate::cost::{Cost, Reckoning, Unknown};
use crate::goods::Article;
use crate::spread::{in_coins, minor_digits, spread};
use crate::tariff::{Duties, Duty, Specific, Tariff};

/// The codes that customs has for what is estimated here (DE 4/3).
const DUTY: &str = "A00";
const ANTIDUMPING: &str = "A30";
const VAT: &str = "B00";

/// Goods that customs reckons together.
struct Item<'g> {
    articles: &'g [usize],
    /// In the currency of customs.
    customs_value: Decimal,
}

/// Reckons what is stated by nobody yet. `stated` are the costs that carriers and others have invoiced.
pub(crate) fn estimate(reckoning: &mut Reckoning<'_>, tables: &dyn Tables, stated: &[Cost]) -> Vec<Cost> {
    let goods = reckoning.goods;
    if goods.articles.is_empty() {
        reckoning.unknown(&[], "there is neither an invoice with lines nor an import declaration");
        return Vec::new();
    }
    let Some(jurisdiction) = goods.jurisdiction else {
        reckoning.unknown(
            &[],
            match &goods.destination {
                Some(country) => format!("no jurisdiction of `costs.toml` has the country of destination {country}"),
                None => "no document says where the goods go".to_owned(),
            },
        );
        return Vec::new();
    };
    let Some(on) = goods.day else {
        reckoning.unknown(&[], "no document says of which day the tariff is to be");
        return Vec::new();
    };
    let tariff = Tariff { of: jurisdiction, tables, on };
    let additions = additions(reckoning, jurisdiction, stated);
    let mut costs = Vec::new();
    for articles in goods.items() {
        let first = &goods.articles[articles[0]];
        let what = named(&goods.articles, &articles);
        let Some(commodity) = &first.commodity else {
            let why = match &first.contradicted {
                Some(codes) => {
                    format!("systems contradict each other on its commodity code of {}: {codes}", jurisdiction.name)
                }
                None => format!("no document says its commodity code of {}", jurisdiction.name),
            };
            reckoning.unknown(&articles, why);
            continue;
        };
        let duties = tariff.duties(commodity, first.origin.as_deref(), first.preference.as_deref());
        let price: Decimal = articles.iter().map(|at| goods.articles[*at].value.amount).sum();
        let price = Money { amount: price, currency: first.value.currency.clone() };
        let price = reckoning.exchange.convert(&price, &jurisdiction.currency, on);
        let (duties, price) = match (duties, price) {
            (Ok(duties), Ok(price)) => (duties, in_coins(price, minor_digits(&jurisdiction.currency))),
            (Err(why), _) | (_, Err(why)) => {
                reckoning.unknown(&articles, why);
                continue;
            }
        };
        let added: Decimal = articles.iter().filter_map(|at| additions.to_value.get(*at)).copied().sum();
        let taxed: Decimal = articles.iter().filter_map(|at| additions.to_tax.get(*at)).copied().sum();
        let item = Item { articles: &articles, customs_value: price + added };
        costs.extend(of_item(reckoning, jurisdiction, &item, duties, taxed, &what));
    }
    costs
}

/// Articles as they are named in a sentence.
fn named(all: &[Article], articles: &[usize]) -> String {
    let names: Vec<&str> = articles.iter().take(5).map(|at| all[*at].name.as_str()).collect();
    let more = articles.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn of_item(
    reckoning: &mut Reckoning<'_>,
    jurisdiction: &Jurisdiction,
    item: &Item<'_>,
    duties: Duties,
    taxed: Decimal,
    what: &str,
) -> Vec<Cost> {
    let Some(currency) = Currency::new(&jurisdiction.currency).ok() else { return Vec::new() };
    let money = |amount: Decimal| Money { amount, currency: currency.clone() };
    let mut costs = Vec::new();
    let mut tax_base = item.customs_value + taxed;
    let duty = duties.duty.map(|duty| (CostType::Duty, CostClass::Duty, DUTY, duty));
    let against = duties.antidumping.into_iter();
    let against = against.map(|(_, duty)| (CostType::Antidumping, CostClass::Antidumping, ANTIDUMPING, duty));
    for (cost_type, class, code, duty) in duty.into_iter().chain(against) {
        match amount_of(reckoning, jurisdiction, item, &duty) {
            Ok((amount, basis)) => {
                tax_base = tax_base + amount;
                costs.push(reckoning.cost(
                    cost_type,
                    class,
                    code,
                    CostKind::Estimate,
                    money(amount),
                    item.articles,
                    basis,
                ));
            }
            // Tax is reckoned on the duty, so without it there is none of both.
            Err(why) => {
                reckoning.unknown(item.articles, why);
                return Vec::new();
            }
        }
    }
    for other in duties.others {
        reckoning.note(format!("{what}: not reckoned is {other}."));
    }
    match duties.vat {
        Some(rate) => {
            let amount = percent(tax_base, rate, &jurisdiction.currency);
            let basis =
                CostBasis { tax_base: Some(money(tax_base)), rate: Some(rate), ..CostBasis::new(RateType::AdValorem) };
            costs.push(reckoning.cost(
                CostType::Vat,
                CostClass::Vat,
                VAT,
                CostKind::Estimate,
                money(amount),
                item.articles,
                Some(basis),
            ));
        }
        None => reckoning.note(format!("{what}: the tariff of {} says no value added tax.", jurisdiction.name)),
    }
    costs
}

/// So many percent, halves rounded up to the smallest coin.
pub(crate) fn percent(base: Decimal, rate: Decimal, currency: &str) -> Decimal {
    in_coins((base * rate).shifted(2), minor_digits(currency))
}

fn amount_of(
    reckoning: &mut Reckoning<'_>,
    jurisdiction: &Jurisdiction,
    item: &Item<'_>,
    duty: &Duty,
) -> Result<(Decimal, Option<CostBasis>), String> {
    if duty.ad_valorem.is_none() && duty.specific.is_empty() {
        return Err(format!("nobody reckons with the duty `{}` here", duty.text));
    }
    let currency = Currency::new(&jurisdiction.currency).map_err(|error| error.to_string())?;
    let base = Money { amount: item.customs_value, currency: currency.clone() };
    let share = duty.ad_valorem.map_or(Decimal::ZERO, |rate| percent(item.customs_value, rate, currency.as_str()));
    let mut amount = share;
    let mut quantity = None;
    for specific in &duty.specific {
        let of = quantity_of(reckoning, item, specific)?;
        quantity = Some(of);
        let each = Money {
            amount: specific.amount * of,
            currency: Currency::new(specific.currency.as_str()).map_err(|error| error.to_string())?,
        };
        let on = reckoning.goods.day.unwrap_or_default();
        let converted = reckoning.exchange.convert(&each, currency.as_str(), on)?;
        amount = amount + in_coins(converted, minor_digits(currency.as_str()));
    }
    let basis = match (duty.ad_valorem, duty.specific.as_slice()) {
        (Some(rate), _) => {
            CostBasis { tax_base: Some(base), rate: Some(rate), quantity, ..CostBasis::new(RateType::AdValorem) }
        }
        (None, [one]) => CostBasis { quantity, rate: Some(one.amount), ..CostBasis::new(RateType::Specific) },
        (None, _) => CostBasis { quantity, ..CostBasis::new(RateType::Specific) },
    };
    Ok((amount, Some(basis)))
}

/// How often the unit of an amount is in the goods, such as `100 kg`.
fn quantity_of(reckoning: &Reckoning<'_>, item: &Item<'_>, specific: &Specific) -> Result<Decimal, String> {
    let articles = item.articles.iter().map(|at| &reckoning.goods.articles[*at]);
    let (number, unit) = match specific.per.split_once(' ') {
        Some((number, unit)) if Decimal::parse(number).is_ok() => (Decimal::parse(number).unwrap_or_default(), unit),
        _ => (Decimal::from(1), specific.per.as_str()),
    };
    let much = match unit {
        "kg" | "KGM" => {
            let weights: Option<Vec<Decimal>> = articles.map(|article| article.net_kg).collect();
            weights
                .ok_or_else(|| format!("the duty is so much for {}, and the net weight is not known", specific.per))?
        }
        "item" | "items" | "p/st" | "NAR" => articles.map(|article| article.quantity).collect(),
        unit => {
            return Err(format!(
                "the duty is so much for {}, and how many {unit} there are is not known",
                specific.per
            ));
        }
    };
    let much: Decimal = much.into_iter().sum();
    much.divided_by(number).map(|much| much.round(6)).ok_or_else(|| format!("`{}` is no unit", specific.per))
}

/// What is added to each article beside its price, in the currency of customs.
struct Additions {
    /// To the customs value.
    to_value: Vec<Decimal>,
    /// To what value added tax is reckoned on.
    to_tax: Vec<Decimal>,
}

fn additions(reckoning: &mut Reckoning<'_>, jurisdiction: &Jurisdiction, stated: &[Cost]) -> Additions {
    let goods = reckoning.goods;
    let nothing = vec![Decimal::ZERO; goods.articles.len()];
    let mut additions = Additions { to_value: nothing.clone(), to_tax: nothing };
    let terms = Terms::of(goods.incoterm, jurisdiction.valued);
    let charged: Vec<(CostClass, Money)> =
        goods.invoices.iter().flat_map(|invoice| charges(invoice, jurisdiction.valued)).collect();
    for (class, money) in &charged {
        add(reckoning, jurisdiction, *class, money, &mut additions.to_value);
    }
    let invoiced: Vec<&Cost> =
        stated.iter().filter(|cost| cost.kind == CostKind::Invoiced && !cost.is_sellers).collect();
    let mut has_freight = charged.iter().any(|(class, _)| *class == CostClass::Freight);
    // Where goods are valued as they are loaded, what the price includes may have been taken off it.
    let is_taken_off = |of| charged.iter().any(|(class, money)| *class == of && money.amount < Decimal::ZERO);
    let is_in_price = |class| terms.includes(class) && !is_taken_off(class);
    for cost in invoiced {
        let is_added = match cost.class {
            CostClass::Freight => terms.lacks_freight,
            CostClass::Insurance => terms.lacks_insurance,
            _ => false,
        };
        has_freight |= cost.class == CostClass::Freight;
        if is_added {
            add(reckoning, jurisdiction, cost.class, &cost.amount, &mut additions.to_value);
        } else if jurisdiction.vat_on.contains(&cost.class) && !is_in_price(cost.class) {
            add(reckoning, jurisdiction, cost.class, &cost.amount, &mut additions.to_tax);
        }
    }
    if terms.lacks_freight && !has_freight {
        let terms = goods.incoterm.map_or_else(
            || "no terms of delivery are known".to_owned(),
            |code| format!("the terms are {}", word(code)),
        );
        reckoning.note(format!("The customs value is without carriage: {terms}, and nobody has invoiced any."));
    }
    additions
}

/// Adds a sum to each article's part of it.
fn add(
    reckoning: &mut Reckoning<'_>,
    jurisdiction: &Jurisdiction,
    class: CostClass,
    money: &Money,
    to: &mut [Decimal],
) {
    let on = reckoning.goods.day.unwrap_or_default();
    let all: Vec<usize> = (0..to.len()).collect();
    match reckoning.exchange.convert(money, &jurisdiction.currency, on) {
        Ok(amount) => {
            let digits = minor_digits(&jurisdiction.currency);
            let (bases, _) = reckoning.bases(&all, class);
            for (part, to) in spread(in_coins(amount, digits), &bases, digits).into_iter().zip(to) {
                *to = *to + part;
            }
        }
        Err(why) => reckoning.note(format!("The customs value is without {} {}: {why}.", money.amount, money.currency)),
    }
}

/// What the terms of delivery leave out of the price, of what belongs to the customs value, and what they have in it already.
///
/// Value added tax is on incidental expenses up to the first destination (of the UK: Value Added Tax Act 1994, section 21(2)); where
/// the seller pays the carriage to the named place of destination, the price is with it, and whoever is billed for it is not the buyer.
struct Terms {
    code: Option<IncotermCode>,
    lacks_freight: bool,
    lacks_insurance: bool,
}

impl Terms {
    fn of(incoterm: Option<IncotermCode>, valued: Valued) -> Self {
        use IncotermCode::{Cfr, Cpt, Exw, Fas, Fca, Fob};
        let is_without_carriage = matches!(incoterm, None | Some(Exw | Fca | Fas | Fob));
        let is_at_entry = valued == Valued::AtEntry;
        Terms {
            code: incoterm.map(IncotermCode::current),
            lacks_freight: is_at_entry && is_without_carriage,
            lacks_insurance: is_at_entry && (is_without_carriage || matches!(incoterm, Some(Cpt | Cfr))),
        }
    }

    /// Whether the price covers such a cost up to the place of destination. Of CFR and CIF the named place is the port, and carriage
    /// from there is the buyer's.
    fn includes(&self, class: CostClass) -> bool {
        use IncotermCode::{Cip, Cpt, Dap, Ddp, Dpu};
        match class {
            CostClass::Freight => matches!(self.code, Some(Cpt | Cip | Dap | Dpu | Ddp)),
            CostClass::Insurance => matches!(self.code, Some(Cip | Dap | Dpu | Ddp)),
            CostClass::Brokerage => self.code == Some(Ddp),
            _ => false,
        }
    }
}

/// What an invoice charges beside its lines and what it takes off, as far as it belongs to the customs value. Carriage that the
/// prices include is taken off where customs values goods as they are loaded.
fn charges(invoice: &CommercialInvoice, valued: Valued) -> Vec<(CostClass, Money)> {
    let of = |charge: &portgate_canonical::Charge| {
        let class = charged(&charge.code.code);
        let is_carriage = matches!(class, CostClass::Freight | CostClass::Insurance);
        let is_included = charge.included_in_price.unwrap_or_default();
        let Money { amount, currency } = charge.amount.clone();
        match (valued, is_carriage, is_included) {
            (Valued::AtLoading, true, true) => Some((class, Money { amount: Decimal::ZERO - amount, currency })),
            (Valued::AtLoading, true, false) | (_, _, true) => None,
            (_, _, false) => Some((class, Money { amount, currency })),
        }
    };
    invoice.charges.iter().filter_map(of).collect()
}

/// What a charge of an invoice is for (UNTDID 7161).
pub(crate) fn charged(code: &str) -> CostClass {
    match code {
        "FC" => CostClass::Freight,
        "IN" => CostClass::Insurance,
        _ => CostClass::Other,
    }
}

fn word(code: IncotermCode) -> String {
    serde_json::to_value(code).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Reckoning<'_> {
    pub(crate) fn unknown(&mut self, articles: &[usize], why: impl Into<String>) {
        let articles = articles.iter().map(|at| self.goods.articles[*at].name.clone()).collect();
        self.unknown.push(Unknown { articles, why: why.into() });
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}
