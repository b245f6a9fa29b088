//! Customs behind the broker: it takes each delivery once by its id, decides, and says so sooner or later, in any order, some things
//! twice.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::Timestamp;
use portgate_core::document::{Document, Reference};
use serde_json::{Value, json};

/// How often customs refuses what it is sent first, and a change; and how often it lets the goods go: one in so many.
const REFUSES: u32 = 5;
const REFUSES_A_CHANGE: u32 = 6;
const RELEASES: u32 = 3;

/// What it asks for goods that it lets go.
pub(super) const ASSESSED: [(&str, &str); 2] = [("A00", "5.00"), ("B00", "21.00")];

/// What customs has, and what it has not said yet.
#[derive(Debug)]
pub(super) struct Customs {
    /// Whether it refuses anything today.
    is_strict: bool,
    /// By the id of the delivery: local reference number, version and contract.
    received: BTreeMap<String, (String, u32, String)>,
    granted: BTreeSet<(String, u32)>,
    /// Of each declaration that it has accepted the version that it is in, as customs counts: what it granted, and not what it was
    /// sent or what never reached it.
    versions: BTreeMap<String, u32>,
    released: BTreeSet<String>,
    taxes: BTreeSet<String>,
    unsaid: Vec<Document>,
    said: usize,
    notifications: usize,
}

impl Customs {
    pub(super) fn drawn(draw: &mut Rng) -> Customs {
        Customs {
            is_strict: draw.bool(),
            received: BTreeMap::new(),
            granted: BTreeSet::new(),
            versions: BTreeMap::new(),
            released: BTreeSet::new(),
            taxes: BTreeSet::new(),
            unsaid: Vec::new(),
            said: 0,
            notifications: 0,
        }
    }

    /// A delivery reaches customs; one that was there already changes nothing.
    pub(super) fn receives(&mut self, id: &str, contract: &str, declared: &Value, now: Timestamp, draw: &mut Rng) {
        let lrn = declared["lrn"].as_str().expect("a local reference number").to_owned();
        let version: u32 = declared["version"].as_str().and_then(|version| version.parse().ok()).expect("a version");
        let known = (lrn.clone(), version, contract.to_owned());
        if self.received.insert(id.to_owned(), known).is_some() {
            return;
        }
        let one_in = |draw: &mut Rng, many: u32| draw.u32(0..many) == 0;
        let errors = json!([{ "code": "CDS12056", "text": "Relation error", "pointer": "42A/67A" }]);
        let mrn = format!("24GB{lrn}");
        match contract {
            "declaration" if self.is_strict && one_in(draw, REFUSES) => {
                self.decides(&lrn, "REJECTED", now, json!({ "errors": errors }));
            }
            "declaration" => {
                self.granted.insert((lrn.clone(), version));
                // Goods that were presented before it was accepted have made a version already.
                let counted = draw.u32(1..3);
                self.versions.insert(lrn.clone(), counted);
                self.decides(&lrn, "ACCEPTED", now, json!({ "mrn": mrn, "declarationVersion": counted.to_string() }));
            }
            "amendment" => {
                let counted = self.versions.get(&lrn).copied().expect("nothing is amended that is not accepted");
                let of = |version: u32| json!(version.to_string());
                if self.is_strict && one_in(draw, REFUSES_A_CHANGE) {
                    let more = json!({ "granted": false, "declarationVersion": of(counted), "errors": errors });
                    self.decides(&lrn, "REQUEST_OUTCOME", now, more);
                } else {
                    self.granted.insert((lrn.clone(), version));
                    self.versions.insert(lrn.clone(), counted + 1);
                    // It says so of the version that was to be changed, of the one that came of it, or in both ways.
                    let way = draw.u32(0..3);
                    if way != 0 {
                        let more = json!({ "granted": true, "declarationVersion": of(counted) });
                        self.decides(&lrn, "REQUEST_OUTCOME", now, more);
                    }
                    if way != 1 {
                        self.decides(&lrn, "AMENDED", now, json!({ "declarationVersion": of(counted + 1) }));
                    }
                }
            }
            other => panic!("nobody asked for {other}"),
        }
        if self.granted.iter().any(|(granted, _)| *granted == lrn) && one_in(draw, RELEASES) {
            self.released.insert(lrn.clone());
            self.decides(&lrn, "RELEASED", now, json!({ "mrn": mrn }));
            for (tax, amount) in ASSESSED {
                self.assesses(&lrn, &mrn, tax, amount, now);
            }
        }
    }

    /// A tax of the goods that it lets go, which it says once of each declaration.
    fn assesses(&mut self, lrn: &str, mrn: &str, tax: &str, amount: &str, now: Timestamp) {
        let key = format!("{mrn}/{tax}");
        if !self.taxes.insert(key.clone()) {
            return;
        }
        let refs = vec![Reference { scheme: "lrn".to_owned(), value: lrn.to_owned() }];
        let body = json!({
            "id": key, "version": "1", "references": refs,
            "source": { "system": "broker", "recordedAt": { "value": now.to_string() }, "rawRef": "0".repeat(64) },
            "kind": "assessed", "costType": if tax == "A00" { "duty" } else { "vat" }, "itemNo": 1, "declarationMrn": mrn,
            "code": { "code": tax, "codeList": "tax type" }, "amount": { "amount": amount, "currency": "GBP" },
            "occurredAt": { "value": now.to_string() }, "sourceRef": key,
        });
        let kind = "landed-cost-event".to_owned();
        self.unsaid.push(Document { kind, key, refs, body: body.to_string().into_bytes() });
    }

    fn decides(&mut self, lrn: &str, status: &str, now: Timestamp, more: Value) {
        self.notifications += 1;
        let key = format!("N-{}", self.notifications);
        // Two decisions of one moment are issued one behind the other.
        let at = now + jiff::SignedDuration::from_millis(self.notifications as i64);
        let refs = vec![Reference { scheme: "lrn".to_owned(), value: lrn.to_owned() }];
        let mut body = json!({
            "id": key,
            "version": "1",
            "source": { "system": "broker", "recordedAt": { "value": at.to_string() }, "rawRef": "0".repeat(64) },
            "references": refs,
            "status": status,
            "code": { "code": status, "codeList": "test" },
            "occurredAt": { "value": at.to_string() },
            "lrn": lrn,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let kind = "customs-status".to_owned();
        self.unsaid.push(Document { kind, key, refs, body: body.to_string().into_bytes() });
    }

    /// Something that it has decided, if there is anything.
    pub(super) fn says(&mut self, draw: &mut Rng) -> Option<Document> {
        if self.unsaid.is_empty() {
            return None;
        }
        let which = draw.usize(0..self.unsaid.len());
        let says_it_again = draw.u32(0..5) == 0;
        self.said += 1;
        Some(if says_it_again { self.unsaid[which].clone() } else { self.unsaid.remove(which) })
    }

    /// A number that changes whenever customs hears or says anything.
    pub(super) fn count(&self) -> (usize, usize, usize) {
        (self.received.len(), self.unsaid.len(), self.said)
    }

    pub(super) fn has_received(&self, delivery: &str) -> bool {
        self.received.contains_key(delivery)
    }

    pub(super) fn has_granted(&self, lrn: &str, version: u32) -> bool {
        self.granted.contains(&(lrn.to_owned(), version))
    }

    /// The number and version of something that it was sent.
    pub(super) fn any(&self) -> (String, u32) {
        let (lrn, version, _) = self.received.values().next().expect("it was sent something");
        (lrn.clone(), *version)
    }

    pub(super) fn is_released(&self, lrn: &str) -> bool {
        self.released.contains(lrn)
    }

    /// Whether it has let anything go.
    pub(super) fn has_assessed(&self) -> bool {
        !self.taxes.is_empty()
    }

    /// Each version of each declaration came under one id, and each declaration was made once.
    pub(super) fn judge(&self, seed: u64) {
        let versions: BTreeSet<(&str, u32)> =
            self.received.values().map(|(lrn, version, _)| (lrn.as_str(), *version)).collect();
        assert_eq!(versions.len(), self.received.len(), "seed {seed}: filed twice: {self:#?}");
        let mut declarations: Vec<&str> = self
            .received
            .values()
            .filter(|(.., contract)| contract == "declaration")
            .map(|(lrn, ..)| lrn.as_str())
            .collect();
        let all = declarations.len();
        declarations.sort_unstable();
        declarations.dedup();
        assert_eq!(declarations.len(), all, "seed {seed}: declared twice: {self:#?}");
    }
}
