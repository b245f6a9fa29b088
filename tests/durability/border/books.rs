//! What must be true in the end, whoever was killed: of each shipment one context, one filing, one accrual of each cost, and nobody is
//! wanted any more for what is in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use portgate_tests::Client;
use serde_json::Value;

use super::{Border, CORRECTED, INVOICED, PATIENCE, UCR, delivery, ucr};

impl Border {
    /// Balances the books. `operator` is a gateway's.
    pub(crate) async fn balance(&mut self, operator: &Client) {
        let began = Instant::now();
        loop {
            match self.what_is_open(operator).await {
                None => break,
                Some(open) if began.elapsed() > PATIENCE => panic!("it comes to no end: {open}"),
                Some(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        self.customs.decides();
        self.declared_once();
        self.told_finance_once();
        println!(
            "{} shipments, {} messages to customs, {} to finance, in order {} s after the last kill",
            self.crossings,
            self.customs.told().len(),
            self.costs().len(),
            began.elapsed().as_secs()
        );
    }

    /// What is not in order yet, as operators see it.
    pub(crate) async fn what_is_open(&self, operator: &Client) -> Option<String> {
        let filings = self.get(operator, "/v1/filings").await;
        let filings = filings["items"].as_array().cloned().unwrap_or_default();
        let is_done =
            |filing: &Value| filing["state"] == "accepted" && filing["pending"].as_array().is_some_and(Vec::is_empty);
        if filings.len() != self.crossings || !filings.iter().all(is_done) {
            let open: Vec<&Value> = filings.iter().filter(|filing| !is_done(filing)).collect();
            return Some(format!("{} filings of {}, open {open:#?}", filings.len(), self.crossings));
        }
        if let Some(untold) = self.told_erp_once(&filings) {
            return Some(untold);
        }
        for number in 0..self.crossings {
            if let Some(open) = self.context(operator, number).await {
                return Some(open);
            }
        }
        // Whatever was in the way of a filing is not any more.
        let exceptions = self.get(operator, "/v1/exceptions?state=open").await;
        let in_the_way = |one: &&Value| {
            let cause = one["cause"].as_str().unwrap_or_default();
            ["filing:", "expectation:"].iter().any(|kind| cause.starts_with(kind)) || cause.ends_with("/R05")
        };
        let exceptions = exceptions["items"].as_array().cloned().unwrap_or_default();
        let open: Vec<&Value> = exceptions.iter().filter(in_the_way).collect();
        if !open.is_empty() {
            return Some(format!("somebody is wanted still: {open:#?}"));
        }
        let net = self.net();
        let wanted: BTreeMap<&str, i64> = [("A00", 821), ("B00", 8_372)].into();
        let is_told = |number: usize| {
            net.get(&number).is_some_and(|net| net.iter().map(|(code, sum)| (code.as_str(), *sum)).eq(wanted.clone()))
        };
        let untold: Vec<usize> = (0..self.crossings).filter(|number| !is_told(*number)).collect();
        if untold.is_empty() { None } else { Some(format!("finance does not have {untold:?}: {net:?}")) }
    }

    /// What is wrong with the context of a shipment: all names lead to one, and each document is there once.
    async fn context(&self, operator: &Client, number: usize) -> Option<String> {
        let mut ids = BTreeSet::new();
        for name in [delivery(number), format!("{UCR}{number}"), format!("OLNEHAM{number:04}")] {
            let found = self.get(operator, &format!("/v1/shipments?reference={name}")).await;
            let items = found["items"].as_array().cloned().unwrap_or_default();
            let [shipment] = items.as_slice() else { return Some(format!("{name} is in {} shipments", items.len())) };
            if shipment["current"] != true {
                return Some(format!("{name} is not put together"));
            }
            ids.insert(shipment["id"].as_str().unwrap_or_default().to_owned());
            let documents = shipment["documents"].as_array().cloned().unwrap_or_default();
            let mut kinds: BTreeMap<(String, String), usize> = BTreeMap::new();
            for document in &documents {
                let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
                *kinds.entry((text("kind"), text("id"))).or_default() += 1;
            }
            let of = |kind: &str| kinds.keys().filter(|(of, _)| of == kind).count();
            let counts = ["shipment", "packing", "commercial-invoice", "customs-declaration"].map(of);
            assert!(kinds.values().all(|times| *times == 1), "{name}: a document is there twice: {kinds:?}");
            if counts != [1, 1, 1, 1] {
                return Some(format!("{name} has {kinds:?}"));
            }
        }
        if ids.len() == 1 { None } else { Some(format!("{ids:?} are one shipment")) }
    }

    /// The ERP system is told of each declaration that it is accepted, and of its change likewise, each once: what is not told yet.
    fn told_erp_once(&self, filings: &[Value]) -> Option<String> {
        let taken = self.texts.taken();
        let mut told = BTreeSet::new();
        for filing in filings {
            let (lrn, of_it) = (&filing["lrn"], filing["told"].as_array().cloned().unwrap_or_default());
            // Of two answers of customs that are heard together the later counts.
            assert!(of_it.len() <= 2, "{lrn} is told {} times: {of_it:#?}", of_it.len());
            if of_it.is_empty() {
                return Some(format!("the ERP system is not told of {lrn}"));
            }
            for one in &of_it {
                let delivery = one["delivery"].as_str().unwrap_or_default().to_owned();
                let Some(bodies) = taken.get(&delivery) else { return Some(format!("{lrn} waits for {one}")) };
                let body = String::from_utf8_lossy(&bodies[0]);
                let says = [lrn.as_str().unwrap_or_default(), "MRN ", "DeliveryDocument='"];
                assert!(says.iter().all(|said| body.contains(said)), "{says:?} are not all in {body}");
                assert!(told.insert(delivery), "{lrn} is told twice by one delivery");
            }
        }
        // What no filing knows of would stay, and nothing would ever be in order.
        let more = taken.len() - told.len();
        (more > 0).then(|| format!("the ERP system was told {more} times more than the filings know of"))
    }

    /// Each shipment was declared once, on facts that were right, and changed once: or not at all where that was right already.
    fn declared_once(&self) {
        let mut of_lrn: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for declared in self.customs.told().values().cloned() {
            of_lrn.entry(declared.lrn).or_default().push((declared.function, declared.text));
        }
        assert_eq!(of_lrn.len(), self.crossings, "each shipment has one local reference number");
        for (lrn, said) in &of_lrn {
            let of = |code: &str| {
                said.iter().filter(|(function, _)| function == code).map(|(_, text)| text).collect::<Vec<_>>()
            };
            let (declarations, changes) = (of("9"), of("13"));
            assert_eq!(declarations.len(), 1, "{lrn} was declared more than once");
            let is_early = self.early.iter().any(|number| declarations[0].contains(&ucr(*number)));
            match changes[..] {
                [] => assert!(is_early && declarations[0].contains(CORRECTED), "{lrn}: {}", declarations[0]),
                [change] => {
                    assert!(declarations[0].contains(INVOICED), "{lrn}: {}", declarations[0]);
                    assert!(change.contains(CORRECTED), "{lrn}: {change}");
                }
                _ => panic!("{lrn} was changed {} times: {changes:#?}", changes.len()),
            }
            assert!(
                said.iter().all(|(_, text)| text.contains("<TotalPackageQuantity>2<")),
                "{lrn} was declared on a wrong count"
            );
        }
    }

    /// What finance was told of costs, by delivery.
    fn costs(&self) -> BTreeMap<String, Value> {
        let document = |bodies: &Vec<Bytes>| -> Value {
            let body: Value = serde_json::from_slice(&bodies[0]).expect("JSON");
            body.get("document").unwrap_or(&body).clone()
        };
        let taken = self.finance.taken();
        for (delivery, bodies) in &taken {
            assert!(
                bodies.windows(2).all(|pair| pair[0] == pair[1]),
                "delivery {delivery} was not always the same bytes"
            );
        }
        let costs = taken.iter().map(|(delivery, bodies)| (delivery.clone(), document(bodies)));
        costs.filter(|(_, document)| document["sourceRef"].is_string()).collect()
    }

    fn told_finance_once(&self) {
        let mut names = BTreeSet::new();
        for (delivery, cost) in self.costs() {
            let name = cost["sourceRef"].as_str().unwrap_or_default().to_owned();
            assert!(names.insert(name.clone()), "{name} was told twice, the second time by {delivery}");
        }
    }

    /// What finance has of each cost of each shipment after all that it was told, in pence.
    fn net(&self) -> BTreeMap<usize, BTreeMap<String, i64>> {
        let pence = |money: &Value| -> i64 {
            money["amount"]
                .as_str()
                .unwrap_or_default()
                .replace('.', "")
                .parse()
                .expect("an amount of two digits, or nought")
        };
        let mut net: BTreeMap<usize, BTreeMap<String, i64>> = BTreeMap::new();
        for cost in self.costs().into_values() {
            let names = cost["references"].to_string();
            let Some(number) = (0..self.crossings).find(|number| names.contains(&delivery(*number))) else {
                panic!("{cost}")
            };
            let replaced =
                cost["replaces"].as_array().into_iter().flatten().map(|one| pence(&one["amount"])).sum::<i64>();
            let code = cost["code"]["code"].as_str().unwrap_or_default().to_owned();
            *net.entry(number).or_default().entry(code).or_default() += pence(&cost["amount"]) - replaced;
        }
        net
    }
}
