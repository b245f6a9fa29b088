//! Goods of one item, before a regime makes an item of them.

use portgate_sdk::canonical::{Decimal, Package, Text};

/// Goods of one item.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Where they stand, as a JSON Pointer into the context.
    pub(crate) at: String,
    /// How a person finds them.
    pub(crate) name: String,
    /// The transport document that they are goods of, by its place among those that count.
    pub(crate) bill: Option<usize>,
    pub(crate) description: Option<Text<512>>,
    /// Their commodity codes, as digits, each once. Several where they are described together.
    pub(crate) codes: Vec<String>,
    pub(crate) gross_kg: Option<Decimal>,
    pub(crate) net_kg: Option<Decimal>,
    pub(crate) packages: Vec<Package>,
    /// Containers that they are in.
    pub(crate) containers: Vec<Text<17>>,
    /// UN numbers.
    pub(crate) dangerous: Vec<Text<4>>,
    /// Fields that nobody has stated of them.
    pub(crate) reckoned: Vec<Text<32>>,
}

impl Line {
    /// The one commodity code, if there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        match &self.codes[..] {
            [code] => Some(code),
            _ => None,
        }
    }

    /// Whether both are under one subheading of the Harmonised System.
    pub(crate) fn shares_code(&self, other: &Line) -> bool {
        let subheadings =
            |line: &Line| line.codes.iter().filter_map(|code| code.get(..6)).map(str::to_owned).collect::<Vec<_>>();
        let others = subheadings(other);
        subheadings(self).iter().any(|code| others.contains(code))
    }

    /// What all of its codes begin with, where that is a heading of four digits at least.
    pub(crate) fn heading(&self) -> Option<&str> {
        let first = self.codes.first()?;
        let common = |length: &usize| self.codes.iter().all(|code| code.get(..*length) == first.get(..*length));
        (4..=first.len().min(6)).rev().find(common).and_then(|length| first.get(..length))
    }
}

/// Each value once, where it stands first.
pub(crate) fn unique<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut known, value| {
        if !known.contains(&value) {
            known.push(value);
        }
        known
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(codes: &[&str]) -> Line {
        Line {
            at: String::new(),
            name: String::new(),
            bill: None,
            description: None,
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            gross_kg: None,
            net_kg: None,
            packages: Vec::new(),
            containers: Vec::new(),
            dangerous: Vec::new(),
            reckoned: Vec::new(),
        }
    }

    #[test]
    fn goods_under_several_codes_have_the_heading_that_these_share() {
        assert_eq!(line(&["85171300"]).heading(), Some("851713"));
        assert_eq!(line(&["851713", "851762"]).heading(), Some("8517"));
        assert_eq!(line(&["851713", "851714"]).heading(), Some("85171"));
        assert_eq!(line(&["851713", "940511"]).heading(), None);
        assert_eq!(line(&["1234"]).heading(), Some("1234"));
        assert_eq!(line(&[]).heading(), None);
    }
}
