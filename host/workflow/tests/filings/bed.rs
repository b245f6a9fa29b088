//! A journal with the workflow on it: documents go in, a composer and a rule pack of the test's own judge and declare, and a
//! broker of the test's own takes what is sent.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use portgate_core::delivery::Request;
use portgate_core::document::{Document, Reference};
use portgate_core::exception::ExceptionState;
use portgate_core::filing::AtCustoms;
use portgate_core::finding::Severity;
use portgate_core::judgement::{Composition, Judgement};
use portgate_core::policy::{FilingPolicy, FilingTell, RulePack};
use portgate_core::reference::Lookups;
use portgate_core::sender::GATEWAY;
use portgate_core::shipment::{ShipmentRules, Tie};
use portgate_store::testing::PostgresServer;
use portgate_store::{
    Acceptance, Accepted, ActKind, ClaimRequest, ClaimedDelivery, DeadClass, DeliveryId, EventData, EventId,
    ExceptionFilter, Exceptions, ExchangeId, FilingDeed, FilingOrder, FilingOrdered, Filings, Filter, Journal,
    JournalSettings, KeptException, KeptFiling, NewDelivery, NewEvent, NewExchange, Operator, PluginBuild, Reach,
    ReferenceTables, Rendered, Settled, Settlement, Shipments, Work, open,
};
use portgate_workflow::{
    Calendar, Composed, Composers, Desk, InForce, Inspected, Made, Makes, NoTables, Ownership, Packs, Plan, Plans,
    Recipients, Reckoned, Said, Tables, Worker,
};
use serde_json::{Value, json};

/// The rule that the test's pack breaks where an invoice says that it is wrong.
pub(crate) const RULE: &str = "T1";
/// The table that its pack looks a rate up in.
pub(crate) const RATES: &str = "rates";
/// The rule that a declaration breaks which says something else than the invoice.
pub(crate) const STALE: &str = "T2";

/// A journal, and what the gateways on it know.
pub(crate) struct Bed {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) settings: JournalSettings,
    pub(crate) setting: Arc<Setting>,
    _folder: Option<tempfile::TempDir>,
    _server: Option<PostgresServer>,
}

/// What policy says, what the plugins do, and what time it is.
pub(crate) struct Setting {
    filing: Mutex<FilingPolicy>,
    /// Whether the composer traps, and whether the rule pack does.
    pub(crate) traps: AtomicBool,
    pub(crate) pack_traps: AtomicBool,
    /// Whether it is reckoned what goods cost, and people are called.
    pub(crate) is_whole: AtomicBool,
    /// What the table says that the pack looks up; 0 where it looks nothing up.
    pub(crate) rate: AtomicI64,
    /// Most things of a shipment.
    pub(crate) things_max: AtomicI64,
    seconds: AtomicI64,
}

/// Knows one rate of duty.
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

fn costs() -> Reckoned {
    let costs = json!({
        "currency": "GBP",
        "jurisdiction": [{ "name": "GB", "countries": ["GB"], "currency": "GBP", "tariff": "tariff", "vat_percent": "20" }],
        "accruals": { "kinds": ["estimate", "assessed"], "to": "ledger", "contract": "journal", "version": "1" },
    });
    Reckoned { rules: Arc::new(serde_json::from_value(costs).expect("costs")), tables: Arc::new(Tariff) }
}

/// One team has everything.
fn desk(rules: &ShipmentRules) -> Desk {
    let policy = json!({
        "teams": { "desk": { "title": "Customs desk", "operators": ["ada"] } },
        "route": [{ "team": "desk", "causes": ["rule", "filing", "expectation", "context"], "within": "1 hours" }],
        "expect": [{
            "name": "answer", "after": { "document": "customs-declaration" }, "what": { "document": "customs-status" },
            "same": "lrn", "within": "3 minutes",
        }, {
            "name": "taken", "after": { "delivered": "broker", "contract": "amendment" },
            "what": { "document": "customs-status" }, "same": "lrn", "within": "3 minutes",
        }],
    });
    Desk::new(serde_json::from_value(policy).expect("exceptions"), rules)
}

impl Setting {
    /// So many seconds go by.
    pub(crate) fn passes(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// This partner is told of these places at customs.
    pub(crate) fn tells(&self, to: &str, of: &[AtCustoms]) {
        let (contract, version) = ("status".to_owned(), "1".to_owned());
        let tell = FilingTell { to: to.to_owned(), contract, version, of: of.iter().copied().collect() };
        self.policy(|filing| filing.tell.push(tell));
    }

    /// What the pack looks up: the rate of the table, where it has one, in the file of that rate.
    fn looked_up(&self) -> Lookups {
        let mut looked_up = Lookups::default();
        let rate = self.rate.load(Ordering::SeqCst).to_string();
        if rate != "0" {
            looked_up.note((RATES, &rate), "EUR", date(2026, 3, 1), Some(&rate));
        }
        looked_up
    }

    pub(crate) fn policy(&self, change: impl FnOnce(&mut FilingPolicy)) {
        change(&mut self.filing.lock().expect("nobody panicked"));
    }
}

pub(crate) fn rules() -> Arc<ShipmentRules> {
    rules_of(1_000)
}

fn rules_of(things_max: i64) -> Arc<ShipmentRules> {
    let set = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let identifying = ["ucr", "lrn", "mrn"].map(|scheme| (scheme.to_owned(), Tie::Identifying));
    let ties = identifying.into_iter().chain([("order".to_owned(), Tie::Shared)]).collect();
    Arc::new(ShipmentRules {
        opens: set(&["shipment", "customs-declaration"]),
        ties,
        catalogue: Default::default(),
        apart: Default::default(),
        things_max: usize::try_from(things_max).expect("few"),
    })
}

/// Who works, and how often it asked for the time.
pub(crate) struct Gate(Arc<Setting>, AtomicI64);

impl Plans for Gate {
    fn plan(&self) -> Option<Plan> {
        let filing = self.0.filing.lock().expect("nobody panicked").clone();
        let is_whole = self.0.is_whole.load(Ordering::SeqCst);
        let rules = rules_of(self.0.things_max.load(Ordering::SeqCst));
        Some(Plan {
            desk: is_whole.then(|| desk(&rules)),
            rules,
            ownership: Arc::new(Ownership::default()),
            enrichments: Vec::new().into(),
            severity: Default::default(),
            packs: vec![RulePack { plugin: "rules".to_owned(), severity: Default::default() }].into(),
            filings: vec![filing].into(),
            costs: is_whole.then(costs),
            tables: Arc::new(NoTables),
            quiet: SignedDuration::from_hours(24),
        })
    }

    fn now(&self) -> Timestamp {
        self.1.fetch_add(1, Ordering::SeqCst);
        let second = self.0.seconds.fetch_add(1, Ordering::SeqCst);
        start() + SignedDuration::from_secs(second)
    }
}

pub(crate) fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

impl Calendar for Gate {
    fn look_up(&self, _: &str, _: &str, _: Date) -> Option<String> {
        None
    }
}

/// Each document of a kind in a context.
fn documents<'c>(context: &'c Value, kind: &'c str) -> impl Iterator<Item = (usize, &'c Value)> {
    let all = context["documents"].as_array().into_iter().flatten().enumerate();
    all.filter(move |(_, document)| document["kind"] == kind).map(|(index, document)| (index, &document["document"]))
}

/// What an invoice comes to.
fn total(invoice: &Value) -> Option<&str> {
    invoice["totals"]["payable"]["amount"].as_str()
}

/// What an invoice says of itself is wrong with it.
fn wrong(invoice: &Value) -> Option<&str> {
    invoice["notes"][0]["text"].as_str()
}

/// An invoice of so much.
pub(crate) fn invoice(total: &str) -> Value {
    json!({ "number": "INV-1", "totals": { "payable": { "amount": total, "currency": "GBP" } } })
}

#[async_trait]
impl Packs for Gate {
    /// What an invoice says of itself is wrong with it. What was declared is held against the only invoice as well, which keeps nothing
    /// from going: an amendment mends it.
    async fn inspect(&self, _: &str, context: Document) -> Result<Inspected, String> {
        if self.0.pack_traps.load(Ordering::SeqCst) {
            return Err("it trapped".to_owned());
        }
        let seen: Value = serde_json::from_slice(&context.body).map_err(|error| error.to_string())?;
        let judge = |(index, invoice): (usize, &Value)| Judgement {
            rule: RULE.to_owned(),
            severity: Severity::Blocking,
            fields: vec![format!("/documents/{index}/document/number")],
            detail: wrong(invoice).unwrap_or_default().to_owned(),
            remedy: "Correct the invoice.".to_owned(),
        };
        let mut judgements: Vec<Judgement> =
            documents(&seen, "commercial-invoice").filter(|(_, invoice)| wrong(invoice).is_some()).map(judge).collect();
        let invoices: Vec<(usize, &Value)> = documents(&seen, "commercial-invoice").collect();
        if let [(of, invoice)] = invoices[..] {
            let is_stale = |(_, declared): &(usize, &Value)| {
                let total = &declared["invoiceTotal"]["amount"];
                !total.is_null() && total.as_str() != self::total(invoice)
            };
            judgements.extend(documents(&seen, "customs-declaration").filter(is_stale).map(|(index, _)| Judgement {
                rule: STALE.to_owned(),
                severity: Severity::Blocking,
                fields: vec![
                    format!("/documents/{index}/document/invoiceTotal/amount"),
                    format!("/documents/{of}/document/totals/payable/amount"),
                ],
                detail: "Something else was declared than is invoiced now.".to_owned(),
                remedy: "Have the declaration amended.".to_owned(),
            }));
        }
        Ok(Inspected { judgements, seen: context.body, looked_up: self.0.looked_up() })
    }
}

#[async_trait]
impl Composers for Gate {
    /// Declares the value of the invoices and the packages of the shipment.
    async fn compose(
        &self,
        _: &str,
        context: Document,
        composition: Composition,
        _: Timestamp,
    ) -> Result<Composed, String> {
        if self.0.traps.load(Ordering::SeqCst) {
            return Err("it trapped".to_owned());
        }
        let seen: Value = serde_json::from_slice(&context.body).map_err(|error| error.to_string())?;
        assert_eq!(documents(&seen, "customs-declaration").count(), 0, "a declaration is made of facts");
        let total = documents(&seen, "commercial-invoice").find_map(|(_, invoice)| total(invoice));
        let packages = documents(&seen, "shipment").find_map(|(_, shipment)| shipment["packageCount"].as_u64());
        let (Some(total), Some(packages)) = (total, packages) else {
            let missing = Judgement {
                rule: "C1".to_owned(),
                severity: Severity::Error,
                fields: Vec::new(),
                detail: "The value is missing.".to_owned(),
                remedy: String::new(),
            };
            return Ok(Composed::Missing(Inspected {
                judgements: vec![missing],
                seen: context.body,
                looked_up: Lookups::default(),
            }));
        };
        let mut body = json!({
            "lrn": composition.lrn,
            "jurisdiction": "GB",
            "regime": "import",
            "invoiceTotal": { "amount": total, "currency": "USD" },
            "totalPackages": packages,
        });
        if let Some(mrn) = composition.amends {
            body["mrn"] = mrn.into();
        }
        let refs = vec![Reference { scheme: "order".to_owned(), value: "ORDER-1".to_owned() }];
        let kind = "customs-declaration".to_owned();
        let document = Document { kind, key: composition.lrn, refs, body: body.to_string().into_bytes() };
        Ok(Composed::Declaration(document, Lookups::default()))
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
            documents: (0..).zip(&made.documents).map(|(position, _)| position).collect(),
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
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
        let mut beds = vec![Bed::on(sqlite, Some(folder), None).await];
        // A server of its own: on one that tests share, their transactions would keep events from being certain.
        let started = tokio::task::spawn_blocking(|| {
            let server = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed")?;
            let url = server.database("filings").expect("a database");
            Some((server, url))
        });
        match started.await.expect("no panic") {
            Some((server, url)) => {
                let settings = JournalSettings::Postgres { url, connections_max: 8 };
                beds.push(Bed::on(settings, None, Some(server)).await);
            }
            None => eprintln!("PostgreSQL is not installed: its half is LEFT OUT"),
        }
        beds
    }

    /// One that is nobody else's, in a folder which lies in memory where the system has such a place.
    pub(crate) async fn in_memory() -> Bed {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        let settings = JournalSettings::Sqlite { path: folder.path().join("journal.sqlite") };
        Bed::on(settings, Some(folder), None).await
    }

    async fn on(settings: JournalSettings, folder: Option<tempfile::TempDir>, server: Option<PostgresServer>) -> Bed {
        let filing = serde_json::from_value(json!({
            "name": "import",
            "regime": "import",
            "composer": "composer",
            "needs": ["shipment", "commercial-invoice"],
            "to": "broker",
            "submit": { "contract": "declaration", "version": "1" },
            "amend": { "contract": "amendment", "version": "1" },
            "cancel": { "contract": "cancellation", "version": "1" },
            "automatic": true,
            "on_change": "amend",
        }));
        let setting = Setting {
            filing: Mutex::new(filing.expect("a filing")),
            traps: AtomicBool::new(false),
            pack_traps: AtomicBool::new(false),
            is_whole: AtomicBool::new(false),
            rate: AtomicI64::new(0),
            things_max: AtomicI64::new(1_000),
            seconds: AtomicI64::new(0),
        };
        let journal = open(&settings).await.expect("it opens");
        Bed { journal, settings, setting: Arc::new(setting), _folder: folder, _server: server }
    }

    /// The journal closed and opened anew, as by another process.
    pub(crate) async fn restarted(self) -> Bed {
        self.journal.close(Duration::from_secs(10)).await;
        let Bed { settings, setting, _folder, _server, .. } = self;
        let journal = open(&settings).await.expect("it opens");
        Bed { journal, settings, setting, _folder, _server }
    }

    /// Whether several processes can have the journal open.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.settings, JournalSettings::Postgres { .. })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.gate().now()
    }

    /// A gateway's workflow on a journal.
    pub(crate) fn worker(&self, journal: &Arc<dyn Journal>, name: &str) -> Worker {
        self.working(&Arc::new(self.gate()), journal, name)
    }

    fn gate(&self) -> Gate {
        Gate(Arc::clone(&self.setting), AtomicI64::new(0))
    }

    fn working(&self, gate: &Arc<Gate>, journal: &Arc<dyn Journal>, name: &str) -> Worker {
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

    /// A document of a partner's.
    pub(crate) async fn says(&self, sender: &str, kind: &str, key: &str, version: u32, names: &[&str], more: Value) {
        let named = names.iter().filter_map(|name| name.split_once(':'));
        let refs: Vec<Reference> =
            named.map(|(scheme, value)| Reference { scheme: scheme.to_owned(), value: value.to_owned() }).collect();
        let now = self.now();
        let mut body = json!({
            "id": key,
            "version": version.to_string(),
            "source": { "system": sender, "recordedAt": { "value": now.to_string() }, "rawRef": "0".repeat(64) },
            "references": refs,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let document =
            Document { kind: kind.to_owned(), key: key.to_owned(), refs, body: body.to_string().into_bytes() };
        self.tells(sender, document).await;
    }

    /// A document of a partner's, as it is.
    pub(crate) async fn tells(&self, sender: &str, document: Document) {
        let accepted = accepted(sender, vec![document], self.now());
        assert_eq!(self.journal.accept(accepted).await, Ok(Accepted::Committed));
    }

    /// A shipment of so many packages and its invoice over so much.
    pub(crate) async fn ships(&self, version: u32, packages: u32, total: &str) {
        let names = ["ucr:UCR-1", "order:ORDER-1"];
        self.says("erp", "shipment", "S-1", version, &names, json!({ "packageCount": packages })).await;
        self.invoices(version, invoice(total)).await;
    }

    pub(crate) async fn invoices(&self, version: u32, invoice: Value) {
        self.says("erp", "commercial-invoice", "INV-1", version, &["ucr:UCR-1"], invoice).await;
    }

    /// What customs says of the filing's present declaration.
    pub(crate) async fn customs(&self, key: &str, status: &str, more: Value) {
        self.customs_by("broker", key, status, more).await;
    }

    /// What a partner says that customs says of it.
    pub(crate) async fn customs_by(&self, sender: &str, key: &str, status: &str, more: Value) {
        let lrn = self.filing().await.filing.lrn;
        let mut said = json!({
            "status": status,
            "code": { "code": status, "codeList": "test" },
            "occurredAt": { "value": self.now().to_string() },
            "lrn": lrn,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            said[name] = value.clone();
        }
        self.says(sender, "customs-status", key, 1, &[&format!("lrn:{lrn}")], said).await;
    }

    /// Works until nothing is left to do for a while, on this journal.
    pub(crate) async fn works(&self) {
        self.works_on(&self.journal).await;
    }

    pub(crate) async fn works_on(&self, journal: &Arc<dyn Journal>) {
        let gate = Arc::new(self.gate());
        let worker = self.working(&gate, journal, "one");
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

    pub(crate) async fn filings(&self) -> Vec<KeptFiling> {
        let query = portgate_store::FilingQuery { states: Vec::new(), name: None, limit: 10 };
        self.journal.filings(query).await.expect("they are read")
    }

    pub(crate) async fn filing(&self) -> KeptFiling {
        let mut found = self.filings().await;
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    /// Whom the shipment wants still, for causes of this name or, where it is empty, for any.
    pub(crate) async fn wanted(&self, cause: &str) -> Vec<KeptException> {
        let shipment = Some(self.filing().await.shipment);
        let filter = ExceptionFilter { shipment, state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
        let open = self.journal.exceptions(filter, None, 100).await.expect("they are read").items;
        open.into_iter().filter(|kept| cause.is_empty() || kept.known.cause.name == cause).collect()
    }

    /// What stands of the shipment with this context, as people read it, and these documents.
    pub(crate) fn stands(
        &self,
        context: portgate_canonical::ShipmentContext,
        documents: &portgate_store::ShipmentDocuments,
        filings: &[KeptFiling],
    ) -> portgate_workflow::Standing {
        let gate = Gate(Arc::clone(&self.setting), AtomicI64::new(0));
        let plan = gate.plan().expect("shipments are made");
        portgate_workflow::Standing::of(&plan, filings[0].shipment, context, documents, filings, gate.now())
    }

    /// The context of the shipment, as people read it.
    pub(crate) async fn context(&self) -> Value {
        let lrn = self.filing().await.filing.lrn;
        let found = self.journal.shipments_named(false, None, lrn, 2).await.expect("they are read");
        serde_json::from_str(found[0].context.as_deref().expect("it is put together")).expect("JSON")
    }

    /// What waits for the broker, each taken up and delivered: as contract and document.
    pub(crate) async fn broker_takes(&self) -> Vec<(String, Value)> {
        self.takes("broker").await
    }

    /// What waits for a partner, likewise.
    pub(crate) async fn takes(&self, destination: &str) -> Vec<(String, Value)> {
        let mut taken = Vec::new();
        loop {
            let claimed = self.claim_for(destination).await;
            if claimed.is_empty() {
                return taken;
            }
            for delivery in claimed {
                let portgate_store::Work::Render(documents) = &delivery.work else { panic!("{delivery:?}") };
                let body = serde_json::from_slice(&documents[0].body).expect("JSON");
                taken.push((delivery.contract.clone(), body));
                self.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
            }
        }
    }

    /// The broker refuses what waits for it.
    pub(crate) async fn broker_refuses(&self) {
        for delivery in self.claim().await {
            let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
            self.settle(&delivery, "dead", dead).await;
        }
    }

    /// An operator has what is dead tried again. How many there are.
    pub(crate) async fn retries(&self) -> u64 {
        let filter = Filter { destination: Some("broker".to_owned()), ..Filter::default() };
        let operator = Operator { name: "ada".to_owned(), reason: "the broker is back".to_owned() };
        let kind = ActKind::Retry { per_second: std::num::NonZeroU32::MIN };
        self.journal.act(kind, &filter, &operator, self.now()).await.expect("it works").changed
    }

    /// An operator discards what waits for the broker.
    pub(crate) async fn discards(&self) {
        let filter = Filter { destination: Some("broker".to_owned()), ..Filter::default() };
        let operator = Operator { name: "ada".to_owned(), reason: "not by this broker".to_owned() };
        let done = self.journal.act(ActKind::Discard, &filter, &operator, self.now()).await.map(|acted| acted.changed);
        assert_eq!(done, Ok(1));
    }

    pub(crate) async fn claim(&self) -> Vec<ClaimedDelivery> {
        self.claim_for("broker").await
    }

    pub(crate) async fn claim_for(&self, destination: &str) -> Vec<ClaimedDelivery> {
        let request = ClaimRequest {
            destination: destination.to_owned(),
            worker: "worker".to_owned(),
            now: self.now(),
            lease: Duration::from_secs(60),
            limit: 10,
            batching: Vec::new(),
        };
        self.journal.claim(request).await.expect("a claim")
    }

    /// The broker is tried, in an attempt of which this is known; it is tried again in a minute.
    pub(crate) async fn fails(&self, reach: Reach) {
        let claimed = self.claim().await;
        assert!(!claimed.is_empty(), "nothing is sent to it");
        self.gives_up(&claimed, reach).await;
    }

    /// The same, of what was taken in hand before.
    pub(crate) async fn gives_up(&self, claimed: &[ClaimedDelivery], reach: Reach) {
        for delivery in claimed {
            self.rendered(delivery).await;
            let retry = Settled::Retry { at: self.now() + SignedDuration::from_secs(60), class: DeadClass::Theirs };
            self.settle_with(delivery, "retry", retry, reach).await;
        }
    }

    /// What is sent for a delivery: kept before it leaves, as whoever delivers does it.
    pub(crate) async fn rendered(&self, delivery: &ClaimedDelivery) -> Vec<u8> {
        let documents = match &delivery.work {
            Work::Render(documents) => documents,
            Work::Send(request) | Work::Ask(request) => return request.body.clone(),
        };
        let (method, path, body) = ("POST".to_owned(), "/declarations".to_owned(), documents[0].body.clone());
        let request = Request { method, path, headers: Vec::new(), body: body.clone() };
        let deliveries = vec![(delivery.claim, 1)];
        assert_eq!(self.journal.render(Rendered { deliveries, request, numbering: None }).await, Ok(true));
        body
    }

    /// What is sent to the broker now, rendered before or not; it is taken.
    pub(crate) async fn broker_gets(&self) -> Vec<Value> {
        let mut got = Vec::new();
        for delivery in self.claim().await {
            let body = match &delivery.work {
                Work::Render(documents) => &documents[0].body,
                Work::Send(request) | Work::Ask(request) => &request.body,
            };
            got.push(serde_json::from_slice(body).expect("JSON"));
            self.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
        }
        got
    }

    pub(crate) async fn settle(&self, delivery: &ClaimedDelivery, state: &str, settled: Settled) {
        let refused = matches!(settled, Settled::Dead { .. });
        self.settle_with(delivery, state, settled, if refused { Reach::Nothing } else { Reach::Perhaps }).await;
    }

    pub(crate) async fn settle_with(&self, delivery: &ClaimedDelivery, state: &str, settled: Settled, reach: Reach) {
        let now = self.now();
        let told = NewEvent {
            id: EventId::new(now),
            kind: format!("portgate.delivery.{state}"),
            subject: delivery.claim.delivery.to_string(),
            partner: delivery.partner.clone(),
            at: now,
            data: EventData::Own("{}".to_owned()),
        };
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
            // Nobody is told that something is tried again.
            events: if state == "retry" { Vec::new() } else { vec![told] },
            deliveries: Vec::new(),
            audit: Vec::new(),
        };
        self.journal.settle(settlement).await.expect("the claim holds");
    }

    /// An operator does something with the filing as it is.
    pub(crate) async fn orders(&self, deed: FilingDeed) {
        let KeptFiling { shipment, name, filing, .. } = self.filing().await;
        let operator = Operator { name: "ada".to_owned(), reason: "it is right as it is".to_owned() };
        let order = FilingOrder { shipment, name, deed, digest: filing.digest, operator, now: self.now() };
        assert_eq!(self.journal.order_filing(order).await, Ok(FilingOrdered::Done));
    }
}
