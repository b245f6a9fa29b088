//! What a shipment's goods cost to bring in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a shipment's goods cost. Amounts are decimals in text, in `currency` where nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCosts {
    /// The shipment's id.
    pub shipment: String,
    /// The revision of the context that it was reckoned from.
    pub revision: String,
    /// The currency of sums (ISO 4217).
    pub currency: String,
    /// The country that the goods go to.
    pub destination: Option<String>,
    /// The day of the tariff and of the rates of exchange: of acceptance, and before that of the invoice.
    pub day: Option<String>,
    /// What the goods themselves are invoiced at.
    pub goods_value: Option<String>,
    /// What counts, of all costs together.
    pub total: String,
    /// The costs by what they are for.
    pub totals: Vec<CostTotal>,
    /// The costs of each article.
    pub articles: Vec<ArticleCosts>,
    /// How near the estimate came to what customs has assessed; nothing as long as nothing is.
    pub accuracy: Option<CostAccuracy>,
    /// Each cost as it arose, whether it counts or gave way to a firmer one.
    pub costs: Vec<SpreadCost>,
    /// What could not be estimated, and why.
    pub unknown: Vec<UnknownCost>,
    /// What was reckoned with a reservation.
    pub notes: Vec<String>,
    /// The rates of exchange that were reckoned with, each with its table and day.
    pub rates: Vec<String>,
}

/// Costs that are for the same thing, by how firm they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostTotal {
    /// What they are for, in the words of `landed-cost-event`.
    pub cost_type: String,
    /// Reckoned beforehand.
    pub estimate: Option<String>,
    /// Reckoned by customs, before it is final.
    pub provisional: Option<String>,
    /// Assessed by customs.
    pub assessed: Option<String>,
    /// Invoiced.
    pub invoiced: Option<String>,
    /// What counts of these.
    pub counts: String,
}

/// What an article costs to bring in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArticleCosts {
    /// Its SKU, or what else it is called.
    pub name: String,
    /// Its costs by what they are for.
    pub totals: Vec<CostTotal>,
    /// What counts.
    pub total: String,
    /// How near the estimate came.
    pub accuracy: Option<CostAccuracy>,
}

/// What was estimated of costs that customs has assessed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostAccuracy {
    /// The estimate.
    pub estimate: String,
    /// What was assessed.
    pub assessed: String,
    /// The estimate less what was assessed.
    pub difference: String,
    /// That in percent of what was assessed; nothing where that is nought.
    pub percent: Option<String>,
}

/// One cost, spread over articles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpreadCost {
    /// What it is for.
    pub cost_type: String,
    /// Its code, such as `A00`.
    pub code: String,
    /// How firm it is.
    pub kind: String,
    /// How much, in its own currency.
    pub amount: String,
    /// Its own currency.
    pub currency: String,
    /// What it was spread by.
    pub spread_by: String,
    /// Its name for good at whoever stated it; nothing of an estimate.
    pub source_ref: Option<String>,
    /// The declaration.
    pub mrn: Option<String>,
    /// The goods item of the declaration.
    pub item_no: Option<u32>,
    /// The part of each of its articles, in its own currency; together they are the amount.
    pub shares: Vec<CostShare>,
}

/// An article's part of a cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostShare {
    /// The article.
    pub article: String,
    /// How much.
    pub amount: String,
    /// Whether it counts: an estimate gives way to what customs says.
    pub counts: bool,
}

/// Something that could not be estimated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownCost {
    /// The articles; none where it is of all.
    pub articles: Vec<String>,
    /// Why, in words.
    pub why: String,
}
