//! The commodity codes that the plants of an article have.

use portgate_sdk::canonical::{HsCode, Item, ItemClassification, Reference, Text};

use crate::reader::{Reader, hs6};
use crate::record::Record;

/// Where a commodity code holds is not said by a plant: its country is in the settings of SAP.
const JURISDICTION_UNKNOWN: &str = "ZZ";

/// The classifications of an article while its plants are read.
///
/// What SAP says of an article in one jurisdiction is one document, whatever the code, so that the next code takes the place of the one
/// before. Where plants of a jurisdiction do not agree, the other code is a document of its own, under the name of its plant: both are
/// of one time and contradict each other, until SAP says one code again.
pub(crate) struct Classified<'s> {
    /// Where plants stand, as the agreement's setting says.
    plants: Option<&'s str>,
    found: Vec<ItemClassification>,
}

impl<'s> Classified<'s> {
    pub(crate) fn new(plants: Option<&'s str>) -> Self {
        Classified { plants, found: Vec::new() }
    }

    /// A plant of the item has this code, in this field.
    pub(crate) fn add(
        &mut self,
        reader: &mut Reader<'_>,
        item: &Item,
        plant: &str,
        (record, field): (&Record<'_>, &str),
        code: HsCode,
    ) {
        let country = reader.jurisdiction(self.plants, plant);
        if country.is_none() {
            let detail = format!(
                "Where the commodity code of the plant `{plant}` holds is not known; say it in the agreement's setting `plants`."
            );
            reader.warning(record, field, "NO-JURISDICTION", detail);
        }
        let is_known = country.is_some();
        let jurisdiction = country.unwrap_or_else(|| Text::new(JURISDICTION_UNKNOWN).expect("two letters"));
        let mut of_jurisdiction = self.found.iter().filter(|found| found.jurisdiction == jurisdiction);
        let id = match of_jurisdiction.next() {
            None => format!("{}|{jurisdiction}", item.sku),
            Some(first) if first.code == code || of_jurisdiction.any(|found| found.code == code) => return,
            Some(first) => {
                if is_known {
                    let detail = format!(
                        "The plant `{plant}` has the commodity code {code}, another of {jurisdiction} has {}; give both the one that holds.",
                        first.code
                    );
                    reader.warning(record, field, "CODES-DIFFER", detail);
                }
                format!("{}|{jurisdiction}|{plant}", item.sku)
            }
        };
        let Some(id) = reader.decoded.identifier(record.at(field), "key of the classification", &id) else { return };
        let nomenclature = Text::new("SAP STAWN").expect("a name");
        let (version, source, sku) = (item.version.clone(), item.source.clone(), item.sku.clone());
        let hs6 = hs6(&code);
        let mut classification = ItemClassification::new(id, version, source, sku, jurisdiction, nomenclature, code);
        classification.hs6 = hs6;
        self.found.push(classification);
    }

    /// All of them, tied to what the article is.
    pub(crate) fn with(mut self, references: &[Reference]) -> Vec<ItemClassification> {
        for classification in &mut self.found {
            classification.references = references.to_vec();
        }
        self.found
    }
}
