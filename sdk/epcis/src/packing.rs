//! What was packed into what, and that it was shipped.

use portgate_canonical::{ItemId, Package, PackedLine, Packing, Purpose, Quantity, Source, StatedTime, Timestamp};
use serde_json::json;

use crate::event::{Action, BizTransaction, ClassQuantity, Event, Handover, Kind};
use crate::{Refusal, gs1, names};

/// An aggregation for each package with something in it, and that what stands in no other package was shipped.
pub(crate) fn events(packing: &Packing) -> Result<Vec<Event>, Refusal> {
    let items: Vec<Item<'_>> = packing.lines.iter().map(Item::from).collect();
    let parties: Vec<_> = packing.orders.iter().flat_map(|order| order.parties.clone()).collect();
    let buyer = names::buyer(&parties);
    let mut papers = vec![names::transaction("despatch-advice", &packing.shipment_id, None)];
    papers.extend(names::transactions(&packing.references, buyer));
    let orders = packing.orders.iter().map(|order| &order.order_ref);
    let orders = orders.chain(packing.lines.iter().filter_map(|line| line.order_ref.as_ref()));
    papers.extend(orders.map(|order| names::transaction("order", order, buyer)));
    let shipped = Shipped {
        id: &packing.shipment_id,
        packages: &packing.packages,
        items,
        when: when(&packing.times, SHIPPED, &packing.source),
        papers,
        handover: names::handover(&parties),
        taken_back: (packing.purpose == Some(Purpose::Cancellation)).then_some(&packing.source.recorded_at),
    };
    shipped.events()
}

/// The lists and codes that say when goods went out.
pub(crate) const SHIPPED: &[(&str, &str)] = &[("X12 374", "011"), ("X12 432", "11"), ("UNTDID 2005", "11")];
/// The lists and codes that say when goods came in.
pub(crate) const RECEIVED: &[(&str, &str)] = &[("X12 374", "050"), ("UNTDID 2005", "50"), ("UNTDID 2005", "310")];

/// When something was done, and whether that is only when it was told.
pub(crate) struct When<'a> {
    pub(crate) time: &'a Timestamp,
    told: bool,
    pub(crate) location: String,
}

impl When<'_> {
    /// Says of an event that its time is that of the report.
    pub(crate) fn say(&self, event: &mut Event) {
        event.say("timeOf", self.told.then_some("report"));
    }
}

/// The time of one of these meanings, with the offset of its clock; else when it was told.
pub(crate) fn when<'a>(times: &'a [StatedTime], meanings: &[(&str, &str)], source: &'a Source) -> When<'a> {
    let meant = |time: &StatedTime| meanings.contains(&(&*time.meaning.code_list, &*time.meaning.code));
    for (index, stated) in times.iter().enumerate() {
        if let Some(time) = stated.at.as_ref().filter(|at| !at.is_local() && meant(stated)) {
            return When { time, told: false, location: format!("/times/{index}/at") };
        }
    }
    When { time: &source.recorded_at, told: true, location: "/source/recordedAt".to_owned() }
}

/// Goods of one item.
pub(crate) struct Item<'a> {
    pub(crate) line_no: Option<&'a str>,
    pub(crate) sku: Option<&'a str>,
    pub(crate) gtin: Option<&'a str>,
    pub(crate) lot: Option<&'a str>,
    pub(crate) ids: &'a [ItemId],
    pub(crate) quantity: Option<&'a Quantity>,
    /// The packages, by their SSCC or their number.
    pub(crate) packages: Vec<&'a str>,
}

impl<'a> From<&'a PackedLine> for Item<'a> {
    fn from(line: &'a PackedLine) -> Self {
        Item {
            line_no: line.line_no.as_deref(),
            sku: line.sku.as_deref(),
            gtin: line.gtin.as_deref(),
            lot: line.lot.as_deref(),
            ids: &line.ids,
            quantity: Some(&line.quantity),
            packages: line.package_ref.iter().chain(&line.package_refs).map(|package| &**package).collect(),
        }
    }
}

impl Item<'_> {
    /// What the item is called as a class; by the line of the document where nothing else names it.
    fn class(&self, document: &str) -> String {
        let gtin = self.gtin.or_else(|| self.id("GTIN"));
        let batch = || gs1::batch(gtin?, self.lot?);
        let own = || match (self.sku.or_else(|| self.ids.first().map(|id| &*id.value)), self.lot) {
            (Some(item), Some(lot)) => format!("{}:{}", names::own("item", item), gs1::encoded(lot)),
            (Some(item), None) => names::own("item", item),
            (None, _) => format!("{}:{}", names::own("line", document), gs1::encoded(self.line_no.unwrap_or("0"))),
        };
        batch().or_else(|| gtin.and_then(gs1::gtin)).unwrap_or_else(own)
    }

    fn id(&self, scheme: &str) -> Option<&str> {
        self.ids.iter().find(|id| &*id.scheme == scheme).map(|id| &*id.value)
    }

    /// The pieces that a serial number names, where the item has a GTIN and is counted in pieces.
    fn pieces(&self) -> Vec<String> {
        let Some(gtin) = self.gtin.or_else(|| self.id("GTIN")) else { return Vec::new() };
        if self.quantity.is_none_or(|quantity| quantity.unit.as_str() != "C62") {
            return Vec::new();
        }
        let serials = self.ids.iter().filter(|id| &*id.scheme == "serial-number");
        serials.filter_map(|id| gs1::piece(gtin, &id.value)).collect()
    }

    /// What of it has a name, and how much has none.
    fn told(&self, document: &str) -> (Vec<String>, Option<ClassQuantity>) {
        let pieces = self.pieces();
        let Some(quantity) = self.quantity else {
            return (pieces, Some(ClassQuantity::uncounted(self.class(document))));
        };
        let named = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
        let rest = Quantity { value: quantity.value - named.into(), unit: quantity.unit.clone() };
        (pieces, ClassQuantity::new(self.class(document), &rest))
    }
}

/// Goods that were shipped, in their packages.
pub(crate) struct Shipped<'a> {
    pub(crate) id: &'a str,
    pub(crate) packages: &'a [Package],
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) when: When<'a>,
    pub(crate) papers: Vec<BizTransaction>,
    pub(crate) handover: Handover,
    /// When it was taken back.
    pub(crate) taken_back: Option<&'a Timestamp>,
}

/// What is in one package, or in none.
#[derive(Default)]
struct Contents {
    things: Vec<String>,
    quantities: Vec<ClassQuantity>,
}

impl Shipped<'_> {
    /// That goods came in: in which packages, or how much of what.
    pub(crate) fn received(self) -> Result<Vec<Event>, Refusal> {
        let mut seen = Contents::default();
        for index in 0..self.packages.len() {
            seen.things.extend(self.name(index));
        }
        for (pieces, rest) in self.items.iter().map(|item| item.told(self.id)) {
            seen.things.extend(pieces);
            seen.quantities.extend(rest);
        }
        if seen.things.is_empty() && seen.quantities.is_empty() {
            return Err(Refusal::new("NO-OBJECT", "/lines", "Nothing was received."));
        }
        let received = self.event((Kind::ObjectEvent, Action::Observe), "receiving", seen)?;
        Ok(vec![received.disposition(Some("in_progress")).handover(self.handover)])
    }

    /// That goods went out: what was packed into what, and what was shipped.
    pub(crate) fn events(self) -> Result<Vec<Event>, Refusal> {
        let mut inside: Vec<Contents> = self.packages.iter().map(|_| Contents::default()).collect();
        let mut loose = Contents::default();
        for (index, package) in self.packages.iter().enumerate() {
            let outer =
                package.packed_in.as_deref().and_then(|outer| self.index(outer)).filter(|outer| *outer != index);
            let place = outer.map_or(&mut loose, |outer| &mut inside[outer]);
            match self.name(index) {
                Some(name) => place.things.push(name),
                None => place.quantities.extend(self.kind(index)),
            }
        }
        for item in &self.items {
            let packages: Vec<usize> = item.packages.iter().filter_map(|package| self.index(package)).collect();
            let (pieces, rest) = item.told(self.id);
            match packages[..] {
                [] => {
                    loose.things.extend(pieces);
                    loose.quantities.extend(rest);
                }
                [one] => {
                    inside[one].things.extend(pieces);
                    inside[one].quantities.extend(rest);
                }
                // How much is in which is not said.
                _ => packages.iter().for_each(|package| {
                    inside[*package].quantities.push(ClassQuantity::uncounted(item.class(self.id)));
                }),
            }
        }
        let mut events = Vec::new();
        for (index, contents) in inside.into_iter().enumerate() {
            // Packages that are only counted are nothing that something can be in.
            let Some(parent) = self.name(index) else {
                loose.things.extend(contents.things);
                loose.quantities.extend(contents.quantities);
                continue;
            };
            if !contents.things.is_empty() || !contents.quantities.is_empty() {
                let mut packed = self.event((Kind::AggregationEvent, Action::Add), "packing", contents)?.parent(parent);
                packed = packed.disposition(Some("in_progress"));
                self.say(&mut packed, index);
                events.push(packed);
            }
        }
        if loose.things.is_empty() && loose.quantities.is_empty() {
            return Err(Refusal::new("NO-OBJECT", "/packages", "It has neither packages nor goods."));
        }
        let shipped = self.event((Kind::ObjectEvent, Action::Observe), "shipping", loose)?;
        events.push(shipped.disposition(Some("in_transit")).handover(self.handover));
        Ok(events)
    }

    fn event(&self, what: (Kind, Action), step: &'static str, contents: Contents) -> Result<Event, Refusal> {
        let mut event = Event::new(what, step, self.when.time, &self.when.location)?
            .about(contents.things, contents.quantities)
            .papers(self.papers.clone());
        self.when.say(&mut event);
        Ok(match self.taken_back {
            Some(at) => event.taken_back(at),
            None => event,
        })
    }

    /// The package that an SSCC or a number from 1 means.
    fn index(&self, package: &str) -> Option<usize> {
        let by_code = self.packages.iter().position(|known| known.sscc.as_deref() == Some(package));
        let by_number = || package.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < self.packages.len());
        by_code.or_else(by_number)
    }

    /// The name of one package; none of several that have none.
    fn name(&self, index: usize) -> Option<String> {
        let package = &self.packages[index];
        let named = package.sscc.as_deref().map(|sscc| gs1::sscc(sscc).unwrap_or_else(|| names::own("sscc", sscc)));
        let tracked = || package.tracking_number.as_deref().map(names::parcel);
        let numbered = || (package.count == 1).then(|| format!("{}:{}", names::own("package", self.id), index + 1));
        named.or_else(tracked).or_else(numbered)
    }

    /// Packages that are only counted, as a class of their own.
    fn kind(&self, index: usize) -> Option<ClassQuantity> {
        ClassQuantity::pieces(format!("{}:{}", names::own("packages", self.id), index + 1), self.packages[index].count)
    }

    /// What is known of a package beyond its name.
    fn say(&self, event: &mut Event, index: usize) {
        let package = &self.packages[index];
        event.say("packageType", Some(package.r#type.to_string()));
        event.say("grossKg", package.gross_kg.map(|weight| json!(weight.to_string())));
        event.say("marks", package.marks.as_ref().map(|marks| json!(marks.to_string())));
    }
}
