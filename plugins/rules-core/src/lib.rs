//! The core rule pack: what must fit between the documents of a shipment, and within its declarations, whatever the regime.
//! `README.md` has a table of the rules.
//!
//! A rule speaks only of what is there: a document that is missing, or a field that policy does not show, breaks none.

mod amounts;
mod codes;
mod counts;
mod current;
mod duties;
mod nomenclature;
mod papers;
mod parties;
mod places;
mod screening;
mod shipment;
mod subjects;
mod tariff;
mod terms;
mod times;
mod unlocode;

use portgate_sdk::{Context, Document, Judge, Judgement, Rules, Severity};

use shipment::Facts;

/// The rule pack. Everything it knows comes with each call, so there is nothing in it.
pub struct Core;

portgate_sdk::export_rules!(Core);

impl Rules for Core {
    fn inspect(context: &Document, now: &str) -> Vec<Judgement> {
        let Some(context) = Context::read(context) else {
            let detail = "The context of the shipment cannot be read; no rule was applied.";
            return vec![Judgement::new("CONTEXT", Severity::Error, Vec::new(), detail)];
        };
        let facts = Facts::of(&context);
        let mut judge = Judge::default();
        for judging in [
            amounts::judge,
            counts::judge,
            current::judge,
            duties::judge,
            parties::judge,
            places::judge,
            screening::judge,
            tariff::judge,
            terms::judge,
        ] {
            judging(&facts, &mut judge);
        }
        for judging in [codes::judge, nomenclature::judge, papers::judge, times::judge, unlocode::judge] {
            judging(&facts, now, &mut judge);
        }
        judge.judgements
    }
}
