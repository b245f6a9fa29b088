//! Reads a text along the shapes that it should have, without making a tree of it.
//!
//! It says yes to what is certainly right and no to everything else, be that wrong or only beyond what shapes can say.
//! Whoever hears a no reads the text as a tree, and says what is wrong with it if something is. So nearly all good
//! texts are read once and hardly cost an allocation; and nothing is taken here that is not taken there, because both
//! use one parser, one way to read keys and numbers, and one set of limits.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use jsonschema::Validator;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::{AnyValue, JsonLimits, Key, MemberKey, Reading, TreeJson, number, utf8};

/// Where a shape is among all.
pub(crate) type ShapeAt = usize;

/// Where [`Shape::Any`] is.
pub(crate) const ANY: ShapeAt = 0;
/// Where [`Shape::Unsure`] is.
pub(crate) const UNSURE: ShapeAt = 1;

/// The most properties that an object's shape can name.
pub(crate) const PROPERTIES_MAX: usize = u64::BITS as usize;

/// Members of one object, beyond those that its shape names, up to which it is looked whether one comes twice.
const OTHERS_MAX: usize = 32;

/// What a value may be.
pub(crate) enum Shape {
    /// Any JSON.
    Any,
    /// Shapes cannot say.
    Unsure,
    /// What this validator takes; the value is read as a tree.
    Value(Box<Validator<TreeJson>>),
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

/// Whether the text is certainly JSON within the limits and of this shape.
pub(crate) fn certainly_holds(bytes: &[u8], limits: &JsonLimits, shapes: &[Shape], root: ShapeAt) -> bool {
    let Ok(text) = utf8(bytes) else { return false };
    let skim = Skim { reading: Reading::new(text, limits), shapes, others: RefCell::default() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Shaped { skim: &skim, shape: root, depth: 0 };
    seed.deserialize(&mut deserializer).and_then(|()| deserializer.end()).is_ok()
}

/// What all parts of one reading share.
struct Skim<'a, 'de> {
    reading: Reading<'a>,
    shapes: &'a [Shape],
    /// The members, so far, that their objects' shapes do not name; those of the innermost object last.
    others: RefCell<Vec<Cow<'de, str>>>,
}

/// Reads a value of a shape. `depth` counts the arrays and objects around it.
#[derive(Clone, Copy)]
struct Shaped<'a, 'de> {
    skim: &'a Skim<'a, 'de>,
    shape: ShapeAt,
    depth: u32,
}

fn no<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom("not certain"))
}

impl<'a, 'de> Shaped<'a, 'de> {
    fn shape(&self) -> &'a Shape {
        self.skim.shapes.get(self.shape).unwrap_or(&Shape::Unsure)
    }

    /// A value that is neither null nor an array nor an object.
    fn scalar<E: de::Error>(self) -> Result<(), E> {
        match self.shape() {
            Shape::Any => Ok(()),
            _ => no(),
        }
    }

    /// The depth of what is inside of this.
    fn inside<E: de::Error>(self) -> Result<u32, E> {
        AnyValue { reading: &self.skim.reading, depth: self.depth }.inside().map(|inside| inside.depth)
    }

    /// Notes a member that the shape does not name. `before` is how many there were outside of this object.
    fn note<E: de::Error>(self, before: usize, key: Cow<'de, str>) -> Result<(), E> {
        let mut others = self.skim.others.borrow_mut();
        let here = others.get(before..).unwrap_or_default();
        if here.len() >= OTHERS_MAX || here.contains(&key) {
            return no();
        }
        others.push(key);
        Ok(())
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

impl<'de> DeserializeSeed<'de> for Shaped<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.shape() {
            Shape::Unsure => no(),
            Shape::Value(validator) => {
                let value = AnyValue { reading: &self.skim.reading, depth: self.depth }.deserialize(deserializer)?;
                if validator.is_valid(&value) { Ok(()) } else { no() }
            }
            Shape::Any | Shape::Object(_) | Shape::Array(_) => {
                self.skim.reading.count_value()?;
                deserializer.deserialize_any(self)
            }
        }
    }
}

impl<'de> Visitor<'de> for Shaped<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        match self.shape() {
            Shape::Any
            | Shape::Object(ObjectShape { nullable: true, .. })
            | Shape::Array(ArrayShape { nullable: true, .. }) => Ok(()),
            _ => no(),
        }
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let (items, least, most) = match self.shape() {
            Shape::Any => (ANY, 0, u64::MAX),
            Shape::Array(ArrayShape { items, least, most, .. }) => (*items, *least, *most),
            _ => return no(),
        };
        let element = Shaped { shape: items, depth: self.inside()?, ..self };
        let mut count = 0;
        while elements.next_element_seed(element)?.is_some() {
            count += 1;
        }
        if (least..=most).contains(&count) { Ok(()) } else { no() }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let object = match self.shape() {
            Shape::Any => None,
            Shape::Object(object) => Some(object),
            _ => return no(),
        };
        let before = self.skim.others.borrow().len();
        let (mut seen, mut next, mut depth) = (0_u64, 0, None);
        while let Some(key) = members.next_key_seed(MemberKey(&self.skim.reading))? {
            let key = match (key, object) {
                (Key::Member(key), _) => key,
                (Key::ThisIsANumber, None) => {
                    return number(&self.skim.reading, &members.next_value::<String>()?).map(drop);
                }
                (Key::ThisIsANumber, Some(_)) => return no(),
            };
            let depth = match depth {
                Some(depth) => depth,
                None => *depth.insert(self.inside()?),
            };
            let named = object.and_then(|object| Some((object, object.find(&key, next)?)));
            let shape = match named {
                Some((object, at)) => {
                    let bit = 1 << at;
                    if seen & bit != 0 {
                        return no();
                    }
                    (seen, next) = (seen | bit, at + 1);
                    object.properties.get(at).map_or(UNSURE, |(_, shape)| *shape)
                }
                None => {
                    self.note(before, key)?;
                    object.map_or(ANY, |object| object.others)
                }
            };
            members.next_value_seed(Shaped { shape, depth, ..self })?;
        }
        if depth.is_none() {
            self.inside::<A::Error>()?;
        }
        self.skim.others.borrow_mut().truncate(before);
        let missing = object.map_or(0, |object| object.required & !seen);
        if missing == 0 { Ok(()) } else { no() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DEPTH_MAX, DIGITS_MAX, read};
    use super::*;

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
        for (count, taken) in [(super::super::VALUES_MAX - 1, true), (super::super::VALUES_MAX, false)] {
            assert_eq!(certainly_holds(values(count).as_bytes(), &limits, &[Shape::Any], ANY), taken, "{count}");
        }
    }
}
