//! The commodity code of goods, by the catalogue.

use portgate_sdk::Placed;
use portgate_sdk::canonical::ItemClassification;

use crate::facts::Facts;
use crate::gaps::Gaps;
use crate::goods::Goods;

impl Facts {
    /// The classification of goods in a jurisdiction on a day (`YYYY-MM-DD`); of several jurisdictions the first that has one.
    /// Where two hold on that day and do not say the same, that is said under a rule, and none is taken.
    pub fn classification(
        &self,
        goods: &Goods,
        jurisdictions: &[&str],
        on: &str,
        rule: &str,
        gaps: &mut Gaps,
    ) -> Option<&Placed<ItemClassification>> {
        let sku = goods.sku.as_deref()?;
        let holds = |known: &&Placed<ItemClassification>| {
            let ItemClassification { valid_from, valid_to, .. } = &known.document;
            valid_from.as_ref().is_none_or(|from| from.as_str() <= on)
                && valid_to.as_ref().is_none_or(|to| on <= to.as_str())
        };
        let of = |jurisdiction: &&str| -> Vec<&Placed<ItemClassification>> {
            let of_item = self
                .classifications
                .iter()
                .filter(|known| &*known.document.sku == sku && &*known.document.jurisdiction == *jurisdiction);
            of_item.filter(holds).collect()
        };
        let found = jurisdictions.iter().map(of).find(|found| !found.is_empty())?;
        let other = found.iter().find(|other| {
            other.document.code != found[0].document.code
                || other.document.additional_codes != found[0].document.additional_codes
        });
        if let Some(other) = other {
            let detail =
                format!("{sku} is classified as {} and as {} on {on}.", found[0].document.code, other.document.code);
            let remedy = "Who classifies goods ends one of the two classifications.";
            gaps.add(rule, [found[0].at("/code"), other.at("/code")], detail, remedy);
            return None;
        }
        Some(found[0])
    }
}
