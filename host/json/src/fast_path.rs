//! The part of a schema that is checked while a text is read: the shapes of its objects and arrays. Whatever is inside
//! of them, and whatever shapes cannot say, is left to the schema validator, value by value.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::reader::JsonLimits;
use crate::validator::compiled;

mod keywords;
mod rule;
mod rule_of;
mod scan;
mod shape;

use keywords::{annotates, definition, refers, stands_alone};
use rule_of::rule;
use shape::{ANY, ArrayShape, ObjectShape, PROPERTIES_MAX, Shape, ShapeAt, UNSURE, certainly_holds};

/// A schema's shapes.
pub(crate) struct FastPath {
    shapes: Vec<Shape>,
    root: ShapeAt,
}

impl FastPath {
    /// The shapes of a valid schema. If it uses keywords that shapes cannot follow, [`FastPath::certainly_holds`] never
    /// says yes.
    pub(crate) fn of(schema: &Value) -> FastPath {
        let mut making = Making {
            schema,
            shapes: vec![Shape::Any, Shape::Unsure],
            definitions: HashMap::new(),
            values: HashMap::new(),
        };
        let root = if stands_alone(schema) { making.shape(schema) } else { UNSURE };
        FastPath { shapes: making.shapes, root }
    }

    /// Whether the text is certainly JSON within the limits and what the schema wants. A no says nothing.
    pub(crate) fn certainly_holds(&self, bytes: &[u8], limits: &JsonLimits) -> bool {
        self.root != UNSURE && certainly_holds(bytes, limits, &self.shapes, self.root)
    }
}

struct Making<'s> {
    schema: &'s Value,
    shapes: Vec<Shape>,
    /// The shapes of definitions; `None` while one is being made.
    definitions: HashMap<&'s str, Option<ShapeAt>>,
    /// Validators, by their schemas.
    values: HashMap<String, ShapeAt>,
}

impl<'s> Making<'s> {
    fn shape(&mut self, schema: &'s Value) -> ShapeAt {
        let Value::Object(keywords) = schema else {
            return if *schema == Value::Bool(true) { ANY } else { UNSURE };
        };
        let asked = || keywords.iter().filter(|(keyword, _)| !annotates(keyword));
        let only = |allowed: &[&str]| asked().all(|(keyword, _)| allowed.contains(&&**keyword));
        let shape = match asked().next() {
            None => Some(ANY),
            Some(_) if only(&["$ref"]) => self.reference(keywords),
            Some(_) if only(&["anyOf"]) => self.or_null(keywords),
            Some(_) if only(&["if", "then", "else"]) => self.unless(keywords),
            Some(_) if only(&["type", "properties", "required", "additionalProperties"]) => self.object(keywords),
            Some(_) if only(&["type", "items", "minItems", "maxItems"]) => self.array(keywords),
            Some(_) => None,
        };
        shape.unwrap_or_else(|| self.value(asked().map(|(keyword, value)| (keyword.clone(), value.clone())).collect()))
    }

    fn add(&mut self, shape: Shape) -> ShapeAt {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    /// What only the validator can say. Equal schemas share one.
    fn value(&mut self, mut keywords: Map<String, Value>) -> ShapeAt {
        let text = Value::Object(keywords.clone()).to_string();
        if let Some(known) = self.values.get(&text) {
            return *known;
        }
        let rule = rule(&keywords, self.schema.get("$defs"));
        let schema = Value::Object(keywords.clone());
        let schema = match self.schema.get("$defs").filter(|_| refers(&schema)) {
            None => schema,
            Some(definitions) => {
                keywords.insert("$defs".to_owned(), definitions.clone());
                Value::Object(keywords)
            }
        };
        let at = match compiled(&schema) {
            Ok(validator) => self.add(Shape::Value { rule, validator: Box::new(validator) }),
            Err(_) => UNSURE,
        };
        self.values.insert(text, at);
        at
    }

    fn reference(&mut self, keywords: &'s Map<String, Value>) -> Option<ShapeAt> {
        let name = definition(keywords.get("$ref")?.as_str()?)?;
        match self.definitions.get(name) {
            Some(Some(known)) => Some(*known),
            // The definition refers to itself, so its value has to be read as a tree.
            Some(None) => Some(UNSURE),
            None => {
                let target = self.schema.get("$defs")?.get(name)?;
                self.definitions.insert(name, None);
                let shape = self.shape(target);
                self.definitions.insert(name, Some(shape));
                Some(shape)
            }
        }
    }

    /// `anyOf` of something and null.
    fn or_null(&mut self, keywords: &'s Map<String, Value>) -> Option<ShapeAt> {
        let [one, other] = keywords.get("anyOf")?.as_array()?.as_slice() else { return None };
        let null = |schema: &Value| {
            schema.as_object().is_some_and(|it| it.len() == 1 && it.get("type") == Some(&"null".into()))
        };
        let something = match (null(one), null(other)) {
            (false, true) => one,
            (true, false) => other,
            _ => return None,
        };
        let at = self.shape(something);
        let shape = match self.shapes.get(at)? {
            Shape::Any => return Some(ANY),
            Shape::Object(object) => Shape::Object(ObjectShape { nullable: true, ..object.clone() }),
            Shape::Array(array) => Shape::Array(ArrayShape { nullable: true, ..array.clone() }),
            Shape::Unsure | Shape::Value { .. } => return None,
        };
        Some(self.add(shape))
    }

    /// An `if` that asks for an object with one member: without the member it is the `else` that counts, with it nothing
    /// is sure.
    fn unless(&mut self, keywords: &'s Map<String, Value>) -> Option<ShapeAt> {
        let condition = keywords.get("if")?.as_object()?;
        let [member] = condition.get("required")?.as_array()?.as_slice() else { return None };
        if condition.len() != 2 || condition.get("type") != Some(&"object".into()) {
            return None;
        }
        let otherwise = self.shape(keywords.get("else")?);
        let Shape::Object(object) = self.shapes.get(otherwise)? else { return None };
        let (mut object, member) = (object.clone(), member.as_str()?);
        match object.properties.iter_mut().find(|(name, _)| **name == *member) {
            Some((_, shape)) => *shape = UNSURE,
            None => object.properties.push((member.into(), UNSURE)),
        }
        (object.properties.len() <= PROPERTIES_MAX).then(|| self.add(Shape::Object(object)))
    }

    fn object(&mut self, keywords: &'s Map<String, Value>) -> Option<ShapeAt> {
        let nullable = nullable(keywords, "object")?;
        let others = match keywords.get("additionalProperties") {
            None => ANY,
            // A member too many is for the validator to explain.
            Some(Value::Bool(false)) => UNSURE,
            Some(schema) => self.shape(schema),
        };
        let mut properties: Vec<(Box<str>, ShapeAt)> = Vec::new();
        if let Some(named) = keywords.get("properties") {
            for (name, schema) in named.as_object()? {
                properties.push((name.as_str().into(), self.shape(schema)));
            }
        }
        let mut names = Vec::new();
        if let Some(required) = keywords.get("required") {
            for name in required.as_array()? {
                names.push(name.as_str()?);
            }
        }
        for name in &names {
            if properties.iter().all(|(known, _)| **known != **name) {
                properties.push(((*name).into(), others));
            }
        }
        if properties.len() > PROPERTIES_MAX {
            return None;
        }
        let bit = |at: usize, name: &str| if names.contains(&name) { 1 << at } else { 0_u64 };
        let required = (0..).zip(&properties).fold(0, |bits, (at, (name, _))| bits | bit(at, name));
        Some(self.add(Shape::Object(ObjectShape { nullable, properties, required, others })))
    }

    fn array(&mut self, keywords: &'s Map<String, Value>) -> Option<ShapeAt> {
        let nullable = nullable(keywords, "array")?;
        let count = |keyword, unless_given| match keywords.get(keyword) {
            None => Some(unless_given),
            Some(count) => count.as_u64(),
        };
        let (least, most) = (count("minItems", 0)?, count("maxItems", u64::MAX)?);
        let items = keywords.get("items").map_or(ANY, |items| self.shape(items));
        Some(self.add(Shape::Array(ArrayShape { nullable, items, least, most })))
    }
}

/// Whether `type` is this one and null, as opposed to this one alone; nothing where it is anything else.
fn nullable(keywords: &Map<String, Value>, wanted: &str) -> Option<bool> {
    match keywords.get("type")? {
        Value::String(only) => (only == wanted).then_some(false),
        Value::Array(types) if types.len() == 2 => {
            (types.contains(&wanted.into()) && types.contains(&"null".into())).then_some(true)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
