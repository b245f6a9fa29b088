//! What goods weigh: what documents say of a line; where they say it of packages or of the whole alone, what a line's part of
//! that is.

use std::collections::BTreeMap;

use portgate_sdk::canonical::Decimal;

use crate::apportion::apportion;
use crate::facts::Facts;
use crate::goods::{ApportionBy, Goods};
use crate::packing::{self, Packed, Share, packages_of};

/// A gram, below which no weight is apportioned.
const DIGITS: u32 = 3;

/// A weight in kilograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// How much.
    pub kg: Decimal,
    /// Whether nobody said it of these goods: it is a part of what several weigh together, or what one piece weighs, multiplied.
    pub reckoned: bool,
}

impl Weight {
    /// A weight that a document says of these goods.
    pub(crate) fn stated(kg: Decimal) -> Self {
        Weight { kg, reckoned: false }
    }

    fn reckoned(kg: Decimal) -> Self {
        Weight { kg, reckoned: true }
    }

    /// Two weights together.
    #[must_use]
    pub fn and(self, other: Weight) -> Weight {
        Weight { kg: self.kg + other.kg, reckoned: self.reckoned || other.reckoned }
    }
}

/// Weighs the lines.
pub(crate) fn weigh(facts: &Facts, goods: &mut [Goods], packed: &[Packed<'_>], shares: &[Share], by: ApportionBy) {
    for (line, of_line) in goods.iter_mut().enumerate() {
        let net = of_line.net.or_else(|| stated(line, packed, shares, |packed| packed.net_kg));
        of_line.gross = stated(line, packed, shares, |packed| packed.gross_kg);
        let by_catalogue = || of_line.by_catalogue(facts, |item| item.net_weight_kg).map(Weight::reckoned);
        of_line.net = net.or_else(by_catalogue);
    }
    by_package(facts, goods, packed, shares);
    let totals = Totals::of(facts);
    // Net weights are a better measure of gross ones than anything else, so they come first.
    let net: Vec<Option<Weight>> = goods.iter().map(|line| line.net).collect();
    let parts = by_total(totals.net_kg, &net, || measure(goods, by, |_| None));
    fill(goods, parts, |line| &mut line.net);
    let gross: Vec<Option<Weight>> = goods.iter().map(|line| line.gross).collect();
    let parts = by_total(totals.gross_kg, &gross, || measure(goods, by, |line| line.net.map(|net| net.kg)));
    fill(goods, parts, |line| &mut line.gross);
    for line in goods {
        let by_catalogue = line.by_catalogue(facts, |item| item.gross_weight_kg).map(Weight::reckoned);
        line.gross = line.gross.or(by_catalogue);
    }
}

/// What the whole weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Gross, in kilograms.
    pub gross_kg: Option<Decimal>,
    /// Net, in kilograms.
    pub net_kg: Option<Decimal>,
}

impl Totals {
    /// What packing lists say that the whole weighs, or what all their packages weigh; what shipments say where they do not.
    pub fn of(facts: &Facts) -> Totals {
        let outer = || packing::all(facts).into_iter().filter(|package| package.packed_in.is_none());
        let packages = |weight: fn(&portgate_sdk::canonical::Package) -> Option<Decimal>| {
            sum(outer().map(weight)).filter(|_| outer().next().is_some())
        };
        let gross_kg = sum(facts.packings.iter().map(|packing| packing.document.gross_kg))
            .or_else(|| packages(|package| package.gross_kg))
            .or_else(|| sum(facts.shipments.iter().map(|shipment| shipment.document.gross_kg)));
        let net_kg = sum(facts.packings.iter().map(|packing| packing.document.net_kg))
            .or_else(|| packages(|package| package.net_kg))
            .or_else(|| sum(facts.shipments.iter().map(|shipment| shipment.document.net_kg)));
        Totals { gross_kg, net_kg }
    }
}

/// The sum of weights; none where there is none, or one is not known.
fn sum(weights: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let weights: Vec<Decimal> = weights.collect::<Option<_>>()?;
    (!weights.is_empty()).then(|| weights.into_iter().sum())
}

/// What the shares of a line weigh, where it is said of each of them and each belongs to this line alone.
fn stated(
    line: usize,
    packed: &[Packed<'_>],
    shares: &[Share],
    weight: impl Fn(&Packed<'_>) -> Option<Decimal>,
) -> Option<Weight> {
    let alone = |share: &&Share| shares.iter().filter(|other| other.packed == share.packed).count() == 1;
    let of_line: Vec<&Share> = shares.iter().filter(|share| share.line == line).collect();
    if of_line.is_empty() || !of_line.iter().all(alone) {
        return None;
    }
    sum(of_line.into_iter().map(|share| weight(&packed[share.packed]))).map(Weight::stated)
}

/// Gross weights by the packages that the goods are in. Of a package with several lines in it each has the part of its net
/// weight, or of its quantity.
fn by_package(facts: &Facts, goods: &mut [Goods], packed: &[Packed<'_>], shares: &[Share]) {
    let packages = packing::all(facts);
    let mut lines_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for line in 0..goods.len() {
        for package in packages_of(line, packed, shares) {
            lines_of.entry(package).or_default().push(line);
        }
    }
    let mut parts: BTreeMap<usize, Option<Weight>> = BTreeMap::new();
    for (package, lines) in &lines_of {
        let weights: Option<Vec<Weight>> = packages[*package].gross_kg.and_then(|gross| match lines[..] {
            [_] => Some(vec![Weight::stated(gross)]),
            _ => {
                let net = |line: &usize| {
                    let (inside, whole) = inside(*line, *package, packed, shares);
                    (goods[*line].net?.kg * inside).divided_by(whole)
                };
                let quantity = |line: &usize| inside(*line, *package, packed, shares).0;
                let by_net: Option<Vec<Decimal>> = lines.iter().map(net).collect();
                let measure = by_net.unwrap_or_else(|| lines.iter().map(quantity).collect());
                Some(apportion(gross, &measure, DIGITS)?.into_iter().map(Weight::reckoned).collect())
            }
        });
        for (nth, line) in lines.iter().enumerate() {
            let part = weights.as_ref().map(|weights| weights[nth]);
            let whole = parts.entry(*line).or_insert(Some(Weight::stated(Decimal::ZERO)));
            *whole = whole.zip(part).map(|(whole, part)| whole.and(part));
        }
    }
    for (line, weight) in parts {
        goods[line].gross = goods[line].gross.or(weight);
    }
}

/// How much of a line is in a package, and how much of it was packed in all. What is in several packages, and nobody says how much in
/// which, is in each to the same part.
fn inside(line: usize, package: usize, packed: &[Packed<'_>], shares: &[Share]) -> (Decimal, Decimal) {
    let (mut inside, mut whole) = (Decimal::ZERO, Decimal::ZERO);
    for share in shares.iter().filter(|share| share.line == line) {
        let packages = &packed[share.packed].packages;
        let parts = i64::try_from(packages.len()).map_or(Decimal::ZERO, Decimal::from);
        if packages.contains(&package) {
            inside = inside + share.quantity.divided_by(parts).unwrap_or_default();
        }
        whole = whole + share.quantity;
    }
    (inside, whole)
}

/// What of a total is left for the lines whose weight is not known, apportioned. Each line's part, where it gets one.
fn by_total(
    total: Option<Decimal>,
    known: &[Option<Weight>],
    measure: impl FnOnce() -> Option<Vec<Decimal>>,
) -> Option<Vec<Option<Weight>>> {
    let unknown: Vec<usize> = (0..known.len()).filter(|line| known[*line].is_none()).collect();
    let left = total? - known.iter().flatten().map(|weight| weight.kg).sum();
    if unknown.is_empty() || left.is_negative() || left.is_zero() {
        return None;
    }
    let mut parts = vec![None; known.len()];
    if let [only] = unknown[..] {
        parts[only] = Some(if known.len() == 1 { Weight::stated(left) } else { Weight::reckoned(left) });
        return Some(parts);
    }
    let measure = measure()?;
    let shares: Vec<Decimal> = unknown.iter().map(|line| measure[*line]).collect();
    for (line, part) in unknown.into_iter().zip(apportion(left, &shares, DIGITS)?) {
        parts[line] = Some(Weight::reckoned(part));
    }
    Some(parts)
}

fn fill(goods: &mut [Goods], parts: Option<Vec<Option<Weight>>>, weight: impl Fn(&mut Goods) -> &mut Option<Weight>) {
    for (line, part) in goods.iter_mut().zip(parts.into_iter().flatten()) {
        let weight = weight(line);
        *weight = weight.or(part);
    }
}

/// What lines are measured by: by a weight of theirs where all have one, else as it was asked for.
fn measure(goods: &[Goods], by: ApportionBy, weight: impl Fn(&Goods) -> Option<Decimal>) -> Option<Vec<Decimal>> {
    if let Some(weights) = goods.iter().map(weight).collect() {
        return Some(weights);
    }
    match by {
        ApportionBy::Value => goods.iter().map(|line| line.price.as_ref().map(|price| price.amount)).collect(),
        ApportionBy::Quantity => {
            let same = goods.iter().all(|line| line.quantity.unit == goods[0].quantity.unit);
            same.then(|| goods.iter().map(|line| line.quantity.value).collect())
        }
        ApportionBy::Nothing => None,
    }
}
