//! Packages and items of a ship notice.

use portgate_sdk::canonical::{Code, Decimal, ItemId, Note, Package, PackedLine, Quantity, ShipmentLine, Text};
use portgate_sdk::x12::Segment;
use portgate_sdk::{Decoded, Finding, Mistake};

use super::levels::{Kind, Level};
use super::shipment::{description, feature_code, plain};
use crate::amounts::{self, Weights, decimal, measure, quantity};
use crate::codes::code;
use crate::details::{Details, at_most, bounded, identifier};
use crate::items::Item;
use crate::packages::{self, PACKAGE, PALLET};
use crate::sets::text;

/// The package of a tare or pack level. One that does not say what it is, is what the shipment says of its packages.
pub(super) fn package(level: &Level<'_>, packaging: Option<&str>, decoded: &mut Decoded) -> Package {
    let mut package = packages::one(if level.kind == Kind::Tare { PALLET } else { PACKAGE });
    let mut details = Details::default();
    for &segment in &level.segments {
        match segment.tag() {
            "MAN" => packages::mark(&mut package, segment, decoded),
            "PAL" => packages::pallet(&mut package, segment, &mut details, decoded),
            "PO4" => {
                packages::pack_as(&mut package, segment, 4, decoded);
                packages::measured(&mut package, segment, (10, 11, 12, 13), decoded);
                pack(&mut details, segment, decoded);
                packages::weigh(&mut package, std::mem::take(&mut details.weights));
            }
            "TD1" => {
                packages::pack_as(&mut package, segment, 1, decoded);
                let counted = decimal(segment, 2, decoded).filter(|count| *count != Decimal::from(1));
                package.measures.extend(counted.and_then(|count| measure("package-count", count, None, None)));
                let mut weights = Weights::default();
                weights.weight(segment, 7, Some(6), 8, decoded);
                weights.volume(segment, 9, 10, decoded);
                packages::weigh(&mut package, weights);
                (3..=5).for_each(|element| details.keep_element(segment, element, decoded));
                details.keep_from(segment, 11, decoded);
            }
            "PKG" => description(&mut details, segment, decoded),
            _ if details.take(segment, decoded) => {}
            _ => details.keep(segment, decoded),
        }
    }
    let Details { references, times, notes, classifications, weights } = details;
    packages::weigh(&mut package, weights);
    package.references.extend(references);
    if let Some(written) = packaging.filter(|_| package.written_type.is_none() && level.kind == Kind::Pack) {
        package.r#type = Text::new(crate::codes::packaging(written).unwrap_or(PACKAGE)).expect("a code of two letters");
        package.written_type = Text::new(written).ok();
    }
    // A package has no room for words and times; its marks do.
    let said = notes.iter().map(|note| match &note.subject {
        Some(subject) => format!("{}: {}", &*subject.code, &*note.text),
        None => note.text.to_string(),
    });
    let said = said.chain(classifications.iter().map(|code| format!("{}: {}", &*code.code_list, &*code.code)));
    let said = said.chain(times.iter().map(|time| format!("{}: {}", &*time.meaning.code, time.day)));
    let marks: Vec<String> = package.marks.as_deref().map(str::to_owned).into_iter().chain(said).collect();
    package.marks = decoded.free_text(&level.at, "marks", &marks.join("; "));
    package.measures = bounded(package.measures, 32, "measures", &level.at, decoded);
    at_most(&package.references, 32, "names of one package", &level.at, decoded);
    package
}

/// `PO4`: how much is in one package, what one weighs, and what is in that again.
fn pack(details: &mut Details, segment: Segment<'_>, decoded: &mut Decoded) {
    plain(details, segment, 1, "pack", decoded);
    if let Some(size) = decimal(segment, 2, decoded) {
        let unit = amounts::unit(segment, 3, decoded).map(|(_, code)| code);
        details.weights.measures.extend(measure("size", size, unit, None));
    }
    details.weights.weight(segment, 6, Some(5), 7, decoded);
    details.weights.volume(segment, 8, 9, decoded);
    plain(details, segment, 14, "inner-pack", decoded);
    (15..=segment.element_count()).for_each(|element| details.keep_element(segment, element, decoded));
}

/// An item, and where it is.
pub(super) struct Goods {
    at: String,
    pub(super) quantity: Quantity,
    ordered: Option<Quantity>,
    shipped_to_date: Option<Decimal>,
    status: Option<Code>,
    line: Option<Text<64>>,
    item: Item,
    details: Details,
    pub(super) order_ref: Option<Text<64>>,
    /// Its packages, by their index.
    pub(super) packages: Vec<usize>,
}

/// The item of a level. One that does not say how much it is refuses the set.
pub(super) fn read(level: &Level<'_>, list: &mut Vec<Package>, decoded: &mut Decoded) -> Goods {
    let mut goods = Goods {
        at: level.at.clone(),
        quantity: Quantity::pieces(Decimal::ZERO),
        ordered: None,
        shipped_to_date: None,
        status: None,
        line: None,
        item: Item::default(),
        details: Details::default(),
        order_ref: None,
        packages: Vec::new(),
    };
    if level.first("SN1").is_none() {
        let detail = "The item does not say how much of it is shipped (`SN1`).";
        decoded.finding(Finding::error("MISSING", &level.at, detail).because(Mistake::MissingSegment("SN1")));
    }
    // The packages of `CLD`, which `REF` behind it speaks of.
    let mut load: Option<usize> = None;
    for &segment in &level.segments {
        match segment.tag() {
            "LIN" => goods.identified(segment, decoded),
            "SN1" => goods.counted(segment, decoded),
            "PRF" => goods.ordered_by(segment, decoded),
            "PO4" => goods.packed(segment, decoded),
            "PID" => goods.described(segment, decoded),
            "MAN" => {
                let mut package = packages::one(PACKAGE);
                packages::mark(&mut package, segment, decoded);
                list.push(package);
                goods.packages.push(list.len() - 1);
            }
            "CLD" => load = goods.loads(segment, list, decoded),
            "REF" if load.is_some() => {
                if let (Some(index), Some(value)) = (load, text(segment, 2)) {
                    let scheme = crate::codes::scheme(&text(segment, 1).unwrap_or_default());
                    packages::refer(&mut list[index], &scheme, &value, segment.at(2).to_string(), decoded);
                }
                goods.details.keep_from(segment, 3, decoded);
            }
            _ if goods.details.take(segment, decoded) => {}
            _ => goods.details.keep(segment, decoded),
        }
    }
    goods
}

impl Goods {
    /// `LIN`: the line, and what the item is called.
    fn identified(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        self.line = identifier(segment, 1, "number of the line", decoded);
        let qualifiers: Vec<usize> = (2..=segment.element_count()).step_by(2).collect();
        self.item.named(segment, &qualifiers, decoded);
    }

    /// `SN1`: how much is shipped, was shipped so far, and was ordered.
    fn counted(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        if self.line.is_none() {
            self.line = identifier(segment, 1, "number of the line", decoded);
        } else if text(segment, 1).as_deref() != self.line.as_deref() {
            self.details.keep_element(segment, 1, decoded);
        }
        let measures = &mut self.details.weights.measures;
        match quantity(segment, (2, 3), measures, decoded) {
            Some(quantity) => self.quantity = quantity,
            None => {
                let detail = "The item does not say how much of it is shipped (`SN1-02`).";
                decoded.finding(Finding::error("MISSING", segment.at(2), detail));
            }
        }
        self.shipped_to_date = decimal(segment, 4, decoded);
        let unit = if text(segment, 6).is_some() { 6 } else { 3 };
        self.ordered = text(segment, 5).and_then(|_| quantity(segment, (5, unit), measures, decoded));
        self.details.keep_element(segment, 7, decoded);
        self.status = text(segment, 8).and_then(|written| code(&written, "X12 668", None));
        self.details.keep_from(segment, 9, decoded);
    }

    /// `PRF`: the order of this item alone.
    fn ordered_by(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        self.order_ref = identifier(segment, 1, "number of the order", decoded);
        for (element, scheme) in [(2, "order-release"), (3, "order-change"), (5, "order-assigned"), (6, "contract")] {
            if let Some(value) = text(segment, element) {
                self.details.refer(scheme, &value, segment.at(element).to_string(), decoded);
            }
        }
        if let Some(date) = text(segment, 4) {
            let meaning = code("PRF-04", "X12 segment", None);
            self.details.time(meaning, &date, None, None, segment.at(4).to_string(), decoded);
        }
        self.details.keep_from(segment, 7, decoded);
    }

    /// `PO4`: how it is packed.
    fn packed(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let mut package = packages::one(PACKAGE);
        packages::measured(&mut package, segment, (10, 11, 12, 13), decoded);
        self.details.keep_element(segment, 4, decoded);
        pack(&mut self.details, segment, decoded);
        if let Some(size) = package.dimensions.filter(|_| package.measures.is_empty()) {
            let unit = || code("CMT", crate::units::REC_20, None);
            let sides = [("length", size.length_cm), ("width", size.width_cm), ("height", size.height_cm)];
            self.details
                .weights
                .measures
                .extend(sides.into_iter().filter_map(|(kind, side)| measure(kind, side, unit(), None)));
        }
        self.details.weights.measures.extend(package.measures);
    }

    /// `PID`: words that are about nothing else describe it, others are features; what is said in codes is one in any case.
    fn described(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let is_name = text(segment, 2).is_none_or(|feature| feature == "08");
        match text(segment, 5).filter(|_| is_name) {
            Some(words) => {
                self.item.describe(Some(words));
                feature_code(&mut self.details, segment, decoded);
                self.details.keep_from(segment, 6, decoded);
            }
            None => description(&mut self.details, segment, decoded),
        }
    }

    /// `CLD`: so many packages of so much each.
    fn loads(&mut self, segment: Segment<'_>, list: &mut Vec<Package>, decoded: &mut Decoded) -> Option<usize> {
        let count = amounts::count(segment, 1, "loads", &mut self.details.weights.measures, decoded)?;
        let mut package = Package { count, ..packages::one(PACKAGE) };
        packages::pack_as(&mut package, segment, 3, decoded);
        if let Some(each) = decimal(segment, 2, decoded) {
            package.measures.extend(measure("units-per-package", each, None, None));
        }
        if let Some(size) = decimal(segment, 4, decoded) {
            let unit = amounts::unit(segment, 5, decoded).map(|(_, code)| code);
            package.measures.extend(measure("size", size, unit, None));
        }
        list.push(package);
        self.packages.push(list.len() - 1);
        Some(list.len() - 1)
    }

    /// The line of the shipment and that of the packing list.
    pub(super) fn finish(self, index: usize, list: &[Package], decoded: &mut Decoded) -> (ShipmentLine, PackedLine) {
        let at = self.at;
        let line_no: Text<64> = Text::new((index + 1).to_string()).expect("a number is short");
        let mut package_refs: Vec<Text<32>> =
            self.packages.iter().map(|index| packages::name(&list[*index], *index)).collect();
        package_refs.dedup();
        at_most(&package_refs, 500, "packages of one item", &at, decoded);
        let description = self.item.description(&at, decoded);
        let Details { references, times, mut notes, classifications, weights } = self.details;
        notes.extend(classifications.into_iter().map(|code| {
            let words = code.code.widened();
            Note { subject: Some(code), ..Note::new(words) }
        }));
        let Item { sku, gtin, buyer, lot, serial_numbers, mut ids, .. } = self.item;
        let named = |scheme: &str, value: &Text<64>| ItemId::new(Text::new(scheme).expect("a word"), value.widened());
        ids.extend(buyer.iter().map(|name| named("buyer", name)));
        ids.extend(serial_numbers.iter().map(|number| named("serial-number", number)));
        let shipped = ShipmentLine {
            sku: sku.clone(),
            order_ref: self.order_ref.clone(),
            order_line: self.line.clone(),
            ordered_quantity: self.ordered.clone().filter(|ordered| *ordered != self.quantity),
            description: description.clone(),
            gtin: gtin.clone(),
            lot: lot.clone(),
            gross_kg: weights.gross_kg,
            net_kg: weights.net_kg,
            volume_m3: weights.volume_m3,
            buyer_item_ref: buyer,
            serial_numbers,
            package_refs: package_refs.clone(),
            ..ShipmentLine::new(line_no.clone(), self.quantity.clone())
        };
        let is_several = package_refs.len() > 1;
        let packed = PackedLine {
            sku,
            order_ref: self.order_ref,
            package_ref: package_refs.first().filter(|_| !is_several).cloned(),
            lot,
            line_no: Some(line_no),
            order_line: self.line,
            gtin,
            description,
            ordered_quantity: self.ordered,
            shipped_to_date: self.shipped_to_date,
            status: self.status,
            package_refs: if is_several { package_refs } else { Vec::new() },
            ids: bounded(ids, 32, "names of the item", &at, decoded),
            measures: bounded(weights.measures, 64, "measures", &at, decoded),
            references: bounded(references, 64, "references of the item", &at, decoded),
            times: bounded(times, 16, "times", &at, decoded),
            notes: bounded(notes, 100, "notes", &at, decoded),
            ..PackedLine::new(self.quantity)
        };
        (shipped, packed)
    }
}
