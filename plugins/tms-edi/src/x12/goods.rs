//! Goods: `L5`, `OID` and `LAD` with the weights and dangers behind them.

use portgate_sdk::canonical::{
    Code, DangerousCargo, Decimal, Quantity, Reference, TenderGoods, TenderRemark, TenderStop, Text, Unit,
};
use portgate_sdk::x12::Segment;

use super::measures;
use super::references::{remark, verbatim};
use crate::notes::Notes;

/// The unit of handling units that are on pallets, in Recommendation 20.
pub(crate) const UNITISED: &str = "D97";

/// What a remark with the number of units on pallets is about, where the quantity is another one.
pub(crate) const PALLETS: &str = "X12 AT8";

/// The list of kinds of weights, of lines about dangers, of packages and of commodity codes.
pub(crate) const WEIGHTS: &str = "X12 187";
pub(crate) const DANGERS: &str = "X12 808";
pub(crate) const PACKAGES: &str = "X12 103";
pub(crate) const FORMS: &str = "X12 211";
pub(crate) const COMMODITIES: &str = "X12 22";

/// Most lines of goods that a list has room for, and most remarks on one.
const LINES_MAX: usize = 2_000;
const REMARKS_MAX: usize = 64;

/// The goods of a stop as their segments come.
#[derive(Default)]
pub(crate) struct Goods {
    pub(crate) list: Vec<TenderGoods>,
    /// Whether the last of them is an order whose goods are still to be described.
    is_order: bool,
    /// Whom to call when something happens, for the dangers that follow.
    contact: (Option<Text<256>>, Option<Text<64>>),
}

impl Goods {
    /// Takes a segment, where it is one about goods; `unit` is the set's usual unit of weight.
    pub(crate) fn take(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>, unit: Option<&str>) -> bool {
        match segment.tag() {
            "L5" => self.line(notes, segment),
            "OID" => self.order(notes, segment, unit),
            "LAD" => self.lading(notes, segment, unit),
            "LH1" => self.danger(notes, segment),
            "AT8" if !self.list.is_empty() => at8(notes, segment, unit, &mut self.last().load()),
            "G61" if !self.list.is_empty() => {
                self.contact = (
                    notes.text(segment.at(2), "contact", segment.element(2)),
                    notes.text(segment.at(4), "telephone number", segment.element(4)),
                );
            }
            "LH2" | "LH3" | "LH4" | "LFH" | "LEP" | "LHT" | "LHR" if !self.list.is_empty() => {
                of_danger(notes, segment, self.last());
            }
            "L4" | "MEA" if !self.list.is_empty() => {
                let remark = verbatim(notes, segment);
                notes.push(segment.location(), "remarks", REMARKS_MAX, &mut self.last().remarks, remark);
            }
            _ => return false,
        }
        true
    }

    fn last(&mut self) -> &mut TenderGoods {
        if self.list.is_empty() {
            self.list.push(TenderGoods::default());
        }
        self.list.last_mut().expect("there is one now")
    }

    fn add(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>, goods: TenderGoods) {
        notes.push(segment.location(), "lines of goods", LINES_MAX, &mut self.list, goods);
        self.contact = (None, None);
    }

    /// `L5`: number, description, commodity, packages, marks. One with the number of the line before goes on with it.
    fn line(&mut self, notes: &mut Notes<'_>, l5: Segment<'_>) {
        let line_no: Option<Text<64>> = notes.id(l5.at(1), "number of the line", l5.element(1));
        let goes_on = self.list.last().is_some_and(|last| line_no.is_some() && last.line_no == line_no);
        if !goes_on && !self.is_order {
            // Further lines of an order are of the same order.
            let references = self.list.last().map(|last| last.references.clone()).unwrap_or_default();
            self.add(notes, l5, TenderGoods { references, ..TenderGoods::default() });
        }
        self.is_order = false;
        let goods = self.last();
        goods.line_no = goods.line_no.take().or(line_no);
        let described: Vec<String> =
            [goods.description.take().map(|text| text.to_string()), l5.element(2).map(|text| text.trim().to_owned())]
                .into_iter()
                .flatten()
                .collect();
        goods.description = notes.text(l5.at(2), "description", Some(described.join(" ")));
        let commodity = |notes: &mut Notes<'_>, code: usize, qualifier: usize| {
            let list = l5.element(qualifier).map_or(COMMODITIES.to_owned(), |list| format!("{COMMODITIES} {list}"));
            notes.code(l5.at(code), &list, l5.element(code))
        };
        let (first, second) = (commodity(notes, 3, 4), commodity(notes, 9, 8));
        goods.commodity = goods.commodity.take().or(first);
        match (&goods.commodity, second) {
            (None, second) => goods.commodity = second,
            (Some(_), Some(second)) => {
                let text = notes.text(l5.at(9), "commodity code", Some(second.code.to_string()));
                goods.remarks.extend(remark(Some(second), text));
            }
            (Some(_), None) => {}
        }
        goods.package_type = goods.package_type.take().or(notes.code(l5.at(5), PACKAGES, l5.element(5)));
        let marks = notes.text(l5.at(6), "marks", l5.element(6));
        match (&goods.marks, marks) {
            (None, marks) => goods.marks = marks,
            (Some(known), Some(more)) => {
                goods.marks = notes.text(l5.at(6), "marks", Some(format!("{known} {more}")));
            }
            (Some(_), None) => {}
        }
    }

    /// `OID`: orders with their quantity, weight and volume.
    fn order(&mut self, notes: &mut Notes<'_>, oid: Segment<'_>, unit: Option<&str>) {
        let mut goods = TenderGoods::default();
        for (element, scheme) in [(2, "order"), (1, "x12:SO"), (3, "x12:CO")] {
            let reference: Option<Reference> =
                oid.element(element).and_then(|value| notes.reference(oid.at(element), scheme, &value));
            goods.references.extend(reference);
        }
        goods.quantity = measures::quantity(notes, oid, 5, 4);
        goods.gross_kg = measures::weight(notes, oid, 7, oid.element(6).as_deref().or(unit));
        goods.volume_m3 = measures::volume(notes, oid, 9, oid.element(8).as_deref());
        self.add(notes, oid, goods);
        self.is_order = true;
    }

    /// `LAD`: packages, weight, items, description; of the order before it, or goods of their own.
    fn lading(&mut self, notes: &mut Notes<'_>, lad: Segment<'_>, unit: Option<&str>) {
        if !self.is_order {
            self.add(notes, lad, TenderGoods::default());
        }
        let goods = self.last();
        let kind = notes.code(lad.at(1), FORMS, lad.element(1));
        let packages = notes.count(lad.at(2), "number of packages", lad.element(2));
        let weight = measures::weight(notes, lad, 6, lad.element(5).as_deref().or(unit));
        goods.package_type = goods.package_type.take().or(kind);
        goods.packages = goods.packages.or(packages);
        goods.gross_kg = goods.gross_kg.or(weight);
        for at in [7, 9, 11] {
            let id: Option<Text<64>> = notes.id(lad.at(at + 1), "number of the item", lad.element(at + 1));
            match (&goods.sku, id) {
                (None, id) => goods.sku = id,
                (Some(_), Some(id)) => {
                    let scheme = format!("x12:235:{}", lad.element(at).unwrap_or_default());
                    goods.references.extend(notes.reference(lad.at(at + 1), &scheme, &id));
                }
                (Some(_), None) => {}
            }
        }
        let description = notes.text(lad.at(13), "description", lad.element(13));
        goods.description = goods.description.take().or(description);
    }

    /// `LH1`: packages, UN number, quantity, packing group.
    fn danger(&mut self, notes: &mut Notes<'_>, lh1: Segment<'_>) {
        let number = lh1.element(3).map(|number| number.trim().trim_start_matches("UN").to_owned());
        let quantity = measures::quantity(notes, lh1, 7, 6);
        let (contact, phone) = self.contact.clone();
        let danger = DangerousCargo {
            un_number: notes.id(lh1.at(3), "UN number", number),
            packages: notes.count(lh1.at(2), "number of packages", lh1.element(2)),
            package_type: notes.code(lh1.at(1), "X12 355", lh1.element(1)),
            quantity,
            packing_group: notes.id(lh1.at(10), "packing group", lh1.element(10)),
            emergency_contact: contact,
            emergency_phone: phone,
            ..DangerousCargo::default()
        };
        notes.push(lh1.location(), "dangers", 64, &mut self.last().dangerous, danger);
    }
}

/// What stands behind `LH1` and says more of the danger.
fn of_danger(notes: &mut Notes<'_>, segment: Segment<'_>, goods: &mut TenderGoods) {
    let Some(danger) = goods.dangerous.last_mut() else {
        let remark = verbatim(notes, segment);
        return notes.push(segment.location(), "remarks", REMARKS_MAX, &mut goods.remarks, remark);
    };
    match segment.tag() {
        "LH2" | "LHT" => {
            let class: Option<Text<8>> = notes.id(segment.at(1), "class", segment.element(1));
            let is_primary = segment.element(2).is_none_or(|which| which != "S") && danger.class.is_none();
            match is_primary {
                true => danger.class = class,
                false => notes.push(segment.at(1), "subsidiary risks", 4, &mut danger.subsidiary_classes, class),
            }
            if (3..=segment.element_count()).any(|element| segment.element(element).is_some()) {
                danger.remarks.extend(verbatim(notes, segment));
            }
        }
        "LH3" if danger.proper_shipping_name.is_none() => {
            danger.proper_shipping_name = notes.text(segment.at(1), "proper shipping name", segment.element(1));
            // `I` says that the name is the one for international carriage.
            let regulation =
                segment.element(2).map(|which| if which == "I" { "IMD".to_owned() } else { which.into_owned() });
            danger.regulation = notes.id(segment.at(2), "rules of the name", regulation);
        }
        "LFH" => {
            let words: Vec<_> = [2, 3].into_iter().filter_map(|at| segment.element(at)).collect();
            let words = words.join(" ");
            match segment.element(1).as_deref() {
                Some("TEC") if danger.technical_name.is_none() => {
                    danger.technical_name = notes.text(segment.at(2), "technical name", Some(words));
                }
                Some("EMS") if danger.ems.is_none() => danger.ems = notes.id(segment.at(2), "EmS", Some(words)),
                code => {
                    let subject = notes.code(segment.at(1), DANGERS, code);
                    let text = notes.text(segment.at(2), "line about the danger", Some(words));
                    notes.push(segment.location(), "remarks", 32, &mut danger.remarks, remark(subject, text));
                }
            }
        }
        _ => {
            let remark = verbatim(notes, segment);
            notes.push(segment.location(), "remarks", 32, &mut danger.remarks, remark);
        }
    }
}

/// Where weights and counts go.
pub(crate) struct Load<'g> {
    pub(crate) gross_kg: &'g mut Option<Decimal>,
    pub(crate) net_kg: &'g mut Option<Decimal>,
    pub(crate) volume_m3: &'g mut Option<Decimal>,
    pub(crate) packages: &'g mut Option<u32>,
    pub(crate) quantity: &'g mut Option<Quantity>,
    pub(crate) remarks: &'g mut Vec<TenderRemark>,
}

macro_rules! loads {
    ($($of:ty),*) => {
        $(impl Loaded for $of {
            fn load(&mut self) -> Load<'_> {
                Load {
                    gross_kg: &mut self.gross_kg,
                    net_kg: &mut self.net_kg,
                    volume_m3: &mut self.volume_m3,
                    packages: &mut self.packages,
                    quantity: &mut self.quantity,
                    remarks: &mut self.remarks,
                }
            }
        })*
    };
}

/// What has weights and counts.
pub(crate) trait Loaded {
    fn load(&mut self) -> Load<'_>;
}

loads!(TenderGoods, TenderStop, portgate_sdk::canonical::LoadTender);

/// `AT8`: weight by its kind (187) and unit, packages that are loose and those on pallets, volume.
pub(crate) fn at8(notes: &mut Notes<'_>, at8: Segment<'_>, unit: Option<&str>, load: &mut Load<'_>) {
    weigh(notes, at8, (1, 3), at8.element(2).as_deref().or(unit), load);
    let loose = notes.count(at8.at(4), "number of packages", at8.element(4));
    let unitised = notes.number(at8.at(5), "number of units", at8.element(5)).filter(|count| !count.is_zero());
    *load.packages = load.packages.or(loose);
    match (unitised, &load.quantity) {
        (Some(value), None) => {
            *load.quantity = Unit::new(UNITISED).ok().map(|unit| Quantity { value, unit });
        }
        // What is counted otherwise already has no room for pallets as well.
        (Some(value), Some(known)) if known.unit.as_str() != UNITISED => {
            let subject = notes.code(at8.at(5), PALLETS, Some("AT8-05"));
            let text = notes.text(at8.at(5), "number of units", Some(value.to_string()));
            notes.push(at8.location(), "remarks", REMARKS_MAX, load.remarks, remark(subject, text));
        }
        _ => {}
    }
    let volume = measures::volume(notes, at8, 7, at8.element(6).as_deref());
    *load.volume_m3 = load.volume_m3.or(volume);
}

/// A weight by its kind; one that is neither gross nor net, or a second one, is said in words.
pub(crate) fn weigh(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    (kind, weight): (usize, usize),
    unit: Option<&str>,
    load: &mut Load<'_>,
) {
    let code = segment.element(kind);
    let field = match code.as_deref() {
        Some("G") | None => &mut *load.gross_kg,
        Some("N" | "A3") => &mut *load.net_kg,
        Some(_) => &mut None,
    };
    let is_kept = matches!(code.as_deref(), Some("G" | "N" | "A3") | None);
    if is_kept && field.is_none() {
        *field = measures::weight(notes, segment, weight, unit);
        return;
    }
    let Some(written) = segment.decimal(weight, 1) else { return };
    let said_already = is_kept && measures::weight(notes, segment, weight, unit) == *field;
    if !said_already {
        let subject: Option<Code> = notes.code(segment.at(kind), WEIGHTS, Some(code.as_deref().unwrap_or("G")));
        let text = notes.text(segment.at(weight), "weight", Some(format!("{written} {}", unit.unwrap_or("L"))));
        notes.push(segment.location(), "remarks", REMARKS_MAX, load.remarks, remark(subject, text));
    }
}
