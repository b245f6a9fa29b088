//! The rest of a gateway, for tests of the worker: policies that a test changes, and a plugin that does what the kind
//! of a document says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use portgate_core::delivery::{FollowUp, Outcome, Request, Response, Verdict};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::policy::{DeliveryPolicy, Egress, Method, PartnerLimits, PartnerPolicy};

use crate::BoxFuture;
use crate::connectors::{Connectors, Moment, PluginError};
use crate::queue::Onward;

/// Policies that a test changes.
#[derive(Default)]
pub(crate) struct Gateway(Mutex<Arc<Policies>>);

#[derive(Clone, Default)]
struct Policies {
    partners: BTreeMap<String, PartnerPolicy>,
    egress: Option<Egress>,
}

impl Gateway {
    /// Partners by name, and an egress for the plugin of all of them.
    pub(crate) fn with(partners: &[(&str, DeliveryPolicy)]) -> Arc<Gateway> {
        let gateway = Gateway::default();
        let egress = Egress {
            base_urls: Default::default(),
            methods: [Method::Get, Method::Post].into(),
            paths: ["/orders".to_owned(), "/status".to_owned()].into(),
            query: Default::default(),
        };
        gateway
            .0
            .lock()
            .expect("no panic")
            .clone_from(&Arc::new(Policies { egress: Some(egress), ..Policies::default() }));
        for (name, delivery) in partners {
            gateway.partner(name, delivery.clone());
        }
        Arc::new(gateway)
    }

    /// Sets one partner's policy.
    pub(crate) fn partner(&self, name: &str, delivery: DeliveryPolicy) {
        let limits = PartnerLimits { requests_per_second: 1, burst: 1, requests_in_flight_max: 1 };
        let policy = PartnerPolicy {
            title: name.to_owned(),
            authenticate: Vec::new(),
            limits,
            contracts: Vec::new(),
            delivery: Some(delivery),
        };
        let mut policies = self.0.lock().expect("no panic");
        let mut changed = Policies::clone(&policies);
        changed.partners.insert(name.to_owned(), policy);
        *policies = Arc::new(changed);
    }
}

impl Connectors for Gateway {
    fn current(&self) -> Arc<dyn Moment> {
        let policies: Arc<Policies> = Arc::clone(&self.0.lock().expect("no panic"));
        policies
    }
}

fn findings(code: &str) -> Vec<Finding> {
    vec![Finding::error(code, "", "because")]
}

impl Moment for Policies {
    fn partner(&self, name: &str) -> Option<&PartnerPolicy> {
        self.partners.get(name)
    }

    fn egress(&self, _: &str) -> Option<&Egress> {
        self.egress.as_ref()
    }

    fn encode<'a>(
        &'a self,
        plugin: &'a str,
        documents: Vec<Document>,
        _: &'a str,
        _: &'a str,
        now: String,
    ) -> BoxFuture<'a, Result<Result<Request, Rejection>, PluginError>> {
        let document = &documents[0];
        let path = if document.kind == "outside" { "/admin" } else { "/orders" };
        // The time of rendering is in the body, so that rendering twice would show.
        let body = format!("{} {} {now}", document.kind, document.key).into_bytes();
        let request = Request { method: "POST".to_owned(), path: path.to_owned(), headers: Vec::new(), body };
        let rendered = match document.kind.as_str() {
            "trap" => Err(PluginError::Failed { plugin: plugin.to_owned(), detail: "a trap".to_owned() }),
            "incomplete" => Ok(Err(Rejection { findings: findings("incomplete") })),
            _ => Ok(Ok(request)),
        };
        Box::pin(std::future::ready(rendered))
    }

    fn interpret<'a>(
        &'a self,
        plugin: &'a str,
        _: Request,
        got: Response,
    ) -> BoxFuture<'a, Result<Result<Outcome, Rejection>, PluginError>> {
        let outcome = |verdict, findings| Outcome { verdict, documents: Vec::new(), findings, next: None };
        let document = |kind: &str| Document {
            kind: kind.to_owned(),
            key: "1".to_owned(),
            refs: Vec::new(),
            body: got.body.clone(),
        };
        let ask =
            Request { method: "GET".to_owned(), path: "/status".to_owned(), headers: Vec::new(), body: Vec::new() };
        let read = match (got.status, got.body.as_slice()) {
            (_, b"trap") => Err(PluginError::Failed { plugin: plugin.to_owned(), detail: "a trap".to_owned() }),
            (_, b"strange") => Ok(Err(Rejection { findings: findings("strange") })),
            (200, b"status") => {
                Ok(Ok(Outcome { documents: vec![document("status")], ..outcome(Verdict::Accepted, vec![]) }))
            }
            (200, b"wrong") => {
                Ok(Ok(Outcome { documents: vec![document("wrong")], ..outcome(Verdict::Accepted, vec![]) }))
            }
            (200, _) => Ok(Ok(outcome(Verdict::Accepted, Vec::new()))),
            (202, _) => {
                let next = Some(FollowUp { request: ask, after_seconds: 0 });
                Ok(Ok(Outcome { next, ..outcome(Verdict::Pending, Vec::new()) }))
            }
            (204, _) => Ok(Ok(outcome(Verdict::Pending, Vec::new()))),
            (500, _) => Ok(Ok(outcome(Verdict::Retry, Vec::new()))),
            _ => Ok(Ok(outcome(Verdict::Rejected, findings("refused")))),
        };
        Box::pin(std::future::ready(read))
    }

    fn onward(&self, from: &str, documents: &[Document]) -> Result<Vec<Onward>, Vec<Finding>> {
        if documents.iter().any(|document| document.kind == "wrong") {
            return Err(findings("schema-type"));
        }
        let onward = documents.iter().enumerate().map(|(index, _)| Onward {
            to: format!("after-{from}"),
            contract: "status".to_owned(),
            version: "1".to_owned(),
            documents: vec![index],
            lane: None,
        });
        Ok(onward.collect())
    }
}
