//! A journal with the workflow on it, a tariff of one commodity, and a ledger that takes what it is told.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use portgate_core::document::{Document, Reference};
use portgate_core::judgement::Composition;
use portgate_core::sender::GATEWAY;
use portgate_core::shipment::{ShipmentRules, Tie};
use portgate_store::testing::PostgresServer;
use portgate_store::{
    Acceptance, Accepted, ClaimRequest, ClaimedDelivery, DeliveryId, EventData, EventId, Exceptions, ExchangeId,
    Filings, Journal, JournalSettings, NewDelivery, NewEvent, NewExchange, PluginBuild, ReferenceTables, Settled,
    Settlement, Shipments, open,
};
use portgate_workflow::{
    Calendar, Composed, Composers, InForce, Inspected, Made, Makes, Ownership, Packs, Plan, Plans, Recipients,
    Reckoned, Said, Tables, Worker,
};
use serde_json::{Value, json};

/// A journal, and what the gateways on it know.
pub(crate) struct Bed {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) settings: JournalSettings,
    setting: Arc<Setting>,
    _folder: Option<tempfile::TempDir>,
}

/// What time it is.
#[derive(Default)]
pub(crate) struct Setting {
    seconds: AtomicI64,
}

/// An invoice of one line.
pub(crate) fn invoice(value: &str) -> Value {
    let money = json!({ "amount": value, "currency": "GBP" });
    json!({
        "number": "INV-1", "issueDate": "2026-03-03", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": "GBP", "totals": { "payable": money }, "incoterm": { "code": "CIF" },
        "lines": [{
            "lineNo": "1", "sku": "BEAN", "quantity": { "value": "10", "unit": "C62" }, "lineNet": money,
            "originCountry": "CO", "hs6": "090121",
        }],
    })
}

/// One tax that customs has assessed.
pub(crate) fn assessed(code: &str, amount: &str, source_ref: &str) -> Value {
    json!({
        "kind": "assessed", "costType": if code == "A00" { "duty" } else { "vat" }, "itemNo": 1, "declarationMrn": "26GB1",
        "code": { "code": code, "codeList": "tax type" }, "amount": { "amount": amount, "currency": "GBP" },
        "occurredAt": { "value": "2026-03-06T10:00:00Z" }, "sourceRef": source_ref,
    })
}

fn rules() -> Arc<ShipmentRules> {
    Arc::new(ShipmentRules {
        opens: ["shipment".to_owned()].into(),
        ties: ["ucr", "lrn", "mrn"]
            .map(|scheme| (scheme.to_owned(), Tie::Identifying))
            .into_iter()
            .chain([("booking".to_owned(), Tie::Shared)])
            .collect(),
        catalogue: Default::default(),
        apart: Default::default(),
        things_max: 1_000,
    })
}

struct Tariff;

impl portgate_cost::Tables for Tariff {
    fn look_up(&self, _: &str, key: &str, _: Date) -> Option<String> {
        (key == "0901210000").then(|| "2.0".to_owned())
    }
}

impl Tables for Tariff {
    fn file(&self, _: &str) -> &str {
        "one"
    }

    fn said(&self, _: &str, _: &str, _: Date) -> Option<Said> {
        None
    }

    fn fits(&self, _: &str, _: &[u8]) -> bool {
        true
    }

    fn versions(&self) -> Vec<InForce> {
        Vec::new()
    }
}

/// Who works, and how often it asked for the time.
pub(crate) struct Gate(Arc<Setting>, AtomicI64);

impl Plans for Gate {
    fn plan(&self) -> Option<Plan> {
        let costs = json!({
            "currency": "GBP",
            "jurisdiction": [{ "name": "GB", "countries": ["GB"], "currency": "GBP", "tariff": "tariff", "vat_percent": "20" }],
            "accruals": { "kinds": ["estimate", "assessed", "invoiced"], "to": "ledger", "contract": "journal", "version": "1" },
        });
        let costs = serde_json::from_value(costs).expect("costs");
        Some(Plan {
            rules: rules(),
            ownership: Arc::new(Ownership::default()),
            enrichments: Vec::new().into(),
            severity: Default::default(),
            packs: Vec::new().into(),
            desk: None,
            filings: Vec::new().into(),
            costs: Some(Reckoned { rules: Arc::new(costs), tables: Arc::new(Tariff) }),
            tables: Arc::new(Tariff),
            quiet: SignedDuration::from_hours(24),
        })
    }

    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-03-07T12:00:00Z".parse().expect("a time");
        self.1.fetch_add(1, Ordering::SeqCst);
        start + SignedDuration::from_secs(self.0.seconds.fetch_add(1, Ordering::SeqCst))
    }
}

impl Calendar for Gate {
    fn look_up(&self, _: &str, _: &str, _: Date) -> Option<String> {
        None
    }
}

#[async_trait]
impl Packs for Gate {
    async fn inspect(&self, _: &str, _: Document) -> Result<Inspected, String> {
        Err("there is none".to_owned())
    }
}

#[async_trait]
impl Composers for Gate {
    async fn compose(&self, _: &str, _: Document, _: Composition, _: Timestamp) -> Result<Composed, String> {
        Err("there is none".to_owned())
    }
}

impl Makes for Gate {
    fn make(&self, made: Made, now: Timestamp) -> Result<Acceptance, String> {
        let Recipients::Only(to) = &made.to else { return Err("by routes".to_owned()) };
        let to = &to[0];
        let delivery = NewDelivery {
            id: DeliveryId::new(now),
            destination: to.partner.clone(),
            contract: to.contract.clone(),
            version: to.version.clone(),
            documents: vec![0],
            parts: Vec::new(),
            lane: to.lane.clone(),
            request: None,
            batched: None,
        };
        let mut acceptance = accepted(GATEWAY, made.documents.clone(), now);
        acceptance.deliveries = vec![delivery];
        acceptance.business_key = Some(made.business_key());
        Ok(acceptance)
    }
}

/// Documents of one sender as an exchange that tells of them.
fn accepted(sender: &str, documents: Vec<Document>, now: Timestamp) -> Acceptance {
    let id = ExchangeId::new(now);
    let event = |(position, document): (u32, &Document)| NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.document.{}", document.kind),
        subject: document.key.clone(),
        partner: sender.to_owned(),
        at: now,
        data: EventData::Document {
            exchange: id,
            position,
            body: Some(String::from_utf8_lossy(&document.body).into_owned()),
        },
    };
    let events = (0..).zip(&documents).map(event).collect();
    Acceptance {
        exchange: NewExchange {
            id,
            partner: sender.to_owned(),
            contract: "message".to_owned(),
            version: "1".to_owned(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            received_at: now,
            request_id: "request".to_owned(),
            trace: None,
            plugin: PluginBuild { name: "p".to_owned(), version: "1.0.0".to_owned(), sha256: [7; 32] },
            payload: bytes::Bytes::from_static(b"{}"),
            sha256: [9; 32],
            findings: Vec::new(),
            parts: Vec::new(),
            origin: None,
        },
        documents,
        deliveries: Vec::new(),
        idempotency: None,
        business_key: None,
        events,
        numbering: None,
        received: None,
        acknowledgements: Vec::new(),
        awaits: Default::default(),
        now,
    }
}

impl Bed {
    /// One on each engine that is there.
    pub(crate) async fn each() -> Vec<Bed> {
        static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
        let mut beds = vec![Bed::on(sqlite, Some(folder)).await];
        let url = tokio::task::spawn_blocking(|| {
            let server =
                SERVER.get_or_init(|| PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed"));
            let name = format!("accruals_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
            server.as_ref().map(|server| server.database(&name).expect("a database"))
        });
        match url.await.expect("no panic") {
            Some(url) => beds.push(Bed::on(JournalSettings::Postgres { url, connections_max: 8 }, None).await),
            None => eprintln!("PostgreSQL is not installed: its half is LEFT OUT"),
        }
        beds
    }

    async fn on(settings: JournalSettings, folder: Option<tempfile::TempDir>) -> Bed {
        let journal = open(&settings).await.expect("it opens");
        Bed { journal, settings, setting: Arc::default(), _folder: folder }
    }

    /// The journal closed and opened anew, as by another process.
    pub(crate) async fn restarted(self) -> Bed {
        self.journal.close(Duration::from_secs(10)).await;
        let Bed { settings, setting, _folder, .. } = self;
        let journal = open(&settings).await.expect("it opens");
        Bed { journal, settings, setting, _folder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.gate().now()
    }

    fn gate(&self) -> Gate {
        Gate(Arc::clone(&self.setting), AtomicI64::new(0))
    }

    /// A gateway's workflow on a journal.
    fn worker(&self, gate: &Arc<Gate>, journal: &Arc<dyn Journal>, name: &str) -> Worker {
        Worker {
            journal: Arc::clone(journal) as Arc<dyn Shipments>,
            people: Arc::clone(journal) as Arc<dyn Exceptions>,
            filings: Arc::clone(journal) as Arc<dyn Filings>,
            reference: Arc::clone(journal) as Arc<dyn ReferenceTables>,
            plans: Arc::clone(gate) as Arc<dyn Plans>,
            packs: Arc::clone(gate) as Arc<dyn Packs>,
            composers: Arc::clone(gate) as Arc<dyn Composers>,
            makes: Arc::clone(gate) as Arc<dyn Makes>,
            name: name.to_owned(),
        }
    }

    /// The shipment that all of it is of.
    pub(crate) async fn ships(&self) {
        self.says("erp", "shipment", "S-1", "1", json!({ "shipmentId": "S-1", "countryOfDestination": "GB" })).await;
    }

    /// A document of a partner's about the one shipment.
    pub(crate) async fn says(&self, sender: &str, kind: &str, key: &str, version: &str, more: Value) {
        self.names(sender, (kind, key, version), &[("ucr", "UCR-1")], more).await;
    }

    /// A document of a partner's that names these.
    pub(crate) async fn names(
        &self,
        sender: &str,
        (kind, key, version): (&str, &str, &str),
        names: &[(&str, &str)],
        more: Value,
    ) {
        let now = self.now();
        let listed = |(scheme, value): &(&str, &str)| json!({ "scheme": scheme, "value": value });
        let mut body = json!({
            "id": key,
            "version": version,
            "source": { "system": sender, "recordedAt": { "value": now.to_string() }, "rawRef": "0".repeat(64) },
            "references": names.iter().map(listed).collect::<Vec<_>>(),
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let reference =
            |(scheme, value): &(&str, &str)| Reference { scheme: (*scheme).to_owned(), value: (*value).to_owned() };
        let refs = names.iter().map(reference).collect();
        let document =
            Document { kind: kind.to_owned(), key: key.to_owned(), refs, body: body.to_string().into_bytes() };
        assert_eq!(self.journal.accept(accepted(sender, vec![document], now)).await, Ok(Accepted::Committed));
    }

    /// Works until nothing is left to do for a while, on this journal.
    pub(crate) async fn works(&self) {
        self.works_on(&self.journal).await;
    }

    pub(crate) async fn works_on(&self, journal: &Arc<dyn Journal>) {
        let gate = Arc::new(self.gate());
        let worker = self.worker(&gate, journal, "one");
        // An event is certain only when every transaction of the server has ended that began before it.
        let enough = if matches!(self.settings, JournalSettings::Sqlite { .. }) { 3 } else { 60 };
        let mut idle = 0;
        while idle < enough {
            let before = gate.1.load(Ordering::SeqCst);
            worker.step().await.expect("the journal answers");
            // Where something was put together it was asked for the time more than once.
            let was_idle = gate.1.load(Ordering::SeqCst) - before <= 1;
            idle = if was_idle { idle + 1 } else { 0 };
            if was_idle {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// What finance is told, each taken up and delivered.
    pub(crate) async fn finance_takes(&self) -> Vec<Value> {
        let mut taken = Vec::new();
        loop {
            let claimed = self.claim().await;
            if claimed.is_empty() {
                return taken;
            }
            for delivery in claimed {
                let portgate_store::Work::Render(documents) = &delivery.work else { panic!("{delivery:?}") };
                taken.push(serde_json::from_slice(&documents[0].body).expect("JSON"));
                self.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
            }
        }
    }

    async fn claim(&self) -> Vec<ClaimedDelivery> {
        let request = ClaimRequest {
            destination: "ledger".to_owned(),
            worker: "worker".to_owned(),
            now: self.now(),
            lease: Duration::from_secs(60),
            limit: 10,
            batching: Vec::new(),
        };
        self.journal.claim(request).await.expect("a claim")
    }

    async fn settle(&self, delivery: &ClaimedDelivery, state: &str, settled: Settled) {
        let now = self.now();
        let told = NewEvent {
            id: EventId::new(now),
            kind: format!("portgate.delivery.{state}"),
            subject: delivery.claim.delivery.to_string(),
            partner: delivery.partner.clone(),
            at: now,
            data: EventData::Own("{}".to_owned()),
        };
        let reach = portgate_store::Reach::Perhaps;
        let settlement = Settlement {
            claim: delivery.claim,
            companions: Vec::new(),
            started_at: now,
            now,
            status: Some(200),
            verdict: None,
            reach,
            transcript: None,
            detail: "as the test says".to_owned(),
            settled,
            yielded: None,
            events: vec![told],
            deliveries: Vec::new(),
            audit: Vec::new(),
        };
        self.journal.settle(settlement).await.expect("the claim holds");
    }
}
