//! The levels `HL` of a ship notice, and which stands in which.

use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding};

use crate::sets::text;

/// What a level is about (735).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Shipment,
    Order,
    Tare,
    Pack,
    Item,
    Other,
}

/// One level with its segments.
pub(super) struct Level<'d> {
    pub(super) kind: Kind,
    /// Its place, as findings write it.
    pub(super) at: String,
    /// The level that it stands in, by its index.
    parent: Option<usize>,
    pub(super) segments: Vec<Segment<'d>>,
}

impl<'d> Level<'d> {
    /// Whether it is a package, or names some.
    pub(super) fn has_packages(&self) -> bool {
        match self.kind {
            Kind::Tare | Kind::Pack => true,
            Kind::Item => self.first("CLD").is_some() || self.first("MAN").is_some(),
            _ => false,
        }
    }

    /// The first of its segments with this tag.
    pub(super) fn first(&self, tag: &str) -> Option<Segment<'d>> {
        self.segments.iter().find(|segment| segment.tag() == tag).copied()
    }
}

/// The levels of a set, in their order.
pub(super) fn of<'d>(set: Set<'d>, decoded: &mut Decoded) -> Vec<Level<'d>> {
    let mut levels: Vec<Level<'d>> = Vec::new();
    let mut numbers: Vec<String> = Vec::new();
    for segment in set.segments() {
        match (segment.tag(), levels.last_mut()) {
            ("HL", _) => {
                let parent = text(segment, 2).and_then(|parent| parent_of(&parent, segment, &numbers, decoded));
                let kind = kind(text(segment, 3).as_deref(), segment, decoded);
                numbers.push(text(segment, 1).unwrap_or_default());
                // Whether there are levels below it (`HL-04`) is seen by looking.
                text(segment, 4);
                levels.push(Level { kind, at: segment.location(), parent, segments: Vec::new() });
            }
            ("CTT" | "SE", _) | (_, None) => {}
            (_, Some(level)) => level.segments.push(segment),
        }
    }
    levels
}

/// The level of this number, the last of several. Without one the level is taken to stand in the one before it.
fn parent_of(number: &str, segment: Segment<'_>, numbers: &[String], decoded: &mut Decoded) -> Option<usize> {
    let found = numbers.iter().rposition(|known| known == number);
    if found.is_none() {
        let shown: String = number.chars().take(16).collect();
        let detail = format!("There is no level `{shown}` before this one; it is taken to stand in the one before it.");
        decoded.finding(Finding::warning("NO-PARENT", segment.at(2), detail));
    }
    found.or_else(|| numbers.len().checked_sub(1))
}

fn kind(code: Option<&str>, segment: Segment<'_>, decoded: &mut Decoded) -> Kind {
    match code {
        Some("S") => Kind::Shipment,
        Some("O") => Kind::Order,
        Some("T") => Kind::Tare,
        Some("P" | "Q") => Kind::Pack,
        Some("I" | "F" | "K") => Kind::Item,
        other => {
            let shown: String = other.unwrap_or("nothing").chars().take(16).collect();
            let detail = format!(
                "The level is of the kind {shown}, which has no place here; what it says is kept with the shipment."
            );
            decoded.finding(Finding::warning("UNKNOWN-LEVEL", segment.at(3), detail));
            Kind::Other
        }
    }
}

/// The levels that a level stands in, from the nearest on.
pub(super) fn above(levels: &[Level<'_>], index: usize) -> Vec<usize> {
    std::iter::successors(levels[index].parent, |index| levels[*index].parent).collect()
}

/// The levels that stand in a level, near and far.
pub(super) fn below(levels: &[Level<'_>], index: usize) -> Vec<usize> {
    // A level stands behind the one that it stands in.
    let mut within = vec![false; levels.len()];
    for (later, level) in levels.iter().enumerate().skip(index + 1) {
        within[later] = level.parent.is_some_and(|parent| parent == index || within[parent]);
    }
    (index + 1..levels.len()).filter(|later| within[*later]).collect()
}

/// Whether a level holds packs, so that what is in it is rather in those.
pub(super) fn holds_packs(levels: &[Level<'_>], index: usize) -> bool {
    below(levels, index).iter().any(|below| levels[*below].kind == Kind::Pack)
}
