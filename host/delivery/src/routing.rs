//! From documents to the deliveries that the routes ask for: one for each document and route that takes it. Where an
//! agreement has them go together, it waits for others.

use jiff::{SignedDuration, Timestamp};
use portgate_core::agreement::Mode;
use portgate_core::document::{Document, Part};
use portgate_core::policy::{AgreementDirection, Deliver, Policies, Routes};
use portgate_core::sender;
use portgate_store::{Batched, Batching, DeliveryId, NewDelivery};
use serde_json::Value;

/// The deliveries of documents that came from a sender in these parts, in the order of the documents and then of the routes:
/// those of a test to test destinations alone, all others to the others.
///
/// The documents have been held against their schemas; one that is no JSON takes only routes without conditions.
pub fn deliveries(
    policies: &Policies,
    from: &str,
    documents: &[Document],
    parts: &[Part],
    now: Timestamp,
) -> Vec<NewDelivery> {
    let is_test = |partner: &str| {
        policies
            .partners
            .get(partner)
            .and_then(|partner| partner.delivery.as_ref())
            .is_some_and(|delivery| delivery.test)
    };
    let open_to = |route: &Deliver| is_test(&route.to) == sender::is_test(from);
    let mut deliveries = routed(&policies.routes, open_to, sender::partner(from), documents, parts, now);
    for delivery in &mut deliveries {
        let NewDelivery { destination, contract, version, .. } = &*delivery;
        let mode = if is_test(destination) { Mode::Test } else { Mode::Production };
        let agreements = policies.partners.get(destination).into_iter().flat_map(|partner| &partner.agreements);
        let mut agreed = agreements
            .filter(|agreement| agreement.of() == (contract.as_str(), version.as_str(), AgreementDirection::Out, mode));
        let Some(batching) = agreed.find_map(|agreement| agreement.batching) else { continue };
        let bytes = delivery.documents.iter().filter_map(|number| documents.get(*number as usize));
        delivery.batched = Some(Batched {
            until: now.saturating_add(SignedDuration::from_secs(batching.seconds.into())).unwrap_or(Timestamp::MAX),
            bytes: bytes.map(|document| document.body.len() as u64).sum(),
            batching: Batching {
                contract: contract.clone(),
                version: version.clone(),
                documents: batching.documents,
                bytes: batching.bytes,
            },
        });
    }
    deliveries
}

fn routed(
    routes: &Routes,
    open_to: impl Fn(&Deliver) -> bool,
    from: &str,
    documents: &[Document],
    parts: &[Part],
    now: Timestamp,
) -> Vec<NewDelivery> {
    let mut deliveries = Vec::new();
    for ((number, document), part) in (0_u32..).zip(documents).zip(Part::numbers(parts)) {
        let of_its_kind = || routes.deliver.iter().filter(|route| route.document == document.kind && open_to(route));
        // Read only where a route looks inside.
        let body: Value = match of_its_kind().any(|route| !route.when.is_empty()) {
            true => serde_json::from_slice(&document.body).unwrap_or_default(),
            false => Value::Null,
        };
        deliveries.extend(of_its_kind().filter(|route| route.takes(&document.kind, from, &body)).map(|route| {
            NewDelivery {
                id: DeliveryId::new(now),
                destination: route.to.clone(),
                contract: route.contract.clone(),
                version: route.version.clone(),
                documents: vec![number],
                parts: Part::named(parts, part).map(str::to_owned).into_iter().collect(),
                lane: route.lane(&document.refs),
                request: None,
                batched: None,
            }
        }));
    }
    deliveries
}

#[cfg(test)]
mod tests {
    use portgate_core::document::Reference;
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_of_tests_take_the_routes_that_others_do_not() {
        let routes: Routes = serde_json::from_value(json!({ "deliver": [
            { "document": "order", "to": "erp", "contract": "order", "version": "1" },
            { "document": "order", "to": "sandbox", "contract": "order", "version": "1", "from": "shop" },
        ]}))
        .expect("routes");
        let document =
            Document { kind: "order".to_owned(), key: String::new(), refs: Vec::new(), body: b"{}".to_vec() };
        let to = |is_test: bool, from: &str| -> Vec<String> {
            let open_to = |route: &Deliver| (route.to == "sandbox") == is_test;
            let made = routed(&routes, open_to, from, std::slice::from_ref(&document), &[], Timestamp::UNIX_EPOCH);
            made.into_iter().map(|delivery| delivery.destination).collect()
        };
        assert_eq!(
            (to(false, "shop"), to(true, "shop"), to(true, "other")),
            (vec!["erp".into()], vec!["sandbox".into()], vec![])
        );
    }

    #[test]
    fn each_document_takes_every_route_that_fits_it() {
        let route = |to: &str, more: Value| {
            let mut route = json!({ "document": "milestone", "to": to, "contract": "event", "version": "1" });
            route.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            route
        };
        let routes: Routes = serde_json::from_value(json!({ "deliver": [
            route("erp", json!({ "ordered_by": "container" })),
            route("portal", json!({ "when": { "status": ["ARRIVED"] } })),
            route("other", json!({ "from": "broker" })),
        ]}))
        .expect("routes");
        let document = |kind: &str, status: &str| Document {
            kind: kind.to_owned(),
            key: status.to_owned(),
            refs: vec![Reference { scheme: "container".to_owned(), value: "C1".to_owned() }],
            body: json!({ "status": status }).to_string().into_bytes(),
        };
        let documents = [document("order", "ARRIVED"), document("milestone", "LEFT"), document("milestone", "ARRIVED")];
        let made = routed(&routes, |_| true, "carrier", &documents, &[], Timestamp::UNIX_EPOCH);
        let shown: Vec<_> = made
            .iter()
            .map(|delivery| (delivery.destination.as_str(), delivery.documents[0], delivery.lane.as_deref()))
            .collect();
        let lane = Some("container/C1");
        assert_eq!(shown, [("erp", 1, lane), ("erp", 2, lane), ("portal", 2, None)]);
        assert!(made[0].id != made[1].id);
    }
}
