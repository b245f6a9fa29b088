//! What a plugin is given of a document: the kinds and fields that its grants let it read. The rest is taken out of the
//! document before the document can enter the sandbox.
//!
//! It works on the text of the JSON: what is granted is copied as it stands, so that numbers stay exact, and what is not
//! granted is skipped without being looked at. Lists and objects on the way to a granted field stay, with as many
//! elements as they had. Documents of a kind that is read whole are not touched at all.

mod context;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::document::{Document, REFERENCES};
use crate::field_pattern::{FieldPattern, Token};
use crate::policy::Grants;

/// The member of every document that its key repeats.
const ID: &str = "id";

/// What one plugin may see of documents, ready for use.
#[derive(Clone, Debug)]
pub struct Projection {
    kinds: BTreeMap<String, Seen>,
    /// The schemes of references that it sees where fields are restricted.
    schemes: BTreeSet<String>,
}

/// What is seen of the documents of one kind.
#[derive(Clone, Debug)]
enum Seen {
    Whole,
    Fields(Branch),
}

/// A document as one plugin may see it. Only [`Projection::of`] makes one, so that nothing else can be given to a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected(Document);

impl Projected {
    /// The document.
    pub fn into_document(self) -> Document {
        self.0
    }
}

/// Why a plugin is given nothing of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// It may not read documents of this kind.
    KindNotGranted,
    /// The document is no JSON object, so that nothing can be taken out of it.
    NoObject,
}

impl Projection {
    /// What these grants let a plugin see. Patterns that are none, which loading a policy refuses, grant nothing.
    pub fn new(grants: &Grants) -> Projection {
        let seen = |kind: &String| match grants.fields.get(kind) {
            None => Seen::Whole,
            Some(patterns) => {
                let mut root = Branch::default();
                for pattern in patterns.iter().filter_map(|text| FieldPattern::parse(text).ok()) {
                    root.grant(pattern.tokens());
                }
                root.settle();
                Seen::Fields(root)
            }
        };
        Projection {
            kinds: grants.read.iter().map(|kind| (kind.clone(), seen(kind))).collect(),
            schemes: grants.references.clone(),
        }
    }

    /// The document with everything taken out that is not granted.
    ///
    /// # Errors
    /// Why nothing of it is given.
    pub fn of(&self, document: Document) -> Result<Projected, Withheld> {
        if document.kind == context::CONTEXT {
            return self.context(document);
        }
        match self.kinds.get(&document.kind) {
            None => Err(Withheld::KindNotGranted),
            Some(Seen::Whole) => Ok(Projected(document)),
            Some(Seen::Fields(fields)) => {
                let Document { kind, key, mut refs, body } = document;
                let (body, id) = self.body(&body, fields).ok_or(Withheld::NoObject)?;
                // A key that says anything else than the granted id could carry what was taken out.
                let key = if id.as_ref() == Some(&key) { key } else { String::new() };
                refs.retain(|reference| self.schemes.contains(&reference.scheme));
                Ok(Projected(Document { kind, key, refs, body }))
            }
        }
    }

    /// What is granted of a document's text, and the id that is granted with it; nothing where the text is no object.
    fn body(&self, text: &[u8], fields: &Branch) -> Option<(Vec<u8>, Option<String>)> {
        let Members(members) = serde_json::from_slice(text).ok()?;
        let mut out = String::with_capacity(text.len());
        let mut id = None;
        let mut object = Object::begin(&mut out);
        for (name, value) in members {
            if name == REFERENCES {
                self.references(&name, value, &mut object);
            } else if let Some(branch) = fields.below(&name) {
                if name == ID && branch.whole {
                    id = serde_json::from_str(value.get()).ok();
                }
                object.member(&name, |out| branch.copy(value, out)).ok()?;
            }
        }
        object.end();
        Some((out.into_bytes(), id))
    }

    /// Copies those references whose scheme is granted.
    fn references(&self, name: &str, value: &RawValue, object: &mut Object<'_>) {
        #[derive(Deserialize)]
        struct Scheme<'t> {
            #[serde(borrow)]
            scheme: Cow<'t, str>,
        }
        let granted = |reference: &&RawValue| {
            let read: Result<Scheme<'_>, _> = serde_json::from_str(reference.get());
            read.is_ok_and(|Scheme { scheme }| self.schemes.contains(scheme.as_ref()))
        };
        let references: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
        let granted: Vec<&str> = references.into_iter().filter(granted).map(RawValue::get).collect();
        if !granted.is_empty() {
            object.write_name(name);
            object.out.push_str(&format!("[{}]", granted.join(",")));
        }
    }
}

/// What is granted below one place in a document.
#[derive(Clone, Debug, Default)]
struct Branch {
    /// This and everything below it.
    whole: bool,
    /// Of every element, and of every key that is not named.
    any: Option<Box<Branch>>,
    named: BTreeMap<String, Branch>,
}

impl Branch {
    fn grant(&mut self, tokens: &[Token]) {
        match tokens.split_first() {
            None => self.whole = true,
            Some((Token::Any, rest)) => self.any.get_or_insert_default().grant(rest),
            Some((Token::Key(key), rest)) => self.named.entry(key.clone()).or_default().grant(rest),
        }
    }

    /// Gives each named key what every key has, so that one look finds all that is granted.
    fn settle(&mut self) {
        if let Some(any) = &mut self.any {
            for named in self.named.values_mut() {
                named.join(any);
            }
            any.settle();
        }
        self.named.values_mut().for_each(Branch::settle);
    }

    fn join(&mut self, other: &Branch) {
        self.whole |= other.whole;
        if let Some(any) = &other.any {
            self.any.get_or_insert_default().join(any);
        }
        for (key, branch) in &other.named {
            self.named.entry(key.clone()).or_default().join(branch);
        }
    }

    fn below(&self, key: &str) -> Option<&Branch> {
        self.named.get(key).or(self.any.as_deref())
    }

    /// Whether the field at a JSON Pointer is granted, with everything inside it.
    fn covers(&self, pointer: &str) -> bool {
        let mut branch = self;
        for token in pointer.split('/').skip(1) {
            if branch.whole {
                return true;
            }
            match branch.below(&token.replace("~1", "/").replace("~0", "~")) {
                Some(below) => branch = below,
                None => return false,
            }
        }
        branch.whole
    }

    /// Copies what is granted of a value; `false` where that is nothing, and then nothing was written.
    fn copy(&self, value: &RawValue, out: &mut String) -> Result<bool, serde_json::Error> {
        if self.whole {
            out.push_str(value.get());
            return Ok(true);
        }
        match (value.get().as_bytes().first(), &self.any) {
            (Some(b'{'), _) => {
                let Members(members) = serde_json::from_str(value.get())?;
                let mut object = Object::begin(out);
                for (name, value) in members {
                    if let Some(branch) = self.below(&name) {
                        object.member(&name, |out| branch.copy(value, out))?;
                    }
                }
                object.end();
                Ok(true)
            }
            (Some(b'['), Some(any)) => {
                let elements: Vec<&RawValue> = serde_json::from_str(value.get())?;
                out.push('[');
                for (index, element) in elements.into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    if !any.copy(element, out)? {
                        // Its place stays, so that the others keep theirs.
                        out.push_str("null");
                    }
                }
                out.push(']');
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// An object that is being written.
struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    fn begin(out: &'o mut String) -> Self {
        out.push('{');
        Object { out, empty: true }
    }

    fn write_name(&mut self, name: &str) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        // Hardly any name has a sign that is escaped in JSON.
        let is_plain = name.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        if is_plain {
            self.out.extend(["\"", name, "\""]);
        } else {
            self.out.push_str(&serde_json::Value::from(name).to_string());
        }
        self.out.push(':');
    }

    /// Writes a member, unless `copy` says that there is nothing to write.
    fn member<E>(&mut self, name: &str, copy: impl FnOnce(&mut String) -> Result<bool, E>) -> Result<(), E> {
        let (before, was_empty) = (self.out.len(), self.empty);
        self.write_name(name);
        if !copy(self.out)? {
            self.out.truncate(before);
            self.empty = was_empty;
        }
        Ok(())
    }

    fn end(self) {
        self.out.push('}');
    }
}

/// The members of an object as they stand in the text.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

#[cfg(test)]
mod tests;
