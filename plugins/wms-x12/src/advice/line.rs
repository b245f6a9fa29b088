//! One line of an advice.

use portgate_sdk::Decoded;
use portgate_sdk::canonical::{
    Code, ItemId, LineOutcome, Note, Package, Quantity, StockException, Text, WarehouseAdviceLine,
};
use portgate_sdk::x12::Segment;

use crate::amounts::{self, decimal, measure};
use crate::details::{Details, at_most, bounded};
use crate::items::Item;
use crate::packages;
use crate::sets::text;

/// A line on its way.
pub(super) struct Line {
    /// Its place, as findings write it.
    at: String,
    pub(super) line_no: Text<64>,
    pub(super) quantity: Option<Quantity>,
    pub(super) ordered: Option<Quantity>,
    pub(super) difference: Option<Quantity>,
    pub(super) outcome: Option<LineOutcome>,
    pub(super) status: Option<Code>,
    pub(super) reason: Option<Code>,
    pub(super) item: Item,
    pub(super) ordered_ids: Vec<ItemId>,
    pub(super) exceptions: Vec<StockException>,
    pub(super) details: Details,
    /// Its packages, by their names, and by their index.
    pub(super) package_refs: Vec<Text<32>>,
    pub(super) packages: Vec<usize>,
    order_line: Option<Text<64>>,
}

impl Line {
    /// The line of this segment, under a number that no other has.
    pub(super) fn of(segment: Segment<'_>, line_no: Text<64>) -> Self {
        Line {
            at: segment.location(),
            line_no,
            quantity: None,
            ordered: None,
            difference: None,
            outcome: None,
            status: None,
            reason: None,
            item: Item::default(),
            ordered_ids: Vec::new(),
            exceptions: Vec::new(),
            details: Details::default(),
            package_refs: Vec::new(),
            packages: Vec::new(),
            order_line: None,
        }
    }

    /// Takes a segment of the line.
    pub(super) fn take(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        match segment.tag() {
            "G69" => self.item.describe(text(segment, 1)),
            "W20" => self.miscellaneous(segment, decoded),
            "N9" if self.order_line.is_none() && text(segment, 1).as_deref() == Some("LI") => {
                self.order_line = text(segment, 2).and_then(|line| Text::new(line).ok());
                self.details.take(segment, decoded);
            }
            "N9" if self.item.lot.is_none() && text(segment, 1).as_deref() == Some("LT") => {
                self.item.lot = text(segment, 2).and_then(|lot| Text::new(lot).ok());
                self.details.take(segment, decoded);
            }
            _ if self.details.take(segment, decoded) => {}
            _ => self.details.keep(segment, decoded),
        }
    }

    /// `W20`: how it is packed, what it weighs and measures.
    fn miscellaneous(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let weights = &mut self.details.weights;
        let pack = decimal(segment, 1, decoded).and_then(|number| measure("pack", number, None, None));
        weights.measures.extend(pack);
        if let Some(size) = decimal(segment, 2, decoded) {
            let unit = amounts::unit(segment, 3, decoded).map(|(_, code)| code);
            weights.measures.extend(measure("size", size, unit, None));
        }
        weights.weight(segment, 4, Some(5), 6, decoded);
        let unit_weight = decimal(segment, 7, decoded).and_then(|number| measure("unit-weight", number, None, None));
        weights.measures.extend(unit_weight);
        weights.volume(segment, 8, 9, decoded);
        self.item.describe(text(segment, 10));
        self.details.keep_from(segment, 11, decoded);
    }

    /// The line as the document has it.
    pub(super) fn finish(self, list: &[Package], decoded: &mut Decoded) -> WarehouseAdviceLine {
        let at = self.at;
        let mut package_refs = self.package_refs;
        package_refs.extend(self.packages.iter().map(|index| packages::name(&list[*index], *index)));
        at_most(&package_refs, 500, "packages of one line", &at, decoded);
        at_most(&self.exceptions, 50, "exceptions of one line", &at, decoded);
        let description = self.item.description(&at, decoded);
        let Details { references, times, notes, classifications, weights } = self.details;
        at_most(&references, 250, "references of one line", &at, decoded);
        let mut notes = notes;
        notes.extend(
            classifications
                .into_iter()
                .map(|code| Note { subject: Some(code.clone()), ..Note::new(code.code.widened()) }),
        );
        let mut ids = self.item.ids;
        ids.extend(self.item.buyer.map(|name| ItemId::new(Text::new("buyer").expect("a word"), name.widened())));
        let serial = || Text::new("serial-number").expect("a word");
        ids.extend(self.item.serial_numbers.into_iter().map(|number| ItemId::new(serial(), number.widened())));
        WarehouseAdviceLine {
            quantity: self.quantity,
            ordered_quantity: self.ordered,
            difference: self.difference,
            outcome: self.outcome,
            status: self.status,
            reason: self.reason,
            sku: self.item.sku,
            gtin: self.item.gtin,
            description,
            lot: self.item.lot,
            order_line: self.order_line,
            gross_kg: weights.gross_kg,
            net_kg: weights.net_kg,
            volume_m3: weights.volume_m3,
            ids: bounded(ids, 16, "names of the item", &at, decoded),
            ordered_ids: bounded(self.ordered_ids, 16, "names of the item that was ordered", &at, decoded),
            package_refs,
            exceptions: self.exceptions,
            measures: bounded(weights.measures, 32, "measures", &at, decoded),
            references,
            times: bounded(times, 16, "times", &at, decoded),
            notes: bounded(notes, 100, "notes", &at, decoded),
            ..WarehouseAdviceLine::new(self.line_no)
        }
    }
}
