//! A border with everybody at it: the systems that tell of shipments, customs, which remembers what it was told and answers it, and finance,
//! which counts what it is told. In the end all of them must agree.

mod books;
mod customs;
mod operator;

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use portgate_tests::{Client, Portal, Workshop, case};
use serde_json::json;

use crate::random::Random;
use customs::Customs;

/// What is declared of each shipment, and where a person is wanted for it.
const FILING: &str = r#"
[[filing]]
name = "uk-import"
regime = "uk-import"
composer = "composer-uk"
needs = ["shipment", "packing", "commercial-invoice"]
when = { "shipment/countryOfDestination" = ["GB"] }
to = "hmrc-cds"
answers = ["customs-broker"]
submit = { contract = "cds-declaration", version = "3.6" }
amend = { contract = "cds-declaration", version = "3.6" }
automatic = true
on_change = "amend"

[filing.blocks]
but = ["R22", "R23"]

[filing.settings]
declaration-type = "D"
declarant = "GB123456789000"
representation = "direct"
importer = "GB123456789000"
procedure = "4000"
valuation-indicators = "0000"
transaction-nature = "1"
"location.GBFXT" = "GBAUFXTFXTFXT"
border-nationality = "PA"
authorisations = "DPO:GB123456789000"
deferment = "1:DAN:1234567"
documents = "C506:GBDPO1234567"
payments = "A00:E, B00:G"

[[filing.tell]]
to = "erp"
contract = "s4-text"
version = "2"
of = ["accepted"]
"#;

/// What finance is told, and how.
const ACCRUALS: &str = "\n[accruals]\nkinds = [\"estimate\", \"assessed\"]\nto = \"customer-portal\"\ncontract = \"portal-document\"\nversion = \"1\"\n";

/// How long it may take until a step is taken, and until everybody has come to an end, however slow the machine is. What the
/// dead had claimed is free after a minute.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// What is invoiced at first, and what it is corrected to.
const INVOICED: &str = "456.00";
const CORRECTED: &str = "410.40";

/// Something that a system has to tell, under a key of its own.
struct Message {
    crossing: usize,
    key: String,
    path: &'static str,
    is_erp: bool,
    body: Vec<u8>,
    when: When,
}

/// When something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// As soon as it can be.
    AtOnce,
    /// Once finance has been told what the shipment will cost: then its declaration is made, which may not have left yet.
    Made,
    /// Once customs has the declaration.
    Declared,
}

/// Everybody at the border, but for the gateways.
pub(crate) struct Border {
    pub(crate) workshop: Workshop,
    customs: Customs,
    finance: Portal,
    /// Where the ERP system is told what customs says of its deliveries.
    texts: Portal,
    erp: Vec<(&'static str, String)>,
    own: Vec<(&'static str, String)>,
    untold: Vec<Message>,
    crossings: usize,
    /// Those whose invoice may be corrected before customs has their declaration.
    early: BTreeSet<usize>,
    /// Those whose declaration is made, of those that this is waited for.
    made: BTreeSet<usize>,
    /// How much of what came to finance was looked through for that.
    looked_at: usize,
}

/// Headers of a partner that has an API key, which the workshop's policies know from now on.
fn by_key(workshop: &Workshop, partner: &str, media_type: &str) -> Vec<(&'static str, String)> {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    let key = hex::encode(random);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{partner}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key), ("content-type", media_type.to_owned())]
}

impl Border {
    pub(crate) async fn new() -> Border {
        let workshop = Workshop::new();
        let finance = Portal::start(&workshop).await;
        let customs = Customs::beside(&workshop).await;
        let texts = Portal::listen(&workshop).await;
        for file in ["plugins/erp-sap.toml", "partners/erp.toml", "ceiling.toml"] {
            workshop.edit(file, |text| text.replace("127.0.0.1:8488", &texts.address().to_string()));
        }
        workshop.secret("erp.key", &workshop.credentials.portal_key);
        workshop.edit("partners/own-systems.toml", |text| {
            format!("{text}\n[[contracts]]\nname = \"packing\"\nversions = [\"1\"]\n")
        });
        for partner in ["own-systems", "erp", "customer-portal", "hmrc-cds", "customs-broker"] {
            let file = format!("partners/{partner}.toml");
            for (key, value) in [("requests_per_second", "1_000"), ("burst", "1_000")] {
                workshop.set(&file, key, value);
            }
        }
        for partner in ["customer-portal", "hmrc-cds"] {
            let file = format!("partners/{partner}.toml");
            workshop.set(&file, "delays_seconds", &format!("{:?}", [1; 60]));
            workshop.set(&file, "open_seconds", "1");
        }
        // Finance is the portal here; the ledger's route and the portal's own for costs are not there.
        let route = "[[deliver]]\ndocument = \"landed-cost-event\"\nto = \"customer-portal\"\ncontract = \"portal-document\"\nversion = \"1\"\n";
        workshop.edit("routes.toml", |text| {
            text.replace(route, "").replace("when = { kind = [\"assessed\"] }", "when = { kind = [\"adjustment\"] }")
        });
        workshop.edit("tables/tariff-gb.csv", |text| format!("{text}8517130000,2.0,2020-01-01,\n"));
        workshop.edit("costs.toml", |text| {
            let (rules, _) = text.split_once("\n[accruals]").expect("the project's own accruals");
            format!("{rules}{ACCRUALS}")
        });
        workshop.edit("filings.toml", |_| FILING.to_owned());
        // Whoever has left something undone is told at once, and so is who follows when nobody does anything.
        workshop.edit("exceptions.toml", |text| {
            text.replace("within = \"4 hours\"", "within = \"1 second\"")
                .replace("within = \"2 business hours\"", "within = \"1 second\"\nescalate_to = \"trade\"")
        });
        let (erp, own) =
            (by_key(&workshop, "erp", "application/xml"), by_key(&workshop, "own-systems", "application/json"));
        let mut border = Border {
            workshop,
            customs,
            finance,
            texts,
            erp,
            own,
            untold: Vec::new(),
            crossings: 0,
            early: BTreeSet::new(),
            made: BTreeSet::new(),
            looked_at: 0,
        };
        border.untold.push(Message {
            crossing: 0,
            key: "material".to_owned(),
            path: "/v1/messages/idoc/4.0",
            is_erp: true,
            body: case("erp-sap", "idoc-material", "xml"),
            when: When::AtOnce,
        });
        border
    }

    /// One more shipment is to be told of. Of every fourth the invoice is corrected before customs has heard of it, or after: as it
    /// happens. Of all others it is corrected when customs has the declaration.
    pub(crate) fn begin(&mut self) {
        self.begin_corrected(if self.crossings % 4 == 3 { When::AtOnce } else { When::Declared });
    }

    /// One whose invoice is corrected then.
    pub(crate) fn begin_corrected(&mut self, when: When) {
        let number = self.crossings;
        self.crossings += 1;
        if when != When::Declared {
            self.early.insert(number);
        }
        let reference = |scheme: &str, value: String| json!({ "scheme": scheme, "value": value });
        let delivery = delivery(number);
        let shipment = json!({
            "id": format!("DESK-{number}"), "version": "1", "shipmentId": delivery, "packageCount": 2,
            "references": [
                reference("shipment", delivery.clone()), reference("ucr", format!("{UCR}{number}")),
                reference("transport-document", format!("OLNEHAM{number:04}")),
            ],
            "ucr": format!("{UCR}{number}"), "mode": "sea", "masterTransportDoc": format!("OLNEHAM{number:04}"),
            "countryOfDispatch": "DE", "countryOfDestination": "GB",
            "placeOfLoading": { "unLocode": "DEHAM" }, "placeOfDischarge": { "unLocode": "GBFXT" },
            "legs": [{
                "seq": 1, "mode": "sea", "transport": { "vesselImo": "9074729", "vesselName": "EVER BLUE", "voyage": "012W" },
                "from": { "unLocode": "DEHAM" }, "to": { "unLocode": "GBFXT" },
            }],
        });
        let packing = |version: u32, counted: u32| {
            json!({
                "id": format!("PACK-{number}"), "version": version.to_string(), "shipmentId": delivery, "packageCount": counted,
                "references": [reference("shipment", delivery.clone())],
                "packages": [{ "type": "CT", "count": 2, "grossKg": "8.2", "marks": "HARRIER 1-UP" }],
                "lines": [{ "sku": "603", "quantity": { "value": "20", "unit": "C62" }, "packageRef": "1" }],
            })
        };
        let mut tell = |key: &str, path: &'static str, is_erp: bool, body: Vec<u8>, when: When| {
            let key = format!("{key}-{number}");
            self.untold.push(Message { crossing: number, key, path, is_erp, body, when });
        };
        tell("shipment", "/v1/messages/shipment/1", false, shipment.to_string().into_bytes(), When::AtOnce);
        // Of every third shipment the warehouse counts the packages wrong at first.
        if number.is_multiple_of(3) {
            tell("miscounted", "/v1/messages/packing/1", false, packing(1, 9).to_string().into_bytes(), When::AtOnce);
        }
        tell("packing", "/v1/messages/packing/1", false, packing(2, 2).to_string().into_bytes(), When::AtOnce);
        tell("invoice", "/v1/messages/idoc/4.0", true, invoice(number, 16, INVOICED), When::AtOnce);
        tell("corrected", "/v1/messages/idoc/4.0", true, invoice(number, 17, CORRECTED), when);
    }

    /// Somebody tells something to this gateway: a system, or customs. Whatever gets no answer is told again.
    pub(crate) async fn tell(&mut self, client: &Client, random: &mut Random) {
        self.customs.decides();
        self.looks_for_made();
        if random.below(2) == 0 && self.customs.says(client, &self.workshop, random).await {
            return;
        }
        let ready: Vec<usize> = (0..self.untold.len()).filter(|place| self.is_ready(&self.untold[*place])).collect();
        if ready.is_empty() {
            return;
        }
        // Mostly what comes first, as systems tell things.
        let place = ready[usize::try_from(random.below(3)).unwrap_or(0).min(ready.len() - 1)];
        let message = &self.untold[place];
        let mut headers = if message.is_erp { self.erp.clone() } else { self.own.clone() };
        headers.push(("idempotency-key", format!("\"{}\"", message.key)));
        let body = Bytes::from(message.body.clone());
        if let Some(answer) = client.try_send(Method::POST, message.path, &headers, body).await {
            match answer.status.as_u16() {
                202 => drop(self.untold.remove(place)),
                // It is not there yet, or it is asked while the first one is still at work, or a failpoint was reached.
                409 | 429 | 500 | 503 => {}
                other => panic!("{} was answered {other}: {}", message.key, answer.json()),
            }
        }
    }

    /// Looks which declarations are made that something waits for.
    fn looks_for_made(&mut self) {
        let told = self.finance.received();
        for request in &told[self.looked_at..] {
            let text = String::from_utf8_lossy(&request.body);
            let waiting =
                self.untold.iter().filter(|message| message.when == When::Made).map(|message| message.crossing);
            self.made.extend(waiting.filter(|crossing| text.contains(&delivery(*crossing))));
        }
        self.looked_at = told.len();
    }

    fn is_ready(&self, message: &Message) -> bool {
        match message.when {
            When::AtOnce => true,
            When::Made => self.made.contains(&message.crossing),
            When::Declared => self.customs.has_declaration_of(message.crossing),
        }
    }

    /// Whether customs and finance can be reached from now on.
    pub(crate) fn is_open(&self, customs: bool, finance: bool) {
        self.customs.is_open(customs);
        self.finance.answer(if finance { 200 } else { 503 });
    }

    /// Customs goes away: nobody can connect to it, and what was made for it has surely not left.
    pub(crate) async fn customs_leaves(&self) {
        self.customs.leaves().await;
    }

    /// Customs comes back.
    pub(crate) async fn customs_comes_back(&mut self) {
        self.customs.comes_back().await;
    }

    /// How much systems have to tell yet.
    pub(crate) fn untold(&self) -> usize {
        self.untold.len()
    }

    /// Whether anybody has something to tell now.
    pub(crate) fn has_news(&self) -> bool {
        self.untold.iter().any(|message| self.is_ready(message))
    }

    /// Whether all has been told, customs has what is right of all shipments, and has answered all that it was told.
    pub(crate) fn is_settled(&self) -> bool {
        self.untold.is_empty() && self.customs.has_answered() && self.customs.corrected() >= self.crossings
    }
}

/// What the delivery of a shipment is called in ERP.
fn delivery(number: usize) -> String {
    format!("800{number:05}")
}

/// What the consignments of shipments are called everywhere, up to their numbers.
const UCR: &str = "6GB123456789000-S";

/// What the consignment of a shipment is called in a declaration, up to its end.
fn ucr(number: usize) -> String {
    format!("{UCR}{number}<")
}

/// The invoice of twenty telephones, as the ERP system counts its versions.
fn invoice(number: usize, minute: u32, net: &str) -> Vec<u8> {
    let text = String::from_utf8(case("erp-sap", "idoc-invoice", "xml")).expect("text");
    let terms = "<QUALF>001</QUALF><LKOND>DAP</LKOND></E1EDK17><E1EDK17 SEGMENT=\"1\"><QUALF>002</QUALF><LKTEXT>London</LKTEXT>";
    let address = "<NAME1>Harrier GmbH</NAME1><STRAS>Kai 7</STRAS><ORT01>Hamburg</ORT01><PSTLZ>20457</PSTLZ>";
    text.replace("<QUALF>001</QUALF><LKOND>DAT</LKOND>", terms)
        .replacen("<NAME1>Harrier GmbH</NAME1>", address, 1)
        .replace("80000123", &delivery(number))
        .replace("0090000042", &format!("009{number:07}"))
        .replace("PO-1001", &format!("PO-{number}"))
        .replace("0000004217", &format!("000043{number:04}"))
        .replace(INVOICED, net)
        .replace("<CRETIM>171500</CRETIM>", &format!("<CRETIM>17{minute:02}00</CRETIM>"))
        .replace("0000000000770008", &format!("{:016}", 77_000_000 + number * 100 + minute as usize))
        .into_bytes()
}
