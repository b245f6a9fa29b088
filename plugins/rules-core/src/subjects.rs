//! Who takes part in a shipment: everybody whom its current documents name, wherever in them.

use std::collections::{BTreeMap, BTreeSet};

use portgate_sdk::canonical::{PartyId, PartyRole, ScreeningResult, ShipmentContext};
use portgate_sdk::names::Name;
use portgate_sdk::{Context, Placed};
use serde::Deserialize;
use serde_json::Value;

/// The documents that say who trades the goods and who handles them. What is declared is written from these.
const TRADE: [&str; 4] = ["order", "shipment", "packing", "commercial-invoice"];
/// Members that name a carrier or a ship without being a party.
const NAMES: [&str; 3] = ["vesselName", "carrierName", "signedBy"];
/// What the gateway is called as the source of what it has declared itself, of whatever facts there were then.
const GATEWAY: &str = "portgate";

/// Somebody in one place of one document.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The document, as `kind/id`.
    pub(crate) thing: String,
    /// Where in the context; empty where that is in no document of it.
    pub(crate) place: String,
    /// What screening calls the place: the document, `#`, and where in it.
    pub(crate) reference: String,
    /// The part, in the words of documents.
    pub(crate) role: String,
    /// The name, as it is written.
    pub(crate) name: Option<String>,
    pub(crate) ids: Vec<PartyId>,
    /// Whether it has to be screened: it trades the goods or handles them, and has a name to screen.
    pub(crate) is_asked: bool,
}

/// A name by which the same ones are told: small Latin letters, legal forms written in one way.
pub(crate) fn key(name: &str) -> String {
    let words = Name::read(name).words;
    match words.is_empty() {
        true => name.trim().to_owned(),
        false => words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
    }
}

/// Who has to do with papers and dues alone.
fn is_of_papers(role: PartyRole) -> bool {
    use PartyRole::{
        Declarant, Guarantor, HolderOfTransitProcedure, Payer, Representative, Submitter, TaxRepresentative,
    };
    matches!(
        role,
        Declarant | Guarantor | HolderOfTransitProcedure | Payer | Representative | Submitter | TaxRepresentative
    )
}

/// Everybody who takes part: whom the documents name, and whom somebody had screened as of a thing that is no document here which names
/// anybody, until that screening is made anew without them.
pub(crate) fn subjects(context: &Context, screenings: &[Placed<ScreeningResult>]) -> Vec<Subject> {
    let mut found = named(context.whole());
    let here: BTreeSet<String> = found.iter().map(|subject| subject.thing.clone()).collect();
    let mut elsewhere: BTreeMap<&str, Vec<&Placed<ScreeningResult>>> = BTreeMap::new();
    for result in screenings {
        elsewhere.entry(thing(&result.document)).or_default().push(result);
    }
    for (thing, results) in elsewhere.into_iter().filter(|(thing, _)| !here.contains(*thing)) {
        let last = results.iter().map(|result| when(result)).max();
        for result in results.into_iter().filter(|result| Some(when(result)) == last) {
            found.push(Subject {
                thing: thing.to_owned(),
                place: String::new(),
                reference: result.document.subject_party_ref.to_string(),
                role: String::new(),
                name: result.document.subject_name.as_ref().map(ToString::to_string),
                ids: result.document.subject_ids.clone(),
                is_asked: false,
            });
        }
    }
    found
}

/// When somebody was screened, in an order of texts: the gateway's times are in UTC, and without their `Z` a second comes before its
/// fractions.
pub(crate) fn when(result: &Placed<ScreeningResult>) -> &str {
    result.document.at.as_str().trim_end_matches('Z')
}

/// What was screened, without the place in it.
pub(crate) fn thing(result: &ScreeningResult) -> &str {
    let of = &*result.subject_party_ref;
    of.split_once('#').map_or(of, |(thing, _)| thing)
}

fn named(context: &ShipmentContext) -> Vec<Subject> {
    let mut found = Vec::new();
    let documents = context.documents.iter().enumerate();
    for (at, one) in documents.filter(|(_, one)| &*one.kind != "screening-result" && &*one.provenance.system != GATEWAY)
    {
        let document = Document {
            thing: format!("{}/{}", &*one.kind, &*one.id),
            place: format!("/documents/{at}/document"),
            is_of_trade: TRADE.contains(&&*one.kind),
        };
        document.members(&one.document.0, &mut String::new(), &mut found);
    }
    found
}

struct Document {
    thing: String,
    place: String,
    is_of_trade: bool,
}

impl Document {
    fn members(&self, members: &serde_json::Map<String, Value>, pointer: &mut String, found: &mut Vec<Subject>) {
        if let Some(role) = members.get("role").and_then(Value::as_str) {
            found.push(self.party(role, members, pointer));
        }
        for (name, member) in members {
            let before = pointer.len();
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            match member {
                Value::String(text) if NAMES.contains(&name.as_str()) => {
                    found.push(Subject { name: Some(text.clone()), ..self.subject(pointer) });
                }
                member => self.look_into(member, pointer, found),
            }
            pointer.truncate(before);
        }
    }

    fn look_into(&self, value: &Value, pointer: &mut String, found: &mut Vec<Subject>) {
        match value {
            Value::Object(members) => self.members(members, pointer, found),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    let before = pointer.len();
                    pointer.push_str(&format!("/{index}"));
                    self.look_into(element, pointer, found);
                    pointer.truncate(before);
                }
            }
            _ => {}
        }
    }

    fn party(&self, role: &str, members: &serde_json::Map<String, Value>, pointer: &str) -> Subject {
        let name = members.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
        let ids = members.get("ids").map(Vec::<PartyId>::deserialize).and_then(Result::ok).unwrap_or_default();
        let is_of_papers = PartyRole::deserialize(Value::from(role)).is_ok_and(is_of_papers);
        Subject {
            role: role.replace('-', " "),
            is_asked: self.is_of_trade && name.is_some() && !is_of_papers,
            name: name.map(str::to_owned),
            ids,
            ..self.subject(pointer)
        }
    }

    fn subject(&self, pointer: &str) -> Subject {
        Subject {
            thing: self.thing.clone(),
            place: format!("{}{pointer}", self.place),
            reference: format!("{}#{pointer}", self.thing),
            role: String::new(),
            name: None,
            ids: Vec::new(),
            is_asked: false,
        }
    }
}
