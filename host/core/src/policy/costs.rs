//! `costs.toml`: how it is reckoned what a shipment's goods cost to bring in, and what of it finance is told.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What it costs to bring goods in. Without this file the gateway reckons nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// The currency that sums are told in (ISO 4217).
    #[schemars(regex(pattern = r"^[A-Z]{3}$"))]
    pub currency: String,
    /// Where rates of exchange are looked up.
    #[serde(default)]
    pub exchange: Option<Exchange>,
    /// Where goods are brought in, and by which tariff.
    #[serde(default, rename = "jurisdiction")]
    pub jurisdictions: Vec<Jurisdiction>,
    /// What each kind of cost is spread over articles by; by their value where nothing is said.
    #[serde(default)]
    pub spread: BTreeMap<CostClass, SpreadBy>,
    /// How far what was reckoned may be off what customs assessed, in percent of that, and still be good in the figures; nothing is
    /// said of good where it is left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]?)(\.[0-9]{1,2})?$"))]
    pub tolerance_percent: Option<String>,
    /// What is posted to finance; nothing where it is left out.
    #[serde(default)]
    pub accruals: Option<Accruals>,
}

/// Where rates of exchange are looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The reference table. Its keys are pairs, such as `GBP/USD`: what a pound is in dollars.
    pub table: String,
    /// The currencies that the table has rates of, such as `GBP`: two others are converted by way of the first of these that
    /// has a rate to both.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[A-Z]{3}$")))]
    pub through: Vec<String>,
}

/// A customs territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jurisdiction {
    /// What classifications and declarations call it, such as `GB` or `EU`.
    #[schemars(regex(pattern = r"^[A-Z]{2}$"))]
    pub name: String,
    /// The countries of destination that are in it.
    #[schemars(length(min = 1), inner(regex(pattern = r"^[A-Z]{2}$")))]
    pub countries: BTreeSet<String>,
    /// The currency that its customs reckons in.
    #[schemars(regex(pattern = r"^[A-Z]{3}$"))]
    pub currency: String,
    /// The reference table with its duties: by commodity code, or, more exactly, by `CODE/ORIGIN` or `CODE/ORIGIN/PREFERENCE`. A value is
    /// percent, or what `portgate tables import` makes of the tariff.
    pub tariff: String,
    /// The reference table that says which countries the groups of its tariff have; without it a group is only what it is called.
    #[serde(default)]
    pub areas: Option<String>,
    /// Up to where carriage and insurance are part of the customs value.
    #[serde(default)]
    pub valued: Valued,
    /// Value added tax in percent where the tariff says none.
    #[serde(default)]
    #[schemars(regex(pattern = r"^(0|[1-9][0-9]?)(\.[0-9]{1,4})?$"))]
    pub vat_percent: Option<String>,
    /// Invoiced costs that are added to what value added tax is reckoned on, as far as neither the customs value has them already nor, by the
    /// terms of delivery, the price.
    #[serde(default)]
    pub vat_on: BTreeSet<CostClass>,
}

/// Up to where carriage and insurance are part of the customs value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Valued {
    /// Up to the place of entry, as in the European Union and the United Kingdom.
    #[default]
    AtEntry,
    /// Up to where they are loaded, as in the United States.
    AtLoading,
}

/// What a cost is for; the words are those of `landed-cost-event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CostClass {
    /// Customs duty.
    Duty,
    /// Value added tax.
    Vat,
    /// Duties against dumping and subsidies.
    Antidumping,
    /// Excise.
    Excise,
    /// Freight.
    Freight,
    /// Insurance.
    Insurance,
    /// Brokerage.
    Brokerage,
    /// Storage.
    Storage,
    /// Anything else.
    Other,
}

/// What a cost is spread over articles by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpreadBy {
    /// Their value.
    Value,
    /// Their net weight.
    Weight,
    /// Their number.
    Quantity,
}

/// How firm a cost is; the words are those of `landed-cost-event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Firmness {
    /// Reckoned beforehand.
    Estimate,
    /// Reckoned by customs, before it is final.
    Provisional,
    /// Assessed by customs.
    Assessed,
    /// Invoiced.
    Invoiced,
}

/// What is posted to finance: each cost of each article once, and again where it has changed, naming what it takes the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accruals {
    /// How firm what is posted must be. What becomes of another firmness is taken back. A route that has costs of the same firmness
    /// go to the same partner would post them twice.
    #[schemars(length(min = 1))]
    pub kinds: BTreeSet<Firmness>,
    /// The partner.
    pub to: String,
    /// The contract that its plugin renders a cost as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
}

impl Costs {
    /// The reference tables that it looks up in, each with the place where it is named.
    pub fn tables(&self) -> Vec<(String, &str)> {
        let exchange = self.exchange.iter().map(|exchange| ("/exchange/table".to_owned(), exchange.table.as_str()));
        let tariffs = self.jurisdictions.iter().enumerate().flat_map(|(index, jurisdiction)| {
            let at = move |key: &str| format!("/jurisdiction/{index}/{key}");
            let areas = jurisdiction.areas.iter().map(move |table| (at("areas"), table.as_str()));
            std::iter::once((at("tariff"), jurisdiction.tariff.as_str())).chain(areas)
        });
        exchange.chain(tariffs).collect()
    }

    /// Where goods for a country are brought in.
    pub fn jurisdiction(&self, country: &str) -> Option<&Jurisdiction> {
        let mut all = self.jurisdictions.iter();
        all.find(|jurisdiction| jurisdiction.name == country || jurisdiction.countries.contains(country))
    }

    /// What a kind of cost is spread by.
    pub fn spread_by(&self, class: CostClass) -> SpreadBy {
        self.spread.get(&class).copied().unwrap_or(SpreadBy::Value)
    }
}
