//! X12 856, ship notice: a `shipment`, and the `packing` that says what is in which package.
//!
//! The levels `HL` make a tree: shipment (`S`), order (`O`), tare (`T`), pack (`P`), item (`I`), in whatever order they are nested.
//! What an item is in, and which order it is of, is looked for among those above it, and else below it; levels of other kinds are
//! passed through, and what they say is kept with what they stand in.

mod goods;
mod levels;
mod shipment;

use portgate_sdk::canonical::{Leg, Package, PackedOrder, Packing, Purpose, Shipment, StatedTime, Text, Timestamp};
use portgate_sdk::time::{timestamp, x12 as x12_time};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake};

use crate::amounts;
use crate::carrier::Carriage;
use crate::codes;
use crate::details::{Details, at_most, bounded, identifier};
use crate::packages::{self, PALLET};
use crate::sets::{self, beginning, text};
use goods::Goods;
use levels::{Kind, Level};
use shipment::Whole;

/// As many levels as lines, packages and orders of a document can make.
const LEVELS_MAX: usize = 7_500;

/// What is read of a set.
struct Notice {
    whole: Whole,
    orders: Vec<PackedOrder>,
    packages: Vec<Package>,
    goods: Vec<Goods>,
    order_refs: Vec<Text<64>>,
}

/// The shipment and packing list of one set.
pub(crate) fn read(message: &Message, set: Set<'_>, decoded: &mut Decoded) {
    let Some(head) = beginning(set, "BSN", decoded) else { return };
    let levels = levels::of(set, decoded);
    if levels.is_empty() {
        let detail = "The ship notice has no level `HL`, so that nothing is said of what is shipped.";
        decoded.finding(Finding::error("MISSING", head.location(), detail).because(Mistake::MissingSegment("HL")));
        return;
    }
    at_most(&levels, LEVELS_MAX, "levels", &head.location(), decoded);
    if decoded.is_part_refused() {
        return;
    }
    let mut whole = Whole::default();
    let mut recorded_at = None;
    for segment in set.segments().take_while(|segment| segment.tag() != "HL") {
        match segment.tag() {
            "ST" => {}
            "BSN" => recorded_at = begin(segment, &mut whole, decoded),
            _ => whole.take(segment, decoded),
        }
    }
    let mut notice =
        Notice { whole, orders: Vec::new(), packages: Vec::new(), goods: Vec::new(), order_refs: Vec::new() };
    notice.levels(&levels, decoded);
    notice.check(set, &levels, decoded);
    notice.finish(message, set, head, recorded_at, decoded);
}

/// `BSN`: what is wanted, which shipment it is, and when it was written.
fn begin(segment: Segment<'_>, whole: &mut Whole, decoded: &mut Decoded) -> Option<Timestamp> {
    whole.purpose = text(segment, 1).as_deref().and_then(codes::purpose);
    if !matches!(text(segment, 1).as_deref(), Some("00" | "01")) {
        whole.details.classify(segment, 1, "X12 353");
    }
    whole.shipment_id = identifier(segment, 2, "number of the shipment", decoded);
    whole.details.classify(segment, 5, "X12 1005");
    whole.details.classify(segment, 6, "X12 640");
    whole.details.classify(segment, 7, "X12 641");
    whole.details.keep_from(segment, 8, decoded);
    let moment = x12_time::read(text(segment, 3).as_deref(), text(segment, 4).as_deref(), None);
    match moment.and_then(|moment| moment.instant()) {
        Ok(instant) => Some(timestamp(&instant)),
        Err(error) => {
            let detail = format!("When it was written cannot be read, and is kept in words: {error}.");
            decoded.finding(Finding::warning("UNREADABLE-TIME", segment.at(3), detail));
            whole.details.keep_element(segment, 3, decoded);
            whole.details.keep_element(segment, 4, decoded);
            None
        }
    }
}

impl Notice {
    /// Reads every level into what it is about.
    fn levels(&mut self, levels: &[Level<'_>], decoded: &mut Decoded) {
        let has_packages = levels.iter().any(Level::has_packages);
        self.whole.has_packages = has_packages;
        // Which package, and which order, a level is.
        let mut package_of = vec![None; levels.len()];
        let mut order_of: Vec<Option<Text<64>>> = vec![None; levels.len()];
        for (index, level) in levels.iter().enumerate() {
            match level.kind {
                Kind::Shipment | Kind::Other => {
                    level.segments.iter().for_each(|segment| self.whole.take(*segment, decoded))
                }
                Kind::Order => order_of[index] = self.order(level, decoded),
                Kind::Tare | Kind::Pack => {
                    let package = goods::package(level, self.whole.packaging.as_deref(), decoded);
                    self.packages.push(package);
                    package_of[index] = Some(self.packages.len() - 1);
                }
                Kind::Item => {}
            }
        }
        for (index, level) in levels.iter().enumerate() {
            let above = levels::above(levels, index);
            if let Some(package) = package_of[index] {
                let outer = above.iter().find_map(|index| package_of[*index]);
                let outer = outer.map(|outer| packages::name(&self.packages[outer], outer));
                self.packages[package].packed_in = outer;
            }
            if level.kind == Kind::Item {
                self.item(levels, index, (&package_of, &order_of), decoded);
            }
        }
        if !has_packages {
            self.packages.append(&mut self.whole.packages);
        }
    }

    /// An order of the shipment; without a number what is said of it is said of the whole.
    fn order(&mut self, level: &Level<'_>, decoded: &mut Decoded) -> Option<Text<64>> {
        let number = level.first("PRF").and_then(|prf| identifier(prf, 1, "number of the order", decoded));
        let Some(number) = number else {
            let detail = "The order has no number (`PRF`); what is said of it is kept with the shipment.";
            decoded.finding(Finding::warning("NO-ORDER", &level.at, detail));
            level.segments.iter().for_each(|segment| self.whole.take(*segment, decoded));
            return None;
        };
        let mut order = Whole { has_packages: self.whole.has_packages, ..Whole::default() };
        level.segments.iter().for_each(|segment| order.take(*segment, decoded));
        if self.whole.packaging.is_none() {
            self.whole.packaging.clone_from(&order.packaging);
        }
        if !self.whole.has_packages {
            self.packages.append(&mut order.packages);
        }
        let packed = order.into_order(number.clone(), &level.at, decoded);
        self.orders.push(packed);
        Some(number)
    }

    /// An item, with the package that it is in and the order that it is of.
    fn item(
        &mut self,
        levels: &[Level<'_>],
        index: usize,
        (package_of, order_of): (&[Option<usize>], &[Option<Text<64>>]),
        decoded: &mut Decoded,
    ) {
        let above = levels::above(levels, index);
        let mut goods = goods::read(&levels[index], &mut self.packages, decoded);
        let order = above.iter().find_map(|index| order_of[*index].clone());
        let package = above.iter().find_map(|index| package_of[*index]);
        let below = if order.is_some() && package.is_some() { Vec::new() } else { levels::below(levels, index) };
        let order = order.or_else(|| below.iter().find_map(|index| order_of[*index].clone()));
        goods.order_ref = goods.order_ref.take().or(order);
        match package {
            Some(package) => goods.packages.push(package),
            None => {
                let within = below
                    .iter()
                    .filter(|index| levels[**index].kind != Kind::Tare || !levels::holds_packs(levels, **index));
                goods.packages.extend(within.filter_map(|index| package_of[*index]));
            }
        }
        if let Some(order) = &goods.order_ref
            && !self.order_refs.contains(order)
        {
            self.order_refs.push(order.clone());
        }
        self.goods.push(goods);
    }

    /// `CTT`: how many levels there are, and how much of all items.
    fn check(&mut self, set: Set<'_>, levels: &[Level<'_>], decoded: &mut Decoded) {
        for segment in set.segments().filter(|segment| segment.tag() == "CTT") {
            let measures = &mut self.whole.details.weights.measures;
            let counted = amounts::count(segment, 1, "levels", measures, decoded);
            let items = levels.iter().filter(|level| level.kind == Kind::Item).count();
            if let Some(stated) = counted.map(|stated| stated as usize)
                && stated != levels.len()
                && stated != items
            {
                let detail =
                    format!("`CTT` counts {stated}, and there are {} levels, {items} of them items.", levels.len());
                decoded.finding(Finding::warning("TOTAL", segment.at(1), detail));
            }
            let sum = self.goods.iter().map(|goods| goods.quantity.value).sum();
            if let Some(stated) = amounts::decimal(segment, 2, decoded)
                && stated != sum
            {
                let detail = format!("`CTT` adds up to {stated}, and the items to {sum}; one of them is wrong.");
                decoded.finding(Finding::warning("TOTAL", segment.at(2), detail));
            }
            self.whole.details.weights.weight(segment, 3, None, 4, decoded);
            self.whole.details.weights.volume(segment, 5, 6, decoded);
            self.whole.details.keep_from(segment, 7, decoded);
        }
        let Some(stated) = self.whole.package_count.filter(|_| self.whole.has_packages) else { return };
        let counted = |is_one: fn(&&Package) -> bool| -> u32 {
            self.packages.iter().filter(is_one).fold(0, |sum, package| sum.saturating_add(package.count))
        };
        // What is counted may be the cartons, the pallets, or what is loaded.
        let all = counted(|_| true);
        let pallets = counted(|package| &*package.r#type == PALLET);
        let loaded = counted(|package| package.packed_in.is_none());
        if ![all, pallets, all - pallets, loaded].contains(&stated) {
            let detail = format!("The notice speaks of {stated} packages, and lists {all}, {pallets} of them pallets.");
            decoded.finding(Finding::warning("PACKAGE-COUNT", set.location(), detail));
        }
    }

    fn finish(
        self,
        message: &Message,
        set: Set<'_>,
        head: Segment<'_>,
        recorded_at: Option<Timestamp>,
        decoded: &mut Decoded,
    ) {
        let Notice { whole, orders, packages, goods, order_refs } = self;
        let at = head.location();
        if goods.is_empty() && whole.purpose != Some(Purpose::Cancellation) {
            let detail = "The ship notice has no item; nothing is said of what is shipped.";
            decoded.finding(Finding::warning("NO-LINES", &at, detail));
        }
        at_most(&goods, 5_000, "items", &at, decoded);
        at_most(&packages, 2_000, "packages", &at, decoded);
        at_most(&orders, 500, "orders", &at, decoded);
        let known = whole.shipment_id.as_deref().or(whole.details.referred("transport-document"));
        let known = known.or(whole.details.referred("packing-list"));
        let number = known.map_or_else(|| sets::fallback(message, set), str::to_owned);
        if whole.shipment_id.is_none() {
            let detail = "The shipment has no number (`BSN-02`); it is called by its bill of lading, its packing list or its set.";
            decoded.finding(Finding::warning("NO-SHIPMENT", head.at(2), detail));
        }
        let Some(shipment_id) = decoded.identifier(head.at(2), "number of the shipment", &number) else { return };
        let mut details = whole.details;
        details.refer("shipment", &number, at.clone(), decoded);
        for order in orders.iter().map(|order| &order.order_ref).chain(&order_refs) {
            details.refer("order", order, at.clone(), decoded);
        }
        let Details { references, times, notes, classifications, weights } = details;
        let references = bounded(references, 64, "references", &at, decoded);
        let leg = leg(&whole.carriage, &times, &at, decoded);
        let (mut lines, mut packed) = (Vec::new(), Vec::new());
        for (index, goods) in goods.into_iter().enumerate() {
            let (line, list) = goods.finish(index, &packages, decoded);
            lines.push(line);
            packed.push(list);
        }
        // What is refused need not be written, however large it is.
        if decoded.is_part_refused() {
            return;
        }
        let id: Text<128> = shipment_id.widened();
        let version = Text::new("1").expect("a version");
        let source = message.source(sets::name(set), recorded_at);
        let transport_document = references.iter().find(|reference| &*reference.scheme == "transport-document");
        let shipment = Shipment {
            master_transport_doc: transport_document.and_then(|reference| Text::new(&*reference.value).ok()),
            mode: whole.carriage.mode,
            gross_kg: weights.gross_kg,
            net_kg: weights.net_kg,
            volume_m3: weights.volume_m3,
            purpose: whole.purpose,
            freight_terms: whole.carriage.freight_terms.clone(),
            package_count: whole.package_count,
            parties: bounded(whole.parties.list, 16, "parties", &at, decoded),
            classifications: bounded(classifications, 64, "codes", &at, decoded),
            notes: bounded(notes, 100, "notes", &at, decoded),
            legs: leg.into_iter().collect(),
            equipment: whole.carriage.equipment,
            packages: packages.clone(),
            lines,
            references: references.clone(),
            ..Shipment::new(id.clone(), version.clone(), source.clone(), shipment_id.clone())
        };
        decoded.document(&shipment);
        let packing = Packing {
            purpose: whole.purpose,
            package_count: whole.package_count,
            gross_kg: weights.gross_kg,
            net_kg: weights.net_kg,
            volume_m3: weights.volume_m3,
            packages,
            lines: packed,
            orders,
            measures: bounded(weights.measures, 32, "measures", &at, decoded),
            times: bounded(times, 32, "times", &at, decoded),
            references,
            ..Packing::new(id, version, source, shipment_id)
        };
        decoded.document(&packing);
    }
}

/// The way of the goods: who carries them, when they left (011), and when they are to be there (017, 067, 002).
fn leg(carriage: &Carriage, times: &[StatedTime], place: &str, decoded: &mut Decoded) -> Option<Leg> {
    let mut at = |meanings: &[&str]| {
        let stated = meanings.iter().find_map(|meaning| times.iter().find(|time| &*time.meaning.code == *meaning))?;
        stated.at.clone().or_else(|| {
            let detail = "Only a day is said; in the shipment's leg it is the beginning of it.";
            if !decoded.noticed().iter().any(|finding| finding.code == "DAY-ONLY") {
                decoded.finding(Finding::info("DAY-ONLY", place, detail));
            }
            Timestamp::new(format!("{}T00:00:00", stated.day)).ok()
        })
    };
    let (atd, eta) = (at(&["011"]), at(&["017", "067", "002"]));
    let leg = Leg { mode: carriage.mode, transport: carriage.journey(), atd, eta, ..Leg::new(1) };
    (leg != Leg::new(1)).then_some(leg)
}
