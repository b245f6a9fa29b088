//! Shipments of a few documents, and what finance was told of them.

#![allow(dead_code, reason = "each test uses some of it")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use portgate_canonical::{Decimal, LandedCostEvent, ShipmentContext};
use portgate_core::policy::{Accruals, Costs, Firmness};
use portgate_cost::{Landed, Tables, accruals, landed};
use serde_json::{Value, json};

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

const SOURCE: &str = r#"{"system":"S","recordedAt":{"value":"2026-03-03T00:00:00Z"},"rawRef":"0000000000000000000000000000000000000000000000000000000000000000"}"#;

fn head(id: &str) -> Value {
    json!({ "id": id, "version": "1", "source": serde_json::from_str::<Value>(SOURCE).expect("a source") })
}

fn with(id: &str, more: Value) -> Value {
    let mut document = head(id);
    document.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    document
}

/// One tax of a notification.
pub(crate) fn tax(kind: &str, at: &str, item_no: u32, code: &str, amount: &str) -> Value {
    let id = format!("26GB1:{kind}:{at}:{item_no}:{code}");
    let cost_type = if code.starts_with('A') { "duty" } else { "vat" };
    with(
        &id,
        json!({
            "kind": kind, "costType": cost_type, "code": { "code": code, "codeList": "tax type" }, "itemNo": item_no,
            "amount": { "amount": amount, "currency": "GBP" }, "occurredAt": { "value": at }, "sourceRef": id,
            "declarationMrn": "26GB1",
        }),
    )
}

/// What the beans are classified as in the UK.
pub(crate) fn classified(id: &str, commodity: &str) -> Value {
    with(id, json!({ "sku": "BEAN", "jurisdiction": "GB", "nomenclature": "UKGT10", "code": commodity }))
}

/// One charge of a carrier.
pub(crate) fn charge(id: &str, cost_type: &str, code: &str, amount: &str, currency: &str) -> Value {
    with(
        id,
        json!({
            "kind": "invoiced", "costType": cost_type, "code": { "code": code, "codeList": "X12 150" }, "sourceRef": id,
            "amount": { "amount": amount, "currency": currency }, "occurredAt": { "value": "2026-03-06T00:00:00Z" },
        }),
    )
}

fn kind_of(document: &Value) -> &'static str {
    let has = |field: &str| document.get(field).is_some();
    match () {
        () if has("sourceRef") => "landed-cost-event",
        () if has("status") => "customs-status",
        () if has("lrn") => "customs-declaration",
        () if has("issueDate") => "commercial-invoice",
        () if has("nomenclature") => "item-classification",
        () => "shipment",
    }
}

#[derive(Clone)]
pub(crate) struct Shipment {
    /// By the systems that sent them.
    pub(crate) documents: Vec<(&'static str, Value)>,
    /// The local reference numbers of what was withdrawn.
    pub(crate) withdrawn: BTreeSet<String>,
}

impl Shipment {
    pub(crate) fn new() -> Self {
        let shipment = with("S", json!({ "shipmentId": "S", "countryOfDestination": "GB" }));
        Shipment { documents: vec![("erp", shipment)], withdrawn: BTreeSet::new() }
    }

    pub(crate) fn of_one(value: &str, commodity: &str) -> Self {
        let mut shipment = Shipment::new();
        shipment.invoice("CIF", &[("BEAN", value, commodity, "", "CN")]);
        shipment
    }

    /// An invoice of the third of March, with SKU, value, commodity, net weight and origin of each line.
    pub(crate) fn invoice(&mut self, terms: &str, lines: &[(&str, &str, &str, &str, &str)]) {
        for (sku, _, commodity, ..) in lines.iter().filter(|line| !line.2.is_empty()) {
            let mut of_article = classified(&format!("{sku}|GB"), commodity);
            of_article["sku"] = json!(sku);
            self.add("erp", of_article);
        }
        let line = |(at, (sku, value, _, kg, origin)): (usize, &(&str, &str, &str, &str, &str))| {
            let mut line = json!({
                "lineNo": (at + 1).to_string(), "sku": sku, "quantity": { "value": "10", "unit": "C62" },
                "lineNet": { "amount": value, "currency": "GBP" }, "originCountry": origin,
            });
            if !kg.is_empty() {
                line["netKg"] = json!(kg);
            }
            line
        };
        let lines: Vec<Value> = lines.iter().enumerate().map(line).collect();
        self.add("erp", with("INV-1", json!({
            "number": "INV-1", "issueDate": "2026-03-03", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
            "currency": "GBP", "totals": { "payable": { "amount": "1", "currency": "GBP" } }, "lines": lines,
            "incoterm": { "code": terms },
        })));
    }

    /// An import declaration with number, code and origin of each item.
    pub(crate) fn declare(&mut self, items: &[(u32, &str, &str)]) {
        let item = |(no, code, origin): &(u32, &str, &str)| json!({ "no": no, "classification": { "commodity": code }, "origin": origin });
        let items: Vec<Value> = items.iter().map(item).collect();
        self.add(
            "broker",
            with(
                "LRN-1",
                json!({
                    "lrn": "LRN-1", "mrn": "26GB1", "jurisdiction": "GB", "regime": "import", "items": items,
                    "functionCode": { "code": "9", "codeList": "WCO" },
                }),
            ),
        );
    }

    /// A word of customs on the declaration of this local reference number and MRN.
    pub(crate) fn told(&mut self, status: &str, lrn: &str, mrn: Option<&str>) {
        let mut word = json!({
            "status": status, "lrn": lrn, "code": { "code": status, "codeList": "test" },
            "occurredAt": { "value": "2026-03-05T00:00:00Z" },
        });
        if let Some(mrn) = mrn {
            word["mrn"] = json!(mrn);
        }
        let id = format!("{lrn}:{status}:{}", self.documents.len());
        self.add("broker", with(&id, word));
    }

    pub(crate) fn add(&mut self, system: &'static str, document: Value) {
        self.documents.push((system, document));
    }

    /// The same document of the same system again changes nothing.
    pub(crate) fn put(&mut self, (system, document): (&'static str, Value)) {
        self.documents.retain(|(other, known)| {
            *other != system || known["id"] != document["id"] || kind_of(known) != kind_of(&document)
        });
        self.documents.push((system, document));
    }

    fn invoice_mut(&mut self) -> &mut Value {
        let mut all = self.documents.iter_mut().map(|(_, document)| document);
        all.find(|document| kind_of(document) == "commercial-invoice").expect("an invoice")
    }

    pub(crate) fn currency(&mut self, currency: &str) {
        self.invoice_mut()["lines"][0]["lineNet"]["currency"] = json!(currency);
    }

    pub(crate) fn claim_preference(&mut self) {
        self.invoice_mut()["lines"][0]["preferenceClaimed"] = json!(true);
    }

    pub(crate) fn destination(&mut self, country: &str) {
        self.documents[0].1["countryOfDestination"] = json!(country);
    }

    pub(crate) fn credit(&mut self, amount: &str) {
        let mut credit = self.invoice_mut().clone();
        credit["id"] = json!("CN-1");
        credit["number"] = json!("CN-1");
        credit["typeCode"]["code"] = json!("381");
        credit["lines"][0]["lineNet"]["amount"] = json!(amount);
        self.add("erp", credit);
    }

    pub(crate) fn correct(&mut self, amount: &str) {
        let mut corrected = self.invoice_mut().clone();
        corrected["id"] = json!("INV-2");
        corrected["number"] = json!("INV-2");
        corrected["typeCode"]["code"] = json!("384");
        corrected["preceding"] = json!([{ "number": "INV-1" }]);
        corrected["lines"][0]["lineNet"]["amount"] = json!(amount);
        self.add("erp", corrected);
    }

    /// What the gateway has posted is among the documents of the shipment.
    pub(crate) fn carry_own(&mut self, told: &Told) {
        for event in &told.posted {
            self.documents.push(("portgate", serde_json::to_value(event).expect("a document")));
        }
    }

    pub(crate) fn context(&self) -> ShipmentContext {
        let one = |(system, document): &(&str, Value)| {
            json!({
                "kind": kind_of(document), "id": document["id"], "document": document,
                "provenance": { "system": system, "version": "1", "recordedAt": { "value": "2026-03-03T00:00:00Z" }, "rawRef": "0".repeat(64) },
            })
        };
        let mut all: Vec<Value> = self.documents.iter().map(one).collect();
        let order =
            |one: &Value| (one["kind"].to_string(), one["id"].to_string(), one["provenance"]["system"].to_string());
        all.sort_by_key(order);
        let (catalogue, documents): (Vec<Value>, Vec<Value>) =
            all.into_iter().partition(|one| one["kind"] == "item-classification");
        let context = with("S", json!({ "documents": documents, "catalogue": catalogue }));
        serde_json::from_value(context).expect("a context")
    }

    pub(crate) fn landed(&self) -> Landed {
        self.landed_by(&tables())
    }

    pub(crate) fn landed_with(&self, rules: &Costs) -> Landed {
        landed(&self.context(), &self.withdrawn, &[], rules, &tables())
    }

    pub(crate) fn landed_by(&self, tables: &dyn Tables) -> Landed {
        landed(&self.context(), &self.withdrawn, &[], &rules(), tables)
    }

    /// What counts of each account.
    pub(crate) fn counting(&self) -> BTreeMap<String, Decimal> {
        let landed = self.landed();
        let mut counting = BTreeMap::new();
        for cost in &landed.costs {
            for share in cost.shares.iter().filter(|share| share.counts) {
                let sku = &landed.articles[share.article].name;
                let account =
                    counting.entry(format!("{}:{}:{sku}", cost.code, cost.amount.currency)).or_insert(Decimal::ZERO);
                *account = *account + share.amount;
            }
        }
        counting.retain(|_, amount: &mut Decimal| !amount.is_zero());
        counting
    }
}

/// Tables that remember what was asked for.
pub(crate) struct Asked {
    rows: BTreeMap<(&'static str, &'static str), &'static str>,
    pub(crate) asked: RefCell<BTreeSet<(String, String)>>,
}

impl Tables for Asked {
    fn look_up(&self, table: &str, key: &str, _: Date) -> Option<String> {
        self.asked.borrow_mut().insert((table.to_owned(), key.to_owned()));
        let row = self.rows.iter().find(|((of, row), _)| *of == table && *row == key);
        row.map(|(_, value)| (*value).to_owned())
    }
}

pub(crate) fn tables() -> Asked {
    let rows = [
        (("tariff", "6912002310"), "12.0"),
        (
            ("tariff", "0901210000"),
            r#"{"description":"Roasted","duty":{"text":"2.00 %","ad_valorem":"2.00"},
            "vat":[{"type":"305","origins":["1011"],"duty":{"text":"20.00 %","ad_valorem":"20.00"}}],
            "preferences":[{"type":"142","origins":["2020"],"excludes":["VE"],"duty":{"text":"0.50 %","ad_valorem":"0.50"}}]}"#,
        ),
        (
            ("tariff", "1803100000"),
            r#"{"duty":{"text":"10.00 % + 2.00 GBP / 100 kg","ad_valorem":"10.00","specific":[{"amount":"2.00","currency":"GBP","per":"100 kg"}]}}"#,
        ),
        (("tariff", "2203000100"), r#"{"duty":{"text":"8.00 % MIN 2.00 GBP / 100 kg"}}"#),
        (
            ("tariff", "7318158290"),
            r#"{"duty":{"text":"3.70 %","ad_valorem":"3.70"},
            "additional":[{"type":"552","called":"Definitive anti-dumping duty","origins":["CN"],"duty":{"text":"88.50 %","ad_valorem":"88.50"}}]}"#,
        ),
        (("areas", "2020"), r#"{"description":"Some","members":["CO","PE"]}"#),
        (("fx", "GBP/USD"), r#"{"rate":"1.25","day":"2026-03-01"}"#),
    ];
    Asked { rows: rows.into_iter().collect(), asked: RefCell::default() }
}

pub(crate) fn rules() -> Costs {
    serde_json::from_value(json!({
        "currency": "GBP", "exchange": { "table": "fx" },
        "jurisdiction": [{ "name": "GB", "countries": ["GB"], "currency": "GBP", "tariff": "tariff", "areas": "areas", "vat_percent": "20" }],
        "spread": { "freight": "weight" },
    }))
    .expect("rules")
}

/// What finance was told.
pub(crate) struct Told {
    shipment: &'static str,
    pub(crate) rules: Accruals,
    pub(crate) posted: Vec<LandedCostEvent>,
}

impl Told {
    pub(crate) fn new<const N: usize>(kinds: [Firmness; N]) -> Self {
        Told::called("S", kinds)
    }

    /// What finance was told of a shipment of this name.
    pub(crate) fn called<const N: usize>(shipment: &'static str, kinds: [Firmness; N]) -> Self {
        let rules = Accruals {
            kinds: kinds.into(),
            to: "ledger".to_owned(),
            contract: "journal".to_owned(),
            version: "1".to_owned(),
        };
        Told { shipment, rules, posted: Vec::new() }
    }

    /// What is told now, in words.
    pub(crate) fn tell(&mut self, shipment: &Shipment) -> Vec<String> {
        let (events, not_posted) =
            accruals(self.shipment, &shipment.context(), &shipment.landed(), &self.rules, &self.posted);
        assert!(not_posted.is_empty(), "{not_posted:?}");
        let words = events.iter().map(|event| {
            let kind = serde_json::to_value(event.kind).expect("a word");
            let replaces = event.replaces.iter().map(|one| format!(" for {} {}", one.source_ref, one.amount.amount));
            format!(
                "{} {} {}{}",
                event.source_ref,
                kind.as_str().unwrap_or_default(),
                event.amount.amount,
                replaces.collect::<String>()
            )
        });
        let words = words.collect();
        self.posted.extend(events);
        words
    }

    /// What finance has of each account in the end, where that is something.
    pub(crate) fn open(&self) -> BTreeMap<String, Decimal> {
        let mut net: BTreeMap<String, Decimal> = BTreeMap::new();
        for event in &self.posted {
            let account =
                format!("{}:{}:{}", event.code.code, event.amount.currency, event.sku.as_deref().unwrap_or_default());
            let balance = net.entry(account).or_insert(Decimal::ZERO);
            let back: Decimal = event.replaces.iter().map(|one| one.amount.amount).sum();
            *balance = *balance + event.amount.amount - back;
        }
        net.retain(|_, amount| !amount.is_zero());
        net
    }
}
