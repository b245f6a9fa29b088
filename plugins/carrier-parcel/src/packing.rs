//! The parcels of a shipment, and which of them goods are in.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Decimal, Package, Text};

use crate::lacks::Lacks;

/// The most parcels of one shipment.
const PARCELS_MAX: u32 = 200;

/// One parcel.
pub(crate) struct Parcel {
    /// Where it stands.
    pub(crate) at: Pointer,
    /// What it weighs, in kilograms.
    pub(crate) kilograms: Decimal,
    /// Length, width and height, in centimetres.
    pub(crate) centimetres: Option<[Decimal; 3]>,
    /// The package that it is, by its place in the list, where that one is this parcel alone.
    package: Option<usize>,
}

/// A shipment's packages as parcels.
pub(crate) struct Packing<'a> {
    /// Its parcels, each by itself.
    pub(crate) parcels: Vec<Parcel>,
    packages: &'a [Package],
}

impl<'a> Packing<'a> {
    /// Packages that stand in no other one, each by itself; or the shipment as one parcel where it names none. `gross_kg` is
    /// what all of it weighs.
    pub(crate) fn of(
        packages: &'a [Package],
        gross_kg: Option<Decimal>,
        at: &Pointer,
        lacks: &mut Lacks,
    ) -> Option<Self> {
        let list = at.key("packages");
        let outer: Vec<(usize, &Package)> =
            packages.iter().enumerate().filter(|(_, package)| package.packed_in.is_none()).collect();
        let count: u32 = outer.iter().map(|(_, package)| package.count).fold(0, u32::saturating_add);
        if count > PARCELS_MAX {
            let detail = format!("A shipment has at most {PARCELS_MAX} parcels, not {count}.");
            lacks.wrong("TOO-MANY-PARCELS", list, detail);
            return None;
        }
        if count == 0 {
            let kilograms = gross_kg.filter(|kilograms| !kilograms.is_zero());
            let kilograms = lacks.needed(kilograms, at.key("grossKg"), "Say what the parcel weighs.")?;
            let whole = Parcel { at: at.clone(), kilograms, centimetres: None, package: None };
            return Some(Packing { parcels: vec![whole], packages });
        }
        let mut parcels = Vec::new();
        for (index, package) in outer {
            let at = list.index(index);
            let all = package.gross_kg.or(gross_kg.filter(|_| count == 1));
            let each = all.and_then(|all| all.divided_by(Decimal::from(i64::from(package.count))));
            let each = each.filter(|each| !each.is_zero() && !each.is_negative());
            let Some(kilograms) = lacks.needed(each, at.key("grossKg"), "Say what the package weighs.") else {
                continue;
            };
            let size = package.dimensions.as_ref();
            let centimetres = size.map(|size| [size.length_cm, size.width_cm, size.height_cm]);
            for _ in 0..package.count {
                let package = (package.count == 1).then_some(index);
                parcels.push(Parcel { at: at.clone(), kilograms, centimetres, package });
            }
        }
        (!parcels.is_empty()).then_some(Packing { parcels, packages })
    }

    /// The one parcel that all of these packages are or stand in, by its place among the parcels.
    pub(crate) fn parcel_of(&self, refs: &[Text<32>]) -> Option<usize> {
        let (first, rest) = refs.split_first()?;
        let outer = self.outermost(first)?;
        let is_one = rest.iter().all(|name| self.outermost(name) == Some(outer));
        self.parcels.iter().position(|parcel| is_one && parcel.package == Some(outer))
    }

    /// The package that one stands in and that stands in no other one. What stands in itself is in none.
    fn outermost(&self, name: &str) -> Option<usize> {
        let mut index = self.package(name)?;
        for _ in self.packages {
            match &self.packages[index].packed_in {
                Some(outer) => index = self.package(outer)?,
                None => return Some(index),
            }
        }
        None
    }

    /// A package by its SSCC or its number in the list, from 1.
    fn package(&self, name: &str) -> Option<usize> {
        let by_sscc = self.packages.iter().position(|package| package.sscc.as_deref() == Some(name));
        let by_number = || name.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < self.packages.len());
        by_sscc.or_else(by_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel_of(packages: &[Package], refs: &[&str]) -> Option<usize> {
        let packing = Packing::of(packages, None, &Pointer::root(), &mut Lacks::default()).expect("parcels");
        let refs: Vec<Text<32>> = refs.iter().map(|name| Text::new(*name).expect("a name")).collect();
        packing.parcel_of(&refs)
    }

    fn package(count: u32, sscc: Option<&str>, packed_in: Option<&str>) -> Package {
        let mut package = Package::new(Text::new("CT").expect("a type"), count);
        package.gross_kg = Some(Decimal::from(1));
        package.sscc = sscc.map(|sscc| Text::new(sscc).expect("an SSCC"));
        package.packed_in = packed_in.map(|outer| Text::new(outer).expect("a name"));
        package
    }

    #[test]
    fn goods_are_in_the_one_parcel_that_all_their_packages_stand_in() {
        let sscc = "003401234500000018";
        let packages = [
            package(2, None, None),
            package(1, Some(sscc), None),
            package(1, None, None),
            package(1, None, Some(sscc)),
            package(1, None, Some("4")),
            package(1, None, Some("6")),
        ];
        for inside in [&["2"][..], &[sscc], &["4"], &["5", "2", sscc]] {
            assert_eq!(parcel_of(&packages, inside), Some(2), "{inside:?}");
        }
        assert_eq!(parcel_of(&packages, &["3"]), Some(3));
        for nowhere in [&[][..], &["1"], &["2", "3"], &["6"], &["0"], &["7"], &["2", "7"], &["CT"]] {
            assert_eq!(parcel_of(&packages, nowhere), None, "{nowhere:?}");
        }
    }
}
