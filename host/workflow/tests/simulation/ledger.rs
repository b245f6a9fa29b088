//! Finance: it posts each delivery once by its id, and what takes the place of something only after that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::customs::ASSESSED;

/// All that finance was told.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    posted: BTreeMap<String, Value>,
    /// What nothing has taken the place of, by its name.
    open: BTreeMap<String, i64>,
    names: BTreeSet<String>,
    balance: BTreeMap<String, i64>,
}

fn pence(money: &Value) -> i64 {
    money["amount"].as_str().unwrap_or_default().replace('.', "").parse().expect("an amount, nought or with two digits")
}

impl Ledger {
    /// A posting reaches finance; one that was there already changes nothing and must be the same.
    pub(super) fn receives(&mut self, seed: u64, delivery: &str, cost: Value) {
        if let Some(before) = self.posted.get(delivery) {
            assert_eq!(*before, cost, "seed {seed}: delivery {delivery} was not always the same");
            return;
        }
        let name = cost["sourceRef"].as_str().expect("a name").to_owned();
        assert!(self.names.insert(name.clone()), "seed {seed}: {name} is posted twice: {cost:#}\n{self:#?}");
        let balance = self.balance.entry(cost["code"]["code"].as_str().expect("a code").to_owned()).or_default();
        for replaced in cost["replaces"].as_array().into_iter().flatten() {
            let of = replaced["sourceRef"].as_str().unwrap_or_default();
            let amount = self.open.remove(of);
            assert_eq!(
                amount,
                Some(pence(&replaced["amount"])),
                "seed {seed}: {name} takes the place of what is not open: {cost:#}\n{self:#?}"
            );
            *balance -= amount.unwrap_or_default();
        }
        *balance += pence(&cost["amount"]);
        self.open.insert(name, pence(&cost["amount"]));
        self.posted.insert(delivery.to_owned(), cost);
    }

    /// Something that it was told.
    pub(super) fn any(&self) -> Value {
        self.posted.values().next().expect("it was told something").clone()
    }

    pub(super) fn count(&self) -> usize {
        self.posted.len()
    }

    /// What finance has in the end: what customs has assessed, and otherwise two percent of duty with a fifth of tax on both.
    pub(super) fn judge(&self, seed: u64, total: &str, is_assessed: bool) {
        let estimated = || {
            let value: i64 = total.replace('.', "").parse().expect("a total");
            let duty = value * 2 / 100;
            [("A00".to_owned(), duty), ("B00".to_owned(), (value + duty) / 5)].into()
        };
        let assessed = || {
            let pence = |amount: &str| amount.replace('.', "").parse().expect("an amount");
            ASSESSED.into_iter().map(|(tax, amount)| (tax.to_owned(), pence(amount))).collect()
        };
        let wanted: BTreeMap<String, i64> = if is_assessed { assessed() } else { estimated() };
        let mut balance = self.balance.clone();
        balance.retain(|_, pence| *pence != 0);
        assert_eq!(balance, wanted, "seed {seed}: finance has something else: {self:#?}");
    }
}
