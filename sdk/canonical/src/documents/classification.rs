//! A tariff classification: which code an item has, where, and from when to when.

use std::collections::BTreeMap;

use crate::{Date, Hs6, HsCode, Provenance, Text, Timestamp};

document! {
    /// The classification of an item in one jurisdiction for one span of time.
    ItemClassification = "item-classification" {
        required {
            /// The item.
            sku: Text<64>,
            /// A country, `EU` or `XI`.
            jurisdiction: Text<8>,
            /// `HS2022`, `CN8`, `TARIC10`, `HTSUS10`, `UKGT10`, `NCM8`, or another nomenclature's name.
            nomenclature: Text<16>,
            /// The code in that nomenclature.
            code: HsCode,
        }
        optional {
            /// The first six digits.
            hs6: Hs6,
            /// The first day on which it holds.
            valid_from: Date,
            /// The last day on which it holds.
            valid_to: Date,
            /// A binding ruling that it rests on.
            ruling_ref: Text<64>,
            /// How sure the decision is: `high`, `medium`, `low`.
            confidence: Text<16>,
            /// Who decided.
            decided_by: Text<128>,
            /// When.
            decided_at: Timestamp,
        }
        lists {
            /// TARIC and national additional codes.
            additional_codes: Text<8>, at most 16;
        }
    }
}

impl ItemClassification {
    /// Whether it holds on a day, `YYYY-MM-DD`.
    pub fn holds_on(&self, day: &str) -> bool {
        self.valid_from.as_ref().is_none_or(|from| from.as_str() <= day)
            && self.valid_to.as_ref().is_none_or(|to| day <= to.as_str())
    }

    /// Whether one article in one jurisdiction cannot be both: neither code begins with the other, or other codes are added to it.
    pub fn contradicts(&self, other: &Self) -> bool {
        !self.code.agrees_with(other.code.as_str()) || self.additional_codes != other.additional_codes
    }
}

/// The classifications that count on a day (`YYYY-MM-DD`; without one, whatever the day), in the order of article, jurisdiction and
/// system: of what one system says of an article in a jurisdiction the last, and all of it that is of the same time. So a code that
/// takes the place of another under another `id` does so as well.
pub fn classified<'c, T>(
    all: impl IntoIterator<Item = &'c T>,
    read: impl Fn(&'c T) -> (&'c Provenance, &'c ItemClassification),
    day: Option<&str>,
) -> Vec<&'c T> {
    let mut last: BTreeMap<_, Vec<&'c T>> = BTreeMap::new();
    for one in all {
        let (by, says) = read(one);
        if day.is_some_and(|day| !says.holds_on(day)) {
            continue;
        }
        let known = last.entry((&*says.sku, &*says.jurisdiction, &*by.system)).or_default();
        let recorded = |of: &'c T| read(of).0.recorded_at.instant();
        match known.first().copied().map(|known| recorded(one).cmp(&recorded(known))) {
            Some(std::cmp::Ordering::Less) => {}
            Some(std::cmp::Ordering::Equal) | None => known.push(one),
            Some(std::cmp::Ordering::Greater) => *known = vec![one],
        }
    }
    last.into_values().flatten().collect()
}
