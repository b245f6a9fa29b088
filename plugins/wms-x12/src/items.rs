//! What an item is called: pairs of a qualifier (235) and a name (234), as `LIN`, `W12`, `W07` and `W19` have them.

use portgate_sdk::Decoded;
use portgate_sdk::canonical::{ItemId, Text};
use portgate_sdk::x12::Segment;

use crate::sets::text;

/// The scheme of a U.P.C. case code (438), which has a number system and no check digit, and so is no GTIN.
pub(crate) const CASE_CODE: &str = "UPC-case";

/// Names of one item.
#[derive(Default)]
pub(crate) struct Item {
    /// What its owner calls it.
    pub(crate) sku: Option<Text<64>>,
    pub(crate) gtin: Option<Text<14>>,
    /// What the buyer calls it.
    pub(crate) buyer: Option<Text<64>>,
    pub(crate) lot: Option<Text<64>>,
    pub(crate) serial_numbers: Vec<Text<64>>,
    /// All other names.
    pub(crate) ids: Vec<ItemId>,
    /// Words of `G69` and `PID`.
    description: Vec<String>,
}

impl Item {
    /// The names whose qualifiers stand in these elements, each with its name behind it.
    pub(crate) fn named(&mut self, segment: Segment<'_>, qualifiers: &[usize], decoded: &mut Decoded) {
        for &element in qualifiers {
            // A qualifier without a name says nothing.
            let qualifier = text(segment, element).unwrap_or_default();
            let Some(name) = text(segment, element + 1) else { continue };
            self.name(&qualifier, &name, segment.at(element + 1).to_string(), decoded);
        }
    }

    /// A U.P.C. case code.
    pub(crate) fn case_code(&mut self, segment: Segment<'_>, element: usize, decoded: &mut Decoded) {
        if let Some(name) = text(segment, element) {
            self.other(CASE_CODE, &name, segment.at(element).to_string(), decoded);
        }
    }

    /// One name.
    pub(crate) fn name(&mut self, qualifier: &str, name: &str, at: String, decoded: &mut Decoded) {
        let short = || Text::new(name).ok();
        let (field, scheme) = match qualifier {
            "SK" | "VN" | "VP" | "VA" | "VC" | "IT" | "PI" => (&mut self.sku, "seller"),
            "BP" | "IN" | "CB" | "PO" | "PRT" => (&mut self.buyer, "buyer"),
            "LT" | "B8" => (&mut self.lot, "lot"),
            "UP" | "UA" | "UI" | "UK" | "EN" | "EO" | "UX" | "EM" | "UM" | "UN" if is_gtin(name) => {
                match self.gtin {
                    None => self.gtin = Text::new(name).ok(),
                    Some(_) => self.other("GTIN", name, at, decoded),
                }
                return;
            }
            "SN" => {
                match short() {
                    Some(number) => self.serial_numbers.push(number),
                    None => self.other("serial-number", name, at, decoded),
                }
                return;
            }
            "MG" | "MN" | "MF" => return self.other("manufacturer", name, at, decoded),
            "IB" => return self.other("ISBN", name, at, decoded),
            "" => return self.other("x12", name, at, decoded),
            other => return self.other(&format!("x12:{other}"), name, at, decoded),
        };
        match (field.is_none(), short()) {
            (true, Some(name)) => *field = Some(name),
            _ => self.other(scheme, name, at, decoded),
        }
    }

    fn other(&mut self, scheme: &str, name: &str, at: String, decoded: &mut Decoded) {
        let scheme: Option<Text<32>> = decoded.identifier(&at, "kind of the item's name", scheme);
        let (Some(scheme), Some(value)) = (scheme, decoded.identifier(&at, "item's name", name)) else { return };
        let id = ItemId::new(scheme, value);
        if !self.ids.contains(&id) {
            self.ids.push(id);
        }
    }

    /// Words that describe it.
    pub(crate) fn describe(&mut self, words: Option<String>) {
        self.description.extend(words);
    }

    /// All words that describe it.
    pub(crate) fn description(&self, at: &str, decoded: &mut Decoded) -> Option<Text<512>> {
        decoded.free_text(at, "description", &self.description.join(" "))
    }

    /// Its names as of something else, such as the item that another took the place of.
    pub(crate) fn into_ids(self) -> Vec<ItemId> {
        let id = |scheme: &str, value: &str| Some(ItemId::new(Text::new(scheme).ok()?, Text::new(value).ok()?));
        let named = [
            self.sku.as_deref().and_then(|sku| id("seller", sku)),
            self.gtin.as_deref().and_then(|gtin| id("GTIN", gtin)),
            self.buyer.as_deref().and_then(|buyer| id("buyer", buyer)),
            self.lot.as_deref().and_then(|lot| id("lot", lot)),
        ];
        let serials = self.serial_numbers.iter().filter_map(|number| id("serial-number", number));
        named.into_iter().flatten().chain(serials).chain(self.ids).collect()
    }
}

/// Whether a name has the form of a GTIN.
fn is_gtin(name: &str) -> bool {
    matches!(name.len(), 8 | 12 | 13 | 14) && name.bytes().all(|byte| byte.is_ascii_digit())
}
