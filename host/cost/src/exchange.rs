//! One currency in another, by a table of rates on a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_canonical::{Decimal, Money};
use portgate_core::policy::Costs;
use serde::Deserialize;

use crate::Tables;

/// A rate of exchange that was reckoned with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conversion {
    /// The currency that was converted.
    pub from: String,
    /// What it was converted into.
    pub to: String,
    /// The day that the rate was looked up for.
    pub on: Date,
    /// The rates, each with what it was looked up as and the day that it was published for: two where a third currency lies between.
    pub by: String,
}

/// A rate as `portgate tables import` writes it.
#[derive(Deserialize)]
struct Published {
    rate: Decimal,
    #[serde(default)]
    day: Option<String>,
}

/// What one currency is in another: so many times, or so many parts.
struct Step {
    rate: Decimal,
    is_divided: bool,
    by: String,
}

/// Converts, and keeps what it has converted by.
pub(crate) struct Exchange<'r> {
    rules: &'r Costs,
    tables: &'r dyn Tables,
    conversions: BTreeMap<(String, String, Date), Conversion>,
}

impl<'r> Exchange<'r> {
    pub(crate) fn new(rules: &'r Costs, tables: &'r dyn Tables) -> Self {
        Exchange { rules, tables, conversions: BTreeMap::new() }
    }

    /// What was converted by.
    pub(crate) fn conversions(self) -> Vec<Conversion> {
        self.conversions.into_values().collect()
    }

    /// Money in another currency on a day, with all digits; why not, in words, where no rate is known.
    pub(crate) fn convert(&mut self, money: &Money, to: &str, on: Date) -> Result<Decimal, String> {
        let from = money.currency.as_str();
        if from == to || money.amount.is_zero() {
            return Ok(money.amount);
        }
        let Some(steps) = self.steps(from, to, on) else {
            return Err(match &self.rules.exchange {
                Some(exchange) => format!("the table `{}` has no rate of {from} in {to} on {on}", exchange.table),
                None => format!("no table of rates is named, and {from} must be converted into {to}"),
            });
        };
        let mut amount = money.amount;
        for step in &steps {
            amount = match step.is_divided {
                true => amount.divided_by(step.rate).ok_or_else(|| format!("the rate of {from} in {to} is nought"))?,
                false => amount * step.rate,
            };
        }
        let by: Vec<&str> = steps.iter().map(|step| step.by.as_str()).collect();
        let conversion = Conversion { from: from.to_owned(), to: to.to_owned(), on, by: by.join("; ") };
        self.conversions.insert((from.to_owned(), to.to_owned(), on), conversion);
        Ok(amount)
    }

    fn steps(&self, from: &str, to: &str, on: Date) -> Option<Vec<Step>> {
        if let Some(step) = self.step(from, to, on) {
            return Some(vec![step]);
        }
        let through = self.rules.exchange.iter().flat_map(|exchange| &exchange.through);
        let mut through = through.filter(|third| *third != from && *third != to);
        through.find_map(|third| Some(vec![self.step(from, third, on)?, self.step(third, to, on)?]))
    }

    fn step(&self, from: &str, to: &str, on: Date) -> Option<Step> {
        self.rate(from, to, on).map(|(rate, by)| Step { rate, is_divided: false, by }).or_else(|| {
            let (rate, by) = self.rate(to, from, on)?;
            Some(Step { rate, is_divided: true, by })
        })
    }

    fn rate(&self, of: &str, in_: &str, on: Date) -> Option<(Decimal, String)> {
        let exchange = self.rules.exchange.as_ref()?;
        let pair = format!("{of}/{in_}");
        let value = self.tables.look_up(&exchange.table, &pair, on)?;
        let (rate, day) = match serde_json::from_str::<Published>(&value) {
            Ok(Published { rate, day }) => (rate, day),
            Err(_) => (Decimal::from_partner(&value).ok()?, None),
        };
        let of_day = day.map(|day| format!(" of {day}")).unwrap_or_default();
        let is_rate = !rate.is_zero() && !rate.is_negative();
        is_rate.then(|| (rate, format!("{} {pair} {rate}{of_day}", exchange.table)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use portgate_canonical::Currency;

    use super::*;

    struct Rates(&'static [(&'static str, &'static str)]);

    impl Tables for Rates {
        fn look_up(&self, table: &str, key: &str, _: Date) -> Option<String> {
            let mut rates = self.0.iter().filter(|_| table == "fx");
            rates.find(|(pair, _)| *pair == key).map(|(_, rate)| (*rate).to_owned())
        }
    }

    fn rules() -> Costs {
        let rules = serde_json::json!({ "currency": "GBP", "exchange": { "table": "fx", "through": ["EUR"] } });
        serde_json::from_value(rules).unwrap()
    }

    fn converted(
        rates: &'static [(&'static str, &'static str)],
        amount: &str,
        from: &str,
        to: &str,
    ) -> Result<String, String> {
        let (rules, rates) = (rules(), Rates(rates));
        let mut exchange = Exchange::new(&rules, &rates);
        let money = Money { amount: amount.parse().unwrap(), currency: Currency::new(from).unwrap() };
        let amount = exchange.convert(&money, to, date(2026, 2, 27))?;
        let by: Vec<String> = exchange.conversions().into_iter().map(|conversion| conversion.by).collect();
        Ok(format!("{} by {}", crate::spread::in_coins(amount, 2), by.join(" and ")))
    }

    #[test]
    fn a_rate_counts_in_both_directions_and_by_way_of_a_third_currency() {
        let gbp = &[("GBP/USD", r#"{"rate":"1.25","day":"2026-02-01"}"#)];
        assert_eq!(converted(gbp, "100", "GBP", "USD").unwrap(), "125.00 by fx GBP/USD 1.25 of 2026-02-01");
        assert_eq!(converted(gbp, "100", "USD", "GBP").unwrap(), "80.00 by fx GBP/USD 1.25 of 2026-02-01");
        let euro = &[("EUR/USD", "1.10"), ("EUR/GBP", "0.88")];
        assert_eq!(converted(euro, "110", "USD", "GBP").unwrap(), "88.00 by fx EUR/USD 1.10; fx EUR/GBP 0.88");
        assert_eq!(converted(&[], "5.00", "GBP", "GBP").unwrap(), "5.00 by ", "its own currency needs no rate");
    }

    #[test]
    fn what_has_no_rate_says_so() {
        let why = converted(&[("GBP/USD", "0")], "1", "USD", "GBP").unwrap_err();
        assert_eq!(why, "the table `fx` has no rate of USD in GBP on 2026-02-27");
    }
}
