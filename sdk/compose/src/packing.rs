//! Which packages goods are in: packing lists say it, or the lines of a shipment.

use std::collections::BTreeSet;

use portgate_sdk::canonical::{Country, Decimal, HsCode, Package, Quantity, Text};

use crate::facts::Facts;
use crate::goods::Goods;

/// The most packages that stand one in the other, such as cartons on a pallet in a crate.
const DEPTH_MAX: usize = 8;

/// Goods of one article as a packing list or a shipment has them.
#[derive(Clone, Debug)]
pub(crate) struct Packed<'f> {
    place: String,
    sku: Option<&'f str>,
    gtin: Option<&'f str>,
    order: Option<&'f str>,
    order_line: Option<&'f str>,
    description: Option<&'f Text<512>>,
    origin: Option<&'f Country>,
    code: Option<&'f HsCode>,
    quantity: &'f Quantity,
    pub(crate) net_kg: Option<Decimal>,
    pub(crate) gross_kg: Option<Decimal>,
    /// The outer packages, by their number in [`all`].
    pub(crate) packages: Vec<usize>,
}

/// How much of what was packed belongs to a line.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    /// The line.
    pub(crate) line: usize,
    /// What was packed.
    pub(crate) packed: usize,
    /// How much of it.
    pub(crate) quantity: Decimal,
}

/// A list of packages: a packing list's, or a shipment's.
struct List<'f> {
    packages: &'f [Package],
    /// The number of its first package in all of them.
    first: usize,
}

impl<'f> List<'f> {
    /// The outer package that one is in, by its SSCC or its number in the list, from 1.
    fn outer(&self, name: &str) -> Option<usize> {
        let find = |name: &str| {
            let by_code = self.packages.iter().position(|package| package.sscc.as_deref() == Some(name));
            by_code.or_else(|| name.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < self.packages.len()))
        };
        let mut at = find(name)?;
        for _ in 0..DEPTH_MAX {
            match self.packages[at].packed_in.as_deref().and_then(find) {
                Some(around) if around != at => at = around,
                _ => break,
            }
        }
        Some(self.first + at)
    }
}

/// The lists of packages: those of the packing lists, or of the shipments where no packing list has any.
fn lists(facts: &Facts) -> Vec<&[Package]> {
    let packed: Vec<&[Package]> = facts.packings.iter().map(|packing| &packing.document.packages[..]).collect();
    match packed.iter().any(|packages| !packages.is_empty()) {
        true => packed,
        false => facts.shipments.iter().map(|shipment| &shipment.document.packages[..]).collect(),
    }
}

/// Every package in one list. Those that stand in another count with it.
pub(crate) fn all(facts: &Facts) -> Vec<&Package> {
    lists(facts).into_iter().flatten().collect()
}

impl<'f> Packed<'f> {
    /// What was packed: the lines of the packing lists, or of the shipments where there are none.
    pub(crate) fn of(facts: &'f Facts) -> Vec<Packed<'f>> {
        let mut first = 0;
        let mut numbered = |packages: &'f [Package]| {
            let list = List { packages, first };
            first += packages.len();
            list
        };
        let has_lines = facts.packings.iter().any(|packing| !packing.document.lines.is_empty());
        let packages_of_packings = facts.packings.iter().any(|packing| !packing.document.packages.is_empty());
        let mut packed = Vec::new();
        if has_lines {
            for packing in &facts.packings {
                let list = numbered(&packing.document.packages);
                for (index, line) in packing.document.lines.iter().enumerate() {
                    let names = line.package_ref.iter().chain(&line.package_refs);
                    packed.push(Packed {
                        place: packing.at(&format!("/lines/{index}")),
                        sku: line.sku.as_deref(),
                        gtin: line.gtin.as_deref(),
                        order: line.order_ref.as_deref(),
                        order_line: line.order_line.as_deref(),
                        description: line.description.as_ref(),
                        origin: None,
                        code: None,
                        quantity: &line.quantity,
                        net_kg: kilograms(&line.measures, "net-weight"),
                        gross_kg: kilograms(&line.measures, "gross-weight"),
                        packages: names.filter_map(|name| list.outer(name)).collect(),
                    });
                }
            }
            return packed;
        }
        for shipment in &facts.shipments {
            // Where packing lists have the packages, the numbers of a shipment's lines are not theirs.
            let list = numbered(if packages_of_packings { &[] } else { &shipment.document.packages });
            for (index, line) in shipment.document.lines.iter().enumerate() {
                packed.push(Packed {
                    place: shipment.at(&format!("/lines/{index}")),
                    sku: line.sku.as_deref(),
                    gtin: line.gtin.as_deref(),
                    order: line.order_ref.as_deref(),
                    order_line: line.order_line.as_deref(),
                    description: line.description.as_ref(),
                    origin: line.origin_country.as_ref(),
                    code: line.hs_code.as_ref(),
                    quantity: &line.quantity,
                    net_kg: line.net_kg,
                    gross_kg: line.gross_kg,
                    packages: line.package_refs.iter().filter_map(|name| list.outer(name)).collect(),
                });
            }
        }
        packed
    }

    fn is_of(&self, line: &Goods) -> bool {
        let same = |one: Option<&str>, other: Option<&str>| one.is_none() || other.is_none() || one == other;
        let by_sku = self.sku.is_some() && self.sku == line.sku.as_deref();
        let by_gtin = self.gtin.is_some_and(|gtin| line.gtins.iter().any(|known| known == gtin));
        let item = by_sku || ((self.sku.is_none() || line.sku.is_none()) && by_gtin);
        let of_order = same(self.order, line.order.as_deref());
        let same_order = self.order.is_some() && self.order == line.order.as_deref();
        item && of_order && (!same_order || same(self.order_line, line.order_line.as_deref()))
    }
}

/// A weight among measures, where it is in kilograms.
fn kilograms(measures: &[portgate_sdk::canonical::Measure], kind: &str) -> Option<Decimal> {
    let measure = measures.iter().find(|measure| &*measure.kind == kind)?;
    measure.unit.as_ref().is_some_and(|unit| &*unit.code == "KGM").then_some(measure.value)
}

/// Which of what was packed belongs to which line. What fits several lines fills one after the other, in their order; what is left
/// over is the last one's.
pub(crate) fn share_out(goods: &[Goods], packed: &[Packed<'_>]) -> Vec<Share> {
    let mut open: Vec<Decimal> = goods.iter().map(|line| line.quantity.value).collect();
    let mut shares = Vec::new();
    for (index, one) in packed.iter().enumerate() {
        let fitting: Vec<usize> =
            goods.iter().enumerate().filter(|(_, line)| one.is_of(line)).map(|(at, _)| at).collect();
        let mut left = one.quantity.value;
        for (nth, line) in fitting.iter().enumerate() {
            let is_last = nth + 1 == fitting.len();
            let takes = if is_last || open[*line] > left { left } else { open[*line] };
            if takes.is_negative() || (takes.is_zero() && !(is_last && fitting.len() == 1)) {
                continue;
            }
            shares.push(Share { line: *line, packed: index, quantity: takes });
            open[*line] = open[*line] - takes;
            left = left - takes;
        }
    }
    shares
}

/// The outer packages that a line is in, by their numbers, in the order in which they are named.
pub(crate) fn packages_of(line: usize, packed: &[Packed<'_>], shares: &[Share]) -> Vec<usize> {
    let mut known = BTreeSet::new();
    let named = shares.iter().filter(|share| share.line == line).flat_map(|share| &packed[share.packed].packages);
    named.copied().filter(|package| known.insert(*package)).collect()
}

/// Says of each line what it is packed in, and what packing list or shipment know of it beside.
pub(crate) fn pack(facts: &Facts, goods: &mut [Goods], packed: &[Packed<'_>], shares: &[Share]) {
    let every = all(facts);
    let mut counted = BTreeSet::new();
    for (line, of_line) in goods.iter_mut().enumerate() {
        let inside = packages_of(line, packed, shares);
        let packages = inside.iter().map(|at| match counted.insert(*at) {
            true => (*every[*at]).clone(),
            false => Package { count: 0, gross_kg: None, net_kg: None, pieces: None, ..(*every[*at]).clone() },
        });
        of_line.packages = together(packages);
    }
    known_beside(goods, packed, shares);
    // Packages that hold nothing by name hold what is in none by name.
    let outer = |package: &&Package| package.packed_in.is_none();
    let left = every.iter().enumerate().filter(|(at, _)| !counted.contains(at)).map(|(_, package)| *package);
    let mut left: Vec<Package> = together(left.filter(outer).cloned());
    if left.is_empty() && counted.is_empty() {
        left.extend(unlisted(facts));
    }
    let without: Vec<usize> = (0..goods.len()).filter(|line| goods[*line].packages.is_empty()).collect();
    for (nth, line) in without.iter().enumerate() {
        let shared = |package: &Package| Package { count: 0, pieces: None, ..package.clone() };
        goods[*line].packages = if nth == 0 { left.clone() } else { left.iter().map(shared).collect() };
        goods[*line].packages_reckoned = without.len() > 1 && !left.is_empty();
    }
}

/// What packing lists and shipments say of the goods themselves, where their own line does not.
fn known_beside(goods: &mut [Goods], packed: &[Packed<'_>], shares: &[Share]) {
    for share in shares {
        let (line, one) = (&mut goods[share.line], &packed[share.packed]);
        line.description = line.description.take().or_else(|| one.description.cloned());
        let origin = || Some((format!("{}/originCountry", one.place), one.origin?.clone()));
        line.origin = line.origin.take().or_else(origin);
        let longer = |code: &&HsCode| {
            line.stated_code.as_ref().is_none_or(|(_, known)| code.as_str().len() > known.as_str().len())
        };
        if let Some(code) = one.code.filter(longer) {
            line.stated_code = Some((format!("{}/hsCode", one.place), code.clone()));
        }
    }
}

/// Packages of a shipment that are told as a number alone.
fn unlisted(facts: &Facts) -> Option<Package> {
    let packed = facts.packings.iter().filter_map(|packing| packing.document.package_count);
    let shipped = facts.shipments.iter().filter_map(|shipment| shipment.document.package_count);
    let count = packed.reduce(u32::saturating_add).or_else(|| shipped.reduce(u32::saturating_add))?;
    // Packages of a kind that nobody says (UNECE Recommendation 21).
    Text::new("PK").ok().map(|kind| Package::new(kind, count))
}

/// Packages of one kind as one, with their marks.
fn together(packages: impl Iterator<Item = Package>) -> Vec<Package> {
    let mut kinds: Vec<(Package, Vec<String>)> = Vec::new();
    for package in packages {
        let marks = package.marks.as_deref().or(package.sscc.as_deref()).map(str::to_owned);
        let same = |(known, _): &&mut (Package, Vec<String>)| {
            known.r#type == package.r#type && (known.count == 0) == (package.count == 0)
        };
        match kinds.iter_mut().find(same) {
            Some((known, all)) => {
                known.count = known.count.saturating_add(package.count);
                known.pieces = known
                    .pieces
                    .or(package.pieces)
                    .map(|_| known.pieces.unwrap_or_default().saturating_add(package.pieces.unwrap_or_default()));
                known.uncounted = known.uncounted.filter(|_| package.uncounted == Some(true));
                all.extend(marks.filter(|marks| !all.contains(marks)));
            }
            None => {
                let kept = Package {
                    pieces: package.pieces,
                    uncounted: package.uncounted,
                    ..Package::new(package.r#type.clone(), package.count)
                };
                kinds.push((kept, marks.into_iter().collect()));
            }
        }
    }
    let marked = |(package, marks): (Package, Vec<String>)| Package { marks: listed(&marks), ..package };
    kinds.into_iter().map(marked).collect()
}

/// Marks in one text, as many of them as there is room for; how many more there are stands at the end.
fn listed(marks: &[String]) -> Option<Text<512>> {
    const ROOM: usize = 500;
    let mut text = String::new();
    for (index, mark) in marks.iter().enumerate() {
        if index > 0 && text.chars().count() + mark.chars().count() + 2 > ROOM {
            text.push_str(&format!(" +{}", marks.len() - index));
            break;
        }
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(mark);
    }
    Text::cut(&text).map(|cut| cut.text)
}
