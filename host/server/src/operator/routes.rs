//! Every route of the operator listener, in one table: method, path, what it needs, what it is for, who answers.
//!
//! What a route takes and gives is told by the types of its handler; requests are held against them ([`super::asked`]) and
//! the description at `/openapi.json` is made from them ([`super::openapi`]). A page is `{"items": […], "next": …}`; `next`
//! goes into `after` of the next request, and is null on the last page.

use portgate_core::policy::Permission::{Approve, Audit, Decide, Deliver, Payload, Read};

use super::route::{Route, get, open, post};
use super::{
    audit, changes, codes, costs, deliveries, exceptions, exchanges, filings, found, health, kpi, places, plugins,
    quarantines, reconciliations, shipments, status, tables,
};
use crate::problem::ProblemType;
use crate::problem::kinds::{
    ACT_NOT_POSSIBLE, BOM_UNKNOWN, CHANGE_UNKNOWN, COSTS_UNKNOWN, DELIVERY_UNKNOWN, EXCEPTION_UNKNOWN,
    EXCHANGE_UNKNOWN, FILING_OUTDATED, FILING_UNKNOWN, PARTNER_UNKNOWN, PAYLOAD_REDACTED, PLUGIN_UNKNOWN,
    RERUN_NOT_POSSIBLE, RERUN_OUTDATED, RESEND_UNCONFIRMED, SHIPMENT_AMBIGUOUS, SHIPMENT_UNKNOWN,
};

/// Problems of routes with a filter of deliveries, which can name deliveries and an exchange.
const OF_DELIVERIES: &[&ProblemType] = &[&DELIVERY_UNKNOWN, &EXCHANGE_UNKNOWN];
/// The same where deliveries are sent again.
const OF_RESENT_DELIVERIES: &[&ProblemType] = &[&DELIVERY_UNKNOWN, &EXCHANGE_UNKNOWN, &RESEND_UNCONFIRMED];

/// The table.
#[rustfmt::skip]
pub(super) fn routes() -> Vec<Route> {
    vec![
        open("/livez", "Whether the process is alive", health::alive),
        open("/readyz", "Whether the gateway can keep what it is sent", health::ready).with(health::VERBOSE),
        open("/metrics", "What the gateway has counted (OpenMetrics)", health::metrics),
        open("/openapi.json", "This description", health::description),
        open("/problems/{slug}", "The page of a problem's type, for people", health::problem),

        get("/v1/status", Read, "Everything that is not well, with whom it concerns and why", status::show),

        get("/v1/deliveries", Read, "Deliveries by filter, each with its last attempt, in pages, the newest first", deliveries::list).or(OF_DELIVERIES),
        get("/v1/deliveries/count", Read, "How many deliveries a filter means, by destination and state", deliveries::count).or(OF_DELIVERIES),
        get("/v1/deliveries/{id}", Read, "One delivery: what is sent, and each attempt with its answer; bodies with `payload`", deliveries::show).or(&[&DELIVERY_UNKNOWN]),
        post("/v1/deliveries/retry", Deliver, "Makes dead deliveries pending again, and what waits for its time due", deliveries::retry).or(OF_DELIVERIES),
        post("/v1/deliveries/resend", Deliver, "Sends deliveries again, byte for byte: dead and discarded ones, and if confirmed delivered ones", deliveries::resend).or(OF_RESENT_DELIVERIES),
        post("/v1/deliveries/discard", Deliver, "Gives deliveries up for good", deliveries::discard).or(OF_DELIVERIES),
        get("/v1/acts", Read, "The latest acts: who did what, when and why", deliveries::acts),

        get("/v1/exchanges", Read, "Exchanges by filter, in pages, the newest first", exchanges::list).or(&[&EXCHANGE_UNKNOWN]),
        get("/v1/exchanges/{id}", Read, "One exchange with its deliveries and their attempts; documents with `payload`", exchanges::show).or(&[&EXCHANGE_UNKNOWN]),
        get("/v1/exchanges/{id}/payload", Payload, "An exchange's payload, byte for byte", exchanges::payload).or(&[&EXCHANGE_UNKNOWN, &PAYLOAD_REDACTED]),
        get("/v1/find", Read, "Exchanges that a name is found in, whatever calls it so, in pages, the newest first", found::find),
        post("/v1/exchanges/rerun", Deliver, "Has refused and rejected messages mapped again: checked and decoded by what there is now", exchanges::rerun).or(&[&EXCHANGE_UNKNOWN]),
        get("/v1/exchanges/{id}/rerun", Payload, "What would become of an accepted exchange that is mapped again", exchanges::rerun_shown).or(&[&EXCHANGE_UNKNOWN, &PAYLOAD_REDACTED, &RERUN_NOT_POSSIBLE]),
        post("/v1/exchanges/{id}/rerun", Deliver, "Has an accepted exchange mapped again, exactly as it was shown", exchanges::rerun_confirmed).or(&[&EXCHANGE_UNKNOWN, &PAYLOAD_REDACTED, &RERUN_NOT_POSSIBLE, &RERUN_OUTDATED]),
        post("/v1/exchanges/retry", Deliver, "Has failed exchanges tried again", exchanges::retry).or(&[&EXCHANGE_UNKNOWN]),
        post("/v1/exchanges/discard", Deliver, "Gives failed exchanges up for good", exchanges::discard).or(&[&EXCHANGE_UNKNOWN]),
        post("/v1/replays", Payload, "Tells the audit log of exchanges that are about to be run through a plugin once more", exchanges::replay).or(&[&EXCHANGE_UNKNOWN]),

        get("/v1/shipments", Read, "Shipments of which some document carries a name, those first that changed last", shipments::list),
        get("/v1/shipments/{reference}", Read, "One shipment, by its id or by any name that its documents carry; its context with `payload`", shipments::show).or(&[&SHIPMENT_UNKNOWN, &SHIPMENT_AMBIGUOUS]),
        get("/v1/shipments/{reference}/costs", Payload, "What a shipment's goods cost to bring in, by article: estimated, said by customs, invoiced", costs::show).or(&[&SHIPMENT_UNKNOWN, &SHIPMENT_AMBIGUOUS, &COSTS_UNKNOWN]),
        post("/v1/shipments/{id}/split", Deliver, "Makes documents of a shipment one of their own; what comes later of them goes with them", places::split).or(&[&SHIPMENT_UNKNOWN]),
        post("/v1/shipments/{id}/move", Deliver, "Has documents belong to this shipment, wherever they are", places::to).or(&[&SHIPMENT_UNKNOWN]),
        post("/v1/acts/undo", Deliver, "Takes back what an act said of the shipment that documents belong to", places::undo),
        get("/v1/unattached", Read, "The latest documents that no shipment has", shipments::unattached),

        get("/v1/exceptions", Read, "What waits for a person, by team, person, shipment and deadline, in pages, the oldest first", exceptions::list),
        get("/v1/exceptions/{id}", Read, "One exception: what was found, what people did with it, and the overrides of its rule", exceptions::show).or(&[&EXCEPTION_UNKNOWN]),
        post("/v1/exceptions/{id}/acts", Decide, "Assigns, overrides, corrects or discards; where two persons are needed, it waits for the second", exceptions::act).or(&[&EXCEPTION_UNKNOWN, &ACT_NOT_POSSIBLE]),
        post("/v1/exceptions/{id}/confirm", Decide, "The word of a second operator for an act that waits", exceptions::confirm).or(&[&EXCEPTION_UNKNOWN, &ACT_NOT_POSSIBLE]),

        get("/v1/reconciliations/{partner}", Read, "What is known of a partner's states here, part by part: what it said and was told, what customs answered", reconciliations::known).or(&[&PARTNER_UNKNOWN]),
        post("/v1/reconciliations", Read, "Holds a partner's list of states against what is known here; nothing is changed", reconciliations::reconcile).or(&[&PARTNER_UNKNOWN]),

        get("/v1/kpi", Read, "How well things go: how long customs, deliveries and onboarding take, what comes when planned, what people do", kpi::show),

        get("/v1/filings", Read, "What is declared of shipments, by where it stands; the latest changed first", filings::list),
        get("/v1/filings/{lrn}", Read, "One filing, by its local reference number: what was sent, what stands against it, what customs says", filings::show).or(&[&FILING_UNKNOWN]),
        post("/v1/filings/release", Deliver, "Lets what a filing says now go to customs, whatever findings stand against it", filings::release).or(&[&FILING_UNKNOWN, &FILING_OUTDATED]),
        post("/v1/filings/cancel", Deliver, "Has a filing withdrawn, or cancelled at customs once it is accepted", filings::cancel).or(&[&FILING_UNKNOWN, &FILING_OUTDATED]),

        get("/v1/tables", Read, "Versions of reference tables as gateways took them up: who, when, why, what differs; the latest first", tables::versions),
        get("/v1/tables/reviews", Read, "The shipments that were judged again because a version of a table says something else, and what", tables::reviews),

        get("/v1/codes", Read, "Partners' codes beside ours by filter, in pages, in the order in which they were added", codes::list),
        get("/v1/codes/awaited", Read, "Codes that nobody has written down, and how much waits for each", codes::awaited),
        post("/v1/codes", Deliver, "Adds codes to a table of an agreement, all of them or none; what waited for them goes on", codes::add).or(&[&PARTNER_UNKNOWN]),
        post("/v1/codes/end", Deliver, "Gives a code its last day; what it meant before stays known", codes::end),

        get("/v1/quarantines", Read, "Which plugins are out for which partners in this gateway, and what is parked", quarantines::list),
        post("/v1/quarantines/lift", Deliver, "Has a plugin called for a partner again, as if it had never failed", quarantines::lift).or(&[&PLUGIN_UNKNOWN, &PARTNER_UNKNOWN]),

        get("/v1/plugins", Read, "Every plugin, since when it is watched and how often it was called", plugins::list),
        get("/v1/plugins/{name}/use", Read, "What each component of a plugin was seen to use", plugins::uses).or(&[&PLUGIN_UNKNOWN]),
        get("/v1/plugins/{name}/bom", Audit, "What a plugin is made of, as its author says (CycloneDX)", plugins::bom).or(&[&PLUGIN_UNKNOWN, &BOM_UNKNOWN]),
        get("/v1/bom", Audit, "What this gateway is made of (CycloneDX)", plugins::bom_of_the_gateway),

        get("/v1/audit", Audit, "Entries of the audit log by filter, in pages, the newest first", audit::search),
        get("/v1/audit/counts", Audit, "How many entries a filter means, by kind, actor and subject", audit::counts),
        get("/v1/audit/latest", Audit, "Of each subject the last entry of a kind", audit::latest),
        get("/v1/audit/export", Audit, "Entries as they are hashed, one a line, in the order of the chain", audit::export),
        get("/v1/audit/head", Audit, "The newest head, and the key that verifies it", audit::head),

        get("/v1/changes", Read, "What waits for people under the two-person rule, with every change, and what is accepted", changes::list),
        post("/v1/changes/{digest}/approve", Approve, "A person's word for a change, with a reason; each person counts once", changes::approve).or(&[&CHANGE_UNKNOWN]),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_routes_are_the_same_and_each_says_what_it_is_for() {
        let mut seen = BTreeSet::new();
        for route in routes() {
            assert!(seen.insert((route.method.to_string(), route.path)), "{} {} twice", route.method, route.path);
            assert!(route.summary.len() > 10, "{}", route.path);
            assert!(route.path.matches('{').count() <= 1, "{}: a handler is given one segment", route.path);
            assert!(
                route.is_open() != route.path.starts_with("/v1/"),
                "{}: what is under /v1/ needs a key",
                route.path
            );
        }
    }
}
