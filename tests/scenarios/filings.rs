//! A shipment is declared to customs: by a composer from what its systems say of it, once, on current facts, whatever gateway does it.

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Portal, Workshop, case, eventually};
use serde_json::{Value, json};

/// What the customs desk wants declared of each import, and by which rules.
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
cancel = { contract = "cds-declaration", version = "3.6" }
automatic = true
on_change = "amend"

[filing.blocks]
# What was declared and what is known now differ whenever something changes: an amendment mends that. Parties are screened elsewhere.
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
"#;

/// Headers of a partner that has an API key, which the workshop's policies know from now on.
fn by_key(workshop: &Workshop, partner: &str, media_type: &str) -> Vec<(&'static str, String)> {
    let key = format!("the-key-of-{partner}-in-a-test-0123456789");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{partner}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key), ("content-type", media_type.to_owned())]
}

/// The day's people and systems.
pub(super) struct Day {
    pub(super) workshop: Workshop,
    pub(super) customs: Portal,
    pub(super) erp: Vec<(&'static str, String)>,
    pub(super) own: Vec<(&'static str, String)>,
}

impl Day {
    pub(super) async fn new(workshop: Workshop) -> Day {
        let customs = Portal::listen(&workshop).await;
        customs.answer(202);
        for file in ["plugins/broker-cds.toml", "partners/hmrc-cds.toml", "ceiling.toml"] {
            workshop.edit(file, |text| text.replace("127.0.0.1:8491", &customs.address().to_string()));
        }
        // The stand-in knows one key, whoever shows it.
        let key = workshop.credentials.portal_key.clone();
        workshop.secret("hmrc-cds.key", &key);
        workshop
            .edit("partners/hmrc-cds.toml", |text| text.replace("name = \"authorization\"", "name = \"x-api-key\""));
        workshop.edit("partners/own-systems.toml", |text| {
            format!("{}\n[[contracts]]\nname = \"packing\"\nversions = [\"1\"]\n", text)
        });
        workshop.edit("filings.toml", |_| FILING.to_owned());
        let erp = by_key(&workshop, "erp", "application/xml");
        let own = by_key(&workshop, "own-systems", "application/json");
        Day { workshop, customs, erp, own }
    }

    /// The invoice of so many telephones at 22.80, as the ERP system counts its versions.
    pub(super) fn invoice(&self, pieces: u32, minute: u32) -> Vec<u8> {
        let text = String::from_utf8(case("erp-sap", "idoc-invoice", "xml")).expect("text");
        let net = format!("{}.{:02}", pieces * 2_280 / 100, pieces * 2_280 % 100);
        let terms = "<QUALF>001</QUALF><LKOND>DAP</LKOND></E1EDK17><E1EDK17 SEGMENT=\"1\"><QUALF>002</QUALF><LKTEXT>London</LKTEXT>";
        let address = "<NAME1>Harrier GmbH</NAME1><STRAS>Kai 7</STRAS><ORT01>Hamburg</ORT01><PSTLZ>20457</PSTLZ>";
        text.replace("<QUALF>001</QUALF><LKOND>DAT</LKOND>", terms)
            .replacen("<NAME1>Harrier GmbH</NAME1>", address, 1)
            .replace("<MENGE>20.000</MENGE>", &format!("<MENGE>{pieces}.000</MENGE>"))
            .replace("456.00", &net)
            .replace("<CRETIM>171500</CRETIM>", &format!("<CRETIM>17{minute:02}00</CRETIM>"))
            .replace("0000000000770008", &format!("00000000007700{minute:02}"))
            .into_bytes()
    }

    /// What the shipping desk and the warehouse say of so many cartons of ten.
    pub(super) fn shipped(&self, version: u32, cartons: u32) -> [(&'static str, Vec<u8>); 2] {
        let reference = |scheme: &str, value: &str| json!({ "scheme": scheme, "value": value });
        let references = [reference("shipment", "80000123"), reference("ucr", "6GB123456789000-SHP1")];
        let shipment = json!({
            "id": "DESK-1", "version": version.to_string(), "shipmentId": "80000123", "references": references,
            "ucr": "6GB123456789000-SHP1", "mode": "sea", "masterTransportDoc": "OLNEHAM0012",
            "countryOfDispatch": "DE", "countryOfDestination": "GB",
            "placeOfLoading": { "unLocode": "DEHAM" }, "placeOfDischarge": { "unLocode": "GBFXT" },
            "legs": [{
                "seq": 1, "mode": "sea", "transport": { "vesselImo": "9074729", "vesselName": "EVER BLUE", "voyage": "012W" },
                "from": { "unLocode": "DEHAM" }, "to": { "unLocode": "GBFXT" },
            }],
            "equipment": [{ "id": "CSQU3054383", "seals": ["S-77"] }],
        });
        let packing = json!({
            "id": "PACK-1", "version": version.to_string(), "shipmentId": "80000123", "references": [reference("shipment", "80000123")],
            "packages": [{ "type": "CT", "count": cartons, "grossKg": format!("{}.2", cartons * 4), "marks": "HARRIER 1-UP" }],
            "lines": [{ "sku": "603", "quantity": { "value": (cartons * 10).to_string(), "unit": "C62" }, "packageRef": "1" }],
        });
        [("shipment", shipment.to_string().into_bytes()), ("packing", packing.to_string().into_bytes())]
    }

    pub(super) async fn tells(&self, gateway: &Gateway, version: u32, cartons: u32) {
        let client = Client::new(gateway.partner);
        for (kind, body) in self.shipped(version, cartons) {
            let answer = client.post(&format!("/v1/messages/{kind}/1"), &self.own, body).await;
            assert_eq!(answer.status, 202, "{kind}: {}", answer.json());
        }
        let minute = 15 + version;
        let answer = client.post("/v1/messages/idoc/4.0", &self.erp, self.invoice(cartons * 10, minute)).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }

    pub(super) async fn customs_says(&self, gateway: &Gateway, notification: String) {
        let body = notification.into_bytes();
        let mut headers = self.workshop.credentials.webhook(&body);
        headers.push(("content-type", "application/xml".to_owned()));
        let answer = Client::new(gateway.partner).post("/v1/messages/dms-notification/3.6", &headers, body).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
    }

    /// The only filing that there is, once it is so.
    pub(super) async fn filing(&self, gateway: &Gateway, is_so: impl Fn(&Value) -> bool) -> Value {
        let headers = [("authorization", format!("Bearer {}", self.workshop.credentials.operator_key))];
        let client = Client::new(gateway.operator);
        eventually("the filing", async || {
            let mut shown = client.send(Method::GET, "/v1/filings", &headers, Bytes::new()).await.json();
            let items = shown["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            match items.as_slice() {
                [filing] if is_so(filing) => Ok(filing.clone()),
                _ => Err(format!("{items:#?}")),
            }
        })
        .await
    }

    /// The declarations that customs was sent.
    pub(super) fn declared(&self) -> Vec<String> {
        self.customs.received().iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect()
    }
}

/// A notification of customs, by the code of its function.
pub(super) fn notification(code: &str, lrn: &str, id: &str, minute: u32) -> String {
    format!(
        "<MetaData><WCODataModelVersionCode>3.6</WCODataModelVersionCode><WCOTypeName>RES</WCOTypeName><Response>\
         <FunctionCode>{code}</FunctionCode><FunctionalReferenceID>{id}</FunctionalReferenceID>\
         <IssueDateTime><DateTimeString formatCode=\"304\">202603051422{minute:02}Z</DateTimeString></IssueDateTime>\
         <Declaration><FunctionalReferenceID>{lrn}</FunctionalReferenceID><ID>26GB0000000000AAA1</ID><VersionID>1</VersionID>\
         </Declaration></Response></MetaData>"
    )
}

async fn a_day(workshop: Workshop) {
    let day = Day::new(workshop).await;
    let mut gateway = day.workshop.start().await;
    let client = Client::new(gateway.partner);
    let answer = client.post("/v1/messages/idoc/4.0", &day.erp, case("erp-sap", "idoc-material", "xml")).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    day.tells(&gateway, 1, 2).await;
    let filing = day.filing(&gateway, |filing| filing["state"] == "submitted").await;
    let lrn = filing["lrn"].as_str().expect("a reference number").to_owned();
    eventually("customs has it", async || match day.declared().as_slice() {
        [one] if one.contains(&lrn) && one.contains("456.00") => Ok(()),
        declared => Err(format!("{declared:#?}")),
    })
    .await;
    // Whoever comes after the gateway that filed it files nothing again.
    gateway.stopped().await;
    let mut gateway = day.workshop.start().await;
    day.customs_says(&gateway, notification("01", &lrn, "ACC-1", 10)).await;
    day.filing(&gateway, |filing| filing["state"] == "accepted" && filing["mrn"] == "26GB0000000000AAA1").await;
    assert_eq!(day.declared().len(), 1);
    // The invoice is corrected late: one document, so that customs hears of one amendment, and of that alone.
    let invoice = String::from_utf8(day.invoice(20, 17)).expect("text").replace("456.00", "410.40");
    let answer = Client::new(gateway.partner).post("/v1/messages/idoc/4.0", &day.erp, invoice.into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let amended =
        day.filing(&gateway, |filing| filing["state"] == "amendment-pending" && filing["steps"][1].is_object());
    let amended = amended.await;
    eventually("customs has the amendment", async || match day.declared().as_slice() {
        [_, .., last] if last.contains("26GB0000000000AAA1") && last.contains("410.40") => Ok(()),
        declared => Err(format!("{declared:#?}\n{amended:#}")),
    })
    .await;
    let declared = day.declared().len();
    gateway.stopped().await;
    let gateway = day.workshop.start().await;
    day.filing(&gateway, |filing| filing["lrn"] == lrn.as_str()).await;
    assert_eq!(day.declared().len(), declared, "nothing is told again");
    assert!(day.declared().iter().all(|declared| declared.contains(&lrn)), "{:#?}", day.declared());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_is_declared_once_and_amended_when_it_changes_in_a_file() {
    a_day(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_is_declared_once_and_amended_when_it_changes_on_a_server() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_day(workshop).await;
}
