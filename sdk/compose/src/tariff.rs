//! The commodity code of goods, by the catalogue.

use portgate_sdk::Placed;
use portgate_sdk::canonical::{ItemClassification, classified};

use crate::facts::Facts;
use crate::gaps::Gaps;
use crate::goods::Goods;

impl Facts {
    /// The classification of goods in a jurisdiction on a day (`YYYY-MM-DD`); of several jurisdictions the first that has one.
    /// Where two systems do not say the same of that day, that is said under a rule, and none is taken; of codes that agree it is the
    /// longest.
    pub fn classification(
        &self,
        goods: &Goods,
        jurisdictions: &[&str],
        on: &str,
        rule: &str,
        gaps: &mut Gaps,
    ) -> Option<&Placed<ItemClassification>> {
        let sku = goods.sku.as_deref()?;
        let counting = classified(&self.classifications, |known| (&known.provenance, &known.document), Some(on));
        let of = |jurisdiction: &&str| -> Vec<&Placed<ItemClassification>> {
            let is_of = |known: &&&Placed<ItemClassification>| {
                &*known.document.sku == sku && &*known.document.jurisdiction == *jurisdiction
            };
            counting.iter().filter(is_of).copied().collect()
        };
        let found = jurisdictions.iter().map(of).find(|found| !found.is_empty())?;
        let longest = found.iter().copied().max_by_key(|known| known.document.code.as_str().len())?;
        if let Some(other) = found.iter().find(|other| other.document.contradicts(&longest.document)) {
            let detail = format!(
                "{sku} is classified as {} by {} and as {} by {} on {on}.",
                longest.document.code, &*longest.provenance.system, other.document.code, &*other.provenance.system
            );
            let remedy = "Who classifies goods sends the code that holds to whichever system has the other.";
            gaps.add(rule, [longest.at("/code"), other.at("/code")], detail, remedy);
            return None;
        }
        Some(longest)
    }
}
