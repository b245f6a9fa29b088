//! Declarations of the EU from what is known of a shipment: the entry summary (ICS, `CC315A`) and the transit (NCTS phase 5,
//! `CC015C`). `README.md` says where each field comes from, what policy has to say, and what is asked for where it is missing.
//!
//! Nothing is guessed, and nothing depends on when it is made: the same context and settings give the same declaration.

mod bills;
mod case;
mod charges;
mod countries;
mod days;
mod entry;
mod equipment;
mod goods;
mod guarantee;
mod line;
mod means;
mod packages;
mod papers;
mod parties;
mod route;
mod rules;
mod transit;
mod written;

use portgate_compose::Gaps;
use portgate_sdk::{Composer, Composition, Context, Document, Judgement};

/// The composer. Everything it knows comes with each call, so there is nothing in it.
pub struct Eu;

portgate_sdk::export_composer!(Eu);

impl Composer for Eu {
    fn compose(context: &Document, composition: &Composition, _: &str) -> Result<Document, Vec<Judgement>> {
        let mut gaps = Gaps::default();
        let Some(context) = Context::read(context) else {
            let detail = "The context of the shipment cannot be read; no declaration was made.";
            gaps.add(rules::CONTEXT, [], detail, "Who runs the gateway looks which documents of it the policy shows.");
            return gaps.finish(None).and_then(|made: Option<Document>| made.ok_or_else(Vec::new));
        };
        let declaration = match composition.regime.as_str() {
            "eu-entry-summary" => entry::compose(&context, composition, &mut gaps),
            "eu-transit" => transit::compose(&context, composition, &mut gaps),
            other => {
                let detail =
                    format!("This composer knows the regimes `eu-entry-summary` and `eu-transit`, not `{other}`.");
                gaps.add(rules::SETTING, [], detail, "Who keeps the policies corrects the regime of the filing.");
                None
            }
        };
        // Without a declaration there is a gap that says why.
        let declaration = gaps.finish(declaration)?.ok_or_else(Vec::new)?;
        Ok(Document::of(&declaration))
    }
}
