//! What a warehouse has done: what its three advices have in common.

pub(crate) mod adjusted;
mod line;
pub(crate) mod received;
pub(crate) mod shipped;

use std::collections::{BTreeMap, BTreeSet};

use portgate_sdk::canonical::{
    Code, Date, Decimal, LineOutcome, OrderSplit, Package, Purpose, Text, WarehouseAdvice, WarehouseEvent,
};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message};

use crate::amounts::measure;
use crate::carrier::Carriage;
use crate::codes;
use crate::details::{self, Details, at_most, bounded};
use crate::packages;
use crate::parties::Parties;
use crate::sets;
use line::Line;

/// As many lines and packages as a document has room for. One more of each is read, which refuses the set.
const LINES_MAX: usize = 5_000;
const PACKAGES_MAX: usize = 2_000;

/// An advice on its way.
struct Advice {
    event: WarehouseEvent,
    /// What of it the partner never gives to a second thing, from the largest to the smallest.
    key: Vec<Option<String>>,
    purpose: Option<Purpose>,
    occurred_on: Option<Date>,
    report_type: Option<Code>,
    order_ref: Option<Text<64>>,
    purchase_order_ref: Option<Text<64>>,
    shipment_id: Option<Text<64>>,
    warehouse_ref: Option<Text<64>>,
    split: Option<OrderSplit>,
    package_count: Option<u32>,
    pallet_count: Option<u32>,
    total_quantity: Option<Decimal>,
    carriage: Carriage,
    parties: Parties,
    details: Details,
    packages: Vec<Package>,
    lines: Vec<Line>,
    /// The numbers that lines have.
    numbers: BTreeSet<String>,
    /// The packages that have an SSCC, by their index.
    plates: BTreeMap<Text<18>, usize>,
    /// Where the lines of the loop begin that is being read, and the packages that are named in it.
    group: Group,
}

/// A loop `LX`: lines, and the packages that they are in.
#[derive(Default)]
struct Group {
    number: Option<String>,
    first_line: usize,
    /// Packages of all lines, by their index.
    packages: Vec<usize>,
    /// The package that `MAN` and `PAL` speak of.
    open: Option<usize>,
}

impl Advice {
    fn of(event: WarehouseEvent) -> Self {
        Advice {
            event,
            key: Vec::new(),
            purpose: None,
            occurred_on: None,
            report_type: None,
            order_ref: None,
            purchase_order_ref: None,
            shipment_id: None,
            warehouse_ref: None,
            split: None,
            package_count: None,
            pallet_count: None,
            total_quantity: None,
            carriage: Carriage::default(),
            parties: Parties::default(),
            details: Details::default(),
            packages: Vec::new(),
            lines: Vec::new(),
            numbers: BTreeSet::new(),
            plates: BTreeMap::new(),
            group: Group::default(),
        }
    }

    /// Which part of a split order it is: a number that all parts share, and `SSSTTT`, the part and how many there are.
    fn split(&mut self, segment: Segment<'_>, master: usize, link: usize, decoded: &mut Decoded) {
        let (shared, written) = (sets::text(segment, master), sets::text(segment, link));
        let digits = written.as_deref().filter(|link| link.bytes().all(|byte| byte.is_ascii_digit()));
        // Some systems lose the noughts before it.
        let padded = digits.filter(|link| link.len() <= 6).map(|link| format!("{link:0>6}"));
        let number = |from: usize, to: usize| padded.as_deref().and_then(|link| link[from..to].parse::<u32>().ok());
        let master_ref = shared.as_deref().or(self.order_ref.as_deref()).and_then(|name| Text::new(name).ok());
        match (master_ref, number(0, 3).filter(|part| *part > 0)) {
            (Some(master_ref), Some(part)) => {
                let parts = number(3, 6).filter(|parts| *parts > 0);
                self.split = Some(OrderSplit { parts, ..OrderSplit::new(master_ref, part) });
            }
            _ => {
                self.details.keep_element(segment, link, decoded);
            }
        }
        if let Some(shared) = shared {
            self.details.refer("master-reference", &shared, segment.at(master).to_string(), decoded);
        }
    }

    /// `LX`: another loop begins.
    fn begin_group(&mut self, segment: Segment<'_>) {
        self.end_group();
        self.group = Group { number: sets::text(segment, 1), first_line: self.lines.len(), ..Group::default() };
    }

    /// The packages of a loop are those of all its lines.
    fn end_group(&mut self) {
        let names: Vec<Text<32>> =
            self.group.packages.iter().map(|index| packages::name(&self.packages[*index], *index)).collect();
        for line in &mut self.lines[self.group.first_line..] {
            line.package_refs.splice(0..0, names.iter().cloned());
        }
        self.group.packages.clear();
    }

    /// Adds the line of a segment, as far as there is room for it. Its number is that of its loop, and where that has several lines,
    /// `1.2` for the second; one that another line has already gets its place behind it.
    fn line(
        &mut self,
        segment: Segment<'_>,
        read: fn(Segment<'_>, Text<64>, &mut Decoded) -> Line,
        decoded: &mut Decoded,
    ) {
        self.group.open = None;
        if self.lines.len() > LINES_MAX {
            return segment.pass_over();
        }
        let (place, of_loop) = (self.lines.len() + 1, self.lines.len() - self.group.first_line + 1);
        let number = match &self.group.number {
            Some(number) if of_loop == 1 => number.clone(),
            Some(number) => format!("{number}.{of_loop}"),
            None => place.to_string(),
        };
        let number = if self.numbers.contains(&number) { format!("{number}/{place}") } else { number };
        let line_no = Text::new(&*number).or_else(|_| Text::new(place.to_string())).expect("a number is short");
        self.numbers.insert(number);
        self.lines.push(read(segment, line_no, decoded));
    }

    /// `MAN` and `PAL`: a package of the line that was read last, or, before the first, of the whole loop.
    fn package(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let is_known = |index: &usize| segment.tag() == "PAL" || !packages::is_another(&self.packages[*index], segment);
        let known = self.group.open.filter(is_known);
        let Some(index) = known.or_else(|| self.add(packages::one(packages::PACKAGE))) else {
            return segment.pass_over();
        };
        self.group.open = Some(index);
        let package = &mut self.packages[index];
        match segment.tag() {
            "PAL" => packages::pallet(package, segment, &mut self.details, decoded),
            _ => packages::mark(package, segment, decoded),
        }
        if let Some(sscc) = &package.sscc {
            self.plates.entry(sscc.clone()).or_insert(index);
        }
        let is_of_line = self.lines.len() > self.group.first_line;
        match self.lines.last_mut().filter(|_| is_of_line) {
            Some(line) if known.is_none() => line.packages.push(index),
            None if known.is_none() => self.group.packages.push(index),
            _ => {}
        }
    }

    /// Adds a package, as far as there is room for it.
    fn add(&mut self, package: Package) -> Option<usize> {
        if self.packages.len() > PACKAGES_MAX {
            return None;
        }
        self.packages.push(package);
        Some(self.packages.len() - 1)
    }

    /// A license plate that is an SSCC is a package of its line.
    fn plate(&mut self, written: &str, held: Option<Decimal>) {
        let Some(sscc) = packages::sscc(written) else { return };
        let package = || Package { sscc: Some(sscc.clone()), ..packages::one(packages::PACKAGE) };
        let known = self.plates.get(&sscc).copied();
        let Some(index) = known.or_else(|| self.add(package())) else { return };
        self.plates.insert(sscc, index);
        let measures = &mut self.packages[index].measures;
        if measures.len() < 32 {
            measures.extend(held.and_then(|held| measure("quantity", held, None, None)));
        }
        if let Some(line) = self.lines.last_mut()
            && line.packages.last() != Some(&index)
        {
            line.packages.push(index);
        }
    }

    /// A segment that belongs to the line that was read last.
    fn of_line(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let Some(line) = self.lines.last_mut() else { return self.details.keep(segment, decoded) };
        line.take(segment, decoded);
        if segment.tag() == "N9"
            && sets::text(segment, 1).as_deref() == Some("LV")
            && let Some(plate) = sets::text(segment, 2)
        {
            // Some say behind it how much is under it.
            let held = sets::text(segment, 3).and_then(|held| Decimal::from_partner(&held).ok());
            self.plate(&plate, held);
        }
    }

    /// A segment of the head, or one that no place has a use for, which is kept in words.
    fn of_head(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let taken = self.parties.take(segment, &mut self.details, decoded)
            || self.carriage.take(segment, &mut self.details, decoded)
            || self.details.take(segment, decoded);
        if !taken {
            self.details.keep(segment, decoded);
        }
    }

    /// The document, unless something is wrong with it.
    fn finish(mut self, message: &Message, set: Set<'_>, decoded: &mut Decoded) {
        self.end_group();
        let at = set.location();
        for (what, order) in
            [("order", &self.order_ref), ("order", &self.purchase_order_ref), ("shipment", &self.shipment_id)]
        {
            if let Some(value) = order.as_deref() {
                self.details.refer(what, value, at.clone(), decoded);
            }
        }
        let lines: Vec<_> = {
            let packages = &self.packages;
            self.lines.into_iter().map(|line| line.finish(packages, decoded)).collect()
        };
        if lines.is_empty() && self.purpose != Some(Purpose::Cancellation) {
            let detail = "The advice has no line; nothing is said of what was shipped, received or adjusted.";
            decoded.finding(Finding::warning("NO-LINES", &at, detail));
        }
        at_most(&lines, LINES_MAX, "lines", &at, decoded);
        at_most(&self.packages, PACKAGES_MAX, "packages", &at, decoded);
        let event = match self.event {
            WarehouseEvent::Shipped => "shipped",
            WarehouseEvent::Received => "received",
            WarehouseEvent::Adjusted => "adjusted",
        };
        let known: Vec<String> = self.key.into_iter().flatten().collect();
        let key = if known.is_empty() { vec![sets::fallback(message, set)] } else { known };
        let Some(id) = decoded.identifier(&at, "key of the advice", &format!("{event}|{}", key.join("|"))) else {
            return;
        };
        let short = |outcome: &LineOutcome| {
            use LineOutcome::{Backordered, Cancelled, Short, ShortClosed};
            matches!(outcome, Backordered | Cancelled | Short | ShortClosed)
        };
        let is_short = lines.iter().any(|line| line.outcome.as_ref().is_some_and(short));
        let is_counted = lines.iter().any(|line| line.outcome.is_some());
        let by_status = self.carriage.status.as_deref().and_then(codes::rest);
        let by_status = by_status.and_then(|rest| codes::outcome(None, None, None, Some(&rest)));
        let Details { references, times, notes, classifications, weights } = self.details;
        let version = Text::new("1").expect("a version");
        let document = WarehouseAdvice {
            purpose: self.purpose,
            occurred_on: self.occurred_on,
            report_type: self.report_type,
            order_ref: self.order_ref,
            purchase_order_ref: self.purchase_order_ref,
            shipment_id: self.shipment_id,
            warehouse_ref: self.warehouse_ref,
            split: self.split,
            is_short: if is_counted { Some(is_short) } else { by_status.as_ref().map(short) },
            mode: self.carriage.mode,
            transport: self.carriage.journey(),
            freight_terms: self.carriage.freight_terms,
            package_count: self.package_count,
            pallet_count: self.carriage.pallet_count.or(self.pallet_count),
            total_quantity: self.total_quantity,
            gross_kg: weights.gross_kg,
            net_kg: weights.net_kg,
            volume_m3: weights.volume_m3,
            parties: bounded(self.parties.list, 32, "parties", &at, decoded),
            times: bounded(times, 32, "times", &at, decoded),
            equipment: bounded(self.carriage.equipment, 50, "containers or trailers", &at, decoded),
            packages: self.packages,
            lines,
            measures: bounded(weights.measures, 32, "measures", &at, decoded),
            classifications: bounded(classifications, 64, "codes", &at, decoded),
            notes: bounded(notes, 100, "notes", &at, decoded),
            references: bounded(references, 64, "references", &at, decoded),
            ..WarehouseAdvice::new(id, version, message.source(sets::name(set), None), self.event)
        };
        // What is refused need not be written, however large it is.
        if !decoded.is_part_refused() {
            decoded.document(&document);
        }
    }
}

/// The day of an element; one that cannot be read is said, and kept in words.
fn day(segment: Segment<'_>, element: usize, details: &mut Details, decoded: &mut Decoded) -> Option<Date> {
    let written = sets::text(segment, element)?;
    let day = details::date(&written);
    if day.is_none() {
        let detail = "This is no day; send CCYYMMDD. It is kept in words.";
        decoded.finding(Finding::warning("UNREADABLE-TIME", segment.at(element), detail));
        details.keep_element(segment, element, decoded);
    }
    day
}
