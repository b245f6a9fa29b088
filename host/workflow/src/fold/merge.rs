//! What several systems say of one document becomes one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::{
    Body, ContextDocument, EarlierValue, FieldConflict, FieldSource, Provenance, Sha256, StatedValue, Text, Timestamp,
};
use portgate_core::sender;
use portgate_core::shipment::{self, Version};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::agree::agree;
use super::difference;
use crate::ownership::{Claim, Ownership, Weight};

/// Most values of before that a document has beside it, and most fields of others.
const EARLIER_MAX: usize = 200;
pub(super) const FIELDS_MAX: usize = 200;
/// What every document has, and of which no two systems can say the same.
const OWN: [&str; 4] = ["id", "version", "source", "references"];

/// One version of what one system says.
pub(super) struct Word {
    pub(super) sender: String,
    pub(super) version: Version,
    pub(super) provenance: Provenance,
    pub(super) body: Map<String, Value>,
}

/// What one system says of a document.
pub(super) struct Stated {
    /// The version that counts.
    pub(super) current: Word,
    /// Those before it, in their order.
    pub(super) earlier: Vec<Word>,
}

impl Stated {
    /// How much its word counts for a field, over that of all others.
    fn rank(&self, kind: &str, field: &str, key: &str, ownership: &Ownership) -> (Weight, i64, &[u8; 32]) {
        let Word { sender, version, body, .. } = &self.current;
        let claim = Claim { sender, kind, id: key, recorded_at: version.recorded_at, body };
        let weight = ownership.weight(&claim, field);
        (weight, version.recorded_at, &version.sha256)
    }
}

/// Who said a document, and when.
pub(super) fn provenance(
    sender: &str,
    version: &str,
    body: &Map<String, Value>,
    ownership: &Ownership,
) -> Option<Provenance> {
    let source = body.get("source")?;
    let recorded_at = Timestamp::deserialize(source.get("recordedAt")?).ok()?;
    let raw_ref = Sha256::deserialize(source.get("rawRef")?).ok()?;
    let (system, version) = (Text::new(sender::partner(sender)).ok()?, Text::new(version).ok()?);
    let mut provenance = Provenance::new(system, version, recorded_at, raw_ref);
    provenance.role = ownership.role(sender).and_then(|role| Text::new(role).ok());
    Some(provenance)
}

/// The document as it counts. Nothing where nobody says anything of it.
pub(super) fn merge(
    kind: &str,
    key: &str,
    mut stated: Vec<Stated>,
    ownership: &Ownership,
    conflicts: &mut Vec<FieldConflict>,
    left_out: &mut usize,
) -> Option<ContextDocument> {
    if stated.len() == 1 {
        // Mostly one system alone speaks of a document, and nothing of it has to be copied.
        let main = stated.pop()?;
        let earlier = Earlier::default().with(&main, |_| true).kept(left_out);
        let Word { provenance, body, .. } = main.current;
        let mut context = ContextDocument::new(Text::new(kind).ok()?, Text::new(key).ok()?, provenance, Body(body));
        context.earlier = earlier;
        return Some(context);
    }
    let main = stated.iter().max_by_key(|stated| stated.rank(kind, "*", key, ownership))?;
    let (text_kind, text_id) = (Text::new(kind).ok()?, Text::new(key).ok()?);
    let mut document = main.current.body.clone();
    let mut fields = Vec::new();
    let mut counting: BTreeMap<&str, &Stated> = BTreeMap::new();
    let names: BTreeSet<&String> = stated.iter().flat_map(|stated| stated.current.body.keys()).collect();
    for name in names.into_iter().filter(|name| !OWN.contains(&name.as_str())) {
        let said = || stated.iter().filter_map(|stated| Some((stated, stated.current.body.get(name)?)));
        let Some((counts, value)) = said().max_by_key(|(stated, _)| stated.rank(kind, name, key, ownership)) else {
            continue;
        };
        counting.insert(name, counts);
        let place = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let Ok(field) = Text::<256>::new(place) else { continue };
        if !std::ptr::eq(counts, main) && fields.len() < FIELDS_MAX {
            document.insert(name.clone(), value.clone());
            fields.push(FieldSource::new(field.clone(), counts.current.provenance.clone()));
        }
        for (_, other) in said().filter(|(_, other)| !agree(value, other)).map(|(stated, other)| (other, stated)) {
            let (Some(of_counting), Some(of_other)) = (
                stated_value(value, counts),
                other.current.body.get(name).and_then(|value| stated_value(value, other)),
            ) else {
                continue;
            };
            let (kind, id, field) = (text_kind.clone(), text_id.clone(), field.clone());
            conflicts.push(FieldConflict::new(kind, id, field, of_counting, of_other));
        }
    }
    references(&stated, &mut document);
    let mut context = ContextDocument::new(text_kind, text_id, main.current.provenance.clone(), Body(document));
    context.fields = fields;
    let mut earlier = Earlier::default().with(main, |_| true);
    for other in stated.iter().filter(|other| !std::ptr::eq(*other, main)) {
        earlier = earlier.with(other, |name| counting.get(name).is_some_and(|counts| std::ptr::eq(*counts, other)));
    }
    context.earlier = earlier.kept(left_out);
    Some(context)
}

/// The references of all systems: those of the main one first.
fn references(stated: &[Stated], document: &mut Map<String, Value>) {
    const REFERENCES_MAX: usize = 64;
    let mut all: Vec<Value> = Vec::new();
    let own = document.get("references").cloned();
    let others = stated.iter().filter_map(|stated| stated.current.body.get("references"));
    for references in own.iter().chain(others).filter_map(Value::as_array) {
        for reference in references {
            let same = |known: &Value| known["scheme"] == reference["scheme"] && known["value"] == reference["value"];
            if !all.iter().any(same) && all.len() < REFERENCES_MAX {
                all.push(reference.clone());
            }
        }
    }
    if !all.is_empty() {
        document.insert("references".to_owned(), Value::Array(all));
    }
}

fn stated_value(value: &Value, stated: &Stated) -> Option<StatedValue> {
    Some(StatedValue::new(cut(value)?, stated.current.provenance.clone()))
}

fn cut(value: &Value) -> Option<Text<500>> {
    Text::cut(&value.to_string()).map(|cut| cut.text)
}

/// What fields were before.
#[derive(Default)]
struct Earlier {
    values: Vec<EarlierValue>,
    left_out: usize,
}

impl Earlier {
    /// With what a system said before of those fields that its word counts for.
    fn with(mut self, stated: &Stated, counts: impl Fn(&str) -> bool) -> Self {
        let mut after = &stated.current;
        for before in stated.earlier.iter().rev() {
            let is_asked_for = |name: &str| !OWN.contains(&name) && counts(name);
            let difference = difference::earlier(&before.body, &after.body, is_asked_for);
            self.left_out += difference.left_out;
            for (place, value) in difference.fields {
                let Ok(field) = Text::new(place) else { continue };
                let mut earlier = EarlierValue::new(field, before.provenance.clone());
                earlier.value = value.as_ref().and_then(cut);
                self.values.push(earlier);
            }
            after = before;
        }
        self
    }

    /// As many as there is room for, the latest first: those of one system are in its order.
    fn kept(mut self, left_out: &mut usize) -> Vec<EarlierValue> {
        let is_of_one = self.values.windows(2).all(|pair| pair[0].provenance.system == pair[1].provenance.system);
        if !is_of_one {
            self.values.sort_by_key(|one| Reverse(shipment::microseconds(one.provenance.recorded_at.as_str())));
        }
        *left_out += self.left_out + self.values.len().saturating_sub(EARLIER_MAX);
        self.values.truncate(EARLIER_MAX);
        self.values
    }
}
