//! JSON as it is read into an author's types: `serde_json`, and where somebody wants to know, with a watch over what the
//! types skip. The watch lies between `serde_json` and the types, so that it costs nothing where it is not wanted.

use std::fmt;

use portgate_unread::{Path, UNTOLD, begin, note};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// The names under which `serde_json` hands its own types a number digit by digit, and JSON as it stands.
const NUMBER: &str = "$serde_json::private::Number";
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Reads a whole text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    if !begin() {
        return serde_json::from_str(text);
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Watched { json: &mut json, at: Some(&Place::Root) })?;
    json.end()?;
    Ok(value)
}

/// Where in the message a value stands.
enum Place<'p> {
    Root,
    Member { of: &'p Place<'p>, name: &'p str },
    Element { of: &'p Place<'p> },
}

impl Place<'_> {
    fn note(&self) {
        note(self.path().as_str());
    }

    /// Notes that everything in it was taken without its members being told apart.
    fn note_untold(&self) {
        let mut path = self.path();
        if !matches!(self, Place::Root) {
            path.push("/");
        }
        path.push(UNTOLD);
        note(path.as_str());
    }

    fn path(&self) -> Path {
        match self {
            Place::Root => Path::default(),
            Place::Member { of, name } => {
                let mut path = of.path();
                path.push("/");
                for (index, part) in name.split_inclusive(['~', '/']).enumerate() {
                    if path.is_cut() && index > 0 {
                        break;
                    }
                    match part.strip_suffix(['~', '/']) {
                        Some(text) => {
                            path.push(text);
                            path.push(if part.ends_with('~') { "~0" } else { "~1" });
                        }
                        None => path.push(part),
                    }
                }
                path
            }
            Place::Element { of } => {
                let mut path = of.path();
                path.push("/*");
                path
            }
        }
    }
}

/// A value of the message. `at` is none inside of what was noted as a whole.
struct Watched<'p, D> {
    json: D,
    at: Option<&'p Place<'p>>,
}

/// Has the type say what it expects, and hands over to the visitor that looks on.
macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self $(, $argument: $type)*, visitor: V) -> Result<V::Value, D::Error> {
            self.json.$method($($argument,)* Onlooker { visitor, at: self.at, members_are_told: true })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Watched<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_bool(), deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(), deserialize_i128(),
        deserialize_u8(), deserialize_u16(), deserialize_u32(), deserialize_u64(), deserialize_u128(),
        deserialize_f32(), deserialize_f64(), deserialize_char(), deserialize_str(), deserialize_string(),
        deserialize_bytes(), deserialize_byte_buf(), deserialize_option(), deserialize_unit(),
        deserialize_unit_struct(name: &'static str), deserialize_seq(), deserialize_tuple(len: usize),
        deserialize_tuple_struct(name: &'static str, len: usize), deserialize_map(),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]), deserialize_identifier(),
    }

    /// The type takes whatever there is, as a `Value` does: of an object nobody can say which members it will look at.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.json.deserialize_any(Onlooker { visitor, at: self.at, members_are_told: false })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        match self.at {
            Some(at) if name == RAW_VALUE => at.note_untold(),
            _ => {}
        }
        self.json.deserialize_newtype_struct(name, Onlooker { visitor, at: self.at, members_are_told: true })
    }

    /// The type has no use for it. It is noted, unless it says nothing.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Some(at) = self.at else { return self.json.deserialize_ignored_any(visitor) };
        if self.json.deserialize_any(SaysSomething)? {
            at.note();
        }
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        self.json.is_human_readable()
    }
}

/// Whether a value says anything: `null`, an empty text, list or object does not.
struct SaysSomething;

impl<'de> Visitor<'de> for SaysSomething {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(!text.trim().is_empty())
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<bool, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut says = false;
        while elements.next_element::<IgnoredAny>()?.is_some() {
            says = true;
        }
        Ok(says)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut says = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            says = true;
        }
        Ok(says)
    }
}

/// The type's own visitor, with a look at what it is handed.
struct Onlooker<'p, V> {
    visitor: V,
    at: Option<&'p Place<'p>>,
    /// Whether the members of an object are asked for by their names, or those that are not are skipped.
    members_are_told: bool,
}

macro_rules! hand_over {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Onlooker<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    hand_over! {
        visit_bool(bool), visit_i8(i8), visit_i16(i16), visit_i32(i32), visit_i64(i64), visit_i128(i128), visit_u8(u8),
        visit_u16(u16), visit_u32(u32), visit_u64(u64), visit_u128(u128), visit_f32(f32), visit_f64(f64),
        visit_char(char), visit_str(&str), visit_borrowed_str(&'de str), visit_string(String), visit_bytes(&[u8]),
        visit_borrowed_bytes(&'de [u8]), visit_byte_buf(Vec<u8>),
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Watched { json, at: self.at })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, json: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Watched { json, at: self.at })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        let element = self.at.map(|of| Place::Element { of });
        self.visitor.visit_seq(Elements { elements, at: element.as_ref() })
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Members { members, of: self.at, name: String::new(), are_told: self.members_are_told })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        let content = self.at.map(|of| Place::Element { of });
        self.visitor.visit_enum(Variant { variant, at: content.as_ref() })
    }
}

struct Elements<'p, A> {
    elements: A,
    at: Option<&'p Place<'p>>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.elements.next_element_seed(Seed { seed, at: self.at })
    }

    fn size_hint(&self) -> Option<usize> {
        self.elements.size_hint()
    }
}

struct Members<'p, A> {
    members: A,
    of: Option<&'p Place<'p>>,
    /// Of the member whose value comes next.
    name: String,
    are_told: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(name) = self.members.next_key::<String>()? else { return Ok(None) };
        if !self.are_told && name != NUMBER {
            self.are_told = true;
            if let Some(of) = self.of.take() {
                of.note_untold();
            }
        }
        self.name = name;
        seed.deserialize(Name { text: &self.name, error: std::marker::PhantomData }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let member = self.of.map(|of| Place::Member { of, name: &self.name });
        self.members.next_value_seed(Seed { seed, at: member.as_ref() })
    }

    fn size_hint(&self) -> Option<usize> {
        self.members.size_hint()
    }
}

struct Variant<'p, A> {
    variant: A,
    at: Option<&'p Place<'p>>,
}

impl<'de, 'p, A: EnumAccess<'de>> EnumAccess<'de> for Variant<'p, A> {
    type Error = A::Error;
    type Variant = Variant<'p, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, variant) = self.variant.variant_seed(seed)?;
        Ok((name, Variant { variant, at: self.at }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Variant<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.variant.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.variant.newtype_variant_seed(Seed { seed, at: self.at })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.variant.tuple_variant(len, Onlooker { visitor, at: self.at, members_are_told: true })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.variant.struct_variant(fields, Onlooker { visitor, at: self.at, members_are_told: true })
    }
}

struct Seed<'p, S> {
    seed: S,
    at: Option<&'p Place<'p>>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Watched { json, at: self.at })
    }
}

/// The name of a member in the form that the key's type takes: mostly a text, and a number for a map by numbers.
struct Name<'n, E> {
    text: &'n str,
    error: std::marker::PhantomData<E>,
}

macro_rules! numbers {
    ($($method:ident => $visit:ident),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match self.text.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => visitor.visit_str(self.text),
            }
        })*
    };
}

impl<'de, E: serde::de::Error> Deserializer<'de> for Name<'_, E> {
    type Error = E;

    numbers! {
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16, deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64, deserialize_i128 => visit_i128, deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16, deserialize_u32 => visit_u32, deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128, deserialize_f32 => visit_f32, deserialize_f64 => visit_f64,
        deserialize_bool => visit_bool,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_str(self.text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        let name: StrDeserializer<'_, E> = self.text.into_deserializer();
        visitor.visit_enum(name)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use portgate_unread::{PATH_BYTES_MAX, PATHS_MAX, noted};
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::Value;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        number: String,
        lines: Option<Vec<Line>>,
        total: Option<serde_json::Number>,
        note: Option<Value>,
        by_day: Option<BTreeMap<u32, Line>>,
        kind: Option<Kind>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        sku: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Plain,
        Gift { to: String },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        number: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    fn unread<T: DeserializeOwned>(text: &str) -> Vec<String> {
        let (read, unread) = noted(|| read::<T>(text).map(drop));
        read.expect("JSON that fits");
        unread
    }

    #[test]
    fn a_member_that_no_type_has_is_unread_and_named_once() {
        let text =
            r#"{"number":"1","lines":[{"sku":"a","price":3,"tax":{"rate":1}},{"sku":"b","price":4}],"a/b~c":true}"#;
        assert_eq!(unread::<Order>(text), ["/a~1b~0c", "/lines/*/price", "/lines/*/tax"]);
        assert_eq!(unread::<Vec<Line>>(r#"[{"sku":"a","x":0}]"#), ["/*/x"]);
    }

    #[test]
    fn what_says_nothing_is_not_unread() {
        let text = r#"{"number":"1","a":null,"b":"","c":[],"d":{},"e":" ","lines":[]}"#;
        assert_eq!(unread::<Order>(text), Vec::<String>::new());
        assert_eq!(
            unread::<Order>(r#"{"number":"1","a":false,"b":0,"c":[null],"d":{"x":null}}"#),
            ["/a", "/b", "/c", "/d"]
        );
    }

    #[test]
    fn numbers_maps_and_enums_are_read_for_what_they_are() {
        let text =
            r#"{"number":"1","total":12.50,"by_day":{"3":{"sku":"a","x":1}},"kind":{"Gift":{"to":"me","card":"red"}}}"#;
        assert_eq!(unread::<Order>(text), ["/by_day/*/x".replace('*', "3").as_str(), "/kind/*/card"]);
        assert_eq!(unread::<Order>(r#"{"number":"1","kind":"Plain"}"#), Vec::<String>::new());
        let order = noted(|| read::<Order>(text)).0.expect("an order");
        assert_eq!(order, serde_json::from_str(text).expect("an order"), "it is the same as without a watch");
        assert_eq!(order.total.map(|total| total.to_string()).as_deref(), Some("12.50"));
    }

    #[test]
    fn what_is_taken_without_telling_its_members_apart_is_said() {
        assert_eq!(unread::<Order>(r#"{"number":"1","note":"text"}"#), Vec::<String>::new());
        assert_eq!(unread::<Order>(r#"{"number":"1","note":[1,"a",2.50]}"#), Vec::<String>::new());
        assert_eq!(unread::<Order>(r#"{"number":"1","note":{"a":{"b":1}}}"#), ["/note/**"]);
        assert_eq!(unread::<Order>(r#"{"number":"1","note":[{"a":1},{"b":1}]}"#), ["/note/*/**"]);
        assert_eq!(unread::<Value>(r#"{"a":1}"#), [UNTOLD]);
        assert_eq!(unread::<Vec<Box<RawValue>>>("[1]"), ["/*/**"]);
        assert_eq!(unread::<BTreeMap<String, Value>>(r#"{"a":1,"b":{"c":1}}"#), ["/b/**"]);
        assert_eq!(unread::<Flat>(r#"{"number":"1","b":{"c":1}}"#), ["/b/**"]);
    }

    #[test]
    fn mistakes_are_told_as_they_are_without_a_watch() {
        for text in [
            "",
            "{",
            "[1,",
            r#"{"number":1}"#,
            r#"{"number":"1","lines":[{}]}"#,
            r#"{"number":"1","x":tru}"#,
            r#"{"number":"1","number":"2"}"#,
            r#"{"number":"1"} x"#,
            r#"{"number":"1","by_day":{"x":{"sku":""}}}"#,
            r#"{"number":"1","kind":"Other"}"#,
        ] {
            let watched = noted(|| read::<Order>(text)).0.expect_err(text);
            let plain = serde_json::from_str::<Order>(text).expect_err(text);
            assert_eq!(watched.line(), plain.line(), "{text}: {watched} / {plain}");
        }
    }

    #[test]
    fn whatever_is_sent_notes_are_few_and_short() {
        let many: Vec<String> = (0..20_000).map(|number| format!(r#""member-{number}":1"#)).collect();
        let long = format!(r#"{{"number":"1","{}":{{{}}},{}}}"#, "é".repeat(300_000), many.join(","), many.join(","));
        let unread_ = unread::<Order>(&long);
        assert_eq!(unread_.len(), PATHS_MAX);
        assert!(unread_.iter().all(|path| path.len() <= PATH_BYTES_MAX));
        let deep = format!(r#"{{"number":"1","x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(unread::<Order>(&deep), ["/x"]);
    }
}
