//! Declarations to HMRC's Customs Declaration Service (CDS) from the documents of a shipment: `uk-import` (H1),
//! `uk-import-simplified` (I1) and `uk-export` (B1). `README.md` says what becomes of what, and what policy has to give.
//!
//! Nothing is guessed: what no document and no setting says is a judgement that names the field. Data elements are those of the
//! UK tariff, volume 3 (DE).

mod charges;
mod data_set;
mod header;
mod item;
mod papers;
mod parties;
mod terms;
mod transport;
mod valuation;
mod work;

use portgate_compose::{ApportionBy, Facts, Together, draft, tie};
use portgate_sdk::{Composer, Composition, Context, Document, Judgement, Severity};

use data_set::DataSet;
use work::Work;

/// Whose customs it is.
const JURISDICTION: &str = "GB";

/// The most goods items that a declaration has (DE 1/9).
const ITEMS_MAX: usize = 99;

/// The composer. Everything it knows comes with each call, so there is nothing in it.
pub struct ComposerUk;

portgate_sdk::export_composer!(ComposerUk);

impl Composer for ComposerUk {
    fn compose(context: &Document, composition: &Composition, now: &str) -> Result<Document, Vec<Judgement>> {
        let Some(context) = Context::read(context) else {
            return Err(refused(
                "The context of the shipment cannot be read.",
                "Whoever runs the gateway looks into it.",
            ));
        };
        let Some(set) = DataSet::of(&composition.regime) else {
            let detail = format!("Nothing is known of the regime `{}`.", composition.regime);
            return Err(refused(&detail, "Policy asks for `uk-import`, `uk-import-simplified` or `uk-export`."));
        };
        let Some(mut declaration) = draft(&context, composition, JURISDICTION, set.regime()) else {
            let detail = format!("The local reference number `{}` has not 1 to 35 characters.", composition.lrn);
            return Err(refused(
                &detail,
                "Who keeps the policies gives filings shorter numbers (DE 2/5: 22 characters).",
            ));
        };
        let facts = Facts::of(&context);
        let mut work = Work::new(set, &facts, composition, now);
        let lines = facts.goods(work.apportion_by());
        let goods = charges::priced(&mut work, lines);
        let together = grouped(&mut work, &goods);
        header::kind(&mut work, &mut declaration);
        parties::write(&mut work, &mut declaration);
        transport::write(&mut work, &mut declaration);
        valuation::write(&mut work, &mut declaration);
        papers::write(&mut work, &mut declaration);
        for (index, lines) in together.iter().enumerate() {
            declaration.items.push(item::of(&mut work, index, lines));
        }
        header::totals(&work, &mut declaration);
        let invoices = facts.invoices.iter().map(|invoice| ("invoice", invoice.document.number.to_string()));
        tie(&mut declaration, papers::names(&facts).into_iter().chain(invoices));
        work.gaps.finish(Document::of(&declaration))
    }
}

/// The goods items: lines of the same goods together, unless policy keeps them apart.
fn grouped<'g>(work: &mut Work<'_>, goods: &'g [portgate_compose::Goods]) -> Vec<Together<'g>> {
    let apart = !work.settings.flag("group-items", true, &mut work.gaps);
    let together = Together::by(goods, |line| if apart { None } else { item::key(work, line) });
    if goods.is_empty() {
        let places = work.facts.invoices.iter().map(|invoice| invoice.at("/lines"));
        let remedy = "Who sells sends the commercial invoice with its lines.";
        let places: Vec<String> = places.collect();
        work.gaps.add("C-UK-04", places, "There are no goods to declare: no invoice has lines.", remedy);
    } else if set_needs_invoice(work) {
        let detail = "The goods have no commercial invoice; their value is not known.";
        work.gaps.add("C-UK-04", [goods[0].place.clone()], detail, "Who sells sends the commercial invoice.");
    }
    if together.len() > ITEMS_MAX {
        let detail = format!("The goods are {} items, and a declaration has {ITEMS_MAX} at most.", together.len());
        let remedy =
            "Who plans the shipment splits it into several declarations, or policy groups lines (`group-items`).";
        work.gaps.add("C-UK-04", [together[ITEMS_MAX].first().place.clone()], detail, remedy);
    }
    together
}

fn set_needs_invoice(work: &Work<'_>) -> bool {
    work.set != DataSet::I1 && work.facts.invoices.is_empty()
}

fn refused(detail: &str, remedy: &str) -> Vec<Judgement> {
    vec![Judgement::new("C-UK-01", Severity::Error, Vec::new(), detail).remedy(remedy)]
}

impl Work<'_> {
    /// How weights are apportioned of which only a total is known.
    fn apportion_by(&mut self) -> ApportionBy {
        match self.settings.get("apportion-by") {
            None | Some("value") => ApportionBy::Value,
            Some("quantity") => ApportionBy::Quantity,
            Some("nothing") => ApportionBy::Nothing,
            Some(other) => {
                let expected = "`value`, `quantity` or `nothing`";
                self.settings.unusable("apportion-by", other, expected, &mut self.gaps);
                ApportionBy::Nothing
            }
        }
    }
}
