//! One cost: how it is spread over the articles that it is of.

use portgate_canonical::{AllocationKey, CostBasis, CostKind, CostType, Decimal, Money};
use portgate_core::policy::{CostClass, Costs, SpreadBy};

use crate::exchange::Exchange;
use crate::goods::{Goods, day};
use crate::spread::{in_coins, minor_digits, spread};

/// One cost, spread over the articles that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What it is for.
    pub cost_type: CostType,
    /// The same, as policies call it.
    pub class: CostClass,
    /// The code of it, such as `A00`.
    pub code: String,
    /// How firm it is.
    pub kind: CostKind,
    /// How much.
    pub amount: Money,
    /// What it was spread by, which is not what policy says where that is not known of each article.
    pub spread_by: SpreadBy,
    /// The part of each of its articles; all of them are the amount.
    pub shares: Vec<Share>,
    /// How it was reckoned.
    pub basis: Option<CostBasis>,
    /// The declaration.
    pub declaration_mrn: Option<String>,
    /// The goods item of the declaration.
    pub item_no: Option<u32>,
    /// Its name for good at whoever stated it; empty of an estimate.
    pub source_ref: String,
    /// The system that stated it; empty of an estimate, and of what a seller charges.
    pub stated_by: String,
    /// When it arose, as whoever stated it wrote it.
    pub occurred_at: Option<String>,
    /// Whether the seller has it on the invoice for the goods.
    pub is_sellers: bool,
}

/// An article's part of a cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which of the articles.
    pub article: usize,
    /// How much.
    pub amount: Decimal,
    /// Whether it counts: an estimate gives way to what customs says of the article.
    pub counts: bool,
}

/// Something that could not be estimated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The names of the articles; none where it is of all.
    pub articles: Vec<String>,
    /// Why, in words.
    pub why: String,
}

/// What is reckoned with on the way.
pub(crate) struct Reckoning<'r> {
    pub(crate) goods: &'r Goods<'r>,
    pub(crate) rules: &'r Costs,
    pub(crate) exchange: Exchange<'r>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) notes: Vec<String>,
    /// The articles' values in one currency.
    pub(crate) values: Vec<Decimal>,
}

impl Reckoning<'_> {
    /// A cost, spread over articles as policy says.
    #[expect(clippy::too_many_arguments, reason = "what a cost is made of")]
    pub(crate) fn cost(
        &mut self,
        cost_type: CostType,
        class: CostClass,
        code: &str,
        kind: CostKind,
        amount: Money,
        articles: &[usize],
        basis: Option<CostBasis>,
    ) -> Cost {
        let (bases, spread_by) = self.bases(articles, class);
        let digits = minor_digits(amount.currency.as_str());
        let parts = spread(amount.amount, &bases, digits);
        let shares =
            articles.iter().zip(parts).map(|(article, amount)| Share { article: *article, amount, counts: true });
        Cost {
            cost_type,
            class,
            code: code.to_owned(),
            kind,
            amount,
            spread_by,
            shares: shares.collect(),
            basis,
            declaration_mrn: None,
            item_no: None,
            source_ref: String::new(),
            stated_by: String::new(),
            occurred_at: None,
            is_sellers: false,
        }
    }

    /// An amount in the currency of sums, in whole coins, by the rate of the day on which it arose.
    pub(crate) fn in_sums(&mut self, amount: &Money, occurred_at: &str) -> Result<Decimal, String> {
        let rules = self.rules;
        let currency = &rules.currency;
        let on = day(occurred_at).or(self.goods.day).unwrap_or_default();
        Ok(in_coins(self.exchange.convert(amount, currency, on)?, minor_digits(currency)))
    }

    /// What a kind of cost is spread by: as policy says where that is known of each article, and by value where it is not.
    pub(crate) fn bases(&mut self, articles: &[usize], class: CostClass) -> (Vec<Decimal>, SpreadBy) {
        let all = || articles.iter().map(|at| &self.goods.articles[*at]);
        let by = match self.rules.spread_by(class) {
            SpreadBy::Weight => all().map(|article| article.net_kg).collect::<Option<Vec<_>>>(),
            SpreadBy::Quantity => Some(all().map(|article| article.quantity).collect()),
            SpreadBy::Value => None,
        };
        if let Some(bases) = by {
            return (bases, self.rules.spread_by(class));
        }
        if self.rules.spread_by(class) == SpreadBy::Weight {
            let without = all().find(|article| article.net_kg.is_none()).map(|article| article.name.clone());
            let without = without.unwrap_or_default();
            let word = word(class);
            self.notes
                .push(format!("Costs for {word} are spread by value: no document says the net weight of {without}."));
        }
        (articles.iter().map(|at| self.values[*at]).collect(), SpreadBy::Value)
    }
}

fn word(class: CostClass) -> String {
    serde_json::to_value(class).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a cost is spread by, in the words of documents.
pub(crate) fn allocation_key(by: SpreadBy) -> AllocationKey {
    match by {
        SpreadBy::Value => AllocationKey::Value,
        SpreadBy::Weight => AllocationKey::Weight,
        SpreadBy::Quantity => AllocationKey::Quantity,
    }
}

/// The order of costs for the same thing, those last that count more.
pub(crate) fn firmness(kind: CostKind) -> u8 {
    match kind {
        CostKind::Estimate => 0,
        CostKind::Provisional => 1,
        CostKind::Assessed => 2,
        CostKind::Invoiced => 3,
        CostKind::Adjustment => 4,
    }
}
