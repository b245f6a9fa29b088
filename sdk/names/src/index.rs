//! Many names, searched by one that may be misspelt.

use std::collections::HashMap;

use crate::features::{Feature, features};
use crate::name::Name;

/// Names in memory, found by what they have in common with another. What is common to many names counts little.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Of each feature: what it weighs, and which names have it, as a run of `names_with`.
    features: HashMap<Feature, Posting>,
    /// Names by their number, a run for each feature.
    names_with: Vec<u32>,
    /// Of each name the sum of what its features weigh.
    weights: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Posting {
    weight: u32,
    start: u32,
    length: u32,
}

/// A name that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number among the names of the index, from 0.
    pub number: u32,
    /// What it has in common with the name that was searched for, of a thousand.
    pub shared: u16,
}

/// What a name must have in common to be found at all, of a thousand.
const SHARED_MIN: u64 = 100;

impl Index {
    /// An index of these names, numbered in their order; of more than `u32::MAX` those are left out.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut holders: HashMap<Feature, Vec<u32>> = HashMap::new();
        let mut count = 0_u32;
        let mut of_each = Vec::new();
        for name in names {
            let features = features(&Name::read(name));
            for feature in &features {
                holders.entry(feature.clone()).or_default().push(count);
            }
            of_each.push(features);
            count = match count.checked_add(1) {
                Some(next) => next,
                None => break,
            };
        }
        let mut index = Index::default();
        for (feature, holding) in holders {
            let weight = weight(count, holding.len());
            let (start, length) = (index.names_with.len() as u32, holding.len() as u32);
            index.names_with.extend(holding);
            index.features.insert(feature, Posting { weight, start, length });
        }
        let weigh = |feature: &Feature| index.features.get(feature).map_or(0, |posting| posting.weight);
        index.weights = of_each.iter().map(|features| features.iter().map(weigh).sum()).collect();
        index
    }

    /// How many names it has.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The names that have most in common with this one, of those that `is_wanted`, at most `most`: the most alike first, of
    /// those that are equally so the first.
    pub fn search(&self, name: &str, most: usize, is_wanted: impl Fn(u32) -> bool) -> Vec<Found> {
        let features = features(&Name::read(name));
        // What no name has weighs as much as what one has, or a name of none but unknown parts would resemble anything.
        let unknown = weight(self.weights.len() as u32, 1);
        let mut own_weight = 0_u64;
        let mut shared = vec![0_u32; self.weights.len()];
        for feature in &features {
            let Some(Posting { weight, start, length }) = self.features.get(feature).copied() else {
                own_weight += u64::from(unknown);
                continue;
            };
            own_weight += u64::from(weight);
            for number in &self.names_with[start as usize..(start + length) as usize] {
                shared[*number as usize] += weight;
            }
        }
        let found = shared.iter().zip(&self.weights).enumerate().filter(|(_, (shared, _))| **shared > 0);
        let mut found: Vec<(u64, u32)> = found
            .map(|(number, (shared, weight))| {
                (common(u64::from(*shared), own_weight, u64::from(*weight)), number as u32)
            })
            .filter(|(common, number)| *common >= SHARED_MIN && is_wanted(*number))
            .collect();
        let order = |(common, number): &(u64, u32)| (std::cmp::Reverse(*common), *number);
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by_key(most - 1, order);
        }
        found.truncate(most);
        found.sort_unstable_by_key(order);
        found.into_iter().map(|(common, number)| Found { number, shared: common.min(1_000) as u16 }).collect()
    }
}

/// What two names have in common of a thousand: between what it is of both and what it is of the lighter one, since one of them
/// may be a part of the other.
fn common(shared: u64, one: u64, other: u64) -> u64 {
    let of_both = 2_000 * shared / (one + other).max(1);
    let of_lighter = 1_000 * shared / one.min(other).max(1);
    (2 * of_both + of_lighter) / 3
}

/// What a feature weighs that so many of all names have: the less the more have it.
fn weight(names: u32, holding: usize) -> u32 {
    let rarity = f64::from(names.max(1)) / (holding.max(1) as f64);
    // Rounded to whole numbers, so that sums do not depend on the order of their parts.
    (16.0 * (1.0 + rarity.ln())) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &[&str] = &[
        "AEROCARIBBEAN AIRLINES",
        "CRUZ, Juan M. de la",
        "AL-QADHAFI, Muammar",
        "SINOBRIGHT IMPORT AND EXPORT COMPANY",
        "SALIM, 'Abd al-Rahman Ould Muhammad al-Husayn Ould Muhammad",
        "HERMANN",
        "IRAN AIRCRAFT MANUFACTURING INDUSTRIES",
    ];

    fn first(name: &str) -> Option<&'static str> {
        let found = Index::new(LISTED.iter().copied()).search(name, 5, |_| true);
        found.first().map(|found| LISTED[found.number as usize])
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for (written, listed) in [
            ("Aero Caribbean Airlines", 0),
            ("Airlines Aerocaribean", 0),
            ("juan de la cruz", 1),
            ("Moammar Gaddafi", 2),
            ("Sino Bright Imp. & Export Co. Ltd.", 3),
            ("Abdurrahman walad Mohamed Hussein Salem", 4),
            ("Herman", 5),
            ("Irana Aircraft Manufacturing Industry", 6),
        ] {
            assert_eq!(first(written), Some(LISTED[listed]), "{written}");
        }
        assert_eq!(first("Zzyzx Quorp"), None);
        assert_eq!(first(""), None);
    }

    #[test]
    fn only_what_is_wanted_is_found_and_no_more_than_was_asked_for() {
        let index = Index::new(["Alpha Trading", "Alpha Trading", "Alpha Trade", "Beta"]);
        let numbers = |most, wanted: fn(u32) -> bool| -> Vec<u32> {
            index.search("Alpha Trading", most, wanted).iter().map(|found| found.number).collect()
        };
        assert_eq!(numbers(9, |_| true), [0, 1, 2]);
        assert_eq!(numbers(2, |_| true), [0, 1]);
        assert_eq!(numbers(9, |number| number != 0), [1, 2]);
        assert_eq!(numbers(0, |_| true), Vec::<u32>::new());
        assert_eq!(index.search("Alpha Trading", 1, |_| true)[0].shared, 1_000);
        assert_eq!((index.len(), index.is_empty(), Index::default().is_empty()), (4, false, true));
    }
}
