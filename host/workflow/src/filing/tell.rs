//! What partners are told of where a declaration stands at customs, as documents of the gateway's own.
//!
//! Each names the shipment as its receiver does. They repeat what customs has said, so they are part of no context: no filing, rule
//! or expectation takes them for another word of customs.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::document::{Document, Reference};
use portgate_core::filing::{AtCustoms, Filing, FilingTold, Place, at_customs};
use portgate_core::policy::{FilingPolicy, FilingTell};
use portgate_core::sender::{self, GATEWAY};
use portgate_core::sha256::sha256_hex;
use portgate_core::shipment::{Name, ShipmentRules, Tie, Version, current, names};
use portgate_store::{ShipmentDocuments, ShipmentId, StatedDocument};
use serde_json::{Map, Value, json};

use super::{Filed, Filer, words};
use crate::made::{Made, Recipient, Recipients};

/// What a message is that tells where a declaration stands, in the place of a contract.
const CONTRACT: &str = "customs-status";
/// The kind of its documents.
const STATUS: &str = "customs-status";
/// Names that a document has room for, beside the numbers of customs.
const NAMES_MAX: usize = 62;
/// What customs repeats of the declaration and of whom it has told, which is nothing of where it stands.
const REPEATED: [&str; 3] = ["consignment", "goods", "parties"];

/// Whether a document of this kind, from this sender, is one that tells partners what customs has said.
pub(crate) fn is_told(kind: &str, system: &str) -> bool {
    kind == STATUS && sender::is_gateway(system)
}

impl Filer<'_> {
    /// Makes what partners are to be told of a filing that they were not told last.
    pub(super) fn tell(&self, policy: &FilingPolicy, shipment: ShipmentId, filing: &mut Filing, filed: &mut Filed) {
        if policy.tell.is_empty() {
            return;
        }
        let Some(place) = at_customs(filing, &words::of(self.spoken(), filing)) else { return };
        let said = words::saying(self.spoken(), filing, place.at);
        for tell in policy.tell.iter().filter(|tell| tell.of.contains(&place.at)) {
            if filing.was_told(&tell.to, &place) {
                continue;
            }
            let known = known_as(&tell.to, self.documents, self.rules);
            if known.is_empty() {
                continue;
            }
            let made = self.told(tell, filing, place.at, said.as_ref(), &known);
            match self.makes.make(made, self.now) {
                Ok(made) => {
                    let Some(delivery) = made.deliveries.first() else { continue };
                    filing.told.push(FilingTold {
                        to: tell.to.clone(),
                        at_customs: place.at,
                        mark: place.mark.clone(),
                        lrn: filing.lrn.clone(),
                        at: self.now,
                        exchange: made.exchange.id.to_string(),
                        delivery: delivery.id.to_string(),
                    });
                    filed.made.push(made);
                }
                Err(error) => {
                    let Place { at, .. } = &place;
                    tracing::warn!(%shipment, filing = policy.name, to = tell.to, %at, %error, "a partner is not told");
                }
            }
        }
    }

    fn told(
        &self,
        tell: &FilingTell,
        filing: &Filing,
        at: AtCustoms,
        said: Option<&Map<String, Value>>,
        known: &[Vec<Name>],
    ) -> Made {
        let key = format!("{}/{}/{}", filing.lrn, tell.to, filing.next_told(&tell.to));
        let first = filing.steps.first().map_or(&filing.lrn, |step| &step.lrn);
        let id = |number: usize| if known.len() == 1 { key.clone() } else { format!("{key}/{number}") };
        let documents = (1..).zip(known).map(|(number, names)| self.status(id(number), filing, at, said, names));
        Made {
            contract: CONTRACT.to_owned(),
            documents: documents.collect(),
            key,
            is_test: self.is_test,
            plugin: None,
            shipment: self.shipment.to_string(),
            to: Recipients::Only(vec![Recipient {
                partner: tell.to.clone(),
                contract: tell.contract.clone(),
                version: tell.version.clone(),
                // What is told later goes out later, though the declaration is another one by then, or the shipment is called otherwise.
                lane: Some(format!("told/{first}")),
            }]),
        }
    }

    /// What customs has said, under these names of the shipment. It is tied to the shipment by the numbers of customs alone, so
    /// that what an operator has split is not made one again by what was told before.
    fn status(
        &self,
        id: String,
        filing: &Filing,
        at: AtCustoms,
        said: Option<&Map<String, Value>>,
        names: &[Name],
    ) -> Document {
        let mut body = said.cloned().unwrap_or_else(|| given_up(self.now));
        REPEATED.iter().for_each(|field| drop(body.remove(*field)));
        // That a request was granted is where the declaration stands now.
        if body.get("status").is_some_and(|status| status == "REQUEST_OUTCOME") {
            match at {
                AtCustoms::Accepted => drop(body.insert("status".to_owned(), "AMENDED".into())),
                AtCustoms::Cancelled => drop(body.insert("status".to_owned(), "INVALIDATED".into())),
                _ => {}
            }
        }
        let of_customs = [("lrn", Some(&filing.lrn)), ("mrn", filing.mrn.as_ref())];
        let mut refs = Vec::new();
        for (scheme, number) in of_customs {
            let Some(number) = number else { continue };
            body.insert(scheme.to_owned(), number.as_str().into());
            refs.push(Reference { scheme: scheme.to_owned(), value: number.clone() });
        }
        let named = names.iter().map(|name| Reference { scheme: name.scheme.clone(), value: name.value.clone() });
        let listed: Vec<Reference> = named.chain(refs.iter().cloned()).collect();
        body.insert("id".to_owned(), id.clone().into());
        body.insert("version".to_owned(), "1".into());
        body.insert("references".to_owned(), json!(listed));
        let source = json!({
            "system": GATEWAY,
            "recordedAt": { "value": self.now.to_string() },
            "rawRef": sha256_hex(self.folded.json.as_bytes()),
        });
        body.insert("source".to_owned(), source);
        Document { kind: STATUS.to_owned(), key: id, refs, body: Value::Object(body).to_string().into_bytes() }
    }
}

/// That the gateway has given a declaration up, of which customs itself says nothing any more.
fn given_up(now: jiff::Timestamp) -> Map<String, Value> {
    let body = json!({
        "status": "INVALIDATED",
        "code": { "code": "cancelled", "codeList": "Portgate filing state" },
        "occurredAt": { "value": now.to_string() },
    });
    body.as_object().cloned().unwrap_or_default()
}

/// The names by which a partner knows a shipment, a list for each thing that the partner has in it, such as a delivery: those of
/// its own documents that begin shipments or, where it has none, of all its documents. Names that may be of several shipments stand
/// behind. Nothing where it has named nothing.
fn known_as(partner: &str, documents: &ShipmentDocuments, rules: &ShipmentRules) -> Vec<Vec<Name>> {
    let said: Vec<Naming> = latest(partner, documents).map(|document| Naming::of(document, rules)).collect();
    let things = |is_of: fn(&Naming) -> bool| -> BTreeSet<&BTreeSet<Name>> {
        said.iter().filter(|said| is_of(said) && !said.own.is_empty()).map(|said| &said.own).collect()
    };
    let mut things = match things(|said| said.opens) {
        opening if opening.is_empty() => things(|_| true),
        opening => opening,
    };
    // What another document names in full, and more of it, is one thing.
    let all = things.clone();
    things.retain(|own| !all.iter().any(|other| own.len() < other.len() && own.is_subset(other)));
    let none = BTreeSet::new();
    if things.is_empty() {
        things.insert(&none);
    }
    let is_one = things.len() == 1;
    let names = |own: &BTreeSet<Name>| -> Vec<Name> {
        let of_it = said.iter().filter(|said| is_one || !said.own.is_disjoint(own));
        let shared: BTreeSet<Name> = of_it.flat_map(|said| said.shared.iter().cloned()).collect();
        own.iter().cloned().chain(shared).take(NAMES_MAX).collect()
    };
    things.into_iter().map(names).filter(|names| !names.is_empty()).collect()
}

/// The documents of a partner, each as it has said it last.
fn latest<'d>(partner: &str, documents: &'d ShipmentDocuments) -> impl Iterator<Item = &'d StatedDocument> {
    let mut things: BTreeMap<i64, Vec<(Version, &StatedDocument)>> = BTreeMap::new();
    for document in documents.documents.iter().filter(|one| sender::partner(&one.sender) == partner) {
        let version = document.version.clone();
        let version = Version { version, recorded_at: document.recorded_at, sha256: document.sha256 };
        things.entry(document.thing).or_default().push((version, document));
    }
    things.into_values().filter_map(|versions| {
        let last = current(&versions.iter().map(|(version, _)| version.clone()).collect::<Vec<_>>()).cloned()?;
        versions.into_iter().find(|(version, _)| *version == last).map(|(_, document)| document)
    })
}

/// What a document of a partner names.
struct Naming {
    /// Whether it begins shipments.
    opens: bool,
    /// The names that are of one shipment each; of a scheme of which it names several, none.
    own: BTreeSet<Name>,
    /// The names that may be of several.
    shared: BTreeSet<Name>,
}

impl Naming {
    fn of(document: &StatedDocument, rules: &ShipmentRules) -> Naming {
        let body: Value = document.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let listed = body.get("references").cloned().unwrap_or_default();
        let listed: Vec<Reference> = serde_json::from_value(listed).unwrap_or_default();
        let named = names(rules, &listed);
        let of = |tie: Tie, sole: bool| {
            let fits = named.iter().filter(|one| one.tie == tie && (one.sole || !sole));
            let fits = fits.filter(|one| !super::document::OF_CUSTOMS.contains(&one.name.scheme.as_str()));
            fits.map(|one| one.name.clone()).collect()
        };
        Naming {
            opens: rules.opens.contains(&document.kind),
            own: of(Tie::Identifying, true),
            shared: of(Tie::Shared, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use portgate_store::ExchangeId;

    use super::*;

    fn rules() -> ShipmentRules {
        let tie = |schemes: &[&str], tie: Tie| -> Vec<(String, Tie)> {
            schemes.iter().map(|scheme| ((*scheme).to_owned(), tie)).collect()
        };
        let identifying = tie(&["ucr", "lrn", "mrn", "sap-delivery"], Tie::Identifying);
        let shared = tie(&["order", "invoice"], Tie::Shared);
        ShipmentRules {
            opens: BTreeSet::from(["shipment".to_owned(), "packing".to_owned()]),
            ties: identifying.into_iter().chain(shared).collect(),
            ..ShipmentRules::default()
        }
    }

    /// A version of a document: who says it, of which thing, and what it names.
    fn stated(sender: &str, kind: &str, thing: i64, version: u32, names: &[&str]) -> StatedDocument {
        let references: Vec<Value> = names
            .iter()
            .filter_map(|name| name.split_once(':'))
            .map(|(scheme, value)| json!({ "scheme": scheme, "value": value }))
            .collect();
        StatedDocument {
            thing,
            sender: sender.to_owned(),
            kind: kind.to_owned(),
            key: thing.to_string(),
            version: version.to_string(),
            recorded_at: 0,
            sha256: [u8::try_from(version).expect("a small version"); 32],
            exchange: ExchangeId::new(jiff::Timestamp::UNIX_EPOCH),
            position: 0,
            body: Some(json!({ "references": references }).to_string()),
        }
    }

    /// The names by which the ERP system knows what these documents are of, as text.
    fn known(documents: Vec<StatedDocument>) -> Vec<String> {
        let documents = ShipmentDocuments { documents, ..Default::default() };
        let text = |names: Vec<Name>| {
            names.iter().map(|name| format!("{}:{}", name.scheme, name.value)).collect::<Vec<_>>().join(" ")
        };
        known_as("erp", &documents, &rules()).into_iter().map(text).collect()
    }

    #[test]
    fn a_partner_knows_a_shipment_by_what_it_has_named_itself() {
        let delivery = || stated("erp", "shipment", 1, 1, &["ucr:U", "sap-delivery:80", "order:4217"]);
        let others = || stated("wms", "packing", 2, 1, &["sap-delivery:80", "order:W-7"]);
        let invoice = || stated("erp", "commercial-invoice", 3, 1, &["invoice:90", "sap-delivery:80", "mrn:26GB"]);
        let all = ["sap-delivery:80 ucr:U invoice:90 order:4217"];
        assert_eq!(known(vec![delivery(), others(), invoice()]), all);
        assert_eq!(known(vec![invoice(), others(), delivery()]), all, "in whatever order");
        assert_eq!(known(vec![invoice(), others()]), ["sap-delivery:80 invoice:90"], "it begins none");
        assert_eq!(known(vec![others()]), Vec::<String>::new(), "it has said nothing");
        let order = stated("erp", "order", 4, 1, &["order:4217"]);
        assert_eq!(known(vec![order.clone()]), ["order:4217"]);
        assert_eq!(known(vec![stated("erp", "order", 4, 1, &["mrn:26GB"])]), Vec::<String>::new());
        // What it has said before does not count any more.
        let again = stated("erp", "shipment", 1, 2, &["sap-delivery:81"]);
        assert_eq!(known(vec![again, delivery(), order]), ["sap-delivery:81 order:4217"]);
    }

    #[test]
    fn each_of_several_deliveries_is_told_by_its_own_names() {
        let delivery =
            |thing, number: &str, order: &str| stated("erp", "shipment", thing, 1, &["ucr:U", number, order]);
        let packed = stated("erp", "packing", 3, 1, &["sap-delivery:81"]);
        let invoice = stated("erp", "commercial-invoice", 4, 1, &["invoice:90", "sap-delivery:80", "sap-delivery:81"]);
        let documents =
            vec![delivery(1, "sap-delivery:80", "order:A"), delivery(2, "sap-delivery:81", "order:B"), packed, invoice];
        // Both name the UCR, so each knows what either has ordered; the invoice of both names none of them alone.
        assert_eq!(
            known(documents),
            ["sap-delivery:80 ucr:U order:A order:B", "sap-delivery:81 ucr:U order:A order:B"]
        );
    }
}
