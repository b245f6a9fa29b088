//! The lines of an order, and their total.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::Decimal;

use super::set::{Set, day};
use super::{Line, Order};
use crate::items::CASE_CODE;

/// What the owner's SKU is to the warehouse, unless the agreement says something else.
const ITEM_QUALIFIER: &str = "VN";

/// The most characters of an item's name (234), a lot (451), a reference (127), and a line of a description (369).
const ITEM_MAX: usize = 48;
const LOT_MAX: usize = 12;
const REFERENCE_MAX: usize = 30;
const DESCRIPTION_MAX: usize = 45;

/// Segments `G69` that a line has room for.
const DESCRIPTIONS_MAX: usize = 5;

/// What X12 has room for of a weight (81) and a volume (183): digits after the point, and in all.
const WEIGHT: (u32, usize) = (3, 10);
const VOLUME: (u32, usize) = (4, 8);

/// Pairs of a qualifier and a name.
type Names = Vec<(String, String)>;

impl Set<'_, '_> {
    /// `LX` and `W01` of each line of a 940, and `W76`.
    pub(super) fn shipped_lines(&mut self, order: &Order) {
        self.check(order);
        for (index, line) in order.lines.iter().enumerate() {
            let at = self.pen.at.key("lines").index(index);
            let (quantity, (case, names)) = (self.quantity(line, &at), self.names(line, &at));
            let Some((number, unit)) = quantity else { continue };
            let lot = line.lot.as_deref().filter(|lot| lot.chars().count() <= LOT_MAX);
            let lot = lot.and_then(|lot| self.pen.id(at.key("lot"), "lot", lot, LOT_MAX));
            self.pen.out.segment("LX").element(index + 1);
            let w01 = self.pen.out.segment("W01").elements((number, unit, case)).elements(&flat(&names, 0..2)[..]);
            w01.at(13).element(&lot).at(15).elements(&flat(&names, 2..3)[..]);
            self.described(line);
            self.named_in(line, &at, &names, 3, lot.is_some());
            self.miscellaneous(line, &at);
        }
        let (total, weight, volume) = self.total(order);
        let kilograms = weight.as_ref().map(|_| "KG");
        let cubic_metres = volume.as_ref().map(|_| "CR");
        self.pen.out.segment("W76").elements((total, weight, kilograms, volume, cubic_metres));
    }

    /// `W04` of each line of a 943, and `W03`.
    pub(super) fn received_lines(&mut self, order: &Order) {
        self.check(order);
        for (index, line) in order.lines.iter().enumerate() {
            let at = self.pen.at.key("lines").index(index);
            let (quantity, (case, names)) = (self.quantity(line, &at), self.names(line, &at));
            let Some((number, unit)) = quantity else { continue };
            let w04 = self.pen.out.segment("W04").elements((number, unit, case)).elements(&flat(&names, 0..2)[..]);
            w04.at(14).elements(&flat(&names, 2..3)[..]);
            self.described(line);
            self.named_in(line, &at, &names, 3, false);
            self.miscellaneous(line, &at);
        }
        let (total, weight, volume) = self.total(order);
        let kilograms = weight.as_ref().map(|_| "KG");
        let cubic_metres = volume.as_ref().map(|_| "CR");
        let packages = order.package_count;
        let w03 = self.pen.out.segment("W03").elements((total, weight, kilograms, volume, cubic_metres));
        w03.elements((packages, packages.map(|_| "PK")));
    }

    fn check(&mut self, order: &Order) {
        if order.lines.is_empty() {
            self.pen.wrong("MISSING", self.pen.at.key("lines"), "The order has no line; say what it is about.");
        }
    }

    fn quantity(&mut self, line: &Line, at: &Pointer) -> Option<(String, &'static str)> {
        let Some(quantity) = &line.quantity else {
            self.pen.wrong("MISSING", at.key("quantity"), "The line does not say how much.");
            return None;
        };
        self.counted(at.key("quantity"), quantity.value, &quantity.unit)
    }

    /// The U.P.C. case code, and all names of the item, the owner's first.
    fn names(&mut self, line: &Line, at: &Pointer) -> (Option<String>, Names) {
        let mut names = Names::new();
        if let Some(sku) = self.given(at.key("sku"), "SKU", line.sku.as_ref(), ITEM_MAX) {
            let qualifier = self.pen.agreement.setting("item_qualifier").unwrap_or(ITEM_QUALIFIER);
            names.push((qualifier.to_owned(), sku));
        }
        if let Some(gtin) = self.given(at.key("gtin"), "GTIN", line.gtin.as_ref(), ITEM_MAX) {
            let qualifier = match gtin.len() {
                14 => "UK",
                13 => "EN",
                _ => "UP",
            };
            names.push((qualifier.to_owned(), gtin));
        }
        let mut case = None;
        for (index, id) in line.ids.iter().enumerate() {
            let at = at.key("ids").index(index).key("value");
            let Some(value) = self.pen.id(at, "name of the item", &id.value, ITEM_MAX) else { continue };
            let qualifier = match &*id.scheme {
                CASE_CODE if case.is_none() && value.len() == 12 => {
                    case = Some(value);
                    continue;
                }
                "buyer" => "BP",
                "seller" => "VN",
                "manufacturer" => "MG",
                "serial-number" => "SN",
                "ISBN" => "IB",
                "GTIN" => "UK",
                other => other.strip_prefix("x12:").filter(|code| code.len() == 2).unwrap_or("ZZ"),
            };
            names.push((qualifier.to_owned(), value));
        }
        if names.is_empty() && case.is_none() {
            self.pen.wrong("MISSING", at.key("sku"), "The line does not say which item: it has neither SKU nor GTIN.");
        }
        (case, names)
    }

    /// `G69`, and `N9` for what it has no room for.
    fn described(&mut self, line: &Line) {
        let lines = self.pen.lines(line.description.as_deref().unwrap_or_default(), DESCRIPTION_MAX);
        for (index, words) in lines.iter().enumerate() {
            match index < DESCRIPTIONS_MAX {
                true => drop(self.pen.out.segment("G69").element(words)),
                false => drop(self.pen.out.segment("N9").elements(("L1", (), words))),
            }
        }
    }

    /// `N9` of a line: its number, that of the order's line, names and a lot that the line's segment has no room for, how much was
    /// ordered where that is another quantity, packages, shelf life, and what the warehouse has to heed.
    fn named_in(&mut self, line: &Line, at: &Pointer, names: &Names, written: usize, has_lot: bool) {
        if let Some(number) = self.needed(at.key("lineNo"), "number of the line", line.line_no.as_ref(), REFERENCE_MAX)
        {
            self.pen.out.segment("N9").elements(("LI", number));
        }
        let order_line = line.order_line.as_ref().filter(|of| line.line_no.as_ref() != Some(of));
        if let Some(number) = self.given(at.key("orderLine"), "line of the order", order_line, REFERENCE_MAX) {
            self.named(&number, "ORDER LINE");
        }
        if let Some(lot) = line.lot.as_deref().filter(|_| !has_lot)
            && let Some(lot) = self.pen.id(at.key("lot"), "lot", lot, REFERENCE_MAX)
        {
            self.pen.out.segment("N9").elements(("LT", lot));
        }
        for (qualifier, name) in names.iter().skip(written) {
            if let Some(name) = self.pen.id(at.key("ids"), "name of the item", name, REFERENCE_MAX) {
                self.named(&name, &format!("ITEM {qualifier}"));
            }
        }
        if let Some(ordered) = &line.ordered_quantity
            && let Some((number, unit)) = self.counted(at.key("orderedQuantity"), ordered.value, &ordered.unit)
        {
            self.named(&number, &format!("ORDERED QUANTITY {unit}"));
        }
        if let Some(count) = line.package_count {
            self.named(&count.to_string(), "PACKAGES");
        }
        if let Some(date) = &line.expires_on {
            self.pen.out.segment("N9").elements(("ZZ", "SHELF LIFE", "NOT BEFORE", day(date)));
        }
        for note in &line.notes {
            for words in self.pen.lines(&note.text, DESCRIPTION_MAX) {
                self.pen.out.segment("N9").elements(("L1", (), words));
            }
        }
    }

    /// `W20`: how much is in one package, weight and volume. There is room for one weight: the gross one, else the net one.
    fn miscellaneous(&mut self, line: &Line, at: &Pointer) {
        let (field, weight, kind) = match line.gross_kg {
            Some(gross) => ("grossKg", Some(gross), "G"),
            None => ("netKg", line.net_kg, "N"),
        };
        let weight = weight.and_then(|weight| self.measured(at.key(field), weight, WEIGHT));
        let volume = line.volume_m3.and_then(|volume| self.measured(at.key("volumeM3"), volume, VOLUME));
        let pack = line.units_per_package.filter(|pack| *pack > 0);
        if weight.is_none() && volume.is_none() && pack.is_none() {
            return;
        }
        let (kind, kilograms) = weight.as_ref().map(|_| (kind, "K")).unzip();
        let cubic_metres = volume.as_ref().map(|_| "CR");
        let w20 = self.pen.out.segment("W20").element(pack).skip(2).elements((weight, kind, kilograms)).skip(1);
        w20.elements((volume, cubic_metres));
    }

    /// How much it is of all lines, whatever the units are, and the order's weight and volume.
    fn total(&mut self, order: &Order) -> (String, Option<String>, Option<String>) {
        let quantities = order.lines.iter().filter_map(|line| line.quantity.as_ref());
        let total: Decimal = quantities.map(|quantity| quantity.value).sum();
        let at = self.pen.at.clone();
        let weight = order.gross_kg.and_then(|weight| self.measured(at.key("grossKg"), weight, WEIGHT));
        let volume = order.volume_m3.and_then(|volume| self.measured(at.key("volumeM3"), volume, VOLUME));
        (total.normalised().to_string(), weight, volume)
    }
}

/// Some of the names, each qualifier before its name.
fn flat(names: &Names, range: std::ops::Range<usize>) -> Vec<String> {
    let some = names.iter().skip(range.start).take(range.len());
    some.flat_map(|(qualifier, name)| [qualifier.clone(), name.clone()]).collect()
}
