//! Customs: it remembers what it was told under the id of each delivery, and answers each once, over and over until it is heard.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Method;
use portgate_tests::{Client, Portal, Workshop};

use crate::random::Random;

/// A declaration, or what changes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// The local reference number.
    pub(super) lrn: String,
    /// What it is: 9 declares, 13 changes.
    pub(super) function: String,
    /// All of it.
    pub(super) text: String,
}

/// Customs, behind the authority's API.
pub(super) struct Customs {
    portal: Portal,
    decided: BTreeSet<String>,
    unsaid: Vec<String>,
    said: usize,
}

impl Customs {
    pub(super) async fn beside(workshop: &Workshop) -> Customs {
        let portal = Portal::listen(workshop).await;
        for file in ["plugins/broker-cds.toml", "partners/hmrc-cds.toml", "ceiling.toml"] {
            workshop.edit(file, |text| text.replace("127.0.0.1:8491", &portal.address().to_string()));
        }
        // The stand-in knows one key, whoever shows it.
        let key = workshop.credentials.portal_key.clone();
        workshop.secret("hmrc-cds.key", &key);
        workshop
            .edit("partners/hmrc-cds.toml", |text| text.replace("name = \"authorization\"", "name = \"x-api-key\""));
        let customs = Customs { portal, decided: BTreeSet::new(), unsaid: Vec::new(), said: 0 };
        customs.is_open(true);
        customs
    }

    pub(super) fn is_open(&self, is_open: bool) {
        self.portal.answer(if is_open { 202 } else { 503 });
    }

    /// What it was told, by delivery: each repetition must be the same bytes.
    pub(super) fn told(&self) -> BTreeMap<String, Declared> {
        let mut told = BTreeMap::new();
        for request in self.portal.received().into_iter().filter(|request| request.status == 202) {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            let field = |name: &str| {
                let (_, rest) = text.split_once(&format!("<{name}>")).expect("a declaration has it");
                rest.split('<').next().unwrap_or_default().to_owned()
            };
            let declared =
                Declared { lrn: field("FunctionalReferenceID"), function: field("FunctionCode"), text: text.clone() };
            assert!(!request.delivery.is_empty(), "customs knows what it is sent by its id");
            if let Some(before) = told.insert(request.delivery.clone(), declared.clone()) {
                assert_eq!(before, declared, "delivery {} was not always the same", request.delivery);
            }
        }
        told
    }

    pub(super) fn has_declaration_of(&self, crossing: usize) -> bool {
        let ucr = format!("6GB123456789000-S{crossing}<");
        self.told().values().any(|declared| declared.text.contains(&ucr))
    }

    /// It decides on what it has not decided on.
    pub(super) fn decides(&mut self) {
        let mut new: Vec<(String, Declared)> =
            self.told().into_iter().filter(|(delivery, _)| !self.decided.contains(delivery)).collect();
        new.sort_by(|one, other| one.1.function.len().cmp(&other.1.function.len()).then(one.0.cmp(&other.0)));
        for (delivery, Declared { lrn, function, .. }) in new {
            let code = match function.as_str() {
                "9" => "01",
                "13" => "07",
                other => panic!("nobody asked customs for {other}"),
            };
            self.decided.insert(delivery);
            self.unsaid.push(notification(code, &lrn, self.decided.len()));
        }
    }

    /// It says something that it has decided, some things twice. Whether there was anything.
    pub(super) async fn says(&mut self, client: &Client, workshop: &Workshop, random: &mut Random) -> bool {
        if self.unsaid.is_empty() {
            return false;
        }
        let place = usize::try_from(random.below(self.unsaid.len() as u64)).unwrap_or(0);
        let body = Bytes::from(self.unsaid[place].clone());
        self.said += 1;
        let mut headers = workshop.credentials.webhook(&body);
        headers.push(("content-type", "application/xml".to_owned()));
        let answer = client.try_send(Method::POST, "/v1/messages/dms-notification/3.6", &headers, body).await;
        match answer.map(|answer| answer.status.as_u16()) {
            Some(202) if random.below(4) > 0 => drop(self.unsaid.remove(place)),
            Some(202 | 409 | 429 | 500 | 503) | None => {}
            Some(other) => panic!("a notification was answered {other}"),
        }
        true
    }

    /// How many changes it was told of and has decided on.
    pub(super) fn changes(&self) -> usize {
        let is_change = |(id, declared): &(String, Declared)| declared.function == "13" && self.decided.contains(id);
        self.told().into_iter().filter(is_change).count()
    }

    /// How much of it nobody has heard.
    pub(super) fn unsaid(&self) -> usize {
        self.unsaid.len()
    }
}

/// A notification of customs, by the code of its function.
fn notification(code: &str, lrn: &str, number: usize) -> String {
    let (minute, second) = (number / 60, number % 60);
    let mrn = format!("26GB{:0>14}", &lrn[lrn.len() - 12..]);
    format!(
        "<MetaData><WCODataModelVersionCode>3.6</WCODataModelVersionCode><WCOTypeName>RES</WCOTypeName><Response>\
         <FunctionCode>{code}</FunctionCode><FunctionalReferenceID>N-{number}</FunctionalReferenceID>\
         <IssueDateTime><DateTimeString formatCode=\"304\">2026030514{minute:02}{second:02}Z</DateTimeString></IssueDateTime>\
         <Declaration><FunctionalReferenceID>{lrn}</FunctionalReferenceID><ID>{mrn}</ID><VersionID>1</VersionID>\
         </Declaration></Response></MetaData>"
    )
}
