//! What HMRC's Customs Declaration Service (CDS) wants of every declaration, import or export alike: the rules `UK01` to
//! `UK17` of the packs `rules-uk-import` and `rules-uk-export`, and what their own rules stand on.
//!
//! Only originals are judged: an amendment and a request to cancel say no more than what they change.

mod authorisations;
mod category;
pub mod common;
mod declared;
mod elements;
mod location;
mod parties;
mod procedures;
mod references;
mod transport;
mod warehouse;

pub use category::{Category, Stage};
pub use declared::Declared;
pub use elements::{HeaderElement, ItemElement, forbid, require};
pub use procedures::{has_additional, previous, procedure_of, requested};

use portgate_sdk::canonical::Regime;
use portgate_sdk::{Context, Judge};

/// The original declarations to the UK's customs under a regime, each judged by the rules that all of them share.
pub fn judged(context: &Context, regime: Regime, judge: &mut Judge) -> Vec<Declared> {
    let declarations: Vec<Declared> =
        context.documents().into_iter().filter_map(|placed| Declared::original(placed, regime)).collect();
    for declared in &declarations {
        references::judge(declared, judge);
        procedures::judge(declared, judge);
        authorisations::judge(declared, judge);
        location::judge(declared, judge);
        parties::judge(declared, judge);
        transport::judge(declared, judge);
        warehouse::judge(declared, judge);
    }
    references::are_unique(&declarations, judge);
    declarations
}
