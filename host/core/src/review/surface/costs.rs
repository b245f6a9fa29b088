//! How costs of bringing goods in are reckoned, and where what is posted of them goes.

use super::{Facts, Reach};
use crate::policy::{Accruals, Costs, Deliver, Exchange, Firmness, Jurisdiction, Policies};
use crate::review::words;

pub(super) fn costs(facts: &mut Facts<'_>, costs: &Costs, policies: &Policies) {
    let Costs { currency, exchange, jurisdictions, spread, accruals, tolerance_percent } = costs;
    facts.this("currency", currency, "the currency that costs are summed up in");
    if let Some(percent) = tolerance_percent {
        facts.this("tolerance_percent", percent, "how far off what was reckoned of costs is still good in the figures");
    }
    if let Some(Exchange { table, through }) = exchange {
        facts.this("exchange.table", table, "where rates of exchange are looked up");
        facts.this("exchange.through", through.join(", "), "currencies that others are converted by way of");
    }
    for Jurisdiction { name, countries, currency, tariff, areas, valued, vat_percent, vat_on } in jurisdictions {
        let countries = countries.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let words = format!(
            "{countries} in {currency} by {tariff} and {areas:?}, valued {valued:?}, tax {vat_percent:?} on {vat_on:?}"
        );
        facts.this(&format!("jurisdiction {name}"), words, "how goods are estimated that come into it");
    }
    for (class, by) in spread {
        facts.this(&format!("spread {class:?}"), format!("{by:?}"), "what such costs are spread over articles by");
    }
    if let Some(Accruals { kinds, to, contract, version }) = accruals {
        let word = |kind: &Firmness| format!("{kind:?}").to_lowercase();
        let route = Deliver {
            document: "landed-cost-event".to_owned(),
            from: None,
            to: to.clone(),
            contract: contract.clone(),
            version: version.clone(),
            ordered_by: None,
            when: [("kind".to_owned(), kinds.iter().map(word).collect())].into(),
        };
        let delivery = policies.partners.get(to).and_then(|partner| partner.delivery.as_ref());
        facts.plugin = delivery.map(|delivery| delivery.plugin.clone());
        let words = words::deliver(&route);
        facts.reach("deliver", &words, Reach::Deliver(Box::new(route)), words.clone());
    }
}
