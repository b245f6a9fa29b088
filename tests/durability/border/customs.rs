//! Customs: it remembers what it was told under the id of each delivery, and answers each once, over and over until it is heard.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Method;
use portgate_tests::{Client, Portal, Workshop};

use super::{CORRECTED, ucr};
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
    /// How many requests it has read, and what they told.
    read: usize,
    told: BTreeMap<String, Declared>,
    decided: BTreeSet<String>,
    /// The version that each declaration is in.
    versions: BTreeMap<String, u32>,
    unsaid: Vec<String>,
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
        let (told, decided, versions) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let customs = Customs { portal, read: 0, told, decided, versions, unsaid: Vec::new() };
        customs.is_open(true);
        customs
    }

    pub(super) fn is_open(&self, is_open: bool) {
        self.portal.answer(if is_open { 202 } else { 503 });
    }

    /// Nobody can connect to it any more.
    pub(super) async fn leaves(&self) {
        self.portal.leave().await;
    }

    pub(super) async fn comes_back(&mut self) {
        self.portal.come_back().await;
    }

    /// It reads what came since it looked last. Each repetition must be the same bytes.
    fn reads(&mut self) {
        let requests = self.portal.received();
        for request in requests.iter().skip(self.read).filter(|request| request.status == 202) {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            let field = |name: &str| {
                let (_, rest) = text.split_once(&format!("<{name}>")).expect("a declaration has it");
                rest.split('<').next().unwrap_or_default().to_owned()
            };
            let declared =
                Declared { lrn: field("FunctionalReferenceID"), function: field("FunctionCode"), text: text.clone() };
            assert!(!request.delivery.is_empty(), "customs knows what it is sent by its id");
            if let Some(before) = self.told.insert(request.delivery.clone(), declared.clone()) {
                assert_eq!(before, declared, "delivery {} was not always the same", request.delivery);
            }
        }
        self.read = requests.len();
    }

    /// What it was told, by delivery.
    pub(super) fn told(&self) -> &BTreeMap<String, Declared> {
        &self.told
    }

    pub(super) fn has_declaration_of(&self, crossing: usize) -> bool {
        let ucr = ucr(crossing);
        self.told.values().any(|declared| declared.function == "9" && declared.text.contains(&ucr))
    }

    /// It decides on what it has not decided on.
    pub(super) fn decides(&mut self) {
        self.reads();
        let undecided = |(delivery, _): &(&String, &Declared)| !self.decided.contains(*delivery);
        let new = self.told.iter().filter(undecided);
        let mut new: Vec<(String, Declared)> =
            new.map(|(delivery, declared)| (delivery.clone(), declared.clone())).collect();
        new.sort_by(|one, other| one.1.function.len().cmp(&other.1.function.len()).then(one.0.cmp(&other.0)));
        for (delivery, Declared { lrn, function, .. }) in new {
            let version = self.versions.entry(lrn.clone()).or_default();
            // A declaration is version 1 of itself, and what changes it makes the next.
            let code = match (function.as_str(), *version) {
                ("9", 0) => "01",
                ("13", 1..) => "07",
                other => panic!("nobody asked customs for {other:?}"),
            };
            *version += 1;
            self.decided.insert(delivery);
            self.unsaid.push(notification(code, &lrn, *version, self.decided.len()));
        }
    }

    /// It says something that it has decided, some things twice. Whether there was anything.
    pub(super) async fn says(&mut self, client: &Client, workshop: &Workshop, random: &mut Random) -> bool {
        if self.unsaid.is_empty() {
            return false;
        }
        let place = usize::try_from(random.below(self.unsaid.len() as u64)).unwrap_or(0);
        let body = Bytes::from(self.unsaid[place].clone());
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

    /// Of how many shipments it knows what is right in the end.
    pub(super) fn corrected(&self) -> usize {
        let right = self.told.values().filter(|declared| declared.text.contains(CORRECTED));
        right.map(|declared| declared.lrn.as_str()).collect::<BTreeSet<_>>().len()
    }

    /// Whether it has decided on all that it was told, and somebody has heard all of that.
    pub(super) fn has_answered(&self) -> bool {
        self.unsaid.is_empty() && self.told.keys().all(|delivery| self.decided.contains(delivery))
    }
}

/// A notification of customs, by the code of its function, of this version of a declaration.
fn notification(code: &str, lrn: &str, version: u32, number: usize) -> String {
    let (minute, second) = (number / 60, number % 60);
    let mrn = format!("26GB{:0>14}", &lrn[lrn.len() - 12..]);
    format!(
        "<MetaData><WCODataModelVersionCode>3.6</WCODataModelVersionCode><WCOTypeName>RES</WCOTypeName><Response>\
         <FunctionCode>{code}</FunctionCode><FunctionalReferenceID>N-{number}</FunctionalReferenceID>\
         <IssueDateTime><DateTimeString formatCode=\"304\">2026030514{minute:02}{second:02}Z</DateTimeString></IssueDateTime>\
         <Declaration><FunctionalReferenceID>{lrn}</FunctionalReferenceID><ID>{mrn}</ID><VersionID>{version}</VersionID>\
         </Declaration></Response></MetaData>"
    )
}
