//! The rule pack for declarations for import into the United Kingdom: what HMRC's Customs Declaration Service would refuse them for,
//! as far as the declaration itself shows it. `README.md` has a table of the rules, those of `portgate-cds` included.
//!
//! It judges original declarations to the UK's customs under the regime `import`, and nothing else of a shipment.

mod dates;
mod elements;
mod parties;
mod payment;
mod tariff;

use portgate_cds::judged;
use portgate_sdk::canonical::Regime;
use portgate_sdk::{Context, Document, Judge, Judgement, Rules, Severity};

/// The rule pack. Everything it knows comes with each call, so there is nothing in it.
pub struct UkImport;

portgate_sdk::export_rules!(UkImport);

impl Rules for UkImport {
    fn inspect(context: &Document, now: &str) -> Vec<Judgement> {
        let Some(context) = Context::read(context) else {
            let detail = "The context of the shipment cannot be read; no rule was applied.";
            return vec![Judgement::new("CONTEXT", Severity::Error, Vec::new(), detail)];
        };
        let mut judge = Judge::default();
        for declared in judged(&context, Regime::Import, &mut judge) {
            elements::judge(&declared, &mut judge);
            dates::judge(&declared, now, &mut judge);
            parties::judge(&declared, &mut judge);
            payment::judge(&declared, &mut judge);
            tariff::judge(&declared, &mut judge);
        }
        judge.judgements
    }
}
