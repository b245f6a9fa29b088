//! What a ship notice says of the whole shipment, or of one order of it.

use portgate_sdk::Decoded;
use portgate_sdk::canonical::{Package, PackedOrder, Purpose, Text};
use portgate_sdk::x12::Segment;

use crate::amounts::{self, Weights, decimal, measure};
use crate::carrier::Carriage;
use crate::codes::code;
use crate::details::{Details, bounded};
use crate::packages;
use crate::parties::Parties;
use crate::sets::text;

/// A shipment, or an order of it.
#[derive(Default)]
pub(super) struct Whole {
    /// Whether packages are listed one by one, so that `TD1` only adds them up.
    pub(super) has_packages: bool,
    pub(super) purpose: Option<Purpose>,
    pub(super) shipment_id: Option<Text<64>>,
    pub(super) package_count: Option<u32>,
    /// The first packaging code, which says what packages are that say nothing themselves.
    pub(super) packaging: Option<String>,
    pub(super) carriage: Carriage,
    pub(super) parties: Parties,
    pub(super) details: Details,
    pub(super) packages: Vec<Package>,
}

impl Whole {
    /// Takes a segment; what has no field is kept in words.
    pub(super) fn take(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let details = &mut self.details;
        match segment.tag() {
            "TD1" => self.carton_details(segment, decoded),
            "PRF" => self.purchase_order(segment, decoded),
            "TD4" => {
                details.classify(segment, 1, "X12 152");
                details.classify(segment, 2, "X12 208");
                details.classify(segment, 3, "X12 209");
                details.keep_from(segment, 4, decoded);
            }
            "PID" => description(details, segment, decoded),
            _ => {
                let taken = self.parties.take(segment, details, decoded)
                    || self.carriage.take(segment, details, decoded)
                    || details.take(segment, decoded);
                if !taken {
                    details.keep(segment, decoded);
                }
            }
        }
    }

    /// `TD1`: how many packages of which kind, what they weigh and measure. Several are added up.
    fn carton_details(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let packaging = text(segment, 1);
        let count = amounts::count(segment, 2, "package-count", &mut self.details.weights.measures, decoded);
        if let Some(count) = count {
            self.package_count = Some(self.package_count.unwrap_or(0).saturating_add(count));
        }
        self.details.classify(segment, 3, "X12 23");
        self.details.keep_element(segment, 4, decoded);
        self.details.keep_element(segment, 5, decoded);
        let mut weights = Weights::default();
        weights.weight(segment, 7, Some(6), 8, decoded);
        weights.volume(segment, 9, 10, decoded);
        self.details.keep_from(segment, 11, decoded);
        if let (false, Some(count)) = (self.has_packages, count.filter(|_| packaging.is_some())) {
            let mut package = Package { count, ..packages::one(packages::PACKAGE) };
            packages::pack_as(&mut package, segment, 1, decoded);
            package.gross_kg = weights.gross_kg;
            package.net_kg = weights.net_kg;
            package.volume_m3 = weights.volume_m3;
            self.packages.push(package);
        } else if let Some(written) = &packaging {
            let kind = packages::kind(written, segment.at(1).to_string(), decoded);
            let kind = code(kind, "UNECE Rec 21", Some(written));
            self.details.classifications.extend(kind.filter(|kind| !self.details.classifications.contains(kind)));
        }
        self.packaging = self.packaging.take().or(packaging);
        let total = &mut self.details.weights;
        let added = |known: &mut Option<_>, more: Option<portgate_sdk::canonical::Decimal>| {
            if let Some(more) = more {
                *known = Some(known.map_or(more, |known| known + more));
            }
        };
        added(&mut total.gross_kg, weights.gross_kg);
        added(&mut total.net_kg, weights.net_kg);
        added(&mut total.volume_m3, weights.volume_m3);
        total.measures.extend(weights.measures);
    }

    /// `PRF`: the order, its release, change, day, contract and type.
    fn purchase_order(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        for (element, scheme) in
            [(1, "order"), (2, "order-release"), (3, "order-change"), (5, "order-assigned"), (6, "contract")]
        {
            if let Some(value) = text(segment, element) {
                self.details.refer(scheme, &value, segment.at(element).to_string(), decoded);
            }
        }
        if let Some(date) = text(segment, 4) {
            let meaning = code("PRF-04", "X12 segment", None);
            self.details.time(meaning, &date, None, None, segment.at(4).to_string(), decoded);
        }
        self.details.classify(segment, 7, "X12 92");
        self.details.keep_from(segment, 8, decoded);
    }

    /// The order as a packing list has it. What it says of how goods travel, and its codes, are kept as notes.
    pub(super) fn into_order(self, number: Text<64>, at: &str, decoded: &mut Decoded) -> PackedOrder {
        let Whole { mut details, carriage, parties, package_count, .. } = self;
        details.references.retain(|known| !(&*known.scheme == "order" && *known.value == *number));
        if let Some(journey) = carriage.journey() {
            let words = [journey.carrier.as_deref(), journey.carrier_name.as_deref(), journey.service.as_deref()];
            let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
            details.words(&words, code("TD5", "X12 segment", None), at.to_owned(), decoded);
        }
        for equipment in &carriage.equipment {
            details.refer("equipment", &equipment.id, at.to_owned(), decoded);
            equipment.seals.iter().for_each(|seal| details.refer("seal", seal, at.to_owned(), decoded));
        }
        let terms = carriage.freight_terms.into_iter();
        for known in terms.chain(std::mem::take(&mut details.classifications)) {
            let words = known.source_code.as_deref().unwrap_or(&*known.code).to_owned();
            details.words(&words, Some(known), at.to_owned(), decoded);
        }
        // Measures have room for what was weighed, which an order has no fields for.
        let weights = &mut details.weights;
        for (kind, kilograms) in [("gross-weight", weights.gross_kg), ("net-weight", weights.net_kg)] {
            let is_stated = weights.measures.iter().any(|known| &*known.kind == kind);
            let unit = code("KGM", crate::units::REC_20, None);
            weights.measures.extend(kilograms.filter(|_| !is_stated).and_then(|kg| measure(kind, kg, unit, None)));
        }
        PackedOrder {
            package_count,
            parties: bounded(parties.list, 16, "parties of one order", at, decoded),
            references: bounded(details.references, 64, "references of one order", at, decoded),
            measures: bounded(details.weights.measures, 32, "measures", at, decoded),
            times: bounded(details.times, 16, "times", at, decoded),
            notes: bounded(details.notes, 100, "notes", at, decoded),
            ..PackedOrder::new(number)
        }
    }
}

/// `PID`: a feature in words, or by its code of an agency's list.
pub(super) fn description(details: &mut Details, segment: Segment<'_>, decoded: &mut Decoded) {
    match text(segment, 2) {
        Some(feature) => details.say(segment, 5, (&feature, "X12 750"), decoded),
        None => details.say(segment, 5, ("PID", "X12 segment"), decoded),
    }
    feature_code(details, segment, decoded);
    details.keep_from(segment, 6, decoded);
}

/// The code of a feature, with its agency; the words are the feature that it is of, where those are not said beside it.
pub(super) fn feature_code(details: &mut Details, segment: Segment<'_>, decoded: &mut Decoded) {
    let Some(known) = text(segment, 4) else { return details.keep_element(segment, 3, decoded) };
    let list = text(segment, 3).map_or_else(|| "X12 751".to_owned(), |agency| format!("X12 559 {agency}"));
    let subject = code(&known, &list, None);
    let feature = text(segment, 2).filter(|_| text(segment, 5).is_none());
    let words = feature.unwrap_or_else(|| known.clone());
    details.words(&words, subject, segment.at(4).to_string(), decoded);
}

/// A number that is a measure without a unit.
pub(super) fn plain(details: &mut Details, segment: Segment<'_>, element: usize, kind: &str, decoded: &mut Decoded) {
    let number = decimal(segment, element, decoded);
    details.weights.measures.extend(number.and_then(|number| measure(kind, number, None, None)));
}
