//! The way of the goods: the legs of the shipment or, where it has none, from where its documents say to where.

use portgate_compose::Gaps;
use portgate_sdk::canonical::{
    Classifier, Country, Date, Leg, Location, MilestoneCode, Timestamp, TransportDocument, TransportMode, TransportRef,
};
use portgate_sdk::{Context, Placed};

use crate::case::Case;
use crate::countries::country;
use crate::rules;

/// Something that a document says, with its place.
pub(crate) type At<T> = (String, T);

/// The way of the goods.
pub(crate) struct Route {
    legs: Vec<At<Leg>>,
}

/// One passage: from where to where, by what, and when it arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passage {
    pub(crate) from: Option<At<Location>>,
    pub(crate) to: Option<At<Location>>,
    pub(crate) mode: Option<TransportMode>,
    pub(crate) transport: Option<At<TransportRef>>,
    pub(crate) arrives: Option<At<Timestamp>>,
}

impl Passage {
    /// The UN/LOCODE where it ends.
    pub(crate) fn ends_at(&self) -> Option<&str> {
        self.to.as_ref().and_then(|(_, place)| place.un_locode.as_ref()).map(|code| code.as_str())
    }
}

impl Route {
    pub(crate) fn of(case: &Case<'_>) -> Route {
        // Of several shipments that say legs, the one that knows most of them.
        let shipments = &case.facts.shipments;
        let most = shipments
            .iter()
            .max_by_key(|shipment| (shipment.document.legs.len(), std::cmp::Reverse(shipment.document.id.to_string())));
        let mut legs: Vec<At<Leg>> = most
            .into_iter()
            .flat_map(|shipment| {
                let legs = shipment.document.legs.iter().enumerate();
                legs.map(|(index, leg)| (shipment.at(&format!("/legs/{index}")), leg.clone()))
            })
            .collect();
        legs.sort_by_key(|(_, leg)| leg.seq);
        Route { legs }
    }

    /// The way from a country on: the legs from the first that begins there; all of them where none does.
    pub(crate) fn beginning_in(mut self, wanted: &str) -> Route {
        let begins_there =
            |(_, leg): &At<Leg>| leg.from.as_ref().and_then(country).is_some_and(|country| country.as_str() == wanted);
        if let Some(first) = self.legs.iter().position(begins_there) {
            self.legs.drain(..first);
        }
        self
    }

    /// Where the way begins: the first leg's place, else where the goods are loaded.
    pub(crate) fn begins(&self, case: &Case<'_>) -> Option<At<Location>> {
        let of_leg = self.legs.first().and_then(|(at, leg)| Some((format!("{at}/from"), leg.from.clone()?)));
        of_leg.or_else(|| loading(case))
    }

    /// The passage into a territory; where no leg leads into it, the first one.
    pub(crate) fn crossing(&self, case: &Case<'_>, is_inside: impl Fn(&str) -> bool) -> Passage {
        self.leg_into(&is_inside).map_or_else(|| self.departure(case), |leg| passage(case, leg))
    }

    /// The passage by which the goods come into an area: the first leg that ends in it and begins elsewhere, else the carriage that the
    /// transport document and the shipment speak of.
    pub(crate) fn entry(&self, case: &Case<'_>, is_inside: impl Fn(&str) -> bool) -> Passage {
        self.leg_into(&is_inside).map_or_else(|| carriage(case), |leg| passage(case, leg))
    }

    /// The first leg that ends in an area and begins elsewhere.
    fn leg_into(&self, is_inside: &impl Fn(&str) -> bool) -> Option<&At<Leg>> {
        let inside = |place: &Option<Location>| {
            place.as_ref().and_then(country).is_some_and(|country| is_inside(country.as_str()))
        };
        self.legs.iter().find(|(_, leg)| inside(&leg.to) && !inside(&leg.from))
    }

    /// The first passage.
    pub(crate) fn departure(&self, case: &Case<'_>) -> Passage {
        self.legs.first().map_or_else(|| carriage(case), |leg| passage(case, leg))
    }

    /// The day on which the goods leave, by the plan or as it was.
    pub(crate) fn departs_on(&self, case: &Case<'_>) -> Option<At<String>> {
        let first = self.legs.first();
        let of_leg = first.and_then(|(at, leg)| match (&leg.atd, &leg.etd) {
            (Some(time), _) => Some((format!("{at}/atd"), day(time))),
            (None, Some(time)) => Some((format!("{at}/etd"), day(time))),
            (None, None) => None,
        });
        let planned = |bill: &Placed<TransportDocument>| {
            Some((bill.at("/plannedDeparture"), bill.document.planned_departure.as_ref().map(Date::to_string)?))
        };
        of_leg.or_else(|| case.facts.transport_documents.iter().find_map(planned))
    }

    /// When the goods come to a country, by the first leg that ends there.
    pub(crate) fn arrival_in(&self, case: &Case<'_>, wanted: &str) -> Option<Timestamp> {
        let ends_there =
            |leg: &&At<Leg>| leg.1.to.as_ref().and_then(country).is_some_and(|country| country.as_str() == wanted);
        passage(case, self.legs.iter().find(ends_there)?).arrives.map(|(_, time)| time)
    }

    /// The countries that the goods pass, in their order, each once where it is passed.
    pub(crate) fn itinerary(&self, case: &Case<'_>) -> Vec<Country> {
        let mut countries: Vec<Country> = dispatch(case).into_iter().collect();
        let places: Vec<Location> = match self.legs.is_empty() {
            false => self.legs.iter().flat_map(|(_, leg)| [leg.from.clone(), leg.to.clone()]).flatten().collect(),
            true => [loading(case), discharge(case)].into_iter().flatten().map(|(_, place)| place).collect(),
        };
        countries.extend(places.iter().filter_map(country));
        countries.extend(destination(case));
        countries.dedup();
        countries
    }
}

fn passage(case: &Case<'_>, (at, leg): &At<Leg>) -> Passage {
    let placed = |field: &str, place: &Option<Location>| Some((format!("{at}/{field}"), place.clone()?));
    let time = |field: &str, time: &Option<Timestamp>| Some((format!("{at}/{field}"), time.clone()?));
    let to = placed("to", &leg.to);
    let arrives = time("ata", &leg.ata).or_else(|| time("eta", &leg.eta)).or_else(|| milestone(case, to.as_ref()));
    Passage {
        from: placed("from", &leg.from),
        mode: leg.mode.or_else(|| mode(case)),
        transport: leg
            .transport
            .clone()
            .map(|transport| (format!("{at}/transport"), transport))
            .or_else(|| voyage(case)),
        arrives,
        to,
    }
}

/// The carriage as a whole, where no legs are known.
fn carriage(case: &Case<'_>) -> Passage {
    let to = discharge(case);
    let arrives = milestone(case, to.as_ref());
    Passage { from: loading(case), mode: mode(case), transport: voyage(case), arrives, to }
}

/// The mode of the shipment; what has a transport document goes by sea.
pub(crate) fn mode(case: &Case<'_>) -> Option<TransportMode> {
    let said = case.facts.shipments.iter().find_map(|shipment| shipment.document.mode);
    said.or_else(|| (!case.facts.transport_documents.is_empty()).then_some(TransportMode::Sea))
}

/// The last voyage of a transport document is the one that arrives.
fn voyage(case: &Case<'_>) -> Option<At<TransportRef>> {
    case.facts.transport_documents.iter().find_map(|bill| {
        let last = bill.document.voyages.len().checked_sub(1)?;
        Some((bill.at(&format!("/voyages/{last}/transport")), bill.document.voyages[last].transport.clone()))
    })
}

/// Where the goods are loaded.
pub(crate) fn loading(case: &Case<'_>) -> Option<At<Location>> {
    let of_bill = case
        .facts
        .transport_documents
        .iter()
        .find_map(|bill| Some((bill.at("/portOfLoading"), bill.document.port_of_loading.clone()?)));
    let of_shipment = || {
        let shipments = case.facts.shipments.iter();
        shipments.into_iter().find_map(|one| Some((one.at("/placeOfLoading"), one.document.place_of_loading.clone()?)))
    };
    of_bill.or_else(of_shipment)
}

/// Where they are unloaded.
pub(crate) fn discharge(case: &Case<'_>) -> Option<At<Location>> {
    let of_bill = case
        .facts
        .transport_documents
        .iter()
        .find_map(|bill| Some((bill.at("/portOfDischarge"), bill.document.port_of_discharge.clone()?)));
    let of_shipment = || {
        let shipments = case.facts.shipments.iter();
        shipments
            .into_iter()
            .find_map(|one| Some((one.at("/placeOfDischarge"), one.document.place_of_discharge.clone()?)))
    };
    of_bill.or_else(of_shipment)
}

/// The country that the goods are dispatched from.
pub(crate) fn dispatch(case: &Case<'_>) -> Option<Country> {
    case.facts.shipments.iter().find_map(|shipment| shipment.document.country_of_dispatch.clone())
}

/// The country that they go to.
pub(crate) fn destination(case: &Case<'_>) -> Option<Country> {
    case.facts.shipments.iter().find_map(|shipment| shipment.document.country_of_destination.clone())
}

/// When a means of transport arrives at a place: as it happened, else as it was expected last, else as it was planned.
fn milestone(case: &Case<'_>, to: Option<&At<Location>>) -> Option<At<Timestamp>> {
    let code = to?.1.un_locode.as_ref()?;
    let rank = |classifier: Classifier| match classifier {
        Classifier::Act => 3,
        Classifier::Est => 2,
        Classifier::Pln => 1,
        Classifier::Req => 0,
    };
    let there = case.milestones.iter().filter(|event| {
        let place = event.document.location.as_ref().and_then(|place| place.un_locode.as_ref());
        event.document.code == MilestoneCode::Arri && place == Some(code)
    });
    let latest = there.max_by_key(|event| {
        let said = event.document.recorded_at.as_ref().unwrap_or(&event.provenance.recorded_at);
        (rank(event.document.classifier), said.as_str().to_owned(), event.document.id.to_string())
    })?;
    Some((latest.at("/occurredAt"), latest.document.occurred_at.clone()))
}

/// The day of a time, as it is written.
pub(crate) fn day(time: &Timestamp) -> String {
    time.as_str().chars().take(10).collect()
}

/// The day on which codes must hold: when the goods arrive or leave, else when the context was put together.
pub(crate) fn on(known: Option<String>, context: &Context) -> String {
    known.unwrap_or_else(|| day(&context.whole().source.recorded_at))
}

/// Says that a place is missing; `what` happens there.
pub(crate) fn place_missing(case: &Case<'_>, field: &str, what: &str, gaps: &mut Gaps) {
    let at = case.facts.shipments.first().map(|shipment| shipment.at(field));
    let detail = format!("Nothing says where the goods are {what}.");
    let remedy = "Who plans the transport says it; the carrier does in the transport document.";
    gaps.add(rules::PLACE, at, detail, remedy);
}
