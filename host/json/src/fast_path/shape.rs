//! Reads a text along the shapes that it should have, without making a tree of it.
//!
//! It says yes to what is certainly right and no to everything else, be that wrong or only beyond what shapes can say.
//! Whoever hears a no reads the text as a tree, and says what is wrong with it if something is. So nearly all good
//! texts are read once and hardly cost an allocation. Nothing may be taken here that is not taken by the reader of
//! trees: tests compare the two, text by text.

use std::borrow::Cow;

use jsonschema::Validator;
use serde::de::DeserializeSeed;

use super::rule::Rule;
use super::scan::{Scalar, Scanner};
use crate::reader::{AnyValue, DEPTH_MAX, JsonLimits, Reading, VALUES_MAX, is_reserved, utf8};
use crate::tree::{Tree, TreeJson};

/// Where a shape is among all.
pub(crate) type ShapeAt = usize;

/// Where [`Shape::Any`] is.
pub(crate) const ANY: ShapeAt = 0;
/// Where [`Shape::Unsure`] is.
pub(crate) const UNSURE: ShapeAt = 1;

/// The most properties that an object's shape can name.
pub(crate) const PROPERTIES_MAX: usize = u64::BITS as usize;

/// The most members of one object, beyond those that its shape names, among which a repeated key is looked for.
const OTHERS_MAX: usize = 32;

/// What a value may be.
pub(crate) enum Shape {
    /// Any JSON.
    Any,
    /// Shapes cannot say.
    Unsure,
    /// What `validator` takes when it is read as a tree. What `rule` takes needs no such reading.
    Value { rule: Rule, validator: Box<Validator<TreeJson>> },
    /// An object.
    Object(ObjectShape),
    /// An array.
    Array(ArrayShape),
}

/// The shape of an object.
#[derive(Clone)]
pub(crate) struct ObjectShape {
    /// Whether null will do as well.
    pub(crate) nullable: bool,
    /// At most [`PROPERTIES_MAX`].
    pub(crate) properties: Vec<(Box<str>, ShapeAt)>,
    /// A bit for each property that must be there; the lowest is the first's.
    pub(crate) required: u64,
    /// All other members.
    pub(crate) others: ShapeAt,
}

/// The shape of an array.
#[derive(Clone)]
pub(crate) struct ArrayShape {
    /// Whether null will do as well.
    pub(crate) nullable: bool,
    /// Each element.
    pub(crate) items: ShapeAt,
    /// How many elements at least.
    pub(crate) least: u64,
    /// How many elements at most.
    pub(crate) most: u64,
}

const ANY_OBJECT: ObjectShape = ObjectShape { nullable: true, properties: Vec::new(), required: 0, others: ANY };
const ANY_ARRAY: ArrayShape = ArrayShape { nullable: true, items: ANY, least: 0, most: u64::MAX };

/// Whether the text is certainly JSON within the limits and of this shape.
pub(crate) fn certainly_holds(bytes: &[u8], limits: &JsonLimits, shapes: &[Shape], root: ShapeAt) -> bool {
    let Ok(text) = utf8(bytes) else { return false };
    let mut walk = Walk {
        scanner: Scanner::new(text),
        shapes,
        depth_left: limits.depth_max.min(DEPTH_MAX),
        values_left: VALUES_MAX,
        others: Vec::new(),
    };
    walk.value(root).is_some() && walk.scanner.ended()
}

/// One reading. Whatever is not certain gives `None`.
struct Walk<'a, 't> {
    scanner: Scanner<'t>,
    shapes: &'a [Shape],
    depth_left: u32,
    values_left: u32,
    /// The members, so far, that their objects' shapes do not name; those of the innermost object last.
    others: Vec<Cow<'t, str>>,
}

impl<'t> Walk<'_, 't> {
    fn value(&mut self, shape: ShapeAt) -> Option<()> {
        self.values_left = self.values_left.checked_sub(1)?;
        match (self.shapes.get(shape)?, self.scanner.peek()?) {
            (Shape::Unsure, _) => None,
            (Shape::Value { validator, .. }, b'{' | b'[') => self.compound(validator),
            (Shape::Value { rule, validator }, first) => {
                let scalar = self.scanner.scalar(first)?;
                (rule.takes(&scalar) || takes(validator, scalar)).then_some(())
            }
            (Shape::Any, b'{') => self.object(&ANY_OBJECT),
            (Shape::Any, b'[') => self.array(&ANY_ARRAY),
            (Shape::Any, first) => self.scanner.scalar(first).map(drop),
            (Shape::Object(object), b'{') => self.object(object),
            (Shape::Array(array), b'[') => self.array(array),
            (
                Shape::Object(ObjectShape { nullable: true, .. }) | Shape::Array(ArrayShape { nullable: true, .. }),
                b'n',
            ) => self.scanner.scalar(b'n').map(drop),
            (Shape::Object(_) | Shape::Array(_), _) => None,
        }
    }

    /// What the validator takes of an array or object.
    fn compound(&mut self, validator: &Validator<TreeJson>) -> Option<()> {
        let place = self.scanner.place();
        match self.scanner.peek()? {
            b'{' => self.object(&ANY_OBJECT)?,
            _ => self.array(&ANY_ARRAY)?,
        }
        let text = self.scanner.since(place)?;
        let reading = Reading::new(text, &JsonLimits { depth_max: DEPTH_MAX, findings_max: 0 });
        let seed = AnyValue { reading: &reading, depth: 0 };
        let tree = seed.deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?;
        validator.is_valid(&tree).then_some(())
    }

    fn array(&mut self, array: &ArrayShape) -> Option<()> {
        self.scanner.take(b'[')?;
        self.depth_left = self.depth_left.checked_sub(1)?;
        let mut count = 0;
        if self.scanner.take(b']').is_none() {
            loop {
                self.value(array.items)?;
                count += 1;
                if self.scanner.take(b',').is_none() {
                    break self.scanner.take(b']')?;
                }
            }
        }
        self.depth_left += 1;
        (array.least..=array.most).contains(&count).then_some(())
    }

    fn object(&mut self, object: &ObjectShape) -> Option<()> {
        self.scanner.take(b'{')?;
        self.depth_left = self.depth_left.checked_sub(1)?;
        let before = self.others.len();
        let (mut seen, mut next) = (0_u64, 0);
        if self.scanner.take(b'}').is_none() {
            loop {
                let key = self.scanner.string().filter(|key| !is_reserved(key))?;
                self.scanner.take(b':')?;
                let shape = match object.find(&key, next) {
                    Some(at) => {
                        let bit = 1 << at;
                        if seen & bit != 0 {
                            return None;
                        }
                        (seen, next) = (seen | bit, at + 1);
                        object.properties.get(at)?.1
                    }
                    None => {
                        self.note(before, key)?;
                        object.others
                    }
                };
                self.value(shape)?;
                if self.scanner.take(b',').is_none() {
                    break self.scanner.take(b'}')?;
                }
            }
        }
        self.others.truncate(before);
        self.depth_left += 1;
        (object.required & !seen == 0).then_some(())
    }

    /// Notes a member that the shape does not name. `before` is how many there were outside of this object.
    fn note(&mut self, before: usize, key: Cow<'t, str>) -> Option<()> {
        let here = self.others.get(before..)?;
        if here.len() >= OTHERS_MAX || here.contains(&key) {
            return None;
        }
        self.others.push(key);
        Some(())
    }
}

impl ObjectShape {
    /// The property's place. They mostly come in the order in which they are named, so the search begins behind `last`.
    fn find(&self, key: &str, last: usize) -> Option<usize> {
        let named = |(name, _): &(Box<str>, ShapeAt)| **name == *key;
        let (front, back) = self.properties.split_at(last.min(self.properties.len()));
        back.iter().position(named).map(|at| at + front.len()).or_else(|| front.iter().position(named))
    }
}

#[cold]
fn takes(validator: &Validator<TreeJson>, scalar: Scalar<'_>) -> bool {
    let tree = match scalar {
        Scalar::Null => Tree::Null,
        Scalar::Bool(value) => Tree::Bool(value),
        Scalar::String(text) => Tree::String(text),
        Scalar::Number(digits) => match digits.parse() {
            Ok(number) => Tree::Number(number),
            Err(_) => return false,
        },
    };
    validator.is_valid(&tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::{DEPTH_MAX, DIGITS_MAX, NUMBER_KEY, RAW_KEY, read};

    const LIMITS: JsonLimits = JsonLimits { depth_max: 4, findings_max: 1 };

    #[test]
    fn what_may_be_anything_is_taken_as_it_is_where_it_becomes_a_tree() {
        let digits = "1".repeat(DIGITS_MAX + 1);
        let texts = [
            "null",
            "true",
            "-1.50e3",
            "\"\\u00e9\"",
            r#"[1, "two", {"three": [3.0, null]}]"#,
            r#"{"a": {"b": {}}, "c": {"b": 1}}"#,
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"[{"a": 1}, {"a": 1}]"#,
            "[[[[]]]]",
            "[[[[[]]]]]",
            r#"{"a":{"a":{"a":{"a":{}}}}}"#,
            r#"{"$serde_json::private::Number": "1"}"#,
            &digits,
            "1e401",
            "{} {}",
            "[1,]",
            "\u{feff}{}",
            "",
        ];
        for text in texts {
            let taken = read(text.as_bytes(), &LIMITS).is_ok();
            let certain = certainly_holds(text.as_bytes(), &LIMITS, &[Shape::Any, Shape::Unsure], ANY);
            assert_eq!(certain, taken, "{text}");
        }
        assert!(!certainly_holds(b"\"\xff\"", &LIMITS, &[Shape::Any], ANY));
    }

    #[test]
    fn a_reserved_key_is_refused_even_where_the_shape_names_it() {
        let named = |key: &str| {
            let object = ObjectShape { properties: vec![(key.into(), ANY)], ..ANY_OBJECT };
            let text = format!("{{\"{key}\": \"1\"}}");
            certainly_holds(text.as_bytes(), &LIMITS, &[Shape::Any, Shape::Unsure, Shape::Object(object)], 2)
        };
        assert_eq!(["$ref", NUMBER_KEY, RAW_KEY].map(named), [true, false, false]);
    }

    #[test]
    fn an_object_of_very_many_members_is_left_to_the_tree() {
        let members = |count: usize| {
            let members: Vec<String> = (0..count).map(|number| format!("\"k{number}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let certain = |count| certainly_holds(members(count).as_bytes(), &LIMITS, &[Shape::Any], ANY);
        assert!(certain(OTHERS_MAX));
        assert!(!certain(OTHERS_MAX + 1));
    }

    #[test]
    fn depth_and_values_are_counted_through_shapes_and_trees_alike() {
        let limits = JsonLimits { depth_max: u32::MAX, findings_max: 1 };
        let nested = |depth: u32| format!("{}{}", "[".repeat(depth as usize), "]".repeat(depth as usize));
        for (depth, taken) in [(DEPTH_MAX, true), (DEPTH_MAX + 1, false), (100_000, false)] {
            assert_eq!(certainly_holds(nested(depth).as_bytes(), &limits, &[Shape::Any], ANY), taken, "{depth}");
        }
        let values = |count: u32| format!("[{}]", vec!["0"; count as usize].join(","));
        for (count, taken) in [(VALUES_MAX - 1, true), (VALUES_MAX, false)] {
            assert_eq!(certainly_holds(values(count).as_bytes(), &limits, &[Shape::Any], ANY), taken, "{count}");
        }
    }
}
