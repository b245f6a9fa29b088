//! What customs checks of a transit declaration before it takes one (`CC015C`), or an amendment of it (`CC013C`): the conditions
//! and rules of NCTS, phases 5 and 6, as they hold since the transitional period has ended. `README.md` has a table of them.
//!
//! Every transit of a shipment is judged by itself, as it would be written: where a declaration does not say so, it is of the
//! additional type `A`, without security data, and without the reduced data set.

mod conditions;
mod equipment;
mod goods;
mod guarantees;
mod levels;
mod lists;
mod means;
mod offices;
mod operation;
mod packages;
mod parties;
mod places;

use portgate_sdk::canonical::{CustomsDeclaration, Regime};
use portgate_sdk::{Context, Document, Judge, Judgement, Rules, Severity};

use conditions::Conditions;

/// The rule pack. Everything it knows comes with each call, so there is nothing in it.
pub struct Transit;

portgate_sdk::export_rules!(Transit);

impl Rules for Transit {
    fn inspect(context: &Document, _now: &str) -> Vec<Judgement> {
        let Some(context) = Context::read(context) else {
            let detail = "The context of the shipment cannot be read; no rule was applied.";
            return vec![Judgement::new("CONTEXT", Severity::Error, Vec::new(), detail)];
        };
        let mut judge = Judge::default();
        for declaration in context.documents::<CustomsDeclaration>() {
            // What customs has released it has judged.
            if declaration.document.regime == Regime::Transit && declaration.document.released_on.is_none() {
                let mut conditions = Conditions { declaration: &declaration, judge: &mut judge };
                for judging in [
                    operation::judge,
                    offices::judge,
                    guarantees::judge,
                    parties::judge,
                    levels::judge,
                    means::judge,
                    equipment::judge,
                    places::judge,
                    goods::judge,
                    packages::judge,
                ] {
                    judging(&mut conditions);
                }
            }
        }
        judge.judgements
    }
}
