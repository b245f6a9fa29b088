//! A JSON text as it was read: strings lie where the text has them, and are copied only where they were escaped.
//!
//! Schemas are checked on this form, so that a good payload costs one walk to read it and one to check it, and hardly an
//! allocation. What has to be kept or shown becomes a [`Value`].

use std::borrow::Cow;
use std::collections::HashSet;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, cmp};
use serde_json::{Number, Value};

/// Up to this many members an object is searched from front to back; a larger one is sorted.
const SEARCHED_MAX: usize = 16;

/// One JSON value of a text.
#[derive(Debug)]
pub(crate) enum Tree<'t> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'t, str>),
    Array(Vec<Tree<'t>>),
    Object(Members<'t>),
}

/// The members of an object: in the text's order, or by key where there are many.
#[derive(Debug)]
pub(crate) struct Members<'t>(Vec<(Cow<'t, str>, Tree<'t>)>);

impl<'t> Members<'t> {
    fn get(&self, key: &str) -> Option<&Tree<'t>> {
        let Members(members) = self;
        match members.len() > SEARCHED_MAX {
            false => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            true => {
                let at = members.binary_search_by(|(name, _)| (**name).cmp(key)).ok()?;
                members.get(at).map(|(_, value)| value)
            }
        }
    }
}

/// An object that is being read.
#[derive(Default)]
pub(crate) struct Gathering<'t> {
    members: Vec<(Cow<'t, str>, Tree<'t>)>,
    /// The keys so far, as soon as there are many.
    keys: HashSet<Cow<'t, str>>,
}

impl<'t> Gathering<'t> {
    /// Whether this key was there before.
    pub(crate) fn has(&mut self, key: &str) -> bool {
        if self.members.len() < SEARCHED_MAX {
            return self.members.iter().any(|(name, _)| name == key);
        }
        if self.keys.is_empty() {
            self.keys.extend(self.members.iter().map(|(name, _)| name.clone()));
        }
        self.keys.contains(key)
    }

    /// Adds a member whose key was asked for.
    pub(crate) fn push(&mut self, key: Cow<'t, str>, value: Tree<'t>) {
        if self.members.is_empty() {
            self.members.reserve(SEARCHED_MAX / 2);
        }
        if !self.keys.is_empty() {
            self.keys.insert(key.clone());
        }
        self.members.push((key, value));
    }

    pub(crate) fn done(mut self) -> Members<'t> {
        if self.members.len() > SEARCHED_MAX {
            self.members.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        }
        Members(self.members)
    }
}

impl Tree<'_> {
    /// The same value, independent of the text.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::String(text) => Value::String(text.as_ref().to_owned()),
            Tree::Array(elements) => Value::Array(elements.iter().map(Tree::to_value).collect()),
            Tree::Object(Members(members)) => Value::Object(
                members.iter().map(|(name, value)| (name.as_ref().to_owned(), value.to_value())).collect(),
            ),
        }
    }
}

/// Lets the schema validator walk a [`Tree`].
pub(crate) struct TreeJson;

impl Json for TreeJson {
    type Node<'a> = &'a Tree<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>((): &mut (), string: &str, look: impl FnOnce(Self::Node<'_>) -> T) -> T {
        look(&Tree::String(Cow::Borrowed(string)))
    }
}

impl<'a> Node<'a, TreeJson> for &'a Tree<'a> {
    type Object = &'a Members<'a>;
    type Array = &'a [Tree<'a>];
    type Number = &'a Number;

    fn as_object(&self) -> Option<&'a Members<'a>> {
        match self {
            Tree::Object(members) => Some(members),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Tree<'a>]> {
        match self {
            Tree::Array(elements) => Some(elements),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Tree::String(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<&'a Number> {
        match self {
            Tree::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Tree::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Tree::Null)
    }

    fn json_type(&self) -> JsonType {
        match self {
            Tree::Null => JsonType::Null,
            Tree::Bool(_) => JsonType::Boolean,
            Tree::Number(_) => JsonType::Number,
            Tree::String(_) => JsonType::String,
            Tree::Array(_) => JsonType::Array,
            Tree::Object(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Tree::String(text), Value::String(expected)) => text == expected,
            (Tree::String(_), _) | (_, Value::String(_)) => false,
            _ => cmp::equal(&Tree::to_value(self), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Tree::to_value(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Tree<'a>>(self).addr()))
    }
}

impl<'a> Object<'a, TreeJson> for &'a Members<'a> {
    type Node = &'a Tree<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Tree<'a>> {
        Members::get(self, key)
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.0.iter())
    }
}

/// Members, one after the other.
pub(crate) struct MembersIter<'a>(std::slice::Iter<'a, (Cow<'a, str>, Tree<'a>)>);

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, &'a Tree<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<'a> Array<'a, TreeJson> for &'a [Tree<'a>] {
    type Node = &'a Tree<'a>;
    type ElementsIter = std::slice::Iter<'a, Tree<'a>>;

    fn len(&self) -> usize {
        <[Tree<'a>]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::json::conformance;

    use super::*;
    use crate::reader::{JsonLimits, read};

    const LIMITS: JsonLimits = JsonLimits { depth_max: 64, findings_max: 10 };

    #[test]
    fn the_validator_can_rely_on_it() {
        let text = conformance::document().to_string();
        conformance::assert_conformance::<TreeJson>(&&read(text.as_bytes(), &LIMITS).unwrap());
    }

    #[test]
    fn members_are_found_in_small_and_large_objects() {
        for members in [1, SEARCHED_MAX, SEARCHED_MAX + 1, 1_000] {
            let text: Vec<String> = (0..members).rev().map(|number| format!("\"k{number}\":{number}")).collect();
            let text = format!("{{{}}}", text.join(","));
            let tree = read(text.as_bytes(), &LIMITS).unwrap();
            let Tree::Object(found) = &tree else { panic!("an object") };
            for number in 0..members {
                let value = found.get(&format!("k{number}")).map(Tree::to_value);
                assert_eq!(value, Some(Value::from(number)), "{members} members");
            }
            assert!(found.get("k").is_none() && found.get("").is_none());
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_found_in_large_objects() {
        let text: Vec<String> = (0..40).map(|number| format!("\"k{}\":0", number % 39)).collect();
        let refused = read(format!("{{{}}}", text.join(",")).as_bytes(), &LIMITS).map(|_| ());
        assert_eq!(refused.map_err(|error| (error.code, error.pointer)), Err(("json-duplicate-key", "/k0".to_owned())));
    }

    #[test]
    fn text_that_was_not_escaped_is_not_copied() {
        let tree = read(br#"["plain","es\u0063aped"]"#, &LIMITS).unwrap();
        let Tree::Array(elements) = &tree else { panic!("an array") };
        assert!(matches!(&elements[0], Tree::String(Cow::Borrowed("plain"))));
        assert!(matches!(&elements[1], Tree::String(Cow::Owned(text)) if text == "escaped"));
    }
}
