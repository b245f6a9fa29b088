//! Goods items: lines of goods, each alone or several that a declaration has as one.

use portgate_sdk::canonical::{Country, Money, Package, Text};

use crate::goods::Goods;
use crate::weights::Weight;

/// Lines that are declared as one goods item.
#[derive(Clone, Debug)]
pub struct Together<'g> {
    /// The lines, in their order. There is one at least.
    pub lines: Vec<&'g Goods>,
}

impl<'g> Together<'g> {
    /// Puts lines together that have the same key, where the first of them stands; a line without a key stays alone.
    pub fn by<K: PartialEq>(goods: &'g [Goods], mut key: impl FnMut(&Goods) -> Option<K>) -> Vec<Together<'g>> {
        let mut all: Vec<(Option<K>, Together<'g>)> = Vec::new();
        for line in goods {
            let of = key(line);
            match all.iter_mut().find(|(known, _)| of.is_some() && *known == of) {
                Some((_, together)) => together.lines.push(line),
                None => all.push((of, Together { lines: vec![line] })),
            }
        }
        all.into_iter().map(|(_, together)| together).collect()
    }

    /// The first of the lines.
    pub fn first(&self) -> &'g Goods {
        self.lines[0]
    }

    /// What they are: the different descriptions, one after the other as far as there is room.
    pub fn description(&self) -> Option<Text<512>> {
        let mut known: Vec<&str> = Vec::new();
        for description in self.lines.iter().filter_map(|line| line.description.as_deref()) {
            if !known.contains(&description) {
                known.push(description);
            }
        }
        Text::cut(&known.join("; ")).map(|cut| cut.text)
    }

    /// What they cost together; none where a line has no price or they are in several currencies.
    pub fn price(&self) -> Option<Money> {
        let prices: Vec<&Money> = self.lines.iter().map(|line| line.price.as_ref()).collect::<Option<_>>()?;
        let currency = prices.first()?.currency.clone();
        let same = prices.iter().all(|price| price.currency == currency);
        same.then(|| Money { amount: prices.iter().map(|price| price.amount).sum(), currency })
    }

    /// What they weigh gross; none where that is not known of each.
    pub fn gross(&self) -> Option<Weight> {
        self.lines.iter().map(|line| line.gross).reduce(|one, other| Some(one?.and(other?)))?
    }

    /// What they weigh net; none where that is not known of each.
    pub fn net(&self) -> Option<Weight> {
        self.lines.iter().map(|line| line.net).reduce(|one, other| Some(one?.and(other?)))?
    }

    /// Their packages. Those of one kind with the same marks are one.
    pub fn packages(&self) -> Vec<Package> {
        let mut packages: Vec<Package> = Vec::new();
        for package in self.lines.iter().flat_map(|line| &line.packages) {
            let same = |known: &&mut Package| known.r#type == package.r#type && known.marks == package.marks;
            match packages.iter_mut().find(same) {
                Some(known) => {
                    known.count = known.count.saturating_add(package.count);
                    known.pieces = match (known.pieces, package.pieces) {
                        (None, None) => None,
                        (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
                    };
                }
                None => packages.push(package.clone()),
            }
        }
        packages
    }

    /// Where they were made, where all are from one country.
    pub fn origin(&self) -> Option<&'g Country> {
        let first = self.first().origin.as_ref().map(|(_, country)| country);
        self.lines.iter().all(|line| line.origin.as_ref().map(|(_, country)| country) == first).then_some(first)?
    }

    /// The fields of a goods item that nobody has stated of it: `grossKg`, `netKg`, `packages`, `price`.
    pub fn reckoned(&self) -> Vec<Text<32>> {
        let is_reckoned = |weight: Option<Weight>| weight.is_some_and(|weight| weight.reckoned);
        let fields = [
            ("grossKg", is_reckoned(self.gross())),
            ("netKg", is_reckoned(self.net())),
            ("price", self.lines.iter().any(|line| line.price_reckoned)),
            ("packages", self.lines.iter().any(|line| line.packages_reckoned)),
        ];
        fields.into_iter().filter(|(_, reckoned)| *reckoned).filter_map(|(name, _)| Text::new(name).ok()).collect()
    }
}
