//! The terms of delivery that were agreed on (DE 4/1), and how the price stands to the carriage by them.

use portgate_compose::Said;
use portgate_sdk::canonical::{Incoterm, IncotermCode, Location};

use crate::work::Work;

const RULE: &str = "C-UK-09";
const DISAGREE: &str = "C-UK-16";

/// The terms that were agreed on: what the invoices say, else the shipments, else the orders.
pub(crate) fn terms(work: &mut Work<'_>) -> Option<IncotermCode> {
    let facts = work.facts;
    let said = Said::by(&facts.invoices, "/incoterm/code", |invoice| Some(invoice.incoterm.as_ref()?.code))
        .or(|| Said::by(&facts.shipments, "/incoterm/code", |shipment| Some(shipment.incoterm.as_ref()?.code)))
        .or(|| Said::by(&facts.orders, "/incoterm/code", |order| Some(order.incoterm.as_ref()?.code)));
    said.one(DISAGREE, "the terms of delivery", &mut work.gaps)
}

/// The terms with the place that they name; findings say what is not known of them.
pub(crate) fn agreed(work: &mut Work<'_>) -> Option<Incoterm> {
    let facts = work.facts;
    let Some(code) = terms(work) else {
        let is_said = facts.invoices.iter().any(|invoice| invoice.document.incoterm.is_some())
            || facts.shipments.iter().any(|shipment| shipment.document.incoterm.is_some())
            || facts.orders.iter().any(|order| order.document.incoterm.is_some());
        if !is_said {
            let places = facts.invoices.iter().map(|invoice| invoice.at("/incoterm")).take(4);
            let remedy = "Who sells says them on the invoice, with the place that they name.";
            let places: Vec<String> = places.collect();
            work.gaps.add(RULE, places, "The terms of delivery are not known (DE 4/1).", remedy);
        }
        return None;
    };
    let invoices = facts.invoices.iter().map(|invoice| invoice.document.incoterm.as_ref());
    let shipments = facts.shipments.iter().map(|shipment| shipment.document.incoterm.as_ref());
    let orders = facts.orders.iter().map(|order| order.document.incoterm.as_ref());
    let known = invoices.chain(shipments).chain(orders).flatten().filter(|terms| terms.code == code);
    let named = |place: &Location| place.un_locode.is_some() || place.facility_code.is_some() || place.name.is_some();
    let place = known.filter_map(|terms| terms.place.clone()).find(named);
    if place.is_none() {
        let places = facts.invoices.iter().map(|invoice| invoice.at("/incoterm/place")).take(4);
        let detail = format!("The terms {} name no place (DE 4/1).", written(code));
        let places: Vec<String> = places.collect();
        work.gaps.add(RULE, places, detail, "Who sells says the place on the invoice, best as UN/LOCODE.");
    }
    if code.is_legacy() {
        let detail = format!("{} is of an older edition of Incoterms, which customs does not take.", written(code));
        let remedy = format!("The terms are agreed on again; {} took its place.", written(code.current()));
        work.gaps.add(RULE, facts.invoices.first().map(|invoice| invoice.at("/incoterm/code")), detail, remedy);
    }
    Some(Incoterm { place, ..Incoterm::new(code) })
}

pub(crate) fn written(code: IncotermCode) -> String {
    format!("{code:?}").to_uppercase()
}

/// How the price stands to the carriage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// It has nothing of it: the buyer pays carrier and insurer.
    Apart,
    /// It has the freight, and the buyer insures.
    WithoutInsurance,
    /// It has both.
    InPrice,
}

/// Who pays for the carriage to this country, by the terms.
pub(crate) fn carriage(code: IncotermCode) -> Carriage {
    use IncotermCode::{Cfr, Cif, Cip, Cpt, Dap, Dat, Ddp, Ddu, Dpu, Exw, Fas, Fca, Fob};
    match code {
        Exw | Fca | Fas | Fob => Carriage::Apart,
        Cfr | Cpt => Carriage::WithoutInsurance,
        Cif | Cip | Dap | Dpu | Ddp | Dat | Ddu => Carriage::InPrice,
    }
}
