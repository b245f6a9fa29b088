//! What customs checks of an entry summary declaration before it takes one (`CC315A`), or an amendment of it (`CC313A`): the
//! conditions and rules of the import control system (ICS). `README.md` has a table of them.
//!
//! Every entry summary of a shipment is judged by itself. Declarations of other regimes are none of this pack's business.

mod conditions;
mod goods;
mod heading;
mod packages;
mod parties;

use portgate_sdk::canonical::{CustomsDeclaration, Regime};
use portgate_sdk::{Context, Document, Judge, Judgement, Rules, Severity};

use conditions::Conditions;

/// The rule pack. Everything it knows comes with each call, so there is nothing in it.
pub struct EntrySummary;

portgate_sdk::export_rules!(EntrySummary);

impl Rules for EntrySummary {
    fn inspect(context: &Document, _now: &str) -> Vec<Judgement> {
        let Some(context) = Context::read(context) else {
            let detail = "The context of the shipment cannot be read; no rule was applied.";
            return vec![Judgement::new("CONTEXT", Severity::Error, Vec::new(), detail)];
        };
        let mut judge = Judge::default();
        for declaration in context.documents::<CustomsDeclaration>() {
            if declaration.document.regime == Regime::EntrySummary {
                let mut conditions = Conditions { declaration: &declaration, judge: &mut judge };
                heading::judge(&mut conditions);
                parties::judge(&mut conditions);
                goods::judge(&mut conditions);
                packages::judge(&mut conditions);
            }
        }
        judge.judgements
    }
}
