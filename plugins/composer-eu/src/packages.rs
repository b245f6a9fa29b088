//! Packages in the form that customs wants: what is counted, what is not, and the marks.

use portgate_compose::Gaps;
use portgate_sdk::canonical::Package;

use crate::case::Case;
use crate::line::Line;
use crate::rules;
use crate::written::cut;

/// Goods in bulk, of which no packages are counted (UNECE Recommendation 21).
const BULK: [&str; 7] = ["VG", "VL", "VO", "VQ", "VR", "VS", "VY"];

/// Goods without packaging, of which pieces are counted.
const UNPACKED: [&str; 3] = ["NE", "NF", "NG"];

/// How a system counts, and how long marks may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    /// ICS: what has no packaging is counted as pieces, and not as packages (C062).
    Entry,
    /// NCTS: its pieces are counted as packages (C0060).
    Transit,
}

impl Counting {
    fn marks_max(self) -> usize {
        match self {
            Counting::Entry => 140,
            Counting::Transit => 512,
        }
    }
}

/// The packages of a line. What is missing is said.
pub(crate) fn of(case: &Case<'_>, line: &Line, counting: Counting, gaps: &mut Gaps) -> Vec<Package> {
    if line.packages.is_empty() {
        let detail = format!("Nothing says how the goods of {} are packed.", line.name);
        let remedy = "The warehouse says it in the packing list, the carrier in the transport document; goods in bulk have a type of package as well.";
        gaps.add(rules::PACKAGES, [line.at.clone()], detail, remedy);
    }
    line.packages.iter().filter_map(|package| one(case, line, package, counting, gaps)).collect()
}

fn one(case: &Case<'_>, line: &Line, package: &Package, counting: Counting, gaps: &mut Gaps) -> Option<Package> {
    let kind = &*package.r#type;
    if kind.chars().count() != 2 {
        let detail = format!(
            "The packages of {} are of the type `{kind}`, and customs knows those of UNECE Recommendation 21, which have two characters.",
            line.name
        );
        gaps.add(
            rules::PACKAGES,
            [line.at.clone()],
            detail,
            "Who packed the goods, or the carrier, says the type in that code.",
        );
        return None;
    }
    let new = |count| Package {
        marks: package.marks.as_deref().and_then(|marks| cut(marks, counting.marks_max())),
        ..Package::new(package.r#type.clone(), count)
    };
    if BULK.contains(&kind) {
        return Some(Package { uncounted: Some(true), ..new(0) });
    }
    if UNPACKED.contains(&kind) {
        let pieces = package.pieces.unwrap_or(package.count);
        return Some(match counting {
            Counting::Entry => Package { pieces: Some(pieces), uncounted: Some(true), ..new(0) },
            Counting::Transit => new(pieces),
        });
    }
    if package.uncounted == Some(true) {
        let detail = format!("Nothing says how many packages of the type `{kind}` the goods of {} are in.", line.name);
        gaps.add(rules::PACKAGES, [line.at.clone()], detail, "Who packed the goods, or the carrier, counts them.");
        return None;
    }
    let mut packed = new(package.count);
    if packed.marks.is_none() {
        packed.marks = case.settings.get("no-marks").and_then(|marks| cut(marks, counting.marks_max()));
    }
    if packed.marks.is_none() {
        let detail =
            format!("The packages of {} have no marks, and customs wants the marks of what is packed.", line.name);
        let remedy = "Who packed the goods, or the carrier, says what is written on them; policy can say what is declared of packages without marks (`no-marks`).";
        gaps.add(rules::MARKS, [line.at.clone()], detail, remedy);
    }
    Some(packed)
}
